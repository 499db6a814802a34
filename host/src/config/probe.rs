//! `probe`: records that every new generation of a pipeline must pass before it serves.

use std::{fmt, path::PathBuf, sync::Arc};

use super::{
    Probes,
    keys::Kind,
    read_interceptor::references_in,
    read_pipeline::optional,
    reading::Reading,
    table::Table,
    tree::{Node, Value},
};
use crate::bounded_file::Unreadable;

/// The largest file of a probe in bytes: it is in memory as long as the configuration is.
pub(super) const LIMIT: u64 = 16 << 20;

/// `probe`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// The records that go in.
    pub input: ProbeFile,
    /// The records that must come out; none: whatever does, but nothing may fault.
    pub expect: Option<ProbeFile>,
}

/// A record file as it was read.
#[derive(Clone, PartialEq, Eq)]
pub struct ProbeFile {
    /// Where it was.
    pub path: PathBuf,
    /// What stood there, at most 16 MiB.
    pub bytes: Arc<[u8]>,
}

impl fmt::Debug for ProbeFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProbeFile").field("path", &self.path).field("bytes", &self.bytes.len()).finish()
    }
}

/// Reads what stands at `node` in the table of a pipeline. None where it is wrong; no probe where none is to be read, or
/// where it cannot be told what comes out because references of the pipeline are taken as given.
pub(super) fn read(reading: &mut Reading, node: &Node, pipeline: &Node, name: &str) -> Option<Option<Probe>> {
    let is_file = matches!(node.value, Value::Text(_)) || node.reference().is_some();
    let (input, expect) = if is_file {
        (Some(node), None)
    } else if node.table().is_some() {
        let mut table = Table::open(reading, node, Kind::Other, format!("`probe` of [pipelines.{name}]"))?;
        let files = (table.need(reading, "input", "\"./probe.ndjson\""), table.take("expect"));
        table.close(reading);
        files
    } else {
        let help = "write `probe = \"./probe.ndjson\"`".to_owned();
        reading.wrong(node, format!("expected a string or a table, found {}", node.kind()), help);
        return None;
    };
    if reading.probes == Probes::LeaveOut {
        return Some(None);
    }
    // Neither what connects it nor what it is called changes what comes out.
    let beside = ["/consumer/", "/producer/", "/group", "/instance"];
    let counts = |pointer: &String| !beside.iter().any(|beside| pointer.starts_with(beside));
    if references_in(reading, Some(pipeline)).iter().any(counts) {
        let help = "leave out `--no-env` where the values are there".to_owned();
        let message = "whether the pipeline passes cannot be told without the values of its references";
        reading.warn(node.source, node.span.clone(), message, help);
        return Some(None);
    }
    let input = input.and_then(|node| {
        file(reading, node, "input", "`weir capture` writes one; paths are relative to the file that names them")
    });
    let expect = optional(expect, |node| {
        file(reading, node, "expect", "write it by `weir replay` with `--expect` and `--update`")
    });
    Some(Some(Probe { input: input?, expect: expect? }))
}

fn file(reading: &mut Reading, node: &Node, key: &str, cure: &str) -> Option<ProbeFile> {
    let written = reading.name(node, key)?;
    let path = reading.resolve_path(node, &written);
    match reading.open(&path, LIMIT) {
        Ok(bytes) => Some(ProbeFile { path, bytes }),
        Err(why) => {
            let help = match why {
                Unreadable::TooLarge(_) => "a probe runs at every change: take fewer records",
                _ => cure,
            };
            reading.wrong(node, format!("`{written}` cannot be read: {why}"), help.to_owned());
            None
        }
    }
}
