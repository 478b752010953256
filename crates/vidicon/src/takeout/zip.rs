//! Writes a ZIP archive straight into the storage: nothing is kept but the list of its entries.
//! How long an entry is stands behind it, so that it can be written as it comes.

use crate::error::{Error, Result};
use base::clock::Millis;
use base::storage::Writer;
use bytes::Bytes;
use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};
use std::io::Write;

/// Bytes that are handed to the storage at once.
const PIECE: usize = 256 * 1024;
const SMALL: u64 = 0xFFFF_FFFF;
const STORED: u16 = 0;
const DEFLATED: u16 = 8;
/// Sizes follow the bytes; names are UTF-8.
const FLAGS: u16 = 0x0808;

/// An archive in the making.
pub struct Zip {
    out: Writer,
    waiting: Vec<u8>,
    at: u64,
    entries: Vec<Entry>,
    date: (u16, u16),
}

struct Entry {
    name: String,
    method: u16,
    crc: u32,
    packed: u64,
    size: u64,
    at: u64,
    /// Its sizes are written with eight bytes each.
    is_wide: bool,
}

/// One entry in the making; end it with [`Zip::end`].
pub struct Open {
    entry: Entry,
    crc: Crc,
    packer: Option<DeflateEncoder<Vec<u8>>>,
}

impl Zip {
    pub fn new(out: Writer, now: Millis) -> Self {
        Zip {
            out,
            waiting: Vec::new(),
            at: 0,
            entries: Vec::new(),
            date: dos_time(now),
        }
    }

    /// Begins an entry whose text is packed.
    pub async fn text(&mut self, name: &str) -> Result<Open> {
        let packer = DeflateEncoder::new(Vec::new(), Compression::default());
        self.begin(name, DEFLATED, Some(packer), false).await
    }

    /// Begins an entry that is as small as it gets: pictures, videos. A size hint tells long ones.
    pub async fn plain(&mut self, name: &str, size_hint: u64) -> Result<Open> {
        self.begin(name, STORED, None, size_hint >= SMALL / 2).await
    }

    async fn begin(
        &mut self,
        name: &str,
        method: u16,
        packer: Option<DeflateEncoder<Vec<u8>>>,
        is_wide: bool,
    ) -> Result<Open> {
        let entry = Entry {
            name: name.to_owned(),
            method,
            crc: 0,
            packed: 0,
            size: 0,
            at: self.at,
            is_wide,
        };
        let mut head = Vec::new();
        let (time, date) = self.date;
        put4(&mut head, 0x0403_4b50);
        for word in [if is_wide { 45 } else { 20 }, FLAGS, method, time, date] {
            put2(&mut head, word);
        }
        put4(&mut head, 0);
        let unknown = if is_wide { u32::MAX } else { 0 };
        put4(&mut head, unknown);
        put4(&mut head, unknown);
        put2(&mut head, short(name.len()));
        put2(&mut head, if is_wide { 20 } else { 0 });
        head.extend_from_slice(name.as_bytes());
        if is_wide {
            put2(&mut head, 1);
            put2(&mut head, 16);
            put8(&mut head, 0);
            put8(&mut head, 0);
        }
        self.put(&head).await?;
        Ok(Open {
            entry,
            crc: Crc::new(),
            packer,
        })
    }

    pub async fn write(&mut self, open: &mut Open, bytes: &[u8]) -> Result<()> {
        open.crc.update(bytes);
        open.entry.size += long(bytes.len());
        let Some(packer) = &mut open.packer else {
            open.entry.packed += long(bytes.len());
            return self.put(bytes).await;
        };
        packer.write_all(bytes)?;
        let packed = std::mem::take(packer.get_mut());
        open.entry.packed += long(packed.len());
        self.put(&packed).await
    }

    pub async fn end(&mut self, mut open: Open) -> Result<()> {
        if let Some(packer) = open.packer.take() {
            let packed = packer.finish()?;
            open.entry.packed += long(packed.len());
            self.put(&packed).await?;
        }
        let mut entry = open.entry;
        if !entry.is_wide && (entry.size > SMALL || entry.packed > SMALL) {
            return Err(Error::internal(
                "an entry became longer than it was announced",
            ));
        }
        entry.crc = open.crc.sum();
        let mut tail = Vec::new();
        put4(&mut tail, 0x0807_4b50);
        put4(&mut tail, entry.crc);
        for length in [entry.packed, entry.size] {
            if entry.is_wide {
                put8(&mut tail, length);
            } else {
                put4(&mut tail, capped(length));
            }
        }
        self.put(&tail).await?;
        self.entries.push(entry);
        Ok(())
    }

