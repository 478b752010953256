//! Invents videos and comments, each number always the same one.

use super::media::Media;
use super::rows::Person;
use super::words::{self, Numbers, Text};
use crate::account::AccountId;
use crate::video::{Counters, VideoId};
use base::clock::{DAY, Millis};
use uuid::Uuid;

const LANGUAGES: [Option<&str>; 8] = [
    Some("en"),
    Some("en"),
    Some("fr"),
    Some("de"),
    Some("es"),
    Some("pt"),
    Some("ja"),
    None,
];
/// The newest video is of now, the oldest this old.
const AGE: Millis = 3 * 365 * DAY;

pub struct Planned {
    pub uuid: Uuid,
    pub person: Person,
    pub text: Text,
    pub category: i64,
    pub licence: Option<i64>,
    pub language: Option<&'static str>,
    pub nsfw: bool,
    pub trending: i64,
    pub counters: Counters,
    pub media: Media,
    /// Which of the run's clips that is a copy of.
    pub template: usize,
    /// Of each thread: how many replies it has.
    pub threads: Vec<i64>,
}

pub struct NewComment {
    pub video_id: VideoId,
    pub account_id: AccountId,
    pub text: &'static str,
    pub replies: i64,
    pub at: Millis,
}

/// Where a run stands.
#[derive(Clone, Copy)]
pub struct Run<'a> {
    pub people: &'a [Person],
    pub templates: &'a [Media],
    /// Of the whole run.
    pub videos: u64,
    pub first: u64,
    pub now: Millis,
}

impl Run<'_> {
    /// The video with this number of `0..videos`; later ones are newer.
    pub fn video(&self, number: u64) -> Option<Planned> {
        let mut numbers = Numbers::of(self.first + number);
        let person = *pick(self.people, &mut numbers)?;
        let template =
            usize::try_from(numbers.below(i64::try_from(self.templates.len()).ok()?)).ok()?;
        let threads: Vec<i64> = (0..numbers.below(4))
            .map(|_| (numbers.below(8) - 5).max(0))
            .collect();
        let steps = i64::try_from(self.videos - number).unwrap_or(1);
        let step = AGE / i64::try_from(self.videos).unwrap_or(1).max(1);
        let views = numbers.skewed(50_000);
        let counters = Counters {
            views,
            likes: numbers.below(views / 10 + 2),
            dislikes: numbers.below(views / 200 + 1),
            comment_count: threads.iter().map(|replies| 1 + replies).sum(),
            published_at: self.now - steps * step,
        };
        let uuid = numbers.uuid();
        Some(Planned {
            uuid,
            template,
            person,
            text: words::video(&mut numbers),
            category: 1 + numbers.below(18),
            licence: (numbers.below(3) > 0).then(|| 1 + numbers.below(7)),
            language: pick(&LANGUAGES, &mut numbers).copied().flatten(),
            nsfw: numbers.below(50) == 0,
            trending: numbers.skewed(500),
            counters,
            media: self.templates.get(template)?.renamed(uuid),
            threads,
        })
    }

    pub fn comments(&self, id: VideoId, video: &Planned) -> Vec<NewComment> {
        let mut numbers = Numbers::of(u64::try_from(id.0).unwrap_or(0) ^ 0x5EED);
        let mut found = Vec::new();
        for replies in &video.threads {
            let Some(person) = pick(self.people, &mut numbers) else {
                continue;
            };
            found.push(NewComment {
                video_id: id,
                account_id: person.account_id,
                text: words::remark(&mut numbers),
                replies: *replies,
                at: (video.counters.published_at + numbers.below(20 * DAY)).min(self.now),
            });
        }
        found
    }
}

fn pick<'a, T>(from: &'a [T], numbers: &mut Numbers) -> Option<&'a T> {
    let at = numbers.below(i64::try_from(from.len()).ok()?);
    from.get(usize::try_from(at).ok()?)
}
