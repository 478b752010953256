//! The page of one's own settings: who one is, password and address, watching, channels, room.

use super::{LABELS, body, tabs};
use crate::access::{Me, Viewer};
use crate::account::picture::{self, Shape};
use crate::account::{self, User};
use crate::app::App;
use crate::channel::{self, Channel, studio::Invitation};
use crate::error::{Error, Result};
use crate::page::card::{Choice, Person, Tab, initial};
use crate::page::form::Form;
use crate::page::{Page, cookie, go, words};
use crate::user::api::me as api;
use crate::user::{self, Used};
use crate::wire::{AVATARS, first_image};
use crate::zone;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use serde_json::{Value, json};

#[derive(Template)]
#[template(path = "account/settings.html")]
struct Settings<'p> {
    page: &'p Page,
    tabs: Vec<Tab>,
    error: Option<String>,
    me: Mine,
    nsfw: Vec<Choice>,
    zones: Vec<Choice>,
    channels: Vec<Person>,
    invitations: Vec<Invitation>,
    /// What was typed for a new channel.
    channel_name: String,
    channel_display_name: String,
}

/// One's own things as the forms have them.
struct Mine {
    username: String,
    display_name: String,
    description: String,
    initial: String,
    avatar: Option<String>,
    email: String,
    pending_email: Option<String>,
    history: bool,
    autoplay: bool,
    autoplay_next: bool,
    room: String,
    room_part: Option<i64>,
    root: bool,
}

/// `GET /my/settings`.
pub async fn show(State(app): State<App>, page: Page, me: Me) -> Result<Response> {
    let template = template(&app, &page, &me).await?;
    Ok(page.render(&template))
}

/// `POST /my/settings`: one part of the page.
pub async fn change(
    State(app): State<App>,
    page: Page,
    viewer: Viewer,
    me: Me,
    form: Form,
) -> Result<Response> {
    let done = match form.text("part") {
        "profile" => profile(&app, &viewer, &me, &form).await,
        "password" => password(&app, &viewer, &me, &form).await,
        "email" => email(&app, &viewer, &me, &form).await,
        "watching" => watching(&app, &viewer, &me, &form).await,
        "zone" => zone(&app, &viewer, &me, &form).await,
        "channel" => add_channel(&app, &me, &form).await,
        _ => Err(Error::bad_request("There is no such part of this page.")),
    };
    match done {
        Ok(said) => Ok(go(&app, "/my/settings", Some((false, page.t(said))))),
        Err(error) if error.status().is_server_error() => Err(error),
        Err(error) => {
            let mut template = template(&app, &page, &me).await?;
            template.keep(&form);
            template.error = Some(words::fault(&page, &error, &LABELS));
            Ok(page.render_with(&template, error.status(), &[]))
        }
    }
}

impl Settings<'_> {
    /// Puts back what was typed.
    fn keep(&mut self, form: &Form) {
        match form.text("part") {
            "profile" => {
                form.text("display_name")
                    .clone_into(&mut self.me.display_name);
                form.text("description")
                    .clone_into(&mut self.me.description);
            }
            "email" => form.text("email").clone_into(&mut self.me.email),
            "channel" => {
                form.text("name").clone_into(&mut self.channel_name);
                form.text("display_name")
                    .clone_into(&mut self.channel_display_name);
            }
            _ => {}
        }
    }
}

async fn profile(app: &App, viewer: &Viewer, me: &Me, form: &Form) -> Result<&'static str> {
    let changes = body([
        ("displayName", form.text("display_name").into()),
        ("description", json!(form.some("description"))),
    ]);
    api::update(State(app.clone()), viewer.clone(), me.clone(), changes).await?;
    if let Some(file) = form.file("avatar") {
        picture::set(app, me.actor_id, Shape::Avatar, file.bytes.clone()).await?;
    } else if form.has("avatar_remove") {
        picture::remove(app, me.actor_id, Shape::Avatar).await?;
    }
    Ok("saved")
}

async fn password(app: &App, viewer: &Viewer, me: &Me, form: &Form) -> Result<&'static str> {
    let changes = body([
        ("currentPassword", form.raw("current").into()),
        ("password", form.raw("new").into()),
    ]);
    api::update(State(app.clone()), viewer.clone(), me.clone(), changes).await?;
    Ok("password-changed")
}

async fn email(app: &App, viewer: &Viewer, me: &Me, form: &Form) -> Result<&'static str> {
    let changes = body([
        ("currentPassword", form.raw("current").into()),
        ("email", form.text("email").into()),
    ]);
    api::update(State(app.clone()), viewer.clone(), me.clone(), changes).await?;
    let kept = account::user(app, me.id).await?;
    Ok(if kept.pending_email.is_some() {
        "signup-verify-mail"
    } else {
        "saved"
    })
}

async fn watching(app: &App, viewer: &Viewer, me: &Me, form: &Form) -> Result<&'static str> {
    let changes = body([
        ("videosHistoryEnabled", form.has("history").into()),
        ("autoPlayVideo", form.has("autoplay").into()),
        ("autoPlayNextVideo", form.has("autoplay_next").into()),
        ("nsfwPolicy", form.text("nsfw").into()),
    ]);
    api::update(State(app.clone()), viewer.clone(), me.clone(), changes).await?;
    Ok("saved")
}

