//! Java's dialect beside Java itself.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, reason = "tests")]

mod generate;
mod oracle;

use std::env;

use generate::Random;
use oracle::{Found, ask};
use regex::bytes::Regex;
use weir_rules::pattern::{Dialect, translate, translate_whole};

/// Pairs of a pattern and a text in an ordinary run; `WEIR_JAVA_PAIRS` says another number.
const PAIRS: usize = 6_000;
const TEXTS_EACH: usize = 4;

fn pairs() -> usize {
    env::var("WEIR_JAVA_PAIRS").ok().and_then(|text| text.parse().ok()).unwrap_or(PAIRS)
}

fn seed() -> u64 {
    env::var("WEIR_JAVA_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(17)
}

/// What the translated pattern finds: the whole match first.
fn find(pattern: &str, whole: u32, text: &[u8]) -> Found {
    let captures = Regex::new(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}")).captures(text)?;
    let groups = captures.iter().skip(whole as usize);
    Some(groups.map(|group| group.map(|group| format!("{}..{}", group.start(), group.end()))).collect())
}

/// What is documented to differ: lines that end by what is beyond ASCII, and a line's beginning at the very end.
fn is_alike(pattern: &str, text: &str) -> bool {
    let has_lines =
        pattern.split("(?").skip(1).any(|flags| flags.split([':', ')']).next().unwrap_or_default().contains('m'));
    !has_lines
        || !(text.is_empty() || text.ends_with(['\n', '\r']) || text.contains(['\u{85}', '\u{2028}', '\u{2029}']))
}

/// Whether a piece in parentheses is repeated.
fn repeats_a_group(pattern: &str) -> bool {
    [")*", ")+", "){", ")?+"].iter().any(|repeated| pattern.contains(repeated)) && pattern.matches('(').count() > 1
        || [")?+", ")*+", ")++", "}+"].iter().any(|repeated| pattern.contains(repeated))
}

#[test]
fn groups_and_spans_are_those_of_java() {
    let mut random = Random(seed());
    let mut questions = Vec::new();
    let mut refused = std::collections::BTreeMap::<String, usize>::new();
    while questions.len() * TEXTS_EACH < pairs() {
        let pattern = generate::pattern(&mut random);
        match translate(&pattern, Dialect::Java) {
            Ok(text) if Regex::new(&text).is_err() => panic!("{pattern}: {text}: {}", Regex::new(&text).unwrap_err()),
            Ok(_) => {
                let text = |_| loop {
                    let text = generate::text(&mut random);
                    if is_alike(&pattern, &text) {
                        return text.into_bytes();
                    }
                };
                let texts = (0..TEXTS_EACH).map(text).collect();
                questions.push((pattern, texts));
            }
            Err(refusal) => {
                let text = refusal.to_string();
                let kind = text.rsplit_once("character ").map_or(text.as_str(), |(_, why)| why);
                let kind = kind.trim_start_matches(|c: char| c.is_ascii_digit());
                *refused.entry(kind.chars().take(60).collect()).or_default() += 1;
            }
        }
    }
    let mut different = Vec::new();
    let (mut matched, mut compared, mut stale) = (0, 0, 0);
    for ((pattern, texts), java) in questions.iter().zip(ask(&questions, "spans")) {
        let Some(java) = java else {
            // Under `(?x)`, Java does not read a blank behind `&`.
            if pattern.contains("(?x") && pattern.contains('&') {
                continue;
            }
            different.push(format!("{pattern:?}: Java refuses it"));
            continue;
        };
        let translated = translate(pattern, Dialect::Java).unwrap();
        let whole = translate_whole(pattern);
        for (text, java) in texts.iter().zip(java) {
            compared += 1;
            matched += usize::from(java.is_some());
            // The whole match may hold the line end before which `$` stands.
            let groups = |found: Found| found.map(|groups| groups[1..].to_vec());
            if java.as_ref().is_some_and(|groups| groups[0].as_deref() == Some("split")) {
                continue;
            }
            let here = find(&translated, 0, text);
            if groups(here.clone()) != groups(java.clone()) {
                // Java leaves in groups what a round or a start that failed put there.
                if here.is_some() == java.is_some() && repeats_a_group(pattern) {
                    stale += 1;
                    continue;
                }
                let text = String::from_utf8_lossy(text);
                different.push(format!("{pattern:?} on {text:?}: Java {java:?}, here {here:?} by {translated}"));
            } else if let Ok((exact, whole)) = &whole
                && find(exact, *whole, text) != java
            {
                different.push(format!("{pattern:?} on {text:?}: Java {java:?}, the whole by {exact}"));
            }
        }
    }
    println!(
        "{compared} pairs compared, {matched} with a match, {stale} with another try's groups; refused: {refused:#?}"
    );
    different.sort_by_key(String::len);
    assert!(different.is_empty(), "{} differ:\n{}", different.len(), different[..different.len().min(30)].join("\n"));
    assert!(stale * 1000 <= compared, "{stale} of {compared} differ in groups that are repeated");
    assert!(matched * 5 > compared, "too few match to tell anything");
}

#[test]
fn bytes_that_are_no_utf_8_are_characters_as_in_java() {
    let patterns = [
        "name=(.*)",
        "name=(.+?) ",
        "([^,]+),",
        "(a.*)",
        "^(.*)$",
        "x (.+)",
        "(?s)(.*)1",
        "name=([^ ,]*)",
        "b(.?)(.*)$",
        r"(\S+)\s",
    ];
    let mut random = Random(seed());
    let texts = |_| (0..pairs() / 60).map(|_| generate::foreign(&mut random)).collect::<Vec<_>>();
    let texts: Vec<Vec<Vec<u8>>> = patterns.iter().map(texts).collect();
    let questions: Vec<_> = patterns.iter().map(|pattern| (*pattern).to_owned()).zip(texts).collect();
    for ((pattern, texts), java) in questions.iter().zip(ask(&questions, "texts")) {
        let regex = Regex::new(&translate(pattern, Dialect::Java).unwrap()).unwrap();
        for (text, java) in texts.iter().zip(java.unwrap()) {
            let here = regex.captures(text).map(|captures| {
                let decoded = |bytes: &[u8]| {
                    base64::Engine::encode(
                        &base64::engine::general_purpose::STANDARD,
                        String::from_utf8_lossy(bytes).as_bytes(),
                    )
                };
                captures.iter().map(|group| group.map(|group| decoded(group.as_bytes()))).collect::<Vec<_>>()
            });
            assert_eq!(
                here.map(|groups| groups[1..].to_vec()),
                java.map(|groups| groups[1..].to_vec()),
                "{pattern} on {}",
                text.escape_ascii()
            );
        }
    }
}

#[test]
fn properties_hold_what_they_hold_in_java() {
    let names = [
        "L",
        "Lu",
        "Ll",
        "Lt",
        "Lm",
        "Lo",
        "M",
        "Mn",
        "N",
        "Nd",
        "Nl",
        "No",
        "Z",
        "Zs",
        "P",
        "Pc",
        "Pd",
        "S",
        "Sc",
        "Sm",
        "Cc",
        "Cf",
        "LC",
        "LD",
        "L1",
        "all",
        "ASCII",
        "Alnum",
        "Alpha",
        "Blank",
        "Cntrl",
        "Digit",
        "Graph",
        "Lower",
        "Print",
        "Punct",
        "Space",
        "Upper",
        "XDigit",
        "javaLowerCase",
        "javaUpperCase",
        "javaTitleCase",
        "javaAlphabetic",
        "javaIdeographic",
        "javaDigit",
        "javaLetter",
        "javaLetterOrDigit",
        "javaJavaIdentifierStart",
        "javaJavaIdentifierPart",
        "javaIdentifierIgnorable",
        "javaSpaceChar",
        "javaWhitespace",
        "javaISOControl",
        "IsAlphabetic",
        "IsLowercase",
        "IsUppercase",
        "IsTitlecase",
        "IsPunctuation",
        "IsWhite_Space",
        "IsHex_Digit",
        "IsIdeographic",
        "IsLetter",
        "IsDigit",
        "IsControl",
        "IsLatin",
        "IsHan",
        "IsGreek",
        "IsL",
        "IsWord",
        "InGreek",
        "InCyrillic",
        "InCJKUnifiedIdeographs",
        "InCJK_UNIFIED_IDEOGRAPHS",
        "InBasicLatin",
        "InGreek and Coptic",
        "script=Greek",
        "sc=Cyrl",
        "block=Hebrew",
        "gc=Lu",
        "general_category=Nd",
    ];
    let flagged = [
        "\\p{Alpha}",
        "\\p{Punct}",
        "\\p{Graph}",
        "\\p{Print}",
        "\\p{Blank}",
        "\\p{Space}",
        "\\p{XDigit}",
        "\\w",
        "\\s",
        "\\d",
    ];
    let mut patterns: Vec<String> =
        names.iter().flat_map(|name| [format!(r"\p{{{name}}}"), format!(r"[^\P{{{name}}}a]")]).collect();
    patterns.extend(flagged.iter().map(|pattern| format!("(?U){pattern}")));
    patterns.extend(
        ["(?i)\\p{Lu}", "(?i)\\p{Lower}", "(?i)\\p{javaLowerCase}", "(?i)\\p{IsLowercase}", "(?iU)\\p{Upper}"]
            .map(str::to_owned),
    );
    patterns.extend([r"\h", r"\H", r"\v", r"\V", r"\s", r"\S", r"\w", r"\W", r"[\h\w&&[^a]]"].map(str::to_owned));
    // What Java 17 knows.
    let known = Regex::new(r"^\p{Age=13.0}$").unwrap();
    let mark = Regex::new(r"^\p{M}$").unwrap();
    let characters =
        (0..0x250).chain((0x250..0x3000).step_by(7)).chain((0x3000..0x2_0000).step_by(61)).filter_map(char::from_u32);
    let texts: Vec<Vec<u8>> =
        characters.map(|it| it.to_string().into_bytes()).filter(|it| known.is_match(it) || *it == b"\n").collect();
    let questions: Vec<_> = patterns.iter().map(|pattern| (pattern.clone(), texts.clone())).collect();
    for ((pattern, texts), java) in questions.iter().zip(ask(&questions, "spans")) {
        let java = java.unwrap_or_else(|| panic!("Java refuses {pattern}"));
        let regex = Regex::new(&translate(pattern, Dialect::Java).unwrap()).unwrap();
        // Unicode 14 to 16 say another thing of some marks.
        let differ = texts.iter().zip(java).filter(|(text, _)| !mark.is_match(text));
        let differ = differ.filter(|(text, java)| regex.is_match(text) != java.is_some());
        let differ: Vec<_> =
            differ.map(|(text, _)| String::from_utf8_lossy(text).escape_unicode().to_string()).collect();
        assert!(differ.is_empty(), "{pattern}: {differ:?}");
    }
}
