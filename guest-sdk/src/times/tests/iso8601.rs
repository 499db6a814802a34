use super::{ms, read};

#[test]
fn days_and_clocks_are_read_in_every_form() {
    let expected = ms("2023-11-14T22:13:20Z");
    for day in ["2023-11-14", "20231114", "2023-W46-2", "2023W462", "2023-w46-2", "2023-318", "2023318"] {
        assert_eq!(read("iso8601", "UTC", day), Some(ms("2023-11-14T00:00:00Z")), "{day}");
        for separator in ["T", "t", " "] {
            for offset in
                ["", "Z", "z", "+00:00", "+0000", "+00", "-00:00", " +0000", " Z", "Z[UTC]", "+00:00[Europe/London]"]
            {
                for (clock, less) in [
                    ("22:13:20", 0),
                    ("221320", 0),
                    ("22:13", -20_000),
                    ("2213", -20_000),
                    ("22", -800_000),
                    ("22:13:20.123", 123),
                    ("22:13:20,123", 123),
                    ("221320,1239", 123),
                    ("22:13:20.000999999999999", 0),
                    ("00:00", -80_000_000),
                    ("24:00", 6_400_000),
                    ("240000,000", 6_400_000),
                ] {
                    let text = format!("{day}{separator}{clock}{offset}");
                    assert_eq!(read("iso8601", "UTC", &text), Some(expected + less), "{text}");
                }
            }
        }
    }
}

#[test]
fn the_offset_counts_more_than_the_zone() {
    let shanghai = |text| read("iso8601", "Asia/Shanghai", text);
    assert_eq!(shanghai("2023-11-15T06:13:20"), Some(1_700_000_000_000));
    assert_eq!(shanghai("2023-11-15 06:13:20,5"), Some(1_700_000_000_500));
    assert_eq!(shanghai("2023-11-14T22:13:20Z"), Some(1_700_000_000_000));
    assert_eq!(shanghai("2023-11-14T17:13:20-05"), Some(1_700_000_000_000));
    assert_eq!(shanghai("2023-11-15"), Some(ms("2023-11-14T16:00:00Z")));
    assert_eq!(shanghai("2023-11-14T24:00"), Some(ms("2023-11-14T16:00:00Z")));
    let berlin = |text| read("iso8601", "Europe/Berlin", text);
    assert_eq!(berlin("2024-03-31T02:30"), Some(ms("2024-03-31T01:30:00Z")));
    assert_eq!(berlin("2024-10-27T02:30"), Some(ms("2024-10-27T00:30:00Z")));
    assert_eq!(berlin("2024-10-26T24:00"), Some(ms("2024-10-26T22:00:00Z")));
}

#[test]
fn a_leap_second_is_the_last_of_a_month_in_utc() {
    let last = read("iso8601", "UTC", "2016-12-31T23:59:59Z");
    for text in ["2016-12-31T23:59:60Z", "20161231T235960", "2017-01-01 08:59:60+0900"] {
        assert_eq!(read("iso8601", "UTC", text), last, "{text}");
    }
    assert_eq!(read("iso8601", "Asia/Tokyo", "2017-01-01T08:59:60"), last);
    assert_eq!(read("iso8601", "UTC", "2016-12-31T22:59:60Z"), None);
    assert_eq!(read("iso8601", "Asia/Tokyo", "2016-12-31T23:59:60"), None);
}

#[test]
fn what_is_no_such_time_is_unreadable() {
    for text in [
        "",
        "2023",
        "2023-11",
        "202311",
        "2023-1114",
        "202311-14",
        "2023-11-14T",
        "2023-11-14T22:1",
        "2023-11-14T2213:20",
        "2023-11-14T22:13:20.",
        "2023-11-14T22:13.5",
        "2023-11-14T24:00:01",
        "2023-11-14T24:01",
        "2023-11-14T25:00",
        "2023-11-14T22:60",
        "2023-11-14T22:13:61",
        "2023-11-14T22:13:20+8",
        "2023-11-14T22:13:20+24:00",
        "2023-11-14T22:13:20+08:60",
        "2023-11-14T22:13:20  Z",
        "2023-11-14T22:13:20 ",
        "2023-11-14T22:13:20Z[",
        "2023-11-14T22:13:20Z[]",
        "2023-11-14T22:13:20[Asia/Tokyo]",
        "2023-11-14T22:13:20Zx",
        "2023-11-14X22:13:20",
        "2023-02-29",
        "2023-366",
        "2023-000",
        "2023-W53-1",
        "2023-W46-0",
        "2023-W46-8",
        "2023-11-1a",
        "+2023-11-14",
        "1700000000123",
        "1700000000",
        "Tue, 14 Nov 2023 22:13:20 GMT",
    ] {
        // The only one with white space at its end, which is ignored.
        let expected = (text == "2023-11-14T22:13:20 ").then_some(1_700_000_000_000);
        assert_eq!(read("iso8601", "UTC", text), expected, "{text}");
    }
}

#[test]
fn the_first_and_the_last_day_do_no_harm() {
    assert_eq!(read("iso8601", "UTC", "9999-12-31T24:00Z"), Some(253_402_300_800_000));
    assert_eq!(read("iso8601", "UTC", "9999-12-31T23:59:59-23:59"), Some(253_402_300_799_000 + 86_340_000));
    for text in ["9999-12-31T24:00", "9999-12-31T23:59:59", "0000-01-01", "0000-01-01T00:00+23:59", "0000-W01-1"] {
        read("iso8601", "UTC", text);
        read("iso8601", "Pacific/Apia", text);
    }
    assert_eq!(read("iso8601", "UTC", "1969-12-31T23:59:59.999"), None);
}
