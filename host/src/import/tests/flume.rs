//! Flume's interceptors, selectors and sinks, one by one.

use super::*;

/// What one interceptor becomes.
fn interceptor(lines: &str) -> Imported {
    let own: String = lines.lines().map(|line| format!("interceptors.i.{}\n", line.trim())).collect();
    with_source(&format!("interceptors = i\n{own}"))
}

#[test]
fn each_interceptor_becomes_a_built_in() {
    for (lines, expected, grade) in [
        (
            "type = timestamp",
            r#""header-enricher" headers = [{ name = "timestamp", value = "{received}" }]"#,
            Grade::Differs,
        ),
        ("type = timestamp\npreserveExisting = true", "", Grade::Unneeded),
        (
            "type = host\nhostHeader = h",
            r#""header-enricher" headers = [{ name = "h", value = { env = "HOSTNAME" } }]"#,
            Grade::Differs,
        ),
        (
            "type = static\nkey = dc\nvalue = {x}",
            r#""header-enricher" headers = [{ name = "weir.text.1", value = "{weir.text.1}", missing = { default = "{x}" } }, { name = "dc", value = "{weir.text.1}", preserve_existing = true }] "header-enricher" remove = ["weir.text.1"]"#,
            Grade::Translated,
        ),
        (
            "type = org.apache.flume.interceptor.StaticInterceptor$Builder\nkey = dc\nvalue = v\npreserveExisting = false",
            r#""header-enricher" headers = [{ name = "dc", value = "v" }]"#,
            Grade::Translated,
        ),
        (
            "type = remove_header\nwithName = a\nfromList = b, c\nmatching = x-[a-z]*",
            r#""header-enricher" remove = ["a", "b", "c"] remove_matching = ["^(?:x-[a-z]*)$"]"#,
            Grade::Translated,
        ),
        (
            "type = org.apache.flume.sink.solr.morphline.UUIDInterceptor$Builder\nprefix = p-",
            r#""header-enricher" headers = [{ name = "id", value = "p-{uuid}", preserve_existing = true }]"#,
            Grade::Differs,
        ),
        (
            "type = search_replace\nsearchPattern = (a)(b)\nreplaceString = $2$15",
            r#""value-editor" edits = [{ replace = "(a)(b)", with = "${2}${1}5", all = true }]"#,
            Grade::Translated,
        ),
        (
            "type = search_replace\nsearchPattern = [^&]*$\nreplaceString = b",
            r#""value-editor" edits = [{ replace = "[^&]*$", with = "b", all = true, dialect = "java" }]"#,
            Grade::Translated,
        ),
        (
            r"type = search_replace
              searchPattern = (?<n>a)
              replaceString = ${n}\\\\1\\$",
            r#""value-editor" edits = [{ replace = "(?<n>a)", with = '${1}$\1$$', all = true }]"#,
            Grade::Translated,
        ),
        (
            r"type = remove_header
              matching = x-\\d+",
            r#""header-enricher" remove_matching = ['^(?:x-\d+)\z'] dialect = "java""#,
            Grade::Translated,
        ),
        (
            "type = regex_filter",
            r#""filter" keep = { any = [{ value = true, matches = "^" }, { value = true, null = true }] }"#,
            Grade::Translated,
        ),
        (
            "type = regex_filter\nregex = ^DEBUG\nexcludeEvents = true",
            r#""filter" drop = { value = true, matches = "^DEBUG" }"#,
            Grade::Translated,
        ),
        (
            r"type = regex_filter
              regex = id=\\d",
            r#""filter" keep = { value = true, matches = 'id=\d', dialect = "java" }"#,
            Grade::Translated,
        ),
        (
            r"type = regex_extractor
              regex = (\\d)
              serializers = s
              serializers.s.name = x",
            r#""regex-extractor" rules = [{ pattern = '(\d)', headers = ["x"], dialect = "java" }]"#,
            Grade::Translated,
        ),
        (
            r"type = regex_extractor
              regex = (a)\\1
              serializers = s
              serializers.s.name = x",
            r#""regex-extractor" rules = [{ pattern = '(a)\1', headers = ["x"], dialect = "java", engine = "backtracking" }]"#,
            Grade::Translated,
        ),
        (
            "type = regex_extractor\nregex = (a)-(b)-(c)\nserializers = s1 s2\nserializers.s1.name = x\nserializers.s2.name = y",
            r#""regex-extractor" rules = [{ pattern = "(a)-(b)-(c)", headers = ["x", "y"] }]"#,
            Grade::Translated,
        ),
        (
            "type = regex_extractor\nregex = (a) (b)\nserializers = s1 s2\nserializers.s1.name = x\nserializers.s2.name = y\n\
             serializers.s2.type = org.apache.flume.interceptor.RegexExtractorInterceptorMillisSerializer\n\
             serializers.s2.pattern = yyyy-MM-dd HH:mm",
            "\"regex-extractor\" rules = [{ pattern = \"(a) (b)\", headers = [\"x\"] }, { pattern = \"(a) (b)\", headers = \
             [\"\", \"y\"], date = { format = \"%Y-%m-%d %H:%M\", zone = \"UTC\" } }]",
            Grade::Translated,
        ),
    ] {
        let imported = interceptor(lines);
        assert_eq!(interceptors(&imported).replace('\n', " "), expected, "{lines}\n{}", imported.report);
        assert_eq!(grade_of(&imported, "interceptors.i.type"), grade, "{lines}");
    }
}

