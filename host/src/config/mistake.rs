//! Mistakes, where they stand, and how they are shown.

use std::{collections::BTreeMap, fmt, ops::Range, path::PathBuf, sync::Arc};

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, SourceCode,
    SourceSpan, SpanContents,
};

use super::Config;

/// One configuration file's text.
#[derive(Debug, PartialEq, Eq)]
pub struct Source {
    /// As the operator named it.
    pub path: PathBuf,
    /// Its text, secrets blotted out byte for byte, so that ranges stay true.
    pub text: String,
}

/// A place in a configuration file.
#[derive(Clone, Debug, Default)]
pub struct Place {
    /// Index into [`Config::sources`].
    pub source: usize,
    /// Byte ranges by JSON pointer below this place: `""` is the table itself, `/config/rules/0/pattern` a value in it.
    pub spans: BTreeMap<String, Range<usize>>,
    /// The keys' byte ranges, by the same pointers; array items have none.
    pub keys: BTreeMap<String, Range<usize>>,
}

impl Place {
    /// A mistake at what `pointer` names, or at the nearest thing around it that is known. A pointer that ends in `#`
    /// names the key, not its value.
    pub fn mistake(&self, config: &Config, pointer: &str, message: impl Into<String>, help: Option<String>) -> Mistake {
        let key = pointer.strip_suffix('#').and_then(|pointer| self.keys.get(pointer));
        self.at(config, key.or_else(|| nearest(&self.spans, pointer)), message.into(), help)
    }

    fn at(&self, config: &Config, range: Option<&Range<usize>>, message: String, help: Option<String>) -> Mistake {
        let at = config.sources.get(self.source).zip(range).map(|(source, range)| (Arc::clone(source), range.clone()));
        Mistake { at, message, help }
    }
}

/// The range of the longest known prefix of `pointer`.
fn nearest<'a>(spans: &'a BTreeMap<String, Range<usize>>, mut pointer: &str) -> Option<&'a Range<usize>> {
    loop {
        if let Some(range) = spans.get(pointer) {
            return Some(range);
        }
        pointer = &pointer[..pointer.rfind('/')?];
    }
}

/// One mistake of the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The file's text and the byte range in it; none where no file is to blame.
    pub at: Option<(Arc<Source>, Range<usize>)>,
    /// What is wrong; lower case, no full stop, values in backticks.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
}

/// Every mistake found, at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistakes(pub Vec<Mistake>);

impl Mistakes {
    /// For people: each mistake with its file, line, column and a caret, in the order of the files.
    pub fn render(&self, colour: bool) -> String {
        let theme = if colour { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
        let handler = GraphicalReportHandler::new_themed(theme)
            .with_links(false)
            .with_context_lines(1)
            .with_width(120)
            .without_syntax_highlighting();
        let mut out = String::new();
        for mistake in &self.0 {
            let shown = Shown { mistake, lines: mistake.at.as_ref().map(|(source, _)| Lines(source)) };
            if !out.is_empty() {
                out.push('\n');
            }
            if handler.render_report(&mut out, &shown).is_err() {
                out.push_str(&mistake.message);
                out.push('\n');
            }
        }
        out
    }
}

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.render(false).trim_end())
    }
}

impl std::error::Error for Mistakes {}

/// A mistake in miette's eyes.
#[derive(Debug)]
struct Shown<'a> {
    mistake: &'a Mistake,
    lines: Option<Lines<'a>>,
}

/// Shows the lines of a mistake whole, and no others: the neighbours may hold what is nobody's business.
#[derive(Debug)]
struct Lines<'a>(&'a Source);

impl SourceCode for Lines<'_> {
    fn read_span<'b>(
        &'b self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'b> + 'b>, MietteError> {
        let text = &self.0.text;
        let mut start = span.offset().min(text.len());
        let mut end = start.saturating_add(span.len()).min(text.len());
        if before + after > 0 {
            start = line_start(text, start);
            end += text.as_bytes()[end..].iter().position(|byte| *byte == b'\n').unwrap_or(text.len() - end);
        }
        let line_begin = line_start(text, start);
        let line = text.as_bytes()[..start].iter().filter(|byte| **byte == b'\n').count();
        let column = String::from_utf8_lossy(&text.as_bytes()[line_begin..start]).chars().count();
        Ok(Box::new(MietteSpanContents::new_named(
            self.0.path.display().to_string(),
            &text.as_bytes()[start..end],
            (start, end - start).into(),
            line,
            column,
            text.lines().count(),
        )))
    }
}

fn line_start(text: &str, at: usize) -> usize {
    text.as_bytes()[..at].iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1)
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
        let (_, range) = self.mistake.at.as_ref()?;
        Some(Box::new(std::iter::once(LabeledSpan::new_with_span(None, range.clone()))))
    }
}
