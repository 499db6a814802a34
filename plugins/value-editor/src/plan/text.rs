//! Edits of a text: `replace`, `mask` and `hash`.

use weir_sdk::{
    json::Pointer,
    pattern::{Dialect, Reader, warnings},
    warn,
};

use super::Draft;
use crate::{
    change::Change,
    config::{Source, TargetConfig},
    edit::{Edit, What},
    pattern::Expression,
    replacement::{self, Replacement},
    text_edit::{Rewrite, TextEdit},
};

impl Draft<'_> {
    pub(super) fn replace(&mut self, expression: &str) -> Option<Edit> {
        let expression = self.expression(&["replace"], expression, self.config.dialect);
        let member = self.config.json.as_deref().map(|pointer| (pointer, self.pointer(&["json"], pointer)));
        let Some(with) = self.config.with.as_deref() else {
            let cure =
                "`replace` needs what comes in place of a match: write `with = \"…\"` beside it, `\"\"` for nothing";
            return self.mistake(&[], cure);
        };
        let expression = expression?;
        if let Some(warning) = replacement::warning(with, &expression) {
            warn(&self.place(&["with"]), &warning);
        }
        match Replacement::new(with, &expression) {
            Ok(with) => {
                let rewrite = Rewrite::Replace { expression, with, all: self.config.all.unwrap_or(true) };
                text_edit(member, rewrite)
            }
            Err(wrong) => self.mistake(&["with"], wrong),
        }
    }

    pub(super) fn target(&mut self, key: &str, target: &TargetConfig, change: Change) -> Option<Edit> {
        let TargetConfig { value, json, capture, group, source, dialect } = target;
        let given = [value.is_some(), json.is_some(), capture.is_some()];
        if given.iter().filter(|given| **given).count() != 1 || *value == Some(false) {
            return self.mistake(
                &[key],
                "needs exactly one of `value = true`, `json = \"/member\"` and `capture = 'expression'`",
            );
        }
        for (stray, is_there) in
            [("group", group.is_some()), ("source", *source != Source::Value), ("dialect", dialect.is_some())]
        {
            if is_there && capture.is_none() {
                self.mistake::<()>(&[key, stray], "stands beside `capture` only");
            }
        }
        let member = match (json, source) {
            (Some(pointer), _) => Some((pointer.as_str(), self.pointer(&[key, "json"], pointer))),
            (None, Source::Json(pointer)) => Some((pointer.as_str(), self.pointer(&[key, "source", "json"], pointer))),
            (None, Source::Value) => None,
        };
        let Some(capture) = capture else { return text_edit(member, Rewrite::Whole(change)) };
        let expression = self.expression(&[key, "capture"], capture, *dialect)?;
        let group = self.group(&[key, "group"], &expression, *group)?;
        text_edit(member, Rewrite::Groups { expression, group, change })
    }

    /// An expression that stands there; what is surely not meant in it is warned of.
    fn expression(&mut self, keys: &[&str], pattern: &str, dialect: Option<Dialect>) -> Option<Expression> {
        match Expression::new(pattern, dialect, Reader::Other) {
            Ok(expression) => {
                for warning in warnings(pattern, dialect.unwrap_or_default(), Reader::Other) {
                    warn(&self.place(keys), &warning);
                }
                Some(expression)
            }
            Err(wrong) => self.mistake(keys, wrong),
        }
    }
}

/// An edit of the whole value as a text, or of a member; none where the member's pointer is a mistake.
fn text_edit(member: Option<(&str, Option<Pointer>)>, rewrite: Rewrite) -> Option<Edit> {
    let (needs, member) = match member {
        Some((shown, pointer)) => (Some(format!("nothing at `{shown}`")), Some(pointer?)),
        None => (None, None),
    };
    Some(Edit { reads_json: member.is_some(), needs, what: What::Text(TextEdit { member, rewrite }) })
}
