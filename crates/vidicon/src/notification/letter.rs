//! Notifications as mails, in the language of the one who gets them.

use super::{About, Kind, Recipient, unsubscribe, view};
use crate::app::App;
use crate::error::Result;
use crate::i18n::{Filling, Texts};
use crate::mail::{Letter, Post};
use crate::text;
use serde_json::{Map, Value};

/// Characters of a comment that stand in a mail.
const LONGEST_QUOTE: usize = 1_000;

/// What a mail says in one line, and where it leads.
pub struct Line {
    pub text: String,
    pub path: String,
    /// What somebody has said.
    said: Option<String>,
}

/// The mail about one thing; nothing when that thing is gone.
pub async fn one(app: &App, to: &Recipient, kind: Kind, about: &About) -> Result<Option<Post>> {
    let Some(line) = lines(app, to.texts(), &[(kind, about)])
        .await?
        .pop()
        .flatten()
    else {
        return Ok(None);
    };
    let texts = to.texts();
    let said = line
        .said
        .map(|said| format!("> {}\n\n", said.replace('\n', "\n> ")));
    let body = format!(
        "{}.\n\n{}{}\n",
        line.text,
        said.unwrap_or_default(),
        app.url(&line.path)
    );
    let stop = unsubscribe::link(app, to.user_id, kind.setting());
    Ok(Some(post(app, to, texts, &line.text, &body, &stop)))
}

/// The daily mail about many things.
pub fn digest(app: &App, to: &Recipient, lines: &[Line]) -> Post {
    let texts = to.texts();
    let count = u64::try_from(lines.len()).unwrap_or(0);
    let subject = texts.count("mail-digest", count);
    let list: Vec<String> = lines
        .iter()
        .map(|line| format!("* {}\n  {}\n", line.text, app.url(&line.path)))
        .collect();
    let stop = unsubscribe::link(app, to.user_id, unsubscribe::DIGEST);
    post(app, to, texts, &subject, &list.join("\n"), &stop)
}

fn post(
    app: &App,
    to: &Recipient,
    texts: &'static Texts,
    subject: &str,
    body: &str,
    stop: &str,
) -> Post {
    let site = app.instance.name();
    let hello = texts.fill("mail-hello", &[("name", Filling::Word(&to.username))]);
    let why = texts.get("mail-stop");
    Post {
        letter: Letter {
            to: to.email.clone(),
            subject: format!("[{site}] {subject}"),
            text: format!(
                "{hello}\n\n{body}\n-- \n{site}, {}\n{why} {stop}\n",
                app.config.server.public_url
            ),
        },
        unsubscribe: Some(stop.to_owned()),
    }
}

/// One line for each thing, nothing for those that are gone.
pub async fn lines(
    app: &App,
    texts: &'static Texts,
    subjects: &[(Kind, &About)],
) -> Result<Vec<Option<Line>>> {
    let bodies = view::bodies(app, subjects).await?;
    let site = app.instance.name();
    let lines = subjects.iter().zip(bodies).map(|((kind, about), body)| {
        let body = body?;
        let said = word(&body, &["comment", "text"]);
        Some(Line {
            text: sentence(texts, *kind, &body, &site),
            path: path(*kind, &body, about),
            said: (!said.is_empty()).then(|| text::truncated(said, LONGEST_QUOTE)),
        })
    });
    Ok(lines.collect())
}

fn word<'b>(body: &'b Map<String, Value>, pointer: &[&str]) -> &'b str {
    let Some((first, rest)) = pointer.split_first() else {
        return "";
    };
    let found = body.get(*first);
    let found = rest
        .iter()
        .fold(found, |value, key| value.and_then(|it| it.get(*key)));
    found.and_then(Value::as_str).unwrap_or_default()
}

fn number(body: &Map<String, Value>, name: &str, key: &str) -> i64 {
    let found = body.get(name).and_then(|value| value.get(key));
    found.and_then(Value::as_i64).unwrap_or(0)
}

fn sentence(texts: &'static Texts, kind: Kind, body: &Map<String, Value>, site: &str) -> String {
    filled(texts, key(kind, body), kind, body, site)
}

