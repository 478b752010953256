//! Asking trackers who has a torrent, over HTTP and over UDP.

use super::bencode::{self, Item, percent};
use super::meta::Source;
use crate::app::App;
use base::fetch::FetchRequest;
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;
use tokio::net::UdpSocket;
use url::Url;

const PATIENCE: Duration = Duration::from_secs(15);
const LARGEST_ANSWER: u64 = 256 * 1024;
const MOST_PEERS: usize = 100;
/// We are asked for nothing: the port is only told because trackers want one.
const PORT: u16 = 6881;
/// What a UDP tracker is greeted with.
const GREETING: u64 = 0x0417_2710_1980;
const CONNECT: u32 = 0;
const ANNOUNCE: u32 = 1;
const STARTED: u32 = 2;
const WANTED: u32 = 50;

/// Those whom the source names and those whom its trackers know, without repeats.
pub async fn peers(app: &App, source: &Source, us: &[u8; 20]) -> Vec<(String, u16)> {
    let mut found: Vec<(String, u16)> = source.peers.iter().filter_map(|it| named(it)).collect();
    let mut all = FuturesUnordered::new();
    for tracker in &source.trackers {
        all.push(asked(app, tracker, source, us).boxed());
    }
    while let Some(answer) = all.next().await {
        found.extend(answer);
    }
    found.sort();
    found.dedup();
    found.truncate(MOST_PEERS);
    found
}

async fn asked(app: &App, tracker: &str, source: &Source, us: &[u8; 20]) -> Vec<(String, u16)> {
    let answer = tokio::time::timeout(PATIENCE, ask(app, tracker, source, us)).await;
    answer.ok().flatten().unwrap_or_default()
}

fn named(text: &str) -> Option<(String, u16)> {
    let (host, port) = text.rsplit_once(':')?;
    let port = port.parse().ok().filter(|port| *port > 0)?;
    Some((host.to_owned(), port))
}

async fn ask(
    app: &App,
    tracker: &str,
    source: &Source,
    us: &[u8; 20],
) -> Option<Vec<(String, u16)>> {
    let url = Url::parse(tracker).ok()?;
    match url.scheme() {
        "http" | "https" => over_http(app, &url, source, us).await,
        // A proxy takes no datagrams, and nothing is to go past it.
        "udp" if app.config.import.proxy.is_none() => over_udp(app, &url, source, us).await,
        _ => None,
    }
}

async fn over_http(
    app: &App,
    url: &Url,
    source: &Source,
    us: &[u8; 20],
) -> Option<Vec<(String, u16)>> {
    let sign = if url.query().is_some() { '&' } else { '?' };
    let left = source.info.as_ref().map_or(1, |info| info.size_bytes);
    let address = format!(
        "{url}{sign}info_hash={}&peer_id={}&port={PORT}&uploaded=0&downloaded=0&left={left}\
         &compact=1&numwant={WANTED}&event=started",
        percent(&source.hash),
        percent(us),
    );
    let request = FetchRequest::get(address).limit(LARGEST_ANSWER);
    let answer = app.import_fetch.send(request).await.ok()?.success().ok()?;
    let (answer, _) = bencode::read(&answer.body)?;
    let mut found = Vec::new();
    match answer.get("peers") {
        Some(Item::Text(short)) => found.extend(short_v4(short)),
        Some(list) => found.extend(list.items().iter().filter_map(long)),
        None => {}
    }
    found.extend(short_v6(answer.bytes("peers6").unwrap_or_default()));
    Some(found)
}

fn short_v4(bytes: &[u8]) -> Vec<(String, u16)> {
    let (peers, _) = bytes.as_chunks::<6>();
    let peers = peers.iter().map(|[a, b, c, d, high, low]| {
        let host = Ipv4Addr::new(*a, *b, *c, *d);
        (host.to_string(), u16::from_be_bytes([*high, *low]))
    });
    peers.filter(|(_, port)| *port > 0).collect()
}

fn short_v6(bytes: &[u8]) -> Vec<(String, u16)> {
    let (peers, _) = bytes.as_chunks::<18>();
    let peers = peers.iter().filter_map(|peer| {
        let (host, port) = peer.split_first_chunk::<16>()?;
        let port = u16::from_be_bytes(*port.first_chunk::<2>()?);
        Some((format!("[{}]", Ipv6Addr::from(*host)), port))
    });
    peers.filter(|(_, port)| *port > 0).collect()
}

fn long(peer: &Item) -> Option<(String, u16)> {
    let host = peer.get("ip")?.as_str()?;
    let port = u16::try_from(peer.number("port")?).ok()?;
    let host = match host.parse::<IpAddr>() {
        Ok(IpAddr::V6(_)) => format!("[{host}]"),
        _ => host.to_owned(),
    };
    (port > 0).then_some((host, port))
}

async fn over_udp(
    app: &App,
    url: &Url,
    source: &Source,
    us: &[u8; 20],
) -> Option<Vec<(String, u16)>> {
    let (host, port) = (url.host_str()?, url.port()?);
    let addresses = app.import_fetch.addresses(host, port).await.ok()?;
    let address: SocketAddr = *addresses.first()?;
    let own: SocketAddr = if address.is_ipv4() {
        (Ipv4Addr::UNSPECIFIED, 0).into()
    } else {
        (Ipv6Addr::UNSPECIFIED, 0).into()
    };
    let socket = UdpSocket::bind(own).await.ok()?;
    socket.connect(address).await.ok()?;
    let (key, _) = us.split_first_chunk::<4>()?;
    let mut hello = GREETING.to_be_bytes().to_vec();
    hello.extend(CONNECT.to_be_bytes());
    hello.extend(key);
    let greeted = exchange(&socket, &hello, CONNECT, key).await?;
    let connection = greeted.get(8..16)?;
    let left = source.info.as_ref().map_or(1, |info| info.size_bytes);
    let mut announce = connection.to_vec();
    announce.extend(ANNOUNCE.to_be_bytes());
    announce.extend(key);
    announce.extend(source.hash);
    announce.extend(us);
    for number in [0, left, 0] {
        announce.extend(number.to_be_bytes());
    }
    announce.extend(STARTED.to_be_bytes());
    announce.extend([0; 4]);
    announce.extend(key);
    announce.extend(WANTED.to_be_bytes());
    announce.extend(PORT.to_be_bytes());
    let answer = exchange(&socket, &announce, ANNOUNCE, key).await?;
    let peers = answer.get(20..)?;
    Some(if address.is_ipv4() {
        short_v4(peers)
    } else {
        short_v6(peers)
    })
}

/// Sends, once more where nothing comes, and waits for the answer to it.
async fn exchange(socket: &UdpSocket, sent: &[u8], act: u32, key: &[u8; 4]) -> Option<Vec<u8>> {
    let mut buffer = vec![0; 2048];
    for _ in 0..2 {
        socket.send(sent).await.ok()?;
        let wait = Duration::from_secs(5);
        let came = tokio::time::timeout(wait, socket.recv(&mut buffer)).await;
        if let Ok(Ok(length)) = came {
            let answer = buffer.get(..length)?;
            let is_ours = answer.get(..4) == Some(&act.to_be_bytes()[..])
                && answer.get(4..8) == Some(&key[..]);
            return is_ours.then(|| answer.to_vec());
        }
    }
    None
}
