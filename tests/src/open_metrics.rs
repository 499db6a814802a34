//! A reader of OpenMetrics text, version 1.0, written after the specification and as strict as it; it shares no code with
//! what weir writes it by.

use std::collections::{BTreeMap, BTreeSet};

/// A family of metrics.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Family {
    /// Without the suffixes of its samples.
    pub name: String,
    /// counter, gauge, histogram, info and so on.
    pub kind: String,
    /// Empty where it has none.
    pub unit: String,
    /// What people are told.
    pub help: String,
    /// In order.
    pub samples: Vec<Sample>,
}

/// One sample.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// What its name has beyond the family's, such as `_total`.
    pub suffix: String,
    /// In order.
    pub labels: Vec<(String, String)>,
    /// Its value.
    pub value: f64,
}

impl Sample {
    /// The labels that tell one series of the family from another: without a histogram's `le`.
    pub fn series(&self) -> Vec<(String, String)> {
        self.labels.iter().filter(|(name, _)| self.suffix != "_bucket" || name != "le").cloned().collect()
    }
}

/// Kinds of metrics, and the suffixes that their samples may have.
const KINDS: [(&str, &[&str]); 8] = [
    ("counter", &["_total", "_created"]),
    ("gauge", &[""]),
    ("histogram", &["_bucket", "_count", "_sum", "_created"]),
    ("gaugehistogram", &["_bucket", "_gcount", "_gsum"]),
    ("summary", &["", "_count", "_sum", "_created"]),
    ("info", &["_info"]),
    ("stateset", &[""]),
    ("unknown", &[""]),
];

/// Reads a whole exposition.
///
/// # Errors
/// The first thing that the specification does not allow, with its line.
pub fn parse(text: &str) -> Result<Vec<Family>, String> {
    let body = text.strip_suffix("# EOF\n").ok_or("it does not end with `# EOF`")?;
    let mut families: Vec<Family> = Vec::new();
    for line in body.split_terminator('\n') {
        take_line(&mut families, line).map_err(|why| format!("{why}: `{line}`"))?;
    }
    let mut names = BTreeSet::new();
    for family in &families {
        if !names.insert(&family.name) {
            return Err(format!("{} stands in two places", family.name));
        }
        check_family(family).map_err(|why| format!("{}: {why}", family.name))?;
    }
    Ok(families)
}

fn take_line(families: &mut Vec<Family>, line: &str) -> Result<(), String> {
    if let Some(metadata) = line.strip_prefix("# ") {
        let mut words = metadata.splitn(3, ' ');
        let (Some(what), Some(name), Some(rest)) = (words.next(), words.next(), words.next()) else {
            return Err("no metadata".to_owned());
        };
        if families.last().is_none_or(|family| family.name != name) {
            families.push(Family { name: name.to_owned(), ..Family::default() });
        }
        let family = families.last_mut().ok_or("no family")?;
        if !family.samples.is_empty() {
            return Err("metadata after samples".to_owned());
        }
        let place = match what {
            "TYPE" => &mut family.kind,
            "UNIT" => &mut family.unit,
            "HELP" => &mut family.help,
            _ => return Err("metadata of another kind".to_owned()),
        };
        if !place.is_empty() {
            return Err("said twice".to_owned());
        }
        *place = rest.to_owned();
        return Ok(());
    }
    let end = line.find(['{', ' ']).ok_or("no sample")?;
    let (name, rest) = line.split_at(end);
    let family = families.last_mut().ok_or("a sample before all metadata")?;
    let suffix = name.strip_prefix(family.name.as_str()).ok_or("a sample of another family than the one before")?;
    let (labels, rest) = match rest.strip_prefix('{') {
        Some(rest) => labels(rest)?,
        None => (Vec::new(), rest),
    };
    let value = rest.strip_prefix(' ').ok_or("no value")?;
    let value: f64 = value.parse().map_err(|_| "a value that is no number, or something behind it")?;
    family.samples.push(Sample { suffix: suffix.to_owned(), labels, value });
    Ok(())
}

/// Labels, and what follows them.
type Labels<'a> = (Vec<(String, String)>, &'a str);

fn labels(mut rest: &str) -> Result<Labels<'_>, String> {
    let mut labels: Vec<(String, String)> = Vec::new();
    loop {
        if let Some(rest) = rest.strip_prefix('}') {
            return Ok((labels, rest));
        }
        if !labels.is_empty() {
            rest = rest.strip_prefix(',').ok_or("no comma between labels")?;
        }
        let (name, value) = rest.split_once("=\"").ok_or("a label without a value")?;
        if !is_name(name, false) {
            return Err(format!("`{name}` is not a valid label name"));
        }
        if labels.iter().any(|(known, _)| known == name) {
            return Err(format!("the label {name} twice"));
        }
        let (mut text, mut chars) = (String::new(), value.char_indices());
        rest = loop {
            match chars.next().ok_or("a label value without an end")? {
                (at, '"') => break &value[at + 1..],
                (_, '\\') => text.push(match chars.next() {
                    Some((_, 'n')) => '\n',
                    Some((_, escaped @ ('"' | '\\'))) => escaped,
                    _ => return Err("an escape that there is not".to_owned()),
                }),
                (_, other) => text.push(other),
            }
        };
        labels.push((name.to_owned(), text));
    }
}

