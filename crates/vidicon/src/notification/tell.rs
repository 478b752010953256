//! Who is told of what.

use super::store::people::{self, ByFollow};
use super::{About, BY_MAIL, Kind, ON_SITE, Recipient, job, push, store, webhook};
use crate::account::{AccountId, Right, Role};
use crate::app::App;
use crate::comment::{self, CommentId};
use crate::error::Result;
use crate::notice::{Answer, Notice};
use crate::text;
use crate::video::{self, Privacy, Video, VideoId, VideoRef, VideoState};
use base::Tx;
use base::clock::Millis;

/// Followers that are told in one transaction.
const AT_ONCE: i64 = 500;

/// One thing that some people are told.
struct News {
    kind: Kind,
    about: About,
    people: Vec<Recipient>,
}

/// Tells everybody whom it concerns, once for each cause.
pub async fn tell(app: &App, cause: &str, notice: &Notice) -> Result<()> {
    if let Notice::NewVideo { video_id, after } = notice {
        return new_video(app, cause, *video_id, *after).await;
    }
    let news = news(app, notice).await?;
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    if !store::is_first(&mut tx, cause, now).await? {
        return Ok(());
    }
    for item in &news {
        for person in &item.people {
            deliver(app, &mut tx, person, item.kind, &item.about, now).await?;
        }
    }
    webhook::enqueue(&mut tx, notice, now).await?;
    tx.commit().await?;
    app.live.wake();
    app.workers.wake();
    Ok(())
}

/// Writes it down for the site and sends it by mail, as the person has chosen.
async fn deliver(
    app: &App,
    tx: &mut Tx,
    person: &Recipient,
    kind: Kind,
    about: &About,
    now: Millis,
) -> Result<()> {
    let ways = person.ways(kind);
    if ways & ON_SITE != 0 {
        let id = store::add(&mut *tx, person.user_id, kind, about, now).await?;
        push::enqueue(&mut *tx, person, (id, kind, about), now).await?;
    }
    if ways & BY_MAIL == 0 || !app.mail.is_on() || !may_have_mail(app, person) {
        return Ok(());
    }
    if person.wants_digest() {
        let about = serde_json::to_value(about).unwrap_or_default();
        store::wait(&mut *tx, person.user_id, kind, about, now).await?;
        return Ok(());
    }
    job::enqueue_letter(tx, person.user_id, kind, about, now).await
}

/// Where mail addresses must be proven, nobody else's gets mail.
fn may_have_mail(app: &App, person: &Recipient) -> bool {
    let must_prove = app.instance.settings().signup.requires_email_verification;
    !must_prove || person.email_verified == Some(true)
}

