//! Time zones by their IANA names, as the operating system has them (Debian's package `tzdata`).
//! Where there are none, all times are UTC.

use base::clock::Millis;
use parking_lot::Mutex;
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, LazyLock};
use tz::TimeZone;

/// What the settings of a user call their zone.
pub const SETTING: &str = "timeZone";
const FOLDER: &str = "/usr/share/zoneinfo";
/// Zone files are a few kilobytes.
const LARGEST_BYTES: u64 = 64 * 1024;

/// The zones that were asked for; only those that there are, so it cannot grow.
static READ: LazyLock<Mutex<HashMap<String, Zone>>> = LazyLock::new(Mutex::default);

/// The names that a person can choose from, in the order of the alphabet.
static NAMES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let table = std::fs::read_to_string(Path::new(FOLDER).join("zone.tab")).unwrap_or_default();
    let lines = table.lines().filter(|line| !line.starts_with('#'));
    let mut names: Vec<String> = lines
        .filter_map(|line| line.split('\t').nth(2).map(str::to_owned))
        .collect();
    names.sort_unstable();
    names.dedup();
    names
});

pub fn names() -> &'static [String] {
    &NAMES
}

/// The name of the zone that somebody has chosen.
pub fn chosen(settings: &Map<String, Value>) -> Option<String> {
    let name = settings.get(SETTING).and_then(Value::as_str)?;
    Zone::find(name).map(|_| name.to_owned())
}

/// Where somebody's clock differs from UTC, and by how much at each time.
#[derive(Clone, Debug, Default)]
pub struct Zone(Option<Arc<TimeZone>>);

impl Zone {
    /// The zone of this name; nothing if the system knows none.
    pub fn find(name: &str) -> Option<Self> {
        if let Some(zone) = READ.lock().get(name) {
            return Some(zone.clone());
        }
        let path = Path::new(FOLDER).join(checked(name)?);
        if std::fs::metadata(&path).ok()?.len() > LARGEST_BYTES {
            return None;
        }
        let zone = TimeZone::from_tz_data(&std::fs::read(path).ok()?).ok()?;
        let zone = Zone(Some(Arc::new(zone)));
        READ.lock().insert(name.to_owned(), zone.clone());
        Some(zone)
    }

    /// The one that somebody has chosen in their settings, else UTC.
    pub fn of(settings: &Map<String, Value>) -> Self {
        let name = settings.get(SETTING).and_then(Value::as_str);
        name.and_then(Self::find).unwrap_or_default()
    }

    /// What a clock on the wall shows then, as if it were UTC.
    pub fn local(&self, at: Millis) -> Millis {
        at + self.offset_s(at) * 1000
    }

    /// When a clock on the wall shows this, given as if it were UTC. What it shows twice is meant the first time.
    pub fn at(&self, local: Millis) -> Millis {
        let guess = local - self.offset_s(local) * 1000;
        let earlier = local - self.offset_s(guess) * 1000;
        if self.local(earlier) == local {
            earlier
        } else {
            guess
        }
    }

    fn offset_s(&self, at: Millis) -> i64 {
        let Some(zone) = &self.0 else {
            return 0;
        };
        let found = zone.find_local_time_type(at.div_euclid(1000));
        found.map_or(0, |kind| i64::from(kind.ut_offset()))
    }

    /// `2026-11-30 10:15 +01:00`.
    pub fn moment(&self, at: Millis) -> String {
        let local: String = crate::check::iso(self.local(at)).chars().take(16).collect();
        let minutes = self.offset_s(at) / 60;
        let sign = if minutes < 0 { '-' } else { '+' };
        let (hours, rest) = (minutes.abs() / 60, minutes.abs() % 60);
        format!("{} {sign}{hours:02}:{rest:02}", local.replace('T', " "))
    }
}

/// Letters, digits and a few signs between slashes: no path that leads elsewhere.
fn checked(name: &str) -> Option<&str> {
    let is_part = |part: &str| {
        let mut bytes = part.bytes();
        bytes
            .next()
            .is_some_and(|byte| byte.is_ascii_alphanumeric())
            && bytes.all(|byte| byte.is_ascii_alphanumeric() || b"_+-".contains(&byte))
    };
    (name.len() <= 64 && name.split('/').all(is_part)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 1 July and 1 December 2026, noon UTC.
    const SUMMER: Millis = 1_782_907_200_000;
    const WINTER: Millis = 1_796_126_400_000;

    #[test]
    fn clocks_differ_by_place_and_season() {
        for (name, summer, winter) in [
            (
                "Europe/Berlin",
                "2026-07-01 14:00 +02:00",
                "2026-12-01 13:00 +01:00",
            ),
            (
                "America/St_Johns",
                "2026-07-01 09:30 -02:30",
                "2026-12-01 08:30 -03:30",
            ),
            (
                "Pacific/Kiritimati",
                "2026-07-02 02:00 +14:00",
                "2026-12-02 02:00 +14:00",
            ),
            (
                "Etc/UTC",
                "2026-07-01 12:00 +00:00",
                "2026-12-01 12:00 +00:00",
            ),
        ] {
            let zone = Zone::find(name).unwrap();
            assert_eq!(zone.moment(SUMMER), summer, "{name}");
            assert_eq!(zone.moment(WINTER), winter, "{name}");
        }
        // The night when clocks go forward and the one when they go back, around the missing and the double hour.
        let berlin = Zone::find("Europe/Berlin").unwrap();
        for local in [
            "2026-03-29T01:59",
            "2026-03-29T03:00",
            "2026-10-25T01:59",
            "2026-10-25T03:00",
        ] {
            let local = crate::check::parse_date(&format!("{local}:00Z")).unwrap();
            assert_eq!(berlin.local(berlin.at(local)), local);
        }
        assert_eq!(Zone::default().at(SUMMER), SUMMER);
        // Long after the last line of the table the rule goes on.
        assert_eq!(berlin.moment(3_991_896_000_000), "2096-06-30 14:00 +02:00");
        assert_eq!(Zone::default().moment(SUMMER), "2026-07-01 12:00 +00:00");
        assert!(names().len() > 300 && names().iter().all(|name| Zone::find(name).is_some()));
    }

    #[test]
    fn what_is_no_zone_is_none() {
        for name in [
            "",
            "Europe",
            "Europe/Atlantis",
            "../etc/passwd",
            "/etc/passwd",
            "Europe/../Europe/Berlin",
            "zone.tab",
            "Europe//Berlin",
        ] {
            assert!(Zone::find(name).is_none(), "{name}");
        }
    }
}
