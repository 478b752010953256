//! Every URL of the program, one line each, with who may call it.

mod account;
mod admin;
mod comment;
mod documented;
mod federation;
mod feed;
mod files;
mod follow;
mod import;
mod instance;
mod machine;
mod moderation;
mod notification;
mod ownership;
mod people;
mod playlist;
mod runner;
mod sso;
mod studio;
mod takeout;
mod transcode;
mod upload;
mod user;
mod video;
mod visit;

use crate::access::{Access, guard};
use crate::account::page as account_page;
use crate::app::App;
use crate::error::Error;
use crate::switch::{self, Feature};
use crate::{assets, frame, openapi, page};
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::handler::Handler;
use axum::http::Method;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, MethodRouter, on};
use std::collections::BTreeMap;
use tower_http::catch_panic::CatchPanicLayer;

/// One row of the role table, of which the OpenAPI document is made too.
#[derive(Clone, Debug)]
pub struct Route {
    pub method: Method,
    pub path: &'static str,
    pub access: Access,
    /// The operation's id in the OpenAPI document; empty for pages and files.
    pub id: &'static str,
    /// What a successful answer looks like, as JSON Schema, which is made when it is asked for: all
    /// of them take as much memory as half of the program.
    pub answer: Option<fn() -> schemars::Schema>,
}

/// Routes in the making.
pub struct Routes {
    app: App,
    rows: Vec<Route>,
    paths: BTreeMap<&'static str, MethodRouter<App>>,
}

impl Routes {
    pub fn new(app: &App) -> Self {
        Routes {
            app: app.clone(),
            rows: Vec::new(),
            paths: BTreeMap::new(),
        }
    }

    #[must_use]
    pub fn get<H: Handler<T, App>, T: 'static>(
        self,
        path: &'static str,
        access: Access,
        id: &'static str,
        handler: H,
    ) -> Self {
        self.route(Method::GET, path, access, id, handler)
    }

    #[must_use]
    pub fn post<H: Handler<T, App>, T: 'static>(
        self,
        path: &'static str,
        access: Access,
        id: &'static str,
        handler: H,
    ) -> Self {
        self.route(Method::POST, path, access, id, handler)
    }

    #[must_use]
    pub fn put<H: Handler<T, App>, T: 'static>(
        self,
        path: &'static str,
        access: Access,
        id: &'static str,
        handler: H,
    ) -> Self {
        self.route(Method::PUT, path, access, id, handler)
    }

    #[must_use]
    pub fn delete<H: Handler<T, App>, T: 'static>(
        self,
        path: &'static str,
        access: Access,
        id: &'static str,
        handler: H,
    ) -> Self {
        self.route(Method::DELETE, path, access, id, handler)
    }

    /// Says what the route declared last answers.
    #[must_use]
    pub fn answers<T: schemars::JsonSchema>(mut self) -> Self {
        if let Some(row) = self.rows.last_mut() {
            row.answer = Some(|| schemars::schema_for!(T));
        }
        self
    }

    fn route<H: Handler<T, App>, T: 'static>(
        mut self,
        method: Method,
        path: &'static str,
        access: Access,
        id: &'static str,
        handler: H,
    ) -> Self {
        let filter = match method {
            Method::POST => MethodFilter::POST,
            Method::PUT => MethodFilter::PUT,
            Method::DELETE => MethodFilter::DELETE,
            // axum answers HEAD with the handler of GET.
            _ => MethodFilter::GET,
        };
        let operation = documented::operation(&method, path);
        let mut answering = on(filter, handler);
        if let Some(feature) = Feature::of(&method, path) {
            answering = answering.layer(axum::middleware::from_fn_with_state(
                (self.app.clone(), feature),
                switch::hold,
            ));
        }
        let guarded = answering.layer(axum::middleware::from_fn_with_state(
            (self.app.clone(), access, operation),
            guard,
        ));
        let known = self.paths.remove(path).unwrap_or_default();
        self.paths.insert(path, known.merge(guarded));
        self.rows.push(Route {
            method,
            path,
            access,
            id,
            answer: None,
        });
        self
    }

    fn finish(self) -> (Router<App>, Vec<Route>) {
        let mut router = Router::new();
        for (path, methods) in self.paths {
            let methods = methods.fallback(unrouted);
            router = router.route(path, methods);
        }
        (router.fallback(unrouted), self.rows)
    }
}

/// No body that is read whole is longer, whatever its route allows; uploads are streams.
const LARGEST_BODY: usize = 25 * 1024 * 1024;

