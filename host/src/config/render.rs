//! How mistakes are shown: with the lines that they stand on, and a caret.

use std::{fmt, fmt::Write, ops::Range};

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, SourceCode,
    SourceSpan, SpanContents,
};

use super::{Mistake, Source};

/// What of a long line stands before and behind a mistake, and how much of the mistake itself, in bytes.
const AROUND: usize = 80;
const LONGEST: usize = 240;

pub(super) fn render(mistakes: &[Mistake], unlisted: usize, colour: bool) -> String {
    let theme = if colour { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_links(false)
        .with_context_lines(1)
        .with_width(120)
        .without_syntax_highlighting();
    let mut out = String::new();
    for mistake in mistakes {
        let shown = Shown { mistake, lines: mistake.at.as_ref().map(|(source, _)| Lines(source)) };
        if !out.is_empty() {
            out.push('\n');
        }
        if handler.render_report(&mut out, &shown).is_err() {
            out.push_str(&mistake.message);
            out.push('\n');
        }
    }
    if unlisted > 0 {
        let plural = if unlisted == 1 { "" } else { "s" };
        // Writing to a String cannot fail.
        let _infallible = writeln!(out, "\n  × and {unlisted} more mistake{plural}");
    }
    out
}

/// A mistake in miette's eyes.
#[derive(Debug)]
struct Shown<'a> {
    mistake: &'a Mistake,
    lines: Option<Lines<'a>>,
}

/// Shows the lines of a mistake, and no others: the neighbours may hold what is nobody's business.
#[derive(Debug)]
struct Lines<'a>(&'a Source);

impl Lines<'_> {
    /// What of a mistake's bytes is marked: of a long one the beginning of its first line.
    fn marked(&self, range: &Range<usize>) -> Range<usize> {
        let text = &self.0.text;
        let start = range.start.min(text.len());
        let end = range.end.clamp(start, text.len());
        if end - start <= LONGEST {
            return start..end;
        }
        let bytes = &text.as_bytes()[start..start + LONGEST];
        let line = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(LONGEST);
        start..text.ceil_char_boundary(start + line.max(1)).min(end)
    }

    /// What is shown round the marked bytes: their lines, of long ones a part.
    fn shown(&self, marked: &Range<usize>) -> Range<usize> {
        let text = &self.0.text;
        let lines = self.0.lines_around(marked);
        let start = lines.start.max(text.floor_char_boundary(marked.start.saturating_sub(AROUND)));
        let end = lines.end.min(text.ceil_char_boundary(marked.end.saturating_add(AROUND)));
        // A line that is not much longer is shown whole.
        let start = if marked.start - lines.start <= LONGEST { lines.start } else { start };
        let end = if lines.end - marked.end <= LONGEST { lines.end } else { end };
        start..end
    }
}

impl SourceCode for Lines<'_> {
    fn read_span<'b>(
        &'b self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'b> + 'b>, MietteError> {
        let marked = self.marked(&(span.offset()..span.offset().saturating_add(span.len())));
        let range = if before + after > 0 { self.shown(&marked) } else { marked };
        let (line, column) = self.0.line_and_column(range.start);
        let text = self.0.text.as_bytes().get(range.clone()).unwrap_or_default();
        Ok(Box::new(MietteSpanContents::new_named(
            self.0.path.display().to_string(),
            text,
            (range.start, text.len()).into(),
            line - 1,
            column - 1,
            self.0.lines(),
        )))
    }
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.mistake.message)
    }
}

impl std::error::Error for Shown<'_> {}

impl Diagnostic for Shown<'_> {
    fn help<'b>(&'b self) -> Option<Box<dyn fmt::Display + 'b>> {
        self.mistake.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.lines.as_ref().map(|lines| lines as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let (source, range) = self.mistake.at.as_ref()?;
        let marked = Lines(source).marked(range);
        Some(Box::new(std::iter::once(LabeledSpan::new_with_span(None, marked))))
    }
}
