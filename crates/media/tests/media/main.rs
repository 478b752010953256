//! Real ffmpeg on clips of a few seconds that it makes itself.

#[cfg(test)]
mod clips;
#[cfg(test)]
mod encode;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod oracle;
#[cfg(test)]
mod pictures;
#[cfg(test)]
mod playlists;
#[cfg(test)]
mod shapes;
