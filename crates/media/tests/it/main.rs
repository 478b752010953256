//! Real ffmpeg on clips of a few seconds that it makes itself.

mod clips;
mod encode;
mod oracle;
mod pictures;
mod shapes;
