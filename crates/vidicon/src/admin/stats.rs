//! The public figures of the site. Counting takes a while on a large site, so the figures are
//! kept for some minutes.

use super::{jobs, store};
use crate::app::App;
use crate::error::Result;
use crate::instance;
use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use base::clock::{MINUTE, Millis};
use serde_json::{Map, Value, json};

const KEPT_FOR: Millis = 5 * MINUTE;

/// What other servers send; clients expect a figure for each.
const ACTIVITIES: [&str; 14] = [
    "Create",
    "Update",
    "Delete",
    "Follow",
    "Accept",
    "Reject",
    "Announce",
    "Undo",
    "Like",
    "Dislike",
    "Flag",
    "View",
    "ApproveReply",
    "RejectReply",
];

pub async fn show(State(app): State<App>) -> Result<Response> {
    let (figures, for_ms) = figures(&app).await?;
    Ok(answer(figures, for_ms))
}

/// The figures, and how long they still hold.
pub async fn figures(app: &App) -> Result<(Value, Millis)> {
    let now = app.clock.now();
    let kept = instance::fact(&app.db, "stats").await?;
    if let Some(kept) = &kept
        && let (Some(at), Some(figures)) =
            (kept.get("at").and_then(Value::as_i64), kept.get("figures"))
        && (0..KEPT_FOR).contains(&(now - at))
    {
        return Ok((figures.clone(), KEPT_FOR - (now - at)));
    }
    let figures = count(app).await?;
    let keep = json!({ "at": now, "figures": figures });
    instance::keep_fact(&app.db, &app.clock, "stats", keep).await?;
    Ok((figures, KEPT_FOR))
}

/// What is kept of other servers' videos, by what had it fetched.
async fn mirrors(app: &App) -> Result<Vec<Value>> {
    let kept = store::mirrors(&app.db).await?;
    let of = |strategy: &str, room: Option<i64>| {
        let kept = kept.iter().find(|it| it.strategy == strategy);
        json!({
            "strategy": strategy, "totalSize": room,
            "totalUsed": kept.map_or(0, |it| it.size_bytes),
            "totalVideos": kept.map_or(0, |it| it.videos),
            "totalVideoFiles": kept.map_or(0, |it| it.files),
        })
    };
    let wanted = app.config.federation.mirrors.iter();
    let mut all: Vec<Value> = wanted
        .map(|it| of(&it.strategy, Some(it.size_bytes)))
        .collect();
    all.push(of("manual", None));
    Ok(all)
}

fn answer(figures: Value, for_ms: Millis) -> Response {
    let kept = format!("max-age={}", for_ms / 1000);
    ([(header::CACHE_CONTROL, kept)], Json(figures)).into_response()
}

async fn count(app: &App) -> Result<Value> {
    let people = store::people(&app.db, app.clock.now()).await?;
    let things = store::things(&app.db).await?;
    let mut figures = json!({
        "totalUsers": people.users,
        "totalDailyActiveUsers": people.daily,
        "totalWeeklyActiveUsers": people.weekly,
        "totalMonthlyActiveUsers": people.monthly,
        "totalModerators": people.moderators,
        "totalAdmins": people.admins,
        "totalLocalVideos": things.local_videos,
        "totalLocalVideoViews": things.local_views,
        "totalLocalVideoDownloads": things.local_downloads,
        "totalLocalVideoComments": things.local_comments,
        "totalLocalVideoFilesSize": things.local_size_bytes,
        "totalVideos": things.videos,
        "totalVideoComments": things.comments,
        "totalLocalVideoChannels": people.channels,
        "totalLocalDailyActiveVideoChannels": people.channels_daily,
        "totalLocalWeeklyActiveVideoChannels": people.channels_weekly,
        "totalLocalMonthlyActiveVideoChannels": people.channels_monthly,
        "totalLocalPlaylists": things.local_playlists,
        "totalInstanceFollowers": people.followers,
        "totalInstanceFollowing": people.following,
        "videosRedundancy": mirrors(app).await?,
        "totalAbuses": things.abuses,
        "totalAbusesProcessed": things.abuses_decided,
        "averageAbuseResponseTimeMs": things.abuse_answer_ms.map(f64::round),
        "averageRegistrationRequestResponseTimeMs": things.registration_answer_ms.map(f64::round),
        "totalRegistrationRequests": things.registrations,
        "totalRegistrationRequestsProcessed": things.registrations_decided,
    });
    if let Some(figures) = figures.as_object_mut() {
        figures.extend(federation(app, jobs::federation_waiting(app).await?));
    }
    Ok(figures)
}

/// What was received since the start of this process.
fn federation(app: &App, waiting: i64) -> Map<String, Value> {
    let mut figures = Map::new();
    let (mut well, mut refused) = (0, 0);
    for name in ACTIVITIES {
        let ended = app.measures.activities.of(name);
        (well, refused) = (well + ended.well, refused + ended.refused);
        for (outcome, count) in [("Successes", ended.well), ("Errors", ended.refused)] {
            figures.insert(
                format!("totalActivityPub{name}Messages{outcome}"),
                count.into(),
            );
        }
    }
    let all = well + refused;
    for (name, count) in [("Processed", all), ("Successes", well), ("Errors", refused)] {
        figures.insert(format!("totalActivityPubMessages{name}"), count.into());
    }
    let seconds = (app.clock.now() - app.started_at) / 1000;
    let each_second = u32::try_from(all).map_or(0.0, f64::from)
        / u32::try_from(seconds.max(1)).map_or(1.0, f64::from);
    figures.insert(
        "activityPubMessagesProcessedPerSecond".to_owned(),
        each_second.into(),
    );
    figures.insert("totalActivityPubMessagesWaiting".to_owned(), waiting.into());
    figures
}
