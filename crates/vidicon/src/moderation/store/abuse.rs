//! The SQL of reports and what is said about them.

use super::super::abuse::{Abuse, AbuseId, Filter, Message, NewReport, ReportedComment};
use crate::account::{AccountId, like};
use crate::listing::{Paging, Sort};
use base::Tx;
use base::clock::Millis;
use base::db::{Executor, Query, Result};
use base::sql;

pub async fn add(
    on: impl Executor,
    reporter: AccountId,
    new: &NewReport,
    reason: &str,
    predefined: &str,
    now: Millis,
) -> Result<AbuseId> {
    let (id,) = sql!(
        "INSERT INTO abuse (reporter_account_id, flagged_account_id, subject, video_id, comment_id,
                            snapshot, video_folded, channel_folded, reason, predefined_reasons,
                            start_s, end_s, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13) RETURNING id"
    )
    .bind(reporter)
    .bind(new.flagged)
    .bind(new.subject)
    .bind(new.video_id)
    .bind(new.comment_id)
    .bind(new.snapshot.clone())
    .bind(&new.video_folded)
    .bind(&new.channel_folded)
    .bind(reason)
    .bind(predefined)
    .bind(new.start_s)
    .bind(new.end_s)
    .bind(now)
    .one(on)
    .await?;
    Ok(id)
}

const COLUMNS: &str = "SELECT ab.id, ab.reporter_account_id, ab.flagged_account_id, ab.subject,
    ab.snapshot, ab.reason, ab.predefined_reasons, ab.start_s, ab.end_s, ab.state,
    ab.moderation_comment, ab.message_count, ab.created_at, ab.updated_at,
    v.id AS video_id, v.name AS video_name, v.uuid AS video_uuid, v.nsfw AS video_nsfw,
    v.blocked AS video_blocked, v.thumbnail AS video_thumbnail,
    v.preview AS video_preview, v.channel_id AS video_channel_id,
    c.id AS comment_id, c.text AS comment_text, c.deleted_at AS comment_deleted_at,
    c.thread_id AS comment_thread_id, cv.id AS comment_video_id, cv.name AS comment_video_name,
    cv.uuid AS comment_video_uuid,
    (SELECT count(*) FROM abuse x WHERE x.video_id = ab.video_id) AS reports_of_video,
    (SELECT count(*) FROM abuse x WHERE x.video_id = ab.video_id AND x.id <= ab.id)
        AS nth_of_video,
    (SELECT count(*) FROM abuse x WHERE x.reporter_account_id = ab.reporter_account_id)
        AS by_reporter,
    (SELECT count(*) FROM abuse x WHERE x.flagged_account_id = ab.flagged_account_id)
        AS against_flagged,
    coalesce(ra.host, '') <> '' AS reporter_is_remote";

const TABLES: &str = " FROM abuse ab
    LEFT JOIN video v ON v.id = ab.video_id
    LEFT JOIN comment c ON c.id = ab.comment_id
    LEFT JOIN video cv ON cv.id = c.video_id
    LEFT JOIN account r ON r.id = ab.reporter_account_id
    LEFT JOIN actor ra ON ra.id = r.actor_id
    LEFT JOIN account f ON f.id = ab.flagged_account_id
    LEFT JOIN actor fa ON fa.id = f.actor_id
    WHERE TRUE";

pub async fn find(on: impl Executor, id: AbuseId) -> Result<Option<Abuse>> {
    Query::new(COLUMNS)
        .push(TABLES)
        .when(Some(id), " AND ab.id = ?")
        .optional(on)
        .await
}

pub async fn list(
    on: impl Executor,
    filter: &Filter,
    paging: Paging,
    sort: Sort,
) -> Result<Vec<Abuse>> {
    filtered(Query::new(COLUMNS).push(TABLES), filter)
        .push(order(sort))
        .page(paging.start, paging.count)
        .slow()
        .all(on)
        .await
}

pub async fn count(on: impl Executor, filter: &Filter) -> Result<i64> {
    let query = filtered(Query::new("SELECT count(*)").push(TABLES), filter);
    let (count,) = query.slow().one(on).await?;
    Ok(count)
}

