//! Reads a ZIP archive that somebody brought along. Nothing in it is trusted: names lead nowhere but
//! into the archive, entries may not share bytes, and no entry gives more than it may.

use crate::error::{Error, Result};
use flate2::Crc;
use flate2::read::DeflateDecoder;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// What the list of entries may weigh, and how many there may be.
const LARGEST_LIST: u64 = 32 * 1024 * 1024;
const MOST_ENTRIES: u64 = 100_000;
/// The end of an archive with the longest comment.
const LONGEST_END: u64 = 65_557;
const STORED: u16 = 0;
const DEFLATED: u16 = 8;

/// An archive, and where in it each entry lies.
#[derive(Debug)]
pub struct Unzip {
    path: PathBuf,
    entries: BTreeMap<String, Entry>,
}

#[derive(Clone, Debug)]
struct Entry {
    method: u16,
    crc: u32,
    packed: u64,
    size: u64,
    at: u64,
}

fn broken(why: &str) -> Error {
    Error::bad_request(format!("This is no archive that can be read: {why}."))
}

impl Unzip {
    /// Reads the list of entries.
    pub fn open(path: &Path) -> Result<Self> {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        let (count, size, start) = end_of(&mut file, length)?;
        if count > MOST_ENTRIES || size > LARGEST_LIST {
            return Err(broken("it has too many entries"));
        }
        if start.checked_add(size).is_none_or(|end| end > length) {
            return Err(broken("its list lies outside of it"));
        }
        let list = read_at(&mut file, start, size)?;
        let mut entries = BTreeMap::new();
        let mut rest = list.as_slice();
        for _ in 0..count {
            let (name, entry, after) = read_entry(rest)?;
            rest = after;
            if !name.ends_with('/') && entries.insert(name, entry).is_some() {
                return Err(broken("an entry is there twice"));
            }
        }
        check_overlap(&entries, start)?;
        Ok(Unzip {
            path: path.to_owned(),
            entries,
        })
    }

    pub fn has(&self, name: &str) -> bool {
        self.entries.contains_key(name)
    }

    /// How many bytes an entry says that it has.
    pub fn size_of(&self, name: &str) -> Option<u64> {
        self.entries.get(name).map(|entry| entry.size)
    }

    /// A small entry as a whole; nothing when there is none of this name.
    pub fn read(&self, name: &str, most: u64) -> Result<Option<Vec<u8>>> {
        let mut bytes = Vec::new();
        let found = self.copy(name, &mut bytes, most)?;
        Ok(found.then_some(bytes))
    }

    /// Writes an entry into a file.
    pub fn extract(&self, name: &str, to: &Path, most: u64) -> Result<bool> {
        let mut file = File::create(to)?;
        let found = self.copy(name, &mut file, most)?;
        file.flush()?;
        Ok(found)
    }

    fn copy(&self, name: &str, to: &mut impl Write, most: u64) -> Result<bool> {
        let Some(entry) = self.entries.get(name) else {
            return Ok(false);
        };
        let too_large = || Error::too_large(format!("{name} is larger than it may be."));
        if entry.size > most {
            return Err(too_large());
        }
        let mut file = File::open(&self.path)?;
        let head = read_at(&mut file, entry.at, 30)?;
        if word4(&head, 0) != Some(0x0403_4b50) {
            return Err(broken("an entry has no head"));
        }
        let skip = word2(&head, 26).zip(word2(&head, 28));
        let (name_length, extra) = skip.ok_or_else(|| broken("an entry is cut short"))?;
        let start = entry.at + 30 + u64::from(name_length) + u64::from(extra);
        file.seek(SeekFrom::Start(start))?;
        let packed = file.take(entry.packed);
        let (crc, size) = if entry.method == STORED {
            pour(packed, to, entry.size)?
        } else {
            pour(DeflateDecoder::new(packed), to, entry.size)?
        };
        if size != entry.size || crc != entry.crc {
            return Err(broken(&format!("{name} is damaged")));
        }
        Ok(true)
    }
}

/// Copies at most one byte more than was announced; tells the checksum and how much it was.
fn pour(from: impl Read, to: &mut impl Write, announced: u64) -> Result<(u32, u64)> {
    let mut from = from.take(announced.saturating_add(1));
    let mut crc = Crc::new();
    let mut size = 0;
    let mut buffer = vec![0_u8; 64 * 1024];
    loop {
        let read = from
            .read(&mut buffer)
            .map_err(|_| broken("an entry is damaged"))?;
        let piece = buffer.get(..read).unwrap_or_default();
        if piece.is_empty() {
            return Ok((crc.sum(), size));
        }
        crc.update(piece);
        size += u64::try_from(read).unwrap_or(0);
        to.write_all(piece)?;
    }
}

