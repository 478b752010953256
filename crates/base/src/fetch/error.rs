//! Why an outgoing request failed, in plain words and without the secrets of its address.

use std::error::Error as StdError;
use std::fmt;
use url::Url;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FetchErrorKind {
    /// It is no address, or not one for requests: a wrong scheme, a password inside.
    BadAddress,
    /// It leads to this machine, its network or a reserved range.
    RefusedAddress,
    /// The answer is longer than the caller wants.
    TooLarge,
    TimedOut,
    TooManyRedirects,
    /// The server answered, but with this status.
    Status(u16),
    /// No connection, or it broke, or what came was no HTTP.
    Failed,
}

#[derive(Debug)]
pub struct FetchError {
    kind: FetchErrorKind,
    message: String,
    source: Option<reqwest::Error>,
}

impl FetchError {
    pub(super) fn new(kind: FetchErrorKind, url: &Url, why: &str) -> Self {
        Self {
            kind,
            message: format!("{} {why}", shown(url)),
            source: None,
        }
    }

    pub(super) fn bad_address(text: &str, why: &str) -> Self {
        // A password stands before the `@`.
        let text = text
            .split(['?', '#'])
            .next()
            .and_then(|text| text.rsplit('@').next())
            .unwrap_or_default();
        let text: String = text.chars().take(200).collect();
        Self {
            kind: FetchErrorKind::BadAddress,
            message: format!("{text:?} {why}"),
            source: None,
        }
    }

    pub(super) fn set_up(error: reqwest::Error) -> Self {
        let message = format!("outgoing requests cannot be set up: {error}");
        Self {
            kind: FetchErrorKind::Failed,
            message,
            source: Some(error),
        }
    }

    pub(super) fn from_reqwest(url: &Url, error: reqwest::Error) -> Self {
        let (kind, why) = if has_refused_address(&error) {
            (FetchErrorKind::RefusedAddress, "leads to a private address")
        } else if error.is_timeout() {
            (FetchErrorKind::TimedOut, "took too long")
        } else if error.is_connect() {
            (FetchErrorKind::Failed, "cannot be reached")
        } else if error.is_decode() {
            (FetchErrorKind::Failed, "sent an answer that cannot be read")
        } else {
            (FetchErrorKind::Failed, "broke the connection")
        };
        // The library's text has the whole address in it, with its query.
        let source = Some(error.without_url());
        Self {
            kind,
            message: format!("{} {why}", shown(url)),
            source,
        }
    }

    pub fn kind(&self) -> FetchErrorKind {
        self.kind
    }

    pub fn status(&self) -> Option<u16> {
        match self.kind {
            FetchErrorKind::Status(status) => Some(status),
            _ => None,
        }
    }

    /// Whether the same request may succeed later.
    pub fn is_retryable(&self) -> bool {
        matches!(
            self.kind,
            FetchErrorKind::TimedOut
                | FetchErrorKind::Failed
                | FetchErrorKind::Status(408 | 425 | 429 | 500..=599)
        )
    }
}

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for FetchError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.source {
            Some(source) => Some(source),
            None => None,
        }
    }
}

/// The address without query, fragment and password: these may hold secrets.
pub fn shown(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    // Fails only for addresses that can have neither.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.into()
}

fn has_refused_address(error: &reqwest::Error) -> bool {
    let mut cause: Option<&(dyn StdError + 'static)> = Some(error);
    while let Some(error) = cause {
        if error.is::<super::address::RefusedAddress>() {
            return true;
        }
        cause = error.source();
    }
    false
}
