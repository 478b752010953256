//! What others want to give one, or ask one to help with, and what one wants to give them.

use super::{body, tabs};
use crate::access::Me;
use crate::account::{Profile, profiles_of};
use crate::app::App;
use crate::channel::{self, ChannelId};
use crate::check::Query;
use crate::error::{Error, Result};
use crate::listing::Paging;
use crate::page::card::Choice;
use crate::page::form::Form;
use crate::page::table::{Act, Ask, Cell, Field, Frame, Kind, Line, Table, asked};
use crate::page::{Page, go, words};
use crate::video::api::ownership as api;
use crate::video::ownership::{self, Change, OPEN, Which};
use crate::video::short_uuid;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Map, Value};

const HERE: &str = "/my/offers";
/// Offers of one kind on the page; hardly anybody has as many open.
const MOST: i64 = 50;

/// `GET /my/offers`; `?take=` asks into which channel a video goes.
pub async fn show(
    State(app): State<App>,
    page: Page,
    me: Me,
    Query(query): Query,
) -> Result<Response> {
    Ok(fill(&app, &page, &me, &query).await?.render())
}

async fn fill<'p>(
    app: &App,
    page: &'p Page,
    me: &Me,
    query: &Map<String, Value>,
) -> Result<Table<'p>> {
    let mut table = Table::new(page, Frame::Own, tabs(page, HERE), page.t("offers"));
    table.lead = page.t("offers-lead").to_owned();
    table.empty = page.t("offers-none").to_owned();
    table.columns = vec![page.t("offers-what"), page.t("state"), page.t("job-when")];
    let found = open(app, me).await?;
    table.rows = lines(app, page, me, &found).await?;
    for asked in channel::studio::invitations(app, me).await? {
        let to = format!("/my/channels/{}/helpers/{}/answer", asked.handle, asked.id);
        let state = Cell::text(page.t("offers-help"));
        table.rows.push(Line {
            cells: vec![
                Cell::link(asked.name, format!("/c/{}", asked.handle)),
                state,
                Cell::text(""),
            ],
            acts: vec![
                Act::new(to.clone(), page.t("helper-yes")).say("accept".to_owned()),
                Act::new(to, page.t("helper-no")).say("reject".to_owned()),
            ],
        });
    }
    let taken = asked(query, "take");
    let taken = found
        .iter()
        .find(|it| it.id.to_string() == taken && it.next_account_id == me.account_id);
    table.asks = match taken {
        Some(change) => vec![into(app, page, me, change).await?],
        None => vec![give(page)],
    };
    Ok(table)
}

/// Open offers of videos, then of channels, that the user got or made.
async fn open(app: &App, me: &Me) -> Result<Vec<Change>> {
    let paging = Paging {
        start: 0,
        count: MOST,
    };
    let mut found = Vec::new();
    for of_videos in [true, false] {
        let which = Which::Mine {
            account: me.account_id,
            of_videos,
        };
        let (_, some) = ownership::list(app, which, Some(OPEN), paging, false).await?;
        found.extend(some);
    }
    Ok(found)
}

async fn lines(app: &App, page: &Page, me: &Me, found: &[Change]) -> Result<Vec<Line>> {
    let people: Vec<_> = found
        .iter()
        .flat_map(|it| [it.initiator_account_id, it.next_account_id])
        .collect();
    let people = profiles_of(&app.db, &people).await?;
    let ids: Vec<ChannelId> = found.iter().filter_map(|it| it.channel_id).collect();
    let channels = if ids.is_empty() {
        Vec::new()
    } else {
        channel::by_ids(&app.db, &ids).await?
    };
    let lines = found.iter().filter_map(|it| {
        let thing = match (it.video_uuid, it.channel_id) {
            (Some(uuid), _) => {
                let name = it.video_name.clone().unwrap_or_default();
                Cell::link(name, format!("/w/{}", short_uuid::shorten(uuid)))
            }
            (None, Some(id)) => {
                let channel = channels.iter().find(|channel| channel.id == id)?;
                Cell::link(&channel.display_name, format!("/c/{}", channel.name))
            }
            (None, None) => return None,
        };
        Some(line(page, me, it, thing, &people))
    });
    Ok(lines.collect())
}

fn line(page: &Page, me: &Me, it: &Change, thing: Cell, people: &[Profile]) -> Line {
    let kind = page.t(if it.video_id.is_some() {
        "offers-video"
    } else {
        "offers-channel"
    });
    let name = |id| {
        let found = people.iter().find(|who| who.account_id == id);
        found.map(|who| who.name.clone()).unwrap_or_default()
    };
    let act = |label, word: &str| {
        Act::new(HERE.to_owned(), page.t(label)).say(format!("{word}:{}", it.id))
    };
    let (state, acts) = if it.next_account_id == me.account_id {
        let from = page.tx("offers-from", "name", name(it.initiator_account_id));
        let acts = vec![act("offers-take", "take"), act("offers-refuse", "refuse")];
        (Cell::text(from), acts)
    } else {
        let to = page.tx("offers-to", "name", name(it.next_account_id));
        (Cell::text(to), vec![act("offers-withdraw", "withdraw")])
    };
    Line {
        cells: vec![thing.note(kind), state, Cell::text(page.ago(it.created_at))],
        acts,
    }
}

