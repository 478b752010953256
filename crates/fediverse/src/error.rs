//! Why a document, a name or a signature is not accepted.

/// Everything this crate refuses, in words that can be shown to the administrator of either side.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("the document is larger than {limit_bytes} bytes")]
    TooLarge { limit_bytes: usize },
    #[error("the document is nested deeper than {limit} levels")]
    TooDeep { limit: usize },
    #[error("not JSON: {0}")]
    NotJson(String),
    #[error("{what}: {why}")]
    Invalid { what: &'static str, why: String },
    #[error("signature: {0}")]
    Signature(String),
    #[error("key: {0}")]
    Key(&'static str),
}

pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    pub fn invalid(what: &'static str, why: impl Into<String>) -> Self {
        Self::Invalid {
            what,
            why: why.into(),
        }
    }

    pub fn signature(why: impl Into<String>) -> Self {
        Self::Signature(why.into())
    }
}
