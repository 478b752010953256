//! Streams a blob of unknown size into a bucket in parts of one size, holding two of them at most.

use bytes::{Bytes, BytesMut};
use object_store::aws::AmazonS3;
use object_store::multipart::{MultipartStore, PartId};
use object_store::path::Path as BucketPath;
use object_store::{Attributes, ObjectStoreExt, PutPayload};
use std::sync::Arc;
use tokio::task::JoinHandle;

use super::bucket::{Server, put_whole, start_upload};
use super::error::StorageError;

const MIB: u64 = 1024 * 1024;
/// Buckets take 10,000; the rest is kept for a size hint that was a little low.
const PARTS_PLANNED: u64 = 9_500;
const MOST_PARTS: usize = 10_000;

pub(super) struct BucketWriter {
    server: Arc<Server>,
    path: BucketPath,
    attributes: Attributes,
    doing: String,
    part_bytes: usize,
    buffer: BytesMut,
    written_bytes: u64,
    upload: Option<Upload>,
}

impl BucketWriter {
    pub(super) fn new(
        server: Arc<Server>,
        (path, attributes): (BucketPath, Attributes),
        doing: String,
        size_hint: Option<u64>,
    ) -> Self {
        let part_bytes = part_bytes(server.part_bytes, size_hint.unwrap_or(0));
        Self {
            server,
            path,
            attributes,
            doing,
            part_bytes,
            buffer: BytesMut::new(),
            written_bytes: 0,
            upload: None,
        }
    }

    pub(super) async fn write(&mut self, mut data: Bytes) -> Result<(), StorageError> {
        while !data.is_empty() {
            // A full part waits for the byte after it, so that the last part is never empty.
            if self.buffer.len() == self.part_bytes {
                self.send_part().await?;
            }
            let piece = data.split_to(data.len().min(self.part_bytes - self.buffer.len()));
            if self.buffer.capacity() - self.buffer.len() < piece.len() {
                self.buffer.reserve(self.room_for(piece.len()));
            }
            self.buffer.extend_from_slice(&piece);
            self.written_bytes += u64::try_from(piece.len()).unwrap_or(0);
        }
        Ok(())
    }

    pub(super) async fn finish(mut self) -> Result<(), StorageError> {
        if self.upload.is_none() {
            self.server.meter.write(self.buffer.len());
            let data = PutPayload::from_bytes(std::mem::take(&mut self.buffer).freeze());
            let attributes = std::mem::take(&mut self.attributes);
            let done = put_whole(&self.server.write, &self.path, data, attributes).await;
            return done.map_err(|error| StorageError::from_bucket(&self.doing, error));
        }
        self.send_part().await?;
        let Some(mut upload) = self.upload.take() else {
            return Ok(());
        };
        upload.wait(&self.doing).await?;
        let parts = std::mem::take(&mut upload.parts);
        match self
            .server
            .write
            .complete_multipart(&self.path, &upload.id, parts)
            .await
        {
            Ok(_) => {}
            // The answer to an earlier try may have been lost on its way.
            Err(error @ object_store::Error::NotFound { .. }) => {
                let found = self.server.read.head(&self.path).await;
                if !found.is_ok_and(|found| found.size == self.written_bytes) {
                    return Err(StorageError::from_bucket(&self.doing, error));
                }
            }
            Err(error) => return Err(StorageError::from_bucket(&self.doing, error)),
        }
        upload.open = false;
        Ok(())
    }

    pub(super) async fn abort(mut self) -> Result<(), StorageError> {
        match self.upload.take() {
            Some(upload) => upload
                .abort()
                .await
                .map_err(|error| StorageError::from_bucket(&self.doing, error)),
            None => Ok(()),
        }
    }

    /// Starts with little for small blobs, then takes the whole part at once.
    fn room_for(&self, wanted: usize) -> usize {
        if self.buffer.is_empty() && self.upload.is_none() {
            wanted
        } else {
            self.part_bytes - self.buffer.len()
        }
    }

