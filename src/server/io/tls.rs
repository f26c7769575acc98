//! TLS between the partners, with `rustls`: octets in, octets out, on the core's thread.
//!
//! Each end shows a certificate and checks the other's: both have to come from the configured authority, and each has to
//! have the configured name, or the partner's address. An authority may vouch for others than these two servers.

use std::io::{self, Read};
use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::Arc;

use dhcpfo_files::server_tls::TlsFiles;
use dhcpfo_wire::session::TlsSide;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::client::verify_server_name;
use rustls::pki_types::UnixTime;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{ParsedCertificate, WebPkiClientVerifier};
use rustls::{
    ClientConfig, ClientConnection, Connection, DigitallySignedStruct, DistinguishedName, RootCertStore, ServerConfig,
    ServerConnection, SignatureScheme,
};

/// Certificates and keys, read and found good.
#[derive(Clone, Debug)]
pub struct Secrets {
    client: Arc<ClientConfig>,
    server: Arc<ServerConfig>,
    partner: ServerName<'static>,
}

/// A key of the configuration, what it says, and what is wrong with that.
pub type Unusable = (&'static str, String, io::Error);

fn unusable(key: &'static str, what: &str, why: impl ToString) -> Unusable {
    (key, what.to_owned(), io::Error::new(io::ErrorKind::InvalidData, why.to_string()))
}

fn certificates(key: &'static str, path: &str) -> Result<Vec<CertificateDer<'static>>, Unusable> {
    let read = CertificateDer::pem_file_iter(Path::new(path)).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let found = read.map_err(|error| unusable(key, path, error))?;
    if found.is_empty() {
        return Err(unusable(key, path, "there is no certificate in it; PEM would be accepted"));
    }
    Ok(found)
}

impl Secrets {
    /// Reads the files.
    ///
    /// # Errors
    /// Which of them cannot be used, and why.
    pub fn load(files: &TlsFiles, partner: Ipv4Addr) -> Result<Secrets, Unusable> {
        let chain = certificates("failover.tls-certificate", &files.certificate)?;
        let key = PrivateKeyDer::from_pem_file(&files.private_key)
            .map_err(|error| unusable("failover.tls-private-key", &files.private_key, error))?;
        let mut roots = RootCertStore::empty();
        for certificate in certificates("failover.tls-authority", &files.authority)? {
            roots.add(certificate).map_err(|error| unusable("failover.tls-authority", &files.authority, error))?;
        }
        let roots = Arc::new(roots);
        let partner = match &files.partner {
            None => ServerName::IpAddress(partner.into()),
            Some(name) => {
                ServerName::try_from(name.clone()).map_err(|error| unusable("failover.tls-partner", name, error))?
            }
        };
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier = WebPkiClientVerifier::builder_with_provider(roots.clone(), provider.clone())
            .build()
            .map_err(|error| unusable("failover.tls-authority", &files.authority, error))?;
        let verifier = Arc::new(Named { authority: verifier, name: partner.clone() });
        let mismatch = |error: rustls::Error| unusable("failover.tls-private-key", &files.private_key, error);
        let versions = |error: rustls::Error| unusable("failover.tls", "required", error);
        let server = ServerConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(versions)?
            .with_client_cert_verifier(verifier)
            .with_single_cert(chain.clone(), key.clone_key())
            .map_err(mismatch)?;
        let client = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(versions)?
            .with_root_certificates(roots)
            .with_client_auth_cert(chain, key)
            .map_err(mismatch)?;
        Ok(Secrets { client: Arc::new(client), server: Arc::new(server), partner })
    }

    /// One end of a connection, and what it says first.
    ///
    /// # Errors
    /// In the library's words.
    pub fn begin(&self, side: TlsSide) -> Result<(Tunnel, Vec<u8>), String> {
        let connection = match side {
            TlsSide::Client => ClientConnection::new(self.client.clone(), self.partner.clone()).map(Connection::Client),
            TlsSide::Server => ServerConnection::new(self.server.clone()).map(Connection::Server),
        };
        let connection = connection.map_err(|error| error.to_string())?;
        let mut tunnel = Tunnel { connection, secured: false };
        let first = tunnel.outgoing();
        Ok((tunnel, first))
    }
}

/// Checks the certificate of the end that dials: the authority's checks, and then the name. Without this whoever has any
/// certificate of the authority could be the partner.
#[derive(Debug)]
struct Named {
    authority: Arc<dyn ClientCertVerifier>,
    name: ServerName<'static>,
}

impl ClientCertVerifier for Named {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.authority.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        let verified = self.authority.verify_client_cert(end_entity, intermediates, now)?;
        verify_server_name(&ParsedCertificate::try_from(end_entity)?, &self.name)?;
        Ok(verified)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.authority.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.authority.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.authority.supported_verify_schemes()
    }
}

/// What came out of received octets.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Received {
    /// The handshake has just come to its end, before `plain`.
    pub secured: bool,
    /// What the partner says.
    pub plain: Vec<u8>,
}

/// One end of a TLS connection.
#[derive(Debug)]
pub struct Tunnel {
    connection: Connection,
    secured: bool,
}

impl Tunnel {
    /// Takes octets of the partner. Also what has to be written because of them, even if they were wrong.
    ///
    /// # Errors
    /// They are no TLS, or the partner is not who it should be.
    pub fn receive(&mut self, mut octets: &[u8]) -> (Result<Received, String>, Vec<u8>) {
        let mut received = Received::default();
        let mut taken = Ok(());
        while !octets.is_empty() && taken.is_ok() {
            taken = self.take(&mut octets, &mut received.plain);
        }
        if !self.secured && !self.connection.is_handshaking() && taken.is_ok() {
            self.secured = true;
            received.secured = true;
        }
        (taken.map(|()| received), self.outgoing())
    }

    fn take(&mut self, octets: &mut &[u8], plain: &mut Vec<u8>) -> Result<(), String> {
        self.connection.read_tls(octets).map_err(|error| error.to_string())?;
        self.connection.process_new_packets().map_err(|error| error.to_string())?;
        match self.connection.reader().read_to_end(plain) {
            Ok(_) => Ok(()),
            // Nothing more for now.
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// What is to be written so that the partner reads these octets.
    pub fn send(&mut self, octets: &[u8]) -> Vec<u8> {
        // Into memory, which does not fail; the buffer is emptied each time.
        let _ = io::Write::write_all(&mut self.connection.writer(), octets);
        self.outgoing()
    }

    /// The last words.
    pub fn close(&mut self) -> Vec<u8> {
        self.connection.send_close_notify();
        self.outgoing()
    }

    fn outgoing(&mut self) -> Vec<u8> {
        let mut out = Vec::new();
        while self.connection.wants_write() && self.connection.write_tls(&mut out).is_ok() {}
        out
    }
}
