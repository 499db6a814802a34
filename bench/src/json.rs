//! Section `json`: weir's reader of JSON members beside other libraries, on the same documents and for the same members.
//!
//! All but two validate a document whole; `weir-first` (`json = "first"`) and `sonic-first` stop behind the last member that is
//! wanted.

mod documents;
mod extracted;
mod libraries;
mod shapes;

use anyhow::{Result, ensure};

use documents::Documents;
use libraries::{
    simd, sonic,
    typed::{SerdeJson, Sonic, Whole},
};
use shapes::{Event, GithubEvent, Shape, Status};
use weir::extract::Reading;

use crate::{
    Options,
    events::Size,
    report::{Limit, Report, Unit},
    rounds::{Variant, race},
};

/// The section's name in the report.
pub(crate) const SECTION: &str = "json";

/// Sizes of the generated documents.
const SIZES: [Size; 4] = [Size::Usual, Size::Large, Size::Huge, Size::Vast];

/// Bytes that a pass reads at least.
const PASS: usize = 4 << 20;

/// One of the members that are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Member<'a> {
    /// The characters of a string.
    Text(&'a [u8]),
    /// An integer.
    Int(i64),
}

/// A way to find members, on documents of its own choice.
trait Reader {
    /// Reads every document once and tells their members, a document's in the order of [`Shape::POINTERS`].
    ///
    /// # Errors
    /// A document is not valid, or lacks one of them.
    fn read(&mut self, tell: &mut impl FnMut(Member<'_>)) -> Result<()>;
}

/// Runs the section.
///
/// # Errors
/// A reader fails, or readers do not find the same.
pub(crate) fn run(options: &Options, report: &mut Report) -> Result<()> {
    for size in SIZES {
        compare::<Event>(options, report, &Documents::events(size))?;
    }
    for (documents, run) in [
        (Documents::file("twitter", "twitter_statuses.ndjson")?, compare::<Status> as Comparison),
        (Documents::file("github", "github_events.ndjson")?, compare::<GithubEvent>),
    ] {
        match documents {
            Some(documents) => run(options, report, &documents)?,
            None => report.begin("the real documents are not beside the project: left out"),
        }
    }
    Ok(())
}

type Comparison = fn(&Options, &mut Report, &Documents) -> Result<()>;

fn compare<S: Shape>(options: &Options, report: &mut Report, documents: &Documents) -> Result<()> {
    let name = format!("json.{}", documents.name);
    if !options.wants(&name) {
        return Ok(());
    }
    report.begin(&name);
    let passes = PASS.div_ceil(documents.bytes());
    let mut weir = extracted::Members::new::<S>(documents, Reading::Whole)?;
    let mut weir_first = extracted::Members::new::<S>(documents, Reading::First)?;
    let mut whole = Whole::<Sonic, S>::new(documents);
    let mut tape = simd::Tape::<S>::new(documents);
    let mut serde = Whole::<SerdeJson, S>::new(documents);
    let mut first = sonic::First::new::<S>(documents);
    let expected = found(&mut weir)?;
    for (reader, found) in [
        ("sonic-whole", found(&mut whole)?),
        ("simd-json", found(&mut tape)?),
        ("serde", found(&mut serde)?),
        ("sonic-first", found(&mut first)?),
        ("weir-first", found(&mut weir_first)?),
    ] {
        ensure!(found == expected, "{name}: {reader} finds other members than weir");
    }
    let mut variants: Vec<Box<dyn Variant + '_>> = vec![
        Box::new(Timed { reader: weir, passes }),
        Box::new(Timed { reader: whole, passes }),
        Box::new(Timed { reader: tape, passes }),
        Box::new(Timed { reader: serde, passes }),
        Box::new(Timed { reader: first, passes }),
        Box::new(Timed { reader: weir_first, passes }),
    ];
    let times = race(&mut variants, options.rounds(15), passes * documents.values.len())?;
    tell(report, &name, documents, &times);
    Ok(())
}

/// The readers' names in the order in which they run.
const READERS: [&str; 6] = ["weir", "sonic-whole", "simd-json", "serde", SONIC_FIRST, WEIR_FIRST];
/// Those that stop early.
const SONIC_FIRST: &str = "sonic-first";
const WEIR_FIRST: &str = "weir-first";

fn tell(report: &mut Report, name: &str, documents: &Documents, times: &[Vec<f64>]) {
    let bytes = documents.bytes() as f64 / documents.values.len() as f64;
    for (reader, times) in READERS.iter().zip(times) {
        report.measure(SECTION, format!("{name}.{reader}"), Unit::NsPerDocument, times);
        // A reader that stops early has not seen all of them.
        if ![SONIC_FIRST, WEIR_FIRST].contains(reader) {
            let rates: Vec<f64> = times.iter().map(|time| bytes / time).collect();
            report.measure(SECTION, format!("{name}.{reader}-rate"), Unit::GigabytesPerSecond, &rates);
        }
    }
    let [weir, .., sonic_first, weir_first] = times else { return };
    for (reader, times) in READERS.iter().zip(times).skip(1) {
        report.ratio(SECTION, format!("{name}.{reader}/weir"), times, weir);
    }
    let early = format!("{name}.{SONIC_FIRST}/{WEIR_FIRST}");
    report.ratio(SECTION, early.clone(), sonic_first, weir_first);
    let text =
        format!("{}: members of the beginning of documents as fast as get_many of sonic-rs at least", documents.name);
    report.bar(&early, text, Limit::AtLeast(1.0));
    if let Some(limit) = documents.goal {
        let text = format!("{}: members of valid documents at {limit} GB/s at least", documents.name);
        report.bar(&format!("{name}.weir-rate"), text, Limit::AtLeast(limit));
    }
}

/// What a reader finds, as something to compare.
fn found(reader: &mut impl Reader) -> Result<Vec<(Vec<u8>, i64)>> {
    let mut found = Vec::new();
    reader.read(&mut |member| {
        found.push(match member {
            Member::Text(text) => (text.to_vec(), 0),
            Member::Int(int) => (Vec::new(), int),
        });
    })?;
    Ok(found)
}

/// A reader as a variant of a comparison.
#[derive(Debug)]
struct Timed<R> {
    reader: R,
    passes: usize,
}

impl<R: Reader> Variant for Timed<R> {
    fn pass(&mut self) -> Result<u64> {
        let mut sum = 0_u64;
        for _ in 0..self.passes {
            self.reader.read(&mut |member| {
                sum = sum.wrapping_add(match member {
                    Member::Text(text) => text.len() as u64 + text.first().map_or(0, |first| u64::from(*first)),
                    Member::Int(int) => int as u64,
                });
            })?;
        }
        Ok(sum)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn all_readers_find_the_members_that_a_document_has() {
        let documents = Documents::of("two", vec![
            br#"{"id":"7","type":"a","actor":{"id":-1},"created_at":"\u0079\n","repo":{"x":[1.5],"name":"\u00e9"}}"#.to_vec(),
            br#" {"repo":{"name":"n"} , "type":"","actor":{"id":12345678901},"created_at":"z","id":"8","public":true} "#.to_vec(),
        ]);
        let texts = |found: Vec<(Vec<u8>, i64)>| -> Vec<(String, i64)> {
            found.into_iter().map(|(text, int)| (String::from_utf8(text).unwrap(), int)).collect()
        };
        let expected = [
            ("a", 0),
            ("y\n", 0),
            ("", -1),
            ("é", 0),
            ("7", 0),
            ("", 0),
            ("z", 0),
            ("", 12_345_678_901),
            ("n", 0),
            ("8", 0),
        ];
        let expected = expected.map(|(text, int)| (text.to_owned(), int));
        assert_eq!(
            texts(found(&mut extracted::Members::new::<GithubEvent>(&documents, Reading::Whole).unwrap()).unwrap()),
            expected
        );
        let mut weir_first = extracted::Members::new::<GithubEvent>(&documents, Reading::First).unwrap();
        assert_eq!(texts(found(&mut weir_first).unwrap()), expected);
        assert_eq!(texts(found(&mut Whole::<Sonic, GithubEvent>::new(&documents)).unwrap()), expected);
        assert_eq!(texts(found(&mut simd::Tape::<GithubEvent>::new(&documents)).unwrap()), expected);
        assert_eq!(texts(found(&mut Whole::<SerdeJson, GithubEvent>::new(&documents)).unwrap()), expected);
        assert_eq!(texts(found(&mut sonic::First::new::<GithubEvent>(&documents)).unwrap()), expected);
    }

    #[test]
    fn only_who_stops_early_takes_a_document_that_breaks_behind_the_last_member() {
        let documents = Documents::of(
            "broken",
            vec![br#"{"type":"a","created_at":"b","actor":{"id":1},"repo":{"name":"c"},"id":"d","x":[1,]}"#.to_vec()],
        );
        assert!(found(&mut extracted::Members::new::<GithubEvent>(&documents, Reading::Whole).unwrap()).is_err());
        assert!(found(&mut Whole::<Sonic, GithubEvent>::new(&documents)).is_err());
        assert!(found(&mut simd::Tape::<GithubEvent>::new(&documents)).is_err());
        assert!(found(&mut Whole::<SerdeJson, GithubEvent>::new(&documents)).is_err());
        assert!(found(&mut sonic::First::new::<GithubEvent>(&documents)).is_ok());
        assert!(found(&mut extracted::Members::new::<GithubEvent>(&documents, Reading::First).unwrap()).is_ok());
    }
}
