//! What `/status` answers, for people.

use std::fmt::Write as _;

use serde_json::Value;

const GREEN: &str = "32";
const YELLOW: &str = "33";
const RED: &str = "31";

/// The columns that stand to the left: names, states, generations.
const LEFT: [usize; 3] = [0, 1, 8];
/// Digits of a digest.
const DIGITS: usize = 8;

/// A line a pipeline; under it its dead letters by kind, its interceptors by CPU, and why it has stopped; then the last
/// reload. With `before`, an earlier answer and the seconds since, records are told by the second, else since the start.
pub(super) fn of(answer: &Value, before: Option<(&Value, f64)>, colour: bool) -> String {
    let painted = |code: &str, text: &str| if colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() };
    let pipelines = list(&answer["pipelines"]);
    let mut out = String::new();
    let ready = if answer["ready"] == true { painted(GREEN, "ready") } else { painted(RED, "not ready") };
    let up = duration(answer["uptime_seconds"].as_u64().unwrap_or_default());
    line(&mut out, &format!("weir {}, up {up}, {ready}", text(&answer["version"])));
    let (read, sent) = if before.is_some() { ("in/s", "out/s") } else { ("in", "out") };
    let mut rows: Vec<[String; 9]> =
        vec![["pipeline", "state", "lag", read, sent, "dropped", "dead", "lost", "generation"].map(str::to_owned)];
    rows.extend(pipelines.iter().map(|pipeline| row(pipeline, before)));
    let width = |at: usize| rows.iter().map(|row| row[at].chars().count()).max().unwrap_or_default();
    let widths: Vec<usize> = (0..9).map(width).collect();
    for (number, row) in rows.iter().enumerate() {
        let cells: Vec<String> = row
            .iter()
            .enumerate()
            .map(|(at, cell)| {
                let fill = " ".repeat(widths[at] - cell.chars().count());
                let code = match cell.as_str() {
                    "running" => GREEN,
                    "stopped" => RED,
                    _ => YELLOW,
                };
                let shown = if at == 1 && number > 0 { painted(code, cell) } else { cell.clone() };
                if LEFT.contains(&at) { format!("{shown}{fill}") } else { format!("{fill}{shown}") }
            })
            .collect();
        line(&mut out, cells.join("  ").trim_end());
        if let Some(pipeline) = number.checked_sub(1).and_then(|at| pipelines.get(at)) {
            details(&mut out, pipeline, before);
        }
    }
    last_reload(&mut out, &answer["last_reload"]);
    out
}

fn row(pipeline: &Value, before: Option<(&Value, f64)>) -> [String; 9] {
    let lags: Vec<i64> = list(&pipeline["partitions"]).iter().filter_map(|one| one["lag"].as_i64()).collect();
    let records = &pipeline["records"];
    let rate = |key: &str| {
        let count = records[key].as_u64().unwrap_or_default();
        let Some((old, seconds)) = before else { return count.to_string() };
        let old = list(&old["pipelines"]).iter().find(|one| one["name"] == pipeline["name"]);
        let old = old.and_then(|old| old["records"][key].as_u64()).unwrap_or_default();
        format!("{:.0}", count.saturating_sub(old) as f64 / seconds.max(0.001))
    };
    let digest = text(&pipeline["digest"]);
    let age = duration(pipeline["serving_seconds"].as_u64().unwrap_or_default());
    [
        text(&pipeline["name"]),
        text(&pipeline["state"]),
        if lags.is_empty() { "-".to_owned() } else { lags.iter().sum::<i64>().to_string() },
        rate("in"),
        rate("out"),
        records["dropped"].to_string(),
        records["dead"].to_string(),
        records["lost"].to_string(),
        format!("{} {} {age}", pipeline["generation"], digest.get(..DIGITS).unwrap_or(&digest)),
    ]
}

/// So many seconds a rebalance is worth a line.
const RECENT: u64 = 600;

