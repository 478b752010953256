//! Flashes that may cause seizures: more than three a second over a quarter of the picture, as broadcasters and the
//! web's accessibility guidelines count them.

use std::collections::VecDeque;

use tokio_util::sync::CancellationToken;

use crate::command;
use crate::error::{MediaError, Result};
use crate::process::{self, Priority, Program, Run};
use crate::source::Source;
use crate::tool::Ffmpeg;

/// The picture is looked at in so many fields.
pub(crate) const COLUMNS: usize = 16;
pub(crate) const ROWS: usize = 9;
/// Frames a second that are looked at: twice what the fastest flashes that matter need.
pub(crate) const RATE: u64 = 30;
const FIELDS: usize = COLUMNS * ROWS;
/// A change of brightness counts from this share of full white on,
const CHANGE: f32 = 0.1;
/// if its darker end is darker than this.
const DARKER_END: f32 = 0.8;
/// A flash is two changes, there and back; four flashes are more than three.
const CHANGES: usize = 7;
/// Two spans with less between them are one.
const APART: u64 = RATE;

/// A span of time with dangerous flashes, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flashing {
    pub start_ms: u64,
    pub end_ms: u64,
}

/// Looks at every frame of a rendition.
pub async fn flashes(
    ffmpeg: &Ffmpeg,
    source: &Source,
    priority: Priority,
    cancel: &CancellationToken,
) -> Result<Vec<Flashing>> {
    let mut run = Run::new(
        Program::Ffmpeg,
        "Looking for flashes",
        command::fields(source),
    )
    .priority(priority)
    .within(6 * 3600);
    run.is_encoder = true;
    let mut finder = Finder::default();
    let mut rest = Vec::new();
    process::bytes(ffmpeg, run, cancel, |bytes| {
        rest.extend_from_slice(bytes);
        let whole = rest.len() - rest.len() % FIELDS;
        for frame in rest.get(..whole).unwrap_or_default().chunks_exact(FIELDS) {
            finder.add(frame);
        }
        rest.drain(..whole);
        Ok(())
    })
    .await?;
    if finder.frame == 0 {
        return Err(MediaError::broken("The picture", "no frame was found"));
    }
    Ok(finder.found)
}

#[derive(Default)]
struct Finder {
    frame: u64,
    fields: Vec<Field>,
    found: Vec<Flashing>,
}

#[derive(Default)]
struct Field {
    /// The brightness at which the last change ended, as far as it has gone since.
    darkest: f32,
    brightest: f32,
    /// Is it to become brighter next to count?
    rises: bool,
    has_begun: bool,
    /// The frames at which it changed, of the last second.
    changes: VecDeque<u64>,
}

impl Field {
    fn see(&mut self, frame: u64, brightness: f32) {
        if !self.has_begun {
            (self.darkest, self.brightest, self.has_begun) = (brightness, brightness, true);
        }
        self.darkest = self.darkest.min(brightness);
        self.brightest = self.brightest.max(brightness);
        let has_risen = brightness - self.darkest >= CHANGE && self.darkest < DARKER_END;
        let has_fallen = self.brightest - brightness >= CHANGE && brightness < DARKER_END;
        let is_first = self.changes.is_empty();
        if has_risen && (self.rises || is_first) {
            self.changes.push_back(frame);
            (self.rises, self.brightest, self.darkest) = (false, brightness, brightness);
        } else if has_fallen && (!self.rises || is_first) {
            self.changes.push_back(frame);
            (self.rises, self.brightest, self.darkest) = (true, brightness, brightness);
        }
        while self
            .changes
            .front()
            .is_some_and(|first| first + RATE <= frame)
        {
            self.changes.pop_front();
        }
    }
}

impl Finder {
    /// One frame: the mean of each field, as a video has it.
    fn add(&mut self, fields: &[u8]) {
        self.fields.resize_with(FIELDS, Field::default);
        for (field, luma) in self.fields.iter_mut().zip(fields) {
            field.see(self.frame, brightness(*luma));
        }
        let flash = |field: &&Field| field.changes.len() >= CHANGES;
        let flashing: Vec<&Field> = self.fields.iter().filter(flash).collect();
        if flashing.len() * 4 >= FIELDS {
            let began = flashing
                .iter()
                .filter_map(|field| field.changes.front())
                .min();
            let start = began.copied().unwrap_or(self.frame);
            self.note(start, self.frame + 1);
        }
        self.frame += 1;
    }

    fn note(&mut self, start: u64, end: u64) {
        let ms = |frame: u64| frame * 1000 / RATE;
        match self.found.last_mut() {
            Some(last) if ms(start) <= last.end_ms + ms(APART) => last.end_ms = ms(end),
            _ => self.found.push(Flashing {
                start_ms: ms(start),
                end_ms: ms(end),
            }),
        }
    }
}

/// Relative to full white, as the eye takes it in: without the curve of the signal.
fn brightness(luma: u8) -> f32 {
    (f32::from(luma) / 255.0).powf(2.2)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is found in a second of black and two seconds in which so many fields are white every `period` frames
    /// for half of it.
    fn found(fields: usize, period: u64, white: u8) -> Vec<Flashing> {
        let mut finder = Finder::default();
        for frame in 0..90_u64 {
            let is_lit = frame >= 30 && (frame / (period / 2)).is_multiple_of(2);
            let mut picture = vec![0; FIELDS];
            picture[..fields].fill(if is_lit { white } else { 0 });
            finder.add(&picture);
        }
        finder.found
    }

    #[test]
    fn five_flashes_a_second_are_found_where_they_are() {
        let found = found(FIELDS, 6, 255);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!((1000..1200).contains(&found[0].start_ms), "{found:?}");
        assert_eq!(found[0].end_ms, 3000);
    }

    #[test]
    fn what_is_slow_small_or_faint_is_harmless() {
        assert_eq!(found(FIELDS, 10, 255), [], "three a second");
        assert_eq!(found(FIELDS / 4 - 1, 6, 255), [], "less than a quarter");
        assert_eq!(found(FIELDS, 6, 80), [], "a faint change");
        assert_ne!(found(FIELDS / 4, 6, 255), [], "a quarter");
    }

    #[test]
    fn a_slow_fade_is_no_flash() {
        let mut finder = Finder::default();
        for frame in 0..120_u8 {
            finder.add(&[frame * 2; FIELDS]);
        }
        assert_eq!(finder.found, []);
    }
}
