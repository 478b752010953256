//! The TLS side: which certificate a connection gets.

use super::{Certificate, store};
use crate::app::App;
use crate::vault::What;
use anyhow::Context;
use base::clock::Millis;
use parking_lot::RwLock;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::server::TlsStream;
use x509_parser::prelude::{FromDer, X509Certificate};

/// The protocol name by which an authority asks for its proof (RFC 8737).
const PROOF_PROTOCOL: &[u8] = b"acme-tls/1";

/// The certificate in use, with the time of its last change.
pub struct Tls {
    app: App,
    current: RwLock<(Millis, Arc<ServerConfig>)>,
}

impl Tls {
    /// Until there is a certificate, one that nobody trusts stands in, so that the site can be
    /// reached and says what is missing.
    pub async fn start(app: &App) -> anyhow::Result<Self> {
        let stand_in = rcgen::generate_simple_self_signed(super::names(app))?;
        let key = PrivateKeyDer::try_from(stand_in.signing_key.serialize_der())
            .map_err(anyhow::Error::msg)?;
        let config = usual(vec![stand_in.cert.der().clone()], key)?;
        let tls = Tls {
            app: app.clone(),
            current: RwLock::new((0, Arc::new(config))),
        };
        tls.refresh().await?;
        Ok(tls)
    }

    /// Takes up a certificate that this or another machine has got.
    pub async fn refresh(&self) -> anyhow::Result<()> {
        let Some(found) = super::current(&self.app).await? else {
            return Ok(());
        };
        if found.updated_at == self.current.read().0 {
            return Ok(());
        }
        let key = self.app.vault.open(What::CertificateKey, &found.key_pem)?;
        let config = Arc::new(loaded(&found.chain_pem, &key)?);
        *self.current.write() = (found.updated_at, config);
        Ok(())
    }

    /// Ends a handshake; nothing is given back for an authority that only came for its proof.
    pub async fn accept<S>(&self, stream: S) -> anyhow::Result<Option<TlsStream<S>>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let start = LazyConfigAcceptor::new(rustls::server::Acceptor::default(), stream).await?;
        let hello = start.client_hello();
        let wants_proof = hello
            .alpn()
            .is_some_and(|mut offered| offered.any(|name| name == PROOF_PROTOCOL));
        if !wants_proof {
            let config = Arc::clone(&self.current.read().1);
            return Ok(Some(start.into_stream(config).await?));
        }
        let name = hello
            .server_name()
            .context("no name was asked for")?
            .to_owned();
        let challenge = store::challenge_by_name(&self.app.db, &name).await?;
        let challenge = challenge.context("no check of this name is under way")?;
        let config = proof(&name, &challenge.digest)?;
        start.into_stream(Arc::new(config)).await?;
        Ok(None)
    }
}

fn usual(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> anyhow::Result<ServerConfig> {
    let mut config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

fn loaded(chain_pem: &str, key_pem: &str) -> anyhow::Result<ServerConfig> {
    let key = PrivateKeyDer::from_pem_slice(key_pem.as_bytes())?;
    usual(chain(chain_pem)?, key)
}

fn chain(pem: &str) -> anyhow::Result<Vec<CertificateDer<'static>>> {
    Ok(CertificateDer::pem_slice_iter(pem.as_bytes()).collect::<Result<_, _>>()?)
}

/// A certificate that holds the proof and serves for nothing else.
fn proof(name: &str, digest: &[u8]) -> anyhow::Result<ServerConfig> {
    let mut params = rcgen::CertificateParams::new(vec![name.to_owned()])?;
    params.custom_extensions = vec![rcgen::CustomExtension::new_acme_identifier(digest)];
    let key = rcgen::KeyPair::generate()?;
    let certificate = params.self_signed(&key)?;
    let key = PrivateKeyDer::try_from(key.serialize_der()).map_err(anyhow::Error::msg)?;
    // Put together by hand: the usual way looks into the certificate, and does not know the critical
    // extension that the proof is.
    let signer = rustls::crypto::aws_lc_rs::sign::any_supported_type(&key)?;
    let both = rustls::sign::CertifiedKey::new(vec![certificate.der().clone()], signer);
    let mut config = ServerConfig::builder()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(rustls::sign::SingleCertAndKey::from(both)));
    config.alpn_protocols = vec![PROOF_PROTOCOL.to_vec()];
    Ok(config)
}

/// From when until when a certificate is valid.
pub fn validity(chain_pem: &str) -> anyhow::Result<(Millis, Millis)> {
    let first = chain(chain_pem)?
        .into_iter()
        .next()
        .context("there is no certificate in it")?;
    let (_, parsed) = X509Certificate::from_der(&first)?;
    let validity = parsed.validity();
    Ok((
        validity.not_before.timestamp() * 1000,
        validity.not_after.timestamp() * 1000,
    ))
}

/// The names that a certificate is for.
pub fn names_in(chain_pem: &str) -> Option<Vec<String>> {
    let first = chain(chain_pem).ok()?.into_iter().next()?;
    let (_, parsed) = X509Certificate::from_der(&first).ok()?;
    let names = parsed.subject_alternative_name().ok()??;
    let names = names
        .value
        .general_names
        .iter()
        .filter_map(|name| match name {
            x509_parser::extensions::GeneralName::DNSName(name) => Some((*name).to_owned()),
            _ => None,
        });
    Some(names.collect())
}

/// The certificate that the settings name as files; its change is the change of the file.
pub fn from_files(app: &App) -> Option<Certificate> {
    let config = &app.config.tls;
    let read = || -> anyhow::Result<Certificate> {
        let chain_pem = std::fs::read_to_string(&config.certificate)
            .with_context(|| format!("read {}", config.certificate.display()))?;
        let key_pem = std::fs::read_to_string(&config.key)
            .with_context(|| format!("read {}", config.key.display()))?;
        let (not_before, not_after) = validity(&chain_pem)?;
        Ok(Certificate {
            chain_pem,
            key_pem,
            not_before,
            not_after,
            updated_at: not_before,
        })
    };
    match read() {
        Ok(certificate) => Some(certificate),
        Err(error) => {
            tracing::error!(
                error = format!("{error:#}"),
                "the certificate of the settings cannot be used"
            );
            None
        }
    }
}
