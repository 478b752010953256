//! Listens, answers and ends well.

use crate::app::App;
use crate::certificate::{self, tls::Tls};
use crate::config::TlsMode;
use crate::{jobs, routes, trace};
use anyhow::Context;
use axum::Router;
use axum::extract::ConnectInfo;
use axum::http::Version;
use base::sendfile::{Outgoing, Socket};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

/// How long a start tries to get a port that the process before may still hold.
const PORT_PATIENCE: Duration = Duration::from_secs(10);
/// How long short requests may take to end after SIGTERM. Uploads and jobs are cut: they resume.
const DRAIN: Duration = Duration::from_secs(3);
/// So long a connection that was just taken may bring its first request after SIGTERM: closed
/// sooner, a client that was let in would be turned away.
const FIRST_REQUEST: Duration = Duration::from_secs(1);
/// A client must send the head of a request in this time.
const HEAD_PATIENCE: Duration = Duration::from_secs(20);
/// A connection that brings no request at all holds a file handle for no longer.
const SILENCE: Duration = Duration::from_secs(60);
/// The most that the head of a request may weigh; real ones have a tenth of it.
const HEAD_BYTES: usize = 64 * 1024;
const HEAD_LIST: u32 = 64 * 1024;

/// How often a certificate that another machine got is looked for, and regular jobs are added.
const ROUND: Duration = Duration::from_secs(30);

/// Serves until `stop` fires, workers included.
pub async fn serve(app: App, listener: TcpListener, stop: CancellationToken) -> anyhow::Result<()> {
    let (router, _) = routes::site(&app);
    let workers = tokio::spawn({
        let (app, stop) = (app.clone(), stop.clone());
        async move {
            app.workers
                .run(jobs::lanes(&app), jobs::work(&app), stop)
                .await
        }
    });
    let mut doors = JoinSet::new();
    let tls = open_https(&app, &router, &stop, &mut doors).await?;
    tokio::spawn(open_buckets(app.clone()));
    if app.config.transcoding.enabled {
        tokio::spawn(crate::transcode::room::watch(app.clone(), stop.clone()));
    }
    doors.spawn(rounds(app.clone(), tls, stop.clone()));
    doors.spawn(trace::send(app.clone(), stop.clone()));
    doors.spawn(crate::limits::share::keep(app.clone(), stop.clone()));
    accept(router, listener, None, &stop).await;
    tell_systemd("STOPPING=1");
    while doors.join_next().await.is_some() {}
    workers.await.context("the workers ended badly")
}

/// Viewers load from the buckets, which must let their browsers.
async fn open_buckets(app: App) {
    let (config, origin) = (&app.config.storage, &app.config.server.public_url);
    for finding in base::storage::open_to_browsers(config, &app.storage, origin).await {
        if let base::storage::Outcome::Failed { why, fix } = finding.outcome {
            tracing::warn!(
                bucket = finding.bucket,
                why,
                fix,
                "viewers cannot load from a bucket"
            );
        }
    }
}

/// Opens the ports for HTTPS and for the way there, where the settings want them.
async fn open_https(
    app: &App,
    router: &Router,
    stop: &CancellationToken,
    doors: &mut JoinSet<()>,
) -> anyhow::Result<Option<Arc<Tls>>> {
    let config = &app.config.tls;
    if config.mode == TlsMode::Off {
        return Ok(None);
    }
    let tls = Arc::new(Tls::start(app).await?);
    let secure = listen(config.listen).await?;
    let plain = listen(config.http_listen).await?;
    let (router, of_secure, stop_secure) = (router.clone(), Arc::clone(&tls), stop.clone());
    doors.spawn(async move { accept(router, secure, Some(of_secure), &stop_secure).await });
    let (way, stop_plain) = (certificate::page::routes(app), stop.clone());
    doors.spawn(async move { accept(way, plain, None, &stop_plain).await });
    Ok(Some(tls))
}

/// What comes round again and again while the site is up.
async fn rounds(app: App, tls: Option<Arc<Tls>>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        if let Err(error) = jobs::add_regular(&app).await {
            tracing::error!(%error, "could not add the regular jobs");
        }
        // Another machine may have changed the settings.
        if let Err(error) = app.instance.reload(&app.db).await {
            tracing::error!(%error, "could not read the settings again");
        }
        if let Err(error) = crate::cost::round(&app).await {
            tracing::error!(?error, "could not write down what the site has used");
        }
        if let Some(tls) = &tls
            && let Err(error) = tls.refresh().await
        {
            tracing::error!(
                error = format!("{error:#}"),
                "could not take up the certificate"
            );
        }
        tokio::select! {
            () = tokio::time::sleep(ROUND) => {}
            () = stop.cancelled() => {}
        }
    }
    if let Err(error) = crate::cost::flush(&app).await {
        tracing::error!(?error, "could not write down what the site has used");
    }
}

/// Tells systemd how it stands, where systemd has started this process (`Type=notify`).
pub fn tell_systemd(state: &str) {
    let Some(place) = std::env::var_os("NOTIFY_SOCKET") else {
        return;
    };
    let place = place.to_string_lossy();
    let told = socket_address(&place).and_then(|place| {
        let socket = std::os::unix::net::UnixDatagram::unbound()?;
        socket.send_to_addr(state.as_bytes(), &place)
    });
    if let Err(error) = told {
        tracing::warn!(%error, "systemd could not be told");
    }
}

