//! Whether the files of probes are what they are said to be.

use super::failure::renewal;
use crate::{
    config::{Config, Mistake, Mistakes, Pipeline, Probe},
    record_file::{Format, ReadError, Reader, Rows},
    replay::{Expectation, ExpectationError},
};

/// More records than this are no probe: it runs at every change.
const RECORDS: usize = 10_000;

/// Why a file is none of a probe.
#[derive(Debug, thiserror::Error)]
enum FileError {
    #[error("holds no record")]
    Empty,
    #[error("holds more than {RECORDS} records")]
    TooMany,
    #[error("cannot be read: {0}")]
    Input(#[from] ReadError),
    #[error("cannot be read: {0}")]
    Expectation(#[from] ExpectationError),
}

/// Looks at the files of every pipeline's probe without running anything.
pub fn check_files(config: &Config) -> Mistakes {
    let probes = config.pipelines.values().filter_map(|pipeline| Some((pipeline, pipeline.probe.as_ref()?)));
    probes.flat_map(|(pipeline, probe)| mistakes(config, pipeline, probe)).collect()
}

fn mistakes(config: &Config, pipeline: &Pipeline, probe: &Probe) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    if let Err(error) = check_input(&probe.input.bytes) {
        let message = format!("`{}` {error}", probe.input.path.display());
        let help = match error {
            FileError::TooMany => "a probe runs at every change: take fewer records",
            _ => "a line is a record as JSON, as `weir capture` writes it",
        };
        mistakes.push(pipeline.place.mistake(config, "/probe/input", message, Some(help.to_owned())));
    }
    if let Some(file) = &probe.expect
        && let Err(error) = Expectation::new(&file.bytes[..]).check().map_err(FileError::from)
    {
        let message = format!("`{}` {error}", file.path.display());
        let help = Some(renewal(config, pipeline, probe));
        mistakes.push(pipeline.place.mistake(config, "/probe/expect", message, help));
    }
    mistakes
}

fn check_input(bytes: &[u8]) -> Result<(), FileError> {
    let mut reader = Reader::new(bytes, Format::Records, "");
    let (mut row, mut records) = (Rows::new(), 0);
    while reader.read(&mut row)? {
        row.clear();
        records += 1;
        if records > RECORDS {
            return Err(FileError::TooMany);
        }
    }
    if records == 0 { Err(FileError::Empty) } else { Ok(()) }
}
