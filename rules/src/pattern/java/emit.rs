//! Writes a pattern in the regex crate's syntax.

use super::{
    super::refusal::Refusal,
    escape::VERTICAL,
    foreign::{bytes, foreign_units},
    line_end::{FINAL_END, FINAL_UNIX_END},
    node::{GroupKind, Mode, Node},
    sets::{Follow, are_disjoint, class_of, gives_nothing_back, has_one_way, is_nullable, line_ends, vertical},
};

pub(super) fn emit(pattern: &str, tree: &Node) -> Result<String, Refusal> {
    let mut emitter = Emitter { pattern, text: String::new(), rounds: 0 };
    emitter.node(tree, &Follow::end(), false)?;
    Ok(emitter.text)
}

struct Emitter<'a> {
    pattern: &'a str,
    text: String,
    /// How many repetitions enclose the place.
    rounds: usize,
}

/// How often, as it is written.
pub(super) fn counts(min: u32, max: Option<u32>) -> String {
    match (min, max) {
        (0, None) => "*".to_owned(),
        (1, None) => "+".to_owned(),
        (0, Some(1)) => "?".to_owned(),
        (min, None) => format!("{{{min},}}"),
        (min, Some(max)) if min == max => format!("{{{min}}}"),
        (min, Some(max)) => format!("{{{min},{max}}}"),
    }
}

/// A group in a repetition whose rounds may take nothing: engines disagree on what it holds in the end.
pub(super) fn check_rounds(pattern: &str, node: &Node) -> Result<(), Refusal> {
    let Node::Repeat { inner, max, at, .. } = node else { return Ok(()) };
    if !is_nullable(inner) || *max == Some(1) || !inner.any(&mut Node::is_capture) {
        return Ok(());
    }
    let wrong = "a group in a repetition that may match nothing: what it holds in the end differs from Java; write it so \
                 that each round takes something, as `(a+)*` for `(a*)*`";
    Err(Refusal::new(pattern, at.clone(), wrong))
}

const REPEATED_LINE_END: &str =
    r"`\R` is repeated, and what follows could match a half of `\r\n`: write `(?:\r?\n)` for it";

fn any_line_end() -> String {
    format!(r"(?:\r\n|[{VERTICAL}])")
}

const ATOMIC: &str = "what follows it could match a part of what it took, which only a search that goes back can tell: make \
                      the two exclude each other, as in `[^,]*+,`, or leave the `+` or `>` out (`*`, `(?:…)`): matching \
                      takes linear time without it";

