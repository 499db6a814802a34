use super::*;
use crate::abi::{Capture, Input, Member, Source};

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
    object(&plan(), Some(allow), &topics, &mut Expressions::default())
        .into_iter()
        .map(|objection| objection.message)
        .collect()
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
        let mut objections = object(&plan, allow, &topics, &mut Expressions::default());
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
    assert_eq!(object(&plan, None, &[], &mut Expressions::default()).len(), 2);
}

fn told(plan: &Plan, allow: Option<&Allow>) -> Vec<String> {
    let objections = object(plan, allow, &[], &mut Expressions::default());
    objections.into_iter().map(|objection| objection.message).collect()
}

fn reading(inputs: Vec<Input>) -> Plan {
    Plan { inputs, effects: Effects::empty(), topics: Vec::new(), ..plan() }
}

fn capture(pattern: String) -> Input {
    Input::Capture(Capture { source: Source::Value, pattern, group: 1 })
}

/// CPU time of the calling thread that it takes.
fn costs(work: impl FnOnce()) -> std::time::Duration {
    let began = crate::cpu::thread_cpu();
    work();
    crate::cpu::thread_cpu() - began
}

#[test]
fn expressions_that_are_dear_together_are_refused_soon() {
    let dear = reading((1..=100).map(|number| capture(format!(r"\w{{200}}x(.){{{number}}}"))).collect());
    let took = costs(|| {
        let told = told(&dear, None);
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].ends_with("the expressions take more than 10 MiB of memory compiled"), "{told:?}");
    });
    // Built without optimizations it takes many times as long.
    assert!(took < std::time::Duration::from_secs(if cfg!(debug_assertions) { 30 } else { 2 }), "{took:?}");
}

#[test]
fn what_the_fence_leaves_out_is_not_compiled() {
    let allow = Allow { inputs: list(&["value"]), ..Allow::default() };
    let plan = reading(vec![capture("(".to_owned()), capture(r"\w{200}x(.)".to_owned())]);
    assert_eq!(told(&plan, Some(&allow)), ["it wants the input `capture`, which `allow.inputs` does not name"]);
}

#[test]
fn inputs_names_and_texts_beyond_what_is_possible_are_refused_by_their_number() {
    let member = |number| Input::Json(Member { source: Source::Value, pointer: format!("/m{number}") });
    let many = reading((0..50_000).map(member).collect());
    let took = costs(|| assert_eq!(told(&many, None)[0], "it declares 50000 inputs; an interceptor may have 1024"));
    assert!(took < std::time::Duration::from_secs(2), "{took:?}");
    assert_eq!(told(&reading((0..1024).map(member).collect()), None), [""; 0]);

    let expressions = reading((0..129).map(|number| capture(format!("({number})"))).collect());
    assert_eq!(told(&expressions, None), ["it declares 129 expressions; an interceptor may have 128"]);
    let long = reading(vec![capture(format!("({})", "a".repeat(20_000)))]);
    assert!(told(&long, None)[0].ends_with("has 20002 bytes; 16384 are possible"), "{:?}", told(&long, None));
    let texts = reading((0..300).map(|number| Input::Header(format!("{number:01000}"))).collect());
    let most = "it declares 300000 bytes of names, pointers and expressions; an interceptor may have 262144";
    assert_eq!(told(&texts, None), [most]);
    let mut names = reading(Vec::new());
    names.header_names = (0..70_000).map(|number| number.to_string()).collect();
    assert_eq!(told(&names, None), ["it declares 70000 names of headers or topics; an interceptor may have 65536"]);
}

#[test]
fn groups_that_would_take_too_much_in_all_states_are_refused() {
    let plan = reading(vec![capture(format!(r"{}\w{{30}}", "(a)?".repeat(2_000)))]);
    assert!(told(&plan, None)[0].ends_with("is too large for its 2001 groups"), "{:?}", told(&plan, None));
}
