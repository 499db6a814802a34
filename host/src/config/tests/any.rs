//! Whatever is written, nothing breaks, and nothing passes unseen.

use proptest::prelude::*;

use super::*;

/// Values of every kind, in TOML.
fn value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("true".to_owned()),
        any::<i64>().prop_map(|n| n.to_string()),
        Just("1e400".to_owned()),
        Just("-nan".to_owned()),
        Just("99999999999999999999".to_owned()),
        Just("2026-01-31T08:00:00Z".to_owned()),
        prop::sample::select(vec![
            "'5m'",
            "'1%'",
            "'32MiB'",
            "'^a|b'",
            "'a*'",
            "'./gone'",
            "'earliest'",
            "''",
            "'ä\u{1F980}'",
            "'stop'",
            "'localhost:1'",
        ])
        .prop_map(str::to_owned),
        "'[a-z*^(.$]{0,6}'".prop_map(|text| text),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        let key = prop::sample::select(vec!["env", "file", "faults", "over", "records", "inputs", "acks", "x"]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(", "))),
            prop::collection::btree_map(key, inner, 0..3).prop_map(|entries| {
                let entries: Vec<String> = entries.iter().map(|(key, value)| format!("{key} = {value}")).collect();
                format!("{{ {} }}", entries.join(", "))
            }),
        ]
    })
}

fn table(name: &'static str) -> impl Strategy<Value = String> {
    let key = prop::sample::select(vec![
        "brokers",
        "options",
        "listen",
        "token",
        "from",
        "group",
        "to",
        "topics",
        "dead_letter",
        "delivery",
        "start",
        "on_gap",
        "breaker",
        "rollback",
        "stamp_generation",
        "unknown_topics",
        "partition_by",
        "instance",
        "workers",
        "batch",
        "json",
        "consumer",
        "producer",
        "plugin",
        "name",
        "sha256",
        "on_fault",
        "deadline",
        "memory",
        "allow",
        "files",
        "config",
        "shutdown_timeout",
        "on_stop",
        "state_dir",
        "zebra",
    ]);
    prop::collection::btree_map(key, value(), 0..8).prop_map(move |entries| {
        let lines: Vec<String> = entries.iter().map(|(key, value)| format!("{key} = {value}\n")).collect();
        format!("{name}\n{}", lines.concat())
    })
}

proptest! {
    #[test]
    fn no_configuration_brings_it_down(
        tables in (table(""), table("[kafka]"), table("[admin]"), table("[pipelines.a]"), table("[[pipelines.a.interceptors]]"), table("[pipelines.b]")),
    ) {
        let (top, kafka, admin, a, interceptor, b) = tables;
        if let Err(mistakes) = load_text(&[top, kafka, admin, a, interceptor, b].concat()) {
            prop_assert!(!mistakes.is_empty());
            prop_assert!(!mistakes.render(true).is_empty());
        }
    }

    #[test]
    fn no_text_brings_it_down(text in "[\\[\\]a-c.='\"{}\n#0-9ä ]{0,60}") {
        if let Err(mistakes) = load_text(&text) {
            prop_assert!(!mistakes.to_string().is_empty());
        }
    }

    #[test]
    fn a_key_that_is_no_key_never_passes(key in "[a-z_]{1,12}", at in 0..3_usize) {
        let known = ["shutdown_timeout", "on_stop", "state_dir", "stamp_generation", "unknown_topics", "to", "topics", "delivery", "start", "workers", "instance"];
        prop_assume!(!known.contains(&key.as_str()));
        let mut parts = ["", "[kafka]\nbrokers = 'a:1'\n", "[pipelines.a]\nfrom = ['x']\ngroup = 'g'\n"].map(str::to_owned);
        parts[at].push_str(&format!("{key} = 1\n"));
        prop_assert!(load_text(&parts.concat()).is_err());
    }
}
