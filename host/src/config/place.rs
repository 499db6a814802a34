//! Where a table and everything in it stands.

use std::{collections::BTreeMap, ops::Range, sync::Arc};

use weir_rules::json_pointer;

use super::{
    Config, Mistake,
    tree::{Node, Value},
};

/// A place in a configuration file, and the places of all that stands below it.
#[derive(Clone, Debug, Default)]
pub struct Place {
    /// Index into [`Config::sources`].
    pub source: usize,
    root: Spot,
}

/// A value's place. The tree follows the file's own, so that it is no larger than the file however long its keys are.
#[derive(Clone, Debug, Default)]
struct Spot {
    value: Range<usize>,
    /// An item of a list has none.
    key: Option<Range<usize>>,
    items: Vec<Spot>,
    members: BTreeMap<String, Spot>,
}

impl Place {
    /// The place of a node. What another file holds of it is left out: its bytes are others.
    pub(super) fn of(node: &Node) -> Self {
        Self { source: node.source, root: Spot::of(node, None) }
    }

    /// A mistake at what `pointer` names, or at the nearest thing around it that is known. A pointer that ends in `#`
    /// names the key, not its value.
    pub fn mistake(&self, config: &Config, pointer: &str, message: impl Into<String>, help: Option<String>) -> Mistake {
        let range = self.range(pointer);
        let at = config.sources.get(self.source).map(|source| (Arc::clone(source), range));
        Mistake { at, message: message.into(), help }
    }

    /// Whether something stands at `pointer`.
    pub fn has(&self, pointer: &str) -> bool {
        self.find(pointer).1
    }

    /// Returns the bytes of what `pointer` names, as [`Place::mistake`] takes it.
    pub(super) fn range(&self, pointer: &str) -> Range<usize> {
        let key = pointer.strip_suffix('#').and_then(|pointer| match self.find(pointer) {
            (spot, true) => spot.key.clone(),
            _ => None,
        });
        key.unwrap_or_else(|| self.find(pointer).0.value.clone())
    }

    /// The nearest spot, and whether it is the very one.
    fn find(&self, pointer: &str) -> (&Spot, bool) {
        let mut spot = &self.root;
        for part in json_pointer::parts(pointer) {
            let item = part.parse().ok().and_then(|index: usize| spot.items.get(index));
            match item.or_else(|| spot.members.get(&*part)) {
                Some(below) => spot = below,
                None => return (spot, false),
            }
        }
        (spot, pointer.is_empty() || pointer.starts_with('/'))
    }
}

impl Spot {
    fn of(node: &Node, key: Option<Range<usize>>) -> Self {
        let mut spot = Self { value: node.span.clone(), key, ..Self::default() };
        match &node.value {
            Value::List(items) => spot.items = items.iter().map(|item| Self::of(item, None)).collect(),
            Value::Table(entries) => {
                let own = entries.iter().filter(|entry| entry.node.source == node.source);
                let below = own.map(|entry| (entry.key.clone(), Self::of(&entry.node, Some(entry.key_span.clone()))));
                spot.members = below.collect();
            }
            _ => {}
        }
        spot
    }
}
