//! What each route answers.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, State},
    http::{StatusCode, header},
    middleware,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::{Value, json};

use super::{guard::guard, status};
use crate::{
    app::{OperationError, Operations},
    config::Secret,
    reload::Outcome,
};

type Shared = Arc<dyn Operations>;

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

pub(super) fn router(operations: Shared, token: Option<Secret>) -> Router {
    Router::new()
        .route("/live", get(live))
        .route("/ready", get(ready))
        .route("/metrics", get(metrics))
        .route("/status", get(show_status))
        .route("/openapi.json", get(openapi))
        .route("/reload", post(reload))
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
    let asked = tokio::task::spawn_blocking(move || operations.reload()).await;
    let Ok(Some(outcome)) = asked else {
        return error(StatusCode::SERVICE_UNAVAILABLE, "weir is starting or ending, and reloads nothing");
    };
    let status = match outcome {
        Outcome::Unchanged | Outcome::Applied { .. } => StatusCode::OK,
        Outcome::Rejected { .. } => StatusCode::UNPROCESSABLE_ENTITY,
        Outcome::NeedsRestart { .. } => StatusCode::CONFLICT,
    };
    (status, Json(status::of_outcome(&outcome))).into_response()
}

async fn pause(State(operations): State<Shared>, Path(name): Path<String>) -> Response {
    let asked = name.clone();
    answer(name, tokio::task::spawn_blocking(move || operations.pause(&asked)).await, "paused")
}

async fn resume(State(operations): State<Shared>, Path(name): Path<String>) -> Response {
    let asked = name.clone();
    answer(name, tokio::task::spawn_blocking(move || operations.resume(&asked)).await, "resumed")
}

fn answer(name: String, done: Result<Result<(), OperationError>, tokio::task::JoinError>, word: &str) -> Response {
    match done {
        Ok(Ok(())) => Json(json!({ "pipeline": name, "outcome": word })).into_response(),
        Ok(Err(refused)) => {
            let status = match refused {
                OperationError::Unknown(_) => StatusCode::NOT_FOUND,
                OperationError::NotStopped(_) => StatusCode::CONFLICT,
                OperationError::Start(..) | OperationError::Starting | OperationError::Ending => {
                    StatusCode::SERVICE_UNAVAILABLE
                }
            };
            error(status, &refused.to_string())
        }
        Err(panicked) => error(StatusCode::INTERNAL_SERVER_ERROR, &panicked.to_string()),
    }
}

async fn unknown() -> Response {
    error(
        StatusCode::NOT_FOUND,
        "there is /live, /ready, /metrics, /status, /openapi.json, and by POST /reload, /pipelines/NAME/pause and /pipelines/NAME/resume",
    )
}

async fn other_method() -> Response {
    error(StatusCode::METHOD_NOT_ALLOWED, "reading is GET; /reload and what is under /pipelines are POST")
}

fn error(status: StatusCode, why: &str) -> Response {
    (status, Json(json!({ "error": why }))).into_response()
}
