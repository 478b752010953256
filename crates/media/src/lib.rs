//! ffmpeg and ffprobe.

pub mod boxes;
mod chunk;
pub mod command;
mod download;
mod error;
pub mod hls;
mod join;
pub mod ladder;
mod packets;
mod picture;
pub mod plan;
mod probe;
mod process;
mod rate;
mod source;
mod tool;

pub use chunk::{Chunk, ChunkRung, Copied, Share, Work, sweep};
pub use download::{Download, download};
pub use error::{MediaError, Result};
pub use ladder::{LadderConfig, Rung};
pub use packets::{Packets, packets};
pub use picture::{Wanted, fit, pictures, pictures_of_file, sprites, storyboard};
pub use plan::{AudioPlan, ChunkPlan, CopyPlan, Encoding, Picture, Plan, PlanConfig, plan};
pub use probe::{AudioStream, Chapter, Cover, Probe, ProbeLimits, VideoStream, probe};
pub use process::{Priority, Progress};
pub use rate::Rate;
pub use source::Source;
pub use tool::{About, Ffmpeg, detect, detect_at};
