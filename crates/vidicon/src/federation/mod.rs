//! Federation: other servers, what they tell us and what we tell them.
//!
//! Everything that comes in is checked at the door ([`inbox`]) and worked off by jobs
//! ([`receive`]); everything that goes out waits in a queue for each server ([`deliver`]).

mod actor_out;
pub mod api;
pub mod archive;
pub mod check;
mod clean;
mod collections;
mod comment_in;
pub mod comment_out;
pub mod deliver;
pub mod document;
pub mod domain;
mod door;
mod flag;
mod follow;
pub mod follow_api;
pub mod followers;
mod forward;
mod group;
mod inbox;
pub mod job;
pub mod keys;
mod local;
pub mod migrate;
mod mirror;
pub mod mirror_api;
pub mod moved;
mod objects;
mod outbox;
pub mod peer_api;
mod peer_info;
pub mod player_look;
mod playlist_in;
pub mod playlist_out;
mod rate;
mod react;
pub mod receive;
pub mod remote;
pub mod remote_page;
pub mod search_api;
mod store;
mod video_in;
mod video_more;
pub mod video_out;
mod watching;
mod wellknown;

pub use domain::former_urls;
pub use follow::{follow, unfollow};
pub use local::{actor_url, ensure_server_actor};
pub use store::{ActorRow, PeerState, Sending};
pub use wellknown::{host_meta, nodeinfo, nodeinfo_links, webfinger};

use crate::app::App;
use fediverse::address::Rules;

/// The name of the actor that stands for this server, the one other servers look for.
pub const SERVER_NAME: &str = "peertube";

/// What ids may look like here: plain http is for tests and closed networks.
pub fn rules(app: &App) -> Rules {
    Rules {
        http_allowed: app.config.server.allow_private_addresses,
    }
}
