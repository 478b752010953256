//! What every part of Vidicon stands on and that has no product word in it.

pub mod clock;
pub mod config;
pub mod country;
pub mod db;
pub mod fetch;
pub mod file;
pub mod id;
pub mod job;
pub mod migrate;
pub mod random;
pub mod sendfile;
pub mod storage;
pub mod telemetry;

pub use clock::Clock;
pub use db::{Db, Tx};
pub use id::Id;
