//! The SQL of backups.

use base::Db;
use base::db::{Executor, Result};
use base::sql;
use serde::Deserialize;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct Counts {
    pub users: i64,
    pub videos: i64,
}

/// What a restored database must have as well.
pub async fn counts(on: impl Executor) -> Result<Counts> {
    sql!(
        "SELECT (SELECT count(*) FROM users) AS users,
                (SELECT count(*) FROM video WHERE is_local) AS videos"
    )
    .slow()
    .one(on)
    .await
}

/// What SQLite finds wrong in a file; nothing when it is whole.
pub async fn damage(db: &Db) -> Result<Option<String>> {
    let found: Vec<(String,)> = base::db::Query::new("SELECT * FROM pragma_quick_check")
        .slow()
        .all(db)
        .await?;
    Ok(found
        .into_iter()
        .map(|(line,)| line)
        .find(|line| line != "ok"))
}
