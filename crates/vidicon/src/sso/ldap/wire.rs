//! Questions and answers of LDAP (RFC 4511): bind, search, StartTLS.

use super::{ber, filter};
use crate::config::Sso;
use anyhow::{Context, bail};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

const BIND: u8 = 0x60;
const BIND_ANSWER: u8 = 0x61;
const SEARCH: u8 = 0x63;
const SEARCH_ENTRY: u8 = 0x64;
const SEARCH_DONE: u8 = 0x65;
const SEARCH_REFERENCE: u8 = 0x73;
const EXTENDED: u8 = 0x77;
const EXTENDED_ANSWER: u8 = 0x78;
const START_TLS: &str = "1.3.6.1.4.1.1466.20037";
const SUCCESS: u32 = 0;
/// More were found than were asked for.
const SIZE_LIMIT: u32 = 4;
const NO_SUCH_OBJECT: u32 = 32;
const INVALID_CREDENTIALS: u32 = 49;
/// Groups of a person; of people two are too many already.
const MOST_ENTRIES: u32 = 500;

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// An entry of the directory with the attributes that were asked for.
#[derive(Debug, Default)]
pub struct Found {
    pub dn: String,
    attributes: Vec<(String, Vec<String>)>,
}

impl Found {
    pub fn all<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        self.attributes
            .iter()
            .filter(move |(known, _)| known.eq_ignore_ascii_case(name))
            .flat_map(|(_, values)| values.iter().map(String::as_str))
    }

    pub fn one(&self, name: &str) -> Option<String> {
        self.all(name)
            .find(|text| !text.is_empty())
            .map(str::to_owned)
    }
}

pub struct Connection {
    stream: Box<dyn Stream>,
    number: u32,
    /// Bytes that came and were not looked at yet.
    waiting: Vec<u8>,
}

impl Connection {
    pub async fn open(sso: &Sso) -> anyhow::Result<Self> {
        let url = url::Url::parse(&sso.url)?;
        let host = url.host_str().context("the url has no host")?.to_owned();
        let secure = url.scheme() == "ldaps";
        let port = url.port().unwrap_or(if secure { 636 } else { 389 });
        let stream = TcpStream::connect((host.trim_matches(['[', ']']), port))
            .await
            .with_context(|| format!("connect to {host}:{port}"))?;
        if secure {
            return Ok(Self::on(Box::new(encrypted(sso, host, stream).await?)));
        }
        if !sso.starttls {
            return Ok(Self::on(Box::new(stream)));
        }
        let mut plain = Self::on(Box::new(stream));
        let question = ber::group(EXTENDED, &[ber::text(0x80, START_TLS)]);
        let (_, code, said) = plain.ask(&question, EXTENDED_ANSWER).await?;
        if code != SUCCESS {
            bail!("the directory does not begin TLS: {said}");
        }
        anyhow::ensure!(
            plain.waiting.is_empty(),
            "the directory spoke before TLS began"
        );
        Ok(Self::on(Box::new(
            encrypted(sso, host, plain.stream).await?,
        )))
    }

    fn on(stream: Box<dyn Stream>) -> Self {
        Connection {
            stream,
            number: 0,
            waiting: Vec::new(),
        }
    }

    /// Is this the password of that entry?
    pub async fn bind(&mut self, dn: &str, password: &str) -> anyhow::Result<bool> {
        let question = ber::group(
            BIND,
            &[
                ber::integer(ber::INTEGER, 3),
                ber::text(ber::OCTETS, dn),
                ber::text(0x80, password),
            ],
        );
        let (_, code, said) = self.ask(&question, BIND_ANSWER).await?;
        match code {
            SUCCESS => Ok(true),
            INVALID_CREDENTIALS | NO_SUCH_OBJECT => Ok(false),
            // Locked, expired, not allowed: whatever it is, this person is not let in.
            _ => {
                tracing::info!(code, said, "the directory did not let somebody in");
                Ok(false)
            }
        }
    }

