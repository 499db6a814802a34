//! What is refused, and what is warned of.

#![allow(clippy::unwrap_used, reason = "tests")]

use super::{Dialect, Reader, check, translate, warnings};

#[track_caller]
fn refused(dialect: Dialect, pattern: &str, says: &[&str]) {
    let refusal = translate(pattern, dialect).unwrap_err();
    let text = refusal.to_string();
    assert!(!text.contains('\n'), "{text}");
    for wanted in says {
        assert!(text.contains(wanted), "{pattern}: {text}");
    }
}

#[test]
fn what_rust_has_not_is_named_with_its_place_and_a_way_out() {
    let rust = |pattern, says: &[&str]| refused(Dialect::Rust, pattern, says);
    rust(r"(?<=userId=)(\d+)", &["`(?<=userId=)` at character 1", "look-behind", r"`userId=(\d+)`"]);
    rust(r"(\d+)(?=px)", &["`(?=px)` at character 6", "look-ahead", "`(…)px`"]);
    rust("a(?!b)", &["`(?!b)`", "negative look-ahead"]);
    rust("é(?<!b)", &["`(?<!b)` at character 2", "negative look-behind"]);
    rust(r"(a)\1", &[r"`\1` at character 4", "back-reference"]);
    rust(r"(?<n>a)\k<n>", &[r"`\k`", "back-reference"]);
    rust(r"^\Qa.b\E=(\d+)", &[r"`\Q` at character 2", r"`a\.b`"]);
    rust(r"^(\d+)\Z", &[r"`\Z` at character 7", r"\r?\n?\z"]);
    rust(r"^(?>\d+)-", &["`(?>` at character 2", "atomic", "(?:…)"]);
    rust(r"\h+", &[r"`\h`", r"[ \t]"]);
    rust(r"\R", &[r"`\R`"]);
    rust(r"\Ka", &[r"`\K`", "group"]);
    rust(r"(?(1)a|b)", &["`(?(`", "condition"]);
    rust(r"\((?1)\)", &["`(?1`", "recursion"]);
    rust(r"(?|a|b)", &["`(?|`"]);
    rust(r"(?#note)a", &["`(?#`", "comment"]);
    rust("%{WORD:user} a", &["`%{WORD:user}` at character 1", "Grok", r"`(?P<user>\S+)`"]);
    rust("a %{NUMBER}", &["`%{NUMBER}` at character 3", "Grok"]);
    rust("*.log", &["`*` at character 1", "`.*`"]);
    rust("(a", &["`(` at character 1", r"`\(`"]);
    rust("a)", &["`)` at character 2"]);
    rust("[a", &["`[` at character 1"]);
    rust("a{2,1}", &["{2,1}", "lesser first"]);
    rust(r"\p{javaLowerCase}", &[r"`\p{javaLowerCase}`"]);
    rust(r"\p{Gr}", &[r"`\p{Gr}`"]);
    rust("(?z)a", &["`z` at character 3"]);
    rust("\\", &["`\\` at character 1"]);
}

#[test]
fn java_is_named_where_it_reads_what_rust_does_not() {
    for pattern in [r"\Qa\E", r"a\Z", r"\h", r"(?>a)", r"\R", r"\p{javaLowerCase}", r"\e"] {
        assert!(translate(pattern, Dialect::Rust).unwrap_err().is_java, "{pattern}");
        assert!(translate(pattern, Dialect::Java).is_ok(), "{pattern}");
    }
    for pattern in ["(?=a)", r"(a)\1", r"\K", r"\X", "%{WORD}", "(", r"\p{Gr}"] {
        assert!(!translate(pattern, Dialect::Rust).unwrap_err().is_java, "{pattern}");
        assert!(translate(pattern, Dialect::Java).is_err(), "{pattern}");
    }
}

#[test]
fn what_java_has_and_linear_time_has_not_is_refused() {
    let java = |pattern, says: &[&str]| refused(Dialect::Java, pattern, says);
    java(r"(?<=userId=)(\d+)", &["look-behind", r"`userId=(\d+)`"]);
    java(r"(a)\1", &[r"`\1` at character 4"]);
    java(r"(?<n>a)\k<n>", &[r"`\k<n>`", "back-reference"]);
    java(r"\w++\w", &[r"`\w++` at character 1", "possessive"]);
    java(r"\w*+\B", &[r"`\w*+`", "possessive"]);
    java(r"x(?>a|ab)c", &["`(?>a|ab)` at character 2", "atomic"]);
    java("(a*)*", &["`(a*)*`", "each round takes something"]);
    java(r"id=(\d+)(&|$)", &["`$` at character 12", "(?:…)"]);
    java(r"a$\s", &["`$` at character 2", r"\z"]);
    java("[[:alpha:]]", &["`[[:alpha:]]`", r"`\p{Alpha}`"]);
    java("[a-z&&[b]c]", &["versions of Java"]);
    java("a**", &["repeated twice"]);
    java("^*", &["a place is repeated"]);
    java(r"\y", &["no such escape"]);
    java("(?q)", &["no such group or flag"]);
    java("%{WORD:user}", &["Grok"]);
    java(r"\uD83D", &["half a surrogate pair"]);
    java("[z-a]", &["no range"]);
    refused(Dialect::Java, &"(".repeat(200), &["within each other"]);
    refused(Dialect::Java, &"[".repeat(200), &["within each other"]);
}

