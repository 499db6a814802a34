//! The rights that `docs/security.md` grants: with all of them weir does everything, and without one it says which, on
//! what, and the command that grants it.

use std::{fs, thread};

use weir_tests::{
    Finished, Gateway, Guarded, Record, Running, Topic, broker::PASSWORD, eventually, paths, unique, within,
};

/// The names of the page's example.
const SOURCE: &str = "client-events";
const GROUP: &str = "weir-recom";
const OUT: &str = "events-";
const DEAD: &str = "client-events-dead";
const LEDGER: &str = "weir-ledger";

/// What the page's commands grant: the operation, the kind of what it is on, and its name there.
fn granted() -> Vec<(String, &'static str, String)> {
    let page = fs::read_to_string(paths::project().join("docs/security.md")).unwrap();
    let grant = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [_, "--operation", operation, flag, name, rest @ ..] = &words[..] else { panic!("{line}") };
        let kind = match (*flag, rest) {
            ("--topic", []) => "TOPIC",
            ("--topic", ["--resource-pattern-type", "prefixed"]) => "PREFIX",
            ("--group", []) => "GROUP",
            _ => panic!("{line}"),
        };
        ((*operation).to_owned(), kind, (*name).to_owned())
    };
    page.lines().filter(|line| line.starts_with("$acls ")).map(grant).collect()
}

/// A pipeline of a user of its own, who was granted what the page grants, on topics of its own.
struct User {
    gateway: Gateway,
    /// Each name of the page with what it is called here.
    names: Vec<(&'static str, String)>,
}

impl User {
    /// Without these rights, and with the right to do `instead` with what they were on.
    fn without(rights: &[(&str, &str)], instead: Option<&str>) -> Self {
        let guarded = Guarded::strict();
        let oracle = &guarded.broker.oracle;
        let user = unique("user");
        let names: Vec<_> = [SOURCE, GROUP, OUT, DEAD, LEDGER].map(|name| (name, unique(name))).into();
        let own = |name: &str| names.iter().find(|(theirs, _)| *theirs == name).unwrap().1.as_str();
        oracle.set_password(&user, PASSWORD);
        oracle.create([
            Topic::new(own(SOURCE), 1),
            Topic::new(own(OUT), 1).with("max.message.bytes", "2000"),
            Topic::new(own(DEAD), 1),
            Topic::new(own(LEDGER), 1),
        ]);
        let mut without = rights.to_vec();
        for (operation, kind, name) in granted() {
            let left_out = without.iter().position(|right| *right == (&*operation, &*name));
            let operation = match (left_out.map(|at| without.remove(at)), instead) {
                (None, _) => operation.to_uppercase().replace("DESCRIBECONFIGS", "DESCRIBE_CONFIGS"),
                (Some(_), Some(instead)) => instead.to_owned(),
                (Some(_), None) => continue,
            };
            match kind {
                "PREFIX" => oracle.allow_prefixed(&user, &operation, own(&name)),
                kind => oracle.allow(&user, &operation, kind, own(&name)),
            }
        }
        assert_eq!(without, [], "the page does not grant it");
        // What nobody may read is told only where there is something.
        oracle.produce([Record::to(own(LEDGER)).value("no range")]);
        // The second is larger than its destination takes.
        oracle.produce(["a record", &"x".repeat(3000)].map(|value| Record::to(own(SOURCE)).value(value)));
        let gateway = Gateway::new(&format!(
            "[kafka]\nbrokers = \"{}\"\n[kafka.options]\n\"security.protocol\" = \"SASL_PLAINTEXT\"\n\
             \"sasl.mechanisms\" = \"SCRAM-SHA-256\"\n\"sasl.username\" = \"{user}\"\n\"sasl.password\" = \"{PASSWORD}\"\n\
             [pipelines.p]\nfrom = [\"{}\"]\ngroup = \"{}\"\nto = \"{}\"\ndead_letter = \"{}\"\nledger_topic = \"{}\"\n\
             delivery = \"at-least-once\"\n",
            guarded.sasl,
            own(SOURCE),
            own(GROUP),
            own(OUT),
            own(DEAD),
            own(LEDGER),
        ));
        Self { gateway, names }
    }

    /// What a name of the page is called here.
    fn own(&self, name: &str) -> &str {
        &self.names.iter().find(|(theirs, _)| *theirs == name).unwrap().1
    }

