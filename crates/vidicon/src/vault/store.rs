//! The SQL that finds sealed secrets, to seal them with another key.

use super::What;
use base::db::{Executor, Query, Result};
use serde::Deserialize;

/// Where secrets lie.
#[derive(Clone, Copy, Debug)]
pub enum Table {
    SecondFactors,
    ActorKeys,
    CertificateKeys,
    TokenKey,
    PushKey,
    AcmeAccount,
}

pub const TABLES: [Table; 6] = [
    Table::SecondFactors,
    Table::ActorKeys,
    Table::CertificateKeys,
    Table::TokenKey,
    Table::PushKey,
    Table::AcmeAccount,
];

impl Table {
    pub fn what(self) -> What {
        match self {
            Table::SecondFactors => What::SecondFactor,
            Table::ActorKeys => What::ActorKey,
            Table::CertificateKeys => What::CertificateKey,
            Table::TokenKey => What::TokenKey,
            Table::PushKey => What::PushKey,
            Table::AcmeAccount => What::AcmeAccount,
        }
    }
}

#[derive(Debug, Deserialize)]
pub struct Row {
    pub key: String,
    pub secret: String,
}

/// The next secrets of a table, in the order of their keys as text.
pub async fn secrets(on: impl Executor, table: Table, after: &str) -> Result<Vec<Row>> {
    let (select, next) = match table {
        Table::SecondFactors => (
            "SELECT username AS key, otp_secret AS secret FROM users WHERE otp_secret IS NOT NULL",
            " AND username > ? ORDER BY username LIMIT 500",
        ),
        Table::ActorKeys => (
            "SELECT name AS key, private_key AS secret FROM actor
             WHERE private_key IS NOT NULL AND host = ''",
            " AND name > ? ORDER BY name LIMIT 500",
        ),
        Table::CertificateKeys => (
            "SELECT name AS key, key_pem AS secret FROM certificate WHERE TRUE",
            " AND name > ? ORDER BY name LIMIT 500",
        ),
        Table::TokenKey => (
            "SELECT name AS key, value AS secret FROM setting WHERE name = 'oauth_key'",
            " AND name > ? ORDER BY name LIMIT 500",
        ),
        Table::PushKey => (
            "SELECT name AS key, value AS secret FROM setting WHERE name = 'push_key'",
            " AND name > ? ORDER BY name LIMIT 500",
        ),
        // One for each authority.
        Table::AcmeAccount => (
            "SELECT name AS key, value AS secret FROM setting WHERE name LIKE 'acme_account %'",
            " AND name > ? ORDER BY name LIMIT 500",
        ),
    };
    let rows: Vec<Row> = Query::new(select).when(Some(after), next).all(on).await?;
    Ok(rows.into_iter().map(|row| plain(table, row)).collect())
}

/// Settings are JSON: a text has its quotes.
fn plain(table: Table, row: Row) -> Row {
    match table {
        Table::TokenKey | Table::PushKey | Table::AcmeAccount => Row {
            secret: serde_json::from_str(&row.secret).unwrap_or_default(),
            key: row.key,
        },
        _ => row,
    }
}

/// Replaces a secret unless it was changed meanwhile.
pub async fn replace(
    on: impl Executor,
    table: Table,
    key: &str,
    before: &str,
    after: &str,
) -> Result<u64> {
    let json = |text: &str| serde_json::Value::from(text).to_string();
    let (sql, before, after) = match table {
        Table::SecondFactors => (
            "UPDATE users SET otp_secret = $1 WHERE username = $2 AND otp_secret = $3",
            before.to_owned(),
            after.to_owned(),
        ),
        Table::ActorKeys => (
            "UPDATE actor SET private_key = $1 WHERE name = $2 AND private_key = $3 AND host = ''",
            before.to_owned(),
            after.to_owned(),
        ),
        Table::CertificateKeys => (
            "UPDATE certificate SET key_pem = $1 WHERE name = $2 AND key_pem = $3",
            before.to_owned(),
            after.to_owned(),
        ),
        Table::TokenKey | Table::PushKey | Table::AcmeAccount => (
            "UPDATE setting SET value = $1 WHERE name = $2 AND value = $3",
            json(before),
            json(after),
        ),
    };
    Query::new(sql)
        .bind(after)
        .bind(key)
        .bind(before)
        .execute(on)
        .await
}
