//! The socket that programs made for PeerTube listen on: socket.io over Engine.IO 4, by long
//! polling or WebSocket. `/user-notifications` tells a user of what is new, `/live-videos`
//! everybody of a live, `/runners` runners of work.

mod packet;
mod session;
mod space;

pub use session::Sessions;

use crate::access;
use crate::app::App;
use crate::check::Query;
use crate::error::{Error, Result};
use axum::body::Bytes;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures::{SinkExt, StreamExt};
use packet::Packet;
use serde_json::{Map, Value};
use session::Session;
use std::sync::Arc;
use std::time::Duration;

/// The server asks so often whether the client is still there, and waits so long for the answer.
const PING_EVERY: Duration = Duration::from_secs(25);
const PONG_WITHIN: Duration = Duration::from_secs(20);
/// Bytes that a client may send at once: it says little.
const LARGEST: usize = 64 * 1024;

fn text<'q>(query: &'q Map<String, Value>, name: &str) -> &'q str {
    query.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn refuse(code: i64, message: &str) -> Error {
    Error::bad_request(message).with("engineCode", code)
}

fn known(app: &App, query: &Map<String, Value>) -> Result<Arc<Session>> {
    let found = app.live.sockets.find(text(query, "sid"));
    found.ok_or_else(|| refuse(1, "Session ID unknown"))
}

/// `GET /socket.io/`: the first word, what waits for the client, or the change to a WebSocket.
pub async fn open(
    State(app): State<App>,
    Query(query): Query,
    upgrade: std::result::Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
    request: Request,
) -> Result<Response> {
    if text(&query, "EIO") != "4" {
        return Err(refuse(5, "Unsupported protocol version"));
    }
    let is_new = text(&query, "sid").is_empty();
    match (text(&query, "transport"), upgrade) {
        ("websocket", Ok(upgrade)) => {
            let session = if is_new {
                start(&app, &query, &request)?
            } else {
                known(&app, &query)?
            };
            let upgrade = upgrade.max_message_size(LARGEST);
            Ok(upgrade.on_upgrade(move |socket| talk(app, session, socket, is_new)))
        }
        ("polling", _) if is_new => {
            let session = start(&app, &query, &request)?;
            Ok(packets(&session.hello(true)))
        }
        ("polling", _) => {
            let session = known(&app, &query)?;
            Ok(packets(&session.wait().await))
        }
        _ => Err(refuse(0, "Transport unknown")),
    }
}

/// `POST /socket.io/`: what a client that polls has to say.
pub async fn say(State(app): State<App>, Query(query): Query, body: Bytes) -> Result<Response> {
    let session = known(&app, &query)?;
    let body = std::str::from_utf8(&body).map_err(|_| refuse(3, "Bad request"))?;
    if body.len() > LARGEST {
        return Err(Error::too_large("request entity too large"));
    }
    for packet in packet::split(body) {
        session.hear(&app, packet).await;
    }
    Ok(packets("ok"))
}

fn start(app: &App, query: &Map<String, Value>, request: &Request) -> Result<Arc<Session>> {
    let client = access::client(app, request.extensions(), request.headers());
    let session = Session::new(text(query, "accessToken"), client.ip.to_string());
    let session = app.live.sockets.add(session).ok_or_else(|| {
        Error::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "Too many people listen already.",
        )
    })?;
    tokio::spawn(Arc::clone(&session).keep(app.clone()));
    Ok(session)
}

fn packets(body: &str) -> Response {
    let kind = (header::CONTENT_TYPE, "text/plain; charset=UTF-8");
    let fresh = (header::CACHE_CONTROL, "no-store");
    ([kind, fresh], body.to_owned()).into_response()
}

/// A WebSocket, from its first word or from where polling ended, to its last.
async fn talk(app: App, session: Arc<Session>, socket: WebSocket, is_new: bool) {
    let (mut sink, mut stream) = socket.split();
    if is_new {
        if sink
            .send(Message::text(session.hello(false)))
            .await
            .is_err()
        {
            return session.close(&app);
        }
    } else if !take_over(&session, &mut sink, &mut stream).await {
        return;
    }
    loop {
        tokio::select! {
            waiting = session.waiting() => {
                let Some(waiting) = waiting else { break };
                for packet in waiting {
                    if sink.send(Message::text(packet)).await.is_err() {
                        return session.close(&app);
                    }
                }
            }
            message = stream.next() => match message {
                Some(Ok(Message::Text(packet))) => session.hear(&app, &packet).await,
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                _ => break,
            },
        }
    }
    session.close(&app);
    sink.close().await.ok();
}

/// The probe, its answer, and the end of polling. False when it came to nothing: then the client
/// goes on polling.
async fn take_over(
    session: &Session,
    sink: &mut (impl SinkExt<Message> + Unpin),
    stream: &mut (impl StreamExt<Item = std::result::Result<Message, axum::Error>> + Unpin),
) -> bool {
    let probed = matches!(
        stream.next().await,
        Some(Ok(Message::Text(text))) if Packet::read(&text) == Packet::Probe
    );
    if !probed || sink.send(Message::text("3probe")).await.is_err() {
        return false;
    }
    session.free_poll();
    matches!(
        stream.next().await,
        Some(Ok(Message::Text(text))) if Packet::read(&text) == Packet::Upgrade
    )
}
