//! The site as programs see it: `/config`, `/config/about` and `/config/custom`.

use super::settings::{self, Settings};
use super::{Current, Picture, change};
use crate::app::App;
use crate::check::iso;

use serde_json::{Map, Value, json};

/// The version of PeerTube whose API this is. Programs compare it to know what they may call.
pub const API_VERSION: &str = "8.2.1";
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The largest picture and caption, in bytes.
pub const IMAGE_MAX: u64 = 4 * 1024 * 1024;
pub const CAPTION_MAX: u64 = 20 * 1024 * 1024;

const USUAL_VIDEOS: [&str; 3] = [".mp4", ".ogv", ".webm"];
const OTHER_VIDEOS: [&str; 24] = [
    ".ogg", ".mkv", ".mov", ".qt", ".mqv", ".m4v", ".flv", ".f4v", ".wmv", ".avi", ".3gp", ".3gpp",
    ".3g2", ".nut", ".mts", ".m2ts", ".mpv", ".m2v", ".m1v", ".mpg", ".mpe", ".mpeg", ".vob",
    ".mxf",
];
const SOUNDS: [&str; 7] = [".mp3", ".wav", ".flac", ".aac", ".m4a", ".ac3", ".wma"];

/// The endings of files that may be uploaded as a video.
pub fn video_extensions(settings: &Settings) -> Vec<&'static str> {
    let transcoding = &settings.transcoding;
    let mut extensions = USUAL_VIDEOS.to_vec();
    if transcoding.enabled && transcoding.allow_additional_extensions {
        extensions.extend(OTHER_VIDEOS);
    }
    if transcoding.enabled && transcoding.allow_audio_files {
        extensions.extend(SOUNDS);
    }
    extensions
}

/// What every client asks first. `signup_allowed` is left out where the answer is kept in a page.
pub fn public(app: &App, signup_allowed: Option<(bool, bool)>) -> Value {
    let current = app.instance.current();
    let settings = &*current.settings;
    let mut all = Map::new();
    for part in [
        client(app, settings),
        site(app, &current),
        people(settings),
        video(settings),
        live(settings),
        files(settings),
        network(settings),
        plain(app, &current),
    ] {
        if let Value::Object(part) = part {
            all.extend(part);
        }
    }
    if let Some((allowed, allowed_here)) = signup_allowed {
        let signup = &settings.signup;
        all.insert(
            "signup".to_owned(),
            json!({
                "allowed": allowed,
                "allowedForCurrentIP": allowed_here,
                "minimumAge": signup.minimum_age,
                "requiresApproval": signup.requires_approval,
                "requiresEmailVerification": signup.requires_email_verification,
            }),
        );
    }
    Value::Object(all)
}

fn client(app: &App, settings: &Settings) -> Value {
    let client = &settings.client;
    let miniature = client.videos.miniature;
    json!({
        "client": {
            "header": { "hideInstanceName": client.header.hide_instance_name },
            "videos": {
                "miniature": {
                    "displayAuthorAvatar": miniature.display_author_avatar,
                    "preferAuthorDisplayName": miniature.prefer_author_display_name,
                },
                "resumableUpload": { "maxChunkSize": null },
            },
            "browseVideos": client.browse_videos,
            "menu": client.menu,
            "openInApp": {
                "android": { "intent": { "enabled": false, "host": "", "scheme": "", "fallbackUrl": "" } },
                "ios": { "enabled": false, "host": "", "scheme": "", "fallbackUrl": "" },
            },
        },
        "defaults": {
            "publish": {
                "downloadEnabled": settings.defaults.publish.download_enabled,
                "commentsPolicy": settings.defaults.publish.comments_policy,
                "commentsEnabled": settings.defaults.publish.comments_policy != 2,
                "privacy": settings.defaults.publish.privacy,
                "licence": settings.defaults.publish.licence,
            },
            "p2p": settings.defaults.p2p,
            "player": { "theme": "galaxy", "autoPlay": settings.defaults.player.auto_play },
        },
        "webadmin": { "configuration": { "edition": { "allowed": app.config.server.settings_on_site } } },
        "broadcastMessage": settings.broadcast_message,
    })
}

