//! Which lists a video stands in, and how many stand there. Lists tell their total from these
//! counts, so that they never count.

use super::{Privacy, VideoId, VideoState, store};
use crate::channel::ChannelId;
use crate::error::Result;
use base::Tx;
use base::clock::Millis;
use serde::Deserialize;
use std::collections::BTreeMap;

/// What decides where a video is listed.
#[derive(Debug, Deserialize)]
pub struct Standing {
    pub privacy: Privacy,
    pub state: VideoState,
    pub wait_transcoding: bool,
    pub is_live: bool,
    pub is_local: bool,
    pub blocked: bool,
    pub nsfw: bool,
    pub category: Option<i64>,
    pub licence: Option<i64>,
    pub channel_id: ChannelId,
    pub account_id: i64,
    pub host: String,
    pub published_at: Millis,
    /// As it was counted last: [`Standing::count_key`].
    pub counted: Option<String>,
}

impl Standing {
    fn listed(&self) -> i64 {
        let is_ready = self.state == VideoState::Published
            || (self.state == VideoState::ToTranscode && !self.wait_transcoding && !self.is_live);
        match self.privacy {
            _ if self.blocked || !is_ready => 0,
            Privacy::Public => 1,
            Privacy::Internal => 2,
            Privacy::Unlisted | Privacy::Private | Privacy::Password => 0,
        }
    }

    /// All that its counts depend on, in one text.
    fn count_key(&self, listed: i64) -> Option<String> {
        let place = if self.is_local { "" } else { &self.host };
        (listed > 0).then(|| {
            let kinds = [self.category, self.licence];
            count_key(
                kinds,
                listed,
                self.nsfw,
                self.channel_id,
                self.account_id,
                place,
            )
        })
    }
}

/// The text of [`Standing::counted`]: category and licence, 0 for none, then the rest.
pub fn count_key(
    kinds: [Option<i64>; 2],
    listed: i64,
    nsfw: bool,
    channel_id: ChannelId,
    account_id: i64,
    place: &str,
) -> String {
    let [category, licence] = kinds.map(Option::unwrap_or_default);
    let nsfw = u8::from(nsfw);
    format!("{category} {licence} {listed} {nsfw} {channel_id} {account_id} {place}")
}

/// Under which scopes videos of these kinds are counted; `kind` is `category` or `licence`.
pub fn kind_scopes(kind: &str, numbers: &[i64]) -> Vec<String> {
    let numbers = numbers.iter().filter(|number| **number != 0);
    numbers.map(|number| format!("{kind}:{number}")).collect()
}

/// Scope, listed and nsfw: the key of a row of counts.
pub type CountKey = (String, i64, bool);

/// The counts in which a video with this key stands.
pub fn scopes(key: &str) -> Vec<CountKey> {
    let parts: Vec<&str> = key.splitn(7, ' ').collect();
    let [category, licence, listed, nsfw, channel, account, host] = parts.as_slice() else {
        return Vec::new();
    };
    let number = |text: &str| text.parse::<i64>().unwrap_or(0);
    let place = if host.is_empty() {
        "local".to_owned()
    } else {
        format!("host:{host}")
    };
    let mut scopes = vec![
        format!("account:{account}"),
        "all".to_owned(),
        format!("channel:{channel}"),
        place,
    ];
    scopes.extend(kind_scopes("category", &[number(category)]));
    scopes.extend(kind_scopes("licence", &[number(licence)]));
    let (listed, is_sensitive) = (number(listed), *nsfw == "1");
    scopes
        .into_iter()
        .map(|scope| (scope, listed, is_sensitive))
        .collect()
}

/// Puts the video into the lists where it belongs now. To be called after each change of
/// privacy, state, block, nsfw, category, licence, channel or account, in the same transaction.
pub async fn relist(tx: &mut Tx, id: VideoId) -> Result<()> {
    let Some(standing) = store::standing(&mut *tx, id).await? else {
        return Ok(());
    };
    let listed = standing.listed();
    let counted = standing.count_key(listed);
    store::set_listed(&mut *tx, id, listed, counted.as_deref()).await?;
    if listed > 0 {
        // The lists of followed channels leave out those that published nothing since.
        store::note_channel_published(&mut *tx, standing.channel_id, standing.published_at).await?;
    }
    recount(tx, standing.counted.as_deref(), counted.as_deref()).await
}

/// Takes a video out of the counts before it is deleted.
pub async fn unlist(tx: &mut Tx, id: VideoId) -> Result<()> {
    let Some(standing) = store::standing(&mut *tx, id).await? else {
        return Ok(());
    };
    recount(tx, standing.counted.as_deref(), None).await
}

/// The rows are changed in one order, so that two transactions never wait for each other.
async fn recount(tx: &mut Tx, before: Option<&str>, after: Option<&str>) -> Result<()> {
    let mut changes: BTreeMap<CountKey, i64> = BTreeMap::new();
    for key in before.map(scopes).unwrap_or_default() {
        *changes.entry(key).or_default() -= 1;
    }
    for key in after.map(scopes).unwrap_or_default() {
        *changes.entry(key).or_default() += 1;
    }
    for ((scope, listed, nsfw), change) in changes {
        if change != 0 {
            store::change_count(&mut *tx, &scope, listed, nsfw, change).await?;
        }
    }
    Ok(())
}