/// A name that begins with @ is in no folder; only Linux knows such.
fn socket_address(place: &str) -> std::io::Result<std::os::unix::net::SocketAddr> {
    #[cfg(target_os = "linux")]
    if let Some(name) = place.strip_prefix('@') {
        use std::os::linux::net::SocketAddrExt;
        return std::os::unix::net::SocketAddr::from_abstract_name(name);
    }
    std::os::unix::net::SocketAddr::from_pathname(place)
}

/// The ports that systemd holds for us (`vidicon.socket`), so that nobody is refused while the
/// process restarts. Each is given once.
fn held(address: SocketAddr) -> Option<std::net::TcpListener> {
    static HELD: std::sync::OnceLock<parking_lot::Mutex<Vec<std::net::TcpListener>>> =
        std::sync::OnceLock::new();
    let held = HELD.get_or_init(|| {
        let mut given = listenfd::ListenFd::from_env();
        let all = (0..given.len()).filter_map(|at| given.take_tcp_listener(at).ok()?);
        parking_lot::Mutex::new(all.collect())
    });
    let mut held = held.lock();
    let fits =
        |it: &std::net::TcpListener| it.local_addr().is_ok_and(|at| at.port() == address.port());
    let at = held.iter().position(fits)?;
    Some(held.swap_remove(at))
}

/// Takes the port, patiently: a restart may come before the old process is gone. `[::]` is every
/// address of the machine, IPv4 too; where there is no IPv6, the others are taken alone.
pub async fn listen(mut address: SocketAddr) -> anyhow::Result<TcpListener> {
    if let Some(held) = held(address) {
        held.set_nonblocking(true)?;
        return Ok(TcpListener::from_std(held)?);
    }
    let started = tokio::time::Instant::now();
    loop {
        match TcpListener::bind(address).await {
            Ok(listener) => return Ok(listener),
            Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
                if started.elapsed() > PORT_PATIENCE {
                    anyhow::bail!(
                        "port {} is in use by another program. Stop it, or choose another port \
                         with --listen",
                        address.port()
                    );
                }
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
            Err(error) if has_no_ipv6(&error) && address.ip() == Ipv6Addr::UNSPECIFIED => {
                address.set_ip(Ipv4Addr::UNSPECIFIED.into());
            }
            Err(error) => return Err(error).with_context(|| format!("listen on {address}")),
        }
    }
}

/// The kernel was built or started without it (EAFNOSUPPORT), or no address of it is there.
fn has_no_ipv6(error: &std::io::Error) -> bool {
    error.raw_os_error() == Some(97) || error.kind() == std::io::ErrorKind::AddrNotAvailable
}

/// Takes connections until `stop` fires, then lets short requests end.
async fn accept(
    router: Router,
    listener: TcpListener,
    tls: Option<Arc<Tls>>,
    stop: &CancellationToken,
) {
    let open = TaskTracker::new();
    loop {
        let (stream, peer) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Out of file handles, most likely: others must end first.
                    tracing::warn!(%error, "could not accept a connection");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
            () = stop.cancelled() => break,
        };
        stream.set_nodelay(true).ok();
        let (router, stop) = (router.clone(), stop.clone());
        match tls.clone() {
            None => {
                let socket = Socket::new(stream);
                let files = socket.outgoing();
                drop(open.spawn(answer(router, socket, files, peer, stop)));
            }
            Some(tls) => drop(open.spawn(async move {
                match tokio::time::timeout(HEAD_PATIENCE, tls.accept(stream)).await {
                    Ok(Ok(Some(stream))) => answer(router, stream, None, peer, stop).await,
                    Ok(Ok(None)) | Err(_) => {}
                    Ok(Err(error)) => tracing::debug!(%error, "a handshake failed"),
                }
            })),
        }
    }
    drop(listener);
    open.close();
    tokio::time::timeout(DRAIN, open.wait()).await.ok();
}

/// Answers the requests of one connection, until `stop` fires and the request under way has ended. `files` is there
/// when the system can send files on it.
async fn answer<S>(
    router: Router,
    stream: S,
    files: Option<Outgoing>,
    peer: SocketAddr,
    stop: CancellationToken,
) where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let mut server = auto::Builder::new(TokioExecutor::new());
    server
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_PATIENCE)
        .max_buf_size(HEAD_BYTES);
    server
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(128)
        .max_header_list_size(HEAD_LIST)
        // A peer that has gone without a word must not hold its connection for ever.
        .keep_alive_interval(Some(HEAD_PATIENCE))
        .keep_alive_timeout(HEAD_PATIENCE);
    let begun = CancellationToken::new();
    let first = begun.clone();
    let service = router.map_request(move |mut request: hyper::Request<_>| {
        first.cancel();
        request.extensions_mut().insert(ConnectInfo(peer));
        // Answers of HTTP/2 are mixed with one another.
        if let Some(files) = files
            .as_ref()
            .filter(|_| request.version() < Version::HTTP_2)
        {
            request.extensions_mut().insert(files.clone());
        }
        request.map(axum::body::Body::new)
    });
    let service = TowerToHyperService::new(service);
    let mut connection = pin!(server.serve_connection_with_upgrades(TokioIo::new(stream), service));
    let ending = async {
        stop.cancelled().await;
        tokio::time::timeout(FIRST_REQUEST, begun.cancelled())
            .await
            .ok();
    };
    let silent = async {
        let heard = tokio::time::timeout(SILENCE, begun.cancelled());
        if heard.await.is_ok() {
            std::future::pending::<()>().await;
        }
    };
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = silent => return,
        () = ending => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection broke");
    }
}
