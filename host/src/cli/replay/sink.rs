//! Where what a replay gives goes: a file, standard output, an expectation, or several of them.

use std::{
    fs::File,
    io::{self, BufReader, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};

use super::{Arguments, Outcome, output::Output, say, update::Update};
use crate::replay::{Comparison, Difference, Expectation, Produced};

/// Of so many differences the details are shown: enough to see a pattern, few enough for a screen.
const SHOWN: usize = 10;

/// Bytes of the expectation that are read at a time.
const READ: usize = 256 * 1024;

/// Takes the records that come out.
pub(super) struct Sink {
    output: Option<Output>,
    update: Option<Update>,
    comparison: Option<(Comparison<BufReader<File>>, PathBuf)>,
    /// Records taken.
    records: u64,
    line: Vec<u8>,
}

impl Sink {
    pub(super) fn open(arguments: &Arguments) -> anyhow::Result<Self> {
        let mut sink = Self { output: None, update: None, comparison: None, records: 0, line: Vec::new() };
        for path in [&arguments.output, &arguments.expect].into_iter().flatten() {
            if is_same_file(path, &arguments.input) && !(path == &arguments.input && path == Path::new("-")) {
                bail!("`{}` is the input itself", path.display());
            }
        }
        sink.output = match (&arguments.output, &arguments.expect) {
            (Some(path), _) if path == Path::new("-") => Some(Output::stdout()?),
            (Some(path), Some(expect)) if is_same_file(path, expect) => {
                bail!("`{}` would be written and compared with at once; to write it, give --update", path.display())
            }
            (Some(path), _) => Some(Output::create(path)?),
            (None, None) => Some(Output::stdout()?),
            (None, Some(_)) => None,
        };
        match &arguments.expect {
            Some(path) if arguments.update => {
                sink.update = Some(Update::create(path, |beside| is_same_file(beside, &arguments.input))?);
            }
            Some(path) => {
                let file = File::open(path)
                    .with_context(|| format!("cannot read the expectation `{}`; --update writes it", path.display()))?;
                let comparison = Comparison::new(Expectation::new(BufReader::with_capacity(READ, file)), SHOWN);
                sink.comparison = Some((comparison, path.clone()));
            }
            None => {}
        }
        Ok(sink)
    }

    /// Takes one record.
    pub(super) fn take(&mut self, produced: &Produced<'_>) -> anyhow::Result<()> {
        self.records += 1;
        if let (Some(output), None, None) = (&mut self.output, &self.comparison, &self.update) {
            return output.write(|block| produced.write(block));
        }
        self.line.clear();
        produced.write(&mut self.line);
        if let Some((comparison, path)) = &mut self.comparison {
            comparison
                .push(produced.line, &self.line, || produced.record())
                .with_context(|| path.display().to_string())?;
        }
        for output in self.output.iter_mut().chain(self.update.as_mut().map(Update::output)) {
            output.write(|block| block.extend_from_slice(&self.line))?;
        }
        Ok(())
    }

    /// The answer to an error of [`Self::take`]: a reader of standard output that has seen enough is no failure.
    pub(super) fn broken(mut self, error: anyhow::Error) -> anyhow::Result<Outcome> {
        let pipe = error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe);
        // Whoever reads what comes out has seen enough; but an expectation that was asked for is not looked at then.
        let is_all = self.comparison.is_none() && self.update.is_none();
        if pipe && is_all && self.output.as_ref().is_some_and(|output| output.is_stdout) {
            return Ok(Outcome::Done);
        }
        self.flush();
        Err(error)
    }

    /// Writes out what was taken before a replay broke off: it is worth having. An expectation is not updated by half.
    pub(super) fn flush(&mut self) {
        self.update = None;
        if let Some(Err(error)) = self.output.as_mut().map(Output::finish) {
            say(&format!("{error:#}\n"));
        }
    }

    /// Ends a replay that went through.
    pub(super) fn finish(mut self) -> anyhow::Result<Outcome> {
        if let Err(error) = self.output.as_mut().map_or(Ok(()), Output::finish) {
            return self.broken(error);
        }
        if let Some(update) = self.update.take() {
            let path = update.replace()?;
            say(&format!("wrote {} records to {}\n", self.records, path.display()));
        }
        let Some((comparison, path)) = self.comparison.take() else { return Ok(Outcome::Done) };
        let (first, differences) = comparison.finish().with_context(|| path.display().to_string())?;
        if differences == 0 {
            say(&format!("equal to {}, {} records\n", path.display(), self.records));
            return Ok(Outcome::Done);
        }
        self.show(&path, &first, differences)?;
        Ok(Outcome::Different)
    }

    /// The differences are the result of a comparison, so they go to standard output, unless the records do.
    fn show(&self, path: &Path, first: &[Difference], differences: u64) -> anyhow::Result<()> {
        let mut text = format!("different from {}:\n", path.display());
        for difference in first {
            text.push_str(&format!("\n{difference}\n"));
        }
        let more = differences - first.len() as u64;
        let (plural, verb) = if differences == 1 { ("", "differs") } else { ("s", "differ") };
        let shown = if more == 0 { String::new() } else { format!(", {more} of them not shown") };
        text.push_str(&format!("\n{differences} record{plural} {verb} from {}{shown}\n", path.display()));
        if self.output.as_ref().is_some_and(|output| output.is_stdout) {
            say(&text);
            return Ok(());
        }
        match io::stdout().write_all(text.as_bytes()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                Err(error).context("cannot write the differences")
            }
            _ => Ok(()),
        }
    }
}

/// Whether two paths are one file that is there.
fn is_same_file(one: &Path, other: &Path) -> bool {
    match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}
