//! The one integration binary: requests against the real router, database and jobs, in process.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests may panic"
)]

mod account;
mod app;
mod caption;
mod channel;
mod clips;
mod comment;
mod config;
mod discovery;
mod federation;
mod feed;
mod files;
mod follow;
mod frame;
mod instance;
mod jobs;
mod moderation;
mod openapi;
mod page;
mod people;
mod playlist;
mod search;
mod seed;
mod statements;
mod studio;
mod tidy;
mod transcode;
mod upload;
mod user;
mod video;
mod video_stats;
mod visit;
