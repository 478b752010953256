//! How notifications look in the REST API, in socket events and to the writer of mails. What they
//! are about is read anew, in one query for each sort of thing.

use super::store::facts::{self, Abuse, Actor, Collaborator, Comment, Follow, Registration, Video};
use super::{About, Kind, Notification};
use crate::app::App;
use crate::check::iso;
use crate::error::Result;
use crate::video::{VideoState, labels, short_uuid};
use crate::wire::{self, AVATARS, Images, Site};
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// The rows of a page as the API shows them; nothing for what is about something that is gone.
pub async fn all(app: &App, rows: &[(Notification, About)]) -> Result<Vec<Option<Value>>> {
    let subjects: Vec<(Kind, &About)> = rows.iter().map(|(row, about)| (row.kind, about)).collect();
    let bodies = bodies(app, &subjects).await?;
    let views = rows.iter().zip(bodies).map(|((row, _), body)| {
        let mut view = body?;
        if let Some(Value::Object(comment)) = view.get_mut("comment") {
            comment.remove("text");
        }
        view.insert("id".into(), json!(row.id));
        view.insert("type".into(), json!(row.kind.number()));
        view.insert("read".into(), json!(row.read));
        view.insert("createdAt".into(), json!(iso(row.created_at)));
        view.insert("updatedAt".into(), json!(iso(row.updated_at)));
        Some(Value::Object(view))
    });
    Ok(views.collect())
}

/// What notifications of these kinds say about these things.
pub async fn bodies(
    app: &App,
    subjects: &[(Kind, &About)],
) -> Result<Vec<Option<Map<String, Value>>>> {
    let facts = Facts::read(app, subjects).await?;
    Ok(subjects
        .iter()
        .map(|(kind, about)| facts.body(app, *kind, about))
        .collect())
}

#[derive(Default)]
struct Facts {
    videos: HashMap<i64, Video>,
    comments: HashMap<i64, Comment>,
    accounts: HashMap<i64, Actor>,
    channels: HashMap<i64, Actor>,
    follows: HashMap<i64, Follow>,
    abuses: HashMap<i64, Abuse>,
    registrations: HashMap<i64, Registration>,
    collaborators: HashMap<i64, Collaborator>,
}

fn by_id<T>(rows: Vec<T>, id: impl Fn(&T) -> i64) -> HashMap<i64, T> {
    rows.into_iter().map(|row| (id(&row), row)).collect()
}

