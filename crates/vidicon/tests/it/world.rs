//! A small world with one of everything, or some of everything, for tests that go over all routes.

use crate::app::TestApp;
use crate::video::add as add_video;
use base::db::Query;
use serde_json::Value;
use vidicon::account::session::{self, Origin};
use vidicon::account::{AccountId, NewUser, Role, UserId};
use vidicon::moderation::abuse::{self, About, Words};
use vidicon::video::Video;

/// Somebody with a token.
pub struct Person {
    pub id: UserId,
    pub account_id: AccountId,
    pub name: String,
    pub token: String,
}

/// Adds somebody and logs them in, without the cost of a password.
pub async fn person(app: &TestApp, name: &str, role: Role) -> Person {
    let new = NewUser {
        username: name.to_owned(),
        email: format!("{name}@example.org"),
        password: None,
        role,
        quota_bytes: -1,
        quota_daily_bytes: -1,
        admin_flags: 0,
        email_verified: None,
        display_name: None,
    };
    let (id, account_id) = vidicon::user::create(app, &new, None).await.unwrap();
    let origin = Origin::default();
    let tokens = session::start(app, id, &origin).await.unwrap();
    Person {
        id,
        account_id,
        name: name.to_owned(),
        token: tokens.access,
    }
}

/// What somebody has: a video with a comment, a playlist, and a report.
pub struct Things {
    pub video: Video,
    pub comment: i64,
    pub playlist: i64,
    pub abuse: i64,
}

async fn insert(app: &TestApp, query: Query) -> i64 {
    let (id,): (i64,) = query.one(&app.db).await.unwrap();
    id
}

pub async fn things(app: &TestApp, owner: &Person) -> Things {
    let video = add_video(
        app,
        &owner.name,
        &format!("Video of {}", owner.name),
        |_| {},
    )
    .await;
    let sql = "INSERT INTO comment (video_id, account_id, text, created_at, updated_at)
               VALUES ($1, $2, 'hello', 1, 1) RETURNING id";
    let comment = Query::new(sql).bind(video.id).bind(owner.account_id);
    let comment = insert(app, comment).await;
    let sql = "INSERT INTO playlist (uuid, account_id, channel_id, display_name, privacy, kind,
                                     created_at, updated_at)
               VALUES ($1, $2, $3, 'A list', 1, 1, 1, 1) RETURNING id";
    let playlist = Query::new(sql)
        .bind(base::random::uuid())
        .bind(owner.account_id)
        .bind(video.channel_id);
    let playlist = insert(app, playlist).await;
    let about = About::Video {
        video: Box::new(video.clone()),
        start_s: None,
        end_s: None,
    };
    let words = Words {
        reason: "spam".to_owned(),
        predefined: vec![3],
    };
    let mut tx = app.db.begin().await.unwrap();
    let abuse = abuse::report(&mut tx, owner.account_id, &about, &words, app.clock.now())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    Things {
        video,
        comment,
        playlist,
        abuse: abuse.0,
    }
}

/// The path of a route with its parameters filled in with somebody's things; what there is not
/// gets a number or name that nothing has.
pub fn fill(path: &str, owner: &Person, things: &Things) -> String {
    let mut filled = Vec::new();
    let mut before = "";
    for part in path.split('/') {
        let Some(start) = part.find('{') else {
            filled.push(part.to_owned());
            before = part;
            continue;
        };
        let end = part.find('}').unwrap();
        let value = match before {
            "videos" | "video-captions" | "w" | "watch" | "embed" => things.video.uuid.to_string(),
            "accounts" | "a" => owner.name.clone(),
            "video-channels" | "c" => format!("{}_channel", owner.name),
            "video-playlists" | "p" => things.playlist.to_string(),
            "users" => owner.id.to_string(),
            "abuses" => things.abuse.to_string(),
            "comments" | "comment-threads" => things.comment.to_string(),
            _ => "999999".to_owned(),
        };
        filled.push(format!("{}{value}{}", &part[..start], &part[end + 1..]));
        before = "";
    }
    filled.join("/")
}

/// Rows in as many tables as a list may read: `count` of each, most of them root's own or by as
/// many people.
pub async fn fill_up(app: &TestApp, root: &Person, count: i64) -> Vec<(Person, Things)> {
    let mut people = Vec::new();
    for n in 0..count {
        let one = person(app, &format!("person{n}"), Role::User).await;
        let theirs = things(app, &one).await;
        rows_of(app, root, &one, &theirs, n).await;
        people.push((one, theirs));
    }
    people
}

