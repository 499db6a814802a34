//! Turns the config into edits that can run.

mod text;
mod value;
mod verb;

use weir_sdk::{Mistake, Plan, check_json_pointer, json::Pointer, part::Abilities, pointer, push_pointer};

use self::verb::Verb;
use crate::{
    change::{Change, Hmac, Mask},
    config::EditConfig,
    edit::{Edit, What},
    paths::Paths,
    pattern::Expression,
    rename::Rename,
};

/// Makes the edit number `at` ready, and adds the columns that it needs to the plan.
///
/// # Errors
/// Every mistake in it.
pub(crate) fn edit(
    at: usize,
    config: &EditConfig,
    plan: &mut Plan,
    abilities: &Abilities<'_>,
) -> Result<Edit, Vec<Mistake>> {
    let verbs: Vec<Verb> = Verb::ALL.into_iter().filter(|verb| verb.is_in(config)).collect();
    let mut draft = Draft { at, config, plan, abilities, mistakes: Vec::new() };
    let edit = match verbs.as_slice() {
        &[verb] => {
            for (key, owners) in verb.misplaced_keys(config) {
                let owners: Vec<String> = owners.iter().map(|owner| format!("`{}`", owner.key())).collect();
                let message = format!("stands beside {} only, and this edit has `{}`", owners.join(" or "), verb.key());
                draft.mistake::<()>(&[key], message);
            }
            draft.edit(verb)
        }
        [] => {
            let keys: Vec<String> = Verb::ALL.iter().map(|verb| format!("`{}`", verb.key())).collect();
            draft.mistake(&[], format!("does nothing: write one of {}", keys.join(", ")))
        }
        [first, second, ..] => {
            let both = format!("`{}` and `{}` stand together: write an edit for each", first.key(), second.key());
            draft.mistake(&[], both)
        }
    };
    match edit {
        Some(edit) if draft.mistakes.is_empty() => Ok(edit),
        _ => Err(draft.mistakes),
    }
}

struct Draft<'a> {
    at: usize,
    config: &'a EditConfig,
    plan: &'a mut Plan,
    abilities: &'a Abilities<'a>,
    mistakes: Vec<Mistake>,
}

impl Draft<'_> {
    /// Where a key of this edit stands.
    fn place(&self, keys: &[&str]) -> String {
        let mut pointer = pointer!("edits", self.at);
        keys.iter().for_each(|key| push_pointer(&mut pointer, key));
        pointer
    }

    fn mistake<T>(&mut self, keys: &[&str], message: impl Into<String>) -> Option<T> {
        self.mistakes.push(Mistake::new(self.place(keys), message));
        None
    }

    fn edit(&mut self, verb: Verb) -> Option<Edit> {
        let config = self.config;
        match verb {
            Verb::Replace => self.replace(config.replace.as_deref()?),
            Verb::Mask => {
                let with = config.with.clone().unwrap_or_else(|| "*".to_owned());
                let (keep_first, keep_last) = (config.keep_first.unwrap_or(0), config.keep_last.unwrap_or(0));
                self.target("mask", config.mask.as_ref()?, Change::Mask(Mask { with, keep_first, keep_last }))
            }
            Verb::Hash => {
                let key = match config.key.as_deref() {
                    None => {
                        return self.mistake(&[], "`hash` needs a secret: write `key = { env = \"NAME\" }` beside it");
                    }
                    Some("") => return self.mistake(&["key"], "is empty: anybody could compute the hashes"),
                    Some(key) => key,
                };
                self.target("hash", config.hash.as_ref()?, Change::Hash(Box::new(Hmac::new(key.as_bytes()))))
            }
            Verb::Set => self.set(config.set.as_deref()?),
            Verb::Remove => {
                let remove = config.remove.as_deref()?;
                let pointer = self.inner(&["remove"], remove)?;
                Some(json(What::Paths(Paths::remove(pointer)), format!("nothing at `{remove}`")))
            }
            Verb::Rename => self.rename(config.rename.as_deref()?),
            Verb::Keep => {
                let pointers = config.keep.as_deref()?.iter().enumerate();
                let pointers: Vec<_> =
                    pointers.map(|(at, pointer)| self.inner(&["keep", &at.to_string()], pointer)).collect();
                let paths = Paths::keep(pointers.into_iter().collect::<Option<Vec<_>>>()?);
                Some(json(What::Paths(paths), "the value is neither an object nor an array".to_owned()))
            }
            Verb::Take => self.take(config.take.as_ref()?),
        }
    }

    fn rename(&mut self, rename: &str) -> Option<Edit> {
        let pointer = self.inner(&["rename"], rename);
        let Some(to) = self.config.to.as_deref() else {
            return self.mistake(&[], "`rename` needs the new name: write `to = \"…\"` beside it");
        };
        let pointer = pointer?;
        if pointer.tokens.last().is_some_and(|token| token.name == to) {
            return self.mistake(&["to"], "is the name that the member has already");
        }
        Some(json(What::Rename(Rename::new(pointer, to)?), format!("nothing at `{rename}`")))
    }

    /// The group that is meant: 1 if nothing is said, or 0 where there is none.
    fn group(&mut self, keys: &[&str], expression: &Expression, group: Option<usize>) -> Option<usize> {
        let groups = expression.groups();
        let group = group.unwrap_or(groups.min(1));
        if group > groups {
            let has = if groups == 0 { "none".to_owned() } else { format!("{groups} only") };
            return self.mistake(keys, format!("the expression has no group {group}: it has {has}"));
        }
        Some(group)
    }

    fn pointer(&mut self, keys: &[&str], pointer: &str) -> Option<Pointer> {
        if let Some(mistake) = check_json_pointer(pointer, &self.place(keys)) {
            self.mistakes.push(mistake);
            return None;
        }
        Some(Pointer::new(pointer))
    }

    /// A pointer that does not lead to the document itself.
    fn inner(&mut self, keys: &[&str], pointer: &str) -> Option<Pointer> {
        if pointer.is_empty() {
            return self.mistake(keys, "is the whole document: name a member, as in `/member`");
        }
        self.pointer(keys, pointer)
    }
}

/// An edit of a JSON document.
fn json(what: What, needs: String) -> Edit {
    Edit { what, needs: Some(needs), reads_json: true }
}
