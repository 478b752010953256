//! Every reader of what strangers send, with what must hold whatever that is. The tests here bend good
//! documents; the targets in fuzz/ send anything at all.

use fediverse::activity::{self, Activity, Flag};
use fediverse::actor::Actor;
use fediverse::address::{Id, Rules};
use fediverse::collection::Walk;
use fediverse::note::{Note, Tombstone};
use fediverse::playlist::{Element, Playlist};
use fediverse::redundancy::CacheFile;
use fediverse::signature::{self, Received};
use fediverse::video::{Video, read_chapters_object};
use fediverse::view::{View, WatchAction};
use fediverse::{ld_signature, nodeinfo, sanitize, webfinger};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

const RULES: Rules = Rules {
    http_allowed: false,
};
const NOW_MS: i64 = 1_790_000_000_000;
const BODY: &[u8] = b"{\"type\":\"Like\"}";

/// Every reader, on one document.
pub fn read(value: &Value) {
    let id = Id::parse("https://a.example/x", RULES).unwrap();
    if let Ok(activity) = Activity::read(value, RULES) {
        let _ = activity.inner(RULES);
    }
    for part in activity::unpack(value) {
        let _ = Activity::read(part, RULES);
    }
    let _ = Flag::read(value, RULES);
    let _ = Tombstone::read(value, RULES);
    let _ = WatchAction::read(value, RULES);
    let _ = CacheFile::read(value, &id, RULES);
    let _ = Element::read(value, &id, RULES);
    let _ = View::read(value);
    let _ = webfinger::read(value, RULES);
    let _ = nodeinfo::best_link(value);
    let _ = nodeinfo::read_software(value);
    assert!(read_chapters_object(value).len() <= 1_000);
    if let Ok(items) = Walk::new(id, 3, 50, RULES).take(value) {
        assert!(items.len() <= 50);
    }
    if let Ok(claim) = ld_signature::claim(value, RULES) {
        assert!(claim.creator.as_str().starts_with("https://"));
    }
    read_things(value);
}

fn read_things(value: &Value) {
    if let Ok(actor) = Actor::read(value, RULES) {
        assert!(actor.inbox.same_host(&actor.id) && actor.username.len() <= 120);
        assert!(actor.owners.iter().all(|owner| owner.same_host(&actor.id)));
        Actor::read(&actor.to_json(), RULES).expect("what was read can be written and read");
    }
    if let Ok(video) = Video::read(value, RULES) {
        assert!(video.name.chars().count() <= 120 && video.views >= 0);
        assert!(
            video
                .channel_candidates()
                .iter()
                .all(|by| by.same_host(&video.id))
        );
        Video::read(&video.to_json(), RULES).expect("what was read can be written and read");
    }
    if let Ok(note) = Note::read(value, RULES) {
        assert!(note.author.same_host(&note.id));
        let clean = sanitize::html(&note.content).to_lowercase();
        assert!(!clean.contains("<script"), "{clean}");
        assert!(!sanitize::plain_text(&note.content).contains('\0'));
    }
    if let Ok(playlist) = Playlist::read(value, RULES) {
        assert!(
            playlist
                .channel
                .is_none_or(|channel| channel.same_host(&playlist.id))
        );
    }
}

/// Reads a request given as lines of headers. True where all but the key was in order.
pub fn read_request(lines: &[u8]) -> bool {
    let mut headers = HeaderMap::new();
    for line in lines.split(|byte| *byte == b'\n') {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else {
            continue;
        };
        let (name, value) = (&line[..colon], line.get(colon + 2..).unwrap_or_default());
        let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name), HeaderValue::from_bytes(value))
        else {
            continue;
        };
        headers.append(name, value);
    }
    let received = Received {
        method: "POST",
        target: "/inbox",
        host: "tubes.example",
        scheme: "https",
        headers: &headers,
        body: BODY,
        now_ms: NOW_MS,
    };
    signature::claim(&received).is_ok_and(|claim| {
        assert!(claim.actor().len() <= claim.key_id().len());
        assert!(!claim.actor().contains('#'));
        true
    })
}

/// A good request of each kind.
#[allow(dead_code, reason = "the fuzz targets begin with nothing")]
pub fn signed_requests() -> Vec<Vec<u8>> {
    let key = fediverse::key::SigningKey::generate_rsa().unwrap();
    let url = "https://tubes.example/inbox".parse().unwrap();
    let outgoing = signature::Outgoing {
        method: "POST",
        url: &url,
        body: Some(BODY),
        key_id: "https://a.example/users/ronja#main-key",
        key: &key,
        now_ms: NOW_MS,
    };
    let lines = |headers: Vec<(&'static str, String)>| {
        let lines = headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}"));
        lines.collect::<Vec<_>>().join("\n").into_bytes()
    };
    vec![
        lines(signature::sign(&outgoing).unwrap()),
        lines(fediverse::message_signature::sign(&outgoing).unwrap()),
    ]
}
