//! Our videos as others see them: their documents, and what is sent when they come, change and go.

use super::store::{self, ActorRow, FederatedVideo};
use super::{deliver, local};
use crate::app::App;
use crate::error::Result;
use crate::video::files::torrent;
use crate::video::{self, CommentsPolicy, Privacy, Video, VideoId, VideoRef, VideoState, labels};
use base::job::JobError;
use fediverse::activity::{self, Kind};
use fediverse::actor::Kind as ActorKind;
use fediverse::address::Audience;
use fediverse::context::Context;
use fediverse::image::Image;
use fediverse::video as ap;
use serde_json::{Value, json};
use uuid::Uuid;

/// Whether others may know of the video at all.
pub fn is_federated(app: &App, video: &Video) -> bool {
    let shown = matches!(
        video.state,
        VideoState::Published | VideoState::WaitingForLive | VideoState::LiveEnded
    );
    let open = match video.privacy {
        Privacy::Public => true,
        Privacy::Unlisted => app.config.federation.unlisted,
        _ => false,
    };
    video.is_local && open && !video.blocked && shown
}

pub fn url(app: &App, uuid: Uuid) -> String {
    app.url(&format!("/videos/watch/{uuid}"))
}

/// The audience of everything that is said about a video.
pub fn audience(app: &App, video: &Video) -> Audience {
    if video.privacy == Privacy::Unlisted {
        return Audience::unlisted();
    }
    let channel = local::own_url(app, "channel", &video.channel_name);
    let account = local::own_url(app, "account", &video.account_name);
    Audience::public(Some(&channel), Some(&format!("{account}/followers")))
}

/// The document of a video of ours.
pub async fn document(app: &App, video: &Video) -> Result<ap::Video> {
    let id = url(app, video.uuid);
    let below = |part: &str| local::own_id(&format!("{id}/{part}"));
    let channel = local::own_id(&local::own_url(app, "channel", &video.channel_name))?;
    let account = local::own_id(&local::own_url(app, "account", &video.account_name))?;
    let by = |id, kind| ap::Attribution {
        id,
        kind: Some(kind),
    };
    let (files, playlists) = media(app, video).await?;
    let board = video::storyboard(app, video.id).await?;
    let has_chapters = !store::chapters(&app.db, video.id).await?.is_empty();
    Ok(ap::Video {
        id: local::own_id(&id)?,
        uuid: video.uuid.to_string(),
        name: video.name.clone(),
        duration_seconds: video.duration_s,
        category: numbered(labels::category(app.instance.labels(), video.category)),
        licence: numbered(labels::licence(app.instance.labels(), video.licence)),
        language: video.language.clone().map(|code| ap::Labelled {
            label: Some(labels::language_label(&code).unwrap_or(&code).to_owned()),
            identifier: code,
        }),
        views: video.views,
        downloads: Some(video.downloads),
        sensitive: video.nsfw,
        content_warning: video.nsfw_summary.clone(),
        sensitive_tags: sensitive_tags(video.nsfw_flags),
        state: video.state.number(),
        waits_for_transcoding: video.wait_transcoding,
        download_enabled: video.download_enabled,
        comments_policy: comments_policy(video.comments_policy),
        published_ms: video.published_at,
        updated_ms: video.updated_at,
        originally_published_ms: video.originally_published_at,
        uploaded_ms: video.input_file_updated_at,
        description: video.description.clone(),
        description_is_html: false,
        support: video.support.clone(),
        tags: video.tags.clone(),
        icons: icons(app, video),
        storyboard: board.map(|board| storyboard(app, board)),
        captions: captions(app, video).await?,
        aspect_ratio: video.aspect_ratio,
        pages: vec![app.url(&video.watch_path()), id.clone()],
        files,
        playlists,
        trackers: Vec::new(),
        likes: Some(below("likes")?),
        dislikes: Some(below("dislikes")?),
        shares: Some(below("announces")?),
        comments: Some(below("comments")?),
        chapters: if has_chapters {
            ap::Chapters::At(below("chapters")?)
        } else {
            ap::Chapters::None
        },
        attributed_to: vec![
            by(account, ActorKind::Person),
            by(channel.clone(), ActorKind::Group),
        ],
        group: Some(channel),
        embed_url: Some(embed_url(app, video).await?),
        player_settings: Some(below("player-settings")?),
        live: None,
        audience: audience(app, video),
    })
}

