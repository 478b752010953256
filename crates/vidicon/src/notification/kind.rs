//! The kinds of notifications. The numbers are PeerTube's, since clients see them.

use super::{BY_MAIL, ON_SITE};
use serde::Deserialize;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, serde::Serialize)]
#[serde(try_from = "i64", into = "i64")]
pub enum Kind {
    NewVideo = 1,
    Comment = 2,
    Abuse = 3,
    Blocked = 4,
    Unblocked = 5,
    Published = 6,
    Imported = 7,
    ImportFailed = 8,
    Registered = 9,
    Followed = 10,
    Mention = 11,
    AutoBlocked = 12,
    ServerFollowed = 13,
    AutoFollowed = 14,
    AbuseJudged = 15,
    AbuseMessage = 16,
    NewVersion = 18,
    StudioFinished = 19,
    RegistrationAsked = 20,
    NewLive = 21,
    Transcribed = 22,
    CollaborationAsked = 23,
    CollaborationAccepted = 24,
    CollaborationRejected = 25,
    VideoOffered = 26,
    VideoAccepted = 27,
    VideoRejected = 28,
    ChannelOffered = 29,
    ChannelAccepted = 30,
    ChannelRejected = 31,
    BlocklistUpdated = 32,
}

impl Kind {
    pub const ALL: [Kind; 31] = [
        Kind::NewVideo,
        Kind::Comment,
        Kind::Abuse,
        Kind::Blocked,
        Kind::Unblocked,
        Kind::Published,
        Kind::Imported,
        Kind::ImportFailed,
        Kind::Registered,
        Kind::Followed,
        Kind::Mention,
        Kind::AutoBlocked,
        Kind::ServerFollowed,
        Kind::AutoFollowed,
        Kind::AbuseJudged,
        Kind::AbuseMessage,
        Kind::NewVersion,
        Kind::StudioFinished,
        Kind::RegistrationAsked,
        Kind::NewLive,
        Kind::Transcribed,
        Kind::CollaborationAsked,
        Kind::CollaborationAccepted,
        Kind::CollaborationRejected,
        Kind::VideoOffered,
        Kind::VideoAccepted,
        Kind::VideoRejected,
        Kind::ChannelOffered,
        Kind::ChannelAccepted,
        Kind::ChannelRejected,
        Kind::BlocklistUpdated,
    ];

    pub fn number(self) -> i64 {
        i64::from(self as u8)
    }

    /// The user's setting that says how to tell of it. Those that PeerTube does not know are only
    /// changed by the link in the mails.
    pub fn setting(self) -> &'static str {
        match self {
            Kind::NewVideo | Kind::NewLive => "newVideoFromSubscription",
            Kind::Comment => "newCommentOnMyVideo",
            Kind::Abuse => "abuseAsModerator",
            Kind::Blocked | Kind::Unblocked => "blacklistOnMyVideo",
            Kind::Published => "myVideoPublished",
            Kind::Imported | Kind::ImportFailed => "myVideoImportFinished",
            Kind::Registered | Kind::RegistrationAsked => "newUserRegistration",
            Kind::Followed => "newFollow",
            Kind::Mention => "commentMention",
            Kind::AutoBlocked => "videoAutoBlacklistAsModerator",
            Kind::ServerFollowed => "newInstanceFollower",
            Kind::AutoFollowed => "autoInstanceFollowing",
            Kind::AbuseJudged => "abuseStateChange",
            Kind::AbuseMessage => "abuseNewMessage",
            Kind::NewVersion => "newPeerTubeVersion",
            Kind::StudioFinished => "myVideoStudioEditionFinished",
            Kind::Transcribed => "myVideoTranscriptionGenerated",
            Kind::CollaborationAsked
            | Kind::CollaborationAccepted
            | Kind::CollaborationRejected => "channelCollaboration",
            Kind::VideoOffered
            | Kind::VideoAccepted
            | Kind::VideoRejected
            | Kind::ChannelOffered
            | Kind::ChannelAccepted
            | Kind::ChannelRejected => "ownershipChange",
            Kind::BlocklistUpdated => "blocklistUpdate",
        }
    }

    /// How people hear of it who have not chosen: what asks for an answer goes by mail too.
    pub fn usual(self) -> i64 {
        match self {
            Kind::CollaborationAsked | Kind::VideoOffered | Kind::ChannelOffered => {
                ON_SITE | BY_MAIL
            }
            Kind::Abuse
            | Kind::AutoBlocked
            | Kind::Blocked
            | Kind::Unblocked
            | Kind::AbuseJudged
            | Kind::AbuseMessage
            | Kind::NewVersion => ON_SITE | BY_MAIL,
            _ => ON_SITE,
        }
    }
}

impl TryFrom<i64> for Kind {
    type Error = String;

    fn try_from(number: i64) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|kind| kind.number() == number);
        found.ok_or_else(|| format!("{number} is no kind of notification"))
    }
}

impl From<Kind> for i64 {
    fn from(kind: Kind) -> i64 {
        kind.number()
    }
}

impl From<Kind> for base::db::Value {
    fn from(kind: Kind) -> Self {
        kind.number().into()
    }
}
