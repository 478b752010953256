//! Pages for those who run a channel: its words and pictures, and the people who help with it.

use super::api;
use super::api::collaborator as people_api;
use super::store::collaborator as store;
use super::{Channel, ChannelId, find, manage};
use crate::access::Me;
use crate::account::picture::{self, Shape};
use crate::account::{self, User};
use crate::app::App;
use crate::check::Body;
use crate::error::{Error, Result};
use crate::page::card::initial;
use crate::page::form::Form;
use crate::page::{Page, go, words};
use crate::wire::{AVATARS, BANNERS, first_image};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Map, Value, json};

const LABELS: [(&str, &str); 7] = [
    ("displayName", "display-name"),
    ("description", "description"),
    ("support", "support"),
    ("publicEmail", "channel-mail"),
    ("avatarfile", "picture"),
    ("bannerfile", "banner"),
    ("accountHandle", "helper-name"),
];

#[derive(Template)]
#[template(path = "channel/edit.html")]
struct Edit<'p> {
    page: &'p Page,
    error: Option<String>,
    channel: Shown,
    helpers: Vec<Helper>,
    /// Only the owner invites, sends away and deletes.
    owner: bool,
    /// The last channel of an account stays.
    only: bool,
    handle: String,
}

struct Shown {
    handle: String,
    name: String,
    description: String,
    support: String,
    public_email: String,
    initial: String,
    avatar: Option<String>,
    banner: Option<String>,
}

/// Somebody who helps with the channel, or was asked to.
struct Helper {
    id: i64,
    name: String,
    handle: String,
    waits: bool,
    me: bool,
}

/// A channel that somebody asks one to help with.
#[derive(Debug)]
pub struct Invitation {
    pub id: i64,
    pub name: String,
    pub handle: String,
}

/// The open invitations of a user.
pub async fn invitations(app: &App, me: &User) -> Result<Vec<Invitation>> {
    let open = store::open_of(&app.db, me.account_id).await?;
    let ids: Vec<ChannelId> = open.iter().map(|it| it.channel_id).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let channels = super::by_ids(&app.db, &ids).await?;
    let one = |it: &store::Open| {
        let channel = channels
            .iter()
            .find(|channel| channel.id == it.channel_id)?;
        Some(Invitation {
            id: it.id,
            name: channel.display_name.clone(),
            handle: channel.name.clone(),
        })
    };
    Ok(open.iter().filter_map(one).collect())
}

/// `GET /my/channels/{handle}`.
pub async fn show(
    State(app): State<App>,
    page: Page,
    me: Me,
    Path(handle): Path<String>,
) -> Result<Response> {
    let template = template(&app, &page, &me, &handle).await?;
    Ok(page.render(&template))
}

async fn template<'p>(app: &App, page: &'p Page, me: &User, handle: &str) -> Result<Edit<'p>> {
    let channel = find(app, handle).await?;
    manage(app, me, &channel).await?;
    let owner =
        channel.account_id == me.account_id || me.has(account::Right::ManageAnyVideoChannel);
    Ok(Edit {
        page,
        error: None,
        helpers: helpers(app, me, &channel).await?,
        owner,
        only: super::count_of(&app.db, channel.account_id).await? <= 1,
        channel: shown(channel),
        handle: String::new(),
    })
}

fn shown(channel: Channel) -> Shown {
    Shown {
        initial: initial(&channel.display_name),
        avatar: first_image(AVATARS, channel.avatars.as_deref()),
        banner: first_image(BANNERS, channel.banners.as_deref()),
        handle: channel.name,
        name: channel.display_name,
        description: channel.description.unwrap_or_default(),
        support: channel.support.unwrap_or_default(),
        public_email: channel.public_email.unwrap_or_default(),
    }
}

async fn helpers(app: &App, me: &User, channel: &Channel) -> Result<Vec<Helper>> {
    let people = store::of_channel(&app.db, channel.id).await?;
    let ids: Vec<_> = people.iter().map(|it| it.account_id).collect();
    let profiles = account::profiles_of(&app.db, &ids).await?;
    let one = |it: &store::Collaborator| {
        let profile = profiles
            .iter()
            .find(|it_| it_.account_id == it.account_id)?;
        Some(Helper {
            id: it.id,
            name: profile.display_name.clone(),
            handle: profile.name.clone(),
            waits: it.state == "pending",
            me: it.account_id == me.account_id,
        })
    };
    Ok(people.iter().filter_map(one).collect())
}

