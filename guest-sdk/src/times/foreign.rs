//! Other systems' date formats, recognized and translated: Java (Flume, Connect, Logstash, Elasticsearch), moment, .NET,
//! Go (Telegraf, Promtail), Ruby (Fluentd), Fluent Bit, MySQL, and their words for counts since the epoch.

mod go;
mod percent;
#[cfg(test)]
mod tests;
#[cfg(feature = "dates")]
mod words;

#[cfg(feature = "dates")]
pub(super) use words::foreign_unit;

/// Says what to write instead of a date format of another system; none where the format is none of those.
///
/// It is for every place where a strftime format stands, also where times are written.
pub fn foreign_format(format: &str) -> Option<String> {
    let (kind, translation) = if let Some(joda) = format.strip_prefix("%{+").and_then(|rest| rest.strip_suffix('}')) {
        ("Joda date pattern", weir_rules::strftime_of_joda(joda).ok())
    } else if format.contains('%') {
        return percent::advice(format);
    } else if let Some(translation) = go::translation(format) {
        ("Go layout", Some(translation))
    } else {
        let pattern = weir_rules::date_pattern(format)?;
        (pattern.kind, pattern.format)
    };
    Some(match translation {
        Some(translation) => format!("`{format}` is a {kind}; a strftime format stands here: `{translation}`"),
        None => format!("`{format}` is a {kind}; a strftime format stands here, such as `%Y-%m-%d %H:%M:%S`"),
    })
}
