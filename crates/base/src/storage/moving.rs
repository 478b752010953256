//! Moves blobs from where they lay before to where they are to lie, while others read and write them.

use bytes::Bytes;
use futures::stream::TryStreamExt;
use sha2::{Digest, Sha256};

use super::blob::{Blob, BlobEntry, ByteRange};
use super::key::Class;
use super::{Result, Storage, StorageError};

/// What came of moving a class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moved {
    pub blobs: u64,
    pub bytes: u64,
    /// They were there already and the same: an earlier run was stopped between copying and deleting.
    pub already_there: u64,
    /// Something else lay there under the same name: the site has written it since, so it stays and the older
    /// one goes.
    pub replaced: u64,
}

/// What lies under a name in the new place.
enum There {
    Nothing,
    Same,
    Other,
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
        match compare(from, to, class, &entry).await? {
            There::Same => moved.already_there += 1,
            There::Other => moved.replaced += 1,
            There::Nothing if copy((from, class), (to, class), &entry.key).await? => {
                moved.blobs += 1;
                moved.bytes += entry.size_bytes;
            }
            // It was deleted since it was listed.
            There::Nothing => continue,
        }
        from.delete_here(class, &entry.key).await?;
    }
    Ok(moved)
}

/// Nothing is half there, on disk or in a bucket; but what is there is only called the same when its bytes are.
/// Another content that is older than ours is no newer version of the site's: nothing may be lost for it.
async fn compare(from: &Storage, to: &Storage, class: Class, entry: &BlobEntry) -> Result<There> {
    let key = &entry.key;
    let there = match to.head_here(class, key).await {
        Ok(there) => there,
        Err(error) if error.is_not_found() => return Ok(There::Nothing),
        Err(error) => return Err(error),
    };
    if there.size_bytes == entry.size_bytes {
        let ours = match from.read_here(class, key).await {
            Err(error) if error.is_not_found() => return Ok(There::Nothing),
            ours => hash_of(ours?).await?,
        };
        if ours == hash_of(to.read_here(class, key).await?).await? {
            return Ok(There::Same);
        }
    }
    if there.modified_ms < entry.modified_ms {
        // Copied over it: the new place had an older version.
        return Ok(There::Nothing);
    }
    Ok(There::Other)
}

/// False when the blob is not there any more. Nothing is visible in the new place before all of it is there.
pub(super) async fn copy(
    (from, class): (&Storage, Class),
    (to, as_class): (&Storage, Class),
    key: &str,
) -> Result<bool> {
    let source = match from.read(class, key, ByteRange::All).await {
        Err(error) if error.is_not_found() => return Ok(false),
        source => source?,
    };
    let mut writer = to
        .writer(as_class, key, Some(source.info.size_bytes))
        .await?;
    let mut hash = Sha256::new();
    let mut stream = source.into_stream();
    while let Some(piece) = stream.try_next().await? {
        hash.update(&piece);
        writer.write(piece).await?;
    }
    writer.finish().await?;
    let arrived = hash_of(to.read_here(as_class, key).await?).await?;
    if arrived[..] == hash.finalize()[..] {
        return Ok(true);
    }
    // Half a move is worse than none: the blob stays where it was.
    to.delete_here(as_class, key).await?;
    Err(StorageError::new(
        super::StorageErrorKind::Unavailable,
        format!("{class} {key} was not the same after it was moved; it stays where it was"),
    ))
}

async fn hash_of(blob: Blob) -> Result<Bytes> {
    let mut hash = Sha256::new();
    let mut stream = blob.into_stream();
    while let Some(piece) = stream.try_next().await? {
        hash.update(&piece);
    }
    Ok(hash.finalize().to_vec().into())
}
