//! Runs a case.

use std::{collections::BTreeMap, convert::Infallible, fmt, path::Path, sync::Arc};

use serde_json::Value;

use super::Case;
use crate::{
    chain::{Blueprint, DeathKind, InterceptorCounts},
    config::{Config, Cut, Mistakes, Trial},
    record::Record,
    record_file::{self, Format, ReadError, Reader},
    replay::{self, Comparison, Difference, Expectation, ExpectationError},
    wasm::{Engine, Fault, Limits, LoadError, Setup, SetupError},
};

/// Of so many differences the details are kept.
const SHOWN: usize = 5;

/// Bytes of a batch: so many that records alone cut it.
const BATCH_BYTES: usize = 64 << 20;

/// The topic of records that name none.
const SOURCE: &str = "in";

/// How a case's records are cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cutting {
    /// Into batches of at most so many records.
    Batches(usize),
    /// One record a batch, and for each a new instance.
    FreshInstances,
}

/// The cuttings at which a case is run.
pub const CUTS: [Cutting; 5] =
    [Cutting::Batches(65_536), Cutting::Batches(1), Cutting::Batches(2), Cutting::Batches(7), Cutting::FreshInstances];

impl fmt::Display for Cutting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Batches(65_536) => f.write_str("all records in one batch"),
            Self::Batches(records) => write!(f, "batches of {records}"),
            Self::FreshInstances => f.write_str("a new instance for every record"),
        }
    }
}

/// What came of a case.
#[derive(Debug)]
pub enum Verdict {
    /// As expected at every cutting.
    Passed,
    /// Other records than expected.
    Differs {
        /// The first cutting at which it does.
        cutting: Cutting,
        /// The first differences.
        first: Vec<Difference>,
        /// How many there are.
        count: u64,
    },
    /// As expected, but only since calls that faulted were made again record by record, in new instances.
    RecoveredFaults {
        /// The first cutting at which it was so.
        cutting: Cutting,
        /// Of the first one.
        kind: DeathKind,
        /// How many there were.
        count: u64,
    },
    /// Other mistakes in the config than expected.
    OtherMistakes {
        /// None: the config was to be right.
        expected: Option<Vec<String>>,
        /// None: the plugin takes it.
        got: Option<Vec<String>>,
    },
    /// Other warnings of the config than expected.
    OtherWarnings {
        /// As the case has them.
        expected: Vec<String>,
        /// As the plugin gives them.
        got: Vec<String>,
    },
}

/// What `configure` says of a case's config.
struct Said {
    /// None: it takes it.
    mistakes: Option<Vec<String>>,
    warnings: Vec<String>,
}