/// Nothing where only some pages may show it.
async fn embed_url(app: &App, video: &Video) -> Result<Option<String>> {
    let embedding = video::embed::of(app, video.id).await?;
    let open = embedding.policy == video::embed::EVERYWHERE;
    Ok(open.then(|| app.url(&format!("/videos/embed/{}", video.short_uuid()))))
}

fn comments_policy(policy: CommentsPolicy) -> ap::CommentsPolicy {
    match policy {
        CommentsPolicy::Enabled => ap::CommentsPolicy::Enabled,
        CommentsPolicy::Disabled => ap::CommentsPolicy::Disabled,
        CommentsPolicy::RequiresApproval => ap::CommentsPolicy::RequiresApproval,
    }
}

fn numbered(found: crate::wire::Labelled<i64>) -> Option<ap::Labelled> {
    Some(ap::Labelled {
        identifier: found.id?.to_string(),
        label: Some(found.label.to_owned()),
    })
}

fn storyboard(app: &App, board: video::Storyboard) -> ap::Storyboard {
    ap::Storyboard {
        url: app.url(&format!("/lazy-static/storyboards/{}", board.filename)),
        media_type: Some(local::media_type(&board.filename).to_owned()),
        total_width: board.total_width,
        total_height: board.total_height,
        tile_width: board.sprite_width,
        tile_height: board.sprite_height,
        tile_duration_seconds: board.sprite_duration,
    }
}

/// The flags of the REST API: 2 violent, 4 explicit.
fn sensitive_tags(flags: i64) -> Vec<String> {
    let named = [(2, "violent"), (4, "explicitSex")]
        .into_iter()
        .filter(|(bit, _)| flags & bit != 0);
    named.map(|(_, name)| name.to_owned()).collect()
}

fn icons(app: &App, video: &Video) -> Vec<Image> {
    let icon = |folder: &str, name: &Option<String>, width, height| {
        name.as_ref().map(|name| Image {
            url: app.url(&format!("/lazy-static/{folder}/{name}")),
            media_type: Some(local::media_type(name).to_owned()),
            width: Some(width),
            height: Some(height),
        })
    };
    let small = icon("thumbnails", &video.thumbnail, 280, 157);
    small
        .into_iter()
        .chain(icon("previews", &video.preview, 850, 480))
        .collect()
}

async fn captions(app: &App, video: &Video) -> Result<Vec<ap::Caption>> {
    let rows = store::captions(&app.db, video.id).await?;
    let caption = |row: store::CaptionRow| ap::Caption {
        label: Some(
            labels::language_label(&row.language)
                .unwrap_or(&row.language)
                .to_owned(),
        ),
        language: row.language,
        automatically_generated: row.automatically_generated,
        url: app.url(&format!("/lazy-static/video-captions/{}", row.filename)),
        playlist_url: None,
    };
    Ok(rows.into_iter().map(caption).collect())
}

async fn media(
    app: &App,
    video: &Video,
) -> Result<(Vec<ap::VideoFile>, Vec<ap::StreamingPlaylist>)> {
    let folder = app.url(&format!("/static/streaming-playlists/hls/{}", video.uuid));
    let (mut whole, mut parts) = (Vec::new(), Vec::new());
    for row in store::files(&app.db, video.id).await? {
        let fragmented = row.kind == "hls";
        let place = if fragmented {
            folder.clone()
        } else {
            app.url("/static/web-videos")
        };
        let url = format!("{place}/{}", row.filename);
        let address = torrent::Address {
            site: app.config.server.public_url.as_str(),
            folder: torrent::FOLDER,
            video: video.uuid,
            resolution: row.resolution,
            is_hls: fragmented,
        };
        let shared = row.info_hash.map(|hash| {
            let address = address.to_string();
            let magnet = torrent::magnet(&hash, &row.filename, &address, &url);
            (address, magnet)
        });
        let (torrent_url, magnet) = shared.unzip();
        let file = ap::VideoFile {
            url,
            media_type: if row.has_video {
                "video/mp4"
            } else {
                "audio/mp4"
            }
            .to_owned(),
            height: row.resolution,
            width: row.width,
            fps: if row.has_video { row.fps } else { -1 },
            size_bytes: row.size_bytes,
            metadata_url: Some(app.url(&format!(
                "/api/v1/videos/{}/metadata/{}",
                video.uuid, row.id
            ))),
            torrent_url,
            magnet,
            has_video: Some(row.has_video),
            has_audio: Some(row.has_audio),
            fragmented,
        };
        if fragmented {
            parts.push(file)
        } else {
            whole.push(file)
        }
    }
    let playlist = store::streaming_playlist(&app.db, video.id).await?;
    let playlists = playlist.map(|row| ap::StreamingPlaylist {
        url: format!("{folder}/{}", row.master_filename),
        infohashes: Vec::new(),
        segments_sha256_url: row.sha256_filename.map(|name| format!("{folder}/{name}")),
        files: parts,
    });
    Ok((whole, playlists.into_iter().collect()))
}

