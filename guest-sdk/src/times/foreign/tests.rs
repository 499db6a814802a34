use super::foreign_format;

#[track_caller]
fn check(theirs: &str, ours: &str) {
    let said = foreign_format(theirs).unwrap_or_default();
    assert!(said.contains("strftime"), "{said}");
    assert!(said.ends_with(&format!("`{ours}`")), "{theirs}: {said}");
}

#[test]
fn patterns_of_java_and_its_relatives_are_translated() {
    check("yyyy-MM-dd HH:mm:ss", "%Y-%m-%d %H:%M:%S");
    check("yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "%Y-%m-%dT%H:%M:%S.%3f%:z");
    check("yyyy-MM-dd'T'HH:mm:ss[.SSS]'Z'", "%Y-%m-%dT%H:%M:%S%.fZ");
    check("EEE, d MMM yyyy hh:mm a", "%a, %-d %b %Y %I:%M %p");
    check("dd/MMM/yyyy:HH:mm:ss Z", "%d/%b/%Y:%H:%M:%S %z");
    check("yyyyMMdd", "%Y%m%d");
    check("yy/MM/dd", "%y/%m/%d");
    check("MMM d HH:mm:ss", "%b %-d %H:%M:%S");
    check("YYYY-MM-DD HH:mm:ss", "%Y-%m-%d %H:%M:%S");
    check("%{+YYYY.MM.dd}", "%Y.%m.%d");
    check("uuuu-DDD", "%Y-%j");
    check("h 'o''clock' a yyyy", "%-I o'clock %p %Y");
    check("yyyy''MM", "%Y'%m");
    assert!(foreign_format("yyyy-'W'ww").is_some_and(|said| said.contains("such as `%Y")));
}

#[test]
fn layouts_of_go_are_translated() {
    check("2006-01-02 15:04:05", "%Y-%m-%d %H:%M:%S");
    check("2006-01-02T15:04:05.000Z07:00", "%Y-%m-%dT%H:%M:%S.%3f%:z");
    check("02/Jan/2006:15:04:05 -0700", "%d/%b/%Y:%H:%M:%S %z");
    check("Jan _2 15:04:05", "%b %e %H:%M:%S");
    check("Mon, 02 Jan 2006 15:04:05 MST", "%a, %d %b %Y %H:%M:%S %Z");
}

#[test]
fn directives_of_others_are_named_with_what_stands_for_them() {
    let said = |format: &str| foreign_format(format).unwrap_or_default();
    assert!(said("%Y-%m-%d %H:%M:%S,%L").ends_with("(or `%f`, which takes all digits): write `%Y-%m-%d %H:%M:%S,%3f`"));
    assert!(said("%Y-%m-%d %H:%i:%s").ends_with("write `%Y-%m-%d %H:%M:%S`"));
    assert!(said("%EY-%m-%d").ends_with("write `%Y-%m-%d`"));
    assert!(said("100%% %L").ends_with("write `100%% %3f`"));
}

#[test]
fn what_is_ours_or_nobody_s_is_left_alone() {
    for format in
        ["%Y-%m-%d %H:%M:%S%.f %z", "%F %T", "100%%L", "", "soon", "seconds", "abc", "2023-11-14", "%", "%-", "ü%ü"]
    {
        assert_eq!(foreign_format(format), None, "{format}");
    }
}

#[cfg(feature = "dates")]
#[test]
fn lists_of_elasticsearch_are_translated() {
    let said = |units: &str| super::foreign_unit(units).unwrap_or_default();
    assert!(said("strict_date_optional_time||epoch_millis").ends_with("write [\"iso8601\", \"ms\"]"));
    assert!(
        said("yyyy-MM-dd HH:mm:ss||yyyy-MM-dd||epoch_second").ends_with("[\"%Y-%m-%d %H:%M:%S\", \"%Y-%m-%d\", \"s\"]")
    );
    assert!(said("date_time || strict_date_time").ends_with("write [\"iso8601\"]"));
    assert!(said("nonsense||epoch_millis").contains("write a list of strings"));
}
