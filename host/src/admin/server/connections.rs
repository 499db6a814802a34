//! The connections that stand, and which of them is closed for a new one.

use std::{
    collections::VecDeque,
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use axum::{Router, extract::Request, response::Response};
use hyper::{
    body::Incoming,
    service::{Service, service_fn},
};
use hyper_util::service::TowerToHyperService;
use tokio::task::AbortHandle;

/// Connections at a time: several hundred that sit there cost nobody else an answer, and no connection its place to one that
/// comes back at once. One takes about 20 KiB, and a file of those that Kafka's clients need, too.
const CONNECTIONS: usize = 384;

/// Those that stand, the oldest first.
#[derive(Debug, Default)]
pub(super) struct Connections(VecDeque<Connection>);

#[derive(Debug)]
struct Connection {
    task: AbortHandle,
    request: Pending,
}

/// Whether a connection has a request that waits for its answer.
#[derive(Clone, Debug, Default)]
pub(super) struct Pending(Arc<AtomicBool>);

impl Pending {
    fn begin(&self) -> PendingGuard {
        self.0.store(true, Ordering::Relaxed);
        PendingGuard(self.clone())
    }
}

/// Ends it, however the request ends.
struct PendingGuard(Pending);

impl Drop for PendingGuard {
    fn drop(&mut self) {
        self.0.0.store(false, Ordering::Relaxed);
    }
}

impl Connections {
    /// Closes one where there are as many as may be: the oldest that waits for no answer, so that idle ones lock nobody out,
    /// and nobody who waits for a reload is sent away for them.
    pub(super) fn make_room(&mut self) {
        self.0.retain(|connection| !connection.task.is_finished());
        if self.0.len() >= CONNECTIONS {
            let oldest = self.0.iter().position(|connection| !connection.request.0.load(Ordering::Relaxed));
            self.0.remove(oldest.unwrap_or_default()).inspect(|connection| connection.task.abort());
        }
    }

    /// One more.
    pub(super) fn add(&mut self, task: AbortHandle, request: Pending) {
        self.0.push_back(Connection { task, request });
    }
}

/// The same service, which tells whether it has a request to answer.
pub(super) fn tracked(
    service: TowerToHyperService<Router>,
) -> (impl Service<Request<Incoming>, Response = Response, Error = Infallible, Future: Send> + Send, Pending) {
    let pending = Pending::default();
    let of_service = pending.clone();
    let tracked = service_fn(move |request: Request<Incoming>| {
        let guard = of_service.begin();
        let answer = service.call(request);
        async move {
            let _guard = guard;
            answer.await
        }
    });
    (tracked, pending)
}
