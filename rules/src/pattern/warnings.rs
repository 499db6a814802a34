//! What is valid and yet surely not meant.

use regex_syntax::hir::{Hir, HirKind, Look};

use super::{Dialect, refusal::quoted, translate};

/// Returns what is valid in a pattern and yet surely not meant, each with what to write instead.
pub fn warnings(pattern: &str, dialect: Dialect) -> Vec<String> {
    let mut warnings = Vec::new();
    if let Some(piece) = doubled_backslash(pattern) {
        let single = piece.get(1..).unwrap_or_default();
        warnings
            .push(format!("`{piece}` looks for a backslash before a letter; in TOML's single quotes write `{single}`"));
    }
    if dialect == Dialect::Rust {
        warnings.extend(posix_class(pattern));
        warnings.extend(possessive(pattern));
    }
    let hir = translate(pattern, dialect)
        .ok()
        .and_then(|text| regex_syntax::ParserBuilder::new().utf8(false).build().parse(&text).ok());
    if warnings.is_empty() && hir.is_some_and(|hir| never_matches(&hir)) {
        let why = "can never match: something must stand before a beginning (`^`) or after an end (`$`), or a class is empty; the \
                   signs themselves are `\\^` and `\\$`";
        warnings.push(format!("{} {why}", quoted(pattern)));
    }
    warnings
}

/// A backslash doubled for a properties or JSON file: before the letter of a class, with no word behind it.
fn doubled_backslash(pattern: &str) -> Option<&str> {
    let bytes = pattern.as_bytes();
    let mut at = 0;
    while let Some(position) = pattern.get(at..).and_then(|rest| rest.find('\\')) {
        at += position;
        if let Some([b'\\', b'\\', letter, rest @ ..]) = bytes.get(at..)
            && b"dDwWsS".contains(letter)
            && !rest.first().is_some_and(|next| next.is_ascii_alphanumeric() || *next == b'_')
        {
            return pattern.get(at..at + 3);
        }
        at += 2;
        at = pattern.ceil_char_boundary(at.min(pattern.len()));
    }
    None
}

/// `[:alpha:]` without a second pair of brackets.
fn posix_class(pattern: &str) -> Option<String> {
    let (before, rest) = pattern.split_once("[:")?;
    let (name, _) = rest.split_once(":]")?;
    let is_alone = !before.ends_with(['[', '\\', ']']) && before.matches('[').count() == before.matches(']').count();
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase());
    (is_alone && is_name).then(|| format!("`[:{name}:]` is a list of characters; write `[[:{name}:]]`"))
}

/// `\d++`, which is possessive elsewhere.
fn possessive(pattern: &str) -> Option<String> {
    use regex_syntax::ast::{Ast, Visitor, parse::Parser, visit};
    struct Doubled(Option<(usize, usize)>);
    impl Visitor for Doubled {
        type Output = Option<(usize, usize)>;
        type Err = ();
        fn finish(self) -> Result<Self::Output, ()> {
            Ok(self.0)
        }
        fn visit_pre(&mut self, ast: &Ast) -> Result<(), ()> {
            if let Ast::Repetition(outer) = ast
                && matches!(*outer.ast, Ast::Repetition(_))
            {
                self.0 = Some((outer.span.start.offset, outer.span.end.offset));
            }
            Ok(())
        }
    }
    let ast = Parser::new().parse(pattern).ok()?;
    let (from, to) = visit(&ast, Doubled(None)).ok()??;
    let piece = pattern.get(from..to).filter(|piece| piece.ends_with('+'))?;
    let plain = piece.get(..piece.len() - 1)?;
    Some(format!(
        "`{piece}` is possessive in other engines and a repetition repeated here; write `{plain}`, which is as fast, or \
         `dialect = \"java\"`"
    ))
}

fn never_matches(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Class(class) => class.minimum_len().is_none(),
        HirKind::Capture(capture) => never_matches(&capture.sub),
        HirKind::Repetition(repetition) => repetition.min > 0 && never_matches(&repetition.sub),
        HirKind::Alternation(branches) => branches.iter().all(never_matches),
        HirKind::Concat(parts) => {
            let takes = |part: &Hir| part.properties().minimum_len().is_some_and(|length| length > 0);
            let first_taken = parts.iter().position(takes);
            let last_taken = parts.iter().rposition(takes);
            let begins = |part: &Hir| part.properties().look_set_prefix().contains(Look::Start);
            let ends = |part: &Hir| part.properties().look_set_suffix().contains(Look::End);
            let is_begun = first_taken.is_some_and(|taken| parts.iter().skip(taken + 1).any(begins));
            let is_over = last_taken.is_some_and(|taken| parts.iter().take(taken).any(ends));
            is_begun || is_over || parts.iter().any(never_matches)
        }
        HirKind::Empty | HirKind::Literal(_) | HirKind::Look(_) => false,
    }
}
