//! Uploads that go straight to the bucket: the client puts the parts to signed addresses, and only
//! says here when all of them are there. The file never passes through this program.

use super::api::{Announced, describe, keep_pictures};
use super::{Purpose, Received, Upload, UploadState, store};
use crate::access::Me;
use crate::app::App;
use crate::check::form::{FileField, Form};
use crate::check::{Body, Check};
use crate::error::{Error, Result, no_content};
use axum::Json;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use base::storage::Class;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::time::Duration;

const MIB: u64 = 1024 * 1024;
/// Buckets take 10,000 parts, of which all but the last have one size.
const MOST_PARTS: u64 = 10_000;
const LEAST_PART_BYTES: u64 = 16 * MIB;
/// How many addresses are given at a time.
const ADDRESSES: i64 = 100;
const ADDRESS_LIFE: Duration = Duration::from_secs(6 * 3600);

/// Where the parts of an upload go.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Direct {
    pub uuid: uuid::Uuid,
    pub key: String,
    /// The bucket's own name of the upload.
    pub bucket_upload: String,
    pub part_bytes: u64,
}

/// Parts of 16 MiB, or larger ones where the file is so long that there would be too many.
fn part_bytes(size_bytes: u64) -> u64 {
    let least = size_bytes.div_ceil(MOST_PARTS).max(LEAST_PART_BYTES);
    least.div_ceil(MIB) * MIB
}

/// `POST /videos/upload-direct`: announces a file, as for a resumable upload.
pub async fn begin(State(app): State<App>, me: Me, request: Request) -> Result<Json<Value>> {
    let headers = request.headers().clone();
    let pictures = [
        FileField::picture("thumbnailfile"),
        FileField::picture("previewfile"),
    ];
    let mut form = Form::read(&app, request, &pictures).await?;
    let announced = Announced::read(&headers, &form.fields)?;
    let size_bytes = announced.size_bytes;
    let named = (announced.kind.as_str(), announced.filename.clone());
    let mut metadata = describe(&app, &me, &form, named, size_bytes).await?;
    let uuid = base::random::uuid();
    let key = format!("{uuid}/{}{}", base::random::uuid(), metadata.ending);
    let begun = app.storage.create_parts(Class::Original, &key).await;
    let Some(bucket_upload) = begun.map_err(Error::internal)? else {
        return Err(Error::bad_request(
            "Originals do not lie in a bucket here; send the file itself.",
        )
        .code("direct_upload_unavailable"));
    };
    let part_bytes = part_bytes(u64::try_from(size_bytes).unwrap_or(0));
    let direct = Direct {
        uuid,
        key,
        bucket_upload,
        part_bytes,
    };
    metadata.direct = Some(direct.clone());
    let mut upload = announced.into_upload(&me, Purpose::Video, None, metadata);
    upload.id = format!("{}-{}", me.id, base::random::token());
    upload.updated_at = app.clock.now();
    let added = store::add(&app.db, &upload, &upload.id).await;
    if let Err(error) = added {
        forget_parts(&app, &direct).await?;
        return Err(error.into());
    }
    keep_pictures(&app, &upload, &mut form)?;
    let parts = count(&upload, &direct);
    Ok(Json(json!({
        "uploadId": upload.id,
        "partSize": part_bytes,
        "partCount": parts,
        "urls": addresses(&app, &direct, 1, parts.min(ADDRESSES)).await?,
    })))
}

fn count(upload: &Upload, direct: &Direct) -> i64 {
    let parts = upload.size().div_ceil(direct.part_bytes.max(1)).max(1);
    i64::try_from(parts).unwrap_or(i64::MAX)
}

async fn addresses(app: &App, direct: &Direct, first: i64, count: i64) -> Result<Vec<Value>> {
    let mut urls = Vec::new();
    for part in first..first.saturating_add(count) {
        let number = u32::try_from(part).unwrap_or(u32::MAX);
        let place = (Class::Original, direct.key.as_str());
        let url = app
            .storage
            .presign_part(place, &direct.bucket_upload, number, ADDRESS_LIFE)
            .await
            .map_err(Error::internal)?;
        urls.push(json!({ "part": part, "url": url }));
    }
    Ok(urls)
}

async fn own(app: &App, me: &Me, id: &str) -> Result<(Upload, Direct)> {
    let upload = super::own(app, me, Some(id)).await?;
    let direct = upload.metadata.direct.clone().ok_or_else(super::gone)?;
    Ok((upload, direct))
}

