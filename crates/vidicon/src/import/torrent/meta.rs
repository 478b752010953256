//! What a torrent says of itself: in a file, in a magnet link, or as its peers tell it.

use super::bencode::{self, Item};
use sha1::{Digest, Sha1};

pub type Hash = [u8; 20];

/// Pieces may be as large as other programs make them.
const PIECES: std::ops::RangeInclusive<i64> = 16 * 1024..=64 * 1024 * 1024;
const MOST_PIECES: usize = 200_000;
/// Trackers, seeds and peers that are named are tried up to so many of each.
const MOST: usize = 20;

/// The one file of a torrent, and the hashes of its pieces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Info {
    pub name: String,
    pub size_bytes: u64,
    pub piece_bytes: u64,
    pub pieces: Vec<Hash>,
}

/// Why a description is of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    Broken,
    /// It has several files, or none.
    Files,
}

impl Info {
    /// From the part that the hash is of.
    pub fn read(raw: &[u8]) -> Result<Self, Wrong> {
        let (info, _) = bencode::read(raw).ok_or(Wrong::Broken)?;
        let name = info.bytes("name").ok_or(Wrong::Broken)?;
        let name = String::from_utf8_lossy(name).into_owned();
        let (name, length) = match info.get("files") {
            None => (name, info.number("length")),
            Some(files) => match files.items() {
                [file] => {
                    let last = file.get("path").and_then(|path| path.items().last());
                    let last = last.and_then(Item::as_str).ok_or(Wrong::Broken)?;
                    (last.to_owned(), file.number("length"))
                }
                _ => return Err(Wrong::Files),
            },
        };
        let size_bytes = length.and_then(|length| u64::try_from(length).ok());
        let size_bytes = size_bytes.filter(|size| *size > 0).ok_or(Wrong::Broken)?;
        let piece_bytes = info.number("piece length").ok_or(Wrong::Broken)?;
        if !PIECES.contains(&piece_bytes) {
            return Err(Wrong::Broken);
        }
        let piece_bytes = u64::try_from(piece_bytes).map_err(|_| Wrong::Broken)?;
        let (pieces, rest) = info.bytes("pieces").ok_or(Wrong::Broken)?.as_chunks::<20>();
        let wanted = usize::try_from(size_bytes.div_ceil(piece_bytes)).unwrap_or(usize::MAX);
        if !rest.is_empty() || pieces.len() != wanted || wanted > MOST_PIECES {
            return Err(Wrong::Broken);
        }
        Ok(Info {
            name: plain(&name),
            size_bytes,
            piece_bytes,
            pieces: pieces.to_vec(),
        })
    }

    /// Where a piece lies in the file: its first byte and its length.
    pub fn span(&self, piece: usize) -> (u64, u64) {
        let at = u64::try_from(piece).unwrap_or(u64::MAX);
        let from = at.saturating_mul(self.piece_bytes);
        let length = self.size_bytes.saturating_sub(from).min(self.piece_bytes);
        (from, length)
    }

    pub fn fits(&self, piece: usize, bytes: &[u8]) -> bool {
        let wanted = self.pieces.get(piece);
        wanted.is_some_and(|hash| *hash == sha1(bytes))
    }
}

/// Which torrent, and who may have it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    pub hash: Hash,
    pub name: Option<String>,
    pub info: Option<Info>,
    pub trackers: Vec<String>,
    /// Addresses of the file itself.
    pub seeds: Vec<String>,
    /// Addresses of the torrent's file.
    pub descriptions: Vec<String>,
    /// `host:port`.
    pub peers: Vec<String>,
}

impl Source {
    pub fn of_file(data: &[u8]) -> Result<Self, Wrong> {
        let (all, _) = bencode::read(data).ok_or(Wrong::Broken)?;
        let raw = all.raw("info").ok_or(Wrong::Broken)?;
        let info = Info::read(raw)?;
        let texts = |item: &Item| item.as_str().map(str::to_owned);
        let mut trackers: Vec<String> = all.get("announce").and_then(texts).into_iter().collect();
        if let Some(tiers) = all.get("announce-list") {
            let named = tiers.items().iter().flat_map(Item::items);
            trackers.extend(named.filter_map(texts));
        }
        let seeds = all.get("url-list");
        let mut seeds: Vec<String> = match seeds {
            Some(one @ Item::Text(_)) => texts(one).into_iter().collect(),
            Some(list) => list.items().iter().filter_map(texts).collect(),
            None => Vec::new(),
        };
        for seed in &mut seeds {
            if seed.ends_with('/') {
                seed.push_str(&info.name);
            }
        }
        Ok(Source {
            hash: sha1(raw),
            name: Some(info.name.clone()),
            info: Some(info),
            trackers: few(trackers),
            seeds: few(seeds),
            ..Source::default()
        })
    }

