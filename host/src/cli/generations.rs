//! `weir generations`.

mod table;

use std::{
    collections::BTreeSet,
    io::{self, IsTerminal as _, Write as _},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context as _, bail};

use super::{ConfigArgument, Outcome, capture, say};
use crate::{
    app::Signals,
    capture::{CaptureError, Located, Mark, Range},
    config::{self, Config, Pipeline, Probes, References, nearest},
    ledger::{Entry, History, Row, Wanted},
    record::Record,
};

/// How long it may take to end after a signal.
const END: Duration = Duration::from_secs(10);

/// Shows which generation carried which range of the sources, as the ledger topic says; without joining a group.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    config: ConfigArgument,
    /// Of this pipeline only.
    #[arg(long, value_name = "NAME")]
    pipeline: Option<String>,
    /// Of this source topic only.
    #[arg(long, value_name = "TOPIC")]
    topic: Option<String>,
    /// Of this partition only.
    #[arg(long, value_name = "N", requires = "topic")]
    partition: Option<i32>,
    /// Which generation carried this record; each range that holds it stands for itself, in the order of their recording.
    #[arg(long, value_name = "OFFSET", requires = "partition")]
    offset: Option<i64>,
    /// Print JSON, one object a line.
    #[arg(long)]
    json: bool,
}

/// What was found of one pipeline.
struct Found<'a> {
    pipeline: &'a Pipeline,
    ledger: &'a str,
    rows: Vec<Row>,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    // Which code ran is asked where something is wrong: a broken probe is no reason not to answer.
    let loaded = config::load_or_part(&arguments.config.config, References::Resolve, Probes::LeaveOut);
    let config = loaded.map_err(|part| part.mistakes)?;
    let recorded = recorded(&config, arguments.pipeline.as_deref())?;
    let signals = Signals::listen()?;
    signals.serve(END);
    let ledgers: BTreeSet<&str> = recorded.iter().map(|(_, ledger)| *ledger).collect();
    let mut found = Vec::new();
    for ledger in ledgers {
        let its_own = recorded.iter().filter(|(_, other)| *other == ledger);
        let histories: Vec<(&Pipeline, History)> =
            its_own.map(|&(pipeline, _)| (&**pipeline, History::new(arguments.wanted(pipeline)))).collect();
        let Some(histories) = read(&config, ledger, histories, &signals)? else { return Ok(Outcome::Different) };
        found.extend(histories.into_iter().map(|(pipeline, history)| {
            let rows = history.into_rows();
            Found { pipeline, ledger, rows }
        }));
    }
    found.sort_by_key(|found| &found.pipeline.name);
    let text = match () {
        () if arguments.json => found.iter().flat_map(|found| found.rows.iter().map(table::json_line)).collect(),
        () if io::stdout().is_terminal() => table::for_people(&found),
        () => found.iter().flat_map(|found| found.rows.iter().map(table::plain_line)).collect::<String>(),
    };
    io::stdout().lock().write_all(text.as_bytes())?;
    Ok(arguments.outcome(&found))
}

impl Arguments {
    fn wanted(&self, pipeline: &Pipeline) -> Wanted {
        Wanted {
            group: pipeline.group.clone(),
            topic: self.topic.clone(),
            partition: self.partition,
            offset: self.offset,
        }
    }