    /// Writes the list of entries and makes the archive visible; tells its size.
    pub async fn finish(mut self) -> Result<u64> {
        let start = self.at;
        for entry in std::mem::take(&mut self.entries).into_iter().enumerate() {
            let (number, entry) = entry;
            self.put(&listed(&entry, self.date)).await?;
            self.entries.push(entry);
            if number % 1000 == 999 {
                tokio::task::yield_now().await;
            }
        }
        let length = self.at - start;
        let count = long(self.entries.len());
        let mut end = Vec::new();
        if start > SMALL || length > SMALL || count > 0xFFFF {
            put4(&mut end, 0x0606_4b50);
            put8(&mut end, 44);
            put2(&mut end, 45);
            put2(&mut end, 45);
            put4(&mut end, 0);
            put4(&mut end, 0);
            for number in [count, count, length, start] {
                put8(&mut end, number);
            }
            put4(&mut end, 0x0706_4b50);
            put4(&mut end, 0);
            put8(&mut end, start + length);
            put4(&mut end, 1);
        }
        put4(&mut end, 0x0605_4b50);
        put2(&mut end, 0);
        put2(&mut end, 0);
        put2(&mut end, short(self.entries.len()));
        put2(&mut end, short(self.entries.len()));
        put4(&mut end, capped(length));
        put4(&mut end, capped(start));
        put2(&mut end, 0);
        self.put(&end).await?;
        let rest = Bytes::from(std::mem::take(&mut self.waiting));
        self.out.write(rest).await.map_err(Error::internal)?;
        self.out.finish().await.map_err(Error::internal)
    }

    async fn put(&mut self, bytes: &[u8]) -> Result<()> {
        self.at += long(bytes.len());
        self.waiting.extend_from_slice(bytes);
        if self.waiting.len() >= PIECE {
            let piece = Bytes::from(std::mem::take(&mut self.waiting));
            self.out.write(piece).await.map_err(Error::internal)?;
        }
        Ok(())
    }
}

/// An entry as the list at the end names it.
fn listed(entry: &Entry, (time, date): (u16, u16)) -> Vec<u8> {
    let mut more = Vec::new();
    for number in [entry.size, entry.packed, entry.at] {
        if number >= SMALL {
            put8(&mut more, number);
        }
    }
    let mut line = Vec::new();
    put4(&mut line, 0x0201_4b50);
    let version = if entry.is_wide || !more.is_empty() {
        45
    } else {
        20
    };
    for word in [version, version, FLAGS, entry.method, time, date] {
        put2(&mut line, word);
    }
    put4(&mut line, entry.crc);
    put4(&mut line, capped(entry.packed));
    put4(&mut line, capped(entry.size));
    put2(&mut line, short(entry.name.len()));
    put2(
        &mut line,
        if more.is_empty() {
            0
        } else {
            short(more.len() + 4)
        },
    );
    for _ in 0..3 {
        put2(&mut line, 0);
    }
    put4(&mut line, 0);
    put4(&mut line, capped(entry.at));
    line.extend_from_slice(entry.name.as_bytes());
    if !more.is_empty() {
        put2(&mut line, 1);
        put2(&mut line, short(more.len()));
        line.extend_from_slice(&more);
    }
    line
}

fn put2(to: &mut Vec<u8>, number: u16) {
    to.extend_from_slice(&number.to_le_bytes());
}

fn put4(to: &mut Vec<u8>, number: u32) {
    to.extend_from_slice(&number.to_le_bytes());
}

fn put8(to: &mut Vec<u8>, number: u64) {
    to.extend_from_slice(&number.to_le_bytes());
}

fn long(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

fn short(length: usize) -> u16 {
    u16::try_from(length).unwrap_or(u16::MAX)
}

/// The number, or the mark that it stands elsewhere.
fn capped(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Time and date as archives write them, from 1980 on, to two seconds.
fn dos_time(now: Millis) -> (u16, u16) {
    let Ok(at) = time::OffsetDateTime::from_unix_timestamp(now / 1000) else {
        return (0, 33);
    };
    let year = u16::try_from(at.year() - 1980).unwrap_or(0);
    let date = year << 9 | u16::from(u8::from(at.month())) << 5 | u16::from(at.day());
    let time =
        u16::from(at.hour()) << 11 | u16::from(at.minute()) << 5 | (u16::from(at.second()) / 2);
    (time, date)
}
