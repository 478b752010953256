//! Pictures and captions of other servers: fetched when somebody first looks at them, checked, and
//! kept for a while.

use super::store;
use crate::app::App;
use crate::error::Result;
use crate::video::{said, vtt};
use base::clock::{DAY, HOUR, Millis};
use base::fetch::FetchRequest;
use base::storage::Class;
use bytes::Bytes;
use std::time::Duration;

const LARGEST: u64 = 8 * 1024 * 1024;
const PATIENCE: Duration = Duration::from_secs(10);
/// What could not be had is not asked for again at every look.
const AGAIN_AFTER: Millis = HOUR;
const KEPT: Millis = 30 * DAY;

/// Fetches the file of this name if it is another server's. Tells whether it is there now.
pub async fn fetch(app: &App, class: Class, key: &str, filename: &str) -> Result<bool> {
    let Some(known) = store::remote_file(&app.db, filename).await? else {
        return Ok(false);
    };
    let now = app.clock.now();
    if known.failed_at.is_some_and(|at| at > now - AGAIN_AFTER) {
        return Ok(false);
    }
    let request = FetchRequest::get(known.url)
        .limit(LARGEST)
        .timeout(PATIENCE)
        .redirects(2);
    let answer = app.fetch.send(request).await;
    let body = answer
        .and_then(|answer| answer.success())
        .map(|answer| answer.body);
    let usable = match body {
        Ok(body) => checked(class, body),
        Err(error) => {
            tracing::debug!(%error, filename, "a file of another server could not be had");
            None
        }
    };
    let Some(usable) = usable else {
        store::note_remote_file(&app.db, filename, None, Some(now)).await?;
        return Ok(false);
    };
    let words = (class == Class::Caption).then(|| String::from_utf8_lossy(&usable).into_owned());
    let kept = app.storage.put(class, key, usable).await;
    kept.map_err(crate::error::Error::internal)?;
    store::note_remote_file(&app.db, filename, Some(now), None).await?;
    if let Some(words) = words {
        said::index(app, filename, words).await?;
    }
    Ok(true)
}

/// Pictures must be pictures, captions are written anew.
fn checked(class: Class, body: Bytes) -> Option<Bytes> {
    if class == Class::Caption {
        return vtt::to_vtt(&body).map(|text| Bytes::from(text.into_bytes()));
    }
    is_picture(&body).then_some(body)
}

fn is_picture(body: &[u8]) -> bool {
    let begins = |start: &[u8]| body.starts_with(start);
    let within = |word: &[u8]| body.get(8..12) == Some(word) || body.get(4..12) == Some(word);
    begins(&[0xff, 0xd8, 0xff])
        || begins(b"\x89PNG\r\n\x1a\n")
        || begins(b"GIF8")
        || (begins(b"RIFF") && within(b"WEBP"))
        || within(b"ftypavif")
}

/// Gives the room of what nobody has fetched lately to others. It comes again when it is looked at.
pub async fn tidy(app: &App) -> Result<()> {
    let cache = app.instance.settings().cache;
    for (captions, most) in [(false, cache.previews.size), (true, cache.captions.size)] {
        forget(app, captions, most).await?;
    }
    Ok(())
}

async fn forget(app: &App, captions: bool, most: i64) -> Result<()> {
    let before = app.clock.now() - KEPT;
    for old in store::old_remote_files(&app.db, captions, before, most).await? {
        for class in [Class::Thumbnail, Class::Caption, Class::Avatar] {
            if let Err(error) = app.storage.delete(class, &old).await {
                tracing::warn!(%error, "an old copy could not be removed");
            }
        }
        store::note_remote_file(&app.db, &old, None, None).await?;
        if captions {
            said::forget(app, &old).await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pictures_pass_for_pictures() {
        for good in [
            &b"\xff\xd8\xff\xe0"[..],
            b"\x89PNG\r\n\x1a\n",
            b"GIF89a",
            b"RIFF0000WEBPVP8 ",
            b"\0\0\0 ftypavif",
        ] {
            assert!(is_picture(good), "{good:?}");
        }
        for bad in [
            &b"<svg xmlns"[..],
            b"<html>",
            b"",
            b"RIFF0000WAVE",
            b"\xff\xd8",
        ] {
            assert!(!is_picture(bad), "{bad:?}");
        }
    }

    #[test]
    fn captions_are_written_anew() {
        let vtt = Bytes::from_static(b"WEBVTT\n\n00:00.000 --> 00:01.000\nHello\n");
        assert!(checked(Class::Caption, vtt).is_some());
        assert!(checked(Class::Caption, Bytes::from_static(b"<script>")).is_none());
    }
}
