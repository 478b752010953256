//! Who watched a video, when, and how far: what its owner may know.

use super::store::stats as store;
use super::{Video, VideoId};
use crate::app::App;
use crate::check::iso;
use crate::error::{Error, Result};
use base::clock::{DAY, HOUR, MINUTE, Millis};
use schemars::JsonSchema;
use serde::Serialize;
use time::{Date, Month, OffsetDateTime, Time};

/// A stretch of time; both ends belong to it.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    pub from: Millis,
    pub until: Millis,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Overall {
    /// Seconds.
    pub total_watch_time: i64,
    pub average_watch_time: i64,
    pub total_viewers: i64,
    pub viewers_peak: i64,
    pub viewers_peak_date: Option<String>,
    /// Files that were saved.
    pub downloads: i64,
    pub countries: Vec<Country>,
    pub subdivisions: Vec<Named>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Country {
    pub iso_code: String,
    pub viewers: i64,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Named {
    pub name: String,
    pub viewers: i64,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Second {
    pub second: i64,
    pub retention_percent: f64,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Retention {
    pub data: Vec<Second>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Series {
    pub group_interval: &'static str,
    pub data: Vec<Point>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Point {
    pub date: String,
    pub value: i64,
}

/// What programs and devices it was watched with.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Agents {
    pub clients: Vec<Named>,
    pub devices: Vec<Named>,
    pub operating_system: Vec<Named>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    Viewers,
    WatchTime,
    Downloads,
}

pub async fn overall(app: &App, video: &Video, span: Span) -> Result<Overall> {
    let sums = store::sums(&app.db, video.id, span).await?;
    let peak = store::peak(&app.db, video.id, span).await?;
    let peak = peak.filter(|(viewers, _)| *viewers > 0);
    let countries = store::places(&app.db, video.id, span, store::Place::Country).await?;
    let regions = store::places(&app.db, video.id, span, store::Place::Subdivision).await?;
    let saved = store::downloads(&app.db, video.id, span).await?;
    let average = sums.watched_s.checked_div(sums.whole).unwrap_or(0);
    Ok(Overall {
        total_watch_time: sums.watched_s,
        average_watch_time: average,
        total_viewers: sums.viewers,
        viewers_peak: peak.map_or(0, |(viewers, _)| viewers),
        viewers_peak_date: peak.map(|(_, at)| iso(at)),
        downloads: saved.iter().map(|(_, count)| count).sum(),
        countries: countries
            .into_iter()
            .map(|(iso_code, viewers)| Country { iso_code, viewers })
            .collect(),
        subdivisions: regions.into_iter().map(named).collect(),
    })
}

fn named((name, viewers): (String, i64)) -> Named {
    Named { name, viewers }
}

pub async fn agents(app: &App, video: &Video, span: Span) -> Result<Agents> {
    let of = async |place| -> Result<Vec<Named>> {
        let found = store::places(&app.db, video.id, span, place).await?;
        Ok(found.into_iter().map(named).collect())
    };
    Ok(Agents {
        clients: of(store::Place::Client).await?,
        devices: of(store::Place::Device).await?,
        operating_system: of(store::Place::System).await?,
    })
}

/// How much of the audience saw each part of the video.
pub async fn retention(app: &App, video: &Video) -> Result<Retention> {
    let sittings = store::sections(&app.db, video.id).await?;
    let duration_s = video.duration_s;
    let data = tokio::task::spawn_blocking(move || curve(duration_s, &sittings)).await;
    Ok(Retention {
        data: data.map_err(Error::internal)?,
    })
}

#[expect(
    clippy::cast_precision_loss,
    reason = "numbers of people are far below what a double counts exactly"
)]
#[expect(clippy::as_conversions, reason = "the same")]
fn curve(duration_s: i64, sittings: &[Vec<(i64, i64)>]) -> Vec<Second> {
    let step = ((duration_s + 50) / 100).max(1);
    let all = sittings.len().max(1) as f64;
    let seen_at = |second: i64| {
        sittings
            .iter()
            .filter(|sections| {
                sections
                    .iter()
                    .any(|(from, to)| (*from..=*to).contains(&second))
            })
            .count()
    };
    let mut seconds = Vec::new();
    let mut second = 0;
    while second <= duration_s {
        seconds.push(Second {
            second,
            retention_percent: seen_at(second) as f64 / all * 100.0,
        });
        second += step;
    }
    seconds
}

/// A value for each interval of the span, zeros included.
pub async fn series(app: &App, video: &Video, span: Span, metric: Metric) -> Result<Series> {
    let interval = Interval::of(span);
    if metric == Metric::Downloads {
        let saved = store::downloads(&app.db, video.id, span).await?;
        return Ok(Series {
            group_interval: interval.name(),
            data: saved_points(&interval.starts(span), span, &saved),
        });
    }
    let sittings = store::sittings(&app.db, video.id, span).await?;
    let count = move || points(&interval.starts(span), span, metric, &sittings);
    let data = tokio::task::spawn_blocking(count).await;
    Ok(Series {
        group_interval: interval.name(),
        data: data.map_err(Error::internal)?,
    })
}

fn points(starts: &[Millis], span: Span, metric: Metric, sittings: &[Sitting]) -> Vec<Point> {
    let ends = starts.iter().skip(1).copied().chain([span.until + 1]);
    let point = |(start, end): (&Millis, Millis)| {
        let value = match metric {
            Metric::Viewers => sittings
                .iter()
                .filter(|it| it.started_at < end && it.last_at >= *start)
                .map(|_| 1)
                .sum(),
            Metric::WatchTime => sittings
                .iter()
                .filter(|it| (*start..end).contains(&it.last_at))
                .map(|it| it.watched_s)
                .sum(),
            Metric::Downloads => 0,
        };
        Point {
            date: iso(*start),
            value,
        }
    };
    starts.iter().zip(ends).map(point).collect()
}

/// Each hour belongs to the point in which it begins; the first also has what began before it in the same hour.
fn saved_points(starts: &[Millis], span: Span, saved: &[(Millis, i64)]) -> Vec<Point> {
    let ends = starts.iter().skip(1).copied().chain([span.until + 1]);
    let first = starts.first().copied().unwrap_or(span.from);
    let point = |(start, end): (&Millis, Millis)| Point {
        date: iso(*start),
        value: saved
            .iter()
            .filter(|(at, _)| (*start..end).contains(&(*at).max(first)))
            .map(|(_, count)| count)
            .sum(),
    };
    starts.iter().zip(ends).map(point).collect()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Interval {
    Minute,
    TenMinutes,
    Hour,
    Day,
    Month,
}

impl Interval {
    /// So that a chart has some dozens to some hundreds of points.
    fn of(span: Span) -> Self {
        match span.until - span.from {
            length if length > 365 * DAY => Interval::Month,
            length if length > 3 * DAY => Interval::Day,
            length if length > 12 * HOUR => Interval::Hour,
            length if length > HOUR => Interval::TenMinutes,
            _ => Interval::Minute,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Interval::Minute => "1 minute",
            Interval::TenMinutes => "10 minutes",
            Interval::Hour => "1 hour",
            Interval::Day => "1 day",
            Interval::Month => "1 month",
        }
    }

    fn starts(self, span: Span) -> Vec<Millis> {
        let length = match self {
            Interval::Minute => MINUTE,
            Interval::TenMinutes => 10 * MINUTE,
            Interval::Hour => HOUR,
            Interval::Day => DAY,
            Interval::Month => return months(span),
        };
        let first = span.from - span.from.rem_euclid(length);
        let count = usize::try_from((span.until - first) / length + 1).unwrap_or(0);
        std::iter::successors(Some(first), |start| Some(start + length))
            .take(count)
            .collect()
    }
}

fn months(span: Span) -> Vec<Millis> {
    let day = |at: Millis| {
        OffsetDateTime::from_unix_timestamp(at / 1000)
            .unwrap_or(OffsetDateTime::UNIX_EPOCH)
            .date()
    };
    let first = day(span.from);
    let (mut year, mut month) = (first.year(), first.month());
    let mut starts = Vec::new();
    while let Ok(date) = Date::from_calendar_date(year, month, 1) {
        let start = date.with_time(Time::MIDNIGHT).assume_utc().unix_timestamp() * 1000;
        if start > span.until || starts.len() > 240 {
            break;
        }
        starts.push(start);
        year += i32::from(month == Month::December);
        month = month.next();
    }
    starts
}

/// One sitting as a chart counts it.
#[derive(Debug, serde::Deserialize)]
pub struct Sitting {
    pub started_at: Millis,
    pub last_at: Millis,
    pub watched_s: i64,
}

/// From its first day until now, for who names no dates.
pub fn whole_life(app: &App, video: &Video) -> Span {
    Span {
        from: video.published_at.min(video.created_at),
        until: app.clock.now(),
    }
}

/// Notes with what a video is watched, when its player says so.
pub async fn note_agent(
    on: impl base::db::Executor,
    video_id: VideoId,
    session: &str,
    agent: &Agent,
) -> Result<()> {
    if agent.client.is_some() || agent.device.is_some() || agent.system.is_some() {
        store::note_agent(on, video_id, session, agent).await?;
    }
    Ok(())
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Agent {
    pub client: Option<String>,
    pub device: Option<String>,
    pub system: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_curve_of_known_sittings_is_known() {
        let sittings = vec![vec![(0, 10)], vec![(0, 4), (8, 10)]];
        let curve = curve(10, &sittings);
        let percents: Vec<f64> = curve.iter().map(|it| it.retention_percent).collect();
        let half = [
            100.0, 100.0, 100.0, 100.0, 100.0, 50.0, 50.0, 50.0, 100.0, 100.0, 100.0,
        ];
        assert_eq!(percents, half);
        assert_eq!(super::curve(1000, &[]).len(), 101);
    }

    #[test]
    fn intervals_follow_the_length_and_the_calendar() {
        let january = 1_767_225_600_000; // 1 January 2026
        let span = |days| Span {
            from: january + HOUR,
            until: january + days * DAY,
        };
        assert_eq!(Interval::of(span(2)).starts(span(2)).len(), 48);
        assert_eq!(Interval::of(span(30)).name(), "1 day");
        assert_eq!(Interval::of(span(30)).starts(span(30))[0], january);
        let starts = Interval::of(span(400)).starts(span(400));
        assert_eq!(starts.len(), 14);
        assert_eq!(iso(starts[2]), "2026-03-01T00:00:00.000Z");
    }
}
