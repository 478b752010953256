//! The form of a backup file: encrypted pieces of 64 KiB, each with its number and the last one
//! marked, so that nothing can be changed, left out, moved or cut off unseen.
//!
//! `VIDICON-BACKUP-1\n`, one byte for the kind of secret, 16 bytes of salt, then the pieces as
//! AES-256-GCM makes them.

use super::key::Secret;
use anyhow::{Context, bail};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use sha2::{Digest, Sha256};
use std::io::{self, Read, Write};

const MAGIC: &[u8] = b"VIDICON-BACKUP-1\n";
const PIECE: usize = 64 * 1024;
const TAG: usize = 16;

/// Encrypts what is written to it. Without [`Sealer::finish`] the file cannot be opened.
pub struct Sealer<W: Write> {
    out: W,
    key: LessSafeKey,
    piece: Vec<u8>,
    number: u64,
}

impl<W: Write> Sealer<W> {
    pub fn new(mut out: W, secret: &Secret) -> anyhow::Result<Self> {
        let salt = base::random::bytes::<16>();
        out.write_all(MAGIC)?;
        out.write_all(&[kind(secret)])?;
        out.write_all(&salt)?;
        Ok(Sealer {
            out,
            key: key(secret, &salt)?,
            piece: Vec::with_capacity(PIECE + TAG),
            number: 0,
        })
    }

    /// Writes the last piece and gives the file back.
    pub fn finish(mut self) -> io::Result<W> {
        self.seal(true)?;
        Ok(self.out)
    }

    fn seal(&mut self, last: bool) -> io::Result<()> {
        self.key
            .seal_in_place_append_tag(nonce(self.number, last), Aad::empty(), &mut self.piece)
            .map_err(|_| io::Error::other("a piece could not be encrypted"))?;
        self.out.write_all(&self.piece)?;
        self.piece.clear();
        self.number += 1;
        Ok(())
    }
}

impl<W: Write> Write for Sealer<W> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        // A full piece waits for what follows: only then is it known not to be the last.
        if self.piece.len() == PIECE && !data.is_empty() {
            self.seal(false)?;
        }
        let taken = data.len().min(PIECE - self.piece.len());
        self.piece.extend(data.iter().take(taken));
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Decrypts a file that a [`Sealer`] wrote; an altered or cut file is an error.
pub struct Opener<R: Read> {
    from: R,
    key: LessSafeKey,
    piece: Vec<u8>,
    at: usize,
    ahead: Vec<u8>,
    number: u64,
    ended: bool,
}

impl<R: Read> Opener<R> {
    pub fn new(mut from: R, secret: &Secret) -> anyhow::Result<Self> {
        let mut head = [0; 17];
        let mut about = [0; 17];
        from.read_exact(&mut head)
            .context("the file is too short")?;
        if head != MAGIC {
            bail!("this is no backup of Vidicon");
        }
        from.read_exact(&mut about)
            .context("the file is too short")?;
        let [made_with, salt @ ..] = about;
        if made_with != kind(secret) {
            bail!(match secret {
                Secret::Key(_) => "this backup was made with a passphrase (backup.passphrase)",
                Secret::Passphrase(_) => "this backup was made with a key file, not a passphrase",
            });
        }
        let mut opener = Opener {
            from,
            key: key(secret, &salt)?,
            piece: Vec::new(),
            at: 0,
            ahead: Vec::new(),
            number: 0,
            ended: false,
        };
        opener.ahead = opener.fetch()?;
        Ok(opener)
    }

    fn fetch(&mut self) -> io::Result<Vec<u8>> {
        let mut piece = Vec::new();
        let most = u64::try_from(PIECE + TAG).unwrap_or(u64::MAX);
        self.from.by_ref().take(most).read_to_end(&mut piece)?;
        Ok(piece)
    }

    fn next(&mut self) -> io::Result<()> {
        let mut piece = std::mem::take(&mut self.ahead);
        self.ahead = self.fetch()?;
        let last = self.ahead.is_empty();
        let length = self
            .key
            .open_in_place(nonce(self.number, last), Aad::empty(), &mut piece)
            .map_err(|_| {
                io::Error::other("the key or passphrase does not fit, or the file was damaged")
            })?
            .len();
        piece.truncate(length);
        (self.piece, self.at) = (piece, 0);
        self.number += 1;
        self.ended = last;
        Ok(())
    }
}

