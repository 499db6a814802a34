use super::{Config, Months, ms, read};

#[test]
fn the_access_log_s_own_time_is_read() {
    assert_eq!(read("%d/%b/%Y:%H:%M:%S %z", "UTC", "17/May/2015:10:05:03 +0000"), Some(1_431_857_103_000));
    assert_eq!(read("%d/%b/%Y:%H:%M:%S %z", "Asia/Tokyo", "17/May/2015:10:05:03 -0200"), Some(1_431_864_303_000));
}

#[test]
fn the_zone_speaks_for_times_that_name_none() {
    let format = "%Y-%m-%d %H:%M:%S%.f";
    assert_eq!(read(format, "UTC", "2023-11-14 22:13:20.1239"), Some(1_700_000_000_123));
    assert_eq!(read(format, "Asia/Shanghai", "2023-11-15 06:13:20"), Some(1_700_000_000_000));
    assert_eq!(read("%F %T %Q", "UTC", "2023-11-15 06:13:20 Asia/Shanghai"), Some(1_700_000_000_000));
}

#[test]
fn an_hour_that_is_skipped_or_stands_twice_has_one_answer() {
    let berlin = |text| read("%F %R", "Europe/Berlin", text);
    assert_eq!(berlin("2024-03-31 02:30"), Some(ms("2024-03-31T01:30:00Z")));
    assert_eq!(berlin("2024-10-27 02:30"), Some(ms("2024-10-27T00:30:00Z")));
}

#[test]
fn dates_and_counts_alone_are_moments() {
    assert_eq!(read("%Y%m%d", "UTC", "20231114"), Some(1_699_920_000_000));
    assert_eq!(read("%s", "UTC", "1700000000"), Some(1_700_000_000_000));
    assert_eq!(read("%s%.f", "UTC", "1700000000.5"), Some(1_700_000_000_500));
}

#[test]
fn a_time_before_the_epoch_is_not_read() {
    assert_eq!(read("%F %T%.f", "UTC", "1969-12-31 23:59:59.9999"), None);
    assert_eq!(read("%F %T", "Asia/Tokyo", "1970-01-01 08:59:59"), None);
    assert_eq!(read("%F %T", "Asia/Tokyo", "1970-01-01 09:00:00"), Some(0));
}

#[test]
fn a_leap_second_is_second_59() {
    assert_eq!(read("%F %T", "UTC", "2016-12-31 23:59:60"), Some(1_483_228_799_000));
}

#[test]
fn what_does_not_fit_is_unreadable() {
    for text in ["", "2023-02-29", "2023-11-14x", "x2023-11-14", "14.11.2023", "2023-13-01", "2023-11", "202-11-14-"] {
        assert_eq!(read("%Y-%m-%d", "UTC", text), None, "{text}");
    }
    assert_eq!(Config { units: &["%F"], ..Config::default() }.read(b"\xff", None), None);
    assert_eq!(read("%a %F", "UTC", "Mon 2023-11-14"), None);
    assert_eq!(read("%a %F", "UTC", "Tue 2023-11-14"), Some(1_699_920_000_000));
}

#[test]
fn names_are_read_short_and_whole_in_any_case() {
    let expected = Some(ms("2022-09-08T18:31:43Z"));
    for name in ["Sep", "SEP", "sep", "Sept", "SEPT", "September", "sEPTEMBER"] {
        for format in ["%a %d-%b-%Y %H:%M:%S", "%A %d-%B-%Y %H:%M:%S", "%a %d-%h-%Y %H:%M:%S"] {
            for day in ["Thu", "thur", "Thurs", "THURSDAY"] {
                assert_eq!(read(format, "UTC", &format!("{day} 08-{name}-2022 18:31:43")), expected, "{day} {name}");
            }
        }
    }
    for name in ["Se", "Septe", "Septembre", "Spt", "Sep.", ""] {
        assert_eq!(read("%d-%b-%Y", "UTC", &format!("08-{name}-2022")), None, "{name}");
    }
    // Where a letter follows, it is not taken for a part of the name.
    assert_eq!(read("%Y%d%bT%H", "UTC", "202208SepT18"), Some(ms("2022-09-08T18:00:00Z")));
    assert_eq!(read("%Y-%d-%b%a", "UTC", "2022-08-SepThu"), Some(ms("2022-09-08T00:00:00Z")));
}

