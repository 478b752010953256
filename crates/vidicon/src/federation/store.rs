//! The SQL of federation: actors, follows, peers, and the two queues.

mod actors;
mod comments;
mod follows;
mod queues;
mod videos;

pub use actors::*;
pub use comments::*;
pub use follows::*;
pub use queues::*;
pub use videos::*;
