//! A whole site in the test's process: the real router, a database of its own, a clock that the
//! test turns, a folder that goes with it. `TEST_DATABASE=postgres` runs everything on the
//! PostgreSQL server of `TEST_POSTGRES_URL`.

use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use base::Clock;
use base::clock::Millis;
use http_body_util::BodyExt;
use serde_json::Value;
use std::path::PathBuf;
use std::sync::OnceLock;
use tower::ServiceExt;
use vidicon::App;
use vidicon::config::Config;

/// 1 November 2026, 12:00 UTC.
pub const START: Millis = 1_793_534_400_000;
pub const ROOT_PASSWORD: &str = "root-password";

pub struct TestApp {
    pub app: App,
    pub router: axum::Router,
    pub folder: tempfile::TempDir,
}

impl std::ops::Deref for TestApp {
    type Target = App;

    fn deref(&self) -> &App {
        &self.app
    }
}

impl TestApp {
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// A site whose settings the test has changed.
    pub async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::default();
        config.server.data_dir = folder.path().to_owned();
        config.server.public_url = "http://video.test".to_owned();
        config.storage.durable = false;
        // Encoders of the lowest priority come to a stop beside a busy compiler.
        config.transcoding.priority = media::Priority::Normal;
        change(&mut config);
        config.complete().unwrap();
        if on_postgres() {
            config.database.url = fresh_postgres().await;
        } else {
            std::fs::copy(migrated_sqlite().await, folder.path().join("vidicon.db")).unwrap();
        }
        let app = App::open(config, Clock::manual(START)).await.unwrap();
        vidicon::user::ensure_root(&app, Some(ROOT_PASSWORD))
            .await
            .unwrap();
        let (router, _) = vidicon::routes::site(&app);
        TestApp {
            app,
            router,
            folder,
        }
    }

    /// Another machine of the same site: the same database, and a memory of its own.
    pub async fn beside(&self) -> Self {
        let app = App::open(self.app.config.clone(), self.app.clock.clone())
            .await
            .unwrap();
        let (router, _) = vidicon::routes::site(&app);
        let folder = tempfile::tempdir().unwrap();
        TestApp {
            app,
            router,
            folder,
        }
    }

    /// The same site as after a stop of its process: everything but memory is kept.
    pub async fn restarted(self) -> Self {
        self.restarted_with(|_| {}).await
    }

    /// The same with other settings.
    pub async fn restarted_with(self, change: impl FnOnce(&mut Config)) -> Self {
        let (mut config, clock) = (self.app.config.clone(), self.app.clock.clone());
        change(&mut config);
        let app = App::open(config, clock).await.unwrap();
        let (router, _) = vidicon::routes::site(&app);
        TestApp {
            app,
            router,
            folder: self.folder,
        }
    }

    pub fn call(&self, method: Method, path: &str) -> Call<'_> {
        Call::new(self, method, path)
    }

    pub fn get(&self, path: &str) -> Call<'_> {
        Call::new(self, Method::GET, path)
    }

    pub fn post(&self, path: &str) -> Call<'_> {
        Call::new(self, Method::POST, path)
    }

    pub fn put(&self, path: &str) -> Call<'_> {
        Call::new(self, Method::PUT, path)
    }

    pub fn delete(&self, path: &str) -> Call<'_> {
        Call::new(self, Method::DELETE, path)
    }

    /// Runs due jobs until none is left, turning the clock to each; tells how many ran.
    pub async fn run_jobs(&self) -> usize {
        base::job::run_due(&self.db, &self.clock, &vidicon::jobs::work(&self.app))
            .await
            .unwrap()
    }

    /// Logs in over the API and gives the access token.
    pub async fn login(&self, username: &str, password: &str) -> String {
        let answer = log_in_form(self, username, password).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        answer.json()["access_token"].as_str().unwrap().to_owned()
    }

    pub async fn root(&self) -> String {
        self.login("root", ROOT_PASSWORD).await
    }

    /// Makes a user over the API and logs in; gives the access token.
    pub async fn user(&self, username: &str) -> String {
        let root = self.root().await;
        let made = self
            .post("/api/v1/users")
            .token(&root)
            .json(serde_json::json!({
                "username": username, "password": "password-1", "role": 2,
                "email": format!("{username}@example.org"),
                "videoQuota": -1, "videoQuotaDaily": -1,
            }))
            .await;
        assert_eq!(made.status, StatusCode::OK, "{}", made.text());
        self.login(username, "password-1").await
    }
}

/// The answer to a log-in.
pub async fn log_in_form(app: &TestApp, username: &str, password: &str) -> Answer {
    let client = app.get("/api/v1/oauth-clients/local").await.json();
    let fields = [
        ("client_id", client["client_id"].as_str().unwrap()),
        ("client_secret", client["client_secret"].as_str().unwrap()),
        ("grant_type", "password"),
        ("response_type", "code"),
        ("username", username),
        ("password", password),
    ];
    app.post("/api/v1/users/token").form(&fields).await
}

pub fn on_postgres() -> bool {
    std::env::var("TEST_DATABASE").is_ok_and(|name| name == "postgres")
}

