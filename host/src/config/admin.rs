//! What the admin API listens at, and what it shows its clients.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use openssl::{
    error::ErrorStack,
    pkey::{PKey, Private},
    x509::X509,
};

use super::{Secret, file_version::FileVersion};
use crate::bounded_file::{self, Unreadable};

/// Bytes of a certificate's file, or of a key's.
const LIMIT: u64 = 1 << 20;

/// `[admin]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admin {
    /// Where it listens.
    pub listen: SocketAddr,
    /// What a caller must show; none only on loopback.
    pub token: Option<Secret>,
    /// With what it speaks TLS; none: it speaks plain HTTP.
    pub tls: Option<Tls>,
}

/// The files that the admin API speaks TLS with, both PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tls {
    /// The server's certificate, then those that vouch for it.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// What the two files hold.
#[derive(Debug)]
pub(crate) struct Identity {
    /// The server's certificate first; at least that one.
    pub(crate) chain: Vec<X509>,
    /// The key of the first certificate.
    pub(crate) key: PKey<Private>,
}

/// Whether the two files changed, without reading them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TlsVersion([Option<FileVersion>; 2]);

/// What keeps the files from serving.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The certificate cannot be read.
    #[error("cannot read the certificate `{}`: {source}", path.display())]
    Certificate {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Unreadable,
    },
    /// The key cannot be read.
    #[error("cannot read the key `{}`: {source}", path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Unreadable,
    },
    /// There is no certificate in its file.
    #[error("`{}` holds no certificate in PEM form{}", path.display(), told(source))]
    NoCertificate {
        /// The file.
        path: PathBuf,
        /// What OpenSSL says of it; nothing of a file without any PEM.
        source: ErrorStack,
    },
    /// There is no private key in its file.
    #[error("`{}` holds no private key in PEM form that can be read without a pass phrase{}", path.display(), told(source))]
    NoKey {
        /// The file.
        path: PathBuf,
        /// What OpenSSL says of it.
        source: ErrorStack,
    },
    /// The key is another certificate's.
    #[error("the key `{}` is not that of the first certificate of `{}`", key.display(), certificate.display())]
    OtherKey {
        /// The key's file.
        key: PathBuf,
        /// The certificate's file.
        certificate: PathBuf,
    },
}

/// The first reason that OpenSSL gives, in parentheses; empty where it gives none.
fn told(errors: &ErrorStack) -> String {
    let reason = errors.errors().first().and_then(openssl::error::Error::reason);
    reason.map(|reason| format!(" ({reason})")).unwrap_or_default()
}

impl Tls {
    /// Reads both files.
    ///
    /// # Errors
    /// [`TlsError`].
    pub(crate) fn read(&self) -> Result<Identity, TlsError> {
        let text = |path: &Path| bounded_file::read(path, LIMIT);
        let certificate = text(&self.certificate)
            .map_err(|source| TlsError::Certificate { path: self.certificate.clone(), source })?;
        let key = text(&self.key).map_err(|source| TlsError::Key { path: self.key.clone(), source })?;
        let no_certificate = |source| TlsError::NoCertificate { path: self.certificate.clone(), source };
        let chain = X509::stack_from_pem(&certificate).map_err(no_certificate)?;
        let first = chain.first().ok_or_else(|| no_certificate(ErrorStack::get()))?;
        // Without a callback the terminal would be asked for the pass phrase.
        let key = PKey::private_key_from_pem_callback(&key, |_| Err(ErrorStack::get()))
            .map_err(|source| TlsError::NoKey { path: self.key.clone(), source })?;
        if !first.public_key().is_ok_and(|public| public.public_eq(&key)) {
            return Err(TlsError::OtherKey { key: self.key.clone(), certificate: self.certificate.clone() });
        }
        Ok(Identity { chain, key })
    }

    /// Which files there are at this moment.
    pub(crate) fn version(&self) -> TlsVersion {
        TlsVersion([&self.certificate, &self.key].map(|path| FileVersion::of(path)))
    }
}

impl TlsError {
    /// Whether it is about the key's file, not the certificate's.
    pub(super) fn is_of_key(&self) -> bool {
        matches!(self, Self::Key { .. } | Self::NoKey { .. } | Self::OtherKey { .. })
    }

    /// What to do instead.
    pub(super) fn help(&self) -> Option<&'static str> {
        match self {
            Self::Certificate { .. } | Self::Key { .. } => None,
            Self::NoCertificate { .. } => {
                Some("write the server's certificate, then those that vouch for it: `-----BEGIN CERTIFICATE-----` …")
            }
            Self::NoKey { .. } => {
                Some("write it without a pass phrase: `openssl pkey -in KEY -out PLAIN`, readable by weir alone")
            }
            Self::OtherKey { .. } => Some("name the key that the certificate was made for"),
        }
    }
}
