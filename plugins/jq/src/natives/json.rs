//! `fromjson`, with a bound on how deep the text may be.

use std::fmt;

use jaq_core::{
    Cv, Exn, ValXs,
    box_iter::box_once,
    native::{Fun, run, v},
};
use jaq_json::{Error, Val, read};

use super::Data;
use crate::read::is_deep;

pub(super) fn functions() -> Vec<Fun<Data>> {
    vec![run(("fromjson", v(0), |cv: Cv<'_, Data>| from_json(cv.1)))]
}

/// As jaq's own: one output for each document of the text.
fn from_json<'a>(value: Val) -> ValXs<'a, Val> {
    let fail = |why: &dyn fmt::Display| Exn::from(Error::str(format_args!("cannot parse {value} as JSON: {why}")));
    let text = match value.try_as_utf8_bytes_owned() {
        Ok(text) => text,
        Err(error) => return box_once(Err(Exn::from(error))),
    };
    if is_deep(&text) {
        return box_once(Err(fail(&"nested deeper than 128 levels")));
    }
    let mut outputs = Vec::new();
    for document in read::parse_many(&text) {
        let output = document.map_err(|error| fail(&error));
        let ends = output.is_err();
        outputs.push(output);
        if ends {
            break;
        }
    }
    Box::new(outputs.into_iter())
}
