//! The SQL that finds what is said in captions.

use crate::app::App;
use crate::video::VideoId;
use crate::video::list::Matching;
use base::db::{Dialect, Query, Result};
use serde::Deserialize;

/// How videos with this phrase are found; its last word may be the beginning of one. Of a phrase
/// that is said everywhere the newest passages count.
pub fn videos(app: &App, phrase: &[String]) -> Matching {
    match app.db.dialect() {
        Dialect::Sqlite => Matching {
            from: " FROM video v WHERE v.id IN (
                        SELECT p.video_id FROM caption_search JOIN caption_passage p
                            ON p.id = caption_search.rowid
                        WHERE caption_search MATCH ?
                        ORDER BY caption_search.rowid DESC LIMIT 20000)",
            order: " ORDER BY v.id DESC",
            value: expression(phrase).into(),
            and: Vec::new(),
        },
        Dialect::Postgres => Matching {
            from: " FROM video v WHERE v.id IN (
                        SELECT p.video_id FROM caption_passage p
                        WHERE p.search @@ to_tsquery('simple', ?) ORDER BY p.id DESC LIMIT 20000)",
            order: " ORDER BY v.id DESC",
            value: tsquery(phrase).into(),
            and: Vec::new(),
        },
    }
}

#[derive(Debug, Deserialize)]
pub struct FoundPassage {
    pub video_id: VideoId,
    pub language: String,
    pub lines: String,
    pub folded: String,
}

/// The first passages of each of these videos in which the phrase is said, in order.
pub async fn passages(
    app: &App,
    phrase: &[String],
    ids: &[VideoId],
    of_each: i64,
) -> Result<Vec<FoundPassage>> {
    let query = Query::new(
        "SELECT f.video_id, k.language, f.lines, f.folded FROM (
             SELECT p.id, p.caption_id, p.video_id, p.lines, p.folded,
                    row_number() OVER (PARTITION BY p.video_id ORDER BY p.id) AS nth",
    );
    let query = match app.db.dialect() {
        Dialect::Sqlite => query.when(
            Some(expression(phrase)),
            " FROM caption_passage p WHERE p.id IN (
                  SELECT rowid FROM caption_search WHERE caption_search MATCH ?)",
        ),
        Dialect::Postgres => query.when(
            Some(tsquery(phrase)),
            " FROM caption_passage p WHERE p.search @@ to_tsquery('simple', ?)",
        ),
    };
    query
        .within(" AND p.video_id IN (", ids.iter().copied())
        .when(
            Some(of_each),
            ") f JOIN caption k ON k.id = f.caption_id WHERE f.nth <= ?",
        )
        .push(" ORDER BY f.video_id, f.id")
        .slow()
        .all(&app.db)
        .await
}

/// `"first second"*`. Words hold letters and digits only.
fn expression(phrase: &[String]) -> String {
    format!("\"{}\"*", phrase.join(" "))
}

/// `'first' <-> 'second':*`
fn tsquery(phrase: &[String]) -> String {
    format!("'{}':*", phrase.join("' <-> '"))
}
