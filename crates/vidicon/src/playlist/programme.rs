//! A playlist as a channel that never ends: whoever comes in sees what everybody sees at that time.
//!
//! Nothing is kept and nothing runs: the order of the list, the lengths of its parts and the time since the
//! list was made say what is on.

use super::store::element as store;
use super::{Playlist, PlaylistId};
use crate::app::App;
use crate::error::Result;
use base::clock::Millis;
use serde::Deserialize;
use uuid::Uuid;

/// What everybody may see of a place of the list.
#[derive(Clone, Debug, Deserialize)]
pub struct Part {
    pub position: i64,
    pub uuid: Uuid,
    pub name: String,
    pub duration_s: i64,
    pub start_s: Option<i64>,
    pub stop_s: Option<i64>,
}

/// A part with the time at which it begins.
#[derive(Clone, Debug)]
pub struct Slot {
    pub position: i64,
    pub uuid: Uuid,
    pub name: String,
    /// Seconds of the video.
    pub from_s: i64,
    pub to_s: i64,
    pub begins_at: Millis,
}

impl Slot {
    pub fn ends_at(&self) -> Millis {
        self.begins_at + (self.to_s - self.from_s) * 1_000
    }
}

/// What is on, and what follows.
#[derive(Clone, Debug)]
pub struct Programme {
    pub parts: usize,
    /// Seconds until it begins again.
    pub length_s: i64,
    pub now: Slot,
    /// The second of the video that is shown.
    pub at_s: i64,
    pub next: Slot,
}

/// What is on in a playlist; nothing where it has nothing that everybody may see.
pub async fn on(app: &App, playlist: &Playlist) -> Result<Option<Programme>> {
    let parts = store::open_parts(&app.db, playlist.id).await?;
    Ok(at(&parts, playlist.created_at, app.clock.now()))
}

/// Does it have parts that everybody may see?
pub async fn is_possible(app: &App, id: PlaylistId) -> Result<bool> {
    Ok(!store::open_parts(&app.db, id).await?.is_empty())
}

fn at(parts: &[Part], since: Millis, now: Millis) -> Option<Programme> {
    let parts: Vec<(&Part, i64, i64)> = parts
        .iter()
        .map(|part| {
            let from = part.start_s.unwrap_or(0).clamp(0, part.duration_s);
            let to = part.stop_s.unwrap_or(part.duration_s);
            (part, from, to.clamp(0, part.duration_s))
        })
        .filter(|(_, from, to)| to > from)
        .collect();
    let length_s: i64 = parts.iter().map(|(_, from, to)| to - from).sum();
    let passed_s = (now - since)
        .div_euclid(1_000)
        .checked_rem_euclid(length_s)?;
    let slot = |(part, from_s, to_s): &(&Part, i64, i64), begins_at: Millis| Slot {
        position: part.position,
        uuid: part.uuid,
        name: part.name.clone(),
        from_s: *from_s,
        to_s: *to_s,
        begins_at,
    };
    let mut left_s = passed_s;
    let mut at = 0;
    for (_, from, to) in &parts {
        if left_s < to - from {
            break;
        }
        left_s -= to - from;
        at += 1;
    }
    let on = parts.get(at)?;
    let second = now - (now - since).rem_euclid(1_000);
    let now = slot(on, second - left_s * 1_000);
    let next = parts.get(at + 1).or_else(|| parts.first())?;
    Some(Programme {
        parts: parts.len(),
        length_s,
        at_s: now.from_s + left_s,
        next: slot(next, now.ends_at()),
        now,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(position: i64, duration_s: i64, start_s: Option<i64>, stop_s: Option<i64>) -> Part {
        Part {
            position,
            uuid: Uuid::from_u128(u128::try_from(position).unwrap()),
            name: format!("Part {position}"),
            duration_s,
            start_s,
            stop_s,
        }
    }

    #[test]
    fn it_goes_round_and_round() {
        let parts = [
            part(1, 60, None, None),
            part(2, 100, Some(30), Some(50)),
            part(3, 40, Some(40), None),
            part(5, 10, None, Some(400)),
        ];
        let seen = |now_s: i64| {
            let it = at(&parts, 7_500, 7_500 + now_s * 1_000 + 400).unwrap();
            assert_eq!(
                (it.parts, it.length_s),
                (3, 90),
                "an empty part is passed over"
            );
            let (begins, ends) = (it.now.begins_at, it.now.ends_at());
            assert_eq!(it.next.begins_at, ends);
            (
                it.now.position,
                it.at_s,
                (begins - 7_500) / 1_000,
                it.next.position,
            )
        };
        assert_eq!(seen(0), (1, 0, 0, 2));
        assert_eq!(seen(59), (1, 59, 0, 2));
        assert_eq!(seen(60), (2, 30, 60, 5));
        assert_eq!(seen(79), (2, 49, 60, 5));
        assert_eq!(seen(80), (5, 0, 80, 1));
        assert_eq!(seen(90), (1, 0, 90, 2));
        assert_eq!(seen(9_000_060), (2, 30, 9_000_060, 5));
        // A clock that was set back.
        assert_eq!(seen(-1), (5, 9, -10, 1));
        assert!(at(&[], 0, 5).is_none());
        assert!(at(&parts[2..3], 0, 5).is_none());
    }
}
