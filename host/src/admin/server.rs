//! The listener, its thread, and the bounds that hold for every client.

mod connections;

use std::{
    convert::Infallible,
    io,
    net::{SocketAddr, TcpListener},
    pin::Pin,
    sync::Arc,
    time::Duration,
};

use axum::{Router, extract::Request, response::Response};
use connections::Connections;
use hyper::{body::Incoming, server::conn::http1, service::Service};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::TcpStream,
    runtime,
    time::{sleep, timeout},
};
use tokio_openssl::SslStream;

use super::{
    routes,
    tls::{Acceptor, SetUpError},
};
use crate::{
    app::Operations,
    config::Admin,
    threads::{self, Role},
};

/// How long a client may take over the headers of a request, and be silent between two requests.
const HEADERS: Duration = Duration::from_secs(15);
/// How long a connection may live: who reads an answer slowly is cut off then. A reload answers sooner, see `routes`.
const CONNECTION: Duration = Duration::from_secs(600);
/// Bytes of a request's headers, at most.
const HEADER_BYTES: usize = 16 << 10;
/// After the system gave no connection, such as when files ran out.
const AGAIN: Duration = Duration::from_millis(200);

/// Why nothing listens.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address cannot be listened at.
    #[error("cannot listen at `{address}` (`listen` in [admin])")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The system's words.
        source: io::Error,
    },
    /// The system gives no thread.
    #[error("no thread for the admin API")]
    Thread(#[source] io::Error),
    /// It cannot speak TLS.
    #[error("no TLS for the admin API (`tls` in [admin])")]
    Tls(#[from] SetUpError),
}

/// Listens, and answers from a thread of its own until the process ends. Returns where it listens.
///
/// # Errors
/// [`ServeError`].
pub fn serve(admin: &Admin, operations: Arc<dyn Operations>) -> Result<SocketAddr, ServeError> {
    let acceptor = admin.tls.clone().map(Acceptor::new).transpose()?;
    let refused = |source| ServeError::Listen { address: admin.listen, source };
    let listener = TcpListener::bind(admin.listen).map_err(refused)?;
    listener.set_nonblocking(true).map_err(refused)?;
    let address = listener.local_addr().map_err(refused)?;
    let runtime = runtime::Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .max_blocking_threads(routes::WAITING)
        .thread_name("weir-admin-wait")
        .build()
        .map_err(ServeError::Thread)?;
    let router = routes::router(operations, admin.token.clone());
    let on_panic = |words: &str| tracing::error!("the admin API has ended, and answers no more: {words}");
    threads::start_guarded(Role::Admin, "weir-admin", on_panic, move || {
        runtime.block_on(accept(listener, acceptor, router));
    })
    .map_err(ServeError::Thread)?;
    Ok(address)
}

async fn accept(listener: TcpListener, mut acceptor: Option<Acceptor>, router: Router) {
    let listener = match tokio::net::TcpListener::from_std(listener) {
        Ok(listener) => listener,
        Err(error) => return tracing::error!("the admin API cannot listen: {error}"),
    };
    let mut connections = Connections::default();
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEADERS).max_buf_size(HEADER_BYTES);
    loop {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::debug!("admin: no connection: {error}");
                sleep(AGAIN).await;
                continue;
            }
        };
        connections.make_room();
        let (service, request) = connections::tracked(TowerToHyperService::new(router.clone()));
        let http = http.clone();
        // A client that goes, stalls or sends what is no TLS or no HTTP harms itself alone.
        let connection = match &mut acceptor {
            None => tokio::spawn(serve_http(http.serve_connection(TokioIo::new(stream), service))),
            Some(acceptor) => match acceptor.accept(stream) {
                Ok(stream) => tokio::spawn(serve_tls(http, stream, service)),
                Err(error) => {
                    tracing::warn!("admin: no TLS connection: {error}");
                    continue;
                }
            },
        };
        connections.add(connection.abort_handle(), request);
    }
}

async fn serve_tls(
    http: http1::Builder,
    mut stream: SslStream<TcpStream>,
    service: impl Service<Request<Incoming>, Response = Response, Error = Infallible>,
) {
    match timeout(HEADERS, Pin::new(&mut stream).accept()).await {
        Ok(Ok(())) => serve_http(http.serve_connection(TokioIo::new(stream), service)).await,
        Ok(Err(error)) => tracing::debug!("admin: no TLS: {error}"),
        Err(_) => {}
    }
}

/// Serves a connection for as long as one may live.
async fn serve_http(served: impl Future<Output = Result<(), hyper::Error>>) {
    if let Ok(Err(error)) = timeout(CONNECTION, served).await {
        tracing::debug!("admin: {error}");
    }
}
