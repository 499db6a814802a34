//! The groups of an expression, without compiling it: where weir runs it, compiling it here as well would cost the most
//! of the time that a config takes.

use regex_syntax::{
    ParserBuilder,
    hir::{Hir, HirKind},
};

/// What an expression captures.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Groups {
    /// How many there are, the whole match left out.
    pub(crate) count: usize,
    /// Those with a name, by number from 1.
    pub(crate) named: Vec<(usize, String)>,
    /// Whether each of them takes part in every match.
    pub(crate) are_in_every_match: bool,
}

impl Groups {
    /// Reads an expression as `regex::bytes` does.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn of(pattern: &str) -> Result<Self, String> {
        let hir = ParserBuilder::new().utf8(false).build().parse(pattern);
        let hir = hir.map_err(|error| in_words(&error.to_string()))?;
        let mut groups = Self { count: 0, named: Vec::new(), are_in_every_match: false };
        groups.collect(&hir);
        groups.named.sort_unstable();
        groups.named.dedup();
        let certain = hir.properties().static_explicit_captures_len();
        groups.are_in_every_match = certain == Some(groups.count);
        Ok(groups)
    }

    fn collect(&mut self, hir: &Hir) {
        match hir.kind() {
            HirKind::Capture(capture) => {
                let number = capture.index as usize;
                self.count = self.count.max(number);
                self.named.extend(capture.name.as_ref().map(|name| (number, name.to_string())));
                self.collect(&capture.sub);
            }
            HirKind::Repetition(repetition) => self.collect(&repetition.sub),
            HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().for_each(|part| self.collect(part)),
            HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => {}
        }
    }
}

/// The last line of what the regex crate says: the others draw the pattern.
pub(crate) fn in_words(error: &str) -> String {
    let last = error.lines().last().unwrap_or_default().trim();
    format!("not a valid regular expression: {}", last.strip_prefix("error: ").unwrap_or(last))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use regex::bytes::Regex;

    use super::Groups;

    #[test]
    fn groups_are_those_that_the_compiled_expression_has() {
        for pattern in [
            "",
            "a",
            "(a)",
            "(a)(b)?",
            "(?P<x>a)|(?P<y>b)",
            "(?:(?P<x>a)(b))*",
            "(a){0}(b)",
            "(?-u)(\\xff)",
            "((a)|b)+",
            "(?P<x>(?P<y>.)){3}",
            "(a){0}",
            "^(?P<h>[^ ]+) (\\d+)$",
            "(a)[&&b](c)",
        ] {
            let regex = Regex::new(pattern).unwrap();
            let groups = Groups::of(pattern).unwrap();
            assert_eq!(groups.count + 1, regex.captures_len(), "{pattern}");
            let named = regex.capture_names().enumerate().filter_map(|(at, name)| Some((at, name?.to_owned())));
            assert_eq!(groups.named, named.collect::<Vec<_>>(), "{pattern}");
            let certain = regex.static_captures_len().is_some_and(|certain| certain == regex.captures_len());
            assert_eq!(groups.are_in_every_match, certain, "{pattern}");
        }
        for pattern in ["(", "a{2,1}", "(?=a)", "\\1"] {
            assert_eq!(Groups::of(pattern).is_err(), Regex::new(pattern).is_err(), "{pattern}");
        }
    }
}
