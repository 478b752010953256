//! The one error of the request path. Its status is decided where the fact is known; its answer
//! is a problem document (RFC 9457) in the shape that PeerTube's clients read.

use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

pub type Result<T, E = Error> = std::result::Result<T, E>;

#[derive(Debug)]
pub struct Error(Box<Problem>);

#[derive(Debug)]
pub struct Problem {
    pub status: StatusCode,
    pub code: Option<&'static str>,
    /// Safe to show to anyone.
    pub detail: String,
    /// Further members of the document, such as `invalid-params`.
    pub extras: Map<String, Value>,
    pub headers: Vec<(&'static str, String)>,
    /// What really happened; logged, never shown.
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Error(Box::new(Problem {
            status,
            code: None,
            detail: detail.into(),
            extras: Map::new(),
            headers: Vec::new(),
            source: None,
        }))
    }

    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    pub fn unauthorized(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, detail)
    }

    /// The request needs somebody to be logged in.
    pub fn not_authenticated() -> Self {
        Self::unauthorized("Not authenticated")
    }

    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, detail)
    }

    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, detail)
    }

    pub fn conflict(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, detail)
    }

    pub fn gone(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::GONE, detail)
    }

    pub fn too_large(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, detail)
    }

    pub fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        let mut error = Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "Something went wrong here.",
        );
        error.0.source = Some(source.into());
        error
    }

    /// The code that clients switch on.
    #[must_use]
    pub fn code(mut self, code: &'static str) -> Self {
        self.0.code = Some(code);
        self
    }

    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.extras.insert(name.to_owned(), value.into());
        self
    }

    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.0.headers.push((name, value.into()));
        self
    }

    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    pub fn detail(&self) -> &str {
        &self.0.detail
    }

    pub fn code_str(&self) -> Option<&'static str> {
        self.0.code
    }

    pub fn problem(&self) -> &Problem {
        &self.0
    }

    fn document(&self) -> Map<String, Value> {
        let problem = &*self.0;
        let mut document = Map::new();
        let kind = match problem.code {
            Some(code) => {
                format!(
                    "https://docs.joinpeertube.org/api-rest-reference.html#section/Errors/{code}"
                )
            }
            None => "about:blank".to_owned(),
        };
        document.insert("type".into(), kind.into());
        if problem.code.is_none() {
            document.insert("title".into(), title(problem.status).into());
        }
        document.insert("detail".into(), problem.detail.clone().into());
        document.insert("status".into(), problem.status.as_u16().into());
        document.extend(problem.extras.clone());
        if let Some(code) = problem.code {
            document.insert("code".into(), code.into());
        }
        document.insert("error".into(), problem.detail.clone().into());
        document
    }
}

/// The reason phrase that PeerTube's clients know; 413 and 422 have older names there.
fn title(status: StatusCode) -> &'static str {
    status.canonical_reason().unwrap_or("Error")
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.detail)?;
        match &self.0.source {
            Some(source) => write!(f, " ({source})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {}

impl From<base::db::Error> for Error {
    fn from(error: base::db::Error) -> Self {
        Self::internal(error)
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Self::internal(error)
    }
}

impl From<Error> for base::job::JobError {
    fn from(error: Error) -> Self {
        let cause = error.to_string();
        if error.status().is_client_error() {
            base::job::JobError::Fail(cause)
        } else {
            base::job::JobError::Retry(cause)
        }
    }
}

/// Left on a response so that the page frame can show the error to a person instead.
#[derive(Clone, Debug)]
pub struct Shown {
    pub status: StatusCode,
    pub code: Option<&'static str>,
    pub detail: String,
}

/// The document of an error that was answered, so that what only its route knows can be added.
#[derive(Clone, Debug)]
struct Document(Map<String, Value>);

/// Adds to an error where it was met: the address, where fields were wrong, and the page of
/// PeerTube's documentation, where the operation has one.
pub fn placed(mut response: Response, uri: &Uri, operation: Option<&str>) -> Response {
    let Some(Document(mut document)) = response.extensions_mut().remove() else {
        return response;
    };
    let is_of_fields = document.contains_key("invalid-params");
    if !is_of_fields && operation.is_none() {
        return response;
    }
    if is_of_fields {
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        document.insert("instance".into(), path.into());
    }
    if let Some(operation) = operation {
        let page = "https://docs.joinpeertube.org/api-rest-reference.html#operation/";
        document.insert("docs".into(), format!("{page}{operation}").into());
    }
    *response.body_mut() = Value::Object(document).to_string().into();
    response
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        if let Some(source) = &self.0.source {
            tracing::error!(error = %source, "request failed");
        }
        let document = self.document();
        let body = Value::Object(document.clone()).to_string();
        let mut response = (
            self.0.status,
            [(
                header::CONTENT_TYPE,
                "application/problem+json; charset=utf-8",
            )],
            body,
        )
            .into_response();
        for (name, value) in &self.0.headers {
            if let Ok(value) = value.parse() {
                response.headers_mut().insert(*name, value);
            }
        }
        response.headers_mut().remove(header::CONTENT_LENGTH);
        response.extensions_mut().insert(Document(document));
        response.extensions_mut().insert(Shown {
            status: self.0.status,
            code: self.0.code,
            detail: self.0.detail.clone(),
        });
        response
    }
}

/// `{"error": …}`-free empty answer to a call that changed something.
pub fn no_content() -> Response {
    StatusCode::NO_CONTENT.into_response()
}

/// An answer whose body is the reason phrase alone, for the few places where PeerTube sends that.
pub fn plain(status: StatusCode) -> Response {
    (status, title(status)).into_response()
}

/// The wrapper of one freshly made thing: `{"video": {…}}`.
pub fn created(name: &str, thing: impl Into<Value>) -> axum::Json<Value> {
    axum::Json(json!({ name: thing.into() }))
}
