#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::HashMap;

use super::*;

fn columns(key: Option<&str>, value: Option<&str>) -> Columns {
    Columns { file: "t".to_owned(), key: key.map(str::to_owned), value: value.map(str::to_owned) }
}

fn read(text: impl Into<Vec<u8>>, columns: &Columns) -> Result<Table, String> {
    Table::read(&Files::of([("t", text)]), columns)
}

/// The value of a key, as text.
fn get(table: &Table, key: &str) -> Option<String> {
    table.get(key.as_bytes()).map(|value| String::from_utf8_lossy(value).into_owned())
}

#[test]
fn the_first_column_is_the_key_and_of_two_the_other_is_the_value() {
    let table = read("country,region\nde,Europe\n\njp,Asia\nxx,\n,none", &columns(None, None)).unwrap();
    assert_eq!(get(&table, "de").unwrap(), "Europe");
    assert_eq!(get(&table, "jp").unwrap(), "Asia");
    assert_eq!(get(&table, "xx").unwrap(), "", "an empty cell is a value");
    assert_eq!(get(&table, "").unwrap(), "none");
    assert_eq!(get(&table, "country"), None, "the first line is of names");
    assert_eq!(get(&table, "d"), None);
}

#[test]
fn columns_are_chosen_by_name() {
    let text = "id,code,name,name2\n1,de,Germany,x\n2,jp,Japan,y\n";
    assert_eq!(get(&read(text, &columns(None, Some("name"))).unwrap(), "2").unwrap(), "Japan");
    assert_eq!(get(&read(text, &columns(Some("code"), Some("id"))).unwrap(), "de").unwrap(), "1");
    let known = read("id\n7\n8\n", &columns(None, Some("id"))).unwrap();
    assert_eq!((get(&known, "7").as_deref(), get(&known, "9")), (Some("7"), None), "a list of keys that are known");
    let other = read("value,key\na,1\n", &columns(Some("key"), None)).unwrap();
    assert_eq!(get(&other, "1").unwrap(), "a");
}

#[test]
fn what_spreadsheets_write_is_read() {
    let text = "\u{feff}\"key\",\"value\"\r\n\"a,b\",\"say \"\"hi\"\"\"\r\n\"two\r\nlines\",x\r\nplain,5\" pipe\r\n";
    let table = read(text, &columns(Some("key"), None)).unwrap();
    assert_eq!(get(&table, "a,b").unwrap(), "say \"hi\"");
    assert_eq!(get(&table, "two\r\nlines").unwrap(), "x");
    assert_eq!(get(&table, "plain").unwrap(), "5\" pipe");
}

#[test]
fn every_cell_that_is_quoted_is_read_as_it_is() {
    let cells =
        ["", "a", ",", "\"", "\"\"", "\n", "\r\n", "\r", "a\"b", "\"a", "a\"", " a ", "a,b\n\"c\"", "ü", "a\"\"\"b"];
    let quote = |cell: &str| format!("\"{}\"", cell.replace('"', "\"\""));
    for end in ["\n", "\r\n"] {
        for value in cells {
            let rows = cells.iter().map(|key| format!("{},{}{end}", quote(key), quote(value)));
            let text = format!("k,v{end}{}", rows.collect::<String>());
            // The last line's end may be left out.
            for text in [text.as_str(), text.strip_suffix(end).unwrap()] {
                let table = read(text, &columns(None, None)).unwrap();
                for key in cells {
                    assert_eq!(get(&table, key).as_deref(), Some(value), "{key:?} in {text:?}");
                }
            }
        }
    }
}

#[test]
fn an_object_a_line_is_a_row() {
    let text = concat!(
        "\u{feff}\n{\"key\": \"de\", \"value\": \"Eur\\u006fpe\", \"more\": [1]}\r\n",
        "{\"value\": {\"a\": 1}, \"key\": 7}\n\n{\"key\": \"none\", \"value\": null}\n{\"key\": \"without\"}\n",
        "{\"key\": \"de\", \"value\": \"Europe\"}"
    );
    let table = read(text, &columns(None, None)).unwrap();
    assert_eq!(get(&table, "de").unwrap(), "Europe");
    assert_eq!(get(&table, "7").unwrap(), "{\"a\": 1}");
    assert_eq!((get(&table, "none"), get(&table, "without")), (None, None));
    let text = "{\"user\": {\"id\": 7}, \"a/b\": \"x\"}\n";
    assert_eq!(get(&read(text, &columns(Some("/user/id"), Some("a/b"))).unwrap(), "7").unwrap(), "x");
}

#[test]
fn every_key_of_a_large_table_is_found_and_no_other() {
    let key = |number: usize| match number % 3 {
        0 => number.to_string(),
        1 => format!("user-{number:08}-x"),
        _ => "k".repeat(number % 97) + &number.to_string(),
    };
    let rows: HashMap<String, String> = (0..60_000).map(|number| (key(number), (number * 7).to_string())).collect();
    let text: String = rows.iter().map(|(key, value)| format!("{key},{value}\n")).collect();
    let table = read(format!("key,value\n{text}{text}"), &columns(None, None)).unwrap();
    for (key, value) in &rows {
        assert_eq!(get(&table, key).as_ref(), Some(value));
    }
    assert!((60_000..120_000).all(|number| get(&table, &key(number)) == rows.get(&key(number)).cloned()));
}

