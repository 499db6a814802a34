use super::{Config, ms};

fn tell(units: &[&str], text: impl AsRef<[u8]>) -> Option<(usize, i64)> {
    Config { units, ..Config::default() }.reader().unwrap().read(text.as_ref(), None)
}

#[test]
fn the_first_unit_that_reads_a_text_has_the_answer() {
    let units = ["rfc3339", "%Y-%m-%d %H:%M:%S,%f", "ms", "ms-be"];
    assert_eq!(tell(&units, "2019-07-11T12:00:00Z"), Some((0, 1_562_846_400_000)));
    assert_eq!(tell(&units, "2019-07-11 12:00:00,123"), Some((1, 1_562_846_400_123)));
    assert_eq!(tell(&units, " 1562832000123 "), Some((2, 1_562_832_000_123)));
    assert_eq!(tell(&units, 1_562_832_000_123_i64.to_be_bytes()), Some((3, 1_562_832_000_123)));
    assert_eq!(tell(&units, "junk"), None);
    assert_eq!(tell(&["%d/%m/%Y", "%m/%d/%Y"], "03/04/2023"), Some((0, ms("2023-04-03T00:00:00Z"))));
    assert_eq!(tell(&["%d/%m/%Y", "%m/%d/%Y"], "03/14/2023"), Some((1, ms("2023-03-14T00:00:00Z"))));
    assert_eq!(tell(&["iso8601", "s"], "20231114"), Some((0, ms("2023-11-14T00:00:00Z"))));
    assert_eq!(tell(&["s", "iso8601"], "20231114"), Some((0, 20_231_114_000)));
}

#[test]
fn a_time_before_the_epoch_leaves_the_text_to_the_next_unit() {
    assert_eq!(tell(&["%m/%d/%y", "%d/%m/%y"], "01/02/69"), None);
    assert_eq!(tell(&["%y%m%d", "ms"], "690101"), Some((1, 690_101)));
}

#[test]
fn thirteen_digits_have_a_short_way_only_where_no_unit_before_reads_them() {
    let usual = |units: &[&str]| Config { units, ..Config::default() }.reader().unwrap().usual();
    assert_eq!(usual(&["auto"]), Some(0));
    assert_eq!(usual(&["rfc3339", "iso8601", "us-be", "ms"]), Some(3));
    assert_eq!(usual(&["s", "ms"]), None);
    assert_eq!(usual(&["%y%m%d%H%M%S%f", "ms"]), None);
    assert_eq!(usual(&["rfc3339"]), None);
    for first in ["rfc3339", "iso8601", "us-be"] {
        for text in ["1562832000123", "2019071112345", "9999999999999"] {
            assert_eq!(tell(&[first], text), None, "{first}");
            assert_eq!(tell(&[first, "auto"], text), Some((1, text.parse().unwrap())));
        }
    }
}

#[test]
fn counts_are_read_in_their_units() {
    for (unit, text, expected) in [
        ("s", "1700000000", 1_700_000_000_000),
        ("ms", "1700000000", 1_700_000_000),
        ("us", "1700000000", 1_700_000),
        ("ns", "1700000000", 1_700),
        ("d", "18088", 1_562_803_200_000),
        ("d", "18088.25", 1_562_824_800_000),
        ("auto", "1700000000", 1_700_000_000_000),
        ("auto", " \t1700000000\r\n", 1_700_000_000_000),
        ("rfc3339", " 2023-11-14T22:13:20Z ", 1_700_000_000_000),
        ("s", "0", 0),
        ("rfc3339", "1970-01-01T00:00:00Z", 0),
    ] {
        assert_eq!(tell(&[unit], text), Some((0, expected)), "{unit} {text}");
    }
    for (unit, text) in
        [("auto", "1700 000000"), ("s", "-1"), ("ns", "-1"), ("d", "-0.1"), ("rfc3339", "1969-12-31T23:59:59.999Z")]
    {
        assert_eq!(tell(&[unit], text), None, "{unit} {text}");
    }
}

#[test]
fn bytes_are_read_as_they_are_with_white_space_at_their_ends() {
    let time = i64::from_be_bytes(*b"\0\0\x01\x8b\xcf\xe5\x64\x20");
    assert_eq!(tell(&["auto"], time.to_be_bytes()), Some((0, time)));
    assert_eq!(tell(&["ms-be"], time.to_be_bytes()), Some((0, time)));
    assert_eq!(tell(&["s-be"], 1_700_000_000_i32.to_be_bytes()), Some((0, 1_700_000_000_000)));
    assert_eq!(tell(&["us-be"], 1_700_000_000_123_456_i64.to_be_bytes()), Some((0, 1_700_000_000_123)));
    assert_eq!(tell(&["ns-be"], 1_700_000_000_123_456_789_i64.to_be_bytes()), Some((0, 1_700_000_000_123)));
    assert_eq!(tell(&["d-be"], 18_088_i32.to_be_bytes()), Some((0, 1_562_803_200_000)));
    assert_eq!(tell(&["ms-be"], (-1_i64).to_be_bytes()), None);
    assert_eq!(tell(&["ms-be"], "1700000000000"), None);
    for text in ["tomorrow", "12:34:56", "\u{1}short"] {
        assert_eq!(tell(&["auto"], text), None, "{text}");
    }
}