#[test]
fn what_cannot_be_said_stands_at_its_place_and_in_the_report() {
    for lines in [
        "type = org.apache.flume.sink.solr.morphline.MorphlineInterceptor$Builder\nmorphlineFile = /m.conf",
        "type = com.example.Mine$Builder",
        "type = regex_filter\nregex = a(?!b)",
        "type = regex_extractor\nregex = (a)\\\\G\nserializers = s\nserializers.s.name = x",
        "type = regex_extractor\nregex = a\nserializers = s\nserializers.s.name = x",
        "type = search_replace\nsearchPattern = a(?=b)\nreplaceString = b",
        "type = remove_header\nmatching = (?!a).*",
        "type = regex_filter\nregex = a^b",
        "type = search_replace\nsearchPattern = a\nreplaceString = $1",
        "type = search_replace\nsearchPattern = (?<y>a)\nreplaceString = ${x}",
        "type = search_replace\nsearchPattern = (a)\nreplaceString = ${1}",
        "type = regex_extractor\nregex = (a)\nserializers = s\nserializers.s.name = x\n\
         serializers.s.type = org.apache.flume.interceptor.RegexExtractorInterceptorMillisSerializer\n\
         serializers.s.pattern = YYYY",
    ] {
        let imported = interceptor(lines);
        assert!(!imported.report.is_complete(), "{lines}");
        assert_eq!(grade_of(&imported, "interceptors.i.type"), Grade::Impossible);
        assert!(imported.config.contains("# MISSING: Flume's interceptor i"), "{}", imported.config);
    }
}

#[test]
fn what_needs_look_around_is_told_a_way() {
    let imported = interceptor("type = regex_filter\nregex = a(?!b)");
    let report = imported.report.to_string();
    assert!(report.contains("engine = \"backtracking\"") && report.contains("exists = true"), "{report}");
}

#[test]
fn the_expression_that_was_translated_stands_above_its_interceptor() {
    let imported = interceptor("type = regex_filter\nregex = .*id=[0-9]");
    assert!(imported.config.contains("# i\n# in Java: .*id=[0-9]\n[["), "{}", imported.config);
    let same = interceptor("type = regex_filter\nregex = card=[0-9]+");
    assert!(!same.config.contains("# in Java"), "{}", same.config);
}