#[test]
fn java_is_put_into_rusts_words() {
    let is = |pattern: &str, expected: &str| assert_eq!(translate(pattern, Dialect::Java).unwrap(), expected);
    is(r"user=(\w+)", "user=([0-9A-Za-z_]+)");
    is(r"\Qa.b\E=(?<n>\d{2,})", r"a\.b=(?P<n>[0-9]{2,})");
    is("(?i)aé1(?-i)b", "[aA]é1b");
    is("a(?x) b # c\n+", "ab+");
    is("[^,]*+,", "(?-u:[^\\x2C])*,");
    is(r"(?>\d+)-", r"(?:[0-9]+)\-");
    is(r"\R", r"(?:\r\n|[\n-\r\x{85}\x{2028}\x{2029}])");
    is("(?m)^a$", "(?Rm:^)a(?Rm:$)");
    is("[a-z&&[^b]]", "[[[a-z]&&[[^b]]]]");
}

#[test]
fn what_is_surely_not_meant_is_said() {
    let says = |pattern, wanted: &str| {
        let said = warnings(pattern, Dialect::Rust, Reader::Extractor);
        assert!(said.len() == 1 && said[0].contains(wanted), "{pattern}: {said:?}");
    };
    says(r"userId=(\\d+)", r"`\d`");
    says(r"(\\w+):(\\d+)", r"`\w`");
    says("[:alpha:]+", "`[[:alpha:]]`");
    says(r"\d++", r"`\d+`");
    says(r"(\d)++", r"`(\d)+`");
    says("x[a]b]{2}+", "`]{2}+`");
    says(r"é\p{L}?+", r"`\p{L}?`");
    says("(?:a(b))*+c", "write `(?:a(b))*`");
    says("/err/i", "`(?i)err`");
    says(r"/^a\/\d+$/", r"`^a/\d+$`");
    says("a^b", "can never match");
    says("a$b", "can never match");
    says("(x$)(y)", "can never match");
    says("[a&&b]", "can never match");
    for pattern in [
        r#""sceneId":\s*"((?:[^"\\]|\\.)*)""#,
        r"C:\\data",
        r"\d+",
        "^$",
        "^a$",
        "(^|,)a($|,)",
        "[[:alpha:]]",
        r"\[:a:\]",
        "(a+)+",
        r"a\++",
        "[*+]+",
        "[]+*]+",
        "a*?b+",
        "(?x) a+ # in C++",
        "{a}+",
        "/health/",
        "/api/v1/",
        "/a/b/i",
        "/",
        "//",
        "^a|b$",
        "(?m)a$\n^b",
        "a*^b",
        r"\\",
    ] {
        assert_eq!(warnings(pattern, Dialect::Rust, Reader::Extractor), <[String; 0]>::default(), "{pattern}");
    }
    assert_eq!(warnings(r"(\d++)\w(\\d)", Dialect::Java, Reader::Extractor).len(), 1);
    assert_eq!(warnings(r"a$b", Dialect::Java, Reader::Extractor).len(), 1);
}

#[test]
fn advice_names_what_its_reader_has() {
    let ways = |pattern, reader| check(pattern).unwrap_err().ways_out(Dialect::Rust, reader).to_owned();
    for pattern in ["a(?=b)", "a(?!b)", "(?<=a)b", "(?<!a)b", r"(a)\1", r"(?<n>a)\k<n>"] {
        assert_eq!(ways(pattern, Reader::Extractor), "; `engine = \"backtracking\"` reads it");
        assert!(ways(pattern, Reader::Part).contains("a regex-extractor above with `engine = \"backtracking\"`"));
        assert_eq!(ways(pattern, Reader::Other), "");
        let java = translate(pattern, Dialect::Java).unwrap_err().ways_out(Dialect::Java, Reader::Extractor);
        assert!(java.contains("backtracking"), "{pattern}");
    }
    assert_eq!(ways(r"\Qa\E", Reader::Extractor), "; `dialect = \"java\"` reads it");
    assert_eq!(ways(r"\Qa\E", Reader::Part), "; `dialect = \"java\"` reads it");
    assert!(ways(r"\Qa\E", Reader::Plugin).contains("a regex-extractor above with `dialect = \"java\"`"));
    assert!(warnings("a++", Dialect::Rust, Reader::Extractor)[0].contains("`dialect = \"java\"`"));
    assert!(warnings("a++", Dialect::Rust, Reader::Part)[0].contains("`dialect = \"java\"`"));
    let others = warnings("a++", Dialect::Rust, Reader::Plugin);
    assert!(others.len() == 1 && others[0].contains("write `a+`") && !others[0].contains("dialect"), "{others:?}");
}