#[allow(clippy::too_many_lines, reason = "one arm for each kind")]
async fn news(app: &App, notice: &Notice) -> Result<Vec<News>> {
    let one = |kind, about, people| {
        vec![News {
            kind,
            about,
            people,
        }]
    };
    Ok(match notice {
        Notice::NewVideo { .. } | Notice::Uploaded { .. } => Vec::new(),
        Notice::Published { video_id } => one(
            Kind::Published,
            About::video(*video_id),
            owner_of(app, *video_id).await?,
        ),
        Notice::Blocked {
            video_id,
            by_rule: true,
        } => {
            let people = with_right(app, Right::ManageVideoBlacklist).await?;
            one(Kind::AutoBlocked, About::video(*video_id), people)
        }
        Notice::Blocked { video_id, .. } => one(
            Kind::Blocked,
            About::video(*video_id),
            owner_of(app, *video_id).await?,
        ),
        Notice::Unblocked { video_id } => one(
            Kind::Unblocked,
            About::video(*video_id),
            owner_of(app, *video_id).await?,
        ),
        Notice::StudioFinished { video_id } => one(
            Kind::StudioFinished,
            About::video(*video_id),
            owner_of(app, *video_id).await?,
        ),
        Notice::Transcribed { video_id, language } => {
            let about = About::video(*video_id).with("language", language.as_str());
            one(Kind::Transcribed, about, owner_of(app, *video_id).await?)
        }
        Notice::ImportFinished { .. } => imported(app, notice).await?,
        Notice::Comment {
            comment_id,
            approved,
            mentioned,
        } => commented(app, *comment_id, *approved, mentioned).await?,
        Notice::Followed { follow_id } => followed(app, *follow_id).await?,
        Notice::AutoFollowed { follow_id } => {
            let people = with_right(app, Right::ManageServerFollow).await?;
            one(Kind::AutoFollowed, About::follow(*follow_id), people)
        }
        Notice::Abuse { abuse_id } => {
            let people = with_right(app, Right::ManageAbuses).await?;
            let reporter = people::abuse_reporter(&app.db, *abuse_id).await?;
            // A moderator who reports something needs not be told.
            let people = people
                .into_iter()
                .filter(|it| Some(it.account_id) != reporter)
                .collect();
            one(
                Kind::Abuse,
                About::default().with("abuseId", *abuse_id),
                people,
            )
        }
        Notice::AbuseJudged { abuse_id } => {
            let people = reporter(app, *abuse_id).await?;
            one(
                Kind::AbuseJudged,
                About::default().with("abuseId", *abuse_id),
                people,
            )
        }
        Notice::AbuseMessage {
            abuse_id,
            message_id,
        } => {
            let (to_reporter, people) = listeners(app, *abuse_id, *message_id).await?;
            let about = About::default().with("abuseId", *abuse_id);
            one(
                Kind::AbuseMessage,
                about.with("toReporter", to_reporter),
                people,
            )
        }
        Notice::Registered { account_id } => {
            let people = with_right(app, Right::ManageUsers).await?;
            one(Kind::Registered, About::account(*account_id), people)
        }
        Notice::RegistrationAsked { registration_id } => {
            let people = with_right(app, Right::ManageRegistrations).await?;
            let about = About::default().with("registrationId", *registration_id);
            one(Kind::RegistrationAsked, about, people)
        }
        Notice::Collaboration {
            collaborator_id,
            answer,
        } => collaboration(app, *collaborator_id, *answer).await?,
        Notice::Ownership { .. } => ownership(app, notice).await?,
        Notice::BlocklistUpdated {
            subscription_id,
            name,
            url,
        } => {
            let people = with_right(app, Right::ManageServersBlocklist).await?;
            let about = About::default()
                .with("subscriptionId", *subscription_id)
                .with("name", name.as_str())
                .with("url", url.as_str());
            one(Kind::BlocklistUpdated, about, people)
        }
        Notice::NewVersion { version } => {
            let people = with_right(app, Right::ManageDebug).await?;
            one(
                Kind::NewVersion,
                About::default().with("latestVersion", version.as_str()),
                people,
            )
        }
    })
}

async fn with_right(app: &App, right: Right) -> Result<Vec<Recipient>> {
    let roles = [Role::Administrator, Role::Moderator, Role::User];
    let roles = roles
        .into_iter()
        .filter(|role| role.has(right))
        .map(i64::from);
    Ok(people::with_roles(&app.db, &roles.collect::<Vec<_>>()).await?)
}

async fn by_account(app: &App, id: AccountId) -> Result<Vec<Recipient>> {
    Ok(people::by_account(&app.db, id).await?.into_iter().collect())
}

async fn owner_of(app: &App, video_id: i64) -> Result<Vec<Recipient>> {
    match find(app, video_id).await? {
        Some(video) => by_account(app, video.account_id).await,
        None => Ok(Vec::new()),
    }
}

async fn find(app: &App, video_id: i64) -> Result<Option<Video>> {
    match video::find(app, VideoRef::Number(VideoId::new(video_id))).await {
        Ok(video) => Ok(Some(video)),
        Err(error) if error.status() == axum::http::StatusCode::NOT_FOUND => Ok(None),
        Err(error) => Err(error),
    }
}

