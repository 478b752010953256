//! How often one address may ask each class of routes, or try to log in. Counted in memory: a window
//! for each address starts with its first request. Machines that share a database tell each other of
//! those that ask much. Administrators and moderators, and programs on this very machine, are not
//! limited; failed log-ins are, for everybody.

pub mod share;

use crate::access::{self, Client};
use crate::account::{Role, throttle};
use crate::app::App;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base::clock::{HOUR, MINUTE, Millis, SECOND};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};

/// Addresses that are remembered for each kind of limit. When there are more at a time, the new
/// ones are let through: no single address is behind such a crowd.
const MOST_ADDRESSES: usize = 50_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Api,
    Login,
    Signup,
    AskMail,
    ClientLog,
    Contact,
    Feed,
    WellKnown,
    /// What other servers send.
    Inbox,
    /// Files that are put together for one who downloads.
    Made,
    Page,
}

impl Kind {
    const ALL: [Self; 11] = [
        Self::Api,
        Self::Login,
        Self::Signup,
        Self::AskMail,
        Self::ClientLog,
        Self::Contact,
        Self::Feed,
        Self::WellKnown,
        Self::Inbox,
        Self::Made,
        Self::Page,
    ];

    fn window(self) -> Millis {
        match self {
            Kind::Api | Kind::Feed | Kind::WellKnown | Kind::Inbox | Kind::Page => 10 * SECOND,
            Kind::Made => 5 * SECOND,
            Kind::Login | Kind::Signup | Kind::AskMail => 5 * MINUTE,
            Kind::ClientLog => MINUTE,
            Kind::Contact => HOUR,
        }
    }

    fn most(self, app: &App) -> u32 {
        let limits = &app.config.limits;
        match self {
            Kind::Api => limits.api,
            Kind::Login => limits.login,
            Kind::Signup => limits.signup,
            Kind::AskMail => limits.ask_mail,
            Kind::ClientLog => 30,
            Kind::Contact => 1,
            Kind::Feed => 50,
            Kind::WellKnown => 200,
            Kind::Inbox | Kind::Page => 500,
            Kind::Made => 5,
        }
    }

    /// The class of a route that every request of it counts in. Files are in none: a player asks
    /// for many small pieces.
    fn class(path: &str) -> Option<Self> {
        const FILES: [&str; 5] = [
            "/static/",
            "/lazy-static/",
            "/client/",
            "/download/",
            "/object-storage-proxy/",
        ];
        if path == "/api/v1/ping" {
            None
        } else if path.starts_with("/api/v1/") {
            Some(Kind::Api)
        } else if path.starts_with("/feeds/") {
            Some(Kind::Feed)
        } else if path.starts_with("/.well-known/") {
            Some(Kind::WellKnown)
        } else if path.ends_with("/inbox") {
            Some(Kind::Inbox)
        } else if path.starts_with("/download/videos/generate/") {
            Some(Kind::Made)
        } else if FILES.iter().any(|files| path.starts_with(files)) {
            None
        } else {
            Some(Kind::Page)
        }
    }

    /// The limit of a route beside the general one.
    fn of(method: &Method, path: &str) -> Option<Self> {
        let of_page = match path {
            "/login" | "/login/passkey" => Some(Kind::Login),
            "/signup" => Some(Kind::Signup),
            "/forgot" | "/verify-account/ask-send-email" => Some(Kind::AskMail),
            _ => None,
        };
        if of_page.is_some() {
            return of_page.filter(|_| method == Method::POST);
        }
        let path = path.strip_prefix("/api/v1/")?;
        match (method == Method::POST, path) {
            (true, "users/token" | "users/passkeys/login") => Some(Kind::Login),
            (true, "users/register" | "users/registrations/request") => Some(Kind::Signup),
            (
                true,
                "users/ask-send-verify-email"
                | "users/registrations/ask-send-verify-email"
                | "users/ask-reset-password",
            ) => Some(Kind::AskMail),
            (true, "server/logs/client") => Some(Kind::ClientLog),
            (true, made) if made.starts_with("videos/") && made.ends_with("/extracts") => {
                Some(Kind::Made)
            }
            _ => None,
        }
    }