/// `POST /videos/upload-direct/{id}/parts`: addresses of further parts.
pub async fn parts(
    State(app): State<App>,
    me: Me,
    Path(id): Path<String>,
    Body(body): Body,
) -> Result<Json<Value>> {
    let (upload, direct) = own(&app, &me, &id).await?;
    let all = count(&upload, &direct);
    let mut check = Check::body(&body);
    let first = check.int("first", 1..=all);
    let first = check.required("first", first);
    let count = check.int("count", 1..=ADDRESSES).or(ADDRESSES);
    check.finish()?;
    let first = first.unwrap_or(1);
    let here = i64::try_from(upload.received_hint(first, &direct)).unwrap_or(0);
    store::note_received(&app.db, &upload.id, here, app.clock.now()).await?;
    let count = count.min(all - first + 1);
    let urls = addresses(&app, &direct, first, count).await?;
    Ok(Json(json!({ "urls": urls })))
}

/// `POST /videos/upload-direct/{id}/complete`: all parts are there; `etags` are the bucket's answers,
/// in the order of the parts.
pub async fn complete(
    State(app): State<App>,
    me: Me,
    Path(id): Path<String>,
    Body(body): Body,
) -> Result<Json<Value>> {
    let (upload, direct) = own(&app, &me, &id).await?;
    if upload.state == UploadState::Done {
        return Ok(Json(upload.answer.unwrap_or_default()));
    }
    let all = usize::try_from(count(&upload, &direct)).unwrap_or(0);
    if upload.state == UploadState::Open {
        let mut check = Check::body(&body);
        let etags = check.texts("etags", all..=all, 1..=200);
        let etags = check.required("etags", etags);
        check.finish()?;
        join(&app, &upload, &direct, etags.unwrap_or_default()).await?;
    }
    match super::finished(&app, &me.0, upload).await? {
        Received::Done { answer, .. } => Ok(Json(answer)),
        Received::More(_) => Err(Error::internal("a whole upload is not finished")),
    }
}

async fn join(app: &App, upload: &Upload, direct: &Direct, etags: Vec<String>) -> Result<()> {
    let place = (Class::Original, direct.key.as_str());
    let known = app.storage.head(place.0, place.1).await;
    // Asked for a second time, the parts are joined already.
    if !known.is_ok_and(|info| info.size_bytes == upload.size()) {
        let joined = app
            .storage
            .complete_parts(place, direct.bucket_upload.clone(), etags)
            .await;
        joined.map_err(|error| {
            if error.is_retryable() {
                Error::internal(error)
            } else {
                Error::bad_request("The bucket does not have these parts.")
            }
        })?;
    }
    let info = app.storage.head(place.0, place.1).await;
    if info.map_err(Error::internal)?.size_bytes == upload.size() {
        return Ok(());
    }
    super::cancel(app, upload).await?;
    Err(Error::bad_request(
        "The parts are not as long as the file was announced to be.",
    ))
}

/// `DELETE /videos/upload-direct/{id}`
pub async fn cancel(State(app): State<App>, me: Me, Path(id): Path<String>) -> Result<Response> {
    let (upload, _) = own(&app, &me, &id).await?;
    super::cancel(&app, &upload).await?;
    Ok(no_content())
}

/// The bucket forgets what has been put so far.
pub async fn forget_parts(app: &App, direct: &Direct) -> Result<()> {
    let (class, key) = (Class::Original, direct.key.as_str());
    let upload = direct.bucket_upload.clone();
    if upload.is_empty() {
        // A copy inside the bucket has no parts.
        return Ok(());
    }
    app.storage
        .abort_parts(class, key, upload)
        .await
        .map_err(Error::internal)
}

impl Upload {
    /// At least so many bytes are there when the address of this part is asked for.
    fn received_hint(&self, part: i64, direct: &Direct) -> u64 {
        let before = u64::try_from(part - 1).unwrap_or(0);
        (before * direct.part_bytes).min(self.size())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_file_has_too_many_parts() {
        assert_eq!(part_bytes(0), 16 * MIB);
        assert_eq!(part_bytes(100 * 1024 * MIB), 16 * MIB);
        let large = 5 * 1024 * 1024 * MIB;
        assert!(large.div_ceil(part_bytes(large)) <= MOST_PARTS);
    }
}
