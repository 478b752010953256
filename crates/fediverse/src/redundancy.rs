//! Mirrors: a server says that it keeps a copy of a video (CacheFile).

use serde_json::{Value, json};

use crate::address::{Id, Rules, require_same_host};
use crate::context::Context;
use crate::video_link::HLS;
use crate::{Error, Result, address, date, json};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CacheFile {
    pub id: Id,
    pub video: Id,
    /// `None`: until it is undone.
    pub expires_ms: Option<i64>,
    /// Folder of the mirrored HLS files.
    pub base_url: String,
}

impl CacheFile {
    /// Reads a mirror; only mirrors of HLS are taken. It must be on the host of the server that says it keeps it.
    pub fn read(object: &Value, actor: &Id, rules: Rules) -> Result<Self> {
        let refuse = |why: &str| Error::invalid("mirror", why);
        if !json::is_kind(object, "CacheFile") {
            return Err(refuse("of another type"));
        }
        let id = Id::of(object, rules)?;
        require_same_host("mirror", &id, actor)?;
        let link = json::items(object, "url")
            .into_iter()
            .find(|link| json::text(link, "mediaType") == Some(HLS));
        let href = link
            .and_then(|link| json::text(link, "href"))
            .and_then(address::web_url);
        Ok(Self {
            video: Id::at(object, "object", rules).ok_or_else(|| refuse("no video"))?,
            expires_ms: json::time_ms(object, "expires"),
            base_url: href.ok_or_else(|| refuse("no HLS folder"))?,
            id,
        })
    }

    pub fn to_json(&self) -> Value {
        let object = json!({
            "type": "CacheFile",
            "id": self.id.as_str(),
            "object": self.video.as_str(),
            "expires": self.expires_ms.map(date::iso),
            "url": { "type": "Link", "mediaType": HLS, "href": self.base_url },
        });
        Context::CacheFile.on(object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRICT: Rules = Rules {
        http_allowed: false,
    };

    #[test]
    fn a_mirror_is_read_from_its_own_server_only() {
        let value = json!({
            "type": "CacheFile", "id": "https://mirror.example/redundancy/streaming-playlists/hls/1",
            "object": "https://tubes.example/videos/watch/1", "expires": null,
            "url": {"type": "Link", "mediaType": HLS, "href": "https://mirror.example/static/redundancy/hls/1"},
        });
        let actor = |text| Id::parse(text, STRICT).unwrap();
        let mirror = CacheFile::read(
            &value,
            &actor("https://mirror.example/accounts/peertube"),
            STRICT,
        )
        .unwrap();
        assert_eq!(
            CacheFile::read(&mirror.to_json(), &mirror.id, STRICT).unwrap(),
            mirror
        );
        assert!(
            CacheFile::read(
                &value,
                &actor("https://evil.example/accounts/peertube"),
                STRICT
            )
            .is_err()
        );
        let mut file = value;
        file["url"]["mediaType"] = json!("video/mp4");
        assert!(CacheFile::read(&file, &mirror.id, STRICT).is_err());
    }
}
