//! Everything about ffmpeg and ffprobe: what is in a file, what to make of it, and making it, part by part.
//! No database, no HTTP, no word of the product.
//!
//! # From an uploaded file to renditions that play
//!
//! 1. [`detect`] once at start. Without a usable ffmpeg it says what to install.
//! 2. [`probe()`] reads the headers. [`MediaError::is_permanent`] tells a file that is at fault (the message is for
//!    its owner) from a try that may go better next time.
//! 3. [`pictures`] makes thumbnail and preview; a video, a sound's cover and a plain sound all give some.
//! 4. [`plan()`] reads the packet index once and decides everything: rate, renditions, parts, whether the streams
//!    can be copied. Store the [`Plan`] with the job: every part is made by it, on whichever machine, and never by
//!    looking at the source anew.
//! 5. [`Work`] holds plan, source and a work folder. After a restart call [`sweep`] first. Then
//!    - [`Work::copy_streams`], when `plan.copy` is set: the video plays within seconds as it is, with its own sound;
//!    - [`Work::encode_audio`], when `plan.audio` is `Encoded`, beside the first chunk: `audio.mp4` may be served up
//!      to the end of the track that each report gives;
//!    - [`Work::encode_chunk`] for each index of `plan.chunks`, in order or not: all rungs at once, verified, and
//!      under its final name only when it is whole. It does nothing for a chunk that is there.
//! 6. A chunk's bytes are final wherever they go. Either [`Work::append`] adds them to one growing file for each
//!    rung, or `segments_file` is stored as an object of its own (the first one after `init_file`). Either way the
//!    rendition is its init segment followed by the segments of all chunks in order. Note the chunk's [`hls::Track`]
//!    (with [`hls::Track::extend`]) in the same transaction, then [`Work::discard_chunk`].
//! 7. After each chunk write [`hls::media_playlist`] for each rung (`has_ended` after the last one), and
//!    [`hls::master_playlist`] after the first and after the last chunk. [`hls::segments_sha256`] needs no more
//!    than the tracks.
//! 8. At the end [`storyboard`] from the smallest rung, with `keyframes_only`.
//!
//! A kill at any moment costs the chunk that was being made. Dropping a future, or cancelling its token, kills
//! ffmpeg's process group at once.
//!
//! # What holds of the output
//!
//! Every rendition has a constant frame rate, exactly `plan.frames` frames, a keyframe and a segment every
//! `plan.gop` frames, and times that count from `plan.origin_ticks`, which the sound shares. All this is checked on
//! the bytes before a part counts as done: ffmpeg's exit status alone proves nothing.

mod adopt;
mod afar;
pub mod boxes;
mod cgroup;
mod chunk;
pub mod command;
pub mod companion;
#[cfg(target_os = "linux")]
mod confine;
#[cfg(not(target_os = "linux"))]
#[path = "unconfined.rs"]
mod confine;
mod download;
mod early;
pub mod edit;
mod encoder;
mod error;
pub mod extract;
mod flash;
pub mod hls;
mod hold;
mod join;
pub mod ladder;
mod loudness;
mod packets;
mod picture;
pub mod plan;
mod probe;
mod process;
mod rate;
mod source;
mod title;
mod tool;

pub use adopt::adopt;
pub use chunk::{Chunk, ChunkRung, Copied, Share, Work, sweep};
pub use command::Sprites;
pub use download::{Download, download, progressive};
pub use error::{MediaError, Result};
pub use flash::{Flashing, flashes};
pub use ladder::{LadderConfig, Rung};
pub use packets::{Packets, packets};
pub use picture::{Wanted, fit, pictures, pictures_of_file, sprites, storyboard};
pub use plan::{AudioPlan, ChunkPlan, Codec, CopyPlan, Encoding, Picture, Plan, PlanConfig, plan};
pub use probe::{AudioStream, Chapter, Cover, Probe, ProbeLimits, VideoStream, probe};
pub use process::{Priority, Progress};
pub use rate::Rate;
pub use source::Source;
pub use title::{Choice, Metric, Score};
pub use tool::{About, Ffmpeg, detect, detect_at};