async fn zone(app: &App, viewer: &Viewer, me: &Me, form: &Form) -> Result<&'static str> {
    let changes = body([("timeZone", json!(form.some("time_zone")))]);
    api::update(State(app.clone()), viewer.clone(), me.clone(), changes).await?;
    Ok("saved")
}

async fn add_channel(app: &App, me: &Me, form: &Form) -> Result<&'static str> {
    let new = body([
        ("name", form.text("name").into()),
        ("displayName", form.text("display_name").into()),
    ]);
    channel::api::create(State(app.clone()), me.clone(), new).await?;
    Ok("channel-made")
}

/// `POST /my/delete`: the account with all that is its.
pub async fn delete(State(app): State<App>, page: Page, me: Me, form: Form) -> Result<Response> {
    let password = body([("currentPassword", form.raw("current").into())]);
    match api::delete(State(app.clone()), me.clone(), password).await {
        Ok(_) => {
            let mut response = go(&app, "/", Some((false, page.t("account-deleted"))));
            cookie::forget_session(&app, response.headers_mut());
            Ok(response)
        }
        Err(error) if error.status().is_server_error() => Err(error),
        Err(error) => {
            let mut template = template(&app, &page, &me).await?;
            template.error = Some(words::fault(&page, &error, &LABELS));
            Ok(page.render_with(&template, error.status(), &[]))
        }
    }
}

async fn template<'p>(app: &App, page: &'p Page, me: &User) -> Result<Settings<'p>> {
    let channels = channel::of_account(app, me.account_id).await?;
    let used = user::used(app, &[me.account_id]).await?;
    let used = used.get(&me.account_id).copied().unwrap_or_default();
    let avatars = picture::of(&app.db, &[me.actor_id], Shape::Avatar).await?;
    let avatar = avatars
        .get(&me.actor_id)
        .and_then(|sizes| sizes.iter().max_by_key(|picture| picture.width))
        .map(|picture| format!("{AVATARS}{}", picture.filename));
    let policy = text_of(me, "nsfwPolicy").unwrap_or_else(|| app.instance.nsfw_policy());
    let policies = ["display", "blur", "warn", "do_not_list"];
    let words = [
        page.t("sensitive-display"),
        page.t("sensitive-blur"),
        page.t("sensitive-warn"),
        page.t("sensitive-hide"),
    ];
    let nsfw = policies.map(str::to_owned).into_iter().zip(words);
    Ok(Settings {
        page,
        tabs: tabs(page, "/my/settings"),
        error: None,
        me: mine(page, me, used, avatar),
        nsfw: page.choices(nsfw, &policy, None),
        zones: zones(page, me),
        channels: channels
            .iter()
            .map(|channel| person(page, channel))
            .collect(),
        invitations: channel::studio::invitations(app, me).await?,
        channel_name: String::new(),
        channel_display_name: String::new(),
    })
}

fn zones(page: &Page, me: &User) -> Vec<Choice> {
    let chosen = text_of(me, "timeZone").unwrap_or_default();
    let mut names: Vec<&str> = zone::names().iter().map(String::as_str).collect();
    if !chosen.is_empty() && !names.contains(&chosen.as_str()) {
        names.insert(0, &chosen);
    }
    let choice = |value: &str, label: &str| Choice {
        value: value.to_owned(),
        label: label.to_owned(),
        note: "",
        chosen: value == chosen,
    };
    let usual = choice("", page.t("time-zone-utc"));
    let named = names
        .iter()
        .map(|name| choice(name, &name.replace('_', " ")));
    std::iter::once(usual).chain(named).collect()
}

fn text_of(me: &User, setting: &str) -> Option<String> {
    let value = me.settings.get(setting).and_then(Value::as_str);
    value.map(str::to_owned)
}

fn mine(page: &Page, me: &User, used: Used, avatar: Option<String>) -> Mine {
    let flag = |name: &str, usual: bool| {
        me.settings
            .get(name)
            .and_then(Value::as_bool)
            .unwrap_or(usual)
    };
    let used_words = page.texts.size(used.total_bytes);
    let room = if me.quota_bytes < 0 {
        page.tx("room-free", "used", &used_words)
    } else {
        let quota = page.texts.size(me.quota_bytes);
        page.tyx("room-of", "used", &used_words, "quota", &quota)
    };
    let part = used.total_bytes.saturating_mul(100);
    Mine {
        username: me.username.clone(),
        display_name: me.display_name.clone(),
        description: me.description.clone().unwrap_or_default(),
        initial: initial(&me.display_name),
        avatar,
        email: me.email.clone(),
        pending_email: me.pending_email.clone(),
        history: flag("videosHistoryEnabled", true),
        autoplay: flag("autoPlayVideo", true),
        autoplay_next: flag("autoPlayNextVideo", false),
        room,
        room_part: (me.quota_bytes > 0).then(|| part / me.quota_bytes.max(1)),
        root: me.is_root(),
    }
}

fn person(page: &Page, channel: &Channel) -> Person {
    Person {
        url: format!("/my/channels/{}", channel.name),
        name: channel.display_name.clone(),
        initial: initial(&channel.display_name),
        avatar: first_image(AVATARS, channel.avatars.as_deref()),
        note: page.tn("followers-count", channel.follower_count),
        handle: channel.name.clone(),
        actor: String::new(),
    }
}
