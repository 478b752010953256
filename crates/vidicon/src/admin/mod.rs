//! What administrators look after: jobs, figures, logs, messages from visitors.

pub mod api;
pub mod contact;
pub mod jobs;
pub mod pictures;
pub mod stats;
mod store;
pub mod system;
