//! Results as the XML that JUnit made and that CI systems read.

use std::fmt::Write as _;

use super::test::Ran;

/// One test suite.
pub(super) fn report(suite: &str, all: &[Ran]) -> String {
    let failures = all.iter().filter(|ran| ran.failure.is_some()).count();
    let mut xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
    // Writing into a String cannot fail.
    let _ = writeln!(
        xml,
        "<testsuite name=\"{}\" tests=\"{}\" failures=\"{failures}\" errors=\"0\" skipped=\"0\">",
        escaped(suite),
        all.len()
    );
    for ran in all {
        let (class, name, seconds) = (escaped(&ran.file), escaped(&ran.name), ran.took.as_secs_f64());
        let _ = write!(xml, "  <testcase classname=\"{class}\" name=\"{name}\" time=\"{seconds:.3}\"");
        match &ran.failure {
            None => xml.push_str("/>\n"),
            Some(failure) => {
                let _ = writeln!(xml, ">\n    <failure>{}</failure>\n  </testcase>", escaped(failure));
            }
        }
    }
    xml.push_str("</testsuite>\n");
    xml
}

/// Text for content and attributes. What XML 1.0 has no way to say becomes U+FFFD.
fn escaped(text: &str) -> String {
    let mut xml = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => xml.push_str("&amp;"),
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '"' => xml.push_str("&quot;"),
            '\n' | '\t' => xml.push(character),
            _ if character.is_control() || matches!(character, '\u{fffe}' | '\u{ffff}') => xml.push('\u{fffd}'),
            _ => xml.push(character),
        }
    }
    xml
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_report_escapes_what_xml_cannot_say() {
        let ran = Ran {
            file: "a".to_owned(),
            name: "\"<&>\"".to_owned(),
            took: Duration::from_millis(1500),
            failure: Some("line\nwith \u{1b}[31m".to_owned()),
        };
        let expected = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
            <testsuite name=\"p\" tests=\"1\" failures=\"1\" errors=\"0\" skipped=\"0\">\n  \
            <testcase classname=\"a\" name=\"&quot;&lt;&amp;&gt;&quot;\" time=\"1.500\">\n    \
            <failure>line\nwith \u{fffd}[31m</failure>\n  </testcase>\n</testsuite>\n";
        assert_eq!(report("p", &[ran]), expected);
    }
}
