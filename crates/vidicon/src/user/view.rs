//! How users look in the REST API.

use super::{Doings, Used, store};
use crate::account::picture::{self, Shape};
use crate::account::{self, AccountId, ActorId, User, view};
use crate::app::App;
use crate::check::iso;
use crate::error::Result;
use crate::wire;
use crate::zone;
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// Settings that stand in the user object under their own names.
const SETTINGS: [&str; 17] = [
    "nsfwFlagsDisplayed",
    "nsfwFlagsHidden",
    "nsfwFlagsWarned",
    "nsfwFlagsBlurred",
    "p2pEnabled",
    "videosHistoryEnabled",
    "autoPlayVideo",
    "autoPlayNextVideo",
    "autoPlayNextVideoPlaylist",
    "videoLanguages",
    "language",
    zone::SETTING,
    "theme",
    "emailPublic",
    "noInstanceConfigWarningModal",
    "noWelcomeModal",
    "noAccountSetupWarningModal",
];

/// Many users, as administrators see them, in a fixed number of queries.
pub async fn users(app: &App, users: &[User]) -> Result<Vec<Value>> {
    let ids: Vec<AccountId> = users.iter().map(|user| user.account_id).collect();
    let accounts = view::accounts_by_id(app, &ids).await?;
    let channels = channels(app, &ids).await?;
    let used = super::used(app, &ids).await?;
    let one = |user: &User| {
        let mut object = object(app, user);
        let id = user.account_id;
        object.insert(
            "account".into(),
            accounts.get(&id).cloned().unwrap_or_default(),
        );
        let own = channels.get(&id).cloned().unwrap_or_default();
        object.insert("videoChannels".into(), Value::Array(own));
        add_used(&mut object, used.get(&id).copied().unwrap_or_default());
        Value::Object(object)
    };
    Ok(users.iter().map(one).collect())
}

pub async fn user(app: &App, user: &User) -> Result<Value> {
    Ok(users(app, std::slice::from_ref(user))
        .await?
        .pop()
        .unwrap_or_default())
}

/// The user who asks.
pub async fn me(app: &App, user: &User) -> Result<Value> {
    let mut object = self::user(app, user).await?;
    let room = account::group::room(&app.db, user).await?;
    wire::put(&mut object, "videoQuota", room.total_bytes);
    wire::put(&mut object, "videoQuotaDaily", room.daily_bytes);
    let lists = store::watch_later(&app.db, user.account_id).await?;
    let lists: Vec<Value> = lists
        .iter()
        .map(|list| json!({ "id": list.id, "name": list.display_name, "type": list.kind }))
        .collect();
    wire::put(&mut object, "specialPlaylists", lists);
    Ok(object)
}

pub fn add_doings(object: &mut Value, doings: Doings) {
    object["videosCount"] = doings.videos.into();
    object["videoCommentsCount"] = doings.comments.into();
    object["abusesCount"] = doings.abuses.into();
    object["abusesAcceptedCount"] = doings.abuses_accepted.into();
    object["abusesCreatedCount"] = doings.abuses_created.into();
}

fn add_used(object: &mut Map<String, Value>, used: Used) {
    object.insert("videoQuotaUsed".into(), used.total_bytes.into());
    object.insert("videoQuotaUsedDaily".into(), used.daily_bytes.into());
}

fn object(app: &App, user: &User) -> Map<String, Value> {
    let policy = user
        .settings
        .get("nsfwPolicy")
        .filter(|policy| policy.is_string());
    let mut object = Map::new();
    let own = json!({
        "id": user.id,
        "username": user.username,
        "email": user.email,
        "pendingEmail": user.pending_email,
        "emailVerified": user.email_verified,
        "pluginAuth": null,
        "role": { "id": i64::from(user.role), "label": user.role.label() },
        "adminFlags": user.admin_flags,
        "videoQuota": user.quota_bytes,
        "videoQuotaDaily": user.quota_daily_bytes,
        "blocked": user.blocked,
        "blockedReason": user.blocked_reason,
        "nsfwPolicy": policy.cloned().unwrap_or_else(|| app.instance.nsfw_policy().into()),
        "notificationSettings": user.notification_settings,
        "twoFactorEnabled": user.two_factor,
        "newFeaturesInfoRead": user.settings.get("newFeaturesInfoRead").cloned().unwrap_or(json!(0)),
        "createdAt": iso(user.created_at),
        "lastLoginDate": user.last_login_at.map(iso),
    });
    if let Value::Object(own) = own {
        object.extend(own);
    }
    for name in SETTINGS {
        let value = user.settings.get(name).cloned();
        let usual = if name.starts_with("nsfwFlags") {
            json!(0)
        } else {
            Value::Null
        };
        object.insert(name.to_owned(), value.unwrap_or(usual));
    }
    object
}

/// The channels of many accounts.
async fn channels(app: &App, accounts: &[AccountId]) -> Result<HashMap<AccountId, Vec<Value>>> {
    let rows = store::channels(&app.db, accounts).await?;
    let actors: Vec<ActorId> = rows.iter().map(|row| row.actor_id).collect();
    let avatars = picture::of(&app.db, &actors, Shape::Avatar).await?;
    let banners = picture::of(&app.db, &actors, Shape::Banner).await?;
    let mut sorted: HashMap<AccountId, Vec<Value>> = HashMap::new();
    for row in rows {
        let avatars = avatars
            .get(&row.actor_id)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let banners = banners
            .get(&row.actor_id)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let view = json!({
            "id": row.id,
            "name": row.name,
            "displayName": row.display_name,
            "url": app.url(&format!("/video-channels/{}", row.name)),
            "host": app.host(),
            "avatars": view::pictures(app, avatars, Shape::Avatar),
            "banners": view::pictures(app, banners, Shape::Banner),
            "hostRedundancyAllowed": false,
            "followingCount": row.following_count,
            "followersCount": row.follower_count,
            "description": row.description,
            "support": row.support,
            "isLocal": true,
            "createdAt": iso(row.created_at),
            "updatedAt": iso(row.updated_at),
        });
        sorted.entry(row.account_id).or_default().push(view);
    }
    Ok(sorted)
}
