//! Finds a plugin's bytes: built in, or in a file.

use std::{path::Path, sync::Arc};

use super::{
    Plugin,
    nearest::nearest,
    reading::{PLUGIN_LIMIT, Reading},
    tree::Node,
};

/// The plugin that `node` names, its pin checked.
pub(super) fn plugin(reading: &mut Reading, node: &Node, pin: Option<&Node>) -> Option<Plugin> {
    let name = reading.name(node, "plugin")?;
    if reading.is_given(node) {
        let help = "leave out `--no-env` where the value is there".to_owned();
        reading.warn(node.source, node.span.clone(), "which plugin this is cannot be told without its value", help);
        return None;
    }
    let (bytes, path): (Arc<[u8]>, _) = if let Some(built_in) = weir_plugins::find(&name) {
        (reading.built_in(built_in), None)
    } else if name.contains('/') {
        let (bytes, path) = reading.bytes(node, &name, PLUGIN_LIMIT)?;
        (bytes, Some(path))
    } else {
        unknown(reading, node, &name);
        return None;
    };
    let sha256 = reading.sha256(&bytes);
    if let Some(pin) = pin.filter(|pin| !reading.is_given(pin)) {
        let wanted = reading.text(pin)?;
        if !wanted.eq_ignore_ascii_case(&sha256) {
            let message = format!("`{name}` has another sha256 than the one it is pinned to");
            reading.wrong(pin, message, format!("where the plugin is the right one, write `sha256 = \"{sha256}\"`"));
            return None;
        }
    }
    Some(Plugin { name, bytes, sha256, path })
}

fn unknown(reading: &mut Reading, node: &Node, name: &str) {
    let names: Vec<&str> = weir_plugins::BUILT_INS.iter().map(|built_in| built_in.name).collect();
    let file = [".wasm", ".wat"].iter().any(|extension| name.ends_with(extension));
    let help = if file {
        format!("a path begins with `./`: write \"./{name}\"")
    } else if let Some(name) = nearest(name, names.iter().copied()) {
        format!("did you mean \"{name}\"? A path begins with `./`")
    } else {
        format!("built in: {}; a path begins with `./`", names.join(", "))
    };
    reading.wrong(node, format!("there is no plugin `{name}`"), help);
}

/// What a plugin is called where nobody named it: a path without folders and ending.
pub(super) fn short_name(name: &str) -> &str {
    Path::new(name).file_stem().and_then(|stem| stem.to_str()).filter(|_| name.contains('/')).unwrap_or(name)
}
