//! What was found, for people and as JSON.

use std::{fmt::Write as _, time::Duration};

use serde_json::{Value, json};

use super::cost::Cost;
use crate::{
    abi::{Description, Plan},
    cli::plan_text::{self, printable},
    wasm::{Anatomy, Form, Warning, WasiImport},
};

/// Everything about a plugin.
pub(super) struct Report {
    pub(super) file: String,
    pub(super) bytes: usize,
    pub(super) sha256: String,
    pub(super) anatomy: Anatomy,
    pub(super) wasi: Vec<WasiImport>,
    pub(super) description: Description,
    /// With the code from the cache, where it is there.
    pub(super) loaded_in: Duration,
    /// To make an instance and to configure it.
    pub(super) set_up_in: Duration,
    /// Bytes of linear memory, configured; none where the config is wrong, as with all below.
    pub(super) memory: Option<usize>,
    pub(super) plan: Option<Plan>,
    /// Pointer and message.
    pub(super) mistakes: Vec<(String, String)>,
    pub(super) warnings: Vec<Warning>,
    pub(super) cost: Option<Cost>,
}

impl Report {
    /// A label and a value a line.
    pub(super) fn text(&self) -> String {
        let Description { name, version, summary, config_schema } = &self.description;
        let mut text = format!("{}\n", printable(&format!("{name} {version}: {summary}")));
        line(&mut text, "file", &[format!("{}, {} KiB, {}", self.file, self.bytes.div_ceil(1 << 10), self.form())]);
        line(&mut text, "sha256", std::slice::from_ref(&self.sha256));
        line(&mut text, "interface", &["weir:interceptor@0.1.0".to_owned()]);
        line(&mut text, "made with", &self.producers());
        line(&mut text, "WASI", &self.wasi_lines());
        line(&mut text, "loads in", &[format!("{:.0?}, and starts in {:.1?}", self.loaded_in, self.set_up_in)]);
        if let (Some(plan), Some(memory)) = (&self.plan, self.memory) {
            line(&mut text, "reads", &plan_text::inputs(plan));
            line(&mut text, "may change", &plan_text::effects(plan));
            line(&mut text, "memory", &[format!("{} KiB, configured", memory >> 10)]);
        }
        match &self.cost {
            Some(Cost::Measured { call, record }) => {
                let told = format!("{call} a call and {record} a record, of records with the same short cells");
                line(&mut text, "instructions", &[told]);
            }
            Some(Cost::Faulted(fault)) => line(&mut text, "instructions", &[format!("not measured: {fault}")]),
            None => {}
        }
        let mistakes: Vec<String> =
            self.mistakes.iter().map(|(pointer, message)| format!("{pointer}: {message}")).collect();
        line(&mut text, "mistakes", &mistakes);
        line(&mut text, "warnings", &self.warnings.iter().map(Warning::to_string).collect::<Vec<_>>());
        line(&mut text, "config schema", &pretty(config_schema).lines().map(str::to_owned).collect::<Vec<_>>());
        text
    }

    /// One object, with a line feed behind it.
    pub(super) fn json(&self) -> String {
        let Description { name, version, summary, config_schema } = &self.description;
        let imports = |refused: bool| {
            let imports = self.wasi.iter().filter(|import| import.is_refused == refused);
            imports.map(ToString::to_string).collect::<Vec<_>>()
        };
        let mistakes = self.mistakes.iter().map(|(pointer, message)| json!({"pointer": pointer, "message": message}));
        let warnings = self.warnings.iter().map(|one| json!({"pointer": one.pointer, "message": one.message}));
        let (call, record) = match &self.cost {
            Some(Cost::Measured { call, record }) => (Some(call), Some(record)),
            _ => (None, None),
        };
        let report = json!({
            "file": self.file,
            "bytes": self.bytes,
            "form": self.form(),
            "sha256": self.sha256,
            "interface": "weir:interceptor@0.1.0",
            "producers": self.anatomy.producers,
            "wasi": {"given": imports(false), "refused": imports(true), "hint": self.hint()},
            "name": name,
            "version": version,
            "summary": summary,
            "config_schema": serde_json::from_str(config_schema).unwrap_or(Value::String(config_schema.clone())),
            "load_seconds": self.loaded_in.as_secs_f64(),
            "start_seconds": self.set_up_in.as_secs_f64(),
            "memory_bytes": self.memory,
            "inputs": self.plan.as_ref().map(plan_text::inputs),
            "effects": self.plan.as_ref().map(plan_text::effects),
            "instructions_per_call": call,
            "instructions_per_record": record,
            "mistakes": mistakes.collect::<Vec<_>>(),
            "warnings": warnings.collect::<Vec<_>>(),
        });
        format!("{report}\n")
    }

    fn form(&self) -> &'static str {
        match self.anatomy.form {
            Form::Component => "component",
            Form::Module => "core module",
            Form::ComponentText => "text of a component",
            Form::ModuleText => "text of a core module",
        }
    }

    fn producers(&self) -> Vec<String> {
        let all = self.anatomy.producers.values().flatten();
        let names = all.map(|(name, version)| format!("{name} {version}").trim_end().to_owned());
        let mut names: Vec<String> = names.collect();
        names.dedup();
        if names.is_empty() { vec!["not told".to_owned()] } else { names }
    }

    /// What is given, and what is refused with what helps.
    fn wasi_lines(&self) -> Vec<String> {
        let refused = plan_text::refused_imports(&self.wasi);
        let given = match self.wasi.len() {
            0 => "none".to_owned(),
            _ if refused.is_empty() => "inert answers to all that it imports".to_owned(),
            _ => "inert answers, but for:".to_owned(),
        };
        std::iter::once(given).chain(refused).chain(self.hint().map(str::to_owned)).collect()
    }

    /// How the plugin's own tool leaves out what is refused.
    fn hint(&self) -> Option<&'static str> {
        if !self.wasi.iter().any(|import| import.is_refused) {
            return None;
        }
        crate::wasm::leave_out_wasi(&self.anatomy)
    }
}

fn pretty(json: &str) -> String {
    let value = serde_json::from_str::<Value>(json).and_then(|value| serde_json::to_string_pretty(&value));
    value.unwrap_or_else(|_| json.to_owned())
}

/// A label and its values, one a line; nothing where there are none.
fn line(text: &mut String, label: &str, values: &[String]) {
    for (at, value) in values.iter().enumerate() {
        let label = if at == 0 { label } else { "" };
        // Writing into a String cannot fail.
        let _ = writeln!(text, "  {label:<15}{}", printable(value));
    }
}
