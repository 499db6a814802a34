use proptest::prelude::*;

use super::*;

fn read(text: &str) -> Vec<(String, String, usize)> {
    let properties = Properties::parse(text).unwrap();
    properties.all().iter().map(|property| (property.key.clone(), property.value.clone(), property.line)).collect()
}

#[test]
fn a_file_is_read_as_java_reads_it() {
    for (text, key, value) in [
        ("a.b = c", "a.b", "c"),
        ("  a:c\\\\d ", "a", "c\\d"),
        ("a c d", "a", "c d"),
        ("a\t=\tc", "a", "c"),
        ("a", "a", ""),
        ("a\\ b\\=c=d=e", "a b=c", "d=e"),
        (r"a = \u0041\ud83d\ude00\t\q", "a", "A\u{1f600}\tq"),
        ("a = b,\\\n    c", "a", "b,c"),
        ("a = b\\\\\nc", "a", "b\\"),
        ("# no\\\na = b", "a", "b"),
        (r#"r = \"n\":(\\d+)"#, "r", r#""n":(\d+)"#),
    ] {
        let read = read(text);
        assert_eq!((read[0].0.as_str(), read[0].1.as_str()), (key, value), "{text}");
    }
}

#[test]
fn lines_are_those_where_a_property_begins() {
    assert_eq!(read("\u{feff}a=1\r\n\n! x\nb = 2 \\\n 3\nc=4").iter().map(|p| p.2).collect::<Vec<_>>(), [1, 4, 6]);
    let refused = Properties::parse("a=b\nc=\\u12g4").unwrap_err();
    assert_eq!(refused.to_string(), "line 2: `\\u12g4` is not four hexadecimal digits");
}

#[test]
fn the_last_of_a_name_counts_and_the_others_are_reported() {
    let properties = Properties::parse("a=1\na=2").unwrap();
    assert_eq!(properties.get("a").unwrap().value, "2");
    assert_eq!(properties.below("").count(), 1);
    let report = properties.finish(|_| (Grade::Impossible, String::new()));
    let grades: Vec<_> = report.entries.iter().map(|entry| (entry.line, entry.grade)).collect();
    assert_eq!(grades, [(1, Grade::Differs), (2, Grade::Translated)]);
}

proptest! {
    #[test]
    fn what_is_written_by_the_rules_is_read_back(key in "[a-z.]{1,9}", value in "[ -~\u{e4}\u{4e2d}]{0,20}") {
        let escaped: String = value.chars().flat_map(|letter| ['\\', letter].into_iter().skip(usize::from(letter.is_alphanumeric()))).collect();
        let properties = Properties::parse(&format!("{key} = {escaped}")).unwrap();
        prop_assert_eq!(properties.get(&key).unwrap().value.as_str(), value.trim_end());
    }

    #[test]
    fn no_text_makes_it_panic(text in any::<String>()) {
        let _ = Properties::parse(&text);
    }
}