/// Tells others whatever is new about a video: that it is there, has changed, or is there no more.
pub async fn tell(app: &App, id: VideoId) -> Result<(), JobError> {
    let Ok(video) = video::find(app, VideoRef::Number(id)).await else {
        return Ok(());
    };
    if !app.config.federation.enabled || !video.is_local {
        return Ok(());
    }
    // A video that is only blocked here stays where it is, unless the moderator takes it back.
    if video.blocked && !store::is_unfederated(&app.db, video.id).await? {
        return Ok(());
    }
    let told = store::federated_video(&app.db, video.uuid).await?;
    match (is_federated(app, &video), told) {
        (true, None) => publish(app, &video).await?,
        (true, Some(told)) => update(app, &video, &told).await?,
        (false, Some(told)) => retract(app, video.uuid, Some(video.id), &told).await?,
        (false, None) => {}
    }
    Ok(())
}

/// As [`tell`], for a video whose row is gone.
pub async fn tell_deleted(app: &App, uuid: Uuid, id: VideoId) -> Result<(), JobError> {
    if video::find(app, VideoRef::Number(id)).await.is_ok() {
        return Ok(());
    }
    if let Some(told) = store::federated_video(&app.db, uuid).await? {
        retract(app, uuid, None, &told).await?;
    }
    Ok(())
}

struct Cast {
    account: ActorRow,
    channel: ActorRow,
    server: ActorRow,
}

async fn cast(app: &App, video: &Video) -> Result<Cast> {
    let gone = || crate::Error::not_found("The video has no owner.");
    Ok(Cast {
        account: store::actor(&app.db, video.account_actor_id)
            .await?
            .ok_or_else(gone)?,
        channel: store::actor(&app.db, video.channel_actor_id)
            .await?
            .ok_or_else(gone)?,
        server: local::server_actor(app).await?,
    })
}

async fn publish(app: &App, video: &Video) -> Result<()> {
    let cast = cast(app, video).await?;
    let create = activity_with_object(app, video, Kind::Create, "activity").await?;
    let create = deliver::prepare(app, &cast.account, create).await?;
    let mut announces = Vec::new();
    for actor in [&cast.server, &cast.channel] {
        announces.push(deliver::prepare(app, actor, announce(app, video, actor)).await?);
    }
    let inboxes =
        store::follower_inboxes(&app.db, &[cast.account.id, cast.channel.id, cast.server.id])
            .await?;
    let of_account = store::follower_inboxes(&app.db, &[cast.account.id]).await?;
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    store::note_federated(&mut tx, video.uuid, cast.account.id, cast.channel.id, now).await?;
    for actor in [&cast.server, &cast.channel] {
        let announced = announce_url(app, video, actor);
        store::add_share(&mut tx, video.id, actor.id, Some(&announced), now).await?;
    }
    deliver::queue(&mut tx, app, &create, of_account).await?;
    for announce in &announces {
        deliver::queue(&mut tx, app, announce, inboxes.clone()).await?;
    }
    tx.commit().await?;
    app.workers.wake();
    Ok(())
}

async fn update(app: &App, video: &Video, told: &FederatedVideo) -> Result<()> {
    let cast = cast(app, video).await?;
    let stamp = local::stamp(app, "updates");
    let update = activity_with_object(app, video, Kind::Update, &stamp).await?;
    let update = deliver::prepare(app, &cast.account, update).await?;
    let moved = told.channel_actor_id != cast.channel.id;
    let announces = match moved {
        true => change_of_channel(app, video, &cast.channel, told).await?,
        false => Vec::new(),
    };
    let inboxes = involved_inboxes(
        app,
        Some(video.id),
        &[
            cast.account.id,
            cast.channel.id,
            cast.server.id,
            told.channel_actor_id,
        ],
    )
    .await?;
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    store::note_federated(&mut tx, video.uuid, cast.account.id, cast.channel.id, now).await?;
    deliver::queue(&mut tx, app, &update, inboxes.clone()).await?;
    if moved {
        store::delete_share(&mut tx, video.id, told.channel_actor_id).await?;
        let announced = announce_url(app, video, &cast.channel);
        store::add_share(&mut tx, video.id, cast.channel.id, Some(&announced), now).await?;
    }
    for said in &announces {
        deliver::queue(&mut tx, app, said, inboxes.clone()).await?;
    }
    tx.commit().await?;
    app.workers.wake();
    Ok(())
}

