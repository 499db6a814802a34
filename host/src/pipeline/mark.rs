//! What weir writes beside a committed offset: `DIGEST topic=ID from=HASH`, each where it is known.

use crate::endpoint::TopicId;

/// The metadata of a committed offset. Of an older weir's there is the digest only, of another program's nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Mark {
    /// The generation that the records below the offset went through; none where the offset is a beginning.
    pub(super) digest: Option<String>,
    /// The topic that the offset is of, whatever its name stands for by now.
    pub(super) topic: Option<TopicId>,
    /// What the group was subscribed to, as [`subscription`] has it.
    pub(super) from: Option<String>,
}

impl Mark {
    /// Reads what stands beside an offset; words that it does not know are passed over.
    pub(super) fn parse(metadata: &str) -> Self {
        let mut mark = Self::default();
        for word in metadata.split_ascii_whitespace() {
            match word.split_once('=') {
                Some(("topic", id)) => mark.topic = id.parse().ok(),
                Some(("from", from)) => mark.from = Some(from.to_owned()),
                Some(_) => {}
                None => mark.digest = Some(word.to_owned()),
            }
        }
        mark
    }

    /// As it stands beside an offset.
    pub(super) fn to_metadata(&self) -> String {
        let topic = self.topic.map(|id| format!("topic={id}"));
        let from = self.from.as_ref().map(|from| format!("from={from}"));
        let words: Vec<String> = [self.digest.clone(), topic, from].into_iter().flatten().collect();
        words.join(" ")
    }
}

/// A short name for the sources that a pipeline names, the same in every process (FNV-1a).
pub(super) fn subscription(from: &[String]) -> String {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in from.iter().flat_map(|name| name.bytes().chain([0])) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    format!("{hash:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes_and_what_an_older_weir_or_somebody_else_wrote() {
        let topic = TopicId::new(1, 2);
        let whole = Mark { digest: Some("0a1b".into()), topic, from: Some(subscription(&["in".into()])) };
        assert_eq!(Mark::parse(&whole.to_metadata()), whole);
        let beginning = Mark { digest: None, ..whole };
        assert_eq!(Mark::parse(&beginning.to_metadata()), beginning);
        assert_eq!(Mark::parse("0a1b"), Mark { digest: Some("0a1b".into()), ..Mark::default() });
        assert_eq!(Mark::parse("topic=nonsense later=word"), Mark::default());
        assert_eq!(Mark::parse(""), Mark::default());
    }
}
