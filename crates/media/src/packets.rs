//! The packet index of one stream: when each frame is shown, and which are keyframes. Nothing is decoded.

use std::ffi::OsString;

use tokio_util::sync::CancellationToken;

use crate::error::{MediaError, Result};
use crate::probe::{ProbeLimits, parse_us, unreadable};
use crate::process::{self, Program, Run};
use crate::source::Source;
use crate::tool::Ffmpeg;

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Packets {
    /// Times at which frames are shown, sorted.
    pub shown_us: Vec<i64>,
    pub keyframes_us: Vec<i64>,
    pub end_us: i64,
    /// Frames before the start of an edit list, which are not to be shown.
    pub dropped: usize,
}

impl Packets {
    pub fn first_us(&self) -> i64 {
        self.shown_us.first().copied().unwrap_or(0)
    }

    /// The 10th percentile of the gaps between frames.
    pub fn short_gap_us(&self) -> i64 {
        let mut gaps = self.gaps();
        let tenth = gaps.len() / 10;
        if gaps.is_empty() {
            0
        } else {
            *gaps.select_nth_unstable(tenth).1
        }
    }

    /// The longest time between two keyframes, or from the last one to the end.
    pub fn longest_keyframe_gap_us(&self) -> i64 {
        let after = self.keyframes_us.iter().skip(1).chain([&self.end_us]);
        self.keyframes_us
            .iter()
            .zip(after)
            .map(|(a, b)| b - a)
            .max()
            .unwrap_or(i64::MAX)
    }

    fn gaps(&self) -> Vec<i64> {
        self.shown_us
            .iter()
            .zip(self.shown_us.iter().skip(1))
            .map(|(a, b)| b - a)
            .collect()
    }

    /// The end is that of the last frame; where its length is not known, a usual one is taken.
    fn finish(mut self, last_duration_us: Option<i64>) -> Self {
        self.shown_us.sort_unstable();
        self.keyframes_us.sort_unstable();
        let mut gaps = self.gaps();
        let middle = gaps.len() / 2;
        let median = if gaps.is_empty() {
            0
        } else {
            *gaps.select_nth_unstable(middle).1
        };
        let sane = |us: &i64| (1..1_000_000).contains(us);
        let last = last_duration_us
            .filter(sane)
            .or(Some(median).filter(sane))
            .unwrap_or(33_333);
        self.end_us = self.shown_us.last().map_or(0, |shown| shown + last);
        self
    }
}

/// Reads the whole file once.
pub async fn packets(
    ffmpeg: &Ffmpeg,
    source: &Source,
    stream: u32,
    limits: &ProbeLimits,
    cancel: &CancellationToken,
) -> Result<Packets> {
    let mut run = Run::new(
        Program::Ffprobe,
        "Reading the file",
        packet_args(source, stream),
    );
    run.memory_bytes = source.reading_bytes();
    let mut packets = Packets::default();
    let mut last = (i64::MIN, None);
    let read = process::lines(ffmpeg, run.within(limits.time_limit_s), cancel, |line| {
        let Some(packet) = Packet::read(line) else {
            return Ok(());
        };
        if packet.is_dropped {
            packets.dropped += 1;
            if !packet.is_key {
                return Ok(());
            }
        }
        if packet.is_key {
            packets.keyframes_us.push(packet.shown_us);
        }
        if packet.is_dropped {
            return Ok(());
        }
        packets.shown_us.push(packet.shown_us);
        if packet.shown_us >= last.0 {
            last = (packet.shown_us, packet.duration_us);
        }
        if packets.shown_us.len() > limits.max_packets {
            return Err(MediaError::Unreadable("it has too many frames".into()));
        }
        Ok(())
    });
    read.await.map_err(unreadable)?;
    if packets.shown_us.is_empty() {
        return Err(MediaError::Unreadable(
            "no frame could be found in it".into(),
        ));
    }
    let packets = packets.finish(last.1);
    let seconds = (packets.end_us - packets.first_us()) / 1_000_000;
    if u64::try_from(seconds).unwrap_or(0) > limits.max_duration_s {
        return Err(MediaError::Unreadable(format!(
            "it lasts {seconds} s, which is too long"
        )));
    }
    Ok(packets)
}

pub(crate) fn packet_args(source: &Source, stream: u32) -> Vec<OsString> {
    let mut args: Vec<OsString> = ["-hide_banner", "-v", "error"].map(OsString::from).to_vec();
    args.extend(source.limits());
    args.extend(["-select_streams", &stream.to_string()].map(OsString::from));
    args.extend(
        [
            "-show_entries",
            "packet=pts_time,dts_time,duration_time,flags",
        ]
        .map(OsString::from),
    );
    args.extend(["-of", "compact=p=0", "-i"].map(OsString::from));
    args.push(source.address());
    args
}

struct Packet {
    shown_us: i64,
    duration_us: Option<i64>,
    is_key: bool,
    is_dropped: bool,
}

impl Packet {
    /// `pts_time=0.033333|dts_time=0.000000|duration_time=0.033333|flags=K_`
    fn read(line: &str) -> Option<Self> {
        let (mut pts, mut dts, mut duration, mut flags) = (None, None, None, "");
        for field in line.split('|') {
            match field.split_once('=') {
                Some(("pts_time", value)) => pts = parse_us(value),
                Some(("dts_time", value)) => dts = parse_us(value),
                Some(("duration_time", value)) => duration = parse_us(value),
                Some(("flags", value)) => flags = value,
                _ => {}
            }
        }
        Some(Self {
            shown_us: pts.or(dts)?,
            duration_us: duration,
            is_key: flags.contains('K'),
            is_dropped: flags.contains('D'),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read() {
        let packet =
            Packet::read("pts_time=N/A|dts_time=0.040000|duration_time=0.040000|flags=KD").unwrap();
        assert_eq!(
            (packet.shown_us, packet.duration_us),
            (40_000, Some(40_000))
        );
        assert!(packet.is_key && packet.is_dropped);
        assert!(Packet::read("pts_time=N/A|flags=K_").is_none());
        assert!(Packet::read("").is_none());
    }

    #[test]
    fn the_end_is_that_of_the_last_frame() {
        let shown = Packets {
            shown_us: vec![80_000, 0, 40_000],
            keyframes_us: vec![0],
            ..Packets::default()
        };
        let packets = shown.clone().finish(Some(40_000));
        assert_eq!((packets.end_us, packets.short_gap_us()), (120_000, 40_000));
        assert_eq!(packets.longest_keyframe_gap_us(), 120_000);
        assert_eq!(shown.finish(Some(5_000_000)).end_us, 120_000);
        let one = Packets {
            shown_us: vec![7],
            ..Packets::default()
        };
        assert_eq!(one.finish(None).end_us, 33_340);
    }
}