    /// A link that names the torrent by 40 hex digits.
    pub fn of_magnet(link: &str) -> Option<Self> {
        let query = link.strip_prefix("magnet:?")?;
        let mut source = Source::default();
        let mut hash = None;
        let (mut trackers, mut seeds) = (Vec::new(), Vec::new());
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let value = value.into_owned();
            match &*name {
                "xt" => hash = hash.or(value.strip_prefix("urn:btih:").and_then(of_hex)),
                "dn" => source.name = Some(plain(&value)),
                "tr" => trackers.push(value),
                "ws" => seeds.push(value),
                "xs" | "as" => source.descriptions.push(value),
                "x.pe" => source.peers.push(value),
                _ => {}
            }
        }
        source.hash = hash?;
        (source.trackers, source.seeds) = (few(trackers), few(seeds));
        source.descriptions.truncate(MOST);
        source.peers.truncate(MOST);
        Some(source)
    }
}

fn few(mut list: Vec<String>) -> Vec<String> {
    list.dedup();
    list.truncate(MOST);
    list
}

fn of_hex(text: &str) -> Option<Hash> {
    let digits = text.get(..40)?;
    let mut hash = [0; 20];
    for (place, pair) in hash.iter_mut().zip(digits.as_bytes().as_chunks::<2>().0) {
        *place = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(hash)
}

/// A name without folders and signs that are none.
fn plain(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let signs = last.chars().filter(|c| !c.is_control());
    signs.take(255).collect()
}

pub fn sha1(bytes: &[u8]) -> Hash {
    Sha1::digest(bytes).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info(name: &str, length: i64, pieces: usize) -> Vec<u8> {
        let mut raw = format!(
            "d6:lengthi{length}e4:name{}:{name}12:piece lengthi16384e6:pieces{}:",
            name.len(),
            pieces * 20
        )
        .into_bytes();
        raw.extend(vec![7; pieces * 20]);
        raw.push(b'e');
        raw
    }

    #[test]
    fn a_file_says_who_has_it() {
        let raw = info("../a walk.mp4", 40_000, 3);
        let mut file =
            b"d8:announce9:udp://a:113:announce-listll9:udp://a:1el9:udp://b:2ee4:info".to_vec();
        file.extend(&raw);
        file.extend(b"8:url-list15:https://s.ex/v/e");
        let file = String::from_utf8_lossy(&file).into_owned().into_bytes();
        let source = Source::of_file(&file).unwrap();
        assert_eq!(source.hash, sha1(&raw));
        assert_eq!(source.trackers, ["udp://a:1", "udp://b:2"]);
        assert_eq!(source.seeds, ["https://s.ex/v/a walk.mp4"]);
        let info = source.info.unwrap();
        assert_eq!((info.name.as_str(), info.pieces.len()), ("a walk.mp4", 3));
        assert_eq!(info.span(2), (32_768, 7_232));
        assert!(!info.fits(0, b"x") && !info.fits(9, b"x"));
    }

    #[test]
    fn descriptions_that_do_not_add_up_are_refused() {
        for raw in [
            info("a", 40_000, 2),
            info("a", -1, 0),
            info("a", 0, 0),
            b"de".to_vec(),
        ] {
            assert_eq!(Info::read(&raw), Err(Wrong::Broken));
        }
        let two = b"d5:filesld6:lengthi1e4:pathl1:aeed6:lengthi1e4:pathl1:beee4:name1:x12:piece lengthi16384e6:pieces0:e";
        assert_eq!(Info::read(two), Err(Wrong::Files));
    }

    #[test]
    fn a_magnet_link_names_hash_trackers_and_seeds() {
        let link = "magnet:?xs=https%3A%2F%2Fa.ex%2Ft.torrent&xt=urn:btih:000102030405060708090A0b0c0d0e0f10111213\
                    &dn=A+walk.mp4&tr=udp%3A%2F%2Fb%3A1&ws=https%3A%2F%2Fa.ex%2Fv.mp4&x.pe=10.0.0.1:5";
        let source = Source::of_magnet(link).unwrap();
        assert_eq!(
            source.hash.first().zip(source.hash.last()),
            Some((&0, &0x13))
        );
        assert_eq!(source.name.as_deref(), Some("A walk.mp4"));
        assert_eq!(source.trackers, ["udp://b:1"]);
        assert_eq!(source.peers, ["10.0.0.1:5"]);
        assert_eq!(source.descriptions, ["https://a.ex/t.torrent"]);
        for wrong in ["magnet:?dn=x", "magnet:?xt=urn:btih:12", "https://a.ex"] {
            assert!(Source::of_magnet(wrong).is_none());
        }
    }
}
