//! Secrets in the database that must be read again (second factors, private keys) are sealed with
//! a key that is not in it, so that a copy of the database alone is worth nothing. What may be
//! kept as a hash is not here.

mod store;

use crate::config::Config;
use crate::instance;
use anyhow::{Context, bail};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use base::Db;
use base::clock::Clock;
use base::db::Dialect;
use base64::prelude::{BASE64_STANDARD_NO_PAD, Engine as _};
use sha2::{Digest, Sha256};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

const START: &str = "sealed:";
/// A sealed word of every database: proves at the start that the key is the right one.
const PROOF: &str = "vault";

/// What a secret is. It is sealed in, so that one cannot be put in another's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    SecondFactor,
    ActorKey,
    CertificateKey,
    TokenKey,
    PushKey,
    AcmeAccount,
    Proof,
}

impl What {
    fn name(self) -> &'static [u8] {
        match self {
            What::SecondFactor => b"second factor",
            What::ActorKey => b"actor key",
            What::CertificateKey => b"certificate key",
            What::TokenKey => b"token key",
            What::PushKey => b"push key",
            What::AcmeAccount => b"acme account",
            What::Proof => b"proof",
        }
    }
}

/// The keys of this site, the one that seals first. Without any, secrets stay as they are.
pub struct Vault {
    keys: Vec<(String, LessSafeKey)>,
}

impl Vault {
    /// The keys of the settings; with SQLite, where there is one machine, a file that is made once.
    pub fn of(config: &Config, dialect: Dialect) -> anyhow::Result<Self> {
        let mut keys = config.secrets.keys.clone();
        let file = key_file(config);
        if keys.is_empty() && dialect == Dialect::Sqlite {
            if !file.exists() {
                make(&file).with_context(|| format!("make the key {}", file.display()))?;
            }
            let text = std::fs::read_to_string(&file);
            keys.push(text.with_context(|| format!("read the key {}", file.display()))?);
        }
        Ok(Vault {
            keys: keys
                .iter()
                .map(|key| read(key))
                .collect::<anyhow::Result<_>>()?,
        })
    }

    pub fn seal(&self, what: What, text: &str) -> anyhow::Result<String> {
        let Some((name, key)) = self.keys.first() else {
            return Ok(text.to_owned());
        };
        let nonce = base::random::bytes::<NONCE_LEN>();
        let mut bytes = text.as_bytes().to_vec();
        let aad = Aad::from(what.name());
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut bytes)
            .map_err(|_| anyhow::anyhow!("a secret could not be sealed"))?;
        let all = [&nonce[..], &bytes].concat();
        Ok(format!(
            "{START}{name}:{}",
            BASE64_STANDARD_NO_PAD.encode(all)
        ))
    }

    /// What was sealed, or the text itself where it never was.
    pub fn open(&self, what: What, kept: &str) -> anyhow::Result<String> {
        let Some(sealed) = kept.strip_prefix(START) else {
            return Ok(kept.to_owned());
        };
        let (name, text) = sealed
            .split_once(':')
            .context("a sealed secret is damaged")?;
        let found = self.keys.iter().find(|(known, _)| known == name);
        let (_, key) = found.context("a secret was sealed with a key that is not here")?;
        let mut all = BASE64_STANDARD_NO_PAD.decode(text)?;
        let nonce = all.get(..NONCE_LEN).context("a sealed secret is damaged")?;
        let nonce = Nonce::try_assume_unique_for_key(nonce)
            .map_err(|_| anyhow::anyhow!("a sealed secret is damaged"))?;
        let opened = key
            .open_within(nonce, Aad::from(what.name()), &mut all, NONCE_LEN..)
            .map_err(|_| anyhow::anyhow!("a sealed secret is damaged or in the wrong place"))?;
        Ok(String::from_utf8(opened.to_vec())?)
    }

    fn is_current(&self, kept: &str) -> bool {
        self.keys
            .first()
            .is_none_or(|(name, _)| kept.starts_with(&format!("{START}{name}:")))
    }

    /// Refuses to start with another key than the one that the database was used with.
    pub async fn prove(&self, db: &Db, clock: &Clock) -> anyhow::Result<()> {
        let kept = instance::fact(db, PROOF).await?;
        let Some(kept) = kept.as_ref().and_then(serde_json::Value::as_str) else {
            if !self.keys.is_empty() {
                let proof = self.seal(What::Proof, "ok")?;
                instance::keep_fact(db, clock, PROOF, proof.into()).await?;
            }
            return Ok(());
        };
        if self.open(What::Proof, kept).is_err() {
            bail!(
                "the secrets in this database are sealed with another key. Put its secret.key back \
                 into the data folder (it is in every backup), or name it in secrets.keys"
            );
        }
        Ok(())
    }

    /// Seals everything with the first key that is not yet, and tells how many secrets that were.
    pub async fn seal_again(&self, db: &Db, clock: &Clock) -> anyhow::Result<u64> {
        if self.keys.is_empty() {
            bail!("there is no key: set secrets.keys (vidicon admin new-secret makes one)");
        }
        let mut count = 0;
        for table in store::TABLES {
            let mut after = String::new();
            loop {
                let rows = store::secrets(db, table, &after).await?;
                let Some(last) = rows.last() else { break };
                after.clone_from(&last.key);
                for row in &rows {
                    if self.is_current(&row.secret) {
                        continue;
                    }
                    let plain = self.open(table.what(), &row.secret)?;
                    let sealed = self.seal(table.what(), &plain)?;
                    count += store::replace(db, table, &row.key, &row.secret, &sealed).await?;
                }
            }
        }
        let proof = self.seal(What::Proof, "ok")?;
        instance::keep_fact(db, clock, PROOF, proof.into()).await?;
        Ok(count)
    }
}