#[test]
fn months_of_other_languages_are_read_by_the_operator_s_table() {
    let french = ["janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."]
        .map(String::from);
    let config = |months| Config { units: &["%d %b %Y"], months: Some(months), ..Config::default() };
    let listed = config(Months::InOrder(french.to_vec()));
    for (month, name) in (1..).zip(&french) {
        let expected = Some(ms(&format!("2023-{month:02}-14T00:00:00Z")));
        for name in [name.clone(), name.to_uppercase()] {
            assert_eq!(listed.read(format!("14 {name} 2023"), None), expected, "{name}");
        }
    }
    assert_eq!(listed.read("14 Dec 2023", None), Some(ms("2023-12-14T00:00:00Z")), "the English ones stay");
    let names = [("März", 3), ("Mär", 3), ("İyun", 6), ("mai", 5)];
    let table = config(Months::Numbered(names.iter().map(|(name, month)| ((*name).to_owned(), *month)).collect()));
    for (name, month) in names {
        assert_eq!(
            table.read(format!("14 {name} 2023"), None),
            Some(ms(&format!("2023-{month:02}-14T00:00:00Z"))),
            "{name}"
        );
    }
    assert_eq!(table.read("14 M\u{e4}rzz 2023", None), None);
    assert_eq!(table.read(b"14 M\xe4r 2023", None), None);
}

#[test]
fn abbreviations_of_zones_are_read_by_the_operator_s_table() {
    let zones = [("CST", "Asia/Shanghai"), ("EST", "-05:00"), ("CET", "Europe/Berlin"), ("CEST", "Europe/Berlin")];
    let config = Config { units: &["%a %b %d %T %Z %Y"], zones: Some(&zones), ..Config::default() };
    let read = |text: &str| config.read(text, None);
    assert_eq!(read("Tue Nov 14 22:13:20 CST 2023"), Some(ms("2023-11-14T14:13:20Z")));
    assert_eq!(read("Tue Nov 14 22:13:20 EST 2023"), Some(ms("2023-11-15T03:13:20Z")));
    assert_eq!(read("Tue Nov 14 22:13:20 UTC 2023"), Some(ms("2023-11-14T22:13:20Z")));
    assert_eq!(read("Tue Nov 14 22:13:20 GMT 2023"), Some(ms("2023-11-14T22:13:20Z")));
    assert_eq!(read("Tue Nov 14 22:13:20 +08 2023"), Some(ms("2023-11-14T14:13:20Z")));
    assert_eq!(read("Tue Nov 14 22:13:20 PST 2023"), None);
    assert_eq!(read("Tue Nov 14 22:13:20 cst 2023"), None);
    // The hour that stands twice is told apart.
    assert_eq!(read("Sun Oct 27 02:30:00 CEST 2024"), Some(ms("2024-10-27T00:30:00Z")));
    assert_eq!(read("Sun Oct 27 02:30:00 CET 2024"), Some(ms("2024-10-27T01:30:00Z")));
}

#[test]
fn offsets_are_read_in_every_form() {
    for directive in ["%z", "%:z", "%::z", "%:::z"] {
        for offset in ["+08", "+0800", "+08:00", "+080000", "+08:00:00"] {
            let read = read(&format!("%F %T {directive}"), "UTC", &format!("2023-11-15 06:13:20 {offset}"));
            assert_eq!(read, Some(1_700_000_000_000), "{directive} {offset}");
        }
        assert_eq!(read(&format!("%F %T{directive}"), "Asia/Tokyo", "2023-11-14 22:13:20Z"), Some(1_700_000_000_000));
        for offset in ["+8", "+08:", "+08:0", "+0860", "+08:00:60", "08:00", "", "+99:00"] {
            let read = read(&format!("%F %T {directive}"), "UTC", &format!("2023-11-15 06:13:20 {offset}"));
            assert_eq!(read, None, "{directive} {offset}");
        }
    }
    let both = |offset: &str| read("%F %T %z %Q", "UTC", &format!("2024-10-27 02:30:00 {offset} Europe/Berlin"));
    assert_eq!(both("+0200"), Some(ms("2024-10-27T00:30:00Z")));
    assert_eq!(both("+0100"), Some(ms("2024-10-27T01:30:00Z")));
    assert_eq!(both("+0300"), None);
}

#[test]
fn a_count_of_milliseconds_may_lack_its_zeros() {
    for (text, fraction) in [("5", 5), ("05", 5), ("005", 5), ("500", 500), ("50", 50)] {
        assert_eq!(
            read("%F %T:%-3f", "UTC", &format!("2023-11-14 22:13:20:{text}")),
            Some(1_700_000_000_000 + fraction)
        );
    }
    assert_eq!(read("%F %T:%-3f", "UTC", "2023-11-14 22:13:20:5000"), None);
    assert_eq!(read("%F %T:%f", "UTC", "2023-11-14 22:13:20:5"), Some(1_700_000_000_500));
}
