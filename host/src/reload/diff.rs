//! What a change of the configuration asks for: a new weir, or a pipeline that starts again.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::{Config, Pipeline, Secret};

/// The keys, as written in the configuration, whose change only a restart can bring into effect.
pub(super) fn fixed_keys(old: &Config, new: &Config) -> Vec<String> {
    let mut keys = Vec::new();
    if old.kafka.brokers != new.kafka.brokers {
        keys.push("kafka.brokers".to_owned());
    }
    if old.admin != new.admin {
        keys.push("admin".to_owned());
    }
    if old.shutdown_timeout != new.shutdown_timeout {
        keys.push("shutdown_timeout".to_owned());
    }
    if old.on_stop != new.on_stop {
        keys.push("on_stop".to_owned());
    }
    if old.state_dir != new.state_dir {
        keys.push("state_dir".to_owned());
    }
    options("kafka.options", &old.kafka.options, &new.kafka.options, &mut keys);
    keys
}

/// The keys whose change a pipeline takes over only by starting again: it is bound to connections, to its group and to
/// what is committed there.
pub(super) fn restart_keys(old: &Pipeline, new: &Pipeline) -> Vec<String> {
    // Taken apart, so that a new key of the configuration cannot be forgotten here.
    let Pipeline {
        name: _,
        from,
        group,
        // Routes and interceptors are what a generation is made of: those are what a reload is for.
        unknown_topics: _,
        stamp_generation: _,
        rollback: _,
        // A generation's way into service, and nothing that it does.
        probe: _,
        to: _,
        topics: _,
        dead_letter: _,
        interceptors: _,
        json: _,
        place: _,
        delivery,
        start,
        on_gap,
        breaker,
        partition_by,
        instance,
        group_protocol,
        ledger_topic,
        workers,
        batch,
        consumer,
        producer,
    } = old;
    let bound = [
        ("from", *from != new.from),
        ("group", *group != new.group),
        ("delivery", *delivery != new.delivery),
        ("start", *start != new.start),
        ("on_gap", *on_gap != new.on_gap),
        ("breaker", *breaker != new.breaker),
        ("partition_by", *partition_by != new.partition_by),
        ("instance", *instance != new.instance),
        ("group_protocol", *group_protocol != new.group_protocol),
        ("ledger_topic", *ledger_topic != new.ledger_topic),
        ("workers", *workers != new.workers),
        ("batch", *batch != new.batch),
    ];
    let mut keys: Vec<String> =
        bound.iter().filter(|(_, changed)| *changed).map(|(key, _)| (*key).to_owned()).collect();
    options("consumer", consumer, &new.consumer, &mut keys);
    options("producer", producer, &new.producer, &mut keys);
    keys
}

fn options(table: &str, old: &BTreeMap<String, Secret>, new: &BTreeMap<String, Secret>, keys: &mut Vec<String>) {
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let changed = names.into_iter().filter(|name| old.get(*name) != new.get(*name));
    keys.extend(changed.map(|name| format!("{table}.\"{name}\"")));
}
