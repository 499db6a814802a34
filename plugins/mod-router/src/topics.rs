//! The buckets' topics, from their template.

use weir_sdk::{Mistake, topic_mistake};

const MOST: u32 = 65_536;

/// The topics in the order of the buckets. Where the template or the number is wrong, the mistakes are added.
pub(crate) fn names(template: &str, buckets: u32, mistakes: &mut Vec<Mistake>) -> Vec<String> {
    if !(1..=MOST).contains(&buckets) {
        mistakes.push(Mistake::new("/buckets", format!("{buckets} buckets: write a number from 1 to {MOST}")));
    }
    let parts = match parts(template) {
        Ok(None) if buckets > 1 => Err("names one topic only: write `{bucket}` or `{bucket:02}` in it".to_owned()),
        other => other,
    };
    let parts = match parts {
        Ok(parts) if mistakes.is_empty() => parts,
        other => {
            mistakes.extend(other.err().map(|wrong| Mistake::new("/topic", wrong)));
            return Vec::new();
        }
    };
    let name = |bucket: u32| match parts {
        Some((head, width, tail)) => format!("{head}{bucket:0width$}{tail}"),
        None => template.to_owned(),
    };
    // The last bucket has the longest name.
    mistakes.extend(topic_mistake(&name(buckets - 1)).map(|wrong| Mistake::new("/topic", wrong)));
    (0..buckets).map(name).collect()
}

/// What stands before the bucket, how many digits it has at least, and what stands after it; `None` without a bucket.
fn parts(template: &str) -> Result<Option<(&str, usize, &str)>, String> {
    let Some((head, rest)) = template.split_once('{') else {
        return if template.contains('}') { Err("has a `}` without a `{`".to_owned()) } else { Ok(None) };
    };
    let Some((field, tail)) = rest.split_once('}') else { return Err("has a `{` without a `}`".to_owned()) };
    if head.contains('}') || tail.contains(['{', '}']) {
        return Err("has more braces than those of one `{bucket}`".to_owned());
    }
    let digits = match field.split_once(':') {
        None if field == "bucket" => Some(0),
        Some(("bucket", width)) => {
            let digits = width.strip_prefix('0').and_then(|digits| digits.parse().ok());
            digits.filter(|digits| (1..=9).contains(digits))
        }
        _ => None,
    };
    match digits {
        Some(digits) => Ok(Some((head, digits, tail))),
        None => Err(format!("`{{{field}}}`: write `{{bucket}}`, or with leading zeros `{{bucket:02}}`")),
    }
}
