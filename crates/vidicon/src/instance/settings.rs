//! The settings that an administrator changes while the site runs, in the shape of PeerTube's
//! `/config/custom`. Each default stands here; a change takes effect with the next request.

mod care;
mod costs;
mod features;
mod hours;
mod labels;

pub use care::*;
pub use costs::*;
pub use features::*;
pub use hours::read_hours;
pub use labels::{Labels, OwnLabels, read_labels};

use crate::text::is_address;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Settings {
    pub instance: Site,
    pub theme: Theme,
    pub services: Services,
    pub client: Client,
    pub cache: Caches,
    pub signup: Signup,
    pub admin: Admin,
    pub contact_form: On,
    pub user: NewUsers,
    pub video_channels: Channels,
    pub transcoding: Transcoding,
    pub live: Live,
    pub video_studio: Remote,
    pub video_file: VideoFile,
    pub video_transcription: Remote,
    pub import: Import,
    pub export: Export,
    pub auto_blacklist: AutoBlock,
    pub trending: Trending,
    pub followers: Followers,
    pub followings: Followings,
    pub broadcast_message: Broadcast,
    pub search: Search,
    pub storyboards: Storyboards,
    pub defaults: Defaults,
    pub tracker: Tracker,
    pub nsfw_flags_settings: On,
    pub blocklist: Blocklist,
    pub moderation: Moderation,
    pub gate: Gate,
    pub spam: Spam,
    pub reactions: Reactions,
    pub costs: Costs,
    pub lifecycle: Lifecycle,
    pub features: Features,
    pub labels: Labels,
}

/// Something that is on unless it is switched off.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct On {
    pub enabled: bool,
}

impl Default for On {
    fn default() -> Self {
        On { enabled: true }
    }
}

/// What people may do here at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Features {
    pub uploads: On,
    pub comments: On,
    pub downloads: On,
    pub search: On,
}

/// Something that is off unless it is switched on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Off {
    pub enabled: bool,
}

/// Names, texts and looks of the site.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Site {
    pub name: String,
    pub short_description: String,
    pub description: String,
    pub terms: String,
    pub code_of_conduct: String,
    pub creation_reason: String,
    pub moderation_information: String,
    pub administrator: String,
    pub maintenance_lifetime: String,
    pub business_model: String,
    pub hardware_information: String,
    pub languages: Vec<String>,
    pub categories: Vec<i64>,
    #[serde(rename = "isNSFW")]
    pub is_nsfw: bool,
    /// `do_not_list`, `warn`, `blur` or `display`.
    #[serde(rename = "defaultNSFWPolicy")]
    pub default_nsfw_policy: String,
    pub default_client_route: String,
    pub default_language: String,
    pub server_country: String,
    pub support: Support,
    pub social: Social,
    pub customizations: Customizations,
    /// Nodeinfo names the software `peertube`, for tools that test for that word.
    pub answer_as_peertube: bool,
}

impl Default for Site {
    fn default() -> Self {
        Site {
            name: "Vidicon".to_owned(),
            short_description: "A community's own video site.".to_owned(),
            description: String::new(),
            terms: String::new(),
            code_of_conduct: String::new(),
            creation_reason: String::new(),
            moderation_information: String::new(),
            administrator: String::new(),
            maintenance_lifetime: String::new(),
            business_model: String::new(),
            hardware_information: String::new(),
            languages: Vec::new(),
            categories: Vec::new(),
            is_nsfw: false,
            default_nsfw_policy: "do_not_list".to_owned(),
            default_client_route: "/videos/trending".to_owned(),
            default_language: "en".to_owned(),
            server_country: String::new(),
            support: Support::default(),
            social: Social::default(),
            customizations: Customizations::default(),
            answer_as_peertube: false,
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Support {
    pub text: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Social {
    pub external_link: String,
    pub mastodon_link: String,
    pub bluesky_link: String,
    pub x_link: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Customizations {
    pub javascript: String,
    pub css: String,
    /// Links in the head of every page: a line each, a word and an address.
    pub links: String,
    /// The handle of the one channel that the whole site is about; empty for none.
    pub channel: String,
    /// What stands on the front page, row by row, as `instance::home` reads it; nothing for the usual order.
    pub home: Vec<String>,
}

impl Customizations {
    /// Is the whole site one channel?
    pub fn is_one_channel(&self) -> bool {
        !self.channel.is_empty()
    }
}

/// A line of [`Customizations::links`]: a word, then an address of the web, of mail or of this site.
pub fn read_link(line: &str) -> Option<(String, String)> {
    let (word, url) = line.trim().rsplit_once(char::is_whitespace)?;
    is_address(url).then(|| (word.trim().to_owned(), url.to_owned()))
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Theme {
    pub default: String,
    pub customization: Look,
}

impl Default for Theme {
    fn default() -> Self {
        Theme {
            default: "default".to_owned(),
            customization: Look::default(),
        }
    }
}

/// Colours and corners as CSS writes them; nothing for the theme's own.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Look {
    pub primary_color: Option<String>,
    pub foreground_color: Option<String>,
    pub background_color: Option<String>,
    pub background_secondary_color: Option<String>,
    pub menu_foreground_color: Option<String>,
    pub menu_background_color: Option<String>,
    pub menu_border_radius: Option<String>,
    pub header_foreground_color: Option<String>,
    pub header_background_color: Option<String>,
    pub input_border_radius: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Services {
    pub twitter: Twitter,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Twitter {
    pub username: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Client {
    pub header: Header,
    pub videos: ClientVideos,
    pub browse_videos: BrowseVideos,
    pub menu: Menu,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Header {
    pub hide_instance_name: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ClientVideos {
    pub miniature: Miniature,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Miniature {
    pub display_author_avatar: bool,
    pub prefer_author_display_name: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct BrowseVideos {
    pub default_sort: String,
    pub default_scope: String,
}

impl Default for BrowseVideos {
    fn default() -> Self {
        BrowseVideos {
            default_sort: "-publishedAt".to_owned(),
            default_scope: "federated".to_owned(),
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Menu {
    pub login: MenuLogin,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct MenuLogin {
    pub redirect_on_single_external_auth: bool,
}

/// Kept for clients that send these numbers back; nothing here needs such caches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Caches {
    pub previews: Cache,
    pub captions: Cache,
    pub torrents: Cache,
    pub storyboards: Cache,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Cache {
    pub size: i64,
}

impl Default for Cache {
    fn default() -> Self {
        Cache { size: 20_000 }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Signup {
    pub enabled: bool,
    /// Users after whom nobody can sign up any more; -1 for no limit.
    pub limit: i64,
    pub requires_approval: bool,
    pub requires_email_verification: bool,
    pub minimum_age: i64,
    pub invitations: Invitations,
}

/// Codes that let people in though sign-up is closed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Invitations {
    /// May everybody invite, or moderators only?
    pub by_users: bool,
    /// People whom one user may invite.
    pub max_per_user: i64,
}

impl Default for Invitations {
    fn default() -> Self {
        Invitations {
            by_users: false,
            max_per_user: 5,
        }
    }
}

impl Default for Signup {
    fn default() -> Self {
        Signup {
            enabled: false,
            limit: 10,
            requires_approval: true,
            requires_email_verification: false,
            minimum_age: 16,
            invitations: Invitations::default(),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Admin {
    pub email: String,
    /// Dangerous acts ask for the password once more.
    #[serde(rename = "confirmPassword")]
    pub confirm_password: bool,
}

impl Default for Admin {
    fn default() -> Self {
        Admin {
            email: "admin@example.com".to_owned(),
            confirm_password: false,
        }
    }
}