/// How many entries there are, how long their list is and where it starts.
fn end_of(file: &mut File, length: u64) -> Result<(u64, u64, u64)> {
    let most = length.min(LONGEST_END);
    let tail = read_at(file, length - most, most)?;
    let mark = 0x0605_4b50_u32.to_le_bytes();
    let found = tail.windows(4).rposition(|four| four == mark);
    let at = found.ok_or_else(|| broken("it has no end"))?;
    let end = tail.get(at..).unwrap_or_default();
    let short = || broken("its end is cut short");
    let count = word2(end, 10).ok_or_else(short)?;
    let (size, start) = word4(end, 12).zip(word4(end, 16)).ok_or_else(short)?;
    if count != u16::MAX && size != u32::MAX && start != u32::MAX {
        return Ok((count.into(), size.into(), start.into()));
    }
    let place = at.checked_sub(20).and_then(|at| tail.get(at..));
    let wide_at = place
        .filter(|place| word4(place, 0) == Some(0x0706_4b50))
        .and_then(|place| word8(place, 8));
    let Some(wide_at) = wide_at else {
        return Ok((count.into(), size.into(), start.into()));
    };
    if wide_at.checked_add(56).is_none_or(|end| end > length) {
        return Err(short());
    }
    let wide = read_at(file, wide_at, 56)?;
    if word4(&wide, 0) != Some(0x0606_4b50) {
        return Err(short());
    }
    let numbers = word8(&wide, 32).zip(word8(&wide, 40)).zip(word8(&wide, 48));
    let ((count, size), start) = numbers.ok_or_else(short)?;
    Ok((count, size, start))
}

fn read_entry(list: &[u8]) -> Result<(String, Entry, &[u8])> {
    let short = || broken("its list is cut short");
    if word4(list, 0) != Some(0x0201_4b50) {
        return Err(short());
    }
    let word = |at| word2(list, at).ok_or_else(short);
    let number = |at| word4(list, at).ok_or_else(short);
    let (flags, method) = (word(8)?, word(10)?);
    if flags & 1 != 0 {
        return Err(broken("it is encrypted"));
    }
    if method != STORED && method != DEFLATED {
        return Err(broken("it is packed in an unknown way"));
    }
    let (name_length, extra) = (usize::from(word(28)?), usize::from(word(30)?));
    let comment = usize::from(word(32)?);
    let name = list.get(46..46 + name_length).ok_or_else(short)?;
    let name = std::str::from_utf8(name).map_err(|_| broken("a name is no text"))?;
    check_name(name)?;
    let more = list.get(46 + name_length..46 + name_length + extra);
    let mut entry = Entry {
        method,
        crc: number(16)?,
        packed: number(20)?.into(),
        size: number(24)?.into(),
        at: number(42)?.into(),
    };
    widen(&mut entry, more.ok_or_else(short)?);
    let rest = list.get(46 + name_length + extra + comment..);
    Ok((name.to_owned(), entry, rest.ok_or_else(short)?))
}

/// Puts the long numbers in the place of those that had no room.
fn widen(entry: &mut Entry, mut more: &[u8]) {
    while let Some((id, length)) = word2(more, 0).zip(word2(more, 2)) {
        let length = usize::from(length);
        let mut field = more.get(4..4 + length).unwrap_or_default();
        if id == 1 {
            for number in [&mut entry.size, &mut entry.packed, &mut entry.at] {
                if *number == u64::from(u32::MAX)
                    && let Some(wide) = word8(field, 0)
                {
                    *number = wide;
                    field = field.get(8..).unwrap_or_default();
                }
            }
        }
        more = more.get(4 + length..).unwrap_or_default();
    }
}

/// A name that stays inside the archive.
fn check_name(name: &str) -> Result<()> {
    let parts: Vec<&str> = name.trim_end_matches('/').split('/').collect();
    let is_bad = |part: &&str| part.is_empty() || *part == "." || *part == "..";
    let has_sign = name.contains(['\\', '\0', ':']);
    if has_sign || parts.iter().any(is_bad) {
        return Err(broken("a name in it leads out of it"));
    }
    Ok(())
}

/// No two entries share bytes: that is how small archives become endless ones.
fn check_overlap(entries: &BTreeMap<String, Entry>, list_at: u64) -> Result<()> {
    let mut places: Vec<(u64, u64)> = Vec::with_capacity(entries.len());
    for (name, entry) in entries {
        let head = 30 + u64::try_from(name.len()).unwrap_or(0);
        let end = entry.at.checked_add(head);
        let end = end.and_then(|end| end.checked_add(entry.packed));
        let end = end.filter(|end| *end <= list_at);
        let end = end.ok_or_else(|| broken("an entry lies outside of it"))?;
        places.push((entry.at, end));
    }
    places.sort_unstable();
    let shares = places
        .windows(2)
        .any(|two| matches!(two, [first, second] if first.1 > second.0));
    if shares {
        return Err(broken("its entries share bytes"));
    }
    Ok(())
}

fn read_at(file: &mut File, at: u64, length: u64) -> Result<Vec<u8>> {
    file.seek(SeekFrom::Start(at))?;
    let mut bytes = Vec::new();
    file.take(length).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).unwrap_or(0) < length {
        return Err(broken("it is cut short"));
    }
    Ok(bytes)
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at.checked_add(N)?)?.try_into().ok()
}

fn word2(bytes: &[u8], at: usize) -> Option<u16> {
    array(bytes, at).map(u16::from_le_bytes)
}

fn word4(bytes: &[u8], at: usize) -> Option<u32> {
    array(bytes, at).map(u32::from_le_bytes)
}

fn word8(bytes: &[u8], at: usize) -> Option<u64> {
    array(bytes, at).map(u64::from_le_bytes)
}