    /// Says of which pipelines nothing was found, and what that may mean.
    fn outcome(&self, found: &[Found<'_>]) -> Outcome {
        if let (Some(offset), Some(topic), Some(partition)) = (self.offset, &self.topic, self.partition) {
            if found.iter().all(|found| found.rows.is_empty()) {
                say(&format!(
                    "no range holds offset {offset} of {topic}[{partition}]: it is not committed yet, was gone before weir \
                     read it, was carried before `ledger_topic` was set, or is older than what the ledger topic keeps\n"
                ));
                return Outcome::Different;
            }
            return Outcome::Done;
        }
        for Found { pipeline, ledger, .. } in found.iter().filter(|found| found.rows.is_empty()) {
            say(&format!("the ledger topic `{ledger}` holds no such range of the group `{}`\n", pipeline.group));
        }
        Outcome::Done
    }
}

/// The pipelines that have a ledger topic, each with it.
fn recorded<'a>(config: &'a Config, name: Option<&str>) -> anyhow::Result<Vec<(&'a Arc<Pipeline>, &'a str)>> {
    let pipelines = &config.pipelines;
    if let Some(name) = name.filter(|name| !pipelines.contains_key(*name)) {
        let names: Vec<&str> = pipelines.keys().map(String::as_str).collect();
        match nearest(name, names.iter().copied()) {
            Some(near) => bail!("there is no pipeline `{name}`: did you mean `{near}`?"),
            None => bail!("there is no pipeline `{name}`; the configuration has {}", names.join(", ")),
        }
    }
    let wanted = pipelines.values().filter(|pipeline| name.is_none_or(|name| pipeline.name == name));
    let recorded: Vec<_> = wanted.filter_map(|one| Some((one, one.ledger_topic.as_deref()?))).collect();
    if recorded.is_empty() {
        let table = name.map_or_else(|| "NAME".to_owned(), str::to_owned);
        bail!(
            "nothing says which generation carried a record: write `ledger_topic = \"weir-ledger\"` into \
             [pipelines.{table}] and create that topic; from then on ranges are recorded there"
        );
    }
    Ok(recorded)
}

/// Whether a range is of this pipeline: of its group and its sources, whatever it was called then.
fn is_of(pipeline: &Pipeline, entry: &Entry) -> bool {
    let reads = || pipeline.sources(&[&entry.topic]).iter().any(|(.., topics)| !topics.is_empty());
    pipeline.group == entry.group && (pipeline.name == entry.pipeline || reads())
}

/// Reads a ledger topic from its beginning to what is its end now. Returns none where a signal came meanwhile.
fn read<'a>(
    config: &Config,
    ledger: &str,
    mut histories: Vec<(&'a Pipeline, History)>,
    signals: &Signals,
) -> anyhow::Result<Option<Vec<(&'a Pipeline, History)>>> {
    let range = Range { topic: ledger, from: Mark::Earliest, to: Mark::Latest, limit: None };
    let located = Located::find(&config.kafka, &range);
    let located = located.map_err(|error| match error {
        CaptureError::NoTopic(_) => anyhow::Error::new(error).context(format!(
            "`ledger_topic` names what is not there; create it (weir creates none): \
             kafka-topics.sh --create --topic {ledger}"
        )),
        error => anyhow::Error::new(error).context(format!("cannot read the ledger topic `{ledger}`")),
    })?;
    let bar = capture::bar("read");
    let mut progress = |passed, all| {
        bar.set_length(all);
        bar.set_position(passed);
        !signals.came()
    };
    let (mut others, mut first) = (0_u64, None);
    let mut each = |record: &Record| {
        match Entry::parse(record.value.as_deref()) {
            Ok(entry) => {
                let its_own = histories.iter_mut().find(|(pipeline, _)| is_of(pipeline, &entry));
                if let Some((_, history)) = its_own {
                    history.add(entry);
                }
            }
            Err(why) => {
                others += 1;
                let place = (record.partition.unwrap_or_default(), record.offset.unwrap_or_default());
                first.get_or_insert_with(|| format!("partition {} offset {}: {why}", place.0, place.1));
            }
        }
        Ok(())
    };
    let read = located.read(&mut each, &mut progress);
    bar.finish_and_clear();
    read.with_context(|| format!("cannot read the ledger topic `{ledger}`"))?;
    if signals.came() {
        say(&format!("ended before `{ledger}` was read to its end\n"));
        return Ok(None);
    }
    if let Some(first) = first {
        say(&format!("passed over {others} records of `{ledger}`, the first at {first}\n"));
    }
    let left_out: u64 = histories.iter().map(|(_, history)| history.left_out()).sum();
    if left_out > 0 {
        say(&format!("{left_out} ranges are too many to be shown: ask for one --pipeline, --topic or --partition\n"));
    }
    Ok(Some(histories))
}