/// Followers are told of a video once in its life, some hundreds at a time.
async fn new_video(app: &App, cause: &str, video_id: i64, after: i64) -> Result<()> {
    let Some(video) = find(app, video_id).await? else {
        return Ok(());
    };
    let is_shown = matches!(video.privacy, Privacy::Public | Privacy::Internal);
    if !is_shown || video.blocked || video.state != VideoState::Published {
        return Ok(());
    }
    let actors = [video.channel_actor_id, video.account_actor_id];
    let some = people::followers(&app.db, actors, after, AT_ONCE).await?;
    let kind = if video.is_live {
        Kind::NewLive
    } else {
        Kind::NewVideo
    };
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    if !store::is_first(&mut tx, cause, now).await? {
        return Ok(());
    }
    // A live goes on the air again and again; a video is new once.
    let once = format!("new video {video_id}");
    if after == 0 && !video.is_live && !store::is_first(&mut tx, &once, now).await? {
        return Ok(());
    }
    for (person, _) in &some {
        deliver(app, &mut tx, person, kind, &About::video(video_id), now).await?;
    }
    let is_full = some.len() >= usize::try_from(AT_ONCE).unwrap_or(usize::MAX);
    if let Some((_, ByFollow { follow_id })) = some.last().filter(|_| is_full) {
        let more = Notice::NewVideo {
            video_id,
            after: *follow_id,
        };
        more.enqueue(&mut tx, now).await?;
    }
    if after == 0 {
        let notice = Notice::NewVideo { video_id, after };
        webhook::enqueue(&mut tx, &notice, now).await?;
    }
    tx.commit().await?;
    app.live.wake();
    app.workers.wake();
    Ok(())
}

async fn imported(app: &App, notice: &Notice) -> Result<Vec<News>> {
    let Notice::ImportFinished {
        user_id,
        import_id,
        video_id,
        target_url,
        torrent_name,
        magnet_uri,
        failed,
    } = notice
    else {
        return Ok(Vec::new());
    };
    let about = About {
        video_id: *video_id,
        ..About::default()
    }
    .with("importId", *import_id)
    .with("targetUrl", target_url.clone())
    .with("torrentName", torrent_name.clone())
    .with("magnetUri", magnet_uri.clone());
    let kind = if *failed {
        Kind::ImportFailed
    } else {
        Kind::Imported
    };
    let person = people::one(&app.db, base::Id::new(*user_id)).await?;
    Ok(vec![News {
        kind,
        about,
        people: person.into_iter().collect(),
    }])
}

/// The owner of the video hears of each comment, held ones too; those who are mentioned once all
/// may see it.
async fn commented(app: &App, id: i64, approved: bool, named: &[AccountId]) -> Result<Vec<News>> {
    let Ok(comment) = comment::find(app, CommentId::new(id)).await else {
        return Ok(Vec::new());
    };
    let Some(author) = comment.account_id else {
        return Ok(Vec::new());
    };
    let Some(video) = find(app, comment.video_id.0).await? else {
        return Ok(Vec::new());
    };
    let mut news = Vec::new();
    if !approved && author != video.account_id {
        let muted = people::is_muted(&app.db, author, &[0, video.account_id.0]).await?;
        let people = if muted {
            Vec::new()
        } else {
            by_account(app, video.account_id).await?
        };
        news.push(News {
            kind: Kind::Comment,
            about: About::comment(id),
            people,
        });
    }
    if !comment.held {
        let mut people = Vec::new();
        for person in mentioned(app, &comment, named).await? {
            let known = person.account_id == author || person.account_id == video.account_id;
            if !known && !people::is_muted(&app.db, author, &[0, person.account_id.0]).await? {
                people.push(person);
            }
        }
        news.push(News {
            kind: Kind::Mention,
            about: About::comment(id),
            people,
        });
    }
    Ok(news)
}

/// `@name` in comments written here, `@name@this.site` in all, and those whom another server says
/// to be mentioned.
async fn mentioned(
    app: &App,
    comment: &comment::Comment,
    named: &[AccountId],
) -> Result<Vec<Recipient>> {
    let is_local = comment.url.is_none();
    let host = app.host();
    let names = text::mentions(&comment.text)
        .into_iter()
        .filter_map(|handle| match handle.split_once('@') {
            Some((name, at)) => (at == host).then(|| name.to_owned()),
            None => is_local.then_some(handle),
        });
    let names: Vec<String> = names.take(50).collect();
    let mut people = people::by_names(&app.db, &names).await?;
    for person in people::by_accounts(&app.db, named).await? {
        if !people.iter().any(|known| known.user_id == person.user_id) {
            people.push(person);
        }
    }
    Ok(people)
}

