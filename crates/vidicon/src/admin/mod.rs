//! What administrators look after: jobs, figures, logs, messages from visitors.

pub mod api;
pub mod contact;
pub mod health;
pub mod jobs;
pub mod mail;
pub mod metrics;
pub mod page;
pub mod pictures;
pub mod release;
pub mod stats;
mod store;
pub mod system;
pub mod words;
