//! Chains whose plugins are closures: no Wasm is compiled.

use std::{
    fmt,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use crate::{
    abi::{BatchView, ColumnView, Description, Edits, Effects, Input, Plan},
    chain::{
        Blueprint, Chain, Flow,
        blueprint::Stage,
        edits::Permit,
        guest::{Guest, Maker},
    },
    config::{self, OnFault},
    extract::Expressions,
    record::{Header, Record, Timestamp},
    wasm::{Fault, Said, SetupError},
};

type Act = Arc<dyn Fn(&BatchView<'_>, &Life) -> Result<Edits<'static>, Fault> + Send + Sync>;

/// What a closure knows besides the batch.
#[derive(Debug)]
pub(super) struct Life {
    /// Calls that its instance has had before.
    pub(super) age: usize,
    /// Calls of all instances before.
    pub(super) calls: usize,
}

/// A plugin that is a closure.
#[derive(Clone)]
pub(super) struct Closure {
    pub(super) plan: Plan,
    pub(super) on_fault: OnFault,
    pub(super) deadline: Duration,
    pub(super) act: Act,
    pub(super) calls: Arc<AtomicUsize>,
    pub(super) made: Arc<AtomicUsize>,
    identity: String,
}

impl fmt::Debug for Closure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Closure")
    }
}

#[derive(Debug)]
struct Running {
    closure: Closure,
    age: usize,
    poisoned: bool,
    said: Said,
}

