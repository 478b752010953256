//! HTTPS: whose certificate, and from where.

use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::path::PathBuf;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TlsMode {
    /// Plain HTTP only: a proxy in front does the rest, or nobody else comes near.
    #[default]
    Off,
    /// Get and renew a certificate by itself.
    Acme,
    /// Use the certificate of the files named here.
    Files,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChallengeKind {
    /// The authority asks on port 80.
    #[default]
    Http,
    /// The authority asks on port 443.
    TlsAlpn,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Tls {
    /// `off`, `acme` or `files`.
    pub mode: TlsMode,
    /// Where HTTPS is answered.
    pub listen: SocketAddr,
    /// Where plain HTTP is answered with the way to HTTPS, and with proofs for the authority.
    pub http_listen: SocketAddr,
    /// The names that the certificate is for. Empty: the host of `server.public_url`.
    pub names: Vec<String>,
    /// Where the certificate authority may write to.
    pub email: String,
    /// The authority's directory.
    pub directory: String,
    /// A certificate that the authority's own server is checked by, where it is a private one.
    pub directory_ca: Option<PathBuf>,
    /// How the authority checks that the names are ours: `http` or `tls-alpn`.
    pub challenge: ChallengeKind,
    /// With `mode = "files"`: the certificate with its chain, and its key, both as PEM.
    pub certificate: PathBuf,
    pub key: PathBuf,
}

impl Default for Tls {
    fn default() -> Self {
        Tls {
            mode: TlsMode::Off,
            listen: SocketAddr::from(([0_u16; 8], 443)),
            http_listen: SocketAddr::from(([0_u16; 8], 80)),
            names: Vec::new(),
            email: String::new(),
            directory: "https://acme-v02.api.letsencrypt.org/directory".to_owned(),
            directory_ca: None,
            challenge: ChallengeKind::Http,
            certificate: PathBuf::new(),
            key: PathBuf::new(),
        }
    }
}
