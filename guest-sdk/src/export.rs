//! Makes a type that is an [`Interceptor`] the plugin of its crate.

use std::fmt::Write;

use crate::{
    Batch, Edits, Files, Interceptor, Mistake,
    bindings::types::{self, Description},
    config,
};

/// How many mistakes of a config are told one by one: what nobody reads need not be carried over.
const MISTAKES: usize = 300;

/// What a call says that comes too early.
const UNCONFIGURED: &str = "process was called before configure";

/// Makes the given [`Interceptor`] the plugin of this crate (a `cdylib`). Once a crate; natively it does nothing.
#[macro_export]
macro_rules! export {
    ($plugin:ty) => {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            ::std::thread_local! {
                static PLUGIN: ::std::cell::RefCell<::std::option::Option<$crate::export::Instance<$plugin>>> =
                    const { ::std::cell::RefCell::new(::std::option::Option::None) };
            }

            struct Component;

            impl $crate::bindings::exports::weir::interceptor::plugin::Guest for Component {
                fn describe() -> $crate::bindings::types::Description {
                    $crate::export::describe::<$plugin>()
                }

                fn configure(
                    config: ::std::string::String,
                ) -> ::std::result::Result<$crate::bindings::types::Plan, ::std::string::String> {
                    let (instance, plan) = $crate::export::configure::<$plugin>(&config)?;
                    PLUGIN.set(::std::option::Option::Some(instance));
                    ::std::result::Result::Ok(plan)
                }

                fn process(
                    batch: $crate::bindings::types::Batch,
                ) -> ::std::result::Result<$crate::bindings::types::Edits, ::std::string::String> {
                    PLUGIN.with_borrow_mut(|plugin| $crate::export::process(plugin.as_mut(), batch))
                }
            }

            impl $crate::bindings::packed::exports::weir::packed::plugin::Guest for Component {
                fn process(
                    batch: ::std::vec::Vec<u64>,
                ) -> ::std::result::Result<::std::vec::Vec<u8>, ::std::string::String> {
                    PLUGIN.with_borrow_mut(|plugin| $crate::export::process_packed(plugin.as_mut(), batch))
                }
            }

            // The only unsafe code of a plugin: the exported functions that the component model calls, generated
            // from the WIT. They take ownership of what the host wrote into this module's own memory.
    $crate::bindings::export_component!(Component with_types_in $crate::bindings);
    $crate::bindings::packed::export_packed!(Component with_types_in $crate::bindings::packed);
        };
    };
}

/// A configured plugin, and room for its answers.
#[derive(Debug)]
pub struct Instance<P> {
    plugin: P,
    edits: Edits,
}

/// Returns what `describe` returns.
pub fn describe<P: Interceptor>() -> Description {
    let schema = schemars::schema_for!(P::Config);
    Description {
        name: P::NAME.to_owned(),
        version: P::VERSION.to_owned(),
        summary: P::SUMMARY.to_owned(),
        config_schema: schema.as_value().to_string(),
    }
}

/// Returns the instance and what `configure` returns.
///
/// # Errors
/// One mistake a line.
pub fn configure<P: Interceptor>(text: &str) -> Result<(Instance<P>, types::Plan), String> {
    #[cfg(target_arch = "wasm32")]
    log_panics();
    let made = config::build(text, |config| P::new(config, &Files::default()));
    match made {
        Ok((plugin, plan)) => Ok((Instance { plugin, edits: Edits::default() }, plan.into_wit())),
        Err(mistakes) => Err(lines(&mistakes)),
    }
}

/// Leaves the text and the place of a panic in weir's log; a dead letter's message ends with what a faulted call logged last.
#[cfg(target_arch = "wasm32")]
fn log_panics() {
    std::panic::set_hook(Box::new(|panic| crate::log(crate::Level::Error, &panic.to_string())));
}

/// The first [`MISTAKES`], one a line, and how many more there are.
fn lines(mistakes: &[Mistake]) -> String {
    let mut text = String::new();
    for mistake in mistakes.iter().take(MISTAKES) {
        // Writing to a String cannot fail.
        let _infallible = writeln!(text, "{mistake}");
    }
    if let Some(more) = mistakes.len().checked_sub(MISTAKES).filter(|more| *more > 0) {
        let _infallible = writeln!(text, ": and {more} more mistakes in this config");
    }
    text
}

/// Returns what `process` returns.
///
/// # Errors
/// What the plugin said, or that it was never configured, or that it answered about rows that are not there.
pub fn process<P: Interceptor>(
    instance: Option<&mut Instance<P>>,
    batch: types::Batch,
) -> Result<types::Edits, String> {
    let instance = instance.ok_or(UNCONFIGURED)?;
    let batch = Batch::from_wit(batch);
    let mut edits = Edits::for_rows(batch.len());
    instance.plugin.process(&batch, &mut edits)?;
    edits.into_wit()
}

/// Returns what the packed `process` returns.
///
/// # Errors
/// As [`process`].
pub fn process_packed<P: Interceptor>(instance: Option<&mut Instance<P>>, batch: Vec<u64>) -> Result<Vec<u8>, String> {
    let Instance { plugin, edits } = instance.ok_or(UNCONFIGURED)?;
    let batch = Batch::from_words(batch)?;
    edits.begin(batch.len());
    plugin.process(&batch, edits)?;
    edits.pack()
}
