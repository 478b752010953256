//! The way out for a program that works for us: a proxy on this machine that lives as long as one run of it,
//! knows it by a token, and connects to nothing that our own requests may not reach either.

use base::fetch::Fetch;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use base64::Engine;

/// The longest head of a request.
const LONGEST_HEAD: usize = 64 * 1024;
const USER: &str = "vidicon";

/// Gone with all its connections when it is dropped.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    token: String,
    shared: Arc<Shared>,
    serving: JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    fetch: Fetch,
    /// What a request must bring in `Proxy-Authorization`.
    password: String,
    /// Bytes that may still come from outside.
    left: AtomicU64,
    limit_bytes: u64,
}

impl Proxy {
    /// Lets at most so many bytes in.
    pub async fn open(fetch: Fetch, limit_bytes: u64) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        let token = base::random::token();
        let pair = base64::engine::general_purpose::STANDARD.encode(format!("{USER}:{token}"));
        let shared = Arc::new(Shared {
            fetch,
            password: format!("Basic {pair}"),
            left: AtomicU64::new(limit_bytes),
            limit_bytes,
        });
        let serving = tokio::spawn(serve(listener, Arc::clone(&shared)));
        Ok(Proxy {
            port,
            token,
            shared,
            serving,
        })
    }

    /// As programs are told of a proxy.
    pub fn address(&self) -> String {
        format!("http://{USER}:{}@127.0.0.1:{}", self.token, self.port)
    }

    /// What has come from outside so far.
    pub fn received_bytes(&self) -> u64 {
        let left = self.shared.left.load(Ordering::Relaxed);
        self.shared.limit_bytes.saturating_sub(left)
    }

    /// Was more wanted than is allowed?
    pub fn is_exhausted(&self) -> bool {
        self.shared.left.load(Ordering::Relaxed) == 0
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let mut open = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => if let Ok((client, _)) = accepted {
                let shared = Arc::clone(&shared);
                open.spawn(async move {
                    // How a connection ended, the program tells by itself.
                    let _ = relay(client, &shared).await;
                });
            },
            Some(_) = open.join_next(), if !open.is_empty() => {}
        }
    }
}

/// The first line and the fields of a request.
struct Head {
    method: String,
    target: String,
    fields: Vec<(String, String)>,
    /// What came behind it already.
    rest: Vec<u8>,
}

async fn relay(mut client: TcpStream, shared: &Shared) -> io::Result<()> {
    let Some(head) = read_head(&mut client).await? else {
        return refuse(&mut client, "400 Bad Request", "This is no request.").await;
    };
    let sent = head
        .fields
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("proxy-authorization"));
    if sent.is_none_or(|(_, value)| *value != shared.password) {
        let status = "407 Proxy Authentication Required";
        return refuse(&mut client, status, "The token is missing.").await;
    }
    if head.method.eq_ignore_ascii_case("CONNECT") {
        let Some((host, port)) = host_and_port(&head.target, 443) else {
            return refuse(&mut client, "400 Bad Request", "This names no server.").await;
        };
        let server = match shared.fetch.connect(&host, port, true).await {
            Ok(server) => server,
            Err(error) => return refuse(&mut client, "403 Forbidden", &error.to_string()).await,
        };
        client
            .write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")
            .await?;
        return pass(client, server, &head.rest, shared).await;
    }
    plain(client, head, shared).await
}

/// A request without TLS, where those are allowed at all. One for each connection, so that the
/// server that was checked is the one that is asked.
async fn plain(mut client: TcpStream, head: Head, shared: &Shared) -> io::Result<()> {
    let target = head.target.strip_prefix("http://").unwrap_or_default();
    let (place, path) = match target.find('/') {
        Some(at) => target.split_at(at),
        None => (target, "/"),
    };
    let Some((host, port)) = host_and_port(place, 80) else {
        return refuse(&mut client, "400 Bad Request", "This names no server.").await;
    };
    let mut server = match shared.fetch.connect(&host, port, false).await {
        Ok(server) => server,
        Err(error) => return refuse(&mut client, "403 Forbidden", &error.to_string()).await,
    };
    let mut first = format!("{} {path} HTTP/1.1\r\n", head.method);
    for (name, value) in &head.fields {
        let lower = name.to_ascii_lowercase();
        if !lower.starts_with("proxy-") && lower != "connection" && lower != "keep-alive" {
            first.push_str(&format!("{name}: {value}\r\n"));
        }
    }
    first.push_str("Connection: close\r\n\r\n");
    server.write_all(first.as_bytes()).await?;
    pass(client, server, &head.rest, shared).await
}

