//! What of a growing rendition went ahead to the bucket because this machine's disk is small: pieces there, a hole in
//! the file here. Viewers get the same bytes at the same places; in the end all of it becomes one object.

use super::{growing, growing_path, key};
use crate::app::App;
use crate::error::{Error, Result};
use base::clock::{MINUTE, Millis};
use base::storage::{Blob, ByteRange, ByteStream, Class};
use futures::{StreamExt, TryStreamExt};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// So much stays at the beginning, with which each part is compared; and holes are made of whole blocks.
const BLOCK: u64 = 64 * 1024;
/// Less is not worth a request.
const LEAST: u64 = 256 * 1024;
const MOST: u64 = 64 * 1024 * 1024;
/// Who has begun to read here can read on here for so long.
const READ_ON: Millis = MINUTE;

/// The pieces, one behind the other. Kept beside the file.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Ahead {
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Piece {
    start: u64,
    end: u64,
    sent_at: Millis,
    /// Here is a hole.
    is_out: bool,
}

impl Ahead {
    fn end(&self) -> u64 {
        self.pieces.last().map_or(BLOCK, |piece| piece.end)
    }

    /// Where these bytes lie, in order: the piece that begins there, or the file here.
    fn places(&self, range: &Range<u64>) -> Vec<(Option<u64>, Range<u64>)> {
        let mut places = Vec::new();
        let mut at = range.start;
        for piece in &self.pieces {
            let (from, to) = (piece.start.max(at), piece.end.min(range.end));
            if from >= to {
                continue;
            }
            if at < from {
                places.push((None, at..from));
            }
            places.push((Some(piece.start), from..to));
            at = to;
        }
        if at < range.end {
            places.push((None, at..range.end));
        }
        places
    }
}

/// What of the file at this path has gone ahead; None where nothing has.
pub async fn find(path: &Path) -> Result<Option<Ahead>> {
    match tokio::fs::read(index(path)).await {
        Ok(bytes) => serde_json::from_slice(&bytes)
            .map(Some)
            .map_err(Error::internal),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Sends what is final of a growing rendition, which is all before `upto`, and has the disk take back what was sent
/// some time before.
pub async fn send(app: &App, video: Uuid, filename: &str, upto: u64) -> Result<()> {
    let (path, key) = (growing_path(app, video, filename)?, key(video, filename));
    let mut ahead = find(&path).await?.unwrap_or_default();
    let mut has_changed = give_back(app, &path, &mut ahead).await?;
    loop {
        let start = ahead.end();
        let end = (upto / BLOCK * BLOCK).min(start + MOST);
        if end < start + LEAST {
            break;
        }
        let here = growing(app)
            .read(Class::Rendition, &key, ByteRange::Span(start, end))
            .await;
        let here = here.map_err(Error::internal)?.into_stream();
        put(app, &piece(&key, start), here, end - start).await?;
        ahead.pieces.push(Piece {
            start,
            end,
            sent_at: app.clock.now(),
            is_out: false,
        });
        keep(&path, &ahead).await?;
        has_changed = false;
    }
    if has_changed {
        keep(&path, &ahead).await?;
    }
    Ok(())
}

/// The bytes of a growing rendition from wherever they lie.
pub fn read(app: &App, key: &str, ahead: &Ahead, range: Range<u64>) -> ByteStream {
    let (app, key) = (app.clone(), key.to_owned());
    let places = futures::stream::iter(ahead.places(&range));
    let opened = places.then(move |(from, span)| {
        let (app, key) = (app.clone(), key.clone());
        async move {
            let start = from.unwrap_or(0);
            let span = ByteRange::Span(span.start - start, span.end - start);
            let blob = match from {
                Some(start) => {
                    let piece = piece(&key, start);
                    app.storage.read(Class::Rendition, &piece, span).await?
                }
                None => growing(&app).read(Class::Rendition, &key, span).await?,
            };
            Ok(Blob::into_stream(blob))
        }
    });
    opened.try_flatten().boxed()
}

/// Makes one object of it, and removes the file and its pieces.
pub async fn join(app: &App, key: &str, path: &Path, ahead: &Ahead, length: u64) -> Result<()> {
    put(app, key, read(app, key, ahead, 0..length), length).await?;
    for gone in [path.to_owned(), index(path)] {
        tokio::fs::remove_file(gone).await?;
    }
    for gone in &ahead.pieces {
        let piece = piece(key, gone.start);
        let deleted = app.storage.delete(Class::Rendition, &piece).await;
        deleted.map_err(Error::internal)?;
    }
    Ok(())
}

async fn put(app: &App, key: &str, mut bytes: ByteStream, length: u64) -> Result<()> {
    let writer = app.storage.writer(Class::Rendition, key, Some(length));
    let mut writer = writer.await.map_err(Error::internal)?;
    while let Some(some) = bytes.try_next().await.map_err(Error::internal)? {
        writer.write(some).await.map_err(Error::internal)?;
    }
    let sent = writer.finish().await.map_err(Error::internal)?;
    if sent != length {
        return Err(Error::internal(format!(
            "{key} has {sent} bytes instead of {length}"
        )));
    }
    Ok(())
}

fn piece(key: &str, start: u64) -> String {
    format!("{key}.{start}")
}

fn index(path: &Path) -> PathBuf {
    path.with_extension("ahead")
}

/// Tells whether there was something to give back.
async fn give_back(app: &App, path: &Path, ahead: &mut Ahead) -> Result<bool> {
    let before = app.clock.now() - READ_ON;
    let mut holes = Vec::new();
    for piece in &mut ahead.pieces {
        if !piece.is_out && piece.sent_at <= before {
            piece.is_out = true;
            holes.push(piece.start..piece.end);
        }
    }
    let is_some = !holes.is_empty();
    let path = path.to_owned();
    blocking(move || {
        holes
            .into_iter()
            .try_for_each(|hole| base::file::give_back(&path, hole))
    })
    .await?;
    Ok(is_some)
}

/// On the disk before anything is taken from the file.
async fn keep(path: &Path, ahead: &Ahead) -> Result<()> {
    let bytes = serde_json::to_vec(ahead).map_err(Error::internal)?;
    let (index, temp) = (index(path), path.with_extension("ahead.new"));
    blocking(move || {
        let mut file = File::create(&temp)?;
        file.write_all(&bytes)?;
        file.sync_all()?;
        std::fs::rename(&temp, &index)?;
        match index.parent() {
            Some(folder) => File::open(folder)?.sync_all(),
            None => Ok(()),
        }
    })
    .await
}

async fn blocking(work: impl FnOnce() -> io::Result<()> + Send + 'static) -> Result<()> {
    let done = tokio::task::spawn_blocking(work).await;
    Ok(done.map_err(Error::internal)??)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_has_one_place() {
        let piece = |start, end| Piece {
            start,
            end,
            sent_at: 0,
            is_out: true,
        };
        let ahead = Ahead {
            pieces: vec![piece(10, 20), piece(20, 50)],
        };
        let places = |range| ahead.places(&range);
        assert_eq!(places(0..5), [(None, 0..5)]);
        assert_eq!(
            places(5..70),
            [
                (None, 5..10),
                (Some(10), 10..20),
                (Some(20), 20..50),
                (None, 50..70)
            ]
        );
        assert_eq!(places(12..30), [(Some(10), 12..20), (Some(20), 20..30)]);
        assert_eq!(places(50..51), [(None, 50..51)]);
    }
}