#[test]
fn what_is_wrong_is_told_with_the_file_the_lines_and_what_to_do() {
    let named = |key, value| columns(Some(key), Some(value));
    for (text, columns, told) in [
        (
            "",
            columns(None, None),
            "file `t`: is empty; it begins with a line of its columns' names, such as `key,value`",
        ),
        ("\n \n", columns(None, None), "file `t`: is empty"),
        ("[\n{}]", columns(None, None), "file `t`: is an array of JSON; write one object a line"),
        (
            "a,b\n1,2\n1,3\n2,2,2\n\"3\"x,1\n4\n",
            columns(None, None),
            "file `t`: line 3 gives `1` another value than line 2 does: leave one of them out; line 4 has 3 cells and line 1 has 2: put a cell with a comma in it between quotes; line 5 has text behind a closing quote: double a quote that is text; line 6 has 1 cell and",
        ),
        ("a,b\n1,\"2\n\n3,4\n", columns(None, None), "file `t`: line 2 opens a quote that is never closed: close it"),
        ("a,b\n\"1\n\n\",2\n3\n", columns(None, None), "file `t`: line 5 has 1 cell"),
        ("\"a\n", columns(None, None), "file `t`: line 1 opens a quote"),
        (
            "a,b,c\n",
            columns(None, None),
            "file `t`: line 1 names `a`, `b`, `c`: say which of them is the value, `{lookup:t:…:NAME}`",
        ),
        ("a,b\n", named("a", "c"), "file `t`: line 1 names no column `c`, but `a`, `b`"),
        ("a,b\n", named("A", "b"), "file `t`: line 1 names no column `A`, but `a`, `b`"),
        ("a,b,b\n", named("a", "b"), "file `t`: line 1 names several columns `b`: give each a name of its own"),
        (
            "a;b\n1;2\n",
            columns(None, None),
            "file `t`: line 1 names one column only: write commas between its cells, not semicolons",
        ),
        ("a\tb\n1\t2\n", columns(None, None), "commas between its cells, not tabs"),
        ("a\n1\n", columns(None, None), "a column of keys and one of values at least"),
        (
            "{\"key\":1,\"value\":1}\n{\"key\":1\n{\"value\":1}\n7\n{\"key\":null}",
            columns(None, None),
            "file `t`: line 2 is no object of JSON, one a line: the JSON breaks at byte 8, where `,` or `}` should stand; line 3 has no member `key`, or it is null: that is to be the key; line 4 has no member `key`",
        ),
        (
            "{\"key\":1,\"v\":1}\n",
            columns(None, None),
            "file `t`: no line has a member `value`: say which one is the value, `{lookup:t:…:NAME}`",
        ),
        (
            "{\"key\":1,\"value\":1}\n{\"key\":\"1\",\"value\":\"2\"}\n",
            columns(None, None),
            "file `t`: line 2 gives `1` another value than line 1 does",
        ),
    ] {
        let wrong = read(text, &columns).unwrap_err();
        assert!(wrong.contains(told), "{text:?}:\n{wrong}\n{told}");
    }
    for (bytes, told) in [
        (&b"\xff\xfea\0"[..], "is UTF-16; save it as UTF-8"),
        (b"\n\nk,v\nb\xfc,x\n", "line 4 is not UTF-8"),
        (b"k,v\n\0,x\n", "is no text"),
        (b"\n\n\na,b,c\n", "line 4 names `a`"),
        (&[b"k,v\na,", &[b'x'; 16_385][..], b"\n"].concat(), "line 2 has a value of 16385 bytes"),
    ] {
        let wrong = read(bytes, &columns(None, None)).unwrap_err();
        assert!(wrong.contains(told), "{wrong}");
    }
    let wrong = read("{\"a\": 1}\n", &columns(Some("/a~b"), None)).unwrap_err();
    assert!(wrong.contains("~0"), "{wrong}");
    let dotted = Table::read(&Files::of([("s", "")]), &Columns::of_file("r.csv")).unwrap_err();
    assert!(dotted.contains("files = { \"r.csv\" = \"./r.csv\" }"), "{dotted}");
    let missing = Table::read(&Files::of([("s", "")]), &columns(None, None)).unwrap_err();
    assert!(missing.contains("write `files = { t = \"./t.csv\" }` beside its `plugin`"), "{missing}");
}

#[test]
fn of_many_broken_lines_the_first_are_told_and_the_others_counted() {
    let text = format!("a,b\n{}", "1\n".repeat(1_000));
    let wrong = read(text, &columns(None, None)).unwrap_err();
    assert_eq!((wrong.matches("has 1 cell").count(), wrong.ends_with("; and 995 more")), (5, true), "{wrong}");
}

#[test]
fn a_value_is_appended_in_place_of_its_key() {
    let table = read("k,v\na,1\n", &columns(None, None)).unwrap();
    let append = |key: &str, is_key| {
        let mut out = b"<".to_vec();
        let appended = table.append(&mut out, |out| {
            out.extend_from_slice(key.as_bytes());
            is_key
        });
        (appended, String::from_utf8(out).unwrap())
    };
    assert_eq!(append("a", true), (true, "<1".to_owned()));
    assert_eq!(append("b", true), (false, "<".to_owned()));
    assert_eq!(append("a", false), (false, "<".to_owned()));
}