/// A SQLite file with the whole schema, made once in a test run and copied for each test.
async fn migrated_sqlite() -> PathBuf {
    static MADE: OnceLock<tempfile::TempDir> = OnceLock::new();
    static MAKING: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
    let _alone = MAKING.lock().await;
    if let Some(folder) = MADE.get() {
        return folder.path().join("template.db");
    }
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("made.db").display());
    let db = base::Db::open(&url).await.unwrap();
    base::migrate::migrate(&db, &Clock::manual(START), vidicon::migrations::ALL, None)
        .await
        .unwrap();
    db.copy_to(&folder.path().join("template.db"))
        .await
        .unwrap();
    MADE.get_or_init(|| folder).path().join("template.db")
}

/// A PostgreSQL database of the test's own, from a template that is migrated once.
async fn fresh_postgres() -> String {
    static TEMPLATE: tokio::sync::OnceCell<String> = tokio::sync::OnceCell::const_new();
    let server = std::env::var("TEST_POSTGRES_URL").expect("TEST_POSTGRES_URL names a server");
    let (start, _) = server.rsplit_once('/').unwrap();
    let template = TEMPLATE
        .get_or_init(|| async {
            let name = format!("template_{}", base::random::token());
            let admin = base::Db::open(&server).await.unwrap();
            admin
                .batch(&format!("CREATE DATABASE {name}"))
                .await
                .unwrap();
            let db = base::Db::open(&format!("{start}/{name}")).await.unwrap();
            let clock = Clock::manual(START);
            base::migrate::migrate(&db, &clock, vidicon::migrations::ALL, None)
                .await
                .unwrap();
            if let base::Db::Postgres(pool) = &db {
                pool.close();
            }
            name
        })
        .await;
    let name = format!("test_{}", base::random::token());
    // PostgreSQL copies a template only while nobody else is doing so.
    static COPYING: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
    let _alone = COPYING.lock().await;
    let admin = base::Db::open(&server).await.unwrap();
    for _ in 0..50 {
        let made = admin
            .batch(&format!(
                "CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY"
            ))
            .await;
        match made {
            Ok(()) => return format!("{start}/{name}"),
            // The closed connection to the template is still going away.
            Err(error) if error.to_string().contains("55006") => tokio::task::yield_now().await,
            Err(error) => panic!("{error}"),
        }
    }
    panic!("the template database stays in use");
}

/// A request in the making; await it for the answer.
pub struct Call<'a> {
    app: &'a TestApp,
    method: Method,
    path: String,
    headers: HeaderMap,
    body: Body,
}

impl<'a> Call<'a> {
    fn new(app: &'a TestApp, method: Method, path: &str) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, "video.test".parse().unwrap());
        Call {
            app,
            method,
            path: path.to_owned(),
            headers,
            body: Body::empty(),
        }
    }

    pub fn token(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.insert(name, value.parse().unwrap());
        self
    }

    pub fn json(self, body: Value) -> Self {
        self.bytes("application/json", body.to_string().into_bytes())
    }

    pub fn form(self, fields: &[(&str, &str)]) -> Self {
        let body: String = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        self.bytes("application/x-www-form-urlencoded", body.into_bytes())
    }

    pub fn bytes(mut self, kind: &str, body: Vec<u8>) -> Self {
        self.body = Body::from(body);
        self.header("content-type", kind)
    }

    /// Fields and files (name, file name, type, content) as browsers send them.
    pub fn multipart(self, fields: &[(&str, &str)], files: &[(&str, &str, &str, &[u8])]) -> Self {
        let mut body = Vec::new();
        for (name, value) in fields {
            let part = format!(
                "--edge\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            );
            body.extend_from_slice(part.as_bytes());
        }
        for (name, filename, kind, content) in files {
            let part = format!(
                "--edge\r\nContent-Disposition: form-data; name=\"{name}\"; \
                 filename=\"{filename}\"\r\nContent-Type: {kind}\r\n\r\n"
            );
            body.extend_from_slice(part.as_bytes());
            body.extend_from_slice(content);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--edge--\r\n");
        self.bytes("multipart/form-data; boundary=edge", body)
    }
}

impl<'a> IntoFuture for Call<'a> {
    type Output = Answer;
    type IntoFuture = futures::future::BoxFuture<'a, Answer>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let mut request = Request::builder()
                .method(self.method)
                .uri(self.path)
                .body(self.body)
                .unwrap();
            *request.headers_mut() = self.headers;
            let response = self.app.router.clone().oneshot(request).await.unwrap();
            let (parts, body) = response.into_parts();
            // A stream of events has no end to wait for.
            let kind = parts.headers.get(header::CONTENT_TYPE);
            let body = if kind.is_some_and(|kind| kind == "text/event-stream") {
                Vec::new()
            } else {
                body.collect().await.unwrap().to_bytes().to_vec()
            };
            Answer {
                status: parts.status,
                headers: parts.headers,
                body,
            }
        })
    }
}

#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// Fails with the whole answer when the status is another.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        self
    }
}
