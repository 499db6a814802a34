//! Files in another notation than TOML.

use std::path::Path;

/// What to say of a text that is no TOML because it is something else: what it is, and what to do. None where it seems to
/// be meant as TOML.
pub(super) fn of(path: &Path, text: &str) -> Option<(&'static str, String)> {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    let text = text.trim_start_matches('\u{feff}');
    let mut lines =
        text.lines().map(str::trim_end).filter(|line| !line.trim().is_empty() && !line.starts_with(['#', '!']));
    let first = lines.next()?;
    let example =
        "[kafka]\nbrokers = \"localhost:9092\"\n\n[pipelines.NAME]\nfrom = [\"topic\"]\ngroup = \"…\"\nto = \"…\"";
    if first.trim_start().starts_with('{') {
        let help = match text.contains("connector.class") {
            true => format!("`weir import connect FILE` translates a connector; a pipeline is\n{example}"),
            false => format!("tables stand in brackets, and keys before `=`:\n{example}"),
        };
        return Some(("JSON", help));
    }
    if first.starts_with('<') {
        return Some(("XML", format!("write\n{example}")));
    }
    if matches!(extension, "yaml" | "yml") || first == "---" || is_yaml(first) {
        return Some((
            "YAML",
            format!("tables stand in brackets instead of being indented, and `=` stands for `:`:\n{example}"),
        ));
    }
    let all: Vec<&str> = std::iter::once(first).chain(lines).collect();
    if extension == "properties" || (all.iter().all(|line| is_property(line)) && all.iter().any(|line| has_dots(line)))
    {
        let flume = all.iter().any(|line| line.contains(".sources") || line.contains(".channels"));
        let help = match flume {
            true => format!("`weir import flume FILE` translates an agent; a pipeline is\n{example}"),
            false => format!("strings stand in quotation marks, and tables in brackets:\n{example}"),
        };
        return Some(("a properties file", help));
    }
    None
}

/// `key:` or `key: value`.
fn is_yaml(line: &str) -> bool {
    let Some((key, rest)) = line.split_once(':') else { return false };
    let is_key = !key.is_empty() && key.chars().all(|letter| letter.is_alphanumeric() || "_-.\"' ".contains(letter));
    is_key && (rest.is_empty() || rest.starts_with(' ')) && !key.contains('=')
}

/// `key=value`, where the key may have dots.
fn is_property(line: &str) -> bool {
    let Some((key, _)) = line.split_once('=') else { return false };
    let key = key.trim();
    !key.is_empty() && key.chars().all(|letter| letter.is_ascii_alphanumeric() || "_-.$".contains(letter))
}

fn has_dots(line: &str) -> bool {
    line.split_once('=').is_some_and(|(key, _)| key.contains('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_notation_is_known_by_its_looks() {
        let told = |name: &str, text: &str| of(Path::new(name), text).map(|(what, _)| what);
        assert_eq!(told("weir.yaml", "kafka:\n  brokers: x\n"), Some("YAML"));
        assert_eq!(told("weir.toml", "# weir\nkafka:\n  brokers: x\n"), Some("YAML"));
        assert_eq!(told("weir.toml", "---\na: 1\n"), Some("YAML"));
        assert_eq!(told("c.json", "{\n  \"name\": \"x\"\n}"), Some("JSON"));
        assert_eq!(told("c", "\u{feff}bootstrap.servers=localhost:9092\n# x\ngroup.id=g\n"), Some("a properties file"));
        assert_eq!(told("a.conf", "a1.sources = r1\na1.sources.r1.type = netcat\n"), Some("a properties file"));
        assert_eq!(told("a.xml", "<configuration>"), Some("XML"));
        assert_eq!(told("weir.toml", "[kafka]\nbrokers = localhost\n"), None);
        assert_eq!(told("weir.toml", "a.b = 1\n[kafka]\nbrokers = x\n"), None);
        assert_eq!(told("weir.toml", "# nothing\n"), None);
    }
}
