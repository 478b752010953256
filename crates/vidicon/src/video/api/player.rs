//! The REST routes of the player's look and of where a video may be embedded.

use super::super::embed::{self, EVERYWHERE, Embedding, ON_DOMAINS};
use super::super::visibility::seen;
use super::super::{VideoRef, find, manage, player, tell_changed};
use crate::access::{Me, Viewer};
use crate::account::Right;
use crate::app::App;
use crate::channel;
use crate::check::{Body, Check, Query};
use crate::error::{Result, no_content};
use crate::wire;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Map, Value, json};

/// Domains for one video.
const MOST_DOMAINS: usize = 100;

fn is_raw(input: &Map<String, Value>) -> Result<bool> {
    let mut check = Check::query(input);
    let raw = check.strict_bool("raw").or(false);
    check.finish()?;
    Ok(raw)
}

/// The theme of a body; `themes` are those that may be chosen.
fn theme(body: &Map<String, Value>, themes: &[&str]) -> Result<String> {
    let mut check = Check::body(body);
    let theme = check.one_of("theme", themes);
    let theme = check.required("theme", theme).unwrap_or_default();
    check.finish()?;
    Ok(theme)
}

pub async fn of_video(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<String>,
    Query(input): Query,
    headers: HeaderMap,
) -> Result<Response> {
    let raw = is_raw(&input)?;
    let video = seen(&app, &viewer, &id, &headers).await?;
    let theme = if raw {
        player::own_theme(&app, &video).await?
    } else {
        player::theme(&app, &video).await?
    };
    wire::json(&json!({ "theme": theme }))
}

pub async fn set_of_video(
    State(app): State<App>,
    me: Me,
    Path(id): Path<String>,
    Body(body): Body,
) -> Result<Response> {
    let by = VideoRef::read(&id)?;
    let theme = theme(&body, &player::THEMES)?;
    let video = find(&app, by).await?;
    manage(&app, &me, &video, Right::UpdateAnyVideo).await?;
    player::set_theme(&app, &video, &theme).await?;
    tell_changed(&app.db, video.id, app.clock.now()).await?;
    app.workers.wake();
    wire::json(&json!({ "theme": theme }))
}

pub async fn of_channel(
    State(app): State<App>,
    Path(handle): Path<String>,
    Query(input): Query,
) -> Result<Response> {
    let raw = is_raw(&input)?;
    let channel = channel::find(&app, &handle).await?;
    let theme = if raw {
        player::own_theme_of_channel(&app, channel.id).await?
    } else {
        player::theme_of_channel(&app, channel.id).await?
    };
    wire::json(&json!({ "theme": theme }))
}

pub async fn set_of_channel(
    State(app): State<App>,
    me: Me,
    Path(handle): Path<String>,
    Body(body): Body,
) -> Result<Response> {
    let theme = theme(&body, &player::THEMES_OF_CHANNELS)?;
    let channel = channel::find(&app, &handle).await?;
    channel::manage(&app, &me, &channel).await?;
    player::set_theme_of_channel(&app, channel.id, &theme).await?;
    player::tell_channel_changed(&app, channel.actor_id).await?;
    wire::json(&json!({ "theme": theme }))
}

pub async fn embed(State(app): State<App>, me: Me, Path(id): Path<String>) -> Result<Response> {
    let video = find(&app, VideoRef::read(&id)?).await?;
    manage(&app, &me, &video, Right::UpdateAnyVideo).await?;
    let embedding = embed::of(&app, video.id).await?;
    let label = if embedding.policy == EVERYWHERE {
        "All allowed"
    } else {
        "Allowlist"
    };
    wire::json(&json!({
        "policy": { "id": embedding.policy, "label": label }, "domains": embedding.domains,
    }))
}

pub async fn set_embed(
    State(app): State<App>,
    me: Me,
    Path(id): Path<String>,
    Body(body): Body,
) -> Result<Response> {
    let by = VideoRef::read(&id)?;
    let mut check = Check::body(&body);
    let policy = check.number_of("policy", &[EVERYWHERE, ON_DOMAINS]);
    let policy = check.required("policy", policy).unwrap_or(EVERYWHERE);
    let domains = check.texts("domains", 0..=MOST_DOMAINS, 1..=255);
    let mut domains: Vec<String> = domains
        .or(Vec::new())
        .iter()
        .map(|domain| domain.trim().to_lowercase())
        .collect();
    if !domains.iter().all(|domain| is_domain(domain)) {
        check.fail("domains", "Should have an array of valid domains");
    }
    check.finish()?;
    domains.sort();
    domains.dedup();
    let video = find(&app, by).await?;
    manage(&app, &me, &video, Right::UpdateAnyVideo).await?;
    let domains = if policy == ON_DOMAINS {
        domains
    } else {
        Vec::new()
    };
    embed::set(&app, video.id, &Embedding { policy, domains }).await?;
    tell_changed(&app.db, video.id, app.clock.now()).await?;
    app.workers.wake();
    Ok(no_content())
}

/// A host name with a port or without, and nothing that a security policy could read otherwise.
fn is_domain(domain: &str) -> bool {
    let (name, port) = domain.split_once(':').unwrap_or((domain, "80"));
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    port.parse::<u16>().is_ok() && name.split('.').all(is_label)
}

/// Whether a page on this domain may show the video, and whether the one who asks sees it anyway.
pub async fn embed_allowed(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<String>,
    Query(input): Query,
) -> Result<Response> {
    let by = VideoRef::read(&id)?;
    let mut check = Check::query(&input);
    let domain = check.text("domain", 1..=260);
    let domain = check.required("domain", domain).unwrap_or_default();
    if !is_domain(&domain.to_lowercase()) {
        check.fail("domain", "Should have a valid domain");
    }
    check.finish()?;
    let video = find(&app, by).await?;
    let embedding = embed::of(&app, video.id).await?;
    let bypass = match viewer.user() {
        Some(user) => Some(
            manage(&app, user, &video, Right::UpdateAnyVideo)
                .await
                .is_ok(),
        ),
        None => None,
    };
    wire::json(&json!({
        "domainAllowed": embedding.allows(&app, &domain), "userBypassAllowed": bypass,
    }))
}

#[cfg(test)]
mod tests {
    use super::is_domain;

    #[test]
    fn domains_are_plain_names() {
        for good in [
            "example.org",
            "a.b-c.example",
            "localhost",
            "127.0.0.1",
            "example.org:8080",
        ] {
            assert!(is_domain(good), "{good}");
        }
        for wrong in [
            "",
            "https://x.org",
            "x org",
            "x;y",
            "*",
            "-x.org",
            "x..y",
            "x:y",
            "x/",
        ] {
            assert!(!is_domain(wrong), "{wrong}");
        }
    }
}
