//! Roles and the rights they carry. The numbers are PeerTube's, since clients see them.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub enum Role {
    Administrator,
    Moderator,
    User,
}

impl Role {
    pub fn label(self) -> &'static str {
        match self {
            Role::Administrator => "Administrator",
            Role::Moderator => "Moderator",
            Role::User => "User",
        }
    }

    /// May users of this role manage users of the other? Moderators only manage plain users.
    pub fn outranks(self, other: Role) -> bool {
        match self {
            Role::Administrator => true,
            Role::Moderator => other == Role::User,
            Role::User => false,
        }
    }

    /// An administrator has every right, a user none.
    pub fn has(self, right: Right) -> bool {
        match self {
            Role::Administrator => true,
            Role::Moderator => right.is_moderators(),
            Role::User => false,
        }
    }
}

impl TryFrom<i64> for Role {
    type Error = String;

    fn try_from(number: i64) -> Result<Self, String> {
        match number {
            0 => Ok(Role::Administrator),
            1 => Ok(Role::Moderator),
            2 => Ok(Role::User),
            other => Err(format!("{other} is no role")),
        }
    }
}

impl From<Role> for i64 {
    fn from(role: Role) -> i64 {
        match role {
            Role::Administrator => 0,
            Role::Moderator => 1,
            Role::User => 2,
        }
    }
}

impl From<Role> for base::db::Value {
    fn from(role: Role) -> Self {
        i64::from(role).into()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Right {
    ManageUsers = 1,
    ManageServerFollow = 2,
    ManageLogs = 3,
    ManageDebug = 4,
    ManageAbuses = 6,
    ManageJobs = 7,
    ManageConfiguration = 8,
    ManageInstanceCustomPage = 9,
    ManageAccountsBlocklist = 10,
    ManageServersBlocklist = 11,
    ManageVideoBlacklist = 12,
    ManageAnyVideoChannel = 13,
    RemoveAnyVideo = 14,
    RemoveAnyVideoPlaylist = 15,
    ManageAnyVideoComment = 16,
    UpdateAnyVideo = 17,
    UpdateAnyVideoPlaylist = 18,
    GetAnyLive = 19,
    SeeAllVideos = 20,
    SeeAllComments = 21,
    ChangeVideoOwnership = 22,
    ManagePlugins = 23,
    ManageVideosRedundancies = 24,
    ManageVideoFiles = 25,
    RunVideoTranscoding = 26,
    ManageVideoImports = 27,
    ManageRegistrations = 28,
    ManageRunners = 29,
    ManageUserExports = 30,
    ManageUserImports = 31,
    ManageInstanceWatchedWords = 32,
    ManageInstanceAutoTags = 33,
    ManageServerBlocklistSubscriptions = 34,
}

impl Right {
    pub fn number(self) -> i64 {
        i64::from(self as u8)
    }

    fn is_moderators(self) -> bool {
        use Right::*;
        matches!(
            self,
            ManageUsers
                | ManageAbuses
                | ManageAccountsBlocklist
                | ManageServersBlocklist
                | ManageVideoBlacklist
                | ManageAnyVideoChannel
                | RemoveAnyVideo
                | RemoveAnyVideoPlaylist
                | ManageAnyVideoComment
                | UpdateAnyVideo
                | SeeAllVideos
                | SeeAllComments
                | ManageRegistrations
                | ManageInstanceWatchedWords
                | ManageInstanceAutoTags
        )
    }
}
