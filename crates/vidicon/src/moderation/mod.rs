//! What keeps a community livable: reports and what comes of them, notes between moderators,
//! lists of muted servers that sites share, and the public log of what was done.

pub mod abuse;
pub mod api;
pub mod block_list;
pub mod log;
pub mod note;
mod store;