    fn weir(&self, command: Command) -> Finished {
        let arguments: &[&str] = match command {
            Command::Run => &["run", "-c", "weir.toml"],
            Command::Check => &["check", "--online", "-c", "weir.toml"],
            Command::Capture => &["capture", "-c", "weir.toml", "--topic", self.own(SOURCE), "--output", "-"],
            Command::Generations => &["generations", "-c", "weir.toml"],
        };
        self.gateway.weir(arguments)
    }
}

#[derive(Clone, Copy, Debug)]
enum Command {
    Run,
    Check,
    Capture,
    Generations,
}

/// A right that was taken away.
struct Case {
    /// As the page grants it.
    without: &'static [(&'static str, &'static str)],
    /// What is allowed in its place.
    instead: Option<&'static str>,
    /// What is done then, and its exit status.
    commands: &'static [(Command, i32)],
    /// What weir lacks: the right, what it is on, and the flag of the command that grants it, in the page's names.
    lacks: (&'static str, &'static str, &'static str),
}

/// As the table of the page has them; a right of two that are told alike stands for each.
const CASES: [Case; 17] = {
    use Command::{Capture, Check, Generations, Run};
    const BOTH: &[(Command, i32)] = &[(Check, 78), (Run, 1)];
    const SEEN: Option<&str> = Some("DESCRIBE");
    const READ_SOURCE: (&str, &str, &str) = ("Read", "the topic `client-events`", "--topic client-events");
    const READ_GROUP: (&str, &str, &str) = ("Read", "the group `weir-recom`", "--group weir-recom");
    const WRITE_OUT: (&str, &str, &str) = ("Write", "the topic `events-`", "--topic events-");
    const WRITE_DEAD: (&str, &str, &str) = ("Write", "the topic `client-events-dead`", "--topic client-events-dead");
    const WRITE_LEDGER: (&str, &str, &str) = ("Write", "the topic `weir-ledger`", "--topic weir-ledger");
    const READ_LEDGER: (&str, &str, &str) = ("Read", "the topic `weir-ledger`", "--topic weir-ledger");
    const DESCRIBE_CONFIGS: (&str, &str, &str) = ("DescribeConfigs", "the topic `events-`", "--topic events-");
    const IDEMPOTENT_WRITE: (&str, &str, &str) =
        ("IdempotentWrite", "the cluster (or Write on a topic, from Kafka 3.0 on)", "--cluster");
    let case = Case { without: &[], instead: None, commands: BOTH, lacks: READ_SOURCE };
    [
        // 1 Describe and 2 Read, of a source
        Case { without: &[("Read", SOURCE)], ..case },
        Case { without: &[("Read", SOURCE)], instead: SEEN, ..case },
        // 3 Read, of the group
        Case { without: &[("Read", GROUP)], lacks: READ_GROUP, ..case },
        Case { without: &[("Read", GROUP)], instead: SEEN, lacks: READ_GROUP, ..case },
        // 4 Describe and 5 Write, of a destination
        Case { without: &[("Write", OUT)], lacks: WRITE_OUT, ..case },
        Case { without: &[("Write", OUT)], instead: SEEN, lacks: WRITE_OUT, ..case },
        // 6 Describe and Write, of the dead-letter topic
        Case { without: &[("Write", DEAD)], lacks: WRITE_DEAD, ..case },
        Case { without: &[("Write", DEAD)], instead: SEEN, lacks: WRITE_DEAD, ..case },
        // 7 Describe and Write, of the ledger topic; Read holds Describe, too
        Case { without: &[("Write", LEDGER), ("Read", LEDGER)], lacks: WRITE_LEDGER, ..case },
        Case { without: &[("Write", LEDGER)], lacks: WRITE_LEDGER, ..case },
        // 8 Read, of the ledger topic
        Case {
            without: &[("Write", LEDGER), ("Read", LEDGER)],
            commands: &[(Generations, 1)],
            lacks: READ_LEDGER,
            ..case
        },
        Case { without: &[("Read", LEDGER)], commands: &[(Generations, 1)], lacks: READ_LEDGER, ..case },
        // 9 Describe and Read, of what is captured
        Case { without: &[("Read", SOURCE)], commands: &[(Capture, 1)], ..case },
        Case { without: &[("Read", SOURCE)], instead: SEEN, commands: &[(Capture, 1)], ..case },
        // 10 DescribeConfigs: a check says what it could not look at; a run says so before it ends for another reason
        Case { without: &[("DescribeConfigs", OUT)], commands: &[(Check, 0)], lacks: DESCRIBE_CONFIGS, ..case },
        Case {
            without: &[("DescribeConfigs", OUT), ("Read", GROUP)],
            commands: &[(Run, 1)],
            lacks: DESCRIBE_CONFIGS,
            ..case
        },
        // 11 IdempotentWrite: from Kafka 3.0 on Write on any topic holds it
        Case {
            without: &[("Write", OUT), ("Write", DEAD), ("Write", LEDGER)],
            instead: SEEN,
            commands: &[(Run, 1)],
            lacks: IDEMPOTENT_WRITE,
        },
    ]
};

impl Case {
    fn run(&self) {
        let user = User::without(self.without, self.instead);
        let (right, resource, flag) = self.lacks;
        let mut lacks = format!(
            "weir lacks {right} on {resource}; grant it: kafka-acls.sh --add --allow-principal User:… --operation {right} {flag}"
        );
        if let Some((theirs, own)) = user.names.iter().find(|(theirs, _)| resource.contains(&format!("`{theirs}`"))) {
            lacks = lacks.replace(theirs, own);
        }
        for (command, status) in self.commands {
            let Finished { status: found, out, err } = user.weir(*command);
            let said = format!("{}{err}", String::from_utf8_lossy(&out));
            let what = format!("without {:?}, with {:?} instead, {command:?}", self.without, self.instead);
            assert_eq!(found, Some(*status), "{what}:\n{said}");
            // A mistake's lines are as long as a terminal.
            let words = said.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(words.contains(&lacks), "{what}: nothing about `{lacks}`:\n{said}");
        }
    }
}

#[test]
fn each_right_that_weir_lacks_is_told_with_what_it_is_on_and_the_command_that_grants_it() {
    within(600, || {
        Guarded::strict();
        thread::scope(|scope| {
            for case in &CASES {
                scope.spawn(|| case.run());
            }
        });
    });
}

#[test]
fn the_rights_that_the_page_grants_are_all_that_weir_needs() {
    within(400, || {
        let user = User::without(&[], None);
        let checked = user.weir(Command::Check).expect(0);
        assert!(
            checked.text().contains("1 of 1 answer") && !checked.text().contains("not checked"),
            "{}",
            checked.text()
        );
        let oracle = &Guarded::strict().broker.oracle;
        let running = user.gateway.run();
        let is_there = |(name, count)| oracle.count(&[user.own(name)]) >= count;
        eventually(60, "a record, a dead letter and a range are there", || {
            [(OUT, 1), (DEAD, 1), (LEDGER, 2)].into_iter().all(is_there).then_some(())
        });
        assert!(!running.log().contains("lacks"), "{}", running.log());
        assert!(running.stop().0.success());
        assert_eq!(user.weir(Command::Capture).expect(0).text().lines().count(), 2);
        let generations = user.weir(Command::Generations).expect(0).text();
        assert!(generations.contains(user.own(SOURCE)), "{generations}");
    });
}

#[test]
fn a_right_that_is_taken_away_while_it_runs_is_told_at_once() {
    within(300, || {
        let guarded = Guarded::shared();
        let oracle = &guarded.broker.oracle;
        let [name, from, to] = ["user", "rights", "rights-out"].map(unique);
        oracle.set_password(&name, PASSWORD);
        oracle.create([&from, &to].map(|topic| Topic::new(topic, 1)));
        let gateway = Gateway::new(&format!(
            "[kafka]\nbrokers = \"{}\"\n[kafka.options]\n\"security.protocol\" = \"SASL_PLAINTEXT\"\n\
             \"sasl.mechanisms\" = \"SCRAM-SHA-256\"\n\"sasl.username\" = \"{name}\"\n\"sasl.password\" = \"{PASSWORD}\"\n\
             [pipelines.p]\nfrom = [\"{from}\"]\nto = \"{to}\"\ngroup = \"{from}\"\n",
            guarded.sasl
        ));
        let mut running: Running = gateway.run();
        oracle.produce([Record::to(&from).value("one")]);
        eventually(60, "it carries a record", || (oracle.count(&[&to]) == 1).then_some(()));
        oracle.allow(&name, "DESCRIBE", "TOPIC", &to);
        oracle.produce([Record::to(&from).value("two")]);
        assert_eq!(running.exit(60).code(), Some(1));
        assert!(running.log().contains("weir lacks Write on the topic"), "{}", running.log());
    });
}
