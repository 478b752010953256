//! Reads the boxes of fragmented MP4: enough to verify, renumber and join what ffmpeg wrote.
//! The bytes are not trusted: whatever they hold, the answer is a value or an error.

/// Says which rule the bytes break.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(pub &'static str);

type Result<T> = std::result::Result<T, Malformed>;

pub type Kind = [u8; 4];

/// The head of a box: `len` bytes from its beginning, of which `head` are the head itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    pub kind: Kind,
    pub head: u64,
    pub len: u64,
}

/// What the init segment (`ftyp` and `moov`) says of its one track.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Init {
    pub timescale: u32,
    /// As playlists name it: `avc1.64001e`, `mp4a.40.2`.
    pub codec: String,
    pub is_video: bool,
    defaults: Defaults,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Defaults {
    duration: u32,
    size: u32,
    flags: u32,
}

/// What one `moof` says, and where in it the two numbers stand that joining rewrites.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moof {
    sequence_at: usize,
    tfdt_at: usize,
    tfdt_is_long: bool,
    /// When the fragment begins, in ticks.
    pub tfdt: u64,
    pub samples: u64,
    pub ticks: u64,
    /// The duration of every sample, when all have the same.
    pub even_duration: Option<u32>,
    pub sample_bytes: u64,
    /// It can be decoded without anything before it.
    pub begins_with_sync: bool,
}

/// Reads a head from the first 16 bytes (fewer at the end of a file) of a box.
pub fn head(bytes: &[u8]) -> Result<Head> {
    let short = u32_at(bytes, 0)?;
    let kind = bytes
        .get(4..8)
        .and_then(|kind| kind.try_into().ok())
        .ok_or(CUT)?;
    let (head, len) = match short {
        1 => (16, u64_at(bytes, 8)?),
        0 => return Err(Malformed("a box without a length")),
        len => (8, u64::from(len)),
    };
    if len < head {
        Err(Malformed("a box is shorter than its head"))
    } else {
        Ok(Head { kind, head, len })
    }
}

/// `bytes` are the whole init segment.
pub fn init(bytes: &[u8]) -> Result<Init> {
    let moov = need(bytes, b"moov")?.1;
    let traks = children(moov)?
        .into_iter()
        .filter(|child| child.kind == *b"trak");
    if traks.count() != 1 {
        return Err(Malformed("not exactly one track"));
    }
    let trak = need(moov, b"trak")?.1;
    let mdia = need(trak, b"mdia")?.1;
    let timescale = timescale(need(mdia, b"mdhd")?.1)?;
    if timescale == 0 {
        return Err(Malformed("a track without a timescale"));
    }
    let minf = need(mdia, b"minf")?.1;
    let stsd = need(need(minf, b"stbl")?.1, b"stsd")?.1;
    let entries = stsd.get(8..).ok_or(CUT)?;
    let entry = children(entries)?
        .into_iter()
        .next()
        .ok_or(Malformed("a track without a codec"))?;
    let (codec, is_video) = codec(&entry)?;
    let trex = need(need(moov, b"mvex")?.1, b"trex")?.1;
    let defaults = Defaults {
        duration: u32_at(trex, 12)?,
        size: u32_at(trex, 16)?,
        flags: u32_at(trex, 20)?,
    };
    Ok(Init {
        timescale,
        codec,
        is_video,
        defaults,
    })
}

fn timescale(mdhd: &[u8]) -> Result<u32> {
    match mdhd.first().ok_or(CUT)? {
        0 => u32_at(mdhd, 12),
        _ => u32_at(mdhd, 20),
    }
}

fn codec(entry: &Child<'_>) -> Result<(String, bool)> {
    match &entry.kind {
        b"avc1" | b"avc3" => {
            let avcc = need(entry.body.get(78..).ok_or(CUT)?, b"avcC")?.1;
            let profile = avcc.get(1..4).ok_or(CUT)?;
            let name = String::from_utf8_lossy(&entry.kind).into_owned();
            Ok((format!("{name}.{}", hex::encode(profile)), true))
        }
        b"mp4a" => {
            let esds = need(entry.body.get(28..).ok_or(CUT)?, b"esds")?.1;
            Ok((
                format!("mp4a.40.{}", audio_object_type(esds.get(4..).ok_or(CUT)?)?),
                false,
            ))
        }
        b"av01" => {
            let av1c = need(entry.body.get(78..).ok_or(CUT)?, b"av1C")?.1;
            let head = (*av1c.get(1).ok_or(CUT)?, *av1c.get(2).ok_or(CUT)?);
            Ok((av1_name(head), true))
        }
        _ => Err(Malformed("a codec other than H.264, AV1 and AAC")),
    }
}

