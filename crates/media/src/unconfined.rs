//! Where there is no Landlock, nothing but its own whitelists holds ffmpeg.

use std::ffi::OsString;
use std::io::Result;
use std::path::Path;

#[derive(Debug)]
pub(crate) struct Bounds;

impl Bounds {
    pub fn of(_: &Path, _: &[OsString]) -> Self {
        Bounds
    }

    pub fn enter(&self) -> Result<bool> {
        Ok(false)
    }
}

pub(crate) fn works() -> bool {
    false
}