fn site(app: &App, current: &Current) -> Value {
    let site = &current.settings.instance;
    json!({
        "instance": {
            "name": site.name,
            "shortDescription": site.short_description,
            "isNSFW": site.is_nsfw,
            "defaultNSFWPolicy": site.default_nsfw_policy,
            "defaultClientRoute": site.default_client_route,
            "defaultLanguage": site.default_language,
            "serverCountry": site.server_country,
            "support": site.support,
            "social": site.social,
            "customizations": site.customizations,
            "avatars": pictures(app, current, "avatar"),
            "banners": pictures(app, current, "banner"),
            "logo": logos(app, current),
        },
        "theme": {
            "registered": [],
            "builtIn": [],
            "default": current.settings.theme.default,
            "customization": current.settings.theme.customization,
        },
        "plugin": {
            "registered": [],
            "registeredExternalAuths": external_auths(app),
            "registeredIdAndPassAuths": [],
        },
        "homepage": { "enabled": current.has_homepage },
    })
}

/// Ways to log in by a browser, in the shape in which PeerTube's programs look for them.
fn external_auths(app: &App) -> Vec<Value> {
    let ways = app.config.sso.iter().filter(|(_, sso)| sso.has_page());
    let shown = ways.map(|(name, sso)| {
        json!({
            "npmName": "peertube-plugin-sso", "name": "sso", "version": env!("CARGO_PKG_VERSION"),
            "authName": name, "authDisplayName": sso.label(name),
        })
    });
    shown.collect()
}

fn people(settings: &Settings) -> Value {
    json!({
        "user": {
            "videoQuota": settings.user.video_quota,
            "videoQuotaDaily": settings.user.video_quota_daily,
        },
        "videoChannels": { "maxPerUser": settings.video_channels.max_per_user },
        "import": {
            "videos": {
                "http": settings.import.videos.http,
                "torrent": settings.import.videos.torrent,
            },
            "videoChannelSynchronization": {
                "enabled": settings.import.video_channel_synchronization.enabled,
            },
            "users": settings.import.users,
        },
        "export": { "users": settings.export.users },
        "autoBlacklist": settings.auto_blacklist,
        "nsfwFlagsSettings": settings.nsfw_flags_settings,
        "blocklist": settings.blocklist,
        "trending": {
            "videos": {
                "intervalDays": 7,
                "algorithms": settings.trending.videos.algorithms,
            },
        },
    })
}

fn video(settings: &Settings) -> Value {
    let transcoding = &settings.transcoding;
    json!({
        "transcoding": {
            "enabled": transcoding.enabled,
            "remoteRunners": transcoding.remote_runners,
            "hls": { "enabled": transcoding.hls.enabled },
            "web_videos": { "enabled": transcoding.web_videos.enabled },
            "enabledResolutions": settings::enabled(&transcoding.resolutions),
            "profile": transcoding.profile,
            "availableProfiles": ["default"],
        },
        "videoStudio": settings.video_studio,
        "videoFile": settings.video_file,
        // Only runners do it.
        "videoTranscription": {
            "enabled": settings.video_transcription.enabled
                && settings.video_transcription.remote_runners.enabled,
            "remoteRunners": settings.video_transcription.remote_runners,
        },
        "storyboards": settings.storyboards,
        "views": { "videos": { "watchingInterval": { "anonymous": 5000, "users": 5000 } } },
    })
}

fn live(settings: &Settings) -> Value {
    let live = &settings.live;
    json!({
        "live": {
            "enabled": live.enabled,
            "allowReplay": live.allow_replay,
            "latencySetting": live.latency_setting,
            "maxDuration": live.max_duration,
            "maxInstanceLives": live.max_instance_lives,
            "maxUserLives": live.max_user_lives,
            "rtmp": { "port": 1935 },
            "transcoding": {
                "enabled": live.transcoding.enabled,
                "remoteRunners": live.transcoding.remote_runners,
                "enabledResolutions": settings::enabled(&live.transcoding.resolutions),
                "profile": live.transcoding.profile,
                "availableProfiles": ["default"],
            },
        },
    })
}