fn filtered(query: Query, filter: &Filter) -> Query {
    let folded = |text: &Option<String>| text.as_deref().map(|text| like(&crate::fold::fold(text)));
    let plain = |text: &Option<String>| text.as_deref().map(like);
    let ticked = filter.predefined.map(|number| format!("% {number} %"));
    query
        .when(filter.own, " AND ab.reporter_account_id = ?")
        .when(filter.id, " AND ab.id = ?")
        .when(filter.subject, " AND ab.subject = ?")
        .when(filter.state, " AND ab.state = ?")
        .when(ticked, " AND ab.predefined_reasons LIKE ?")
        .push_if(
            filter.video_deleted,
            " AND ab.subject = 'video' AND v.id IS NULL",
        )
        .push_if(filter.video_blocked, " AND v.blocked")
        .when(
            plain(&filter.reporter),
            r" AND (lower(ra.name) LIKE ? ESCAPE '\' OR lower(r.display_name) LIKE ? ESCAPE '\')",
        )
        .when(
            plain(&filter.reportee),
            r" AND (lower(fa.name) LIKE ? ESCAPE '\' OR lower(f.display_name) LIKE ? ESCAPE '\')",
        )
        .when(
            folded(&filter.video),
            r" AND ab.video_folded LIKE ? ESCAPE '\'",
        )
        .when(
            folded(&filter.channel),
            r" AND ab.channel_folded LIKE ? ESCAPE '\'",
        )
        .when(
            plain(&filter.search),
            r" AND (lower(ra.name) LIKE ? ESCAPE '\' OR lower(r.display_name) LIKE ? ESCAPE '\'
                    OR lower(fa.name) LIKE ? ESCAPE '\' OR lower(f.display_name) LIKE ? ESCAPE '\'
                    OR ab.video_folded LIKE ? ESCAPE '\' OR ab.channel_folded LIKE ? ESCAPE '\'
                    OR lower(ab.reason) LIKE ? ESCAPE '\' OR lower(c.text) LIKE ? ESCAPE '\')",
        )
}

fn order(sort: Sort) -> &'static str {
    match (sort.column, sort.descending) {
        ("id", true) => " ORDER BY ab.id DESC",
        ("id", false) => " ORDER BY ab.id",
        ("state", true) => " ORDER BY ab.state DESC, ab.id",
        ("state", false) => " ORDER BY ab.state, ab.id",
        (_, true) => " ORDER BY ab.created_at DESC, ab.id DESC",
        (_, false) => " ORDER BY ab.created_at, ab.id",
    }
}

pub async fn comment(on: impl Executor, id: i64) -> Result<Option<ReportedComment>> {
    sql!(
        "SELECT c.id, c.account_id, c.text, c.thread_id, c.deleted_at, c.video_id,
                v.name AS video_name, v.uuid AS video_uuid
         FROM comment c JOIN video v ON v.id = c.video_id WHERE c.id = $1"
    )
    .bind(id)
    .optional(on)
    .await
}

pub async fn judge(
    on: impl Executor,
    id: AbuseId,
    state: Option<i64>,
    comment: Option<&str>,
    now: Millis,
) -> Result<u64> {
    sql!(
        "UPDATE abuse SET state = coalesce($2, state),
                moderation_comment = coalesce($3, moderation_comment), updated_at = $4
         WHERE id = $1"
    )
    .bind(id)
    .bind(state)
    .bind(comment)
    .bind(now)
    .execute(on)
    .await
}

pub async fn delete(on: impl Executor, id: AbuseId) -> Result<u64> {
    sql!("DELETE FROM abuse WHERE id = $1")
        .bind(id)
        .execute(on)
        .await
}

pub async fn messages(on: impl Executor, id: AbuseId) -> Result<Vec<Message>> {
    sql!(
        "SELECT id, account_id, by_moderator, message, created_at FROM abuse_message
         WHERE abuse_id = $1 ORDER BY created_at, id LIMIT 1000"
    )
    .bind(id)
    .all(on)
    .await
}

pub async fn message(on: impl Executor, abuse: AbuseId, id: i64) -> Result<Option<Message>> {
    sql!(
        "SELECT id, account_id, by_moderator, message, created_at FROM abuse_message
         WHERE abuse_id = $1 AND id = $2"
    )
    .bind(abuse)
    .bind(id)
    .optional(on)
    .await
}

pub async fn add_message(
    tx: &mut Tx,
    abuse: AbuseId,
    account_id: AccountId,
    by_moderator: bool,
    text: &str,
    now: Millis,
) -> Result<i64> {
    let (id,) = sql!(
        "INSERT INTO abuse_message (abuse_id, account_id, by_moderator, message, created_at)
         VALUES ($1, $2, $3, $4, $5) RETURNING id"
    )
    .bind(abuse)
    .bind(account_id)
    .bind(by_moderator)
    .bind(text)
    .bind(now)
    .one(&mut *tx)
    .await?;
    recount(tx, abuse).await?;
    Ok(id)
}

pub async fn delete_message(tx: &mut Tx, abuse: AbuseId, id: i64) -> Result<()> {
    sql!("DELETE FROM abuse_message WHERE abuse_id = $1 AND id = $2")
        .bind(abuse)
        .bind(id)
        .execute(&mut *tx)
        .await?;
    recount(tx, abuse).await
}

async fn recount(tx: &mut Tx, abuse: AbuseId) -> Result<()> {
    sql!(
        "UPDATE abuse SET message_count =
             (SELECT count(*) FROM abuse_message m WHERE m.abuse_id = abuse.id)
         WHERE id = $1"
    )
    .bind(abuse)
    .execute(tx)
    .await
    .map(drop)
}
