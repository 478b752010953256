//! The SQL of the filter of spam.

use super::super::spam::Verdict;
use super::super::spam::score::{Learnt, Seen};
use super::super::{Comment, CommentId};
use super::{COMMENT, JOINS};
use crate::account::AccountId;
use base::clock::Millis;
use base::db::{Executor, Query, Result};
use base::{Tx, sql};
use serde::Deserialize;
use std::collections::BTreeSet;

/// Marks that are kept; the rarest go first.
const MOST_MARKS: i64 = 20_000;
/// Goes beyond what is needed, so that it is seldom done.
const ROOM: i64 = 2_000;
/// Stands for the texts themselves among the marks.
const TEXTS: &str = "";

#[derive(Deserialize)]
struct Row {
    mark: String,
    spam: i64,
    good: i64,
}

impl Row {
    fn seen(&self) -> Seen {
        let count = |number: i64| u32::try_from(number).unwrap_or(0);
        Seen {
            spam: count(self.spam),
            good: count(self.good),
        }
    }
}

/// What was learnt of these marks.
pub async fn learnt(on: impl Executor, marks: &BTreeSet<String>) -> Result<Learnt> {
    let wanted = marks.iter().cloned().chain([TEXTS.to_owned()]);
    let rows: Vec<Row> = Query::new("SELECT mark, spam, good FROM spam_mark WHERE TRUE")
        .within(" AND mark IN (", wanted)
        .all(on)
        .await?;
    let mut learnt = Learnt::default();
    for row in rows {
        if row.mark == TEXTS {
            learnt.texts = row.seen();
        } else {
            learnt.marks.insert(row.mark.clone(), row.seen());
        }
    }
    Ok(learnt)
}

/// Counts a text with these marks, in the order of the alphabet, so that two never wait for each other.
pub async fn learn(
    tx: &mut Tx,
    marks: &BTreeSet<String>,
    is_spam: bool,
    now: Millis,
) -> Result<()> {
    for mark in [TEXTS].into_iter().chain(marks.iter().map(String::as_str)) {
        sql!(
            "INSERT INTO spam_mark (mark, spam, good, seen_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (mark) DO UPDATE SET spam = spam_mark.spam + excluded.spam,
                good = spam_mark.good + excluded.good, seen_at = excluded.seen_at"
        )
        .bind(mark)
        .bind(i64::from(is_spam))
        .bind(i64::from(!is_spam))
        .bind(now)
        .execute(&mut *tx)
        .await?;
    }
    trim(tx).await
}

async fn trim(tx: &mut Tx) -> Result<()> {
    let (_, count) = size(&mut *tx).await?;
    if count <= MOST_MARKS {
        return Ok(());
    }
    sql!(
        "DELETE FROM spam_mark WHERE mark IN
            (SELECT mark FROM spam_mark WHERE mark <> '' ORDER BY spam + good, seen_at, mark
             LIMIT $1)"
    )
    .bind(count - MOST_MARKS + ROOM)
    .execute(tx)
    .await
    .map(drop)
}

/// Takes a text back that was counted before.
pub async fn forget(tx: &mut Tx, marks: &BTreeSet<String>, was_spam: bool) -> Result<()> {
    for mark in [TEXTS].into_iter().chain(marks.iter().map(String::as_str)) {
        sql!(
            "UPDATE spam_mark SET spam = CASE WHEN spam > $2 THEN spam - $2 ELSE 0 END,
                    good = CASE WHEN good > $3 THEN good - $3 ELSE 0 END
             WHERE mark = $1"
        )
        .bind(mark)
        .bind(i64::from(was_spam))
        .bind(i64::from(!was_spam))
        .execute(&mut *tx)
        .await?;
    }
    Ok(())
}

/// As what a comment was learnt, if it was.
pub async fn learnt_as(on: impl Executor, id: CommentId) -> Result<Option<bool>> {
    let found: Option<(Option<bool>,)> =
        sql!("SELECT is_spam FROM comment_spam WHERE comment_id = $1")
            .bind(id)
            .optional(on)
            .await?;
    Ok(found.and_then(|(is_spam,)| is_spam))
}

