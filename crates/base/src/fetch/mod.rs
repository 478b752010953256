//! The one way out: every outgoing HTTP request of the program passes here, where private addresses,
//! endless answers and servers that never finish are stopped.

mod address;
mod error;
mod proxy;

use bytes::{Bytes, BytesMut};
use futures::stream::{BoxStream, StreamExt, TryStreamExt};
use http::header::{
    AUTHORIZATION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, HOST, LOCATION,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use serde::Deserialize;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::OnceCell;
use tokio::time::{Instant, timeout_at};
use url::Url;

pub use address::is_public;
pub use error::{FetchError, FetchErrorKind, shown};

use address::{GuardedResolver, literal};

const MIB: u64 = 1024 * 1024;

#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
pub struct FetchConfig {
    /// Let requests reach this machine and its network; only for tests and closed networks. Default: false.
    pub allow_private: bool,
    /// Servers (`name` or `name:port`) that may be reached though they are private. Default: none.
    pub allow_hosts: Vec<String>,
    /// Let requests go without TLS. Default: false.
    pub allow_http: bool,
    /// Longest wait for a connection, in seconds. Default: 10.
    pub connect_timeout_s: u64,
    /// Longest time for a whole request, in seconds; large downloads have their own. Default: 30.
    pub timeout_s: u64,
    /// What we call ourselves. Default: `Vidicon/<version>`; the server adds its own address.
    pub user_agent: String,
    /// An HTTP proxy that everything goes through: `http://[user:password@]host:port`. Where a request leads is
    /// checked all the same, before the proxy hears of it. Default: none.
    pub proxy: Option<String>,
}

impl Default for FetchConfig {
    fn default() -> Self {
        Self {
            allow_private: false,
            allow_hosts: Vec::new(),
            allow_http: false,
            connect_timeout_s: 10,
            timeout_s: 30,
            user_agent: concat!("Vidicon/", env!("CARGO_PKG_VERSION")).to_owned(),
            proxy: None,
        }
    }
}

/// Cheap to clone; all clones share their connections.
#[derive(Clone, Debug)]
pub struct Fetch {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    config: FetchConfig,
    /// Made at the first request: reading the system's certificates takes a while.
    client: OnceCell<reqwest::Client>,
}

/// What to ask, and how much of an answer to take.
#[derive(Clone, Debug)]
pub struct FetchRequest {
    pub method: Method,
    pub url: String,
    pub headers: HeaderMap,
    pub body: Bytes,
    /// The longest answer to accept, after it is unpacked. 1 MiB unless set.
    pub limit_bytes: u64,
    /// For the whole request, with its redirects and its body; the configured one unless set.
    pub timeout: Option<Duration>,
    /// How many redirects to follow; none unless set.
    pub redirects: usize,
}

impl FetchRequest {
    pub fn get(url: impl Into<String>) -> Self {
        Self {
            method: Method::GET,
            url: url.into(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
            limit_bytes: MIB,
            timeout: None,
            redirects: 0,
        }
    }

    pub fn post(
        url: impl Into<String>,
        content_type: &'static str,
        body: impl Into<Bytes>,
    ) -> Self {
        let mut request =
            Self::get(url).header(CONTENT_TYPE, HeaderValue::from_static(content_type));
        request.method = Method::POST;
        request.body = body.into();
        request
    }

    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    pub fn limit(mut self, bytes: u64) -> Self {
        self.limit_bytes = bytes;
        self
    }

    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    pub fn redirects(mut self, count: usize) -> Self {
        self.redirects = count;
        self
    }
}

/// A whole answer, whatever its status.
#[derive(Clone, Debug)]
pub struct FetchResponse {
    /// Where it came from after all redirects.
    pub url: Url,
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl FetchResponse {
    /// An error for every status but 2xx.
    pub fn success(self) -> Result<Self, FetchError> {
        check_status(&self.url, self.status).map(|()| self)
    }
}

/// An answer whose body is still to come, cut off by an error at the limit.
pub struct FetchStream {
    pub url: Url,
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: BoxStream<'static, Result<Bytes, FetchError>>,
}

impl FetchStream {
    /// An error for every status but 2xx.
    pub fn success(self) -> Result<Self, FetchError> {
        check_status(&self.url, self.status).map(|()| self)
    }

    /// What the server says is still to come, if it does.
    pub fn content_length(&self) -> Option<u64> {
        content_length(&self.headers)
    }
}

impl Fetch {
    pub fn new(config: FetchConfig) -> Self {
        Self {
            inner: Arc::new(Inner {
                config,
                client: OnceCell::new(),
            }),
        }
    }

    /// The whole answer in memory.
    pub async fn send(&self, request: FetchRequest) -> Result<FetchResponse, FetchError> {
        let mut answer = self.stream(request).await?;
        let known = content_length(&answer.headers).unwrap_or(0).min(MIB);
        let mut body = BytesMut::with_capacity(usize::try_from(known).unwrap_or(0));
        while let Some(chunk) = answer.body.try_next().await? {
            body.extend_from_slice(&chunk);
        }
        Ok(FetchResponse {
            url: answer.url,
            status: answer.status,
            headers: answer.headers,
            body: body.freeze(),
        })
    }

    /// The answer piece by piece, for large downloads. The time limit holds until its end.
    pub async fn stream(&self, request: FetchRequest) -> Result<FetchStream, FetchError> {
        let timeout = request
            .timeout
            .unwrap_or(Duration::from_secs(self.inner.config.timeout_s));
        let deadline = Instant::now() + timeout;
        let limit_bytes = request.limit_bytes;
        let (url, response) = self.follow(request, deadline).await?;
        let (status, headers) = (response.status(), response.headers().clone());
        if content_length(&headers).is_some_and(|length| length > limit_bytes) {
            return Err(too_large(&url, limit_bytes));
        }
        let body = limited(url.clone(), response, limit_bytes, deadline);
        Ok(FetchStream {
            url,
            status,
            headers,
            body,
        })
    }

    /// Asks, and goes where the answer points as often as allowed; every hop is checked like the first.
    async fn follow(
        &self,
        mut request: FetchRequest,
        deadline: Instant,
    ) -> Result<(Url, reqwest::Response), FetchError> {
        let mut url = Url::parse(&request.url).map_err(|error| {
            FetchError::bad_address(&request.url, &format!("is no address: {error}"))
        })?;
        let follows = request.redirects > 0;
        loop {
            let response = self.ask(&url, &request, deadline).await?;
            // A caller that follows none gets the redirect itself.
            let target = if follows {
                redirect_target(&url, &response)?
            } else {
                None
            };
            let Some(next) = target else {
                return Ok((url, response));
            };
            let Some(left) = request.redirects.checked_sub(1) else {
                return Err(FetchError::new(
                    FetchErrorKind::TooManyRedirects,
                    &url,
                    "redirects too often",
                ));
            };
            request.redirects = left;
            change_for_redirect(
                &mut request,
                response.status(),
                url.origin() != next.origin(),
            );
            url = next;
        }
    }

    async fn ask(
        &self,
        url: &Url,
        request: &FetchRequest,
        deadline: Instant,
    ) -> Result<reqwest::Response, FetchError> {
        self.check(url)?;
        if self.inner.config.proxy.is_some() {
            // The proxy finds servers by itself, past the guarded resolver.
            let port = url.port_or_known_default().unwrap_or(443);
            let host = url.host_str().unwrap_or_default();
            self.addresses(host, port).await?;
        }
        let mut ask = self
            .client()
            .await?
            .request(request.method.clone(), url.clone());
        ask = ask.headers(request.headers.clone());
        if !request.body.is_empty() || request.method == Method::POST {
            ask = ask.body(request.body.clone());
        }
        match timeout_at(deadline, ask.send()).await {
            Ok(answer) => answer.map_err(|error| FetchError::from_reqwest(url, error)),
            Err(_) => Err(timed_out(url)),
        }
    }

    /// Where a server lies, as far as a request may reach it. An error when it lies in private only.
    pub async fn addresses(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, FetchError> {
        let text = format!("https://{host}:{port}/");
        let url = Url::parse(&text)
            .map_err(|error| FetchError::bad_address(&text, &format!("is no address: {error}")))?;
        self.check(&url)?;
        let config = &self.inner.config;
        let may_be_private = config.allow_private || allowed_by_name(config, &url) == Some(true);
        if let Some(address) = literal(&url) {
            return Ok(vec![SocketAddr::new(address, port)]);
        }
        let name = url.host_str().unwrap_or_default();
        let found = tokio::net::lookup_host((name, port)).await;
        let found: Vec<SocketAddr> = found.map_or_else(|_| Vec::new(), Iterator::collect);
        let is_known = !found.is_empty();
        let allowed: Vec<SocketAddr> = found
            .into_iter()
            .filter(|address| may_be_private || is_public(address.ip()))
            .collect();
        match (allowed.is_empty(), is_known) {
            (false, _) => Ok(allowed),
            (true, true) => {
                let kind = FetchErrorKind::RefusedAddress;
                Err(FetchError::new(kind, &url, "leads to a private address"))
            }
            (true, false) => {
                let kind = FetchErrorKind::Failed;
                Err(FetchError::new(kind, &url, "cannot be found"))
            }
        }
    }

    /// A plain connection to a server that a request could reach, for programs of ours that
    /// speak over it by themselves. Without TLS only where requests may go so.
    pub async fn connect(
        &self,
        host: &str,
        port: u16,
        with_tls: bool,
    ) -> Result<TcpStream, FetchError> {
        let text = format!("http://{host}:{port}/");
        let url = Url::parse(&text)
            .map_err(|error| FetchError::bad_address(&text, &format!("is no address: {error}")))?;
        if !with_tls && !self.inner.config.allow_http {
            let why = "is not protected by TLS (https)";
            return Err(FetchError::bad_address(&text, why));
        }
        let found = self.addresses(host, port).await?;
        let wait = Duration::from_secs(self.inner.config.connect_timeout_s);
        let connected = async {
            match &self.inner.config.proxy {
                Some(proxy) => proxy::connect(proxy, host, port).await,
                None => TcpStream::connect(found.as_slice()).await,
            }
        };
        match tokio::time::timeout(wait, connected).await {
            Ok(Ok(stream)) => Ok(stream),
            Ok(Err(_)) => {
                let kind = FetchErrorKind::Failed;
                Err(FetchError::new(kind, &url, "cannot be reached"))
            }
            Err(_) => Err(timed_out(&url)),
        }
    }

    /// The resolver sees only names, so addresses in numbers are checked here.
    fn check(&self, url: &Url) -> Result<(), FetchError> {
        let config = &self.inner.config;
        match url.scheme() {
            "https" => {}
            "http" if config.allow_http => {}
            "http" => {
                return Err(FetchError::bad_address(
                    url.as_str(),
                    "is not protected by TLS (https)",
                ));
            }
            _ => return Err(FetchError::bad_address(url.as_str(), "is no web address")),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(FetchError::new(
                FetchErrorKind::BadAddress,
                url,
                "has a user name or password in it",
            ));
        }
        let refused = match allowed_by_name(config, url) {
            _ if config.allow_private => false,
            Some(allowed) => !allowed,
            None => literal(url).is_some_and(|address| !is_public(address)),
        };
        if refused {
            return Err(FetchError::new(
                FetchErrorKind::RefusedAddress,
                url,
                "is a private address",
            ));
        }
        Ok(())
    }

    async fn client(&self) -> Result<&reqwest::Client, FetchError> {
        self.inner
            .client
            .get_or_try_init(async || client(&self.inner.config))
            .await
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place that makes a client"
)]
fn client(config: &FetchConfig) -> Result<reqwest::Client, FetchError> {
    let allow_names = config
        .allow_hosts
        .iter()
        .map(|entry| host_of(entry).to_owned())
        // The administrator names the proxy; it may well lie on this network.
        .chain(config.proxy.as_deref().and_then(proxy::host))
        .collect();
    let resolver = GuardedResolver {
        allow_private: config.allow_private,
        allow_names,
    };
    let builder = reqwest::Client::builder();
    let builder = builder
        .dns_resolver(Arc::new(resolver))
        // A proxy of the environment would find servers by itself, past the guard.
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .retry(reqwest::retry::never())
        .connect_timeout(Duration::from_secs(config.connect_timeout_s))
        .pool_idle_timeout(Duration::from_secs(30))
        .pool_max_idle_per_host(2)
        .user_agent(&config.user_agent);
    match &config.proxy {
        Some(proxy) => builder.proxy(reqwest::Proxy::all(proxy).map_err(FetchError::set_up)?),
        None => builder,
    }
    .build()
    .map_err(FetchError::set_up)
}

/// None if the host is not listed; else whether this port of it is, for the resolver sees no ports.
fn allowed_by_name(config: &FetchConfig, url: &Url) -> Option<bool> {
    let host = url.host_str()?;
    let with_port = format!("{host}:{}", url.port_or_known_default()?);
    let mut entries = config
        .allow_hosts
        .iter()
        .filter(|entry| host_of(entry) == host)
        .peekable();
    entries.peek()?;
    Some(entries.any(|entry| entry == host || *entry == with_port))
}

/// Without its port; an IPv6 address stands in brackets.
fn host_of(entry: &str) -> &str {
    match entry.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => entry,
    }
}

fn redirect_target(url: &Url, response: &reqwest::Response) -> Result<Option<Url>, FetchError> {
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let Some(target) = response.headers().get(LOCATION) else {
        return Ok(None);
    };
    let target = target
        .to_str()
        .ok()
        .and_then(|target| url.join(target).ok());
    match target {
        Some(target) => Ok(Some(target)),
        None => Err(FetchError::new(
            FetchErrorKind::Failed,
            url,
            "redirects to what is no address",
        )),
    }
}

/// As browsers do it: only 307 and 308 keep method and body, and no secret goes to another server.
fn change_for_redirect(request: &mut FetchRequest, status: StatusCode, other_server: bool) {
    let keeps = matches!(status.as_u16(), 307 | 308)
        || matches!(request.method, Method::GET | Method::HEAD);
    if !keeps {
        request.method = Method::GET;
        request.body = Bytes::new();
        request.headers.remove(CONTENT_TYPE);
    }
    request.headers.remove(HOST);
    if other_server {
        for name in [AUTHORIZATION, COOKIE, HeaderName::from_static("signature")] {
            request.headers.remove(name);
        }
    }
}

/// Counts what comes out of the unpacking, so that a small answer cannot become a large one.
fn limited(
    url: Url,
    response: reqwest::Response,
    limit_bytes: u64,
    deadline: Instant,
) -> BoxStream<'static, Result<Bytes, FetchError>> {
    let state = (response.bytes_stream().boxed(), limit_bytes, url);
    let body = futures::stream::try_unfold(state, move |(mut stream, left, url)| async move {
        let chunk = match timeout_at(deadline, stream.next()).await {
            Err(_) => return Err(timed_out(&url)),
            Ok(None) => return Ok(None),
            Ok(Some(chunk)) => chunk.map_err(|error| FetchError::from_reqwest(&url, error))?,
        };
        match left.checked_sub(u64::try_from(chunk.len()).unwrap_or(u64::MAX)) {
            Some(left) => Ok(Some((chunk, (stream, left, url)))),
            None => Err(too_large(&url, limit_bytes)),
        }
    });
    body.boxed()
}

fn content_length(headers: &HeaderMap) -> Option<u64> {
    if headers.contains_key(CONTENT_ENCODING) {
        return None;
    }
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn check_status(url: &Url, status: StatusCode) -> Result<(), FetchError> {
    if status.is_success() {
        return Ok(());
    }
    Err(FetchError::new(
        FetchErrorKind::Status(status.as_u16()),
        url,
        &format!("answered {status}"),
    ))
}

fn too_large(url: &Url, limit_bytes: u64) -> FetchError {
    FetchError::new(
        FetchErrorKind::TooLarge,
        url,
        &format!("sent more than {limit_bytes} bytes"),
    )
}

fn timed_out(url: &Url) -> FetchError {
    FetchError::new(FetchErrorKind::TimedOut, url, "took too long")
}