/// A text with who did it and what it is about.
pub fn filled(
    texts: &'static Texts,
    key: &str,
    kind: Kind,
    body: &Map<String, Value>,
    site: &str,
) -> String {
    let report = number(body, "abuse", "id").to_string();
    let values = [
        ("site", Filling::Word(site)),
        ("who", Filling::Word(who(kind, body))),
        ("what", Filling::Word(what(kind, body))),
        (
            "language",
            Filling::Word(word(body, &["videoCaption", "language", "label"])),
        ),
        ("report", Filling::Word(&report)),
    ];
    texts.fill(key, &values)
}

fn key(kind: Kind, body: &Map<String, Value>) -> &'static str {
    let abuse = body.get("abuse");
    let has = |name: &str| abuse.is_some_and(|abuse| abuse.get(name).is_some());
    match kind {
        Kind::NewVideo => "mail-new-video",
        Kind::NewLive => "mail-new-live",
        Kind::Comment => "mail-comment",
        Kind::Mention => "mail-mention",
        Kind::Abuse if has("comment") => "mail-abuse-comment",
        Kind::Abuse if has("account") => "mail-abuse-account",
        Kind::Abuse => "mail-abuse-video",
        Kind::AutoBlocked => "mail-auto-blocked",
        Kind::Blocked => "mail-blocked",
        Kind::Unblocked => "mail-unblocked",
        Kind::Published => "mail-published",
        Kind::Imported => "mail-imported",
        Kind::ImportFailed => "mail-import-failed",
        Kind::Registered => "mail-registered",
        Kind::RegistrationAsked => "mail-registration-asked",
        Kind::Followed => "mail-followed",
        Kind::ServerFollowed => "mail-server-followed",
        Kind::AutoFollowed => "mail-auto-followed",
        Kind::AbuseJudged if number(body, "abuse", "state") == 3 => "mail-abuse-accepted",
        Kind::AbuseJudged => "mail-abuse-rejected",
        Kind::AbuseMessage => "mail-abuse-message",
        Kind::NewVersion => "mail-new-version",
        Kind::StudioFinished => "mail-studio-finished",
        Kind::Transcribed => "mail-transcribed",
        Kind::CollaborationAsked => "mail-collaboration-asked",
        Kind::CollaborationAccepted => "mail-collaboration-accepted",
        Kind::CollaborationRejected => "mail-collaboration-rejected",
        Kind::VideoOffered | Kind::ChannelOffered => "mail-ownership-offered",
        Kind::VideoAccepted | Kind::ChannelAccepted => "mail-ownership-accepted",
        Kind::VideoRejected | Kind::ChannelRejected => "mail-ownership-rejected",
        Kind::BlocklistUpdated => "mail-blocklist-updated",
    }
}

/// Who did it.
fn who(kind: Kind, body: &Map<String, Value>) -> &str {
    match kind {
        Kind::NewVideo | Kind::NewLive => word(body, &["video", "channel", "displayName"]),
        Kind::Comment | Kind::Mention => word(body, &["comment", "account", "displayName"]),
        Kind::Registered => word(body, &["account", "name"]),
        Kind::RegistrationAsked => word(body, &["registration", "username"]),
        Kind::Followed | Kind::ServerFollowed | Kind::AutoFollowed => {
            word(body, &["actorFollow", "follower", "displayName"])
        }
        Kind::CollaborationAsked => word(
            body,
            &["videoChannelCollaborator", "channelOwner", "displayName"],
        ),
        Kind::CollaborationAccepted | Kind::CollaborationRejected => word(
            body,
            &["videoChannelCollaborator", "account", "displayName"],
        ),
        Kind::VideoOffered | Kind::VideoAccepted | Kind::VideoRejected => {
            word(body, &["videoChangeOwnership", "account", "displayName"])
        }
        Kind::ChannelOffered | Kind::ChannelAccepted | Kind::ChannelRejected => word(
            body,
            &["videoChannelChangeOwnership", "account", "displayName"],
        ),
        _ => "",
    }
}

