//! Things that people may want to hear of. A slice that makes one happen puts it into the queue in
//! the same transaction; who is told, and how, stands in the slice `notification`.

use crate::account::AccountId;
use base::Tx;
use base::clock::Millis;
use base::job::NewJob;
use serde::{Deserialize, Serialize};

pub const JOB: &str = "notify";

/// How far a question to somebody has come: one stands for asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Answer {
    Asked,
    Accepted,
    Rejected,
}

/// What has happened, by the ids of the things it happened to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "what",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum Notice {
    /// A video can be seen by those who follow its channel. `after` is where a long list of
    /// followers is read on.
    NewVideo {
        video_id: i64,
        #[serde(default)]
        after: i64,
    },
    /// A file has arrived and is a video now.
    Uploaded {
        video_id: i64,
    },
    /// A video of somebody's own is ready.
    Published {
        video_id: i64,
    },
    Blocked {
        video_id: i64,
        by_rule: bool,
    },
    Unblocked {
        video_id: i64,
    },
    StudioFinished {
        video_id: i64,
    },
    Transcribed {
        video_id: i64,
        language: String,
    },
    /// An import has ended, with a video or without.
    ImportFinished {
        user_id: i64,
        import_id: i64,
        video_id: Option<i64>,
        target_url: Option<String>,
        torrent_name: Option<String>,
        magnet_uri: Option<String>,
        failed: bool,
    },
    /// A comment was written (and may be held), or approved.
    Comment {
        comment_id: i64,
        approved: bool,
        /// Accounts that another server says to be mentioned.
        mentioned: Vec<AccountId>,
    },
    /// Somebody follows an account, a channel or this server.
    Followed {
        follow_id: i64,
    },
    /// This server has followed another by itself.
    AutoFollowed {
        follow_id: i64,
    },
    Abuse {
        abuse_id: i64,
    },
    AbuseJudged {
        abuse_id: i64,
    },
    AbuseMessage {
        abuse_id: i64,
        message_id: i64,
    },
    /// Somebody has an account now without being asked about it.
    Registered {
        account_id: i64,
    },
    /// Somebody asks for an account.
    RegistrationAsked {
        registration_id: i64,
    },
    /// Help with a channel was asked for, accepted or refused.
    Collaboration {
        collaborator_id: i64,
        answer: Answer,
    },
    /// Somebody shall have a video or a channel of somebody else's.
    Ownership {
        change_id: i64,
        video_id: Option<i64>,
        channel_id: Option<i64>,
        from_account_id: i64,
        to_account_id: i64,
        answer: Answer,
    },
    /// A block list that is read from elsewhere has changed what is muted.
    BlocklistUpdated {
        subscription_id: i64,
        name: String,
        url: String,
    },
    /// There is a newer version of this program.
    NewVersion {
        version: String,
    },
}

impl Notice {
    /// Tells it soon, after the transaction.
    pub async fn enqueue(&self, tx: &mut Tx, now: Millis) -> base::db::Result<()> {
        let payload = serde_json::to_value(self).unwrap_or_default();
        NewJob::new(JOB, payload).enqueue(tx, now).await.map(drop)
    }
}