async fn refuse(client: &mut TcpStream, status: &str, why: &str) -> io::Result<()> {
    let length = why.len();
    let answer = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\n\
         Content-Length: {length}\r\nConnection: close\r\n\r\n{why}"
    );
    client.write_all(answer.as_bytes()).await?;
    client.shutdown().await
}

/// Bytes both ways, those from outside counted.
async fn pass(
    mut client: TcpStream,
    mut server: TcpStream,
    begun: &[u8],
    shared: &Shared,
) -> io::Result<()> {
    server.write_all(begun).await?;
    let (mut from_client, mut to_client) = client.split();
    let (mut from_server, mut to_server) = server.split();
    let outward = async {
        tokio::io::copy(&mut from_client, &mut to_server).await?;
        to_server.shutdown().await
    };
    let inward = async {
        let mut buffer = vec![0_u8; 64 * 1024];
        loop {
            let count = from_server.read(&mut buffer).await?;
            let piece = buffer.get(..count).unwrap_or_default();
            if piece.is_empty() {
                return to_client.shutdown().await;
            }
            take(&shared.left, piece.len())?;
            to_client.write_all(piece).await?;
        }
    };
    tokio::try_join!(outward, inward)?;
    Ok(())
}

/// Takes so many bytes off what may still come; an error when there are not so many.
fn take(left: &AtomicU64, count: usize) -> io::Result<()> {
    let count = u64::try_from(count).unwrap_or(u64::MAX);
    let before = left.load(Ordering::Relaxed);
    left.store(before.saturating_sub(count), Ordering::Relaxed);
    if before > count {
        Ok(())
    } else {
        Err(io::Error::other("more came than may come"))
    }
}

async fn read_head(client: &mut TcpStream) -> io::Result<Option<Head>> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break at;
        }
        if bytes.len() > LONGEST_HEAD || client.read_buf(&mut bytes).await? == 0 {
            return Ok(None);
        }
    };
    let rest = bytes.split_off(end + 4);
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let mut lines = text.split("\r\n");
    let mut words = lines.next().unwrap_or_default().split(' ');
    let (Some(method), Some(target)) = (words.next(), words.next()) else {
        return Ok(None);
    };
    let fields = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
        .collect();
    Ok(Some(Head {
        method: method.to_owned(),
        target: target.to_owned(),
        fields,
        rest,
    }))
}

/// `host:port`; an IPv6 address stands in brackets.
fn host_and_port(text: &str, usual: u16) -> Option<(String, u16)> {
    let text = text.rsplit('@').next().unwrap_or_default();
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, port.parse().ok()?),
        _ => (text, usual),
    };
    (!host.is_empty()).then(|| (host.to_owned(), port))
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::fetch::FetchConfig;

    #[test]
    fn servers_are_read() {
        let read = |text| host_and_port(text, 443);
        assert_eq!(read("a.test:8443"), Some(("a.test".to_owned(), 8443)));
        assert_eq!(read("a.test"), Some(("a.test".to_owned(), 443)));
        assert_eq!(read("[::1]:80"), Some(("[::1]".to_owned(), 80)));
        assert_eq!(read("[::1]"), Some(("[::1]".to_owned(), 443)));
        assert_eq!(read(":80"), None);
        assert_eq!(read("a.test:x"), None);
    }

    async fn ask(proxy: &Proxy, request: &str) -> String {
        let mut client = TcpStream::connect(("127.0.0.1", proxy.port)).await.unwrap();
        client.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn nothing_private_is_reached_and_nobody_without_the_token() {
        let proxy = Proxy::open(Fetch::new(FetchConfig::default()), 1_000)
            .await
            .unwrap();
        let answer = ask(&proxy, "CONNECT example.org:443 HTTP/1.1\r\n\r\n").await;
        assert!(answer.starts_with("HTTP/1.1 407 "), "{answer}");
        let password = proxy.shared.password.clone();
        for target in [
            "127.0.0.1:443",
            "[::1]:443",
            "169.254.169.254:443",
            "localhost:443",
        ] {
            let request =
                format!("CONNECT {target} HTTP/1.1\r\nProxy-Authorization: {password}\r\n\r\n");
            let answer = ask(&proxy, &request).await;
            assert!(answer.starts_with("HTTP/1.1 403 "), "{target}: {answer}");
        }
        let request =
            format!("GET http://127.0.0.1/x HTTP/1.1\r\nProxy-Authorization: {password}\r\n\r\n");
        assert!(ask(&proxy, &request).await.starts_with("HTTP/1.1 403 "));
    }

    #[test]
    fn what_comes_is_counted() {
        let left = AtomicU64::new(10);
        assert!(take(&left, 9).is_ok());
        assert!(take(&left, 1).is_err());
        assert!(take(&left, 1).is_err());
    }
}