impl Emitter<'_> {
    /// Adds a piece that has `follow` behind it.
    fn node(&mut self, node: &Node, follow: &Follow, in_capture: bool) -> Result<(), Refusal> {
        match node {
            Node::Empty => {}
            Node::Set(text) => self.set(text),
            Node::AnyLineEnd if self.rounds > 0 && !are_disjoint(&follow.first, &class_of(r"\n")) => {
                return Err(Refusal::new(self.pattern, 0..self.pattern.len(), REPEATED_LINE_END));
            }
            Node::AnyLineEnd => self.text += &any_line_end(),
            Node::Start => self.text += r"\A",
            Node::End => self.text += r"\z",
            Node::LineStart { unix } => self.text += if *unix { "(?m:^)" } else { "(?Rm:^)" },
            Node::LineEnd { unix } => self.text += if *unix { "(?m:$)" } else { "(?Rm:$)" },
            Node::Boundary { negated } => self.text += if *negated { r"\B" } else { r"\b" },
            Node::FinalEnd { unix, .. } => self.final_end(*unix, node, follow, in_capture)?,
            // Read only for a search that goes back.
            Node::LookAround { .. } | Node::BackReference(_) => {}
            Node::Group { kind, inner, at } => {
                if matches!(kind, GroupKind::Atomic) && !has_one_way(inner, follow) {
                    return Err(Refusal::new(self.pattern, at.clone(), format!("atomic group: {ATOMIC}")));
                }
                let is_capture = node.is_capture();
                match kind {
                    GroupKind::Capture(Some(name)) => self.text += &format!("(?P<{name}>"),
                    GroupKind::Capture(None) => self.text.push('('),
                    GroupKind::Plain | GroupKind::Atomic => self.text += "(?:",
                }
                self.node(inner, follow, in_capture || is_capture)?;
                self.text.push(')');
            }
            Node::Concat(parts) => {
                let mut follows = vec![follow.clone()];
                for part in parts.iter().skip(1).rev() {
                    let next = follows.last().map_or_else(Follow::end, |follow| follow.before(part));
                    follows.push(next);
                }
                for (part, follow) in parts.iter().zip(follows.iter().rev()) {
                    self.node(part, follow, in_capture)?;
                }
            }
            Node::Alternation(branches) => {
                for (at, branch) in branches.iter().enumerate() {
                    self.text += if at > 0 { "|" } else { "" };
                    self.node(branch, follow, in_capture)?;
                }
            }
            Node::Repeat { .. } => self.repeat(node, follow, in_capture)?,
        }
        Ok(())
    }

    fn set(&mut self, text: &str) {
        match foreign_units(&class_of(text), false) {
            Some(units) => self.text += &format!("(?:{text}|{units})"),
            None => self.text += text,
        }
    }

    fn repeat(&mut self, node: &Node, follow: &Follow, in_capture: bool) -> Result<(), Refusal> {
        let Node::Repeat { inner, min, max, mode, at } = node else { return Ok(()) };
        if *mode == Mode::Possessive && !gives_nothing_back(inner, *max, follow) {
            return Err(Refusal::new(self.pattern, at.clone(), format!("possessive: {ATOMIC}")));
        }
        check_rounds(self.pattern, node)?;
        if matches!(**inner, Node::AnyLineEnd) {
            return self.line_ends(node, follow);
        }
        let lazy = if *mode == Mode::Lazy { "?" } else { "" };
        if let (Node::Set(text), None) = (inner.as_ref(), max)
            && let class = class_of(text)
            && let (Some(once), Some(again)) = (foreign_units(&class, false), foreign_units(&class, true))
        {
            match min {
                0 => {}
                1 => self.text += &format!("(?:{text}|{once})"),
                _ => self.text += &format!("(?:{text}|{once}){{{min}}}"),
            }
            match bytes(&class) {
                Some(bytes) => self.text += &format!("{bytes}*{lazy}"),
                None => self.text += &format!("(?:{text}|{again})*{lazy}"),
            }
            return Ok(());
        }
        self.rounds += usize::from(*max != Some(1));
        match inner.as_ref() {
            Node::Set(_) | Node::Group { .. } => self.node(inner, &follow.inside(inner, *max), in_capture)?,
            _ => {
                self.text += "(?:";
                self.node(inner, &follow.inside(inner, *max), in_capture)?;
                self.text.push(')');
            }
        }
        self.rounds -= usize::from(*max != Some(1));
        self.text += &counts(*min, *max);
        self.text += lazy;
        Ok(())
    }

    /// `\R` repeated, whose rounds take `\r\n` as one whatever follows.
    fn line_ends(&mut self, node: &Node, follow: &Follow) -> Result<(), Refusal> {
        let Node::Repeat { min, max, mode, at, .. } = node else { return Ok(()) };
        let is_clear = are_disjoint(&follow.first, &vertical()) && !follow.has_boundary && *mode != Mode::Lazy;
        match (min, max) {
            (0 | 1, None) if is_clear => self.text += &format!("[{VERTICAL}]{}", counts(*min, *max)),
            (0, Some(1)) if is_clear => self.text += &format!("{}?", any_line_end()),
            _ => return Err(Refusal::new(self.pattern, at.clone(), REPEATED_LINE_END)),
        }
        Ok(())
    }

    fn final_end(&mut self, unix: bool, node: &Node, follow: &Follow, in_capture: bool) -> Result<(), Refusal> {
        let Node::FinalEnd { at, .. } = node else { return Ok(()) };
        if follow.has_boundary || follow.has_end || follow.has_capture || !are_disjoint(&follow.first, &line_ends()) {
            let wrong = "a group or something that can match a line end follows it: write that line end yourself and `\\z`, as \
                         in `\\r?\\n\\z`";
            return Err(Refusal::new(self.pattern, at.clone(), wrong));
        }
        if !follow.can_end {
            // Something else must follow the end: this never matches.
            self.text += r"[^\s\S]";
            return Ok(());
        }
        if in_capture {
            let wrong = "it stands in a group beside other alternatives, and would put the line end into the group: make the \
                         group `(?:…)`, or write `\\z` for the very end";
            return Err(Refusal::new(self.pattern, at.clone(), wrong));
        }
        self.text += if unix { FINAL_UNIX_END } else { FINAL_END };
        Ok(())
    }
}
