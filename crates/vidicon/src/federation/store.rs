//! The SQL of federation: actors, follows, peers, and the two queues.

mod actors;
mod comments;
mod follows;
mod mirrors;
mod moves;
mod peers;
mod playlists;
mod queues;
mod reactions;
mod remote;
mod videos;

pub use actors::*;
pub use comments::*;
pub use follows::*;
pub use mirrors::*;
pub use moves::*;
pub use peers::*;
pub use playlists::*;
pub use queues::*;
pub use reactions::*;
pub use remote::*;
pub use videos::*;
