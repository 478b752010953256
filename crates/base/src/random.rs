//! Randomness for tokens, names and ids: always the operating system's, from this one place.

use rand::TryRng;

/// `N` random bytes from the operating system.
///
/// # Panics
/// When the operating system has no randomness, where nothing safe can be done.
#[expect(
    clippy::expect_used,
    reason = "without randomness no token may be made"
)]
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::rngs::SysRng
        .try_fill_bytes(&mut bytes)
        .expect("the operating system gives randomness");
    bytes
}

/// A token of 160 random bits as 40 hex characters, the form that PeerTube's clients know.
pub fn token() -> String {
    hex::encode(bytes::<20>())
}

/// A random number below `limit`; 0 when `limit` is 0.
pub fn below(limit: u64) -> u64 {
    if limit == 0 {
        0
    } else {
        u64::from_le_bytes(bytes::<8>()) % limit
    }
}

/// A random version 4 UUID.
pub fn uuid() -> uuid::Uuid {
    uuid::Builder::from_random_bytes(bytes::<16>()).into_uuid()
}
