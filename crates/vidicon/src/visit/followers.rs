//! The page of those who follow a channel, for those who run it: whoever is not wanted is sent away.

use crate::access::Me;
use crate::app::App;
use crate::channel::{self, Channel, Follower};
use crate::check::Query;
use crate::error::{Error, Result};
use crate::federation::followers;
use crate::page::form::Form;
use crate::page::table::{Act, Cell, Frame, Line, Table, asked, pages, paging, rest};
use crate::page::{Page, confirm, go};
use axum::extract::{Path, State};
use axum::response::Response;

/// `GET /my/channels/{handle}/followers`.
pub async fn show(
    State(app): State<App>,
    page: Page,
    me: Me,
    Path(handle): Path<String>,
    Query(query): Query,
) -> Result<Response> {
    let channel = managed(&app, &me, &handle).await?;
    let (number, paging) = paging(&query);
    let search = asked(&query, "search");
    let wanted = Some(search).filter(|text| !text.is_empty());
    let (total, found) = channel::followers(&app, channel.actor_id, wanted, paging).await?;
    let here = here(&channel);
    let mut table = Table::new(&page, Frame::Thing, Vec::new(), page.t("followers"));
    let back = format!("/my/channels/{}", channel.name);
    table.back = Some((back, channel.display_name.clone()));
    table.lead = page.t("followers-lead").to_owned();
    table.empty = page.t("followers-none").to_owned();
    table.columns = vec![page.t("name"), page.t("job-when")];
    table.rows = found.iter().map(|it| line(&page, it, &here)).collect();
    table.pages = pages(&here, &rest(&[("search", search)]), number, total);
    Ok(table.render())
}

async fn managed(app: &App, me: &Me, handle: &str) -> Result<Channel> {
    let channel = channel::find(app, handle).await?;
    channel::manage(app, me, &channel).await?;
    Ok(channel)
}

fn here(channel: &Channel) -> String {
    format!("/my/channels/{}/followers", channel.name)
}

fn line(page: &Page, it: &Follower, here: &str) -> Line {
    let handle = super::handle(&it.follower_name, &it.follower_host);
    // What another server calls its address is only a link when it is one.
    let url = it.follower_url.as_deref().unwrap_or_default();
    let cell = if it.follower_host.is_empty() {
        Cell::link(&it.follower_display_name, format!("/a/{handle}"))
    } else if url.starts_with("https://") || url.starts_with("http://") {
        Cell::link(&it.follower_display_name, url)
    } else {
        Cell::text(&it.follower_display_name)
    };
    let sure = page.tx("follow-remove-sure", "name", &handle);
    let act = Act::grave(here.to_owned(), page.t("remove"), sure).say(format!("remove:{handle}"));
    Line {
        cells: vec![
            cell.note(format!("@{handle}")),
            Cell::text(page.ago(it.created_at)),
        ],
        acts: vec![act],
    }
}

/// `POST /my/channels/{handle}/followers`: sends one away.
pub async fn act(
    State(app): State<App>,
    page: Page,
    me: Me,
    Path(handle): Path<String>,
    form: Form,
) -> Result<Response> {
    let channel = managed(&app, &me, &handle).await?;
    let back = here(&channel);
    let who = form.text("act").strip_prefix("remove:");
    let who = who.ok_or_else(|| Error::bad_request("There is no such act."))?;
    if !confirm::is_sure(&form) {
        let question = page.tx("follow-remove-sure", "name", who);
        let button = page.t("remove");
        return Ok(confirm::ask(
            &page,
            &form,
            question,
            Vec::new(),
            button,
            &back,
        ));
    }
    followers::remove(&app, channel.actor_id, who).await?;
    Ok(go(&app, &back, Some((false, page.t("follower-gone")))))
}
