//! Who may ask: the token, and that no web page asks in a person's name.

use std::net::IpAddr;

use axum::{
    Json,
    extract::{Request, State},
    http::{HeaderMap, StatusCode, Uri, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::config::Secret;

/// Lets through who may ask; `token`: none where anybody on this machine may.
pub(super) async fn guard(State(token): State<Option<Secret>>, request: Request, next: Next) -> Response {
    let is_open = matches!(request.uri().path(), "/live" | "/ready");
    match check(request.headers(), request.uri(), token.as_ref().filter(|_| !is_open), token.is_some()) {
        Ok(()) => next.run(request).await,
        Err((status, why)) => {
            let mut response = (status, Json(json!({ "error": why }))).into_response();
            if status == StatusCode::UNAUTHORIZED {
                response.headers_mut().insert(header::WWW_AUTHENTICATE, header::HeaderValue::from_static("Bearer"));
            }
            response
        }
    }
}

/// `needed`: the token that the request must show. `has_token`: whether there is one at all.
fn check(
    headers: &HeaderMap,
    uri: &Uri,
    needed: Option<&Secret>,
    has_token: bool,
) -> Result<(), (StatusCode, &'static str)> {
    // A probe of HTTP/1.0 may do without.
    if matches!(uri.path(), "/live" | "/ready") && !headers.contains_key(header::HOST) {
        return Ok(());
    }
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).or(uri.host());
    let Some(host) = host.and_then(|host| host.parse::<Authority>().ok()) else {
        return Err((StatusCode::BAD_REQUEST, "the request has no Host header"));
    };
    // A page's own name that was made to point here (DNS rebinding); a token it could not know.
    if !has_token && !is_local(host.host()) {
        return Err((StatusCode::FORBIDDEN, "without a token, weir is asked by its address or as localhost"));
    }
    let origin = headers.get(header::ORIGIN).map(|origin| origin.to_str().unwrap_or_default());
    if origin.is_some_and(|origin| origin.split_once("://").map(|(_, rest)| rest) != Some(host.as_str())) {
        return Err((StatusCode::FORBIDDEN, "a page of another origin may not ask"));
    }
    let Some(token) = needed else { return Ok(()) };
    let shown = headers.get(header::AUTHORIZATION).and_then(|shown| shown.to_str().ok());
    let shown =
        shown.and_then(|shown| shown.split_once(' ')).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("Bearer"));
    match shown {
        Some((_, shown)) if is_equal(shown.trim(), &token.0) => Ok(()),
        Some(_) => Err((StatusCode::UNAUTHORIZED, "this is not the token")),
        None => Err((StatusCode::UNAUTHORIZED, "send the token: `Authorization: Bearer TOKEN`")),
    }
}

fn is_local(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok()
}

/// By their digests, so that the time tells nothing of how much is equal.
fn is_equal(shown: &str, token: &str) -> bool {
    Sha256::digest(shown) == Sha256::digest(token)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn ask(headers: &[(&'static str, &str)], token: Option<&str>) -> Result<(), u16> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().unwrap());
        }
        let token = token.map(|token| Secret(token.to_owned()));
        check(&map, &Uri::from_static("/status"), token.as_ref(), token.is_some())
            .map_err(|(status, _)| status.as_u16())
    }

    #[test]
    fn without_a_token_only_this_machine_s_names_are_answered() {
        for host in ["localhost", "LOCALHOST:9644", "127.0.0.1:9644", "[::1]:9644", "10.1.2.3"] {
            assert_eq!(ask(&[("host", host)], None), Ok(()), "{host}");
        }
        for host in ["evil.example", "evil.example:9644", "localhost.evil.example", "127.0.0.1.nip.io"] {
            assert_eq!(ask(&[("host", host)], None), Err(403), "{host}");
        }
        assert_eq!(ask(&[], None), Err(400));
        assert_eq!(ask(&[("host", "a b")], None), Err(400));
    }

    #[test]
    fn pages_of_other_origins_are_refused() {
        let of = |origin| ask(&[("host", "127.0.0.1:9644"), ("origin", origin)], None);
        assert_eq!(of("http://127.0.0.1:9644"), Ok(()));
        for origin in ["http://evil.example", "null", "http://127.0.0.1:9645", ""] {
            assert_eq!(of(origin), Err(403), "{origin}");
        }
    }

    #[test]
    fn a_token_is_asked_for_and_compared_whole() {
        let with = |shown: &str| ask(&[("host", "weir.internal"), ("authorization", shown)], Some("secret"));
        assert_eq!(with("Bearer secret"), Ok(()));
        for shown in ["Bearer secre", "Bearer secret2", "Bearer ", "secret", "Basic secret", "bearer"] {
            assert_eq!(with(shown), Err(401), "{shown}");
        }
        assert_eq!(ask(&[("host", "weir.internal")], Some("secret")), Err(401));
    }
}
