//! What does not keep the rules yet. These lists only shrink: whoever puts a line's files right deletes the line.

/// Rooms, and whom the table of rooms still lets them use though they do not.
#[rustfmt::skip]
pub(crate) const PERMISSIONS: &[(&str, &str)] = &[
    ("capture", "batch"),
    ("capture", "metrics"),
    ("capture", "record"),
    ("chain", "metrics"),
    ("cli", "batch"),
    ("cli", "delivery"),
    ("cli", "endpoint"),
    ("cli", "extract"),
    ("cli", "record"),
    ("cli", "reload"),
    ("delivery", "batch"),
    ("delivery", "record"),
    ("dev", "batch"),
    ("dev", "delivery"),
    ("dev", "extract"),
    ("dev", "reload"),
    ("dev", "wasm"),
    ("extract", "config"),
    ("extract", "metrics"),
    ("extract", "record"),
    ("extract", "wasm"),
    ("pipeline", "extract"),
    ("pipeline", "record"),
    ("reload", "batch"),
    ("reload", "delivery"),
    ("reload", "endpoint"),
    ("reload", "extract"),
    ("reload", "kafka"),
    ("reload", "metrics"),
    ("reload", "pipeline"),
    ("reload", "record"),
    ("replay", "extract"),
    ("replay", "metrics"),
    ("replay", "wasm"),
    ("wasm", "batch"),
    ("wasm", "config"),
    ("wasm", "metrics"),
    ("wasm", "record"),
];

/// Types, and files outside their own in which they have methods.
#[rustfmt::skip]
pub(crate) const TYPES: &[(&str, &str)] = &[
    ("Flow", "host/src/chain/graveyard.rs"),
    ("Line", "host/src/pipeline/again.rs"),
    ("Line", "host/src/pipeline/again/blame.rs"),
    ("Line", "host/src/pipeline/again/carrier.rs"),
    ("Line", "host/src/pipeline/flight.rs"),
    ("Line", "host/src/pipeline/refused.rs"),
    ("Watch", "host/src/reload/thread.rs"),
];

/// Folders or files (a room with its folder: without `.rs`), and the rules that they do not keep.
#[rustfmt::skip]
pub(crate) const WORDS: &[(&str, &[&str])] = &[
    ("bench/src/kafka", &[r"\bAgain\b|\btake_in_again\b|\bagain::"]),
    ("host/src/app", &[r"(?i)\btr(y|ies|ying) on\b"]),
    ("host/src/batch", &[r"(?i)\bstrangers?\b", r"\bLent\b"]),
    ("host/src/chain", &[r"(?i)\bbur(y|ied|ies|ying)\b", r"(?i)\bguilty\b", r"(?i)\bis no (topic name|name for|regular expression|address)", r"(?i)convict", r"(?i)culprit", r"(?i)epitaph", r"(?i)graveyard", r"//[/!] Answers\b", r"lies", r"stand"]),
    ("host/src/delivery", &[r"//[/!] Answers\b"]),
    ("host/src/dev", &[r"(?i)culprit"]),
    ("host/src/endpoint", &[r"\bAgain\b|\btake_in_again\b|\bagain::"]),
    ("host/src/extract", &[r"(?i)\bis no (topic name|name for|regular expression|address)", r"(?i)\bstrangers?\b"]),
    ("host/src/kafka", &[r"(?i)\basker", r"(?i)innocent", r"//[/!] Answers\b", r"\bAgain\b|\btake_in_again\b|\bagain::", r"\bDoor\b", r"\bEars?\b", r"\bHeard\b", r"\bLent\b", r"\bLoan\b"]),
    ("host/src/pipeline", &[r"(?i)\bbur(y|ied|ies|ying)\b", r"(?i)\bcareful", r"(?i)\bcarrier", r"(?i)\bguilty\b", r"(?i)\blaunch", r"(?i)\bstrangers?\b", r"(?i)\bsuspect", r"(?i)graveyard", r"(?i)innocent", r"\bAgain\b|\btake_in_again\b|\bagain::", r"\bBoard\b", r"\bFlights\b", r"again", r"carrier", r"flight"]),
    ("host/src/reload", &[r"growth", r"settle", r"trail"]),
    ("host/src/wasm", &[r"(?i)\blaunch", r"(?i)convict"]),
    ("tests/tests/e2e", &[r"(?i)\bbur(y|ied|ies|ying)\b"]),
];
