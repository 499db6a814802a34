//! Checks the config and turns it into a plan.

use weir_sdk::{
    Effects, Input, Level, Mistake, Plan, check_header, log, pointer,
    times::{Reader, Setup, Units},
};

use crate::{
    Fixer,
    config::{Config, Reference},
    span,
    window::Window,
};

/// Makes the interceptor and its plan.
///
/// # Errors
///
/// Every mistake of the config.
pub(crate) fn build(config: Config) -> Result<(Fixer, Plan), Vec<Mistake>> {
    let mut mistakes = Vec::new();
    let mut plan = Plan::new();
    let said = config.from.declare(&mut plan, "/from").map_err(|wrong| mistakes.extend(wrong)).ok();
    let setup = Setup {
        table: "",
        key: "unit",
        units: &config.unit,
        zone: config.zone.as_deref(),
        zones: config.zones.as_ref(),
        months: config.months.as_ref(),
    };
    let reader = Reader::new(&setup).map_err(|wrong| mistakes.extend(wrong)).ok();
    let window = Window {
        ahead: duration(config.max_ahead.as_deref(), "max_ahead", &mut mistakes),
        behind: duration(config.max_behind.as_deref(), "max_behind", &mut mistakes),
    };
    headers(&config, &mut mistakes);
    let (Some(said), Some(reader), true) = (said, reader, mistakes.is_empty()) else {
        return Err(mistakes);
    };
    warn_of_auto(&config);
    plan = plan
        .effects(Effects::TIMESTAMP)
        .header_names([&config.set_header, &config.keep_original].into_iter().flatten());
    let reference = plan.column(match config.reference {
        Reference::Record => Input::timestamp(),
        Reference::Received => Input::received(),
    });
    let fixer = Fixer {
        said,
        reference,
        // The record's own timestamp need not be written over itself.
        reference_is_record: config.reference == Reference::Record,
        reader,
        window,
        keep_original: config.keep_original,
        set_header: config.set_header,
    };
    Ok((fixer, plan))
}

/// The size of a number does not tell days from seconds, nor anything from a number that is no time.
fn warn_of_auto(config: &Config) {
    let Some(at) = config.unit.texts().iter().position(|unit| unit == "auto") else { return };
    if config.max_ahead.is_some() || config.max_behind.is_some() {
        return;
    }
    let pointer = match &config.unit {
        Units::One(_) => pointer!("unit"),
        Units::Several(_) => pointer!("unit", at),
    };
    let message = "`auto` tells the unit by the size of the number, and no window guards it: days since 1970 (18088) are taken \
                   for seconds; write the unit (\"s\", \"ms\", \"us\", \"ns\", \"d\"), or give `max_behind`";
    log(Level::Warn, &format!("{pointer}: {message}"));
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
        mistakes.extend(name.as_deref().and_then(|name| check_header(name, &pointer!(key))));
    }
    if config.keep_original.is_some() && config.keep_original == config.set_header {
        let message = "is the header that `set_header` writes; choose another name";
        mistakes.push(Mistake::new(pointer!("keep_original"), message));
    }
}
