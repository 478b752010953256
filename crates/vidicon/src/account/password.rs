//! Passwords: Argon2id for new ones; bcrypt is still read, for accounts that came from PeerTube.

use crate::error::{Error, Result};
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use argon2::{Argon2, Params};
use tokio::sync::Semaphore;

/// 19 MiB and two passes, OWASP's first choice for Argon2id.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;

/// Hashes at the same time: each takes 19 MiB, and a crowd of log-ins must not take it all.
static AT_ONCE: Semaphore = Semaphore::const_new(2);

pub async fn hash(password: &str) -> Result<String> {
    let password = password.to_owned();
    apart(move || {
        let hasher = hasher()?;
        let hash = hasher
            .hash_password(password.as_bytes())
            .map_err(|e| Error::internal(e.to_string()))?;
        Ok(hash.to_string())
    })
    .await
}

/// Does the password fit? The hash says how it was made.
pub async fn fits(password: &str, hash: &str) -> Result<bool> {
    let (password, hash) = (password.to_owned(), hash.to_owned());
    apart(move || {
        if hash.starts_with("$2") {
            // bcrypt reads 72 bytes; PeerTube refused longer ones.
            return Ok(bcrypt::verify(&password, &hash).unwrap_or(false));
        }
        let Ok(parsed) = PasswordHash::new(&hash) else {
            return Ok(false);
        };
        Ok(hasher()?
            .verify_password(password.as_bytes(), &parsed)
            .is_ok())
    })
    .await
}

/// Takes as long as a real check, so that an answer does not tell whether a name exists.
pub async fn pretend(password: &str) -> Result<()> {
    hash(password).await.map(drop)
}

/// Was the hash made by another server's software, so that it should be made anew?
pub fn is_old(hash: &str) -> bool {
    !hash.starts_with("$argon2id$")
}

fn hasher() -> Result<Argon2<'static>> {
    let params =
        Params::new(MEMORY_KIB, PASSES, 1, None).map_err(|e| Error::internal(e.to_string()))?;
    Ok(Argon2::new(
        argon2::Algorithm::Argon2id,
        argon2::Version::V0x13,
        params,
    ))
}

async fn apart<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let _place = AT_ONCE.acquire().await.map_err(Error::internal)?;
    tokio::task::spawn_blocking(work)
        .await
        .map_err(Error::internal)?
}

#[cfg(test)]
mod tests {
    #[tokio::test]
    async fn a_password_fits_its_own_hash_only() {
        let hash = super::hash("correct horse").await.unwrap();
        assert!(hash.starts_with("$argon2id$"));
        assert!(super::fits("correct horse", &hash).await.unwrap());
        assert!(!super::fits("wrong horse", &hash).await.unwrap());
    }
}