    /// Waits for the part before, then sends this one while the caller fills the next.
    async fn send_part(&mut self) -> Result<(), StorageError> {
        let upload = match &mut self.upload {
            Some(upload) => upload,
            None => {
                let attributes = self.attributes.clone();
                self.server.meter.write(0);
                let id = start_upload(&self.server.write, &self.path, attributes).await;
                let id = id.map_err(|error| StorageError::from_bucket(&self.doing, error))?;
                self.upload.insert(Upload::new(
                    self.server.write.clone(),
                    self.path.clone(),
                    id,
                ))
            }
        };
        upload.wait(&self.doing).await?;
        if upload.parts.len() >= MOST_PARTS {
            let message = format!(
                "cannot {}: it has more than 10,000 parts; set a larger part_size_mib",
                self.doing
            );
            return Err(StorageError::invalid(message));
        }
        self.server.meter.write(self.buffer.len());
        upload.send(std::mem::take(&mut self.buffer).freeze());
        Ok(())
    }
}

/// An open multi-part upload; given up when it is dropped, so that the bucket keeps no parts.
struct Upload {
    client: AmazonS3,
    path: BucketPath,
    id: String,
    parts: Vec<PartId>,
    in_flight: Option<JoinHandle<object_store::Result<PartId>>>,
    open: bool,
}

impl Upload {
    fn new(client: AmazonS3, path: BucketPath, id: String) -> Self {
        Self {
            client,
            path,
            id,
            parts: Vec::new(),
            in_flight: None,
            open: true,
        }
    }

    fn send(&mut self, data: Bytes) {
        let (client, path, id, index) = (
            self.client.clone(),
            self.path.clone(),
            self.id.clone(),
            self.parts.len(),
        );
        self.in_flight = Some(tokio::spawn(async move {
            client
                .put_part(&path, &id, index, PutPayload::from_bytes(data))
                .await
        }));
    }

    async fn wait(&mut self, doing: &str) -> Result<(), StorageError> {
        let Some(sending) = &mut self.in_flight else {
            return Ok(());
        };
        let part = sending.await.unwrap_or_else(|error| Err(error.into()));
        self.in_flight = None;
        self.parts
            .push(part.map_err(|error| StorageError::from_bucket(doing, error))?);
        Ok(())
    }

    async fn abort(mut self) -> object_store::Result<()> {
        self.open = false;
        let (client, path, id) = (self.client.clone(), self.path.clone(), self.id.clone());
        give_up(client, path, id, self.in_flight.take()).await
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        if !self.open {
            return;
        }
        let (client, path, id) = (self.client.clone(), self.path.clone(), self.id.clone());
        let in_flight = self.in_flight.take();
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                if let Err(error) = give_up(client, path, id, in_flight).await {
                    tracing::warn!(%error, "a broken upload could not be removed from the bucket");
                }
            });
        }
    }
}

/// A part that arrives after the end of its upload would stay, so the part goes first.
async fn give_up(
    client: AmazonS3,
    path: BucketPath,
    id: String,
    in_flight: Option<JoinHandle<object_store::Result<PartId>>>,
) -> object_store::Result<()> {
    if let Some(sending) = in_flight {
        sending.abort();
        let _ = sending.await;
    }
    match client.abort_multipart(&path, &id).await {
        Err(object_store::Error::NotFound { .. }) => Ok(()),
        done => done,
    }
}

fn part_bytes(configured: u64, size_hint: u64) -> usize {
    let needed = size_hint.div_ceil(PARTS_PLANNED).next_multiple_of(MIB);
    usize::try_from(needed.max(configured)).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_grow_only_for_blobs_that_need_it() {
        let configured = 8 * MIB;
        assert_eq!(part_bytes(configured, 0), 8 << 20);
        assert_eq!(part_bytes(configured, 70 << 30), 8 << 20);
        let size = 200_u64 << 30;
        let part = u64::try_from(part_bytes(configured, size)).expect("fits");
        assert!(size.div_ceil(part) <= PARTS_PLANNED && part.is_multiple_of(MIB));
    }
}
