//! The SQL of search: the one place besides the job claim that names the database.

pub mod playlist;
pub mod said;

use super::{ChannelSearch, Words};
use crate::app::App;
use crate::channel::ChannelId;
use crate::video::list::Matching;
use crate::video::same_letters;
use base::clock::Millis;
use base::db::{Dialect, Executor, Query, Result, Value};
use base::{Tx, sql};
use serde::Deserialize;

/// How videos with these words are found, as words or as beginnings of words.
pub fn videos(app: &App, words: &Words) -> Matching {
    match app.db.dialect() {
        Dialect::Sqlite => of_index(expression(words)),
        Dialect::Postgres => Matching {
            from: " FROM video v WHERE v.search @@ to_tsquery('simple', ?)",
            order: " ORDER BY v.id DESC",
            value: tsquery(words).into(),
            and: Vec::new(),
        },
    }
}

/// How videos with just these words are found: the databases walk from the newest back and stop
/// when there are enough, however many have the words.
pub fn videos_of_words(app: &App, words: &Words) -> Matching {
    let mut words: Vec<&str> = words.iter().flatten().map(String::as_str).collect();
    if app.db.dialect() == Dialect::Sqlite {
        let quoted: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
        return of_index(quoted.join(" AND "));
    }
    // The longest is the rarest, most likely: its videos are walked.
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    let mut words = words.into_iter().map(Value::from);
    Matching {
        from: " FROM video_word w JOIN video v ON v.id = w.video_id WHERE w.word = ?",
        order: " ORDER BY w.video_id DESC",
        value: words.next().unwrap_or(Value::Null),
        and: words.map(|word| (WITH_WORD, word)).collect(),
    }
}

/// Written out for each word, so that PostgreSQL merges the words' indexes; of a list of words it
/// would not know how few videos have them all.
const WITH_WORD: &str =
    " AND EXISTS (SELECT 1 FROM video_word o WHERE o.word = ? AND o.video_id = w.video_id)";

/// How videos of this very name are found, whatever its case, accents and punctuation.
pub fn videos_of_name(name: &str) -> Matching {
    let [from, below] = same_letters(name);
    Matching {
        from: " FROM video v WHERE v.name_key >= ?",
        order: " ORDER BY v.name_key, v.id",
        value: from.into(),
        and: vec![(" AND v.name_key < ?", below.into())],
    }
}

fn of_index(expression: String) -> Matching {
    Matching {
        from: " FROM video_search JOIN video v ON v.id = video_search.rowid
                WHERE video_search MATCH ?",
        order: " ORDER BY video_search.rowid DESC",
        value: expression.into(),
        and: Vec::new(),
    }
}

/// `("first"* OR "other"*) AND "second"*`. Words hold letters and digits only.
fn expression(words: &Words) -> String {
    joined(words, |word| format!("\"{word}\"*"), " OR ", " AND ")
}

/// `('first':* | 'other':*) & 'second':*`
fn tsquery(words: &Words) -> String {
    joined(words, |word| format!("'{word}':*"), " | ", " & ")
}

fn joined(words: &Words, quoted: impl Fn(&String) -> String, or: &str, and: &str) -> String {
    let groups: Vec<String> = words
        .iter()
        .map(|alternatives| {
            let quoted: Vec<String> = alternatives.iter().map(&quoted).collect();
            format!("({})", quoted.join(or))
        })
        .collect();
    groups.join(and)
}

#[derive(Clone, Debug, Deserialize)]
pub struct FoundChannel {
    pub id: ChannelId,
    pub display_name: String,
    pub created_at: Millis,
}

/// Channels with these words, the newest first.
pub async fn channels(
    app: &App,
    words: Option<&Words>,
    wanted: &ChannelSearch,
    limit: i64,
) -> Result<Vec<FoundChannel>> {
    let query = Query::new("SELECT c.id, c.display_name, c.created_at");
    let query = match (words, app.db.dialect()) {
        (None, _) => query.push(
            " FROM channel c JOIN actor ca ON ca.id = c.actor_id WHERE ca.deleted_at IS NULL",
        ),
        (Some(words), Dialect::Sqlite) => query.when(
            Some(expression(words)),
            " FROM channel_search JOIN channel c ON c.id = channel_search.rowid
              JOIN actor ca ON ca.id = c.actor_id
              WHERE ca.deleted_at IS NULL AND channel_search MATCH ?",
        ),
        (Some(words), Dialect::Postgres) => query.when(
            Some(tsquery(words)),
            " FROM channel c JOIN actor ca ON ca.id = c.actor_id
              WHERE ca.deleted_at IS NULL AND c.search @@ to_tsquery('simple', ?)",
        ),
    };
    let query = query.when(wanted.host.clone(), " AND ca.host = ?");
    let query = if wanted.handles.is_empty() {
        query
    } else {
        let handles = wanted
            .handles
            .iter()
            .map(|(name, host)| format!("{name}@{host}"));
        query.within(" AND ca.name || '@' || ca.host IN (", handles)
    };
    query
        .push(" ORDER BY c.id DESC")
        .page(0, limit)
        .all(&app.db)
        .await
}

pub async fn add_word(tx: &mut Tx, word: &str, trigrams: &[String]) -> Result<()> {
    let added: Option<(i64,)> =
        sql!("INSERT INTO search_word (word) VALUES ($1) ON CONFLICT DO NOTHING RETURNING id")
            .bind(word)
            .optional(&mut *tx)
            .await?;
    let Some((id,)) = added else { return Ok(()) };
    for trigram in trigrams {
        sql!("INSERT INTO search_trigram (trigram, word_id) VALUES ($1, $2)")
            .bind(trigram)
            .bind(id)
            .execute(&mut *tx)
            .await?;
    }
    Ok(())
}

/// The known words that share most of these trigrams.
pub async fn similar(on: impl Executor, trigrams: &[String]) -> Result<Vec<String>> {
    let found: Vec<(String,)> = Query::new(
        "SELECT w.word FROM search_trigram t JOIN search_word w ON w.id = t.word_id WHERE TRUE",
    )
    .within(" AND t.trigram IN (", trigrams.iter())
    .push(" GROUP BY w.id, w.word ORDER BY count(*) DESC, w.id LIMIT 50")
    .all(on)
    .await?;
    Ok(found.into_iter().map(|(word,)| word).collect())
}

/// What the newest two thousand videos and channels are called.
pub async fn newest_names(on: &base::Db) -> Result<Vec<String>> {
    let mut names: Vec<(String,)> = sql!("SELECT name FROM video ORDER BY id DESC LIMIT 2000")
        .all(on)
        .await?;
    let channels: Vec<(String,)> =
        sql!("SELECT display_name FROM channel ORDER BY id DESC LIMIT 2000")
            .all(on)
            .await?;
    names.extend(channels);
    Ok(names.into_iter().map(|(name,)| name).collect())
}
