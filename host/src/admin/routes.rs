//! What each route answers.

use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::{Path, State},
    http::{StatusCode, Uri, header},
    middleware,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::{Value, json};
use tokio::{sync::Semaphore, time::timeout};

use super::{guard::guard, status};
use crate::{
    app::{OperationError, Operations},
    config::Secret,
    reload::Outcome,
};

type Shared = Arc<dyn Operations>;

/// Reloads and resumes that may be waited for at the same time, each in a thread of its own.
pub(super) const WAITING: usize = 8;
/// How long a reload or a resume is waited for. It goes on all the same.
const WAIT: Duration = Duration::from_secs(300);
static PLACES: Semaphore = Semaphore::const_new(WAITING);

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

pub(super) fn router(operations: Shared, token: Option<Secret>) -> Router {
    Router::new()
        .route("/live", get(live))
        .route("/ready", get(ready))
        .route("/metrics", get(metrics))
        .route("/status", get(show_status))
        .route("/openapi.json", get(openapi))
        .route("/reload", post(reload))
        .route("/rollback", post(roll_back))
        .route("/pipelines/{name}/dead-letters", get(dead_letters))
        .route("/pipelines/{name}/pause", post(pause))
        .route("/pipelines/{name}/resume", post(resume))
        .fallback(unknown)
        .method_not_allowed_fallback(other_method)
        .layer(middleware::from_fn_with_state(token, guard))
        .with_state(operations)
}

async fn live() -> &'static str {
    "live\n"
}

async fn ready(State(operations): State<Shared>) -> (StatusCode, &'static str) {
    if operations.is_ready() { (StatusCode::OK, "ready\n") } else { (StatusCode::SERVICE_UNAVAILABLE, "not ready\n") }
}

async fn metrics(State(operations): State<Shared>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, OPEN_METRICS)], status::metrics_text(&*operations))
}

async fn show_status(State(operations): State<Shared>) -> Json<Value> {
    Json(status::of(&*operations))
}

async fn openapi() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], include_str!("openapi.json"))
}

async fn reload(State(operations): State<Shared>) -> Response {
    tell(wait_for(move || operations.reload()).await)
}

async fn roll_back(State(operations): State<Shared>) -> Response {
    tell(wait_for(move || operations.roll_back()).await)
}

/// What came of a reload or a rollback.
fn tell(outcome: Result<Option<Outcome>, Response>) -> Response {
    let outcome = match outcome {
        Ok(Some(outcome)) => outcome,
        Ok(None) => return error(StatusCode::SERVICE_UNAVAILABLE, "weir is starting or ending, and reloads nothing"),
        Err(refusal) => return refusal,
    };
    let status = match outcome {
        Outcome::Unchanged | Outcome::Applied { .. } | Outcome::RolledBack { .. } => StatusCode::OK,
        Outcome::Rejected { .. } => StatusCode::UNPROCESSABLE_ENTITY,
        Outcome::NeedsRestart { .. } | Outcome::Superseded => StatusCode::CONFLICT,
    };
    (status, Json(status::of_outcome(&outcome))).into_response()
}

async fn dead_letters(State(operations): State<Shared>, Path(name): Path<String>, uri: Uri) -> Response {
    let mut limit = 20;
    for (key, value) in uri.query().unwrap_or_default().split('&').filter_map(|pair| pair.split_once('=')) {
        match (key, value.parse()) {
            ("limit", Ok(number)) => limit = number,
            ("limit", Err(_)) => return error(StatusCode::BAD_REQUEST, "`limit` is a number, at most 100"),
            _ => {}
        }
    }
    match operations.recent_deaths(&name, limit) {
        Ok(deaths) => Json(status::of_deaths(&name, &deaths)).into_response(),
        Err(refused) => refusal(&refused),
    }
}

async fn pause(State(operations): State<Shared>, Path(name): Path<String>) -> Response {
    // It waits for nothing, and is not to come late.
    let done = operations.pause(&name);
    answer(&name, done, "paused")
}

async fn resume(State(operations): State<Shared>, Path(name): Path<String>) -> Response {
    let asked = name.clone();
    match wait_for(move || operations.resume(&asked)).await {
        Ok(done) => answer(&name, done, "resumed"),
        Err(refusal) => refusal,
    }
}

/// Waits for what may take long, in a thread of its own.
///
/// # Errors
/// The answer, where there is no place to wait, or it takes too long.
async fn wait_for<T: Send + 'static>(body: impl FnOnce() -> T + Send + 'static) -> Result<T, Response> {
    let Ok(place) = PLACES.try_acquire() else {
        return Err(error(StatusCode::SERVICE_UNAVAILABLE, "others wait for reloads already: ask again later"));
    };
    let waited = tokio::task::spawn_blocking(move || {
        let done = body();
        drop(place);
        done
    });
    match timeout(WAIT, waited).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(panicked)) => Err(error(StatusCode::INTERNAL_SERVER_ERROR, &panicked.to_string())),
        Err(_) => Err(error(StatusCode::GATEWAY_TIMEOUT, "it is still under way: /status tells what comes of it")),
    }
}

fn answer(name: &str, done: Result<(), OperationError>, word: &str) -> Response {
    match done {
        Ok(()) => Json(json!({ "pipeline": name, "outcome": word })).into_response(),
        Err(refused) => refusal(&refused),
    }
}

fn refusal(refused: &OperationError) -> Response {
    let status = match refused {
        OperationError::Unknown(_) => StatusCode::NOT_FOUND,
        OperationError::NotStopped(_) | OperationError::Stopped(..) => StatusCode::CONFLICT,
        OperationError::Start(..) | OperationError::Starting | OperationError::Ending => {
            StatusCode::SERVICE_UNAVAILABLE
        }
    };
    error(status, &refused.to_string())
}

async fn unknown() -> Response {
    error(
        StatusCode::NOT_FOUND,
        "there is /live, /ready, /metrics, /status, /openapi.json, /pipelines/NAME/dead-letters, and by POST /reload, /rollback, /pipelines/NAME/pause and /pipelines/NAME/resume",
    )
}

async fn other_method() -> Response {
    error(
        StatusCode::METHOD_NOT_ALLOWED,
        "reading is GET; /reload, /rollback, /pipelines/NAME/pause and /pipelines/NAME/resume are POST",
    )
}

fn error(status: StatusCode, why: &str) -> Response {
    (status, Json(json!({ "error": why }))).into_response()
}