fn is_name(name: &str, may_have_colons: bool) -> bool {
    let is_letter = |c: char| c.is_ascii_alphabetic() || c == '_' || may_have_colons && c == ':';
    name.starts_with(is_letter) && name.chars().all(|c| is_letter(c) || c.is_ascii_digit())
}

fn check_family(family: &Family) -> Result<(), String> {
    if !is_name(&family.name, true) {
        return Err("is not a valid name".to_owned());
    }
    let (_, suffixes) = KINDS.iter().find(|(kind, _)| *kind == family.kind).ok_or("has no type")?;
    if !family.unit.is_empty() && !family.name.ends_with(&format!("_{}", family.unit)) {
        return Err(format!("does not end with its unit, {}", family.unit));
    }
    let mut seen = BTreeSet::new();
    let mut histograms: BTreeMap<Vec<(String, String)>, Vec<&Sample>> = BTreeMap::new();
    for sample in &family.samples {
        let Sample { suffix, labels, value } = sample;
        if !suffixes.contains(&suffix.as_str()) {
            return Err(format!("a {} has no sample `{suffix}`", family.kind));
        }
        if !seen.insert((suffix, labels)) {
            return Err(format!("the same series twice: {labels:?}"));
        }
        match family.kind.as_str() {
            "counter" if value.is_nan() || *value < 0.0 => return Err(format!("a counter of {value}")),
            "info" if *value != 1.0 => return Err(format!("an info of {value}")),
            "histogram" => histograms.entry(sample.series()).or_default().push(sample),
            _ => {}
        }
    }
    histograms.values().try_for_each(|samples| check_histogram(samples))
}

/// Buckets rise and end with all that was counted.
fn check_histogram(samples: &[&Sample]) -> Result<(), String> {
    let (mut last, mut below) = (f64::NEG_INFINITY, 0.0);
    for bucket in samples.iter().filter(|sample| sample.suffix == "_bucket") {
        let le = bucket.labels.iter().find(|(name, _)| name == "le").ok_or("a bucket without le")?;
        let limit: f64 = le.1.parse().map_err(|_| format!("le is {}", le.1))?;
        if limit <= last || bucket.value < below {
            return Err(format!("buckets that do not rise at le {}", le.1));
        }
        (last, below) = (limit, bucket.value);
    }
    let count = samples.iter().find(|sample| sample.suffix == "_count").ok_or("no count")?;
    let has_sum = samples.iter().any(|sample| sample.suffix == "_sum");
    if last != f64::INFINITY || below != count.value || !has_sum {
        return Err(format!("the last bucket is {last} with {below}, the count {}", count.value));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "# HELP a_seconds What.\n# TYPE a_seconds histogram\n# UNIT a_seconds seconds\n\
                        a_seconds_sum{p=\"x\\\"\\n\"} 1.5\na_seconds_count{p=\"x\\\"\\n\"} 2\n\
                        a_seconds_bucket{le=\"1.0\",p=\"x\\\"\\n\"} 1\na_seconds_bucket{le=\"+Inf\",p=\"x\\\"\\n\"} 2\n\
                        # TYPE b counter\nb_total 3\n# EOF\n";

    #[test]
    fn what_the_specification_allows_is_read() {
        let families = parse(GOOD).unwrap();
        assert_eq!((families.len(), families[0].samples.len()), (2, 4));
        assert_eq!(families[0].samples[2].series(), [("p".to_owned(), "x\"\n".to_owned())]);
        assert_eq!((families[1].kind.as_str(), families[1].samples[0].value), ("counter", 3.0));
    }

    #[test]
    fn what_it_does_not_allow_is_told() {
        for (old, new) in [
            ("# EOF\n", ""),
            ("b_total", "b"),
            ("b_total 3", "b_total -3"),
            ("b_total 3", "b_total 3\nb_total 4"),
            ("b_total 3", "b_total 3\n\n"),
            ("b_total 3", "b_total 3 x"),
            ("b_total 3", "b_total 3\na_seconds_created 3"),
            ("b_total 3", "b_total 3\n# HELP b What."),
            ("# TYPE b counter", "# TYPE b number"),
            ("# TYPE b counter", "# TYPE b counter\n# TYPE b counter"),
            ("# TYPE b counter\n", ""),
            ("UNIT a_seconds seconds", "UNIT a_seconds bytes"),
            ("le=\"1.0\"", "le=\"+Inf\""),
            ("{le=\"1.0\",", "{"),
            ("{le=\"1.0\",p", "{le=\"1.0\" p"),
            ("{le=\"1.0\",p", "{le=\"1.0\",le"),
            ("{le=\"1.0\",p", "{le=\"1.0\",1p"),
            ("{le=\"+Inf\",p=\"x\\\"", "{le=\"+Inf\",p=\"x\\x"),
            ("count{p=\"x\\\"\\n\"} 2", "count{p=\"x\\\"\\n\"} 3"),
        ] {
            assert!(GOOD.contains(old), "{old}");
            assert!(parse(&GOOD.replacen(old, new, 1)).is_err(), "{new} instead of {old}");
        }
    }
}
