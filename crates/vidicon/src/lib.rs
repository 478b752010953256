//! Vidicon: a community's own video site in one program.

pub mod access;
pub mod account;
pub mod admin;
pub mod app;
pub mod assets;
pub mod certificate;
pub mod channel;
pub mod check;
pub mod cli;
pub mod config;
pub mod error;
pub mod federation;
pub mod feed;
pub mod fold;
pub mod frame;
pub mod i18n;
pub mod instance;
pub mod jobs;
pub mod limits;
pub mod linger;
pub mod listing;
pub mod mail;
pub mod migrations;
pub mod openapi;
pub mod page;
pub mod routes;
pub mod search;
pub mod seed;
pub mod serve;
pub mod text;
pub mod transcode;
pub mod user;
pub mod video;
pub mod wire;

pub use app::App;
pub use error::{Error, Result};
