use super::{Config, Months};

#[track_caller]
fn says(config: &Config<'_>, expected: &[(&str, &str)]) {
    let mistakes = config.reader().map(|_| ()).unwrap_err();
    let pointers: Vec<_> = mistakes.iter().map(|mistake| mistake.pointer.as_str()).collect();
    assert_eq!(pointers, expected.iter().map(|(pointer, _)| *pointer).collect::<Vec<_>>(), "{mistakes:?}");
    for (mistake, (_, cure)) in mistakes.iter().zip(expected) {
        assert!(mistake.message.contains(cure), "{mistake}");
    }
}

#[test]
fn a_unit_that_is_none_says_what_to_write() {
    for (unit, cure) in [
        ("soon", "strftime format such as"),
        ("seconds", "write \"s\""),
        ("epoch_millis", "write \"ms\""),
        ("UNIX_MS", "write \"ms\""),
        ("ISO8601", "write \"iso8601\""),
        ("RFC3339", "write \"rfc3339\""),
        ("yyyy-MM-dd HH:mm:ss", "a strftime format stands here: `%Y-%m-%d %H:%M:%S`"),
        ("%Y-%m-%d %H:%M:%S,%L", "write `%Y-%m-%d %H:%M:%S,%3f`"),
        ("2006-01-02 15:04:05", "a strftime format stands here: `%Y-%m-%d %H:%M:%S`"),
        ("%F %!", "`%!` is not a directive"),
        ("%F %c", "`%a %b %e %H:%M:%S %Y`"),
        ("%F %x", "`%m/%d/%y`"),
        ("%F %", "for a percent sign write `%%`"),
        ("%F %-", "for a percent sign write `%%`"),
        ("%F %.3S", "write `%.f`"),
        ("%F %::Q", "write `%Q`"),
        ("%y", "does not say which day"),
        ("%Y", "does not say which day"),
        ("%Y-%m", "does not say which day"),
        ("%m %H:%M", "add the day"),
        ("%V %a", "add the day"),
        ("%F %M:%S", "add `%H`"),
        ("%F %H:%S", "add `%M`"),
        ("%F %H:%M.%f", "add `%S`"),
        ("%a", "does not say a time"),
        ("100%%", "does not say a time"),
        ("%Z %F %T", "`zones = { CST = \"Asia/Shanghai\" }`"),
    ] {
        says(&Config { units: &[unit], ..Config::default() }, &[("/unit", cure)]);
    }
    says(&Config { units: &[&"%F".repeat(501)], ..Config::default() }, &[("/unit", "longer")]);
}

#[test]
fn every_mistake_of_a_list_is_told_at_its_place() {
    let config = Config { units: &["ms", "soon", "%F", "ms", "%Y"], zone: Some("Mars/Olympus"), ..Config::default() };
    says(
        &config,
        &[("/zone", "Europe/Berlin"), ("/unit/1", "rfc3339"), ("/unit/3", "already"), ("/unit/4", "which day")],
    );
    says(&Config::default(), &[("/unit", "write one to 32")]);
    let many: Vec<String> = (0..33).map(|number| format!("%F {number}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    says(&Config { units: &many, ..Config::default() }, &[("/unit", "write one to 32")]);
}

#[test]
fn keys_that_go_with_none_of_the_units_are_told() {
    let zones: &[(&str, &str)] = &[];
    let months = Some(Months::Numbered([("mai".to_owned(), 5)].into()));
    let config = Config { units: &["ms", "rfc3339"], zone: Some("UTC"), zones: Some(zones), months };
    says(&config, &[("/zone", "leave it out"), ("/zones", "leave it out"), ("/months", "leave it out")]);
    let months = Some(Months::Numbered([("mai".to_owned(), 5)].into()));
    let config = Config { units: &["iso8601", "%F %b %Z"], zone: Some("UTC"), zones: Some(zones), months };
    assert!(config.reader().is_ok());
}

#[test]
fn tables_are_checked_name_by_name() {
    let zones = [("A", "Mars/Olympus"), ("B", "+25:99"), ("C", "+08:00"), ("a/b", "x")];
    says(
        &Config { units: &["%F %Z"], zones: Some(&zones), ..Config::default() },
        &[("/zones/A", "`+08:00`"), ("/zones/B", "`+08:00`"), ("/zones/a~1b", "`+08:00`")],
    );
    let config = |months| Config { units: &["%d %b %Y"], months: Some(months), ..Config::default() };
    says(&config(Months::InOrder(vec!["mai".to_owned()])), &[("/months", "twelve")]);
    says(&config(Months::Numbered([("mai".to_owned(), 13)].into())), &[("/months/mai", "1 to 12")]);
    says(&config(Months::Numbered([(String::new(), 1)].into())), &[("/months", "empty")]);
}