    /// Does an answered request count? Only failed log-ins and successful sign-ups do.
    fn counts(self, status: StatusCode) -> bool {
        match self {
            Kind::Login => status.is_client_error(),
            // A page answers with the way to the next one.
            Kind::Signup => status.is_success() || status.is_redirection(),
            _ => true,
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Window {
    ends_at: Millis,
    count: u32,
    /// What of it other machines have been told.
    told: u32,
    /// What others have counted, and how long that holds.
    elsewhere: u32,
    heard_until: Millis,
}

impl Window {
    fn new(ends_at: Millis, count: u32) -> Self {
        Self {
            ends_at,
            count,
            told: 0,
            elsewhere: 0,
            heard_until: 0,
        }
    }

    /// What all machines have counted, as far as that is known here.
    fn all(&self, now: Millis) -> u32 {
        if self.heard_until > now {
            self.count.saturating_add(self.elsewhere)
        } else {
            self.count
        }
    }
}

/// What has been asked lately, by address.
#[derive(Default)]
pub struct Counters {
    kinds: [Mutex<HashMap<IpAddr, Window>>; 11],
}

impl Counters {
    fn of(&self, kind: Kind) -> &Mutex<HashMap<IpAddr, Window>> {
        let [
            api,
            login,
            signup,
            ask_mail,
            client_log,
            contact,
            feed,
            well_known,
            inbox,
            made,
            page,
        ] = &self.kinds;
        match kind {
            Kind::Api => api,
            Kind::Login => login,
            Kind::Signup => signup,
            Kind::AskMail => ask_mail,
            Kind::ClientLog => client_log,
            Kind::Contact => contact,
            Kind::Feed => feed,
            Kind::WellKnown => well_known,
            Kind::Inbox => inbox,
            Kind::Made => made,
            Kind::Page => page,
        }
    }

    /// Counts one more request of this address.
    fn add(&self, kind: Kind, address: IpAddr, now: Millis) -> Window {
        let fresh = Window::new(now + kind.window(), 1);
        let mut known = self.of(kind).lock();
        if let Some(window) = known.get_mut(&address) {
            if window.ends_at <= now {
                *window = fresh;
            } else {
                window.count = window.count.saturating_add(1);
            }
            return *window;
        }
        if known.len() >= MOST_ADDRESSES {
            known.retain(|_, window| window.ends_at > now);
        }
        if known.len() < MOST_ADDRESSES {
            known.insert(address, fresh);
        }
        fresh
    }

    /// Takes back a request that turned out not to count.
    fn take_back(&self, kind: Kind, address: IpAddr) {
        if let Some(window) = self.of(kind).lock().get_mut(&address) {
            window.count = window.count.saturating_sub(1);
        }
    }
}

/// One counter for an IPv4 address or an IPv6 network: a household has a whole /64.
fn key(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

/// The layer in front of everything.
pub async fn limit(State(app): State<App>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let general = Kind::class(path);
    let special = Kind::of(request.method(), path);
    if general.is_none() && special.is_none() {
        return next.run(request).await;
    }
    let client = access::client(&app, request.extensions(), request.headers());
    let (parts, body) = request.into_parts();
    let mut counted = Vec::new();
    for kind in [general, special].into_iter().flatten() {
        if client.is_here && kind != Kind::Login {
            continue;
        }
        let now = app.clock.now();
        let window = app.limits.add(kind, key(client.ip), now);
        if kind == Kind::Login
            && let Some(window) = elsewhere(&app, client).await
        {
            return refusal(&app, kind, window);
        }
        let over = window.all(now) > kind.most(&app);
        if over && (kind == Kind::Login || !is_trusted(&app, &parts).await) {
            return refusal(&app, kind, window);
        }
        counted.push((kind, window));
    }
    let mut response = next.run(Request::from_parts(parts, body)).await;
    let counts = Kind::Login.counts(response.status());
    if counts && counted.iter().any(|(kind, _)| *kind == Kind::Login) {
        let noted = throttle::note_address(&app, key(client.ip), Kind::Login.window()).await;
        if let Err(error) = noted {
            tracing::warn!(
                ?error,
                "a failed log-in could not be counted for all machines"
            );
        }
    }
    settle(&app, client, &counted, &mut response);
    response
}

/// The window of an address that has failed too often at all machines together.
async fn elsewhere(app: &App, client: Client) -> Option<Window> {
    let found = throttle::check_address(app, key(client.ip)).await;
    let ends_at = found.unwrap_or_else(|error| {
        tracing::warn!(?error, "failed log-ins at other machines are not known");
        None
    })?;
    Some(Window::new(ends_at, Kind::Login.most(app) + 1))
}

/// May this address write to the administrators? Once an hour.
pub fn may_write(app: &App, client: Client) -> bool {
    let now = app.clock.now();
    let window = app.limits.add(Kind::Contact, key(client.ip), now);
    window.all(now) <= Kind::Contact.most(app)
}

async fn is_trusted(app: &App, parts: &axum::http::request::Parts) -> bool {
    let viewer = access::viewer(app, parts).await.unwrap_or_default();
    viewer
        .user()
        .is_some_and(|user| matches!(user.role, Role::Administrator | Role::Moderator))
}

fn settle(app: &App, client: Client, counted: &[(Kind, Window)], response: &mut Response) {
    for (kind, window) in counted {
        if !kind.counts(response.status()) {
            app.limits.take_back(*kind, key(client.ip));
        }
        // People who read pages need no numbers.
        if *kind == Kind::Page {
            continue;
        }
        tell(app, *kind, *window, response);
    }
}

fn refusal(app: &App, kind: Kind, window: Window) -> Response {
    let body = "Too many requests, please try again later.";
    let mut response = (StatusCode::TOO_MANY_REQUESTS, body).into_response();
    tell(app, kind, window, &mut response);
    let wait = (window.ends_at - app.clock.now() + SECOND - 1) / SECOND;
    response
        .headers_mut()
        .insert(header::RETRY_AFTER, HeaderValue::from(wait.max(1)));
    response
}

fn tell(app: &App, kind: Kind, window: Window, response: &mut Response) {
    let most = kind.most(app);
    let headers = response.headers_mut();
    headers.insert("x-ratelimit-limit", HeaderValue::from(most));
    headers.insert(
        "x-ratelimit-remaining",
        HeaderValue::from(most.saturating_sub(window.all(app.clock.now()))),
    );
    headers.insert(
        "x-ratelimit-reset",
        HeaderValue::from((window.ends_at + SECOND - 1) / SECOND),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_ends_and_begins_again() {
        let counters = Counters::default();
        let address = key("2001:db8::1".parse().unwrap());
        let neighbour = key("2001:db8::2".parse().unwrap());
        assert_eq!(counters.add(Kind::Api, address, 0).count, 1);
        assert_eq!(counters.add(Kind::Api, neighbour, 1).count, 2);
        assert_eq!(counters.add(Kind::Login, address, 1).count, 1);
        counters.take_back(Kind::Api, address);
        assert_eq!(counters.add(Kind::Api, address, 9_999).count, 2);
        assert_eq!(counters.add(Kind::Api, address, 10_000).count, 1);
    }

    #[test]
    fn routes_have_their_classes() {
        for (path, kind) in [
            ("/api/v1/videos", Some(Kind::Api)),
            ("/api/v1/ping", None),
            ("/feeds/videos.xml", Some(Kind::Feed)),
            ("/.well-known/webfinger", Some(Kind::WellKnown)),
            ("/accounts/ada/inbox", Some(Kind::Inbox)),
            ("/download/videos/generate/1", Some(Kind::Made)),
            ("/download/web-videos/a.mp4", None),
            ("/static/streaming-playlists/hls/a/b.m3u8", None),
            ("/w/abc", Some(Kind::Page)),
        ] {
            assert_eq!(Kind::class(path), kind, "{path}");
        }
    }

    #[test]
    fn the_memory_is_bounded() {
        let counters = Counters::default();
        for n in 0..MOST_ADDRESSES + 10 {
            let address = IpAddr::from(u32::try_from(n).unwrap().to_be_bytes());
            assert_eq!(counters.add(Kind::Api, address, 0).count, 1);
        }
        assert_eq!(counters.of(Kind::Api).lock().len(), MOST_ADDRESSES);
        counters.add(Kind::Api, IpAddr::from([255, 0, 0, 1]), 20_000);
        assert_eq!(counters.of(Kind::Api).lock().len(), 1);
    }
}
