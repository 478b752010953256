//! ffmpeg and ffprobe.

pub mod command;
mod error;
pub mod ladder;
mod packets;
pub mod plan;
mod probe;
mod process;
mod rate;
mod source;
mod tool;

pub use error::{MediaError, Result};
pub use ladder::{LadderConfig, Rung};
pub use packets::{Packets, packets};
pub use plan::{AudioPlan, ChunkPlan, CopyPlan, Encoding, Picture, Plan, PlanConfig, plan};
pub use probe::{AudioStream, Chapter, Cover, Probe, ProbeLimits, VideoStream, probe};
pub use process::{Priority, Progress};
pub use rate::Rate;
pub use source::Source;
pub use tool::{About, Ffmpeg, detect, detect_at};