/// The name of the thing it is about.
fn what(kind: Kind, body: &Map<String, Value>) -> &str {
    match kind {
        Kind::Comment | Kind::Mention => word(body, &["comment", "video", "name"]),
        Kind::Blocked | Kind::AutoBlocked => word(body, &["videoBlacklist", "video", "name"]),
        Kind::Imported | Kind::ImportFailed => {
            let names = ["targetUrl", "torrentName", "magnetUri"];
            let mut found = names.iter().map(|name| word(body, &["videoImport", name]));
            found.find(|name| !name.is_empty()).unwrap_or_default()
        }
        Kind::Followed => word(body, &["actorFollow", "following", "displayName"]),
        Kind::AutoFollowed => word(body, &["actorFollow", "following", "host"]),
        Kind::ServerFollowed => word(body, &["actorFollow", "follower", "host"]),
        Kind::NewVersion => word(body, &["peertube", "latestVersion"]),
        Kind::Transcribed => word(body, &["videoCaption", "video", "name"]),
        Kind::CollaborationAsked | Kind::CollaborationAccepted | Kind::CollaborationRejected => {
            word(
                body,
                &["videoChannelCollaborator", "channel", "displayName"],
            )
        }
        Kind::VideoOffered | Kind::VideoAccepted | Kind::VideoRejected => {
            word(body, &["videoChangeOwnership", "video", "name"])
        }
        Kind::ChannelOffered | Kind::ChannelAccepted | Kind::ChannelRejected => word(
            body,
            &["videoChannelChangeOwnership", "channel", "displayName"],
        ),
        Kind::BlocklistUpdated => word(body, &["blocklistSubscription", "name"]),
        _ => word(body, &["video", "name"]),
    }
}

/// Where the link of the mail leads.
pub fn path(kind: Kind, body: &Map<String, Value>, about: &About) -> String {
    let watch = |holder: &[&str]| {
        let mut pointer = holder.to_vec();
        pointer.push("shortUUID");
        format!("/w/{}", word(body, &pointer))
    };
    let abuse = number(body, "abuse", "id");
    match kind {
        Kind::Comment | Kind::Mention => {
            let thread = number(body, "comment", "threadId");
            format!("{};threadId={thread}", watch(&["comment", "video"]))
        }
        Kind::Blocked => watch(&["videoBlacklist", "video"]),
        Kind::AutoBlocked => "/admin/videos".to_owned(),
        Kind::Imported => watch(&["videoImport", "video"]),
        Kind::ImportFailed => "/my/imports".to_owned(),
        Kind::Registered => format!("/a/{}", word(body, &["account", "name"])),
        Kind::RegistrationAsked => "/admin/joins".to_owned(),
        Kind::Followed => {
            let name = word(body, &["actorFollow", "follower", "name"]);
            format!(
                "/a/{name}@{}",
                word(body, &["actorFollow", "follower", "host"])
            )
        }
        Kind::ServerFollowed | Kind::AutoFollowed => "/admin/follows".to_owned(),
        Kind::Abuse => format!("/admin/reports/{abuse}"),
        Kind::AbuseMessage if about.payload.get("toReporter") == Some(&Value::Bool(false)) => {
            format!("/admin/reports/{abuse}")
        }
        Kind::AbuseJudged | Kind::AbuseMessage => format!("/my/reports/{abuse}"),
        Kind::NewVersion => "/admin".to_owned(),
        Kind::Transcribed => watch(&["videoCaption", "video"]),
        Kind::CollaborationAsked | Kind::VideoOffered | Kind::ChannelOffered => {
            "/my/offers".to_owned()
        }
        Kind::CollaborationAccepted | Kind::CollaborationRejected => {
            format!(
                "/c/{}",
                word(body, &["videoChannelCollaborator", "channel", "name"])
            )
        }
        Kind::VideoAccepted | Kind::VideoRejected => watch(&["videoChangeOwnership", "video"]),
        Kind::ChannelAccepted | Kind::ChannelRejected => {
            format!(
                "/c/{}",
                word(body, &["videoChannelChangeOwnership", "channel", "name"])
            )
        }
        Kind::BlocklistUpdated => "/admin/mutes?of=servers".to_owned(),
        _ => watch(&["video"]),
    }
}