/// Profile, level, tier and bits of a sample, from the second and third byte of `av1C`.
fn av1_name((first, second): (u8, u8)) -> String {
    let tier = if second & 0x80 == 0 { 'M' } else { 'H' };
    let bits = match (second & 0x40, second & 0x20) {
        (0, _) => 8,
        (_, 0) => 10,
        _ => 12,
    };
    format!("av01.{}.{:02}{tier}.{bits:02}", first >> 5, first & 0x1f)
}

/// Goes down the nested descriptors of MPEG-4: stream, decoder, decoder's own bytes.
fn audio_object_type(bytes: &[u8]) -> Result<u8> {
    let stream = descriptor(bytes, 3)?;
    let flags = *stream.get(2).ok_or(CUT)?;
    let mut skip = 3;
    if flags & 0x80 != 0 {
        skip += 2;
    }
    if flags & 0x40 != 0 {
        skip += 1 + usize::from(*stream.get(skip).ok_or(CUT)?);
    }
    if flags & 0x20 != 0 {
        skip += 2;
    }
    let decoder = descriptor(stream.get(skip..).ok_or(CUT)?, 4)?;
    if decoder.first() != Some(&0x40) {
        return Err(Malformed("a sound other than AAC"));
    }
    let own = descriptor(decoder.get(13..).ok_or(CUT)?, 5)?;
    let first = own.first().ok_or(CUT)?;
    match first >> 3 {
        31 => Ok(32 + ((first & 7) << 3) + (own.get(1).ok_or(CUT)? >> 5)),
        kind => Ok(kind),
    }
}

fn descriptor(bytes: &[u8], tag: u8) -> Result<&[u8]> {
    if bytes.first() != Some(&tag) {
        return Err(Malformed("an unexpected descriptor"));
    }
    let (mut len, mut at) = (0_usize, 1);
    for _ in 0..4 {
        let byte = *bytes.get(at).ok_or(CUT)?;
        len = (len << 7) | usize::from(byte & 0x7f);
        at += 1;
        if byte & 0x80 == 0 {
            break;
        }
    }
    bytes.get(at..at + len).ok_or(CUT)
}

/// `bytes` are one whole `moof` box.
pub fn moof(bytes: &[u8], init: &Init) -> Result<Moof> {
    let (start, body) = need(bytes, b"moof")?;
    let (mfhd, _) = need(body, b"mfhd")?;
    let (traf_at, traf) = need(body, b"traf")?;
    let mut moof = Moof {
        sequence_at: start + mfhd + 4,
        tfdt_at: 0,
        tfdt_is_long: false,
        tfdt: 0,
        samples: 0,
        ticks: 0,
        even_duration: None,
        sample_bytes: 0,
        begins_with_sync: false,
    };
    if children(body)?
        .iter()
        .filter(|child| child.kind == *b"traf")
        .count()
        != 1
    {
        return Err(Malformed("a fragment of several tracks"));
    }
    let mut defaults = init.defaults;
    let mut has_time = false;
    for child in children(traf)? {
        match &child.kind {
            b"tfhd" => defaults = tfhd(child.body, defaults)?,
            b"tfdt" => {
                moof.tfdt_is_long = child.body.first() == Some(&1);
                moof.tfdt_at = start + traf_at + child.at + 4;
                moof.tfdt = if moof.tfdt_is_long {
                    u64_at(child.body, 4)?
                } else {
                    u64::from(u32_at(child.body, 4)?)
                };
                has_time = true;
            }
            b"trun" => trun(child.body, defaults, &mut moof)?,
            _ => {}
        }
    }
    u32_at(bytes, moof.sequence_at)?;
    if has_time {
        Ok(moof)
    } else {
        Err(Malformed("a fragment without its time"))
    }
}

fn tfhd(body: &[u8], mut defaults: Defaults) -> Result<Defaults> {
    let flags = u32_at(body, 0)? & 0x00ff_ffff;
    let mut at = 8;
    at += if flags & 0x1 != 0 { 8 } else { 0 };
    at += if flags & 0x2 != 0 { 4 } else { 0 };
    for (flag, value) in [
        (0x8, &mut defaults.duration),
        (0x10, &mut defaults.size),
        (0x20, &mut defaults.flags),
    ] {
        if flags & flag != 0 {
            *value = u32_at(body, at)?;
            at += 4;
        }
    }
    Ok(defaults)
}