/// `POST /my/channels/{handle}`.
pub async fn save(
    State(app): State<App>,
    page: Page,
    me: Me,
    Path(handle): Path<String>,
    form: Form,
) -> Result<Response> {
    let done = change(&app, &me, &handle, &form).await;
    let place = format!("/my/channels/{handle}");
    let error = match done {
        Ok(()) => return Ok(go(&app, &place, Some((false, page.t("saved"))))),
        Err(error) if asks_for_page(&error) => return Err(error),
        Err(error) => error,
    };
    let mut template = template(&app, &page, &me, &handle).await?;
    let shown = &mut template.channel;
    form.text("display_name").clone_into(&mut shown.name);
    form.text("description").clone_into(&mut shown.description);
    form.text("support").clone_into(&mut shown.support);
    form.text("public_email")
        .clone_into(&mut shown.public_email);
    template.error = Some(words::fault(&page, &error, &LABELS));
    Ok(page.render_with(&template, error.status(), &[]))
}

/// Errors that a form cannot mend.
fn asks_for_page(error: &Error) -> bool {
    error.status().is_server_error()
        || matches!(
            error.status(),
            StatusCode::NOT_FOUND | StatusCode::FORBIDDEN
        )
}

async fn change(app: &App, me: &Me, handle: &str, form: &Form) -> Result<()> {
    let body = json!({
        "displayName": form.text("display_name"),
        "description": form.some("description"),
        "support": form.some("support"),
        "publicEmail": form.some("public_email"),
        "bulkVideosSupportUpdate": form.has("support_all"),
    });
    let path = Path(handle.to_owned());
    api::update(State(app.clone()), me.clone(), path, object(body)).await?;
    let channel = find(app, handle).await?;
    for (field, shape) in [("avatar", Shape::Avatar), ("banner", Shape::Banner)] {
        if let Some(file) = form.file(field) {
            picture::set(app, channel.actor_id, shape, file.bytes.clone()).await?;
        } else if form.has(&format!("{field}_remove")) {
            picture::remove(app, channel.actor_id, shape).await?;
        }
    }
    Ok(())
}

fn object(value: Value) -> Body {
    match value {
        Value::Object(object) => Body(object),
        _ => Body(Map::new()),
    }
}

/// `POST /my/channels/{handle}/helpers`: asks somebody to help.
pub async fn invite(
    State(app): State<App>,
    page: Page,
    me: Me,
    Path(handle): Path<String>,
    form: Form,
) -> Result<Response> {
    let name = form.text("handle").trim_start_matches('@');
    let body = object(json!({ "accountHandle": name }));
    let path = Path(handle.clone());
    let done = people_api::invite(State(app.clone()), me.clone(), path, body).await;
    let place = format!("/my/channels/{handle}");
    let error = match done {
        Ok(_) => return Ok(go(&app, &place, Some((false, page.t("helper-asked"))))),
        Err(error) if error.status().is_server_error() => return Err(error),
        Err(error) => error,
    };
    let mut template = template(&app, &page, &me, &handle).await?;
    form.text("handle").clone_into(&mut template.handle);
    template.error = Some(match error.status() {
        StatusCode::NOT_FOUND => page.t("helper-unknown").to_owned(),
        StatusCode::CONFLICT => page.t("helper-twice").to_owned(),
        _ => words::fault(&page, &error, &LABELS),
    });
    Ok(page.render_with(&template, error.status(), &[]))
}

/// `POST /my/channels/{handle}/helpers/{id}/remove`: sends somebody away, or goes oneself.
pub async fn remove_helper(
    State(app): State<App>,
    page: Page,
    me: Me,
    Path((handle, id)): Path<(String, String)>,
) -> Result<Response> {
    let path = Path((handle.clone(), id));
    people_api::remove(State(app.clone()), me.clone(), path).await?;
    let channel = find(&app, &handle).await?;
    let place = match manage(&app, &me, &channel).await {
        Ok(()) => format!("/my/channels/{handle}"),
        Err(_) => "/my/settings".to_owned(),
    };
    Ok(go(&app, &place, Some((false, page.t("helper-gone")))))
}

/// `POST /my/channels/{handle}/helpers/{id}/answer`: says yes or no to an invitation.
pub async fn answer(
    State(app): State<App>,
    page: Page,
    me: Me,
    Path((handle, id)): Path<(String, String)>,
    form: Form,
) -> Result<Response> {
    let (state, path) = (State(app.clone()), Path((handle, id)));
    let said = if form.text("act") == "accept" {
        people_api::accept(state, me, path).await?;
        page.t("helper-accepted")
    } else {
        people_api::reject(state, me, path).await?;
        page.t("helper-refused")
    };
    Ok(go(&app, "/my/settings", Some((false, said))))
}
