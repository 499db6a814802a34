//! TLS of the listener, by files that may change while it listens.

use std::time::{Duration, Instant};

use openssl::{
    error::ErrorStack,
    ssl::{Ssl, SslAcceptor, SslMethod},
};
use tokio::net::TcpStream;
use tokio_openssl::SslStream;

use crate::config::{Tls, TlsError, TlsVersion};

/// Between two looks whether the files changed.
const LOOK: Duration = Duration::from_secs(1);

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
pub enum SetUpError {
    /// The files cannot serve.
    #[error(transparent)]
    Files(#[from] TlsError),
    /// OpenSSL takes them not.
    #[error("OpenSSL does not take the certificate or the key: {0}")]
    OpenSsl(#[from] ErrorStack),
}

/// Makes TLS connections of accepted ones.
pub(super) struct Acceptor {
    tls: Tls,
    acceptor: SslAcceptor,
    /// The files that `acceptor` was made of, or that were refused.
    version: TlsVersion,
    looked: Instant,
}

impl Acceptor {
    pub(super) fn new(tls: Tls) -> Result<Self, SetUpError> {
        let version = tls.version();
        Ok(Self { acceptor: set_up(&tls)?, tls, version, looked: Instant::now() })
    }

    /// Returns what is to shake hands on `stream`, by the files as they are now. While those that changed do not fit (the one
    /// is often replaced before the other), by the ones before.
    pub(super) fn accept(&mut self, stream: TcpStream) -> Result<SslStream<TcpStream>, ErrorStack> {
        if self.looked.elapsed() >= LOOK {
            self.look();
        }
        SslStream::new(Ssl::new(self.acceptor.context())?, stream)
    }

    fn look(&mut self) {
        self.looked = Instant::now();
        let version = self.tls.version();
        if version == self.version {
            return;
        }
        self.version = version;
        match set_up(&self.tls) {
            Ok(acceptor) => {
                self.acceptor = acceptor;
                tracing::info!("the admin API has a new certificate");
            }
            Err(error) => tracing::warn!("the admin API goes on with the certificate it had: {error}"),
        }
    }
}

/// TLS 1.2 and 1.3, by Mozilla's intermediate recommendation.
fn set_up(tls: &Tls) -> Result<SslAcceptor, SetUpError> {
    let identity = tls.read()?;
    let mut builder = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server())?;
    let mut chain = identity.chain.into_iter();
    if let Some(certificate) = chain.next() {
        builder.set_certificate(&certificate)?;
    }
    for certificate in chain {
        builder.add_extra_chain_cert(certificate)?;
    }
    builder.set_private_key(&identity.key)?;
    builder.check_private_key()?;
    Ok(builder.build())
}