fn trun(body: &[u8], defaults: Defaults, moof: &mut Moof) -> Result<()> {
    let flags = u32_at(body, 0)? & 0x00ff_ffff;
    let count = u32_at(body, 4)?;
    let mut at = 8 + if flags & 0x1 != 0 { 4 } else { 0 };
    let mut first_flags = defaults.flags;
    if flags & 0x4 != 0 {
        first_flags = u32_at(body, at)?;
        at += 4;
    }
    let width = 4 * usize::try_from((flags & 0xf00).count_ones()).unwrap_or(0);
    let table = body.get(at..).ok_or(CUT)?;
    if flags & 0x4 == 0 && flags & 0x400 != 0 && count > 0 {
        let before = 4 * usize::try_from((flags & 0x300).count_ones()).unwrap_or(0);
        first_flags = u32_at(table, before)?;
    }
    if moof.samples == 0 && count > 0 {
        moof.begins_with_sync = first_flags & 0x1_0000 == 0;
    }
    let mut sum = Sum::default();
    if flags & 0x300 == 0 {
        sum.add_many(count, defaults);
    } else {
        let wanted = usize::try_from(count)
            .unwrap_or(usize::MAX)
            .checked_mul(width)
            .ok_or(CUT)?;
        for row in table.get(..wanted).ok_or(CUT)?.chunks_exact(width) {
            let duration = if flags & 0x100 != 0 {
                u32_at(row, 0)?
            } else {
                defaults.duration
            };
            let size_at = if flags & 0x100 != 0 { 4 } else { 0 };
            let size = if flags & 0x200 != 0 {
                u32_at(row, size_at)?
            } else {
                defaults.size
            };
            sum.add_many(
                1,
                Defaults {
                    duration,
                    size,
                    flags: 0,
                },
            );
        }
    }
    let was_even =
        moof.samples == 0 || (moof.even_duration.is_some() && moof.even_duration == sum.even);
    moof.even_duration = sum.even.filter(|_| was_even && !sum.is_uneven);
    moof.samples += u64::from(count);
    moof.ticks = moof.ticks.saturating_add(sum.ticks);
    moof.sample_bytes = moof.sample_bytes.saturating_add(sum.bytes);
    Ok(())
}

#[derive(Default)]
struct Sum {
    ticks: u64,
    bytes: u64,
    even: Option<u32>,
    is_uneven: bool,
}

impl Sum {
    fn add_many(&mut self, count: u32, each: Defaults) {
        self.ticks += u64::from(count) * u64::from(each.duration);
        self.bytes += u64::from(count) * u64::from(each.size);
        self.is_uneven |= self.even.is_some_and(|even| even != each.duration);
        self.even = Some(each.duration);
    }
}

/// Writes the fragment's number and time into its `moof`. Every other byte is valid wherever it stands.
pub fn renumber(bytes: &mut [u8], moof: &Moof, sequence: u32, tfdt: u64) -> Result<()> {
    put(bytes, moof.sequence_at, &sequence.to_be_bytes())?;
    if moof.tfdt_is_long {
        return put(bytes, moof.tfdt_at, &tfdt.to_be_bytes());
    }
    let short = u32::try_from(tfdt).map_err(|_| Malformed("too late for a time of 32 bits"))?;
    put(bytes, moof.tfdt_at, &short.to_be_bytes())
}

fn put(bytes: &mut [u8], at: usize, value: &[u8]) -> Result<()> {
    bytes
        .get_mut(at..at + value.len())
        .ok_or(CUT)?
        .copy_from_slice(value);
    Ok(())
}

const CUT: Malformed = Malformed("a box ends too early");

pub(crate) struct Child<'a> {
    pub kind: Kind,
    /// Where its body begins in the bytes that were searched.
    at: usize,
    pub body: &'a [u8],
}

/// The boxes that fill `bytes` exactly.
pub(crate) fn children(bytes: &[u8]) -> Result<Vec<Child<'_>>> {
    let (mut all, mut at) = (Vec::new(), 0_usize);
    while at < bytes.len() {
        let rest = bytes.get(at..).ok_or(CUT)?;
        let head = head(rest)?;
        let (skip, len) = (
            usize::try_from(head.head).map_err(|_| CUT)?,
            usize::try_from(head.len).map_err(|_| CUT)?,
        );
        all.push(Child {
            kind: head.kind,
            at: at + skip,
            body: rest.get(skip..len).ok_or(CUT)?,
        });
        at += len;
    }
    Ok(all)
}

fn need<'a>(bytes: &'a [u8], kind: &Kind) -> Result<(usize, &'a [u8])> {
    let found = children(bytes)?
        .into_iter()
        .find(|child| child.kind == *kind);
    found
        .map(|child| (child.at, child.body))
        .ok_or(Malformed("a box is missing"))
}

fn u32_at(bytes: &[u8], at: usize) -> Result<u32> {
    let word = bytes
        .get(at..at.saturating_add(4))
        .and_then(|word| word.try_into().ok())
        .ok_or(CUT)?;
    Ok(u32::from_be_bytes(word))
}

fn u64_at(bytes: &[u8], at: usize) -> Result<u64> {
    let word = bytes
        .get(at..at.saturating_add(8))
        .and_then(|word| word.try_into().ok())
        .ok_or(CUT)?;
    Ok(u64::from_be_bytes(word))
}

#[cfg(test)]
#[path = "boxes_tests.rs"]
pub(crate) mod tests;
