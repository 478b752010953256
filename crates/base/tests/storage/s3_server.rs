//! A real S3 server inside the test, with its objects in a folder; it can be told to fail.

use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

pub struct S3Server {
    pub endpoint: String,
    pub folder: TempDir,
    failures: Arc<Mutex<Vec<Option<&'static str>>>>,
    delay_ms: Arc<AtomicU64>,
}

impl S3Server {
    /// Knows the key `test` with the secret `testtest`.
    pub async fn start(buckets: &[&str]) -> Self {
        let folder = TempDir::new().expect("a folder");
        for bucket in buckets {
            std::fs::create_dir(folder.path().join(bucket)).expect("a bucket");
        }
        let files = s3s_fs::FileSystem::new(folder.path()).expect("a server");
        let mut service = S3ServiceBuilder::new(files);
        service.set_auth(SimpleAuth::from_single("test", "testtest"));
        let service = service.build();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
        let failures = Arc::new(Mutex::new(Vec::new()));
        let to_fail = Arc::clone(&failures);
        let delay_ms = Arc::new(AtomicU64::new(0));
        let delay = Arc::clone(&delay_ms);
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let failure = to_fail.lock().expect("a list").pop().flatten();
                let wait = Duration::from_millis(delay.load(Ordering::Relaxed));
                if let Some(answer) = failure {
                    tokio::spawn(fail(socket, answer));
                    continue;
                }
                let service = service.clone();
                tokio::spawn(async move {
                    // A slow server is what is tested, not waited for.
                    tokio::time::sleep(wait).await;
                    let mut server = Builder::new(TokioExecutor::new());
                    // Each request comes on its own connection, so that each can be made to fail.
                    server.http1().keep_alive(false);
                    let _ = server.serve_connection(TokioIo::new(socket), service).await;
                });
            }
        });
        Self {
            endpoint,
            folder,
            failures,
            delay_ms,
        }
    }

    /// The next requests are answered with this status and error code.
    pub fn fail_next(&self, count: usize, answer: &'static str) {
        *self.failures.lock().expect("a list") = vec![Some(answer); count];
    }

    /// Of the next many requests this percentage is answered so, in no order that repeats soon.
    pub fn fail_share(&self, percent: u32, answer: &'static str) {
        let mut state = 1_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 16) % 100
        };
        let failures = (0..10_000).map(|_| (next() < percent).then_some(answer));
        *self.failures.lock().expect("a list") = failures.collect();
    }

    /// Each request waits so long before it is answered.
    pub fn be_slow(&self, delay: Duration) {
        let ms = u64::try_from(delay.as_millis()).expect("short");
        self.delay_ms.store(ms, Ordering::Relaxed);
    }

    /// A writer that was dropped gives its upload up a moment later.
    pub async fn wait_until_no_upload_is_open(&self) {
        let open = || {
            let files = std::fs::read_dir(self.folder.path())
                .expect("a folder")
                .flatten();
            let names = files.map(|file| file.file_name().to_string_lossy().into_owned());
            names
                .filter(|name| name.starts_with(".upload"))
                .collect::<Vec<_>>()
        };
        for _ in 0..100_000 {
            if open().is_empty() {
                return;
            }
            tokio::task::yield_now().await;
        }
        panic!("parts are left: {:?}", open());
    }
}

async fn fail(mut socket: TcpStream, answer: &str) {
    let _ = socket.read(&mut [0; 65_536]).await;
    let (_, code) = answer.split_once(' ').expect("a status and a code");
    let body = format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code></Error>");
    let length = body.len();
    let answer =
        format!("HTTP/1.1 {answer}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}");
    let _ = socket.write_all(answer.as_bytes()).await;
}

/// A port at which nobody listens.
pub async fn closed_endpoint() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    format!("http://{}", listener.local_addr().expect("an address"))
}
