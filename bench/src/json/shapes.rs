//! What is wanted of documents: as pointers, and as types for serde.

use std::borrow::Cow;

use serde::Deserialize;

use super::Member;

/// Documents with the same members.
pub(super) trait Shape {
    /// Pointers, each with whether its member is an integer.
    const POINTERS: &'static [(&'static str, bool)];
    /// These members and no others.
    type Document<'a>: Deserialize<'a>;

    /// Tells a document's members in the order of the pointers.
    fn tell(document: &Self::Document<'_>, tell: &mut impl FnMut(Member<'_>));
}

fn text(text: &str) -> Member<'_> {
    Member::Text(text.as_bytes())
}

/// The recom job's events.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Event<'a> {
    action_time: i64,
    #[serde(borrow)]
    business_id: Cow<'a, str>,
    #[serde(borrow)]
    scene_id: Cow<'a, str>,
    #[serde(borrow)]
    service_name: Cow<'a, str>,
    #[serde(borrow)]
    log_type: Cow<'a, str>,
    #[serde(borrow)]
    item_set_id: Cow<'a, str>,
    user_id: i64,
}

impl Shape for Event<'_> {
    const POINTERS: &'static [(&'static str, bool)] = &[
        ("/actionTime", true),
        ("/businessId", false),
        ("/sceneId", false),
        ("/serviceName", false),
        ("/logType", false),
        ("/itemSetId", false),
        ("/userId", true),
    ];
    type Document<'a> = Event<'a>;

    fn tell(document: &Event<'_>, tell: &mut impl FnMut(Member<'_>)) {
        let Event { action_time, business_id, scene_id, service_name, log_type, item_set_id, user_id } = document;
        tell(Member::Int(*action_time));
        for string in [business_id, scene_id, service_name, log_type, item_set_id] {
            tell(text(string));
        }
        tell(Member::Int(*user_id));
    }
}

/// Tweets.
#[derive(Debug, Deserialize)]
pub(super) struct Status<'a> {
    #[serde(borrow)]
    created_at: Cow<'a, str>,
    id: i64,
    #[serde(borrow)]
    text: Cow<'a, str>,
    #[serde(borrow)]
    user: User<'a>,
    #[serde(borrow)]
    lang: Cow<'a, str>,
}

/// Who wrote a tweet.
#[derive(Debug, Deserialize)]
struct User<'a> {
    id: i64,
    #[serde(borrow)]
    screen_name: Cow<'a, str>,
}

impl Shape for Status<'_> {
    const POINTERS: &'static [(&'static str, bool)] = &[
        ("/created_at", false),
        ("/id", true),
        ("/text", false),
        ("/user/id", true),
        ("/user/screen_name", false),
        ("/lang", false),
    ];
    type Document<'a> = Status<'a>;

    fn tell(document: &Status<'_>, tell: &mut impl FnMut(Member<'_>)) {
        tell(text(&document.created_at));
        tell(Member::Int(document.id));
        tell(text(&document.text));
        tell(Member::Int(document.user.id));
        tell(text(&document.user.screen_name));
        tell(text(&document.lang));
    }
}

/// Events of GitHub.
#[derive(Debug, Deserialize)]
pub(super) struct GithubEvent<'a> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    created_at: Cow<'a, str>,
    actor: Actor,
    #[serde(borrow)]
    repo: Repository<'a>,
    #[serde(borrow)]
    id: Cow<'a, str>,
}

/// Whose event it is.
#[derive(Debug, Deserialize)]
struct Actor {
    id: i64,
}

/// Where it happened.
#[derive(Debug, Deserialize)]
struct Repository<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
}

impl Shape for GithubEvent<'_> {
    const POINTERS: &'static [(&'static str, bool)] =
        &[("/type", false), ("/created_at", false), ("/actor/id", true), ("/repo/name", false), ("/id", false)];
    type Document<'a> = GithubEvent<'a>;

    fn tell(document: &GithubEvent<'_>, tell: &mut impl FnMut(Member<'_>)) {
        tell(text(&document.kind));
        tell(text(&document.created_at));
        tell(Member::Int(document.actor.id));
        tell(text(&document.repo.name));
        tell(text(&document.id));
    }
}
