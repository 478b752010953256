//! The settings of what the site does: quotas, transcoding, live, imports, follows, search.

use super::{Off, On};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const GIB: i64 = 1024 * 1024 * 1024;

/// What a new user starts with. Quotas in bytes, -1 for none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct NewUsers {
    pub history: HistoryOf,
    pub video_quota: i64,
    pub video_quota_daily: i64,
    pub default_channel_name: String,
    /// Days for which the name of a deleted account or channel cannot be freed.
    pub name_tombstone_days: i64,
}

impl Default for NewUsers {
    fn default() -> Self {
        NewUsers {
            history: HistoryOf::default(),
            video_quota: -1,
            video_quota_daily: -1,
            default_channel_name: "Main $1 channel".to_owned(),
            name_tombstone_days: 0,
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct HistoryOf {
    pub videos: On,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Channels {
    pub max_per_user: i64,
}

impl Default for Channels {
    fn default() -> Self {
        Channels { max_per_user: 20 }
    }
}

/// Which renditions are made of a video, in the ladder's words: `720p`, and `0p` for sound alone.
pub type Resolutions = BTreeMap<String, bool>;

fn resolutions(wanted: &[&str]) -> Resolutions {
    let all = [
        "0p", "144p", "240p", "360p", "480p", "720p", "1080p", "1440p", "2160p",
    ];
    all.into_iter()
        .map(|name| (name.to_owned(), wanted.contains(&name)))
        .collect()
}

/// The pixels of each rendition that is switched on, smallest first.
pub fn enabled(resolutions: &Resolutions) -> Vec<u32> {
    let mut found: Vec<u32> = resolutions
        .iter()
        .filter(|(_, wanted)| **wanted)
        .filter_map(|(name, _)| name.trim_end_matches('p').parse().ok())
        .collect();
    found.sort_unstable();
    found
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Transcoding {
    pub enabled: bool,
    pub original_file: OriginalFile,
    pub allow_additional_extensions: bool,
    pub allow_audio_files: bool,
    pub remote_runners: Off,
    /// Encoder threads of one transcode; the settings file says it.
    pub threads: i64,
    /// Transcodes at the same time; the settings file says it.
    pub concurrency: i64,
    pub profile: String,
    /// The encoder's quality is chosen for each video by trials.
    pub per_title: Off,
    pub loudness: Loudness,
    /// Encoders stand still while the load of everything else is higher, in percent of the machine's
    /// processors; 0: never.
    pub pause_above_load: i64,
    /// When encoders may work, such as `22:00-06:30` in UTC; empty: always.
    pub hours: String,
    pub resolutions: Resolutions,
    pub av1: Av1,
    pub always_transcode_original_resolution: bool,
    pub fps: Fps,
    pub web_videos: Off,
    pub hls: Hls,
}

impl Default for Transcoding {
    fn default() -> Self {
        Transcoding {
            enabled: true,
            original_file: OriginalFile::default(),
            allow_additional_extensions: true,
            allow_audio_files: true,
            remote_runners: Off::default(),
            threads: 1,
            concurrency: 1,
            profile: "default".to_owned(),
            per_title: Off::default(),
            loudness: Loudness::default(),
            pause_above_load: 0,
            hours: String::new(),
            resolutions: resolutions(&["240p", "360p", "480p", "720p", "1080p"]),
            av1: Av1::default(),
            always_transcode_original_resolution: true,
            fps: Fps::default(),
            web_videos: Off::default(),
            hls: Hls::default(),
        }
    }
}

/// Renditions in AV1 beside those in H.264, for players that can show them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Av1 {
    pub enabled: bool,
    /// Of those that are made in H.264; larger ones take the longest.
    pub resolutions: Resolutions,
}

impl Default for Av1 {
    fn default() -> Self {
        Av1 {
            enabled: false,
            resolutions: resolutions(&["240p", "360p", "480p", "720p", "1080p"]),
        }
    }
}

/// Are all videos made equally loud?
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Loudness {
    pub enabled: bool,
    /// LUFS, by EBU R128.
    pub target: i64,
}

impl Default for Loudness {
    fn default() -> Self {
        Loudness {
            enabled: false,
            target: -16,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct OriginalFile {
    /// Is the file as it was uploaded kept beside its renditions?
    pub keep: bool,
}

impl Default for OriginalFile {
    fn default() -> Self {
        OriginalFile { keep: true }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Fps {
    pub max: i64,
}

impl Default for Fps {
    fn default() -> Self {
        Fps { max: 60 }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Hls {
    pub enabled: bool,
    pub split_audio_and_video: bool,
}

impl Default for Hls {
    fn default() -> Self {
        Hls {
            enabled: true,
            split_audio_and_video: true,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Live {
    pub enabled: bool,
    pub allow_replay: bool,
    pub latency_setting: On,
    /// Milliseconds; -1 for no limit.
    pub max_duration: i64,
    pub max_instance_lives: i64,
    pub max_user_lives: i64,
    pub transcoding: LiveTranscoding,
}

impl Default for Live {
    fn default() -> Self {
        Live {
            enabled: false,
            allow_replay: true,
            latency_setting: On::default(),
            max_duration: -1,
            max_instance_lives: 20,
            max_user_lives: 3,
            transcoding: LiveTranscoding::default(),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct LiveTranscoding {
    pub enabled: bool,
    pub remote_runners: Off,
    pub threads: i64,
    pub profile: String,
    pub resolutions: Resolutions,
    pub always_transcode_original_resolution: bool,
    pub fps: Fps,
}

impl Default for LiveTranscoding {
    fn default() -> Self {
        LiveTranscoding {
            enabled: true,
            remote_runners: Off::default(),
            threads: 2,
            profile: "default".to_owned(),
            resolutions: resolutions(&["360p"]),
            always_transcode_original_resolution: true,
            fps: Fps::default(),
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Remote {
    pub enabled: bool,
    pub remote_runners: Off,
}

/// The pictures of the seek bar.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Storyboards {
    pub enabled: bool,
    pub remote_runners: Off,
}

impl Default for Storyboards {
    fn default() -> Self {
        Storyboards {
            enabled: true,
            remote_runners: Off::default(),
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct VideoFile {
    /// May the file of a video be replaced while its address stays?
    pub update: On,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Import {
    pub videos: ImportVideos,
    pub video_channel_synchronization: ChannelSync,
    pub users: On,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ImportVideos {
    pub concurrency: i64,
    pub http: Off,
    pub torrent: Off,
}

impl Default for ImportVideos {
    fn default() -> Self {
        ImportVideos {
            concurrency: 1,
            http: Off::default(),
            torrent: Off::default(),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ChannelSync {
    pub enabled: bool,
    pub max_per_user: i64,
}

impl Default for ChannelSync {
    fn default() -> Self {
        ChannelSync {
            enabled: false,
            max_per_user: 10,
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Export {
    pub users: ExportUsers,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ExportUsers {
    pub enabled: bool,
    /// Bytes of videos up to which a user's archive may hold their files.
    pub max_user_video_quota: i64,
    /// Milliseconds.
    pub export_expiration: i64,
}

impl Default for ExportUsers {
    fn default() -> Self {
        ExportUsers {
            enabled: true,
            max_user_video_quota: 10 * GIB,
            export_expiration: 2 * base::clock::DAY,
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct AutoBlock {
    pub videos: AutoBlockVideos,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct AutoBlockVideos {
    pub of_users: Off,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Trending {
    pub videos: TrendingVideos,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct TrendingVideos {
    pub algorithms: Algorithms,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Algorithms {
    pub enabled: Vec<String>,
    pub default: String,
}

impl Default for Algorithms {
    fn default() -> Self {
        Algorithms {
            enabled: ["hot", "most-viewed", "most-liked"]
                .map(str::to_owned)
                .to_vec(),
            default: "most-viewed".to_owned(),
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Followers {
    pub instance: FollowersOfSite,
    pub channels: On,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct FollowersOfSite {
    pub enabled: bool,
    pub manual_approval: bool,
}

impl Default for FollowersOfSite {
    fn default() -> Self {
        FollowersOfSite {
            enabled: true,
            manual_approval: false,
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Followings {
    pub instance: AutoFollow,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct AutoFollow {
    pub auto_follow_back: Off,
    pub auto_follow_index: FollowIndex,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct FollowIndex {
    pub enabled: bool,
    pub index_url: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Broadcast {
    pub enabled: bool,
    pub message: String,
    /// `info`, `warning` or `error`.
    pub level: String,
    pub dismissable: bool,
}

impl Default for Broadcast {
    fn default() -> Self {
        Broadcast {
            enabled: false,
            message: String::new(),
            level: "info".to_owned(),
            dismissable: false,
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Search {
    pub remote_uri: RemoteUri,
    pub search_index: SearchIndex,
}

/// Who may look for videos of other servers by their address.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct RemoteUri {
    pub users: bool,
    pub anonymous: bool,
}

impl Default for RemoteUri {
    fn default() -> Self {
        RemoteUri {
            users: true,
            anonymous: false,
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct SearchIndex {
    pub enabled: bool,
    pub url: String,
    pub disable_local_search: bool,
    pub is_default_search: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Defaults {
    pub publish: Publish,
    pub p2p: PeerToPeer,
    pub player: Player,
}

/// What the upload form starts with.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Publish {
    pub download_enabled: bool,
    pub comments_policy: i64,
    pub privacy: i64,
    pub licence: Option<i64>,
}

impl Default for Publish {
    fn default() -> Self {
        Publish {
            download_enabled: true,
            comments_policy: 1,
            privacy: 1,
            licence: None,
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct PeerToPeer {
    pub webapp: Off,
    pub embed: Off,
}

/// Viewers of a video may give each other parts of it. Their browsers learn each other's addresses, so nobody takes
/// part before this is switched on, and those who have not chosen only where [`PeerToPeer`] says so.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Tracker {
    pub enabled: bool,
    /// Servers that tell a browser its own address (`stun:host:port`). Without one only viewers of the same network find
    /// each other.
    pub stun_servers: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Player {
    pub auto_play: bool,
}

impl Default for Player {
    fn default() -> Self {
        Player { auto_play: true }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Blocklist {
    pub public_log: Off,
}

/// What moderators publish, and how newcomers are held on a longer leash.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Moderation {
    /// Everybody may read what was done, without a word about whom.
    pub public_log: Off,
    pub new_accounts: NewAccounts,
}

/// Limits of accounts in their first hours.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct NewAccounts {
    pub enabled: bool,
    /// How long an account counts as new.
    pub hours: i64,
    /// Comments with links to elsewhere wait for a review.
    pub hold_links: bool,
    /// Videos that a new account may add in a day; -1 for any number.
    pub max_videos: i64,
}

impl Default for NewAccounts {
    fn default() -> Self {
        NewAccounts {
            enabled: false,
            hours: 24,
            hold_links: true,
            max_videos: -1,
        }
    }
}
