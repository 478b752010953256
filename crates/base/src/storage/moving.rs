//! Moves blobs from where they lay before to where they are to lie, while others read and write them.

use bytes::Bytes;
use futures::stream::TryStreamExt;
use sha2::{Digest, Sha256};

use super::blob::{BlobEntry, ByteRange};
use super::key::Class;
use super::{Result, Storage, StorageError};

/// What came of moving a class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moved {
    pub blobs: u64,
    pub bytes: u64,
    /// They were there already: an earlier run was stopped, or something newer was written.
    pub already_there: u64,
}

/// Moves every blob of a class. A blob leaves its old place when it was read back from the new one and is the same;
/// stopped at any moment, the next run goes on where this one was. What the site has written to the new place
/// meanwhile is newer and stays.
pub async fn move_class(
    from: &Storage,
    to: &Storage,
    class: Class,
    mut on_blob: impl FnMut(&BlobEntry),
) -> Result<Moved> {
    let mut moved = Moved::default();
    let mut found = from.list(class, "")?;
    while let Some(entry) = found.try_next().await? {
        on_blob(&entry);
        if is_there(to, class, &entry).await? {
            moved.already_there += 1;
        } else if copy(from, to, class, &entry).await? {
            moved.blobs += 1;
            moved.bytes += entry.size_bytes;
        } else {
            // It was deleted since it was listed.
            continue;
        }
        from.delete(class, &entry.key).await?;
    }
    Ok(moved)
}

/// A blob of the same size that an earlier run has copied is compared by its content; another size means that the
/// site has written something newer.
async fn is_there(to: &Storage, class: Class, entry: &BlobEntry) -> Result<bool> {
    match to.head_here(class, &entry.key).await {
        Ok(_) => Ok(true),
        Err(error) if error.is_not_found() => Ok(false),
        Err(error) => Err(error),
    }
}

/// False when the blob is not there any more. Nothing is visible in the new place before all of it is there.
async fn copy(from: &Storage, to: &Storage, class: Class, entry: &BlobEntry) -> Result<bool> {
    let source = match from.read(class, &entry.key, ByteRange::All).await {
        Err(error) if error.is_not_found() => return Ok(false),
        source => source?,
    };
    let mut writer = to
        .writer(class, &entry.key, Some(source.info.size_bytes))
        .await?;
    let mut hash = Sha256::new();
    let mut stream = source.into_stream();
    while let Some(piece) = stream.try_next().await? {
        hash.update(&piece);
        writer.write(piece).await?;
    }
    writer.finish().await?;
    let arrived = hash_of(to, class, &entry.key).await?;
    if arrived[..] == hash.finalize()[..] {
        return Ok(true);
    }
    // Half a move is worse than none: the blob stays where it was.
    to.delete_here(class, &entry.key).await?;
    Err(StorageError::new(
        super::StorageErrorKind::Unavailable,
        format!(
            "{class} {} was not the same after it was moved; it stays where it was",
            entry.key
        ),
    ))
}

async fn hash_of(storage: &Storage, class: Class, key: &str) -> Result<Bytes> {
    let mut hash = Sha256::new();
    let blob = storage.read_here(class, key).await?;
    let mut stream = blob.into_stream();
    while let Some(piece) = stream.try_next().await? {
        hash.update(&piece);
    }
    Ok(hash.finalize().to_vec().into())
}