async fn rows_of(app: &TestApp, root: &Person, one: &Person, theirs: &Things, n: i64) {
    let video = &theirs.video;
    let of_root = things(app, root).await;
    let two = |sql: &'static str, a: i64, b: i64| Query::new(sql).bind(a).bind(b);
    let statements = [
        two(
            "INSERT INTO mute_account (by_account_id, account_id, created_at) VALUES ($1, $2, 1)",
            root.account_id.0,
            one.account_id.0,
        ),
        Query::new("INSERT INTO mute_account (account_id, created_at) VALUES ($1, 1)")
            .bind(of_nobody(app, n).await),
        Query::new("INSERT INTO mute_server (by_account_id, host, created_at) VALUES ($1, $2, 1)")
            .bind(root.account_id)
            .bind(format!("host{n}.example")),
        Query::new("INSERT INTO mute_server (host, created_at) VALUES ($1, 1)")
            .bind(format!("host{n}.example")),
        two(
            "INSERT INTO moderator_note (account_id, author_account_id, note, created_at)
             VALUES ($1, $2, 'a note', 1)",
            root.account_id.0,
            one.account_id.0,
        ),
        Query::new(
            "INSERT INTO registration (username, email, password_hash, reason, created_at,
                                       updated_at)
             VALUES ($1, $1, 'x', 'please', 1, 1)",
        )
        .bind(format!("guest{n}")),
        Query::new(
            "INSERT INTO follow (follower_actor_id, actor_id, state, created_at, updated_at)
             VALUES ((SELECT actor_id FROM account WHERE id = $1), $2, 'accepted', 1, 1)",
        )
        .bind(root.account_id)
        .bind(video.channel_actor_id),
        Query::new(
            "INSERT INTO follow (follower_actor_id, actor_id, state, created_at, updated_at)
             VALUES ((SELECT actor_id FROM account WHERE id = $1), $2, 'accepted', 1, 1)",
        )
        .bind(one.account_id)
        .bind(of_root.video.channel_actor_id),
        two(
            "INSERT INTO rating (account_id, video_id, value, created_at)
             VALUES ($1, $2, 'like', 1)",
            root.account_id.0,
            video.id.0,
        ),
        two(
            "INSERT INTO comment (video_id, account_id, text, created_at, updated_at)
             VALUES ($1, $2, 'hello', 2, 2)",
            of_root.video.id.0,
            one.account_id.0,
        ),
        Query::new("INSERT INTO user_group (name, created_at, updated_at) VALUES ($1, 1, 1)")
            .bind(format!("group{n}")),
        Query::new(
            "INSERT INTO user_group_member (group_id, user_id, created_at)
             SELECT g.id, $1, 1 FROM user_group g WHERE g.name = $2",
        )
        .bind(root.id)
        .bind(format!("group{n}")),
        Query::new(
            "INSERT INTO invitation (code, inviter_user_id, max_uses, created_at)
             VALUES ($1, $2, 1, 1)",
        )
        .bind(format!("code{n}"))
        .bind(root.id),
        Query::new(
            "INSERT INTO personal_token (user_id, name, token_hash, scopes, created_at)
             VALUES ($1, 'mine', $2, 'videos:read', 1)",
        )
        .bind(root.id)
        .bind(format!("hash{n}")),
        Query::new(
            "INSERT INTO notification (user_id, kind, video_id, account_id, payload, created_at,
                                       updated_at)
             VALUES ($1, 1, $2, $3, '{}', 1, 1)",
        )
        .bind(root.id)
        .bind(video.id)
        .bind(one.account_id),
        Query::new(
            "INSERT INTO caption (video_id, language, filename, updated_at)
             VALUES ($1, $2, $3, 1)",
        )
        .bind(video.id)
        .bind("en")
        .bind(format!("caption{n}.vtt")),
        Query::new(
            "INSERT INTO watched_words (account_id, name, words, created_at, updated_at)
             VALUES (NULL, $1, '[]', 1, 1)",
        )
        .bind(format!("words{n}")),
    ];
    for statement in statements {
        // A table that looks otherwise by now has a test of its own.
        if let Err(error) = statement.execute(&app.db).await {
            println!("left out: {error}");
        }
    }
    let blocked = add_video(app, &one.name, "Blocked", |_| {}).await;
    let mut tx = app.db.begin().await.unwrap();
    vidicon::video::block(&mut tx, blocked.id, false, None, None, false, 1)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

/// An account that the site may mute without hiding what the lists are to show.
async fn of_nobody(app: &TestApp, n: i64) -> AccountId {
    person(app, &format!("muted{n}"), Role::User)
        .await
        .account_id
}

/// The first person, who is an administrator.
pub async fn root(app: &TestApp) -> Person {
    let user = vidicon::account::user_by_name(app, "root").await.unwrap();
    let user = user.unwrap();
    let tokens = session::start(app, user.id, &Origin::default())
        .await
        .unwrap();
    Person {
        id: user.id,
        account_id: user.account_id,
        name: "root".to_owned(),
        token: tokens.access,
    }
}

/// A list's rows, when an answer is one.
pub fn rows(answer: &Value) -> Option<usize> {
    let data = answer.get("data").or(Some(answer));
    data.and_then(Value::as_array).map(Vec::len)
}
