//! Serves operators over HTTP: whether weir lives and is ready, what it counts, where it stands, and what may be done to it.
//!
//! | route | answer |
//! | --- | --- |
//! | `GET /live` | 200 while the process serves |
//! | `GET /ready` | 200 where every pipeline has joined its group and none is stopped or paused; else 503 |
//! | `GET /metrics` | OpenMetrics |
//! | `GET /status` | where weir stands, as JSON |
//! | `GET /openapi.json` | these routes, for machines |
//! | `POST /reload` | what came of it, when it has: 200 applied or unchanged, 422 refused, 409 a restart is needed |
//! | `POST /pipelines/NAME/pause`, `…/resume` | 200; 404 no such pipeline, 409 it is not stopped |
//!
//! No answer holds a key, a value or a header of a record, unless a plugin puts it into the words with which it stops a pipeline.
//! Whatever clients do, records go on: the server has a thread of its own, and bounds for connections, headers and time.

mod guard;
mod routes;
mod server;
mod status;
mod tls;

pub use server::{ServeError, serve};
pub use tls::SetUpError;