#[test]
fn expressions_find_what_they_found_in_java() {
    let lines = "interceptors = f r h\ninterceptors.f.type = regex_filter\ninterceptors.f.regex = DEBUG$\n\
        interceptors.f.excludeEvents = true\ninterceptors.r.type = search_replace\n\
        interceptors.r.searchPattern = (?i)(CARD=\\\\d{2})\\\\d+|C:\\\\\\\\d\ninterceptors.r.replaceString = $1**\n\
        interceptors.h.type = remove_header\ninterceptors.h.matching = us.*";
    let records =
        [r#""payload":"a DEBUG\n""#, r#""headers":["user","u","bus","b"],"payload":"card=4012 card=١١١١ c:\\d""#];
    assert_eq!(run(&with_source(lines), &records), ["out bus=b card=40** card=١١١١ **"]);
}

#[test]
fn a_record_without_a_value_is_filtered_as_flumes_empty_body() {
    let records = [r#""payload":null"#, r#""payload":"""#, r#""payload":"a""#];
    for (regex, keeps, excludes) in [
        (".*", &["out null", "out ", "out a"][..], &[][..]),
        ("a*", &["out null", "out ", "out a"], &[]),
        ("^$", &["out null", "out "], &["out a"]),
        ("a", &["out a"], &["out null", "out "]),
        (".+", &["out a"], &["out null", "out "]),
    ] {
        for (is_excluded, expected) in [(false, keeps), (true, excludes)] {
            let lines = format!("type = regex_filter\nregex = {regex}\nexcludeEvents = {is_excluded}");
            assert_eq!(run(&interceptor(&lines), &records), expected, "{lines}");
        }
    }
}

#[test]
fn a_record_without_a_value_is_told_of_where_an_expression_finds_something_in_no_text() {
    let told = |lines: &str, key: &str| grade_of(&interceptor(lines), key) == Grade::Differs;
    let extractor =
        |regex: &str| format!("type = regex_extractor\nregex = {regex}\nserializers = s\nserializers.s.name = x");
    assert!(told(&extractor("(a*)"), "i.regex") && !told(&extractor("(a)"), "i.regex"));
    let replace = |pattern: &str| format!("type = search_replace\nsearchPattern = {pattern}\nreplaceString = x");
    assert!(told(&replace("^$"), "searchPattern") && !told(&replace("a"), "searchPattern"));
}

#[test]
fn a_group_that_is_not_there_is_told_at_its_line_as_what_fails_in_java() {
    let known = interceptor("type = search_replace\nsearchPattern = (?<y>a)\nreplaceString = ${y}");
    assert!(known.report.is_complete(), "{}", known.report);
    let imported = interceptor("type = search_replace\nsearchPattern = (?<y>a)\nreplaceString = ${x}");
    let told = imported.report.to_string();
    assert!(
        told.contains("interceptors.i.type: `${x}` is no group of the expression: Java fails at the first match"),
        "{told}"
    );
}

#[test]
fn any_text_is_written_as_it_stands_and_not_warned_of() {
    for text in
        ["{a}", "%Y-%m", "${x}", "hz${x}{a}%{b}", "%[localhost]", "{{ .a }}", "100%", "a{", "}", "\"'", "{json:/a}"]
    {
        for preserve in [true, false] {
            let lines = format!("type = static\nkey = dc\nvalue = {text}\npreserveExisting = {preserve}");
            let made = run(&interceptor(&lines), &[r#""payload":"x""#, r#""headers":["dc","old"],"payload":"x""#]);
            let second = if preserve { "old" } else { text };
            assert_eq!(made, [format!("out dc={text} x"), format!("out dc={second} x")], "{text}");
        }
    }
    let prefix = interceptor("type = org.apache.flume.sink.solr.morphline.UUIDInterceptor$Builder\nprefix = {a}$");
    let made = run(&prefix, &[r#""payload":"x""#]);
    assert!(made[0].starts_with("out id={a}$") && !made[0].contains("weir."), "{made:?}");
    let path = TWO_CHANNELS
        .replace("c1 c2", "c1")
        .replace("k1 k2", "k1")
        .replace("org.apache.flume.sink.kafka.KafkaSink", "hdfs")
        + "a.sinks.k1.hdfs.path = /{x}/%%Y/$%{app}/%{none}\n";
    let imported = super::super::flume(&path, &Options::default()).unwrap();
    assert_eq!(run(&imported, &[r#""headers":["app","a"],"payload":"x""#]), ["a-k1 app=a path=/{x}/%Y/$a/ x"]);
}

#[test]
fn a_topic_is_made_of_headers_as_by_flume_to_which_a_missing_one_is_empty() {
    let routed = |topic: &str, headers: &[&str]| {
        let text = TWO_CHANNELS.replace("c1 c2", "c1").replace("k1 k2", "k1").replace("= one", &format!("= {topic}"))
            + "a.sinks.k1.allowTopicOverride = false\n";
        let imported = super::super::flume(&text, &Options::default()).unwrap();
        assert!(imported.report.is_complete(), "{}", imported.report);
        let records: Vec<String> = headers
            .iter()
            .map(|headers| format!(r#""headers":[{headers}],"ts":1700000000000,"payload":"x""#))
            .collect();
        run(&imported, &records.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let app = r#""app","a""#;
    assert_eq!(routed("logs-%{app}", &[app, ""]), ["logs-a app=a x", "logs- x"]);
    assert_eq!(routed("logs-%{app}-x", &[""]), ["logs--x x"]);
    assert_eq!(routed("logs-%{app}-%{kind}", &[app, ""]), ["logs-a- app=a x", "logs-- x"]);
    assert_eq!(routed("logs-%{app}-%Y", &[app, ""]), ["logs-a-2023 app=a x", "logs--2023 x"]);
    assert_eq!(routed("logs-%{topic}-%Y", &[""]), ["logs-in-2023 x"]);
    // No topic is called so, and Flume cannot write to it.
    assert_eq!(routed(".%{app}", &[""]), ["a-k1 x"]);
}

#[test]
fn interceptors_of_a_kind_share_one_in_their_order() {
    let imported = with_source(
        "interceptors = i1 i2 i3\ninterceptors.i1.type = regex_extractor\ninterceptors.i1.regex = (a)\n\
         interceptors.i1.serializers = s\ninterceptors.i1.serializers.s.name = x\ninterceptors.i2.type = regex_extractor\n\
         interceptors.i2.regex = (b)\ninterceptors.i2.serializers = s\ninterceptors.i2.serializers.s.name = y\n\
         interceptors.i3.type = static\ninterceptors.i3.key = key\ninterceptors.i3.value = v\n\
         interceptors.i3.preserveExisting = false",
    );
    assert_eq!(imported.config.matches("plugin = \"regex-extractor\"").count(), 1);
    assert!(imported.config.contains("# i1, i2\n"), "{}", imported.config);
    // Flume's Kafka sink takes the record's key from the header `key`.
    assert!(imported.config.contains("from = { header = \"key\" }"), "{}", imported.config);
}

const TWO_CHANNELS: &str = "a.sources = s\na.channels = c1 c2\na.sinks = k1 k2\na.sources.s.type = org.apache.flume.source.kafka.KafkaSource\n\
    a.sources.s.kafka.topics = in\na.sources.s.kafka.bootstrap.servers = b:9092\na.sources.s.channels = c1 c2\n\
    a.channels.c1.type = memory\na.channels.c2.type = file\n\
    a.sinks.k1.type = org.apache.flume.sink.kafka.KafkaSink\na.sinks.k1.channel = c1\na.sinks.k1.kafka.topic = one\n";

#[test]
fn every_channel_of_a_replicating_selector_gets_all_records() {
    let text = format!(
        "{TWO_CHANNELS}a.sinks.k2.type = org.apache.flume.sink.kafka.KafkaSink\na.sinks.k2.channel = c2\na.sinks.k2.kafka.topic = two\n"
    );
    let imported = super::super::flume(&text, &Options::default()).unwrap();
    assert_eq!(mistakes(&imported.config), None);
    let config: toml::Table = imported.config.parse().unwrap();
    let of = |pipeline: &str, key: &str| config["pipelines"][pipeline][key].as_str().unwrap().to_owned();
    assert_eq!((of("a-s", "to"), of("a-s", "group")), ("one".into(), "flume".into()));
    assert_eq!((of("a-s-c2", "to"), of("a-s-c2", "group")), ("two".into(), "flume-c2".into()));
}

#[test]
fn a_multiplexing_selector_becomes_a_router_or_filters() {
    let selector = "a.sources.s.selector.type = multiplexing\na.sources.s.selector.header = kind\n\
        a.sources.s.selector.mapping.buy = c1 c2\na.sources.s.selector.mapping.click = c2\n";
    let kafka = format!(
        "{TWO_CHANNELS}{selector}a.sources.s.selector.default = c1\na.sinks.k2.type = org.apache.flume.sink.kafka.KafkaSink\n\
        a.sinks.k2.channel = c2\na.sinks.k2.kafka.topic = two\n"
    );
    let imported = super::super::flume(&kafka, &Options::default()).unwrap();
    assert_eq!(mistakes(&imported.config), None);
    assert_eq!(
        interceptors(&imported),
        "\"header-router\"\nheader = \"kind\"\nmatch = { buy = [\"one\", \"two\"], click = \"two\" }\ndefault = \"one\""
    );

    let files = format!(
        "{TWO_CHANNELS}{selector}a.sources.s.selector.default = c1\na.sinks.k2.type = hdfs\n\
        a.sinks.k2.channel = c2\na.sinks.k2.hdfs.path = /x/%{{kind}}\n"
    );
    let imported = super::super::flume(&files, &Options::default()).unwrap();
    assert_eq!(mistakes(&imported.config), None);
    assert!(
        imported.config.contains("keep = { not = { header = \"kind\", in = [\"click\"] } }"),
        "{}",
        imported.config
    );
    assert!(imported.config.contains("keep = { header = \"kind\", in = [\"buy\", \"click\"] }"), "{}", imported.config);

    let without = kafka.replace("a.sources.s.selector.default = c1\n", "");
    let imported = super::super::flume(&without, &Options::default()).unwrap();
    assert!(imported.config.contains("keep = { header = \"kind\", in = [\"buy\", \"click\"] }"), "{}", imported.config);
    assert!(imported.config.contains("default = \"keep\""), "{}", imported.config);
}

#[test]
fn a_path_has_the_time_that_is_wanted() {
    let text = TWO_CHANNELS
        .replace("c1 c2", "c1")
        .replace("k1 k2", "k1")
        .replace("org.apache.flume.sink.kafka.KafkaSink", "hdfs")
        + "a.sources.s.interceptors = i\na.sources.s.interceptors.i.type = regex_extractor\n\
           a.sources.s.interceptors.i.regex = (a)\na.sources.s.interceptors.i.serializers = x\n\
           a.sources.s.interceptors.i.serializers.x.name = timestamp\na.sinks.k1.hdfs.path = /l/%{topic}/%{app}/%Y%m%d\n";
    let path = |options: &Options, text: &str| {
        let imported = super::super::flume(text, options).unwrap();
        assert_eq!(mistakes(&imported.config), None);
        imported
    };
    let record = path(&Options::default(), &text);
    assert!(
        record.config.contains(
            "{ name = \"path\", value = \"/l/{topic}/{app}/{timestamp:%Y%m%d}\", missing = \"empty\", zone = \"UTC\" }"
        ),
        "{}",
        record.config
    );
    assert!(!record.config.contains("plugin = \"timestamp-fixer\""));
    assert_eq!(grade_of(&record, "hdfs.path"), Grade::Differs);

    let header = Options { time: Time::Header, zone: "Asia/Shanghai".into(), ..Options::default() };
    let header = path(&header, &text);
    assert!(header.config.contains("from = { header = \"timestamp\" }\nunit = \"ms\""), "{}", header.config);
    assert!(header.config.contains("zone = \"Asia/Shanghai\""));

    let local = path(&Options::default(), &format!("{text}a.sinks.k1.hdfs.useLocalTimeStamp = true\n"));
    assert!(local.config.contains("{received:%Y%m%d}"), "{}", local.config);
}

#[test]
fn agents_pass_events_on_through_a_topic() {
    let text = "e.sources = s\ne.channels = c\ne.sinks = k\ne.sources.s.type = TAILDIR\ne.sources.s.channels = c\n\
        e.channels.c.type = memory\ne.sinks.k.type = avro\ne.sinks.k.channel = c\ne.sinks.k.hostname = h\ne.sinks.k.port = 4545\n\
        m.sources = s\nm.channels = c\nm.sources.s.type = avro\nm.sources.s.port = 4545\nm.sources.s.channels = c\n\
        m.channels.c.type = org.apache.flume.channel.kafka.KafkaChannel\nm.channels.c.kafka.topic = landing\n\
        m.channels.c.kafka.bootstrap.servers = b:9092\n";
    let imported = super::super::flume(text, &Options::default()).unwrap();
    assert_eq!(mistakes(&imported.config), None);
    let config: toml::Table = imported.config.parse().unwrap();
    assert_eq!(config["pipelines"]["e-s"]["to"].as_str(), Some("e-k"));
    assert_eq!(config["pipelines"]["m-s"]["from"][0].as_str(), Some("e-k"));
    assert_eq!(config["pipelines"]["m-s"]["to"].as_str(), Some("landing"));
    assert_eq!(grade_of(&imported, "e.sources.s.type"), Grade::Impossible);
}

#[test]
fn a_text_without_agents_is_refused() {
    for text in ["", "a = b", "{}", "a.sources = s"] {
        let refused = super::super::flume(text, &Options::default());
        assert_eq!(refused.is_err(), text != "a.sources = s", "{text}");
    }
}
