//! The filters that programs may call: jaq's, without those that ask the machine for something, and in place of some of
//! jaq's own that come only together with such ones.

mod format;
mod json;
mod math;
mod paths;
mod regex;
mod time;

use jaq_core::{
    data::JustLut,
    load::{self, parse::Def},
    native::Fun,
};
use jaq_json::{Error, Val};

/// What programs run over.
pub(crate) type Data = JustLut<Val>;

/// Filters of jaq's own that do something beside the record. Those that ask for the time, the environment or further input do
/// not come with the parts of jaq that are used here.
const OUTSIDE: [&str; 4] = ["debug", "halt", "halt_error", "stderr"];

/// Returns the filters that are written in jq.
pub(crate) fn definitions() -> impl Iterator<Item = Def<&'static str>> {
    let own = load::parse(include_str!("prelude.jq"), |parser| parser.defs()).unwrap_or_default();
    // jaq's read any number of values out of one text.
    let of_json = jaq_json::defs().filter(|definition| !["tonumber", "toboolean"].contains(&definition.name));
    let all = jaq_core::defs().chain(jaq_std::defs()).chain(own).chain(of_json);
    all.filter(|definition| !OUTSIDE.contains(&definition.name))
}

/// Returns the filters that are written in Rust.
pub(crate) fn functions() -> impl Iterator<Item = Fun<Data>> {
    let standard = jaq_std::base_funs::<Data>().filter(|(name, ..)| !OUTSIDE.contains(name));
    let of_json = jaq_json::funs::<Data>().filter(|(name, ..)| *name != "fromjson").map(|(name, arguments, run)| {
        // jaq's says of the least 32-bit integer that it has no length but itself.
        (if name == "length" { "length_" } else { name }, arguments, run)
    });
    let own = [format::functions(), json::functions(), math::functions(), paths::functions(), regex::functions()];
    let own = own.into_iter().flatten().chain(time::functions());
    jaq_core::funs::<Data>().chain(standard).chain(of_json).chain(own)
}

/// Says what to write in place of a filter or a variable that is not there.
pub(crate) fn advice(name: &str) -> Option<&'static str> {
    Some(match name {
        "now" => "there is no clock: write `$timestamp / 1000`, or `$received / 1000` for when weir fetched the record",
        "localtime" | "strflocaltime" => "the machine's time zone is not known here: write `gmtime` or `strftime`",
        "env" | "$ENV" | "$__prog_args" | "$ARGS" => {
            "there is no environment: write the value into the program, or have a header-enricher write a header"
        }
        "input" | "inputs" => "a record has one value: write `.`",
        "input_filename" => "write `$topic`",
        "input_line_number" => "write `$offset`",
        "debug" | "stderr" => "nothing is printed: leave it out, and look at what comes out with `weir replay`",
        "halt" | "halt_error" => {
            "a program does not end weir: write `empty` to drop the record, `error` to set it aside"
        }
        "get_search_list" | "modulemeta" => "modules are the interceptor's `files`, by their names",
        "jq" => "write what stands between the shell's quotes",
        "$__loc__" => "leave it out",
        "@base32" | "@base32d" => "write `@base64` or `@base64d`",
        _ => return None,
    })
}

/// The characters of a string.
///
/// # Errors
/// It is none, or it is not UTF-8.
fn text_of(value: &Val) -> Result<String, Error> {
    let bytes = value.try_as_utf8_bytes_owned()?;
    std::str::from_utf8(&bytes).map(str::to_owned).map_err(Error::str)
}
