//! Widespread transforms of others than Apache Kafka.

use super::{
    chain::Chain,
    condition,
    topics::regex_router,
    transform::{Side, Transform},
};
use crate::import::{report::Grade, template, toml_text::Item};

pub(super) fn add(chain: &mut Chain, transform: &Transform<'_>) -> Result<(), String> {
    match transform.class {
        // Debezium.
        "ByLogicalTableRouter" => regex_router(chain, transform, ["topic.regex", "topic.replacement"]),
        "ExtractNewRecordState" => {
            let at = chain.pointer("after", false)?;
            let part = Item::table([("json", Some(at.into()))]);
            chain.edit(transform.alias, [("take", Some(part))]);
            let text = "value-editor takes `after`; records of deletes and `add.fields`, `add.headers` are not made";
            transform.say(Grade::Differs, text);
            Ok(())
        }
        // Confluent.
        "TombstoneHandler" => {
            let condition = Item::table([("value", Some(true.into())), ("null", Some(true.into()))]);
            chain.pipeline.push("filter", transform.alias, [("drop", condition)]);
            transform.say(Grade::Translated, "filter drops tombstones, and counts them");
            Ok(())
        }
        "Filter" => condition::filter(chain, transform),
        "ExtractTopic" if transform.side != Side::Key => {
            let field = transform.text("field").ok_or("it has no `field`")?;
            chain.topic = chain.member(field, true)?;
            transform.say(Grade::Translated, "the member is the topic");
            Ok(())
        }
        _ if transform.class == "ExtractTopic$Header" => {
            let field = transform.text("field").ok_or("it has no `field`")?;
            chain.topic = template::header(field).ok_or("a template cannot name this header")?;
            transform.say(Grade::Translated, "the header is the topic");
            Ok(())
        }
        _ => Err("a class of its own: write it as a plugin, one screen in your language (docs/plugins.md)".to_owned()),
    }
}