pub async fn note(on: impl Executor, id: CommentId, is_spam: bool) -> Result<u64> {
    sql!(
        "INSERT INTO comment_spam (comment_id, is_spam) VALUES ($1, $2)
         ON CONFLICT (comment_id) DO UPDATE SET is_spam = excluded.is_spam"
    )
    .bind(id)
    .bind(is_spam)
    .execute(on)
    .await
}

pub async fn keep(on: impl Executor, id: CommentId, verdict: &Verdict) -> Result<()> {
    sql!("INSERT INTO comment_spam (comment_id, percent, reasons) VALUES ($1, $2, $3)")
        .bind(id)
        .bind(verdict.percent)
        .bind(serde_json::json!(verdict.reasons))
        .execute(on)
        .await
        .map(drop)
}

#[derive(Deserialize)]
struct Weighed {
    comment_id: CommentId,
    percent: i64,
    #[serde(deserialize_with = "base::db::json")]
    reasons: Option<Vec<String>>,
}

pub async fn verdicts(on: impl Executor, ids: &[CommentId]) -> Result<Vec<(CommentId, Verdict)>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<Weighed> = Query::new(
        "SELECT comment_id, percent, reasons FROM comment_spam WHERE percent IS NOT NULL",
    )
    .within(" AND comment_id IN (", ids.iter().copied())
    .push(" ORDER BY comment_id")
    .all(on)
    .await?;
    let verdict = |row: Weighed| {
        let verdict = Verdict {
            percent: row.percent,
            reasons: row.reasons.unwrap_or_default(),
        };
        (row.comment_id, verdict)
    };
    Ok(rows.into_iter().map(verdict).collect())
}

/// The newest comment from before that everybody sees and that nothing was learnt from, by anybody
/// but this author.
pub async fn settled(
    on: impl Executor,
    before: Millis,
    but: Option<AccountId>,
) -> Result<Option<Comment>> {
    Query::new(COMMENT)
        .push(" FROM comment c")
        .push(JOINS)
        .when(
            Some(before),
            " WHERE c.deleted_at IS NULL AND NOT c.held AND c.created_at < ?",
        )
        .when(but, " AND c.account_id <> ?")
        .push(
            " AND NOT EXISTS (SELECT 1 FROM comment_spam s
                              WHERE s.comment_id = c.id AND s.is_spam IS NOT NULL)
              ORDER BY c.created_at DESC, c.id DESC LIMIT 1",
        )
        .optional(on)
        .await
}

/// Has the author said the very same, since then, in another comment?
pub async fn is_said_again(
    on: impl Executor,
    author: AccountId,
    id: Option<CommentId>,
    text: &str,
    since: Millis,
) -> Result<bool> {
    let found: Option<(i64,)> = sql!(
        "SELECT id FROM comment WHERE account_id = $1 AND created_at > $2 AND text = $3 AND id <> $4
         LIMIT 1"
    )
    .bind(author)
    .bind(since)
    .bind(text)
    .bind(id.map_or(0, |id| id.0))
    .optional(on)
    .await?;
    Ok(found.is_some())
}

/// The texts that were learnt from, and how many marks are kept.
pub async fn size(on: impl Executor) -> Result<(Seen, i64)> {
    let row: (i64, i64, i64) = sql!(
        "SELECT coalesce(max(CASE WHEN mark = '' THEN spam END), 0),
                coalesce(max(CASE WHEN mark = '' THEN good END), 0),
                count(*) FROM spam_mark"
    )
    .one(on)
    .await?;
    let (spam, good, count) = row;
    let texts = Row {
        mark: String::new(),
        spam,
        good,
    };
    Ok((texts.seen(), count))
}

pub async fn reset(tx: &mut Tx) -> Result<()> {
    sql!("DELETE FROM spam_mark").execute(&mut *tx).await?;
    sql!("UPDATE comment_spam SET is_spam = NULL WHERE is_spam IS NOT NULL")
        .execute(tx)
        .await
        .map(drop)
}
