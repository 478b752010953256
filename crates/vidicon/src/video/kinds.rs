//! The closed lists of what a video can be: who may see it, how far it has come, who may comment.
//! The numbers are PeerTube's, since clients see them.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub enum Privacy {
    Public = 1,
    Unlisted = 2,
    Private = 3,
    Internal = 4,
    Password = 5,
}

impl Privacy {
    pub const ALL: [Privacy; 5] = [
        Privacy::Public,
        Privacy::Unlisted,
        Privacy::Private,
        Privacy::Internal,
        Privacy::Password,
    ];

    pub fn number(self) -> i64 {
        i64::from(self as u8)
    }

    pub fn label(self) -> &'static str {
        match self {
            Privacy::Public => "Public",
            Privacy::Unlisted => "Unlisted",
            Privacy::Private => "Private",
            Privacy::Internal => "Internal",
            Privacy::Password => "Password protected",
        }
    }

    /// Do its files lie where everybody who knows the address may read them?
    pub fn has_open_files(self) -> bool {
        matches!(self, Privacy::Public | Privacy::Unlisted)
    }
}

impl TryFrom<i64> for Privacy {
    type Error = String;

    fn try_from(number: i64) -> Result<Self, String> {
        let found = Self::ALL
            .into_iter()
            .find(|privacy| privacy.number() == number);
        found.ok_or_else(|| format!("{number} is no privacy"))
    }
}

impl From<Privacy> for i64 {
    fn from(privacy: Privacy) -> i64 {
        privacy.number()
    }
}

impl From<Privacy> for base::db::Value {
    fn from(privacy: Privacy) -> Self {
        privacy.number().into()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub enum VideoState {
    Published = 1,
    ToTranscode = 2,
    ToImport = 3,
    WaitingForLive = 4,
    LiveEnded = 5,
    ToMoveToBucket = 6,
    TranscodingFailed = 7,
    MoveToBucketFailed = 8,
    ToEdit = 9,
    ToMoveToDisk = 10,
    MoveToDiskFailed = 11,
}

impl VideoState {
    pub const ALL: [VideoState; 11] = [
        VideoState::Published,
        VideoState::ToTranscode,
        VideoState::ToImport,
        VideoState::WaitingForLive,
        VideoState::LiveEnded,
        VideoState::ToMoveToBucket,
        VideoState::TranscodingFailed,
        VideoState::MoveToBucketFailed,
        VideoState::ToEdit,
        VideoState::ToMoveToDisk,
        VideoState::MoveToDiskFailed,
    ];

    pub fn number(self) -> i64 {
        i64::from(self as u8)
    }

    pub fn label(self) -> &'static str {
        match self {
            VideoState::Published => "Published",
            VideoState::ToTranscode => "To transcode",
            VideoState::ToImport => "To import",
            VideoState::WaitingForLive => "Waiting for livestream",
            VideoState::LiveEnded => "Livestream ended",
            VideoState::ToMoveToBucket => "To move to an external storage",
            VideoState::TranscodingFailed => "Transcoding failed",
            VideoState::MoveToBucketFailed => "External storage move failed",
            VideoState::ToEdit => "To edit",
            VideoState::ToMoveToDisk => "To move to file system",
            VideoState::MoveToDiskFailed => "Move to file system failed",
        }
    }
}

impl TryFrom<i64> for VideoState {
    type Error = String;

    fn try_from(number: i64) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|state| state.number() == number);
        found.ok_or_else(|| format!("{number} is no state of a video"))
    }
}

impl From<VideoState> for i64 {
    fn from(state: VideoState) -> i64 {
        state.number()
    }
}

impl From<VideoState> for base::db::Value {
    fn from(state: VideoState) -> Self {
        state.number().into()
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub enum CommentsPolicy {
    #[default]
    Enabled = 1,
    Disabled = 2,
    RequiresApproval = 3,
}

impl CommentsPolicy {
    pub fn number(self) -> i64 {
        i64::from(self as u8)
    }

    pub fn label(self) -> &'static str {
        match self {
            CommentsPolicy::Enabled => "Enabled",
            CommentsPolicy::Disabled => "Disabled",
            CommentsPolicy::RequiresApproval => "Requires approval",
        }
    }
}

impl TryFrom<i64> for CommentsPolicy {
    type Error = String;

    fn try_from(number: i64) -> Result<Self, String> {
        match number {
            1 => Ok(CommentsPolicy::Enabled),
            2 => Ok(CommentsPolicy::Disabled),
            3 => Ok(CommentsPolicy::RequiresApproval),
            other => Err(format!("{other} is no comment policy")),
        }
    }
}

impl From<CommentsPolicy> for i64 {
    fn from(policy: CommentsPolicy) -> i64 {
        policy.number()
    }
}

impl From<CommentsPolicy> for base::db::Value {
    fn from(policy: CommentsPolicy) -> Self {
        policy.number().into()
    }
}