    pub async fn search(
        &mut self,
        base: &str,
        question: &str,
        wanted: &[&str],
    ) -> anyhow::Result<Vec<Found>> {
        let names: Vec<Vec<u8>> = wanted
            .iter()
            .map(|name| ber::text(ber::OCTETS, name))
            .collect();
        let whole_tree = 2;
        let never_follow = 0;
        let question = ber::group(
            SEARCH,
            &[
                ber::text(ber::OCTETS, base),
                ber::integer(ber::ENUMERATED, whole_tree),
                ber::integer(ber::ENUMERATED, never_follow),
                ber::integer(ber::INTEGER, MOST_ENTRIES),
                ber::integer(ber::INTEGER, 10),
                ber::element(ber::BOOLEAN, &[0]),
                filter::encoded(question)?,
                ber::group(ber::SEQUENCE, &names),
            ],
        );
        let (found, code, said) = self.ask(&question, SEARCH_DONE).await?;
        match code {
            SUCCESS | SIZE_LIMIT => Ok(found),
            NO_SUCH_OBJECT => bail!("the directory has no {base}"),
            code => bail!("the search failed ({code}): {said}"),
        }
    }

    /// Sends a question and gives entries, result code and words of its answer.
    async fn ask(&mut self, question: &[u8], end: u8) -> anyhow::Result<(Vec<Found>, u32, String)> {
        self.number += 1;
        let number = ber::integer(ber::INTEGER, self.number);
        let message = ber::group(ber::SEQUENCE, &[number, question.to_vec()]);
        self.stream.write_all(&message).await?;
        self.stream.flush().await?;
        let mut found = Vec::new();
        loop {
            let message = self.next().await?;
            let parts = ber::parts(&message);
            let (Some((_, number)), Some((tag, content))) = (parts.first(), parts.get(1)) else {
                bail!("the directory's answer cannot be read");
            };
            if ber::number(number) != self.number {
                bail!("the directory ended the conversation");
            }
            match *tag {
                SEARCH_ENTRY => found.push(entry(content)),
                SEARCH_REFERENCE => {}
                tag if tag == end => {
                    let result = ber::parts(content);
                    let code = result.first().map_or(1, |(_, code)| ber::number(code));
                    let said = result.get(2).map(|(_, said)| words(said));
                    return Ok((found, code, said.unwrap_or_default()));
                }
                _ => bail!("the directory answered something else"),
            }
        }
    }

    /// The content of the next message.
    async fn next(&mut self) -> anyhow::Result<Vec<u8>> {
        loop {
            if let Some((_, content, after)) = ber::split(&self.waiting) {
                let (content, after) = (content.to_vec(), after.to_vec());
                self.waiting = after;
                return Ok(content);
            }
            anyhow::ensure!(
                self.waiting.len() < ber::LARGEST,
                "the directory says too much"
            );
            let read = self.stream.read_buf(&mut self.waiting).await?;
            anyhow::ensure!(read > 0, "the directory hung up");
        }
    }
}

fn words(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn entry(content: &[u8]) -> Found {
    let parts = ber::parts(content);
    let dn = parts.first().map(|(_, dn)| words(dn)).unwrap_or_default();
    let attributes = parts
        .get(1)
        .map(|(_, all)| ber::parts(all))
        .unwrap_or_default();
    let attributes = attributes.into_iter().filter_map(|(_, attribute)| {
        let parts = ber::parts(attribute);
        let name = words(parts.first()?.1);
        let (tag, values) = parts.get(1)?;
        let values = ber::parts(values)
            .into_iter()
            .map(|(_, value)| words(value));
        (*tag == ber::SET).then(|| (name, values.collect()))
    });
    Found {
        dn,
        attributes: attributes.collect(),
    }
}

async fn encrypted<S>(
    sso: &Sso,
    host: String,
    stream: S,
) -> anyhow::Result<tokio_rustls::client::TlsStream<S>>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut roots = rustls::RootCertStore::empty();
    if sso.ca.as_os_str().is_empty() {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    } else {
        let pem = std::fs::read(&sso.ca).with_context(|| format!("read {}", sso.ca.display()))?;
        for certificate in CertificateDer::pem_slice_iter(&pem) {
            roots.add(certificate?)?;
        }
    }
    let config = rustls::ClientConfig::builder()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(host)?;
    let secured = TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await;
    secured.context("no encrypted connection to the directory")
}