fn ids(found: impl Iterator<Item = Option<i64>>) -> Vec<i64> {
    let mut ids: Vec<i64> = found.flatten().collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

impl Facts {
    async fn read(app: &App, subjects: &[(Kind, &About)]) -> Result<Self> {
        let (db, abouts) = (&app.db, subjects.iter().map(|(_, about)| *about));
        let named = |name: &'static str| ids(abouts.clone().map(move |about| about.id(name)));
        let abuses = facts::abuses(db, &named("abuseId")).await?;
        let of_abuses = abuses.iter().map(|it| it.comment_id);
        let comments = ids(abouts
            .clone()
            .map(|about| about.comment_id)
            .chain(of_abuses));
        let comments = facts::comments(db, &comments).await?;
        let collaborators = facts::collaborators(db, &named("collaboratorId")).await?;
        let videos = abouts.clone().map(|about| about.video_id);
        let videos = videos
            .chain(comments.iter().map(|it| Some(it.video_id)))
            .chain(abuses.iter().map(|it| it.video_id));
        let accounts = abouts.clone().map(|about| about.account_id);
        let accounts = accounts
            .chain(comments.iter().map(|it| Some(it.account_id)))
            .chain(
                abuses
                    .iter()
                    .flat_map(|it| [it.flagged_account_id, it.reporter_account_id]),
            )
            .chain(
                collaborators
                    .iter()
                    .flat_map(|it| [Some(it.account_id), Some(it.owner_account_id)]),
            );
        let channels = collaborators.iter().map(|it| Some(it.channel_id));
        let channels = channels.chain(abouts.clone().map(|about| about.id("channelId")));
        let follows = ids(abouts.clone().map(|about| about.follow_id));
        let registrations = named("registrationId");
        Ok(Facts {
            videos: by_id(facts::videos(db, &ids(videos)).await?, |it| it.id),
            accounts: by_id(facts::accounts(db, &ids(accounts)).await?, |it| it.id),
            channels: by_id(facts::channels(db, &ids(channels)).await?, |it| it.id),
            follows: by_id(facts::follows(db, &follows).await?, |it| it.id),
            registrations: by_id(facts::registrations(db, &registrations).await?, |it| it.id),
            comments: by_id(comments, |it| it.id),
            abuses: by_id(abuses, |it| it.id),
            collaborators: by_id(collaborators, |it| it.id),
        })
    }

    #[allow(clippy::too_many_lines, reason = "one arm for each kind")]
    fn body(&self, app: &App, kind: Kind, about: &About) -> Option<Map<String, Value>> {
        let mut body = Map::new();
        let mut put = |name: &str, value: Value| drop(body.insert(name.to_owned(), value));
        match kind {
            Kind::NewVideo
            | Kind::NewLive
            | Kind::Unblocked
            | Kind::Published
            | Kind::StudioFinished => {
                let video = self.videos.get(&about.video_id?)?;
                let mut view = video_view(video);
                wire::put(&mut view, "channel", channel_of(app, video));
                put("video", view);
            }
            Kind::Comment | Kind::Mention => put("comment", self.comment(app, about)?),
            Kind::Blocked | Kind::AutoBlocked => {
                let video = self.video(about.video_id)?;
                put(
                    "videoBlacklist",
                    json!({ "id": about.video_id, "video": video }),
                );
            }
            Kind::Imported | Kind::ImportFailed => put("videoImport", self.import(about)),
            Kind::Registered => put("account", self.account(app, about.account_id)?),
            Kind::RegistrationAsked => {
                let found = self.registrations.get(&about.id("registrationId")?)?;
                put(
                    "registration",
                    json!({ "id": found.id, "username": found.username }),
                );
            }
            Kind::Followed | Kind::ServerFollowed | Kind::AutoFollowed => {
                let follow = self.follows.get(&about.follow_id?)?;
                put("actorFollow", follow_view(app, follow));
            }
            Kind::Abuse | Kind::AbuseJudged | Kind::AbuseMessage => {
                put("abuse", self.abuse(app, about)?);
            }
            Kind::NewVersion => {
                put(
                    "peertube",
                    json!({ "latestVersion": about.text("latestVersion") }),
                );
            }
            Kind::Transcribed => {
                let language = labels::language(about.text("language"));
                let video = self.video(about.video_id)?;
                put(
                    "videoCaption",
                    json!({ "id": about.video_id, "language": language, "video": video }),
                );
            }
            Kind::CollaborationAsked
            | Kind::CollaborationAccepted
            | Kind::CollaborationRejected => {
                put("videoChannelCollaborator", self.collaboration(app, about)?);
            }
            Kind::VideoOffered | Kind::VideoAccepted | Kind::VideoRejected => {
                put(
                    "videoChangeOwnership",
                    json!({
                        "id": about.id("changeId"), "video": self.video(about.video_id)?,
                        "account": self.account(app, about.account_id)?,
                    }),
                );
            }
            Kind::ChannelOffered | Kind::ChannelAccepted | Kind::ChannelRejected => {
                let channel = self.channels.get(&about.id("channelId")?)?;
                put(
                    "videoChannelChangeOwnership",
                    json!({
                        "id": about.id("changeId"), "channel": actor_view(app, channel),
                        "account": self.account(app, about.account_id)?,
                    }),
                );
            }
            Kind::BlocklistUpdated => put(
                "blocklistSubscription",
                json!({
                    "id": about.id("subscriptionId"), "name": about.text("name"),
                    "url": about.text("url"),
                }),
            ),
        }
        Some(body)
    }

    fn video(&self, id: Option<i64>) -> Option<Value> {
        self.videos.get(&id?).map(video_view)
    }

    fn account(&self, app: &App, id: Option<i64>) -> Option<Value> {
        self.accounts.get(&id?).map(|actor| actor_view(app, actor))
    }

    fn comment(&self, app: &App, about: &About) -> Option<Value> {
        let comment = self.comments.get(&about.comment_id?)?;
        Some(json!({
            "id": comment.id,
            "threadId": comment.thread_id.unwrap_or(comment.id),
            "heldForReview": comment.held,
            "text": comment.text,
            "video": self.video(Some(comment.video_id))?,
            "account": self.account(app, Some(comment.account_id))?,
        }))
    }

    fn import(&self, about: &About) -> Value {
        json!({
            "id": about.id("importId"),
            "video": self.video(about.video_id),
            "torrentName": about.text("torrentName"),
            "magnetUri": about.text("magnetUri"),
            "targetUrl": about.text("targetUrl"),
        })
    }

    fn abuse(&self, app: &App, about: &About) -> Option<Value> {
        let abuse = self.abuses.get(&about.id("abuseId")?)?;
        let mut view = json!({ "id": abuse.id, "state": abuse.state });
        if let Some(comment) = abuse.comment_id.and_then(|id| self.comments.get(&id)) {
            let shown = json!({
                "id": comment.id,
                "threadId": comment.thread_id.unwrap_or(comment.id),
                "video": self.video(Some(comment.video_id)),
            });
            wire::put(&mut view, "comment", shown);
        } else if let Some(video) = self.video(abuse.video_id) {
            wire::put(&mut view, "video", video);
        }
        if abuse.subject == "account"
            && let Some(account) = self.account(app, abuse.flagged_account_id)
        {
            wire::put(&mut view, "account", account);
        }
        Some(view)
    }

    fn collaboration(&self, app: &App, about: &About) -> Option<Value> {
        let found = self.collaborators.get(&about.id("collaboratorId")?)?;
        let (state, label) = match found.state.as_str() {
            "accepted" => (2, "Accepted"),
            "rejected" => (3, "Rejected"),
            _ => (1, "Pending"),
        };
        Some(json!({
            "id": found.id,
            "state": { "id": state, "label": label },
            "channel": self.channels.get(&found.channel_id).map(|it| actor_view(app, it))?,
            "account": self.account(app, Some(found.account_id))?,
            "channelOwner": self.account(app, Some(found.owner_account_id))?,
        }))
    }
}

fn video_view(video: &Video) -> Value {
    let label = VideoState::try_from(video.state).map_or("", VideoState::label);
    json!({
        "id": video.id,
        "uuid": video.uuid,
        "shortUUID": short_uuid::shorten(video.uuid),
        "name": video.name,
        "state": { "id": video.state, "label": label },
    })
}

fn channel_of(app: &App, video: &Video) -> Value {
    person(
        app,
        video.channel_id,
        [
            &video.channel_name,
            &video.channel_host,
            &video.channel_display_name,
        ],
        video.channel_avatars.as_deref(),
    )
}

fn actor_view(app: &App, actor: &Actor) -> Value {
    let names = [&actor.name, &actor.host, &actor.display_name];
    person(app, actor.id, names, actor.avatars.as_deref())
}

/// Name, host and display name of somebody, with pictures; `avatar`, the widest of them, is for
/// older programs.
fn person(app: &App, id: i64, names: [&String; 3], avatars: Option<&str>) -> Value {
    let [name, host, display_name] = names;
    let site = Site::of(app);
    let images = Images {
        site,
        folder: AVATARS,
        column: avatars,
    };
    let avatars = serde_json::to_value(images).unwrap_or_default();
    let mut view = json!({
        "id": id, "name": name, "displayName": display_name, "host": site.host_of(host),
    });
    if let Some(widest) = avatars.get(0) {
        wire::put(&mut view, "avatar", widest.clone());
    }
    wire::put(&mut view, "avatars", avatars);
    view
}

fn follow_view(app: &App, follow: &Follow) -> Value {
    let names = [
        &follow.follower_name,
        &follow.follower_host,
        &follow.follower_display_name,
    ];
    let kind = match follow.target_kind.as_str() {
        "server" => "instance",
        other => other,
    };
    json!({
        "id": follow.id,
        "state": follow.state,
        "follower": person(app, follow.follower_id, names, follow.follower_avatars.as_deref()),
        "following": {
            "type": kind,
            "name": follow.target_name,
            "displayName": follow.target_display_name,
            "host": Site::of(app).host_of(&follow.target_host),
        },
    })
}
