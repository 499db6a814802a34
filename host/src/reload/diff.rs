//! What a running weir cannot change: it is bound to connections, to the group and to what is committed there.

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
    options("kafka.options", &old.kafka.options, &new.kafka.options, &mut keys);
    let names: BTreeSet<&String> = old.pipelines.keys().chain(new.pipelines.keys()).collect();
    for name in names {
        match (old.pipelines.get(name), new.pipelines.get(name)) {
            (Some(old), Some(new)) => pipeline(name, old, new, &mut keys),
            _ => keys.push(format!("pipelines.{name}")),
        }
    }
    keys
}

fn pipeline(name: &str, old: &Pipeline, new: &Pipeline, keys: &mut Vec<String>) {
    // Taken apart, so that a new key of the configuration cannot be forgotten here.
    let Pipeline {
        name: _,
        from,
        group,
        // Routes and interceptors are what a generation is made of: those are what a reload is for.
        to: _,
        topics: _,
        dead_letter: _,
        interceptors: _,
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
    let fixed = [
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
    keys.extend(fixed.iter().filter(|(_, changed)| *changed).map(|(key, _)| format!("pipelines.{name}.{key}")));
    options(&format!("pipelines.{name}.consumer"), consumer, &new.consumer, keys);
    options(&format!("pipelines.{name}.producer"), producer, &new.producer, keys);
}

fn options(table: &str, old: &BTreeMap<String, Secret>, new: &BTreeMap<String, Secret>, keys: &mut Vec<String>) {
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let changed = names.into_iter().filter(|name| old.get(*name) != new.get(*name));
    keys.extend(changed.map(|name| format!("{table}.\"{name}\"")));
}
