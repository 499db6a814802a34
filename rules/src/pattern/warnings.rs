//! What is valid and yet surely not meant.

use regex_syntax::hir::{Hir, HirKind, Look};

use super::{Dialect, Reader, notation, refusal::quoted, translate};

/// Returns what is valid in a pattern and yet surely not meant, each with what to write instead.
pub fn warnings(pattern: &str, dialect: Dialect, reader: Reader) -> Vec<String> {
    let mut warnings = notation(pattern, dialect, reader);
    let translated = translate(pattern, dialect).ok();
    let hir = translated.and_then(|text| regex_syntax::ParserBuilder::new().utf8(false).build().parse(&text).ok());
    if warnings.is_empty() && hir.is_some_and(|hir| never_matches(&hir)) {
        let why = "can never match: something must stand before a beginning (`^`) or after an end (`$`), or a class is empty; the \
                   signs themselves are `\\^` and `\\$`";
        warnings.push(format!("{} {why}", quoted(pattern)));
    }
    warnings
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
