//! Checks the config and turns it into a plan.

use weir_sdk::{
    Effects, Input, Mistake, Plan,
    dates::{Pattern, PatternMistake},
    header_mistake, json_pointer_mistake, pointer,
};

use crate::{
    Fixer,
    config::{Config, From, Reference, Source},
    source, span,
    unit::Unit,
    window::Window,
};

/// Makes the interceptor and its plan.
///
/// # Errors
///
/// Every mistake of the config.
pub(crate) fn build(config: Config) -> Result<(Fixer, Plan), Vec<Mistake>> {
    let mut mistakes = Vec::new();
    let input = input(&config.from, &mut mistakes);
    let unit = unit(&config, &mut mistakes);
    let window = Window {
        ahead: duration(config.max_ahead.as_deref(), "max_ahead", &mut mistakes),
        behind: duration(config.max_behind.as_deref(), "max_behind", &mut mistakes),
    };
    headers(&config, &mut mistakes);
    let (Some(input), Some(unit), true) = (input, unit, mistakes.is_empty()) else {
        return Err(mistakes);
    };
    let mut plan = Plan::new()
        .effects(Effects::TIMESTAMP)
        .header_names([&config.set_header, &config.keep_original].into_iter().flatten());
    let said = plan.column(input);
    let reference = plan.column(match config.reference {
        Reference::Record => Input::timestamp(),
        Reference::Received => Input::received(),
    });
    let fixer = Fixer {
        said,
        reference,
        // The record's own timestamp need not be written over itself.
        reference_is_record: config.reference == Reference::Record,
        unit,
        window,
        keep_original: config.keep_original,
        set_header: config.set_header,
    };
    Ok((fixer, plan))
}

/// Where the client's time is read from.
fn input(from: &From, mistakes: &mut Vec<Mistake>) -> Option<Input> {
    let input = match (&from.header, &from.json, &from.capture) {
        (Some(name), None, None) => {
            mistakes.extend(header_mistake(name).map(|wrong| Mistake::new(pointer!("from", "header"), wrong)));
            Input::header(name.as_str())
        }
        (None, Some(member), None) => {
            if let Some(message) = json_pointer_mistake(member) {
                mistakes.push(Mistake::new(pointer!("from", "json"), message));
            }
            looked_for_in(Input::json(member.as_str()), from.source.as_ref())
        }
        (None, None, Some(pattern)) => {
            let group = from.group.unwrap_or_else(|| source::default_group(pattern));
            looked_for_in(Input::capture(pattern.as_str(), group), from.source.as_ref())
        }
        _ => {
            let message = "says where the client's time stands by exactly one of `header`, `json` and `capture`";
            mistakes.push(Mistake::new(pointer!("from"), message));
            return None;
        }
    };
    if from.group.is_some() && from.capture.is_none() {
        mistakes.push(Mistake::new(pointer!("from", "group"), "goes with `capture` only; leave it out"));
    }
    if from.source.is_some() && from.header.is_some() {
        mistakes.push(Mistake::new(pointer!("from", "source"), "goes with `json` and `capture` only; leave it out"));
    }
    Some(input)
}

fn looked_for_in(input: Input, source: Option<&Source>) -> Input {
    match source {
        None | Some(Source::Value) => input,
        Some(Source::Key) => input.of_key(),
        Some(Source::Header(name)) => input.of_header(name.as_str()),
    }
}

fn unit(config: &Config, mistakes: &mut Vec<Mistake>) -> Option<Unit> {
    if let Some(word) = Unit::word(&config.unit) {
        if config.zone.is_some() {
            let message = format!("goes with a strftime format only, and `unit` is `{}`; leave it out", config.unit);
            mistakes.push(Mistake::new(pointer!("zone"), message));
        }
        return Some(word);
    }
    if !config.unit.contains('%') {
        let message = format!(
            "`{}` is not a unit; write auto, s, ms, us, ns, rfc3339, or a strftime format such as \"%Y-%m-%d %H:%M:%S\"",
            config.unit
        );
        mistakes.push(Mistake::new(pointer!("unit"), message));
        return None;
    }
    match Pattern::new(&config.unit, config.zone.as_deref().unwrap_or("UTC")) {
        Ok(pattern) => Some(Unit::Pattern(pattern)),
        Err(PatternMistake::Zone(message)) => {
            mistakes.push(Mistake::new(pointer!("zone"), message));
            None
        }
        Err(PatternMistake::Format(message)) => {
            mistakes.push(Mistake::new(pointer!("unit"), message));
            None
        }
    }
}

fn duration(text: Option<&str>, key: &str, mistakes: &mut Vec<Mistake>) -> Option<i64> {
    match span::milliseconds(text?) {
        Ok(ms) => Some(ms),
        Err(message) => {
            mistakes.push(Mistake::new(pointer!(key), message));
            None
        }
    }
}

fn headers(config: &Config, mistakes: &mut Vec<Mistake>) {
    for (key, name) in [("keep_original", &config.keep_original), ("set_header", &config.set_header)] {
        let wrong = name.as_deref().and_then(header_mistake);
        mistakes.extend(wrong.map(|wrong| Mistake::new(pointer!(key), wrong)));
    }
    if config.keep_original.is_some() && config.keep_original == config.set_header {
        let message = "is the header that `set_header` writes; choose another name";
        mistakes.push(Mistake::new(pointer!("keep_original"), message));
    }
}
