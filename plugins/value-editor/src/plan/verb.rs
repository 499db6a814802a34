//! What an edit does, by the key that says it.

use crate::config::EditConfig;

/// What an edit does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    Replace,
    Mask,
    Hash,
    Set,
    Remove,
    Rename,
    Keep,
    Take,
}

impl Verb {
    pub(super) const ALL: [Self; 8] =
        [Self::Replace, Self::Mask, Self::Hash, Self::Set, Self::Remove, Self::Rename, Self::Keep, Self::Take];

    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Replace => "replace",
            Self::Mask => "mask",
            Self::Hash => "hash",
            Self::Set => "set",
            Self::Remove => "remove",
            Self::Rename => "rename",
            Self::Keep => "keep",
            Self::Take => "take",
        }
    }

    pub(super) fn is_in(self, edit: &EditConfig) -> bool {
        match self {
            Self::Replace => edit.replace.is_some(),
            Self::Mask => edit.mask.is_some(),
            Self::Hash => edit.hash.is_some(),
            Self::Set => edit.set.is_some(),
            Self::Remove => edit.remove.is_some(),
            Self::Rename => edit.rename.is_some(),
            Self::Keep => edit.keep.is_some(),
            Self::Take => edit.take.is_some(),
        }
    }

    /// The keys beside it that belong to other edits, each with those.
    pub(super) fn misplaced_keys(self, edit: &EditConfig) -> Vec<(&'static str, &'static [Self])> {
        let known: [(&'static str, bool, &'static [Self]); 10] = [
            ("with", edit.with.is_some(), &[Self::Replace, Self::Mask]),
            ("json", edit.json.is_some(), &[Self::Replace]),
            ("all", edit.all.is_some(), &[Self::Replace]),
            ("dialect", edit.dialect.is_some(), &[Self::Replace]),
            ("keep_first", edit.keep_first.is_some(), &[Self::Mask]),
            ("keep_last", edit.keep_last.is_some(), &[Self::Mask]),
            ("key", edit.key.is_some(), &[Self::Hash]),
            ("to", edit.to.is_some(), &[Self::Rename, Self::Set]),
            ("to_json", edit.to_json.is_some(), &[Self::Set]),
            ("from", edit.from.is_some(), &[Self::Set]),
        ];
        let strange = known.into_iter().filter(|(_, is_there, owners)| *is_there && !owners.contains(&self));
        strange.map(|(key, _, owners)| (key, owners)).collect()
    }
}
