//! The four steps of the recom job in one: what `examples/recom/weir.toml` says, with the same inputs and the same answer
//! where every record has a readable `actionTime` and a timestamp, as the suite's have.

use weir_sdk::{Batch, Bytes, Cells, Edits, Effects, Input, Plan, Topic, count};

const DAY: i64 = 86_400_000;
const AHEAD: i64 = 300_000;
const BUCKETS: i64 = 12;

/// Header, and the member that goes into it.
const FIELDS: [(&str, &str); 6] = [
    ("timestamp", "actionTime"),
    ("customName", "businessId"),
    ("sceneId", "sceneId"),
    ("serviceName", "serviceName"),
    ("logType", "logType"),
    ("itemSetId", "itemSetId"),
];

/// What `path` is made of: places in [`FIELDS`].
const PATH: [usize; 4] = [1, 2, 3, 4];

// Columns behind the six fields.
const HEADERS: usize = 6;
const DC: usize = 12;
const PATHS: usize = 13;
const TIMESTAMP: usize = 14;
const USER: usize = 15;

/// The six fields as regular expressions.
pub(crate) fn captures() -> Vec<Input> {
    let pattern = |member: &str| match member {
        "actionTime" => r#""actionTime":(\d+)"#.to_owned(),
        _ => format!(r#""{member}":"(.+?)""#),
    };
    FIELDS.iter().map(|(_, member)| Input::capture(pattern(member), 1)).collect()
}

/// The six fields as members of a JSON document.
pub(crate) fn members() -> Vec<Input> {
    FIELDS.iter().map(|(_, member)| Input::json(format!("/{member}"))).collect()
}

/// The plans of the four together, with these as the six fields.
pub(crate) fn plan(fields: Vec<Input>) -> Plan {
    let names = FIELDS.iter().map(|&(header, _)| header);
    Plan::new()
        .inputs(fields)
        .inputs(names.clone().map(Input::header))
        .input(Input::header("dc"))
        .input(Input::header("path"))
        .input(Input::timestamp())
        .input(Input::json_int("/userId"))
        .header_names(names.chain(["dc", "path", "client-timestamp"]))
        .effects(Effects::TIMESTAMP | Effects::DEAD_LETTER)
        .topics((0..BUCKETS).map(topic))
}

fn topic(bucket: i64) -> String {
    format!("events-{bucket:02}")
}

/// The interceptor's state: the topics' names, kept for their room.
#[derive(Debug)]
pub struct Recom {
    topics: Vec<String>,
}

impl Default for Recom {
    fn default() -> Self {
        Self { topics: (0..BUCKETS).map(topic).collect() }
    }
}

impl Recom {
    pub(crate) fn process(&mut self, batch: &Batch, edits: &mut Edits) -> Result<(), String> {
        let mut fields = Vec::with_capacity(FIELDS.len());
        for at in 0..FIELDS.len() {
            fields.push((batch.bytes(at)?, batch.bytes(HEADERS + at)?));
        }
        let replaced = fix(batch, fields[0], edits)?;
        for (&(header, _), (found, _)) in FIELDS.iter().zip(&fields).skip(1) {
            let mut cells = Cells::new();
            for (row, cell) in found.iter().enumerate() {
                if let Some(cell) = cell {
                    cells.row(row, cell);
                }
            }
            edits.set_header_cells(header, cells);
        }
        enrich(batch, &fields, edits)?;
        edits.set_header_cells("client-timestamp", replaced);
        self.route(batch, edits)
    }

    fn route(&mut self, batch: &Batch, edits: &mut Edits) -> Result<(), String> {
        let topics: Vec<Topic> = self.topics.iter().map(|name| edits.topic(name)).collect();
        let users = batch.ints(USER)?;
        let mut missing = 0;
        for row in batch.rows() {
            match users.get(row).and_then(|user| topics.get(user.rem_euclid(BUCKETS) as usize)) {
                Some(&topic) => edits.route(row, topic),
                None => {
                    missing += 1;
                    edits.dead_letter(row, "no integer at `/userId` of the value");
                }
            }
        }
        count("missing", missing);
        Ok(())
    }
}

/// What a field is after the first step: the field itself, else what the header was before.
fn now<'a>((found, before): (Bytes<'a>, Bytes<'a>), row: usize) -> Option<&'a [u8]> {
    found.get(row).or_else(|| before.get(row))
}

/// The timestamp and `timestamp`; answers what goes into `client-timestamp`, which stands last.
fn fix(batch: &Batch, client: (Bytes<'_>, Bytes<'_>), edits: &mut Edits) -> Result<Cells, String> {
    let servers = batch.ints(TIMESTAMP)?;
    let (mut set, mut kept) = (Cells::new(), Cells::new());
    let (mut believed, mut replaced) = (0, 0);
    for row in batch.rows() {
        let said = now(client, row);
        let time = said.and_then(|said| std::str::from_utf8(said).ok()?.parse::<i64>().ok()).map(milliseconds);
        let fixed = match (time, servers.get(row)) {
            (Some(time), Some(server)) if !(server - DAY..=server + AHEAD).contains(&time) => {
                replaced += 1;
                if let Some(said) = said {
                    kept.row(row, said);
                }
                server
            }
            (Some(time), _) => {
                believed += 1;
                time
            }
            (None, Some(server)) => {
                replaced += 1;
                server
            }
            (None, None) => continue,
        };
        if servers.get(row) != Some(fixed) {
            edits.timestamp(row, fixed);
        }
        set.row(row, digits(fixed, &mut [0; 20]));
    }
    edits.set_header_cells("timestamp", set);
    count("kept", believed);
    count("replaced", replaced);
    Ok(kept)
}

/// A time, which is never negative here, in decimal, as timestamp-fixer writes it.
fn digits(mut ms: i64, buffer: &mut [u8; 20]) -> &[u8] {
    let mut from = buffer.len();
    loop {
        from -= 1;
        buffer[from] = b'0' + (ms % 10).unsigned_abs() as u8;
        ms /= 10;
        if ms == 0 || from == 0 {
            return &buffer[from..];
        }
    }
}

/// `auto` of timestamp-fixer: the unit by the size of the number.
fn milliseconds(number: i64) -> i64 {
    match number.unsigned_abs() {
        0..100_000_000_000 => number * 1000,
        100_000_000_000..100_000_000_000_000 => number,
        100_000_000_000_000..100_000_000_000_000_000 => number.div_euclid(1000),
        _ => number.div_euclid(1_000_000),
    }
}

/// `dc` and `path`.
fn enrich(batch: &Batch, fields: &[(Bytes<'_>, Bytes<'_>)], edits: &mut Edits) -> Result<(), String> {
    let (there, paths_there) = (batch.bytes(DC)?, batch.bytes(PATHS)?);
    let (mut centre, mut paths) = (Cells::new(), Cells::new());
    for row in batch.rows() {
        if there.get(row).is_none() {
            centre.row(row, b"hz1");
        }
        if paths_there.get(row).is_some() {
            continue;
        }
        let part = |at: usize| fields.get(at).and_then(|&field| now(field, row));
        if let [Some(business), Some(scene), Some(service), Some(log)] = PATH.map(part) {
            let parts: [&[u8]; 8] = [b"/recom/log/", business, b"/", scene, b"/", service, b"/", log];
            paths.row_parts(row, parts);
        }
    }
    edits.set_header_cells("dc", centre);
    edits.set_header_cells("path", paths);
    Ok(())
}
