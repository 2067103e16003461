//! `heartstrings health`: the health check of a container without curl.

use super::Outcome;
use crate::settings::Settings;
use heartstrings_http::certificates;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::{DigitallySignedStruct, Error, SignatureScheme};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use std::io::{Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Longest wait for the connection and for each piece of the answer.
const TIMEOUT: Duration = Duration::from_secs(3);

/// Asks the service at the configured address for `/health`.
pub fn run(settings: &Settings) -> Outcome {
    let mut address = settings.listen;
    if address.ip().is_unspecified() {
        // A service that listens on all addresses listens on loopback too.
        let here = if address.is_ipv4() { "127.0.0.1" } else { "::1" };
        address.set_ip(here.parse::<IpAddr>().map_err(|error| error.to_string())?);
    }
    let failed = |error: std::io::Error| format!("no answer from {address}: {error}");
    let stream = connect(address).map_err(failed)?;
    let answer = match &settings.access.tls {
        Some(files) => ask(address, encrypted(stream, address, &files.certificate)?),
        None => ask(address, stream),
    };
    let answer = answer.map_err(failed)?;
    if answer.starts_with("HTTP/1.1 200") {
        Ok(())
    } else {
        Err(format!("{address} answered {:?}", answer.lines().next().unwrap_or_default()).into())
    }
}

fn connect(address: SocketAddr) -> std::io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    Ok(stream)
}

fn ask(address: SocketAddr, mut stream: impl Read + Write) -> std::io::Result<String> {
    write!(stream, "GET /health HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    match stream.read_to_end(&mut answer) {
        // How the service closes the connection does not matter; the answer came before.
        Err(error) if error.kind() != std::io::ErrorKind::UnexpectedEof => return Err(error),
        _ => {}
    }
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

fn encrypted(
    stream: TcpStream,
    address: SocketAddr,
    certificate: &Path,
) -> Result<impl Read + Write, String> {
    let failed = |error: Error| format!("TLS cannot be set up: {error}");
    let provider = Arc::new(ring::default_provider());
    let own = certificates(certificate)?.into_iter().next().ok_or("the certificate is gone")?;
    let config = rustls::ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(failed)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Own { certificate: own, provider }))
        .with_no_client_auth();
    let name = ServerName::IpAddress(address.ip().into());
    let connection = rustls::ClientConnection::new(Arc::new(config), name).map_err(failed)?;
    Ok(rustls::StreamOwned::new(connection, stream))
}

/// Trusts the configured certificate and no other. The usual check would fail: the certificate is for
/// the name that clients use, not for the loopback address that is asked here.
#[derive(Debug)]
struct Own {
    certificate: CertificateDer<'static>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Own {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if *shown == self.certificate {
            return Ok(ServerCertVerified::assertion());
        }
        Err(Error::General("the service shows another certificate than the configured one".into()))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let known = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, known)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let known = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
