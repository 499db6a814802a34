//! Several forms of which one must fit: the mistakes of the form that was probably meant.

use serde_json::Value;

use super::{
    At, Check, Findings,
    words::{a, choose, fits, kind, list, permitted, types_of},
};

impl<'s> Check<'s> {
    /// `anyOf` and `oneOf`. That two forms of a `oneOf` fit is left to the plugin.
    pub(super) fn choice(
        &mut self,
        branches: &'s [Value],
        value: &Value,
        at: At<'_>,
        depth: usize,
        found: &mut Findings,
    ) {
        let branches: Vec<&'s Value> = branches.iter().map(|branch| self.followed(branch)).collect();
        let mut tried = Vec::new();
        for branch in &branches {
            let mut mistakes = Findings::default();
            self.value(branch, value, at, depth + 1, &mut mistakes);
            if mistakes.is_empty() {
                return;
            }
            tried.push(mistakes);
        }
        let alike = |branch: &Value| {
            let Some(schema) = branch.as_object() else { return false };
            let types = types_of(schema);
            match permitted(schema) {
                Some(values) => values.iter().any(|permitted| kind(permitted) == kind(value)),
                None => types.is_empty() || types.iter().any(|wanted| fits(wanted, value)),
            }
        };
        let of_kind: Vec<usize> = (0..branches.len()).filter(|at| alike(branches[*at])).collect();
        if of_kind.is_empty() {
            let message = || format!("expected {}, found {}", forms(&branches), kind(value));
            found.push_with(|| (at.pointer(), message(), None));
            return;
        }
        // Words stand in branches of their own where each has a description.
        let words: Option<Vec<&Value>> = of_kind
            .iter()
            .map(|at| branches[*at].as_object().and_then(permitted))
            .collect::<Option<Vec<_>>>()
            .map(|all| all.into_iter().flatten().collect());
        if let Some(words) = words {
            choose(&words, value, at, found);
            return;
        }
        if let Some((message, help)) = exclude(&branches, value) {
            found.push_with(|| (at.pointer(), message, Some(help)));
            return;
        }
        let shared = |branch: &Value| {
            let properties = branch.get("properties").and_then(Value::as_object);
            let own = value.as_object();
            own.zip(properties).map_or(0, |(own, known)| own.keys().filter(|key| known.contains_key(*key)).count())
        };
        let best = of_kind.into_iter().min_by_key(|at| (std::cmp::Reverse(shared(branches[*at])), tried[*at].count()));
        found.append(best.map(|at| tried.swap_remove(at)).unwrap_or_default());
    }

    /// The schema that a bare reference stands for.
    fn followed(&self, mut schema: &'s Value) -> &'s Value {
        for _ in 0..16 {
            match schema.get("$ref").and_then(|target| self.target(target)) {
                Some(target) => schema = target,
                None => break,
            }
        }
        schema
    }
}

/// Where each form is a table of one key, and several of these keys stand in one.
fn exclude(branches: &[&Value], value: &Value) -> Option<(String, String)> {
    let own = value.as_object()?;
    let mut keys = Vec::new();
    for schema in branches.iter().filter_map(|branch| branch.as_object()) {
        if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
            let mut names = properties.keys();
            let (Some(key), None) = (names.next(), names.next()) else { return None };
            keys.push(key);
        }
    }
    let quoted: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
    let all: Vec<&str> = quoted.iter().map(String::as_str).collect();
    let there = keys.iter().zip(&all).filter(|(key, _)| own.contains_key(**key));
    let together: Vec<&str> = there.map(|(_, quoted)| *quoted).collect();
    (together.len() > 1).then(|| {
        let message = format!("{} stand together, and one of them is needed", together.join(" and "));
        (message, format!("write one key only: {}", list(&all)))
    })
}

/// What the forms are: `"keep", "drop" or a table`.
fn forms(branches: &[&Value]) -> String {
    let mut names: Vec<String> = Vec::new();
    for schema in branches.iter().filter_map(|branch| branch.as_object()) {
        let more: Vec<String> = match permitted(schema) {
            Some(values) => values.iter().filter(|value| !value.is_null()).map(ToString::to_string).collect(),
            None => types_of(schema).into_iter().filter(|ty| *ty != "null").map(|ty| a(ty).to_owned()).collect(),
        };
        for name in more {
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    if names.is_empty() { "something else".to_owned() } else { list(&names) }
}