impl<R: Read> Read for Opener<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.at == self.piece.len() && !self.ended {
            self.next()?;
        }
        let left = self.piece.get(self.at..).unwrap_or_default();
        let count = left.len().min(into.len());
        for (to, from) in into.iter_mut().zip(left) {
            *to = *from;
        }
        self.at += count;
        Ok(count)
    }
}

fn kind(secret: &Secret) -> u8 {
    match secret {
        Secret::Key(_) => b'K',
        Secret::Passphrase(_) => b'P',
    }
}

/// A key of this file's own, so that numbers may begin at nought in every file.
fn key(secret: &Secret, salt: &[u8]) -> anyhow::Result<LessSafeKey> {
    let mut bytes = [0; 32];
    match secret {
        Secret::Key(key) => {
            let mixed = Sha256::new()
                .chain_update(b"vidicon backup")
                .chain_update(key)
                .chain_update(salt);
            bytes = mixed.finalize().into();
        }
        Secret::Passphrase(text) => {
            let params = argon2::Params::new(64 * 1024, 3, 1, Some(32));
            let params = params.map_err(|error| anyhow::anyhow!("{error}"))?;
            argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params)
                .hash_password_into(text.as_bytes(), salt, &mut bytes)
                .map_err(|error| anyhow::anyhow!("{error}"))?;
        }
    }
    let key = UnboundKey::new(&AES_256_GCM, &bytes);
    Ok(LessSafeKey::new(
        key.map_err(|_| anyhow::anyhow!("no key"))?,
    ))
}

fn nonce(number: u64, last: bool) -> Nonce {
    let mut bytes = [0; 12];
    for (to, from) in bytes.iter_mut().skip(3).zip(number.to_be_bytes()) {
        *to = from;
    }
    if let Some(mark) = bytes.last_mut() {
        *mark = u8::from(last);
    }
    Nonce::assume_unique_for_key(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(data: &[u8], secret: &Secret) -> Vec<u8> {
        let mut sealer = Sealer::new(Vec::new(), secret).unwrap();
        sealer.write_all(data).unwrap();
        sealer.finish().unwrap()
    }

    fn opened(file: &[u8], secret: &Secret) -> anyhow::Result<Vec<u8>> {
        let mut data = Vec::new();
        Opener::new(file, secret)?.read_to_end(&mut data)?;
        Ok(data)
    }

    #[test]
    fn what_goes_in_comes_out() {
        let secret = Secret::Key([7; 32]);
        for size in [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE] {
            let data: Vec<u8> = (0..size).map(|n| u8::try_from(n % 251).unwrap()).collect();
            let file = sealed(&data, &secret);
            assert!(opened(&file, &secret).unwrap() == data, "{size}");
        }
        let secret = Secret::Passphrase("correct horse".to_owned());
        assert_eq!(opened(&sealed(b"x", &secret), &secret).unwrap(), b"x");
    }

    #[test]
    fn nothing_is_changed_or_left_out_unseen() {
        let secret = Secret::Key([7; 32]);
        let file = sealed(&vec![1; 2 * PIECE + 9], &secret);
        let whole = MAGIC.len() + 17;
        let piece = PIECE + TAG;
        let mut flipped = file.clone();
        flipped[whole + 5] ^= 1;
        let cut = &file[..whole + 2 * piece];
        let mut swapped = file[..whole].to_vec();
        swapped.extend_from_slice(&file[whole + piece..whole + 2 * piece]);
        swapped.extend_from_slice(&file[whole..whole + piece]);
        swapped.extend_from_slice(&file[whole + 2 * piece..]);
        for bad in [&flipped[..], cut, &swapped, &file[..whole], b"PK\x03\x04"] {
            assert!(opened(bad, &secret).is_err());
        }
        assert!(opened(&file, &Secret::Key([8; 32])).is_err());
        assert!(opened(&file, &Secret::Passphrase("x".to_owned())).is_err());
    }
}
