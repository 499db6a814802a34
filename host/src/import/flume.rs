//! Flume's agents.
//!
//! A source with its interceptors is a pipeline; the sinks behind its channels say where that writes to.

mod chain;
pub(super) mod clients;
mod component;
mod escapes;
mod extractor;
mod interceptors;
mod selector;
mod sink;
mod source;

use component::Component;

use super::{
    ImportError, Imported, Options,
    gateway::Gateway,
    properties::{Properties, Property},
    report::Grade,
};

pub(super) fn translate(properties: &Properties, options: &Options) -> Result<Imported, ImportError> {
    let agents = agents(properties);
    if agents.is_empty() {
        let message = "no agent in it: expected lines such as `agent.sources = s1` and `agent.channels = c1`";
        return Err(ImportError::Nothing(message.to_owned()));
    }
    let mut gateway = Gateway { origin: "a Flume configuration".to_owned(), ..Gateway::default() };
    let links: source::Links =
        agents.iter().flat_map(|agent| components(properties, agent, "sinks")).filter_map(|sink| link(&sink)).collect();
    for agent in &agents {
        let of = |kind| components(properties, agent, kind);
        let (sources, channels, sinks) = (of("sources"), of("channels"), of("sinks"));
        for sink in &sinks {
            source::brokers(&mut gateway, sink, &["kafka.bootstrap.servers", "brokerList"]);
        }
        for source in &sources {
            source::add(&mut gateway, source, &channels, &sinks, &links, options);
        }
        for channel in channels.iter().filter(|channel| channel.kind() == "kafkachannel") {
            source::add_channel(&mut gateway, channel, &sinks, options);
        }
        for group in of("sinkgroups") {
            group.say(
                "sinks",
                Grade::Differs,
                "no failover or balancing between sinks: Kafka's partitions and brokers do both",
            );
        }
    }
    if gateway.pipelines.is_empty() {
        return Err(ImportError::Nothing("no agent has a source or a Kafka channel with a sink".to_owned()));
    }
    if gateway.brokers.is_empty() {
        gateway.brokers.clone_from(&options.brokers);
        let text = format!("no brokers are named in it: `{}` is written (--brokers names others)", options.brokers);
        properties.say_of("[kafka]", Grade::Differs, text);
    }
    let text = "stop the agents before weir starts: the first pipeline of a source goes on where its group had come to";
    properties.say_of("group", Grade::Translated, text);
    gateway.separate(|subject, text| properties.say_of(subject, Grade::Impossible, text));
    // In a replacement that is a group, which search_replace has looked for.
    let names_environment =
        |property: &&Property| property.value.contains("${") && !property.key.ends_with(".replaceString");
    for property in properties.all().iter().filter(names_environment) {
        let text = "weir takes `{ env = \"NAME\" }` in place of a whole text, and nothing within one";
        properties.say(property, Grade::Impossible, text);
    }
    Ok(Imported { config: gateway.to_toml(), report: properties.finish(unread) })
}

/// The names that stand before the first dot of keys such as `a.sources`, in their order.
fn agents(properties: &Properties) -> Vec<&str> {
    let mut agents: Vec<&str> = Vec::new();
    for property in properties.all() {
        if let Some((agent, "sources" | "channels" | "sinks")) = property.key.split_once('.')
            && !agents.contains(&agent)
        {
            agents.push(agent);
        }
    }
    agents
}

fn components<'p>(properties: &'p Properties, agent: &'p str, kind: &str) -> Vec<Component<'p>> {
    let names = properties.get(&format!("{agent}.{kind}")).map(Property::words).unwrap_or_default();
    names.into_iter().map(|name| Component::of_agent(properties, agent, kind, name)).collect()
}

/// The port to which a sink sends events, and the topic that takes their way here.
fn link(sink: &Component<'_>) -> Option<(String, String)> {
    let passes_on = ["avro", "avrosink", "thrift", "thriftsink"].contains(&sink.kind().as_str());
    let port = sink.text("port").filter(|_| passes_on)?;
    Some((port.to_owned(), sink::own_topic(sink)))
}

/// What becomes of a property that nothing looked at.
fn unread(property: &Property) -> (Grade, String) {
    let last = property.key.rsplit('.').next().unwrap_or_default();
    let second = property.key.split('.').nth(1).unwrap_or_default();
    let is_tuning = last.to_ascii_lowercase().contains("batch")
        || ["capacity", "checkpointDir", "dataDirs", "keep-alive", "requiredAcks", "byteCapacity", "hostname"]
            .contains(&last);
    match second {
        "channels" => (Grade::Unneeded, "weir has no channels".to_owned()),
        "sinkgroups" => (Grade::Unneeded, "weir has no sink groups".to_owned()),
        _ if is_tuning || last.starts_with("transactionCapacity") => {
            (Grade::Unneeded, "weir cuts its batches by `batch`".to_owned())
        }
        _ => (Grade::Impossible, "nothing in weir does this, or it is misspelt".to_owned()),
    }
}