async fn followed(app: &App, follow_id: i64) -> Result<Vec<News>> {
    let Some(follow) = people::follow(&app.db, follow_id).await? else {
        return Ok(Vec::new());
    };
    let about = About::follow(follow_id);
    if follow.target_kind == "server" {
        let muted = is_muted_here(app, follow.follower_account_id, 0).await?;
        let people = if muted {
            Vec::new()
        } else {
            with_right(app, Right::ManageServerFollow).await?
        };
        return Ok(vec![News {
            kind: Kind::ServerFollowed,
            about,
            people,
        }]);
    }
    let Some(owner) = follow.owner_account_id else {
        return Ok(Vec::new());
    };
    let is_own = follow.follower_account_id == Some(owner);
    if is_own || is_muted_here(app, follow.follower_account_id, owner.0).await? {
        return Ok(Vec::new());
    }
    let people = by_account(app, owner).await?;
    Ok(vec![News {
        kind: Kind::Followed,
        about,
        people,
    }])
}

async fn is_muted_here(app: &App, account: Option<AccountId>, by: i64) -> Result<bool> {
    match account {
        Some(account) => Ok(people::is_muted(&app.db, account, &[0, by]).await?),
        None => Ok(false),
    }
}

async fn reporter(app: &App, abuse_id: i64) -> Result<Vec<Recipient>> {
    match people::abuse_reporter(&app.db, abuse_id).await? {
        Some(account) => by_account(app, account).await,
        None => Ok(Vec::new()),
    }
}

/// Moderators hear of what the reporter writes, the reporter of what moderators write.
async fn listeners(app: &App, abuse_id: i64, message_id: i64) -> Result<(bool, Vec<Recipient>)> {
    let Some(writer) = people::message_writer(&app.db, message_id).await? else {
        return Ok((false, Vec::new()));
    };
    let people = if writer.by_moderator {
        reporter(app, abuse_id).await?
    } else {
        with_right(app, Right::ManageAbuses).await?
    };
    let others = people
        .into_iter()
        .filter(|it| Some(it.account_id) != writer.account_id);
    Ok((writer.by_moderator, others.collect()))
}

async fn collaboration(app: &App, id: i64, answer: Answer) -> Result<Vec<News>> {
    let Some(asked) = people::collaboration(&app.db, id).await? else {
        return Ok(Vec::new());
    };
    let (kind, to) = match answer {
        Answer::Asked => (Kind::CollaborationAsked, asked.account_id),
        Answer::Accepted => (Kind::CollaborationAccepted, asked.owner_account_id),
        Answer::Rejected => (Kind::CollaborationRejected, asked.owner_account_id),
    };
    let about = About::default().with("collaboratorId", id);
    Ok(vec![News {
        kind,
        about,
        people: by_account(app, to).await?,
    }])
}

async fn ownership(app: &App, notice: &Notice) -> Result<Vec<News>> {
    let Notice::Ownership {
        change_id,
        video_id,
        channel_id,
        from_account_id,
        to_account_id,
        answer,
    } = notice
    else {
        return Ok(Vec::new());
    };
    let kind = match (video_id.is_some(), answer) {
        (true, Answer::Asked) => Kind::VideoOffered,
        (true, Answer::Accepted) => Kind::VideoAccepted,
        (true, Answer::Rejected) => Kind::VideoRejected,
        (false, Answer::Asked) => Kind::ChannelOffered,
        (false, Answer::Accepted) => Kind::ChannelAccepted,
        (false, Answer::Rejected) => Kind::ChannelRejected,
    };
    let (to, by) = match answer {
        Answer::Asked => (*to_account_id, *from_account_id),
        _ => (*from_account_id, *to_account_id),
    };
    let about = About {
        video_id: *video_id,
        account_id: Some(by),
        ..About::default()
    }
    .with("changeId", *change_id)
    .with("channelId", *channel_id);
    Ok(vec![News {
        kind,
        about,
        people: by_account(app, AccountId::new(to)).await?,
    }])
}
