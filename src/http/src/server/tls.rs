//! TLS by rustls, with a certificate that is read again when its files change.

use rustls::crypto::ring;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use std::fmt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};

/// Where the certificate is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// PEM file of the certificate, then of those that vouch for it.
    pub certificate: PathBuf,
    /// PEM file of its private key.
    pub key: PathBuf,
}

/// Number, size and time of both files.
type Identity = [Option<(u64, u64, i64, i64)>; 2];

/// The certificate that new connections are shown. Those that are open go on with theirs.
pub struct Certificate {
    files: TlsFiles,
    current: RwLock<(Arc<CertifiedKey>, Identity)>,
}

impl Certificate {
    /// Reads both files; the error says which is wrong and how.
    pub fn load(files: &TlsFiles) -> Result<Arc<Self>, String> {
        // The identity first: what is written in between is read again.
        let identity = identity(files);
        let current = RwLock::new((Arc::new(read(files)?), identity));
        Ok(Arc::new(Self { files: files.clone(), current }))
    }

    /// What the server needs.
    pub fn config(self: &Arc<Self>) -> Result<rustls::ServerConfig, String> {
        let builder =
            rustls::ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let versions = builder.with_safe_default_protocol_versions();
        let versions = versions.map_err(|error| format!("TLS cannot be set up: {error}"))?;
        Ok(versions.with_no_client_auth().with_cert_resolver(self.clone()))
    }

    /// Reads the files again when they are others. What cannot be used changes nothing, and the
    /// log says so: it may be half written, and the next look comes soon.
    pub fn refresh(&self) {
        let identity = identity(&self.files);
        let known = self.current.read().map(|current| current.1);
        if known.is_ok_and(|known| known == identity) {
            return;
        }
        let outcome = read(&self.files).map(Arc::new);
        let mut current = self.current.write().unwrap_or_else(|poisoned| poisoned.into_inner());
        current.1 = identity;
        match outcome {
            Ok(certificate) => {
                current.0 = certificate;
                tracing::info!("the certificate was read again");
            }
            Err(error) => tracing::error!(error, "the certificate stays as it was"),
        }
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let current = self.current.read().unwrap_or_else(|poisoned| poisoned.into_inner());
        Some(current.0.clone())
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate").field("files", &self.files).finish_non_exhaustive()
    }
}

/// The certificates in a PEM file.
pub fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let shown = path.display();
    let chain = CertificateDer::pem_file_iter(path)
        .and_then(|certificates| certificates.collect::<Result<Vec<_>, _>>())
        .map_err(|error| format!("tls_certificate: {shown} cannot be read as PEM: {error}"))?;
    if chain.is_empty() {
        return Err(format!("tls_certificate: {shown} holds no certificate in PEM form"));
    }
    Ok(chain)
}

fn read(files: &TlsFiles) -> Result<CertifiedKey, String> {
    let chain = certificates(&files.certificate)?;
    let shown = files.key.display();
    let key = PrivateKeyDer::from_pem_file(&files.key)
        .map_err(|error| format!("tls_key: {shown} cannot be read as a PEM key: {error}"))?;
    CertifiedKey::from_der(chain, key, &ring::default_provider()).map_err(|error| {
        format!(
            "tls_key: {shown} does not go with {}: {error}; the certificate of the service comes \
             first in its file, and the key is RSA, ECDSA or Ed25519",
            files.certificate.display()
        )
    })
}

fn identity(files: &TlsFiles) -> Identity {
    [&files.certificate, &files.key].map(|path| {
        let of = std::fs::metadata(path).ok()?;
        Some((of.ino(), of.size(), of.mtime(), of.mtime_nsec()))
    })
}
