//! The ActivityPub protocol: documents, signatures and names as others really send them.
//!
//! Nothing here touches a network, a database or a clock: the caller fetches, stores and says what time it is.

pub mod activity;
pub mod actor;
pub mod address;
mod canonical;
pub mod collection;
pub mod context;
mod date;
pub mod digest;
mod error;
pub mod image;
pub mod json;
pub mod key;
pub mod ld_signature;
mod linked_data;
pub mod message_signature;
pub mod nodeinfo;
pub mod note;
pub mod playlist;
pub mod redundancy;
pub mod sanitize;
pub mod signature;
pub mod video;
mod video_link;
pub mod video_write;
pub mod view;
mod vocabulary;
pub mod webfinger;

pub use error::{Error, Result};
