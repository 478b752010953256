//! Listens, answers and ends well.

use crate::app::App;
use crate::{jobs, routes};
use anyhow::Context;
use axum::Router;
use axum::extract::ConnectInfo;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// How long a start tries to get a port that the process before may still hold.
const PORT_PATIENCE: Duration = Duration::from_secs(10);
/// How long short requests may take to end after SIGTERM. Uploads and jobs are cut: they resume.
const DRAIN: Duration = Duration::from_secs(3);
/// A client must send the head of a request in this time.
const HEAD_PATIENCE: Duration = Duration::from_secs(20);

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
    accept(router, listener, &stop).await;
    workers.await.context("the workers ended badly")
}

/// Takes the port, patiently: a restart may come before the old process is gone.
pub async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
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
            Err(error) => return Err(error).with_context(|| format!("listen on {address}")),
        }
    }
}

async fn accept(router: Router, listener: TcpListener, stop: &CancellationToken) {
    let mut server = auto::Builder::new(TokioExecutor::new());
    server
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_PATIENCE);
    server
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(128);
    let open = GracefulShutdown::new();
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
        let service = router
            .clone()
            .map_request(move |mut request: hyper::Request<_>| {
                request.extensions_mut().insert(ConnectInfo(peer));
                request.map(axum::body::Body::new)
            });
        let connection = server.serve_connection_with_upgrades(
            TokioIo::new(stream),
            TowerToHyperService::new(service),
        );
        let connection = open.watch(connection.into_owned());
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection broke");
            }
        });
    }
    drop(listener);
    tokio::time::timeout(DRAIN, open.shutdown()).await.ok();
}
