//! What is extracted from every document.

/// Expressions and the groups that are wanted of them.
pub(crate) const PATTERNS: [(&str, &[u32]); 40] = [
    // Literal, group, literal; of these some wait for the name of a JSON object.
    (r#""a":"(.+?)""#, &[1]),
    (r#""a":(\d+)"#, &[0, 1]),
    (r#""a":(-?\d+)"#, &[1]),
    (r#""a":"([^"\\]*)""#, &[1]),
    (r#""a":"x(.*?)y"#, &[1]),
    (r#""ab":"(.*?)""#, &[1]),
    (r#""ab":"x(.+?)"b"#, &[1]),
    (r#""ab":"(.{2,}?)""#, &[1]),
    (r#""id":(\d{2,})"#, &[1]),
    (r#""b":([^,}]+)"#, &[1]),
    (r#""b":"(\w+)"#, &[1]),
    (r#""user_id":(\d+)"#, &[1]),
    (r#"a":"(.+?)""#, &[1]),
    (r#"\\"a":(\d+)"#, &[1]),
    (r#""b":\{"a":"(.+?)""#, &[1]),
    (r#""é":"(?P<name>[^"]+)""#, &[0, 1]),
    (r#"é([^"é\n]+)é"#, &[1]),
    (r#"aa(.*?)a"#, &[0, 1]),
    (r#"x(\s*)y"#, &[1]),
    (r#"a(\d*)"#, &[1]),
    (r#"a(?s:(.+?))b"#, &[1]),
    (r#"1([\d٠-٩]+)"#, &[1]),
    // The regex crate's: no literal before, several groups, such that may not take part, assertions, flags.
    (r#"(\d+)"#, &[1]),
    (r#"(.+)"#, &[1]),
    (r#""id":"?(\d+)"#, &[1]),
    (r#""a"\s*:\s*"(.+?)""#, &[1]),
    (r#""(a|ab)":(?:(\d+)|"(.*?)")"#, &[0, 1, 2, 3]),
    (r#"a(b)?(x)?"#, &[2, 0, 1]),
    (r#"a(.+)b"#, &[1]),
    (r#"a((?-u:.)+?)b"#, &[1]),
    (r#"(?i)"A":"(.+?)""#, &[1]),
    (r#"^\{"a":(\d*)"#, &[1]),
    (r#"(\d)\}$"#, &[1]),
    (r#"(?m)^(.*?)$"#, &[0, 1]),
    (r#"\b(x\w*)\b"#, &[1]),
    (r#"(?-u:\xFF)(.?)"#, &[1]),
    // The whole match alone; matches of nothing.
    (r#""a":"(.+?)" "#, &[0]),
    (r#"x+\d"#, &[0]),
    (r#"x*"#, &[0]),
    ("", &[0]),
];

/// RFC 6901 pointers.
pub(crate) const POINTERS: [&str; 20] = [
    "", "/a", "/ab", "/b", "/b/a", "/a/0", "/b/1/a", "/id", "/user_id", "/", "/~0", "/~1", "/~01", "/é", "/x\"a",
    "/\0", "/a/a/a/a", "/a/00", "/0/0", "/a//b",
];
