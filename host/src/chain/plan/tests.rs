use super::*;
use crate::wasm::types::{Capture, Member};

fn plan() -> Plan {
    Plan {
        inputs: vec![
            Input::Json(Member { source: Source::Value, pointer: "/a".to_owned() }),
            Input::Capture(Capture { source: Source::Header("h".to_owned()), pattern: "x".to_owned(), group: 0 }),
        ],
        all_headers: false,
        effects: Effects::ROUTE | Effects::HEADERS,
        header_names: vec!["x-1".to_owned()],
        topics: vec!["events-*".to_owned()],
    }
}

fn messages(allow: &Allow, topics: &[&str]) -> Vec<String> {
    let topics: Vec<_> = topics.iter().map(|topic| TopicPattern((*topic).to_owned())).collect();
    object(&plan(), Some(allow), &topics).into_iter().map(|objection| objection.message).collect()
}

fn list(texts: &[&str]) -> Option<Vec<String>> {
    Some(texts.iter().map(|text| (*text).to_owned()).collect())
}

#[test]
fn a_fence_that_names_everything_objects_to_nothing() {
    let allow = Allow {
        inputs: list(&["json", "value", "capture", "header:*"]),
        effects: list(&["route", "headers"]),
        headers: list(&["x-*"]),
        topics: list(&["ev*"]),
    };
    assert_eq!(messages(&allow, &["events-*"]), [""; 0]);
}

#[test]
fn all_that_a_fence_leaves_out_is_told_at_once() {
    let allow = Allow {
        inputs: list(&["json", "header:g"]),
        effects: list(&["headers"]),
        headers: list(&["x-2"]),
        topics: list(&["events-1"]),
    };
    assert_eq!(
        messages(&allow, &["*"]),
        [
            "it wants the input `value`, which `allow.inputs` does not name",
            "it wants the input `capture`, which `allow.inputs` does not name",
            "it wants the input `header:h`, which `allow.inputs` does not name",
            "it wants the effect `route`, which `allow.effects` does not name",
            "it wants to write the header `x-1`, which `allow.headers` does not name",
            "it wants to route to `events-*`, which `allow.topics` does not name",
        ]
    );
}

#[test]
fn a_pattern_may_not_be_wider_than_the_pipelines_topics() {
    let outside = ["it may route to `events-*`, which is outside of the pipeline's `topics`"];
    assert_eq!(messages(&Allow::default(), &["events-1", "events-?", "event"]), outside);
    assert_eq!(messages(&Allow::default(), &["events-*1"]), outside);
    assert_eq!(messages(&Allow::default(), &["*s-*"]), [""; 0]);
}

#[test]
fn of_many_topics_the_first_are_named_with_a_pattern_for_all() {
    let mut plan = plan();
    plan.topics = (0..12).map(|bucket| format!("events-{bucket:02}")).collect();
    let one = |topics: &[&str], allow: Option<&Allow>| {
        let topics: Vec<_> = topics.iter().map(|topic| TopicPattern((*topic).to_owned())).collect();
        let mut objections = object(&plan, allow, &topics);
        assert_eq!(objections.len(), 1);
        let Objection { message, help, .. } = objections.remove(0);
        (message, help.unwrap_or_default())
    };
    let (message, help) = one(&["other"], None);
    let named = "it may route to `events-00`, `events-01`, `events-02` and 9 more, which are outside of the pipeline's `topics`";
    assert_eq!((&*message, &*help), (named, "add `\"events-*\"` to the pipeline's `topics`"));
    let (message, help) = one(&["events-0*", "events-11"], None);
    let named = "it may route to `events-10`, which is outside of the pipeline's `topics`";
    assert_eq!((&*message, &*help), (named, "add `\"events-10\"` to the pipeline's `topics`"));
    let fence = Allow { topics: list(&["events-0*"]), ..Allow::default() };
    let (message, help) = one(&["*"], Some(&fence));
    assert_eq!(message, "it wants to route to `events-10`, `events-11`, which `allow.topics` does not name");
    assert_eq!(help, "add `\"events-1*\"` to `allow.topics` if it is meant to have that");
}

#[test]
fn what_cannot_be_extracted_is_objected_to() {
    let mut plan = plan();
    plan.inputs = vec![
        Input::Capture(Capture { source: Source::Value, pattern: "(".to_owned(), group: 1 }),
        Input::JsonInt(Member { source: Source::Value, pointer: "a".to_owned() }),
    ];
    plan.topics.clear();
    assert_eq!(object(&plan, None, &[]).len(), 2);
}
