//! Tokens that open the files of one video for some hours. Nothing is kept: they are signed.

use super::Video;
use crate::app::App;
use base::clock::{HOUR, Millis};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use uuid::Uuid;

const LIFE: Millis = 8 * HOUR;

/// A token and when it ends.
pub fn make(app: &App, video: &Video) -> (String, Millis) {
    let expires = app.clock.now() + LIFE;
    (sign(&app.secret, video.uuid, expires), expires)
}

/// Does the token open the files of this video now?
pub fn opens(app: &App, token: &str, uuid: Uuid) -> bool {
    let expires = token
        .split_once('-')
        .and_then(|(expires, _)| i64::from_str_radix(expires, 16).ok());
    let Some(expires) = expires.filter(|expires| *expires > app.clock.now()) else {
        return false;
    };
    let right = sign(&app.secret, uuid, expires);
    // Every byte is looked at, so that the time tells nothing.
    right.len() == token.len()
        && right
            .bytes()
            .zip(token.bytes())
            .fold(0, |different, (a, b)| different | (a ^ b))
            == 0
}

fn sign(secret: &[u8; 32], uuid: Uuid, expires: Millis) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else {
        return String::new();
    };
    mac.update(b"video-files");
    mac.update(uuid.as_bytes());
    mac.update(&expires.to_be_bytes());
    format!("{expires:x}-{}", hex::encode(mac.finalize().into_bytes()))
}