pub fn key_file(config: &Config) -> PathBuf {
    config.server.data_dir.join("secret.key")
}

/// A key in the form in which the settings want it.
pub fn fresh() -> String {
    hex::encode(base::random::bytes::<32>())
}

fn make(path: &Path) -> anyhow::Result<()> {
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    writeln!(file, "{}", fresh())?;
    Ok(file.sync_all()?)
}

/// A key with its name, by which sealed secrets tell which key they need.
fn read(text: &str) -> anyhow::Result<(String, LessSafeKey)> {
    let mut bytes = [0; 32];
    if hex::decode_to_slice(text.trim(), &mut bytes).is_err() {
        bail!("a key of secrets.keys is no key: it should have 64 hex digits");
    }
    let name = hex::encode(Sha256::digest([b"vidicon key", &bytes[..]].concat()));
    let key = UnboundKey::new(&AES_256_GCM, &bytes).map_err(|_| anyhow::anyhow!("no key"))?;
    Ok((name.chars().take(8).collect(), LessSafeKey::new(key)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vault(keys: &[&str]) -> Vault {
        Vault {
            keys: keys
                .iter()
                .map(|key| read(&key.repeat(64)).unwrap())
                .collect(),
        }
    }

    #[test]
    fn a_secret_is_unreadable_and_comes_back() {
        let vault = vault(&["a"]);
        let sealed = vault.seal(What::SecondFactor, "JBSWY3DP").unwrap();
        assert!(!sealed.contains("JBSWY3DP"));
        assert_ne!(sealed, vault.seal(What::SecondFactor, "JBSWY3DP").unwrap());
        assert_eq!(vault.open(What::SecondFactor, &sealed).unwrap(), "JBSWY3DP");
        assert_eq!(vault.open(What::SecondFactor, "plain").unwrap(), "plain");
    }

    #[test]
    fn it_fits_one_place_and_one_key() {
        let sealed = vault(&["a"]).seal(What::SecondFactor, "x").unwrap();
        assert!(vault(&["a"]).open(What::ActorKey, &sealed).is_err());
        assert!(vault(&["b"]).open(What::SecondFactor, &sealed).is_err());
        let both = vault(&["b", "a"]);
        assert_eq!(both.open(What::SecondFactor, &sealed).unwrap(), "x");
        assert!(!both.is_current(&sealed));
        assert!(both.is_current(&both.seal(What::SecondFactor, "x").unwrap()));
        for bad in ["sealed:", "sealed:00:AA", &sealed[..sealed.len() - 2]] {
            assert!(both.open(What::SecondFactor, bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn without_a_key_nothing_is_sealed() {
        let vault = vault(&[]);
        assert_eq!(vault.seal(What::ActorKey, "x").unwrap(), "x");
        assert!(read("short").is_err());
    }
}
