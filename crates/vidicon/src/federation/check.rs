//! What another server says to us, step by step, for an administrator who wonders.

use super::store;
use super::{keys, local, peer_info, remote, rules};
use crate::app::App;
use fediverse::address::Id;
use fediverse::webfinger::{Handle, read_host};
use std::fmt::Write;

/// Asks a server all that following it would ask, and says what came of it.
pub async fn run(app: &App, address: &str) -> anyhow::Result<String> {
    let bare = address.split("://").last().unwrap_or(address);
    let host = read_host(bare.split('/').next().unwrap_or(bare))?;
    let mut out = String::new();
    let server = local::server_actor(app).await?;
    let signer = keys::signer(app, &server).await?;
    writeln!(
        out,
        "We ask as {} with the key {}.",
        signer.actor_url, signer.key_id
    )?;
    writeln!(
        out,
        "They must be able to read that actor: {}",
        reachable(app)
    )?;
    match peer_info::software(app, &host).await {
        Ok(found) => writeln!(out, "NodeInfo: {} {}", found.name, found.version)?,
        Err(error) => writeln!(out, "NodeInfo: not found ({error})")?,
    }
    let handle = Handle {
        name: super::SERVER_NAME.to_owned(),
        host: host.clone(),
    };
    let id = match remote::look_up(app, &handle).await {
        Ok(found) => {
            writeln!(out, "WebFinger: {handle} is {found}")?;
            found
        }
        Err(error) => {
            writeln!(out, "WebFinger: {handle} is not known there ({error})")?;
            let scheme = if rules(app).http_allowed {
                "http"
            } else {
                "https"
            };
            Id::parse(
                &format!("{scheme}://{host}/accounts/{}", super::SERVER_NAME),
                rules(app),
            )?
        }
    };
    match remote::refresh(app, &id).await {
        Ok(actor) => {
            writeln!(
                out,
                "Its actor answers a signed question, and its key can be used."
            )?;
            writeln!(
                out,
                "Deliveries go to {}",
                actor
                    .shared_inbox_url
                    .or(actor.inbox_url)
                    .unwrap_or_default()
            )?;
        }
        Err(error) => writeln!(out, "Its actor was not had: {error}")?,
    }
    tell_dealings(app, &host, &mut out).await?;
    Ok(out)
}

/// What has gone between the two servers so far.
async fn tell_dealings(app: &App, host: &str, out: &mut String) -> anyhow::Result<()> {
    let Some(peer) = store::peer(&app.db, host).await? else {
        writeln!(out, "Nothing was sent to it or came from it so far.")?;
        return Ok(());
    };
    let time = |at: Option<i64>| at.map_or("never".to_owned(), crate::check::iso);
    writeln!(
        out,
        "Last received: {}. Last delivered: {}.",
        time(peer.last_received_at),
        time(peer.last_success_at)
    )?;
    if let Some(error) = &peer.last_error {
        writeln!(out, "Last error ({}): {error}", time(peer.last_error_at))?;
    }
    writeln!(
        out,
        "Waiting: {}. Next try: {}.",
        peer.waiting,
        time(peer.retry_at)
    )?;
    Ok(())
}

fn reachable(app: &App) -> String {
    let url = &app.config.server.public_url;
    if url.starts_with("https://") {
        format!("{url}/accounts/{}", super::SERVER_NAME)
    } else {
        format!("{url} is not https, so other servers will refuse it.")
    }
}