/// Into which of one's channels a video goes.
async fn into(app: &App, page: &Page, me: &Me, change: &Change) -> Result<Ask> {
    let channels = channel::of_account(app, me.account_id).await?;
    let choices = channels.iter().enumerate().map(|(place, it)| Choice {
        value: it.id.to_string(),
        label: it.display_name.clone(),
        note: "",
        chosen: place == 0,
    });
    let field = Field::new("channel", page.t("offers-into"), Kind::Choice);
    Ok(Ask {
        url: HERE.to_owned(),
        act: format!("into:{}", change.id),
        fields: vec![field.of(choices.collect())],
        button: page.t("offers-take"),
        ..Ask::default()
    })
}

fn give(page: &Page) -> Ask {
    let fields = vec![
        Field::new("what", page.t("offers-thing"), Kind::Line)
            .hint(page.t("offers-thing-hint"))
            .needed(),
        Field::new("to", page.t("helper-name"), Kind::Line).needed(),
    ];
    Ask {
        url: HERE.to_owned(),
        act: "give".to_owned(),
        title: page.t("offers-give"),
        fields,
        button: page.t("offers-offer"),
        error: None,
    }
}

/// `POST /my/offers`: gives, takes, refuses or takes back.
pub async fn act(State(app): State<App>, page: Page, me: Me, form: Form) -> Result<Response> {
    if form.text("act") == "give" {
        return match offer(&app, &page, &me, &form).await? {
            None => Ok(go(&app, HERE, Some((false, page.t("offers-made"))))),
            Some(fault) => {
                let mut table = fill(&app, &page, &me, &Map::new()).await?;
                table.refuse(&form, fault);
                Ok(table.render())
            }
        };
    }
    let (what, id) = form.text("act").split_once(':').unwrap_or_default();
    let change = match id.parse().map(ownership::ChangeId::new) {
        Ok(id) => ownership::by_id(&app, id).await?,
        Err(_) => None,
    };
    let change = change.ok_or_else(|| Error::not_found("There is no such offer."))?;
    let of_video = change.video_id.is_some();
    let (state, path) = (State(app.clone()), Path(id.to_owned()));
    let done = match (what, of_video) {
        ("take" | "into", true) => match channel_for(&app, &me, &form).await? {
            Some(to) => {
                let chosen = body([("channelId", to.0.into())]);
                api::accept_video(state, me, path, chosen).await
            }
            None => return Ok(go(&app, &format!("{HERE}?take={id}"), None)),
        },
        ("take", false) => api::accept_channel(state, me, path).await,
        ("withdraw", true) => api::withdraw_video(state, me, path).await,
        ("withdraw", false) => api::withdraw_channel(state, me, path).await,
        (_, true) => api::refuse_video(state, me, path).await,
        (_, false) => api::refuse_channel(state, me, path).await,
    };
    let said = match what {
        "take" | "into" => "offers-taken",
        "withdraw" => "offers-withdrawn",
        _ => "offers-refused",
    };
    match done {
        Ok(_) => Ok(go(&app, HERE, Some((false, page.t(said))))),
        Err(error) if error.status().is_server_error() => Err(error),
        Err(error) => {
            let words = words::fault(&page, &error, &[]);
            Ok(go(&app, HERE, Some((true, &words))))
        }
    }
}

/// The channel that was chosen, or the only one there is.
async fn channel_for(app: &App, me: &Me, form: &Form) -> Result<Option<ChannelId>> {
    if let Ok(id) = form.text("channel").parse() {
        return Ok(Some(ChannelId::new(id)));
    }
    let channels = channel::of_account(app, me.account_id).await?;
    Ok(match channels.as_slice() {
        [only] => Some(only.id),
        _ => None,
    })
}

/// Offers a video or a channel by its address or name; what is wrong comes back in words.
async fn offer(app: &App, page: &Page, me: &Me, form: &Form) -> Result<Option<String>> {
    let to = form.text("to").trim_start_matches('@').to_lowercase();
    if let Err(error) = ownership::receiver(app, &to).await {
        let unknown = page.t("helper-unknown").to_owned();
        return if error.status().is_server_error() {
            Err(error)
        } else {
            Ok(Some(unknown))
        };
    }
    let what = form.text("what").trim_end_matches('/');
    let name = what.rsplit('/').next().unwrap_or_default();
    let name = name.split(['?', ';']).next().unwrap_or_default();
    let to = body([("username", to.into())]);
    let (state, me) = (State(app.clone()), me.clone());
    let handle = name.trim_start_matches('@');
    let done = if channel::find(app, handle).await.is_ok() {
        api::give_channel(state, me, Path(handle.to_owned()), to).await
    } else {
        api::give_video(state, me, Path(name.to_owned()), to).await
    };
    let Err(error) = done else { return Ok(None) };
    let key = match error.status() {
        status if status.is_server_error() => return Err(error),
        StatusCode::NOT_FOUND => "offers-unknown",
        StatusCode::FORBIDDEN => "offers-not-yours",
        _ if error.problem().extras.contains_key("invalid-params") => "offers-unknown",
        _ => "offers-twice",
    };
    Ok(Some(page.t(key).to_owned()))
}
