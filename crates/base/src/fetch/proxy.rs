//! A way out through somebody else's HTTP proxy.

use std::io;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use url::Url;

/// The longest head of the proxy's answer.
const LONGEST_HEAD: usize = 16 * 1024;

/// The proxy's own name, for the resolver.
pub fn host(address: &str) -> Option<String> {
    Url::parse(address).ok()?.host_str().map(str::to_owned)
}

/// A connection to a server behind the proxy.
pub async fn connect(address: &str, host: &str, port: u16) -> io::Result<TcpStream> {
    let url = Url::parse(address).map_err(io::Error::other)?;
    let own_port = url.port_or_known_default().unwrap_or(80);
    let own_host = url.host_str().unwrap_or_default();
    let own_host = own_host.trim_start_matches('[').trim_end_matches(']');
    let mut stream = TcpStream::connect((own_host, own_port)).await?;
    let mut request = format!("CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n");
    if !url.username().is_empty() {
        let password = plain(url.password().unwrap_or_default());
        let pair = format!("{}:{password}", plain(url.username()));
        request.push_str(&format!("Proxy-Authorization: Basic {}\r\n", base64(&pair)));
    }
    request.push_str("\r\n");
    stream.write_all(request.as_bytes()).await?;
    // Byte by byte: what follows the head belongs to the server.
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() > LONGEST_HEAD {
            return Err(io::Error::other("the proxy answers with too much"));
        }
        head.push(stream.read_u8().await?);
    }
    let status = head.split(|byte| *byte == b' ').nth(1);
    if status != Some(b"200") {
        return Err(io::Error::other("the proxy refuses the connection"));
    }
    Ok(stream)
}

/// A part of an address without its escapes.
fn plain(part: &str) -> String {
    let query = part.replace('+', "%2B");
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    pairs
        .next()
        .map_or_else(String::new, |(name, _)| name.into_owned())
}

fn base64(text: &str) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for three in text.as_bytes().chunks(3) {
        let byte = |at: usize| u32::from(three.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..4 {
            let place = usize::try_from(bits >> (18 - 6 * at) & 63).unwrap_or(0);
            let sign = SIGNS.get(place).copied().map_or('=', char::from);
            out.push(if at > three.len() { '=' } else { sign });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_written_as_proxies_read_them() {
        assert_eq!(base64("a:b"), "YTpi");
        assert_eq!(base64("ab:c"), "YWI6Yw==");
        assert_eq!(plain("p%40ss+word"), "p@ss+word");
        assert_eq!(base64("user:pass"), "dXNlcjpwYXNz");
    }

    #[test]
    fn the_proxy_is_found_by_its_name() {
        let named = host("http://u:p@proxy.lan:3128");
        assert_eq!(named.as_deref(), Some("proxy.lan"));
        assert_eq!(host("nothing"), None);
    }
}