fn files(settings: &Settings) -> Value {
    let picture = |extensions: &[&str]| {
        json!({
            "file": { "size": { "max": IMAGE_MAX }, "extensions": extensions },
            "extensions": extensions,
        })
    };
    let still = [".png", ".jpg", ".jpeg", ".webp"];
    json!({
        "avatar": picture(&[".png", ".jpeg", ".jpg", ".gif", ".webp"]),
        "banner": picture(&[".png", ".jpeg", ".jpg", ".gif", ".webp"]),
        "video": {
            "image": { "size": { "max": IMAGE_MAX }, "extensions": still },
            "file": { "extensions": video_extensions(settings) },
        },
        "videoCaption": {
            "file": { "size": { "max": CAPTION_MAX }, "extensions": [".vtt", ".srt"] },
        },
    })
}

fn network(settings: &Settings) -> Value {
    json!({
        "search": settings.search,
        "followings": {
            "instance": {
                "autoFollowIndex": {
                    "indexUrl": settings.followings.instance.auto_follow_index.index_url,
                },
            },
        },
        "federation": { "enabled": true },
        "tracker": { "enabled": settings.tracker.enabled },
        "openTelemetry": { "metrics": { "enabled": false, "playbackStatsInterval": 15_000 } },
    })
}

fn plain(app: &App, current: &Current) -> Value {
    json!({
        "serverVersion": API_VERSION,
        "vidiconVersion": VERSION,
        "email": { "enabled": app.mail.is_on() },
        "contactForm": current.settings.contact_form,
        "features": current.settings.features,
    })
}

pub fn about(app: &App) -> Value {
    let current = app.instance.current();
    let site = &current.settings.instance;
    json!({
        "instance": {
            "name": site.name,
            "shortDescription": site.short_description,
            "description": site.description,
            "terms": site.terms,
            "codeOfConduct": site.code_of_conduct,
            "hardwareInformation": site.hardware_information,
            "creationReason": site.creation_reason,
            "moderationInformation": site.moderation_information,
            "administrator": site.administrator,
            "maintenanceLifetime": site.maintenance_lifetime,
            "businessModel": site.business_model,
            "languages": site.languages,
            "categories": site.categories,
            "serverCountry": site.server_country,
            "support": site.support,
            "social": site.social,
            "avatars": pictures(app, &current, "avatar"),
            "banners": pictures(app, &current, "banner"),
        },
    })
}

/// All that an administrator may change, and what of it the file or the environment fixes.
pub fn custom(app: &App) -> Value {
    let mut tree = change::tree(&app.instance.settings());
    tree.insert("locked".to_owned(), json!(app.instance.locked()));
    Value::Object(tree)
}

pub fn pictures(app: &App, current: &Current, kind: &str) -> Vec<Value> {
    let kept = current.pictures.get(kind).map(Vec::as_slice);
    kept.unwrap_or_default()
        .iter()
        .map(|picture| shown(app, picture))
        .collect()
}

fn shown(app: &App, picture: &Picture) -> Value {
    let path = format!("/lazy-static/avatars/{}", picture.filename);
    json!({
        "path": path,
        "fileUrl": app.url(&path),
        "width": picture.width,
        "height": picture.height,
        "createdAt": iso(picture.created_at),
        "updatedAt": iso(picture.created_at),
    })
}

fn logos(app: &App, current: &Current) -> Vec<Value> {
    super::LOGOS
        .iter()
        .flat_map(|kind| {
            let kept = current.pictures.get(*kind).map(Vec::as_slice);
            kept.unwrap_or_default().iter().map(|picture| {
                let mut logo = shown(app, picture);
                if let Some(logo) = logo.as_object_mut() {
                    logo.insert("type".to_owned(), (*kind).into());
                    logo.insert("isFallback".to_owned(), false.into());
                }
                logo
            })
        })
        .collect()
}
