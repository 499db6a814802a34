//! Connect's ReplaceField: members are taken out, kept and renamed.

use super::{
    chain::Chain,
    jq::{self, Program, quote_text},
    transform::{Side, Transform},
};
use crate::import::{properties::Property, report::Grade};

pub(super) fn replace_field(chain: &mut Chain, transform: &Transform<'_>) -> Result<(), String> {
    let excluded = transform.either(["exclude", "blacklist"]).map(Property::list).unwrap_or_default();
    let kept = transform.either(["include", "whitelist"]).map(Property::list).unwrap_or_default();
    let renames = Renames::read(&transform.get("renames").map(Property::list).unwrap_or_default())?;
    let ordered = renames.in_order();
    let (Side::Value, Some(ordered)) = (transform.side, ordered) else {
        replace_by_program(&excluded, &kept, &renames.pairs).add(chain, transform)?;
        jq::say_edits(transform, renames.what_differs());
        return Ok(());
    };
    for field in excluded {
        let pointer = chain.pointer(field, false)?;
        chain.edit(transform.alias, [("remove", Some(pointer.into()))]);
    }
    if !kept.is_empty() {
        if chain.is_wrapped() {
            let text =
                "`include` would take the schema away that stands beside the payload: write values without schemas";
            return Err(text.to_owned());
        }
        let pointers = kept.iter().map(|field| chain.pointer(field, false)).collect::<Result<_, _>>()?;
        chain.edit(transform.alias, [("keep", Some(pointers))]);
    }
    for (from, to) in ordered {
        let pointer = chain.pointer(from, false)?;
        chain.edit(transform.alias, [("rename", Some(pointer.into())), ("to", Some(to.into()))]);
    }
    let grade = if renames.what_differs().is_empty() { Grade::Translated } else { Grade::Differs };
    transform.say(grade, format!("value-editor removes, keeps and renames the members{}", renames.what_differs()));
    Ok(())
}

/// All of it at once, as Connect does.
fn replace_by_program(excluded: &[&str], kept: &[&str], renames: &[(&str, &str)]) -> Program {
    let list = |fields: &[&str]| fields.iter().map(|field| quote_text(field)).collect::<Vec<_>>().join(", ");
    let mut steps = vec!["to_entries".to_owned()];
    if !excluded.is_empty() {
        steps.push(format!("map(select(.key | IN({}) | not))", list(excluded)));
    }
    if !kept.is_empty() {
        steps.push(format!("map(select(.key | IN({})))", list(kept)));
    }
    if !renames.is_empty() {
        let pairs: Vec<String> =
            renames.iter().map(|(from, to)| format!("{}: {}", quote_text(from), quote_text(to))).collect();
        steps.push(format!("map(.key |= (. as $old | {{{}}}[$old] // $old))", pairs.join(", ")));
    }
    steps.push("from_entries".to_owned());
    Program::of_object("ReplaceField", &[], &steps)
}

/// Old names, each with its new one.
struct Renames<'p> {
    pairs: Vec<(&'p str, &'p str)>,
    /// Whether two old names have one new name.
    has_double_target: bool,
}

impl<'p> Renames<'p> {
    /// Of an old name that stands twice, the last counts, as in Connect.
    fn read(written: &[&'p str]) -> Result<Self, String> {
        let mut pairs: Vec<(&str, &str)> = Vec::new();
        for pair in written {
            let [from, to] = pair.split(':').map(str::trim).collect::<Vec<_>>()[..] else {
                return Err(format!("`{pair}` is not `old:new`"));
            };
            if to.is_empty() {
                return Err(format!("`{pair}` is not `old:new`"));
            }
            pairs.retain(|(known, _)| *known != from);
            pairs.push((from, to));
        }
        pairs.retain(|(from, to)| from != to);
        let has_double_target =
            pairs.iter().enumerate().any(|(at, (_, to))| pairs[..at].iter().any(|(_, other)| other == to));
        Ok(Self { pairs, has_double_target })
    }

    /// In an order in which no new name is that of a member that is still to be renamed: Connect makes all renames at once,
    /// and value-editor one after the other. None where they go in a circle.
    fn in_order(&self) -> Option<Vec<(&'p str, &'p str)>> {
        let mut left = self.pairs.clone();
        let mut ordered = Vec::new();
        while !left.is_empty() {
            let is_free = |(_, to): &(&str, &str)| left.iter().all(|(from, _)| from != to);
            ordered.push(left.remove(left.iter().position(is_free)?));
        }
        Some(ordered)
    }

    fn what_differs(&self) -> &'static str {
        if self.has_double_target {
            "; of two members that get one name, the one whose rename stands last stays (Connect: either of them)"
        } else {
            ""
        }
    }
}