/// What is worth a line of its own.
fn details(out: &mut String, pipeline: &Value, before: Option<(&Value, f64)>) {
    if let Some(reason) = pipeline["reason"].as_str() {
        line(out, &format!("  stopped: {reason}"));
    }
    for unusable in list(&pipeline["unusable_topics"]) {
        let why = match unusable["why"].as_str() {
            Some("not-readable") => "may not be read",
            Some("not-writable") => "may not be written to",
            _ => "is not there",
        };
        line(out, &format!("  topic {} {why}", text(&unusable["topic"])));
    }
    let rebalance = &pipeline["last_rebalance"];
    if let (Some(partitions), Some(ago)) = (rebalance["partitions"].as_u64(), rebalance["seconds_ago"].as_u64())
        && ago < RECENT
    {
        let partitions = if partitions == 1 { "1 partition".to_owned() } else { format!("{partitions} partitions") };
        line(out, &format!("  last rebalance: {partitions} {} {} ago", text(&rebalance["kind"]), duration(ago)));
    }
    let kinds = pipeline["records"]["dead_by_kind"].as_object();
    let kinds: Vec<String> = kinds.into_iter().flatten().map(|(kind, count)| format!("{count} {kind}")).collect();
    if !kinds.is_empty() {
        line(out, &format!("  dead letters: {}", kinds.join(", ")));
    }
    let mut spent: Vec<(f64, String)> = list(&pipeline["plugins"])
        .iter()
        .map(|plugin| {
            let total = plugin["cpu_seconds"].as_f64().unwrap_or_default();
            let Some((old, seconds)) = before else { return (total, format!("{total:.1} s")) };
            let old = list(&old["pipelines"]).iter().find(|one| one["name"] == pipeline["name"]);
            let old = old.map(|old| list(&old["plugins"])).unwrap_or_default();
            let old = old.iter().find(|one| one["interceptor"] == plugin["interceptor"]);
            let old = old.and_then(|old| old["cpu_seconds"].as_f64()).unwrap_or_default();
            let share = (total - old).max(0.0) / seconds.max(0.001);
            (share, format!("{:.0} %", share * 100.0))
        })
        .zip(list(&pipeline["plugins"]))
        .map(|((order, cpu), plugin)| (order, format!("{} {cpu}", text(&plugin["interceptor"]))))
        .collect();
    spent.sort_by(|a, b| b.0.total_cmp(&a.0));
    let spent: Vec<String> = spent.into_iter().filter(|(cpu, _)| *cpu >= 0.005).take(4).map(|(_, one)| one).collect();
    if !spent.is_empty() {
        line(out, &format!("  CPU: {}", spent.join(", ")));
    }
}

fn last_reload(out: &mut String, reload: &Value) {
    let Some(outcome) = reload["outcome"].as_str() else { return };
    let generation = reload["generation"].as_u64().map(|number| format!(", generation {number}")).unwrap_or_default();
    line(out, &format!("last reload {}: {outcome}{generation}", text(&reload["at"])));
    for word in ["swapped", "revived", "restarted", "added", "removed"] {
        let names: Vec<String> = list(&reload[word]).iter().map(text).collect();
        if !names.is_empty() {
            line(out, &format!("  {word}: {}", names.join(", ")));
        }
    }
    for one in ["reasons", "keys", "warnings"].iter().flat_map(|key| list(&reload[*key])) {
        line(out, &format!("  {}", text(one)));
    }
    if let Some(why) = reload["why"].as_str() {
        line(out, &format!("  {why}"));
    }
}

fn line(out: &mut String, text: &str) {
    // Writing to a String cannot fail.
    let _infallible = writeln!(out, "{text}");
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// `3d 4h`, `5m 6s`: the two largest units.
fn duration(seconds: u64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds}s"),
        (0, 0, _) => format!("{minutes}m {}s", seconds % 60),
        (0, ..) => format!("{hours}h {minutes}m"),
        _ => format!("{days}d {hours}h"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn answer(read: u64, cpu: f64) -> Value {
        json!({
            "version": "0.1.0", "uptime_seconds": 90_061, "ready": false,
            "pipelines": [{
                "name": "recom", "state": "stopped", "reason": "the breaker opened", "generation": 3,
                "digest": "9f2c1a2b3c4d5e6f", "serving_seconds": 125,
                "plugins": [
                    { "interceptor": "little", "cpu_seconds": 0.5 },
                    { "interceptor": "much", "cpu_seconds": cpu },
                ],
                "records": { "in": read, "out": 2 * read, "dropped": 1, "dead": 10, "lost": 0, "dead_by_kind": { "rejected": 10 } },
                "partitions": [{ "lag": 3 }, { "lag": 4 }, { "lag": null }],
                "last_rebalance": { "kind": "revoked", "partitions": 1, "seconds_ago": 62 },
                "unusable_topics": [{ "topic": "events-user", "why": "missing" }],
            }],
            "last_reload": { "outcome": "refused", "at": "2026-01-31T03:00:00Z", "reasons": ["weir.toml:7:1: no"] },
        })
    }

    #[test]
    fn once_it_tells_sums_and_why_a_pipeline_stopped() {
        let expected = "\
weir 0.1.0, up 1d 1h, not ready
pipeline  state    lag    in   out  dropped  dead  lost  generation
recom     stopped    7  1000  2000        1    10     0  3 9f2c1a2b 2m 5s
  stopped: the breaker opened
  topic events-user is not there
  last rebalance: 1 partition revoked 1m 2s ago
  dead letters: 10 rejected
  CPU: much 2.0 s, little 0.5 s
last reload 2026-01-31T03:00:00Z: refused
  weir.toml:7:1: no
";
        assert_eq!(of(&answer(1000, 2.0), None, false), expected);
        assert!(expected.lines().all(|line| line.len() <= 80));
    }

    #[test]
    fn live_it_tells_what_happens_by_the_second() {
        let shown = of(&answer(3000, 3.0), Some((&answer(1000, 2.0), 2.0)), false);
        assert!(shown.contains("recom     stopped    7  1000   2000        1"), "{shown}");
        assert!(shown.contains("CPU: much 50 %\n"), "{shown}");
        assert!(!shown.contains('\x1b') && of(&answer(1, 1.0), None, true).contains("\x1b[31mstopped\x1b[0m"));
    }
}