/// The old channel takes its Announce back, and the new one says its own.
async fn change_of_channel(
    app: &App,
    video: &Video,
    channel: &ActorRow,
    told: &FederatedVideo,
) -> Result<Vec<deliver::Prepared>> {
    let mut said = Vec::new();
    let old = store::actor(&app.db, told.channel_actor_id).await?;
    if let Some(old) = old.filter(ActorRow::is_local) {
        let undone = announce(app, video, &old);
        let (id, by) = (
            format!("{}/undo", announce_url(app, video, &old)),
            local::actor_url(app, &old),
        );
        let audience = Audience::public(None, Some(&format!("{by}/followers")));
        let undo = activity::write(&Kind::Undo, &id, &by, undone, &audience);
        said.push(deliver::prepare(app, &old, Context::Plain.on(undo)).await?);
    }
    said.push(deliver::prepare(app, channel, announce(app, video, channel)).await?);
    Ok(said)
}

async fn retract(app: &App, uuid: Uuid, id: Option<VideoId>, told: &FederatedVideo) -> Result<()> {
    let Some(account) = store::actor(&app.db, told.account_actor_id).await? else {
        return Ok(());
    };
    let server = local::server_actor(app).await?;
    let url = url(app, uuid);
    let account_url = local::actor_url(app, &account);
    let delete = activity::write(
        &Kind::Delete,
        &format!("{url}/delete"),
        &account_url,
        json!(url),
        &Audience::default(),
    );
    let delete = deliver::prepare(app, &account, Context::Plain.on(delete)).await?;
    let inboxes =
        involved_inboxes(app, id, &[account.id, told.channel_actor_id, server.id]).await?;
    let mut tx = app.db.begin().await?;
    store::forget_federated(&mut tx, uuid).await?;
    deliver::queue(&mut tx, app, &delete, inboxes).await?;
    tx.commit().await?;
    app.workers.wake();
    Ok(())
}

/// The servers that know of a video: followers of its own actors and of all who announced it, and
/// those who announced it.
pub async fn involved_inboxes(
    app: &App,
    id: Option<VideoId>,
    own: &[crate::account::ActorId],
) -> Result<Vec<String>> {
    let mut actors = own.to_vec();
    let mut inboxes = Vec::new();
    if let Some(id) = id {
        for (actor_id, inbox) in store::sharers(&app.db, id).await? {
            inboxes.extend(inbox);
            actors.push(actor_id);
        }
    }
    inboxes.extend(store::follower_inboxes(&app.db, &actors).await?);
    Ok(inboxes)
}

/// A Create or Update with the whole video within.
pub async fn activity_with_object(
    app: &App,
    video: &Video,
    kind: Kind,
    part: &str,
) -> Result<Value> {
    let object = document(app, video).await?.to_json();
    let account = local::own_url(app, "account", &video.account_name);
    let id = format!("{}/{part}", url(app, video.uuid));
    Ok(Context::Video.on(activity::write(
        &kind,
        &id,
        &account,
        object,
        &audience(app, video),
    )))
}

pub fn announce_url(app: &App, video: &Video, actor: &ActorRow) -> String {
    format!("{}/announces/{}", url(app, video.uuid), actor.id)
}

pub fn announce(app: &App, video: &Video, actor: &ActorRow) -> Value {
    let actor_url = local::actor_url(app, actor);
    let audience = match video.privacy {
        Privacy::Unlisted => Audience::unlisted(),
        _ => Audience::public(None, Some(&format!("{actor_url}/followers"))),
    };
    let id = announce_url(app, video, actor);
    Context::Plain.on(activity::write(
        &Kind::Announce,
        &id,
        &actor_url,
        json!(url(app, video.uuid)),
        &audience,
    ))
}
