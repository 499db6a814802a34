//! How mistakes and warnings are shown: with the lines that they stand on, and a caret.

use std::{fmt, fmt::Write, ops::Range};

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, Severity,
    SourceCode, SourceSpan, SpanContents,
};

use super::{Mistake, Source, Style, mistake::Grade};

/// Columns of text and of source lines where nobody says how many there are.
const TEXT: usize = 120;
const LINE: usize = 240;
/// Text is not squeezed into less.
const NARROWEST: usize = 40;

pub(super) fn render(grade: Grade, mistakes: &[Mistake], unlisted: usize, style: Style) -> String {
    let theme = if style.colour { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_links(false)
        .with_context_lines(1)
        .with_width(style.columns.map_or(TEXT, |columns| columns.clamp(NARROWEST, TEXT)))
        .without_syntax_highlighting();
    let mut out = String::new();
    for mistake in mistakes {
        let lines = mistake.at.as_ref().map(|(source, _)| Lines { source, longest: longest(source, style) });
        let shown = Shown { grade, mistake, lines };
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
        let (sign, what) = match grade {
            Grade::Mistake => ('×', "mistake"),
            Grade::Warning => ('⚠', "warning"),
        };
        // Writing to a String cannot fail.
        let _infallible = writeln!(out, "\n  {sign} and {unlisted} more {what}{plural}");
    }
    out
}

/// So many characters of a line are shown: on a terminal no more than stand beside the number of the line.
fn longest(source: &Source, style: Style) -> usize {
    let numbers = source.lines().to_string().len();
    style.columns.map_or(LINE, |columns| columns.max(NARROWEST) - numbers - " _ │ ".chars().count())
}

/// A mistake in miette's eyes.
#[derive(Debug)]
struct Shown<'a> {
    grade: Grade,
    mistake: &'a Mistake,
    lines: Option<Lines<'a>>,
}

/// Shows the lines of a mistake, and no others: the neighbours may hold what is nobody's business.
#[derive(Debug)]
struct Lines<'a> {
    source: &'a Source,
    /// Of a longer line a part is shown.
    longest: usize,
}

impl Lines<'_> {
    /// What of a mistake's bytes is marked: of a long one the beginning of its first line.
    fn marked(&self, range: &Range<usize>) -> Range<usize> {
        let text = &self.source.text;
        let start = range.start.min(text.len());
        let end = range.end.clamp(start, text.len());
        if end - start <= self.longest {
            return start..end;
        }
        let bytes = &text.as_bytes()[start..start + self.longest];
        let line = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(self.longest);
        start..text.ceil_char_boundary(start + line.max(1)).min(end)
    }

    /// What is shown round the marked bytes: their lines, of long ones a part.
    fn shown(&self, marked: &Range<usize>) -> Range<usize> {
        let text = &self.source.text;
        let lines = self.source.lines_around(marked);
        let fits = |line: &str| line.len() <= self.longest || line.chars().count() <= self.longest;
        if text.get(lines.clone()).is_some_and(|text| text.split('\n').all(fits)) {
            return lines;
        }
        let around = self.longest.saturating_sub(marked.len()) / 2;
        let start = lines.start.max(text.ceil_char_boundary(marked.start.saturating_sub(around)));
        let end = lines.end.min(text.floor_char_boundary(marked.end.saturating_add(around)));
        start.min(marked.start)..end.max(marked.end)
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
        let (line, column) = self.source.line_and_column(range.start);
        let text = self.source.text.as_bytes().get(range.clone()).unwrap_or_default();
        Ok(Box::new(MietteSpanContents::new_named(
            self.source.path.display().to_string(),
            text,
            (range.start, text.len()).into(),
            line - 1,
            column - 1,
            self.source.lines(),
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
    fn severity(&self) -> Option<Severity> {
        Some(match self.grade {
            Grade::Mistake => Severity::Error,
            Grade::Warning => Severity::Warning,
        })
    }

    fn help<'b>(&'b self) -> Option<Box<dyn fmt::Display + 'b>> {
        self.mistake.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.lines.as_ref().map(|lines| lines as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let (_, range) = self.mistake.at.as_ref()?;
        let marked = self.lines.as_ref()?.marked(range);
        Some(Box::new(std::iter::once(LabeledSpan::new_with_span(None, marked))))
    }
}
