//! The one integration binary: requests against the real router, database and jobs, in process.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests may panic"
)]
#![allow(
    clippy::too_many_lines,
    reason = "a test tells one story from its beginning to its end"
)]

mod access;
mod account;
mod adopt;
mod app;
mod auto_tag;
mod av1;
mod backup;
mod bucket;
mod bulk;
mod caption;
mod certificate;
mod channel;
mod clips;
mod comment;
mod config;
mod contract;
mod cost;
mod discovery;
mod doors;
mod early;
mod editing;
mod elsewhere;
mod extract;
mod features;
mod federation;
mod feed;
mod files;
mod follow;
mod forum;
mod frame;
mod gate;
mod health;
mod idempotency;
mod import;
mod install;
mod instance;
mod jobs;
mod kept;
mod lifecycle;
mod lists;
mod machine;
mod maintenance;
mod measured;
mod moderation;
mod moving;
mod notification;
mod openapi;
mod original;
mod outage;
mod ownership;
mod page;
mod passkey;
mod people;
mod playlist;
mod podcast;
mod quality;
mod queries;
mod rating;
mod reaction;
mod room;
mod runner;
mod runner_kinds;
#[allow(dead_code, reason = "the tests of the storage itself need more of it")]
#[path = "../../../base/tests/storage/s3_server.rs"]
mod s3_server;
mod search;
mod search_index;
mod secrets;
mod seed;
mod share;
mod small_disk;
mod sso;
mod statements;
mod steps;
mod studio;
mod tidy;
mod torrent;
mod transcode;
mod update;
mod upgrade;
mod upload;
mod user;
mod video;
mod video_stats;
mod visit;
mod watch;
mod worker;
mod world;
mod zone;