/// Why a case cannot be run.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// The plugin does not load.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// It faults where a case can only expect mistakes in its config.
    #[error("the plugin cannot be configured: {0}")]
    Setup(#[source] Fault),
    /// It declares what no pipeline allows, or its own schema objects to the config.
    #[error(transparent)]
    Build(#[from] Mistakes),
    /// No instance can be made.
    #[error("the plugin cannot be set up: {0}")]
    Prepare(#[source] SetupError),
    /// A record of `input` is none.
    #[error("`input`: {0}")]
    Input(#[source] ReadError),
    /// The chain stopped.
    #[error("`input`: {0}")]
    Run(String),
    /// A record of `expected` is none.
    #[error("`expected`: {0}")]
    Expected(#[source] ExpectationError),
    /// The case tells neither what comes out nor what is wrong with its config.
    #[error("has neither `expected` nor `mistakes`; --update writes them")]
    NothingExpected,
    /// The plugin refuses the config of a case that expects records.
    #[error("the plugin refuses the config: {0}; `expected` is left as it is: take it out where that is meant")]
    Refused(String),
    /// What came out is no JSON.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

/// A plugin whose cases are run.
#[derive(Debug)]
pub struct Subject<'a> {
    /// What compiles and runs it.
    pub engine: &'a Engine,
    /// Where it stands: its file's name is the interceptor's.
    pub path: &'a Path,
    /// The file's bytes.
    pub bytes: &'a Arc<[u8]>,
    /// What it may use.
    pub limits: Limits,
}

impl Subject<'_> {
    /// Runs a case at all [`CUTS`].
    ///
    /// # Errors
    /// [`CheckError`].
    pub fn check(&self, case: &Case) -> Result<Verdict, CheckError> {
        let expected = match (&case.expected, &case.mistakes) {
            (None, None) => return Err(CheckError::NothingExpected),
            (records, _) => records.as_deref().unwrap_or_default(),
        };
        let Said { mistakes: got, warnings } = self.configure(case)?;
        if got != case.mistakes {
            return Ok(Verdict::OtherMistakes { expected: case.mistakes.clone(), got });
        }
        if let Some(expected) = case.warnings.as_ref().filter(|expected| **expected != warnings) {
            return Ok(Verdict::OtherWarnings { expected: expected.clone(), got: warnings });
        }
        if got.is_some() {
            return Ok(Verdict::Passed);
        }
        let blueprint = self.blueprint(case)?;
        let expected = lines(expected);
        for cutting in CUTS {
            let ran = run(&blueprint, case, cutting)?;
            let mut comparison = Comparison::new(Expectation::new(&expected[..]), SHOWN);
            for produced in ran.produced {
                comparison.push(produced.line, &produced.text, || produced.record).map_err(CheckError::Expected)?;
            }
            let (first, count) = comparison.finish().map_err(CheckError::Expected)?;
            if count > 0 {
                return Ok(Verdict::Differs { cutting, first, count });
            }
            if let Some((kind, count)) = ran.recovered_faults {
                return Ok(Verdict::RecoveredFaults { cutting, kind, count });
            }
        }
        Ok(Verdict::Passed)
    }

    /// Returns the case with what comes out now as what is expected.
    ///
    /// # Errors
    /// As [`Self::check`].
    pub fn expected_of(&self, case: &Case) -> Result<Case, CheckError> {
        let said = self.configure(case)?;
        // Where a case does not speak of them, warnings are not written either.
        let warnings = case.warnings.as_ref().map(|_| said.warnings);
        if let Some(mistakes) = said.mistakes {
            // Records that somebody wrote are not given up for a typing error in the config.
            if case.expected.is_some() {
                return Err(CheckError::Refused(mistakes.join("; ")));
            }
            return Ok(Case { expected: None, mistakes: Some(mistakes), warnings, ..case.clone() });
        }
        let produced = run(&self.blueprint(case)?, case, CUTS[0])?.produced;
        let expected =
            produced.iter().map(|produced| serde_json::from_slice(&produced.text)).collect::<Result<_, _>>()?;
        Ok(Case { expected: Some(expected), mistakes: None, warnings, ..case.clone() })
    }

    fn configure(&self, case: &Case) -> Result<Said, CheckError> {
        let loaded = self.engine.load(self.bytes)?;
        let setup = Setup { config: case.config.to_string(), files: files(case), limits: self.limits };
        let (mistakes, warnings) = match loaded.set_up(&setup) {
            Ok((mut instance, _)) => (None, instance.take_warnings()),
            Err(SetupError::Config { mistakes, warnings }) => (Some(mistakes), warnings),
            Err(SetupError::Fault(fault)) => return Err(CheckError::Setup(fault)),
        };
        let line = |(pointer, message)| format!("{pointer}: {message}");
        Ok(Said {
            mistakes: mistakes.map(|mistakes| mistakes.into_iter().map(line).collect()),
            warnings: warnings.iter().map(ToString::to_string).collect(),
        })
    }

    fn blueprint(&self, case: &Case) -> Result<Arc<Blueprint>, CheckError> {
        let (config, pipeline) = Config::of_trial(Trial {
            path: self.path.to_owned(),
            bytes: Arc::clone(self.bytes),
            config: case.config.to_string(),
            files: files(case),
            to: case.to.clone(),
            dead_letter: case.dead_letter.clone(),
            deadline: self.limits.deadline,
            memory: self.limits.memory,
        });
        Ok(Blueprint::build(self.engine, &config, &pipeline, Arc::from(""))?)
    }
}

/// What a chain made of a case's records.
#[derive(Default)]
struct Ran {
    produced: Vec<Produced>,
    /// Calls that faulted while none of their records does alone: of which kind the first is, and how many there are.
    recovered_faults: Option<(DeathKind, u64)>,
}

/// A record that came out.
struct Produced {
    line: u64,
    record: Record,
    /// Its line.
    text: Vec<u8>,
}

fn files(case: &Case) -> BTreeMap<String, Arc<[u8]>> {
    case.files.iter().map(|(name, text)| (name.clone(), Arc::from(text.as_bytes()))).collect()
}

fn run(blueprint: &Arc<Blueprint>, case: &Case, cutting: Cutting) -> Result<Ran, CheckError> {
    let input = input(case)?;
    let mut ran = Ran::default();
    match cutting {
        Cutting::Batches(records) => run_lines(blueprint, &input.concat(), records, 0, &mut ran)?,
        Cutting::FreshInstances => {
            for (before, line) in input.iter().enumerate() {
                run_lines(blueprint, line, 1, before as u64, &mut ran)?;
            }
        }
    }
    Ok(ran)
}

/// Runs lines through a new chain; `before` lines of the input stand before them.
fn run_lines(
    blueprint: &Arc<Blueprint>,
    lines: &[u8],
    records: usize,
    before: u64,
    ran: &mut Ran,
) -> Result<(), CheckError> {
    let mut chain = blueprint.prepare(None).map_err(CheckError::Prepare)?.adopt(None).without_null_reasons();
    let mut input = Reader::new(lines, Format::Records, SOURCE);
    let cut = Cut { records, bytes: BATCH_BYTES, ..Cut::default() };
    let ended = replay::run(&mut chain, cut, &mut input, |produced| {
        let mut text = Vec::new();
        produced.write(&mut text);
        ran.produced.push(Produced { line: before + produced.line, record: produced.record(), text });
        Ok::<(), Infallible>(())
    });
    ended.map_err(|error| CheckError::Run(error.to_string()))?;
    let counts = chain.take_counts();
    for (kind, count) in counts.interceptors.iter().flat_map(InterceptorCounts::telling_recovered_faults) {
        ran.recovered_faults.get_or_insert((kind, 0)).1 += count;
    }
    Ok(())
}

/// The records that go in, a line each, with the offsets that they have wherever they are cut.
fn input(case: &Case) -> Result<Vec<Vec<u8>>, CheckError> {
    let text = lines(&case.input);
    let mut reader = Reader::new(&text[..], Format::Records, SOURCE);
    let mut all = Vec::new();
    while let Some(record) = reader.next_record().map_err(CheckError::Input)? {
        let mut line = Vec::new();
        record_file::write_record(&record, &mut line);
        all.push(line);
    }
    Ok(all)
}

/// Each value in a line of its own.
fn lines(values: &[Value]) -> Vec<u8> {
    values.iter().flat_map(|value| format!("{value}\n").into_bytes()).collect()
}