impl Guest for Running {
    fn process(&mut self, batch: BatchView<'_>) -> Result<Box<Edits<'_>>, Fault> {
        assert!(!self.poisoned, "a faulted instance was called");
        let life = Life { age: self.age, calls: self.closure.calls.fetch_add(1, Ordering::Relaxed) };
        self.age += 1;
        let answer = (self.closure.act)(&batch, &life);
        self.poisoned = answer.as_ref().is_err_and(|fault| !matches!(fault, Fault::Failed(_)));
        self.said = Said { logs: Vec::new(), counts: vec![("rows".into(), u64::from(batch.count))] };
        answer.map(Box::new)
    }

    fn take_said(&mut self) -> Said {
        std::mem::take(&mut self.said)
    }

    fn cpu(&self) -> Duration {
        Duration::from_micros(self.age as u64)
    }

    fn memory(&self) -> usize {
        self.age
    }
}

impl Maker for Closure {
    fn make(&self) -> Result<Box<dyn Guest>, SetupError> {
        self.made.fetch_add(1, Ordering::Relaxed);
        Ok(Box::new(Running { closure: self.clone(), age: 0, poisoned: false, said: Said::default() }))
    }
}

/// A plugin that reads `inputs` and may do anything.
pub(super) fn plugin(
    inputs: Vec<Input>,
    act: impl Fn(&BatchView<'_>, &Life) -> Result<Edits<'static>, Fault> + Send + Sync + 'static,
) -> Closure {
    let plan = Plan {
        inputs,
        all_headers: false,
        effects: Effects::all(),
        header_names: vec!["*".to_owned()],
        topics: vec!["*".to_owned()],
    };
    Closure {
        plan,
        on_fault: OnFault::DeadLetter,
        deadline: Duration::from_secs(1),
        act: Arc::new(act),
        calls: Arc::default(),
        made: Arc::default(),
        identity: String::new(),
    }
}

impl Closure {
    pub(super) fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    pub(super) fn identified(self, identity: &str) -> Self {
        self.with(|closure| closure.identity = identity.to_owned())
    }
}

/// An answer that changes nothing.
pub(super) fn nothing() -> Edits<'static> {
    Edits::default()
}

/// A pipeline `p` with the topics `out` and `dead`, or without what `without` names.
pub(super) fn pipeline(without: &[&str]) -> Arc<config::Pipeline> {
    let keys = [("to", "to = \"out\""), ("dead_letter", "dead_letter = \"dead\"")];
    let keys: Vec<&str> = keys.iter().filter(|(key, _)| !without.contains(key)).map(|(_, line)| *line).collect();
    let text = format!(
        "[kafka]\nbrokers = \"localhost:9092\"\n[pipelines.p]\nfrom = [\"in\"]\ngroup = \"g\"\ntopics = [\"route-*\"]\n{}\n",
        keys.join("\n")
    );
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("weir.toml");
    std::fs::write(&path, text).unwrap();
    let config = config::load(&path).unwrap_or_else(|mistakes| panic!("{}", mistakes.render(false)));
    Arc::clone(&config.pipelines["p"])
}

/// A blueprint of closures, named `i0`, `i1` and so on.
pub(super) fn blueprint(pipeline: Arc<config::Pipeline>, closures: Vec<Closure>) -> Arc<Blueprint> {
    let stages = closures.into_iter().enumerate().map(|(at, closure)| Stage {
        name: Arc::from(format!("i{at}")),
        identity: if closure.identity.is_empty() { at.to_string() } else { closure.identity.clone() },
        deadline: closure.deadline,
        on_fault: closure.on_fault,
        description: Description {
            name: "closure".to_owned(),
            version: "1".to_owned(),
            summary: String::new(),
            config_schema: String::new(),
        },
        permit: Permit::new(&closure.plan, &pipeline.topics),
        plan: closure.plan.clone(),
        maker: Box::new(closure),
    });
    let stages = stages.collect();
    Arc::new(Blueprint::assemble(pipeline, Arc::from("gen"), stages, &mut Expressions::default()).unwrap())
}

/// A chain of closures in the usual pipeline.
pub(super) fn chain(closures: Vec<Closure>) -> Chain {
    static USUAL: OnceLock<Arc<config::Pipeline>> = OnceLock::new();
    chain_in(Arc::clone(USUAL.get_or_init(|| pipeline(&[]))), closures)
}

/// A chain of closures.
pub(super) fn chain_in(pipeline: Arc<config::Pipeline>, closures: Vec<Closure>) -> Chain {
    blueprint(pipeline, closures).prepare(None).unwrap().adopt(None)
}

/// A record with this value and otherwise plain.
pub(super) fn record(value: &str) -> Record {
    Record { value: Some(value.as_bytes().to_vec()), timestamp: Timestamp::Create(1_000), ..Record::default() }
}

/// Records with the values 0, 1, 2 and so on.
pub(super) fn numbered(count: usize) -> Vec<Record> {
    (0..count).map(|number| record(&number.to_string())).collect()
}

/// Starts and fills the flow; offsets count from `first`, all records are received at 7,000.
pub(super) fn fill(flow: &mut Flow, records: &[Record], first: i64) {
    flow.batch.start(Arc::from("in"), 3);
    for (at, record) in records.iter().enumerate() {
        let headers = record.headers.iter().map(|header| (&*header.name, header.value.as_deref()));
        let (key, value) = (record.key.as_deref(), record.value.as_deref());
        flow.batch.push(first + at as i64, record.timestamp, 7_000, key, value, headers).unwrap();
    }
}

/// What went out, owned: dead letters too.
pub(super) fn sent(flow: &Flow) -> Vec<Record> {
    flow.outputs().map(|output| owned(flow, &output)).collect()
}

fn owned(flow: &Flow, output: &crate::chain::Output<'_>) -> Record {
    Record {
        topic: output.topic.to_owned(),
        partition: output.partition,
        offset: None,
        timestamp: output.timestamp.map_or(Timestamp::None, Timestamp::Create),
        received: None,
        key: output.key.map(<[u8]>::to_vec),
        value: output.value.map(<[u8]>::to_vec),
        headers: flow
            .batch
            .named(output.headers)
            .map(|(name, value)| Header { name: name.to_vec(), value: value.map(<[u8]>::to_vec) })
            .collect(),
    }
}

/// Runs the records as one batch.
pub(super) fn run(chain: &mut Chain, records: &[Record]) -> Flow {
    let mut flow = Flow::default();
    fill(&mut flow, records, 0);
    chain.run(&mut flow).unwrap();
    flow
}

/// The cells of a bytes column.
pub(super) fn cells<'a>(batch: &'a BatchView<'_>, column: usize) -> Vec<Option<&'a [u8]>> {
    let ColumnView::Bytes(column) = &batch.columns[column] else { panic!("no bytes column") };
    assert_eq!(column.offsets.len(), batch.count as usize + 1);
    assert_eq!(column.nulls.len(), batch.count as usize);
    (0..batch.count as usize)
        .map(|at| {
            let bytes = &column.data[column.offsets[at] as usize..column.offsets[at + 1] as usize];
            (column.nulls[at] == 0).then_some(bytes)
        })
        .collect()
}

/// The values of the output records as text.
pub(super) fn values(records: &[Record]) -> Vec<String> {
    let text =
        |value: &Option<Vec<u8>>| value.as_ref().map_or("null".to_owned(), |v| String::from_utf8_lossy(v).into());
    records.iter().map(|record| text(&record.value)).collect()
}
