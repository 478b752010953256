//! A message that one browser alone can read: RFC 8291, in one record of `aes128gcm` (RFC 8188).

use anyhow::{Context, anyhow, ensure};
use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{ECDH_P256, PrivateKey, UnparsedPublicKey, agree};
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};

/// Bytes of a point on P-256, not compressed, and of the shared secret of a subscription.
const POINT: usize = 65;
const AUTH: usize = 16;
const SALT: usize = 16;
/// The size of a record, which push services must take.
const RECORD: u32 = 4096;
/// What has room in it beside header, padding mark and tag.
const LONGEST: usize = 3_993;

/// The two secrets that a browser gives away with its endpoint.
#[derive(Debug)]
pub struct Browser {
    public_key: [u8; POINT],
    auth: [u8; AUTH],
}

impl Browser {
    /// From base64 of either alphabet, as browsers and libraries write it.
    pub fn read(public_key: &str, auth: &str) -> anyhow::Result<Self> {
        let browser = Browser {
            public_key: bytes(public_key).context("p256dh")?,
            auth: bytes(auth).context("auth")?,
        };
        // A point that is not on the curve is found here, and not by each message.
        let probe = PrivateKey::generate(&ECDH_P256)?;
        browser.agree(&probe)?;
        Ok(browser)
    }

    /// Both in the form in which they are kept.
    pub fn texts(&self) -> (String, String) {
        let text = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        (text(&self.public_key), text(&self.auth))
    }

    pub fn seal(&self, text: &[u8]) -> anyhow::Result<Vec<u8>> {
        let key = PrivateKey::generate(&ECDH_P256)?;
        self.seal_with(text, &key, base::random::bytes())
    }

    fn seal_with(
        &self,
        text: &[u8],
        key: &PrivateKey,
        salt: [u8; SALT],
    ) -> anyhow::Result<Vec<u8>> {
        ensure!(
            text.len() <= LONGEST,
            "the message is too long to be pushed"
        );
        let own = key.compute_public_key()?;
        let shared = self.agree(key)?;
        let about = [b"WebPush: info\0", &self.public_key[..], own.as_ref()];
        let input: [u8; 32] = derived(&self.auth, &shared, &about)?;
        let secret: [u8; 16] = derived(&salt, &input, &[b"Content-Encoding: aes128gcm\0"])?;
        let nonce: [u8; 12] = derived(&salt, &input, &[b"Content-Encoding: nonce\0"])?;
        // 2 marks the end of the last record.
        let mut sealed = [text, &[2]].concat();
        let secret = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &secret)?);
        secret.seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::empty(),
            &mut sealed,
        )?;
        let length = u8::try_from(own.as_ref().len())?;
        Ok([
            &salt[..],
            &RECORD.to_be_bytes(),
            &[length],
            own.as_ref(),
            &sealed,
        ]
        .concat())
    }

    fn agree(&self, key: &PrivateKey) -> anyhow::Result<Vec<u8>> {
        let other = UnparsedPublicKey::new(&ECDH_P256, &self.public_key);
        let wrong = anyhow!("the key is no point of P-256");
        agree(key, other, wrong, |shared| Ok(shared.to_vec()))
    }
}

fn bytes<const N: usize>(text: &str) -> anyhow::Result<[u8; N]> {
    let plain = text
        .trim_end_matches('=')
        .replace('+', "-")
        .replace('/', "_");
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(plain)?;
    <[u8; N]>::try_from(bytes).map_err(|bytes| anyhow!("{} bytes, not {N}", bytes.len()))
}

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

/// HKDF with SHA-256.
fn derived<const N: usize>(salt: &[u8], input: &[u8], about: &[&[u8]]) -> anyhow::Result<[u8; N]> {
    let mut out = [0; N];
    let key = Salt::new(HKDF_SHA256, salt).extract(input);
    key.expand(about, Length(N))?.fill(&mut out)?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Appendix A of RFC 8291.
    #[test]
    fn it_is_the_message_of_the_standard() {
        let browser = Browser::read(
            "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
            "BTBZMqHH6r4Tts7J_aSIgg",
        )
        .unwrap();
        let own: [u8; 32] = bytes("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw").unwrap();
        let own = PrivateKey::from_private_key(&ECDH_P256, &own).unwrap();
        let salt = bytes("DGv6ra1nlYgDCS1FRnbzlw").unwrap();
        let sealed = browser
            .seal_with(b"When I grow up, I want to be a watermelon", &own, salt)
            .unwrap();
        assert_eq!(
            BASE64_URL_SAFE_NO_PAD.encode(sealed),
            "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
        );
        assert!(browser.seal(&[0; LONGEST]).is_ok());
        assert!(browser.seal(&[0; LONGEST + 1]).is_err());
    }

    #[test]
    fn keys_that_are_none_are_refused() {
        let auth = "BTBZMqHH6r4Tts7J_aSIgg";
        let no_point = BASE64_URL_SAFE_NO_PAD.encode([[4].as_slice(), &[1; 64]].concat());
        for wrong in ["", "BCVx", no_point.as_str()] {
            assert!(Browser::read(wrong, auth).is_err(), "{wrong}");
        }
    }
}
