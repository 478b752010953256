//! Videos that are taken out of sight, and let back.

use super::{VideoId, relist, store};
use crate::error::Result;
use base::Tx;
use base::clock::Millis;
use base::job::NewJob;
use serde_json::json;

pub const BLOCKED_JOB: &str = "video_blocked";
const UNBLOCKED_JOB: &str = "video_unblocked";

/// Takes a video out of sight, by a moderator or by rule. Where it was so before, only its words change, and nobody is
/// told again.
pub async fn block(
    tx: &mut Tx,
    id: VideoId,
    by_rule: bool,
    reason: Option<&str>,
    note: Option<&str>,
    unfederate: bool,
    now: Millis,
) -> Result<()> {
    let kind = if by_rule { 2 } else { 1 };
    let before = store::extra::find_block(&mut *tx, id).await?;
    let is_again = before.as_ref().is_some_and(|before| before.kind == kind);
    let is_kept = before.is_some_and(|before| before.unfederated);
    store::extra::block(tx, id, kind, reason, note, unfederate, now).await?;
    relist(tx, id).await?;
    if is_again && (is_kept || !unfederate) {
        return Ok(());
    }
    let payload = json!({
        "videoId": id, "byRule": by_rule, "unfederate": unfederate, "isAgain": is_again,
    });
    NewJob::new(BLOCKED_JOB, payload).enqueue(tx, now).await?;
    Ok(())
}

pub async fn unblock(tx: &mut Tx, id: VideoId, now: Millis) -> Result<()> {
    let Some(block) = store::extra::unblock(tx, id).await? else {
        return Ok(());
    };
    relist(tx, id).await?;
    let payload =
        json!({ "videoId": id, "byRule": block.kind == 2, "wasUnfederated": block.unfederated });
    NewJob::new(UNBLOCKED_JOB, payload).enqueue(tx, now).await?;
    Ok(())
}