/// The whole site, and its role table.
pub fn site(app: &App) -> (Router, Vec<Route>) {
    let routes = Routes::new(app);
    let routes = instance::routes(routes);
    let routes = account::routes(routes);
    let routes = user::routes(routes);
    let routes = sso::routes(routes);
    let routes = admin::routes(routes);
    let routes = federation::routes(routes);
    let routes = video::routes(routes);
    let routes = comment::routes(routes);
    let routes = playlist::routes(routes);
    let routes = ownership::routes(routes);
    let routes = follow::routes(routes);
    let routes = moderation::routes(routes);
    let routes = people::routes(routes);
    let routes = notification::routes(routes);
    let routes = feed::routes(routes);
    let routes = upload::routes(routes);
    let routes = import::routes(routes);
    let routes = takeout::routes(routes);
    let routes = files::routes(routes);
    let routes = runner::routes(routes);
    let routes = transcode::routes(routes);
    let routes = visit::routes(routes);
    let routes = measuring_routes(routes);
    let routes = pages(routes);
    let routes = studio::routes(routes);
    let routes = machine::routes(routes);
    let (router, rows) = routes.finish();
    let limited = axum::middleware::from_fn_with_state(app.clone(), crate::limits::limit);
    let framed = axum::middleware::from_fn_with_state(app.clone(), page::fault::show);
    let router = router
        .route("/api/v1/openapi.json", describe(app, rows.clone()))
        .layer(axum::middleware::from_fn_with_state(
            app.clone(),
            crate::federation::document::negotiate,
        ))
        .layer(axum::middleware::from_fn_with_state(
            app.clone(),
            crate::federation::moved::answer,
        ))
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(frame::compression())
        .layer(axum::middleware::from_fn_with_state(
            app.clone(),
            crate::kept::keep,
        ))
        .layer(limited)
        .layer(framed)
        .layer(CatchPanicLayer::custom(frame::after_panic))
        .layer(axum::middleware::from_fn_with_state(
            app.clone(),
            frame::around,
        ));
    let router: Router = router.with_state(app.clone());
    // Layers of a router run once a route is found, so the address is mended in one around it.
    let router = Router::new()
        .fallback_service(router)
        .layer(axum::middleware::map_request(without_last_slash));
    (router, rows)
}

/// Answers with the OpenAPI document, which is made for the first who asks.
fn describe(app: &App, rows: Vec<Route>) -> MethodRouter<App> {
    let public_url = app.config.server.public_url.clone();
    let document = std::sync::LazyLock::new(move || {
        bytes::Bytes::from(openapi::document(&public_url, &rows).to_string())
    });
    let document = std::sync::Arc::new(document);
    axum::routing::get(move || async move {
        let text = bytes::Bytes::clone(&document);
        ([(CONTENT_TYPE, "application/json")], text)
    })
}

/// Some programs end every address of the API with a slash; it means the same.
async fn without_last_slash(mut request: Request) -> Request {
    let uri = request.uri();
    let path = uri.path();
    if !path.ends_with('/') || !path.starts_with("/api/") {
        return request;
    }
    let bare = path.trim_end_matches('/');
    let mended = match uri.query() {
        Some(query) => format!("{bare}?{query}"),
        None => bare.to_owned(),
    };
    if let Ok(uri) = mended.parse() {
        *request.uri_mut() = uri;
    }
    request
}

/// What people see in a browser.
fn pages(routes: Routes) -> Routes {
    routes
        .get("/client/assets/{file}", Access::Public, "", assets::serve)
        .get("/favicon.ico", Access::Public, "", assets::favicon)
        .get("/client/theme.css", Access::Public, "", page::theme::css)
        .get("/client/own.js", Access::Public, "", page::theme::js)
        .post("/broadcast/away", Access::Public, "", page::look::put_away)
        .get("/styleguide", Access::Optional, "", page::style::show)
        .get("/opensearch.xml", Access::Public, "", page::theme::search)
        .get("/login", Access::Optional, "", account_page::login)
        .post("/login", Access::Optional, "", crate::sso::page::log_in)
        .post("/logout", Access::Optional, "", account_page::log_out)
        .post("/language", Access::Public, "", account_page::language)
}

/// Only with `VIDICON_BENCH` in the environment: what the benchmarks compare other answers with.
fn measuring_routes(routes: Routes) -> Routes {
    if std::env::var_os("VIDICON_BENCH").is_none() {
        return routes;
    }
    routes.get("/bench/constant", Access::Public, "", constant)
}

/// An answer of `?bytes=` bytes, cut from one text without a copy.
async fn constant(axum::extract::RawQuery(query): axum::extract::RawQuery) -> Response {
    static TEXT: std::sync::OnceLock<bytes::Bytes> = std::sync::OnceLock::new();
    const LARGEST: usize = 4 << 20;
    let text = TEXT.get_or_init(|| vec![b' '; LARGEST].into());
    let size = query.and_then(|query| query.strip_prefix("bytes=")?.parse().ok());
    let size = size.unwrap_or(0).min(LARGEST);
    let kind = [(axum::http::header::CONTENT_TYPE, "application/json")];
    (kind, text.slice(..size)).into_response()
}

/// What nothing answers: 400 below the API, as PeerTube does, but for one route, and 404 elsewhere.
async fn unrouted(uri: axum::http::Uri) -> Response {
    let is_view = uri.path().starts_with("/api/v1/videos/") && uri.path().ends_with("/views");
    if is_view {
        let status = axum::http::StatusCode::METHOD_NOT_ALLOWED;
        Error::new(status, "A view is told by PUT or POST.").into_response()
    } else if uri.path().starts_with("/api/") {
        Error::bad_request("There is no such route, or not with this method.").into_response()
    } else {
        Error::not_found("There is nothing at this address.").into_response()
    }
}
