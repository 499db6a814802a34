//! What a plugin's bytes tell of themselves before anything of them is compiled.

use std::collections::BTreeMap;

use wasmparser::{KnownCustom, Parser, Payload, ProducersSectionReader};

use super::{LoadError, componentize};

/// Which of the forms that weir takes a plugin has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A component.
    Component,
    /// A core module, of which weir makes a component.
    Module,
    /// The text of a component.
    ComponentText,
    /// The text of a core module.
    ModuleText,
}

/// What a plugin's bytes tell of themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anatomy {
    /// Its form.
    pub form: Form,
    /// Of the `producers` sections (WebAssembly tool conventions) of all its modules: by field (`language`, `sdk`,
    /// `processed-by`) the names and their versions, which may be empty. A guest's text: it may hold anything.
    pub producers: BTreeMap<String, BTreeMap<String, String>>,
}

/// Entries of `producers` that are kept; honest plugins have a dozen.
const PRODUCERS: usize = 100;

impl Anatomy {
    /// Reads a plugin: a component, a core module, or the text of either.
    ///
    /// # Errors
    /// The bytes are none of these, or are cut off.
    pub fn of(plugin: &[u8]) -> Result<Self, LoadError> {
        let binary = componentize::to_binary(plugin)?;
        let form = match (componentize::is_module(&binary), plugin.starts_with(b"\0asm")) {
            (true, true) => Form::Module,
            (true, false) => Form::ModuleText,
            (false, true) => Form::Component,
            (false, false) => Form::ComponentText,
        };
        let mut producers: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
        let mut entries = 0;
        for payload in Parser::new(0).parse_all(&binary) {
            let Payload::CustomSection(section) = payload.map_err(componentize::broken)? else { continue };
            let KnownCustom::Producers(fields) = section.as_known() else { continue };
            // A section that is broken tells nothing and harms nobody.
            let _ = add_producers(fields, &mut producers, &mut entries);
        }
        Ok(Self { form, producers })
    }

    /// Whether one of the tools or languages is called so, in any case.
    pub fn is_made_by(&self, name: &str) -> bool {
        self.producers.values().flat_map(BTreeMap::keys).any(|known| known.eq_ignore_ascii_case(name))
    }
}

fn add_producers(
    fields: ProducersSectionReader<'_>,
    producers: &mut BTreeMap<String, BTreeMap<String, String>>,
    entries: &mut usize,
) -> wasmparser::Result<()> {
    for field in fields {
        let field = field?;
        for value in field.values {
            let value = value?;
            *entries += 1;
            if *entries > PRODUCERS {
                return Ok(());
            }
            let named = producers.entry(field.name.to_owned()).or_default();
            named.entry(value.name.to_owned()).or_insert_with(|| value.version.to_owned());
        }
    }
    Ok(())
}
