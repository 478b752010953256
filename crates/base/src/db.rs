//! One body of SQL for SQLite and PostgreSQL.
//!
//! Feature code writes plain SQL with `$1` placeholders through [`sql!`](crate::sql), binds values,
//! and ends with `all`, `one`, `optional` or `execute` on a [`Db`] or a [`Tx`]. Which database
//! answers is known only below this module and in the few places that ask [`Db::dialect`].
//!
//! SQLite is driven in process and without a hop to another thread: a short read costs some ten
//! microseconds, less than handing it over would. What may take longer says so with
//! [`Query::slow`] and then runs on the blocking pool.

mod counting;
mod postgres;
mod row;
mod sqlite;

pub use counting::counted;
pub use row::Rows;

use serde::de::DeserializeOwned;
use std::borrow::Cow;
use std::sync::Arc;

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What can go wrong in the database, sorted by what a caller can do about it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A row with this key is there already. Holds the constraint's (PostgreSQL) or the
    /// columns' (SQLite) name.
    #[error("the row breaks the unique rule {0}")]
    Unique(String),
    /// The row points at another that is not there, or others still point at it.
    #[error("the row breaks a reference to another row: {0}")]
    Reference(String),
    #[error("the query found no row")]
    NoRow,
    #[error("read a row of {query}: {source}")]
    Read {
        query: String,
        source: row::ReadError,
    },
    #[error("open the database: {0}")]
    Open(String),
    #[error("run {query}: {message}")]
    Run { query: String, message: String },
}

impl Error {
    pub fn is_unique(&self) -> bool {
        matches!(self, Error::Unique(_))
    }

    pub fn is_reference(&self) -> bool {
        matches!(self, Error::Reference(_))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    Sqlite,
    Postgres,
}

/// A handle to the database; cheap to clone.
#[derive(Clone)]
pub enum Db {
    Sqlite(Arc<sqlite::Sqlite>),
    Postgres(deadpool_postgres::Pool),
}

/// An open transaction. It rolls back when dropped without [`Tx::commit`].
#[expect(clippy::large_enum_variant, reason = "one at a time, never in a list")]
pub enum Tx {
    Sqlite(sqlite::SqliteTx),
    Postgres(postgres::PostgresTx),
}

impl Db {
    /// Opens `sqlite:PATH` or `postgres://…`. The schema is left as it is: see [`crate::migrate`].
    pub async fn open(url: &str) -> Result<Self> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            Ok(Db::Sqlite(Arc::new(sqlite::Sqlite::open(path)?)))
        } else {
            Ok(Db::Postgres(postgres::open(url).await?))
        }
    }

    pub fn dialect(&self) -> Dialect {
        match self {
            Db::Sqlite(_) => Dialect::Sqlite,
            Db::Postgres(_) => Dialect::Postgres,
        }
    }

    /// Starts a transaction. On SQLite it takes the write lock at once, so it cannot fail halfway.
    /// Between its statements await nothing but the database.
    pub async fn begin(&self) -> Result<Tx> {
        Ok(match self {
            Db::Sqlite(sqlite) => Tx::Sqlite(sqlite.begin().await?),
            Db::Postgres(pool) => Tx::Postgres(postgres::begin(pool).await?),
        })
    }

    /// Has the short reads of a future see one state of the database. With SQLite it also spares
    /// each of them a turn at the locks of the file, which many requests at a time wait for. The
    /// future awaits nothing but the database, and writes nothing that it reads again.
    pub async fn together<T>(&self, reads: impl Future<Output = T>) -> T {
        match self {
            Db::Sqlite(sqlite) => sqlite.together(reads).await,
            Db::Postgres(_) => reads.await,
        }
    }

    /// Runs several statements that take no values and answer nothing.
    pub async fn batch(&self, sql: &str) -> Result<()> {
        match self {
            Db::Sqlite(sqlite) => sqlite.batch(sql).await,
            Db::Postgres(pool) => postgres::batch(pool, sql).await,
        }
    }

    /// Which state the database is in, where that can be told at once: SQLite.
    pub fn version(&self) -> Result<Option<Version>> {
        match self {
            Db::Sqlite(sqlite) => sqlite.version().map(Some),
            Db::Postgres(_) => Ok(None),
        }
    }

    /// Says that something which is read beside the database has changed: [`Db::version`] is
    /// another from now on.
    pub fn touch(&self) {
        if let Db::Sqlite(sqlite) = self {
            sqlite.touch();
        }
    }

    /// Has the database prepare the statement, which proves its names and syntax.
    pub async fn prepare(&self, sql: &str) -> Result<()> {
        match self {
            Db::Sqlite(sqlite) => sqlite.prepare(sql),
            Db::Postgres(pool) => postgres::prepare(pool, sql).await,
        }
    }

    /// Writes a consistent copy of a SQLite database to `path`; PostgreSQL has its own tools.
    pub async fn copy_to(&self, path: &std::path::Path) -> Result<()> {
        match self {
            Db::Sqlite(sqlite) => sqlite.copy_to(path).await,
            Db::Postgres(_) => Ok(()),
        }
    }

    /// As [`Db::copy_to`], beside the writer and page by page: what has not changed since another
    /// such copy is the same bytes in the same place.
    pub async fn snapshot_to(&self, path: &std::path::Path) -> Result<()> {
        match self {
            Db::Sqlite(sqlite) => sqlite.snapshot_to(path.to_owned()).await,
            Db::Postgres(_) => Ok(()),
        }
    }
}

/// The state of a database: another after each write, whichever process writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Version {
    /// How often [`Db::touch`] was called.
    pub own: u64,
    /// What SQLite calls the data version of the file.
    pub file: i64,
}

impl Tx {
    pub async fn commit(self) -> Result<()> {
        match self {
            Tx::Sqlite(tx) => tx.commit(),
            Tx::Postgres(tx) => tx.commit().await,
        }
    }

    pub fn dialect(&self) -> Dialect {
        match self {
            Tx::Sqlite(_) => Dialect::Sqlite,
            Tx::Postgres(_) => Dialect::Postgres,
        }
    }

    pub async fn batch(&mut self, sql: &str) -> Result<()> {
        match self {
            Tx::Sqlite(tx) => tx.batch(sql),
            Tx::Postgres(tx) => tx.batch(sql).await,
        }
    }
}

/// A bound value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Null,
    Bool(bool),
    Int(i64),
    Real(f64),
    Text(Cow<'static, str>),
    Blob(Vec<u8>),
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Null, Into::into)
    }
}
impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Value::Bool(value)
    }
}
impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Value::Int(value)
    }
}
impl From<i32> for Value {
    fn from(value: i32) -> Self {
        Value::Int(value.into())
    }
}
impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Value::Int(value.into())
    }
}
impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Value::Real(value)
    }
}
impl From<String> for Value {
    fn from(value: String) -> Self {
        Value::Text(Cow::Owned(value))
    }
}
impl From<&String> for Value {
    fn from(value: &String) -> Self {
        Value::Text(Cow::Owned(value.clone()))
    }
}
impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Value::Text(Cow::Owned(value.to_owned()))
    }
}
impl From<Vec<u8>> for Value {
    fn from(value: Vec<u8>) -> Self {
        Value::Blob(value)
    }
}
impl From<uuid::Uuid> for Value {
    fn from(value: uuid::Uuid) -> Self {
        Value::Text(Cow::Owned(value.to_string()))
    }
}
impl From<serde_json::Value> for Value {
    fn from(value: serde_json::Value) -> Self {
        Value::Text(Cow::Owned(value.to_string()))
    }
}

/// Reads a column of JSON text into any type: `#[serde(deserialize_with = "base::db::json")]`.
/// Lists, maps and structs need no such hint; a `serde_json::Value` or an `Option` does.
pub fn json<'de, D, T>(deserializer: D) -> std::result::Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: DeserializeOwned,
{
    let text: Option<String> = serde::Deserialize::deserialize(deserializer)?;
    serde_json::from_str(text.as_deref().unwrap_or("null")).map_err(serde::de::Error::custom)
}

/// SQL text with its bound values.
#[derive(Clone, Debug)]
pub struct Query {
    sql: Cow<'static, str>,
    values: Vec<Value>,
    slow: bool,
}

impl Query {
    pub fn new(sql: &'static str) -> Self {
        Query {
            sql: Cow::Borrowed(sql),
            values: Vec::new(),
            slow: false,
        }
    }

    /// Binds the next `$n`.
    #[must_use]
    pub fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    /// Appends fixed text.
    #[must_use]
    pub fn push(mut self, fragment: &'static str) -> Self {
        self.sql.to_mut().push_str(fragment);
        self
    }

    /// Appends fixed text if so.
    #[must_use]
    pub fn push_if(self, yes: bool, fragment: &'static str) -> Self {
        if yes { self.push(fragment) } else { self }
    }

    /// Appends `fragment`, each `?` of which stands for the value, when there is a value.
    #[must_use]
    pub fn when(self, value: Option<impl Into<Value>>, fragment: &'static str) -> Self {
        let Some(value) = value else { return self };
        let mut query = self.bind(value);
        let placeholder = format!("${}", query.values.len());
        query
            .sql
            .to_mut()
            .push_str(&fragment.replace('?', &placeholder));
        query
    }

    /// Appends `before`, a list of placeholders for the values, and `)`. An empty list matches
    /// nothing. `before` ends in an opened bracket: `" AND v.id IN ("`.
    #[must_use]
    pub fn within<V: Into<Value>>(
        mut self,
        before: &'static str,
        values: impl IntoIterator<Item = V>,
    ) -> Self {
        self.sql.to_mut().push_str(before);
        let first = self.values.len() + 1;
        self.values.extend(values.into_iter().map(Into::into));
        if self.values.len() < first {
            self.sql.to_mut().push_str("NULL");
        }
        for n in first..=self.values.len() {
            let comma = if n == first { "" } else { "," };
            self.sql.to_mut().push_str(&format!("{comma}${n}"));
        }
        self.sql.to_mut().push(')');
        self
    }

    /// Appends ` LIMIT … OFFSET …`.
    #[must_use]
    pub fn page(self, start: i64, count: i64) -> Self {
        self.when(Some(count), " LIMIT ?")
            .when(Some(start), " OFFSET ?")
    }

    /// Marks a query that may take over a millisecond, so that it does not hold up other requests.
    #[must_use]
    pub fn slow(mut self) -> Self {
        self.slow = true;
        self
    }

    pub async fn all<T: DeserializeOwned>(self, on: impl Executor) -> Result<Vec<T>> {
        let rows = on.rows(&self).await?;
        rows.read().map_err(|source| read_error(&self.sql, source))
    }

    /// Rows whose columns make two structs, each taking its own by name.
    pub async fn pairs<A, B>(self, on: impl Executor) -> Result<Vec<(A, B)>>
    where
        A: DeserializeOwned,
        B: DeserializeOwned,
    {
        let rows = on.rows(&self).await?;
        rows.read_pairs()
            .map_err(|source| read_error(&self.sql, source))
    }

    pub async fn optional<T: DeserializeOwned>(self, on: impl Executor) -> Result<Option<T>> {
        Ok(self.all(on).await?.into_iter().next())
    }

    pub async fn one<T: DeserializeOwned>(self, on: impl Executor) -> Result<T> {
        self.optional(on).await?.ok_or(Error::NoRow)
    }

    /// Runs the statement and tells how many rows it changed.
    pub async fn execute(self, on: impl Executor) -> Result<u64> {
        on.execute(&self).await
    }

    fn is_read(&self) -> bool {
        let text = self.sql.trim_start();
        text.starts_with("SELECT") || text.starts_with("WITH")
    }
}

fn read_error(sql: &str, source: row::ReadError) -> Error {
    Error::Read {
        query: brief(sql),
        source,
    }
}

/// The start of a statement, for messages.
fn brief(sql: &str) -> String {
    let words: Vec<&str> = sql.split_whitespace().take(12).collect();
    words.join(" ")
}

/// What a query can run on: `&Db` or `&mut Tx`.
pub trait Executor: Send {
    fn rows(self, query: &Query) -> impl Future<Output = Result<Rows>> + Send;
    fn execute(self, query: &Query) -> impl Future<Output = Result<u64>> + Send;
}

impl Executor for &Db {
    async fn rows(self, query: &Query) -> Result<Rows> {
        counting::note();
        match self {
            Db::Sqlite(sqlite) if query.is_read() && query.slow => {
                sqlite.read_apart(query.clone()).await
            }
            Db::Sqlite(sqlite) if query.is_read() => sqlite.read(query),
            Db::Sqlite(sqlite) => sqlite.write(query).await,
            Db::Postgres(pool) => postgres::rows(pool, query).await,
        }
    }

    async fn execute(self, query: &Query) -> Result<u64> {
        counting::note();
        match self {
            Db::Sqlite(sqlite) => sqlite.execute(query).await,
            Db::Postgres(pool) => postgres::execute(pool, query).await,
        }
    }
}

impl Executor for &mut Tx {
    async fn rows(self, query: &Query) -> Result<Rows> {
        counting::note();
        match self {
            Tx::Sqlite(tx) => tx.rows(query),
            Tx::Postgres(tx) => tx.rows(query).await,
        }
    }

    async fn execute(self, query: &Query) -> Result<u64> {
        counting::note();
        match self {
            Tx::Sqlite(tx) => tx.execute(query),
            Tx::Postgres(tx) => tx.execute(query).await,
        }
    }
}

/// Every fixed statement of the program, so that one test can prepare all of them.
pub struct Statement {
    pub sql: &'static str,
    pub place: &'static str,
}
inventory::collect!(Statement);

/// All statements that were written with [`sql!`](crate::sql).
pub fn statements() -> impl Iterator<Item = &'static Statement> {
    inventory::iter::<Statement>.into_iter()
}

#[doc(hidden)]
pub use inventory;

/// A fixed SQL statement, registered for the test that prepares every statement on both databases.
#[macro_export]
macro_rules! sql {
    ($text:expr) => {{
        $crate::db::inventory::submit! {
            $crate::db::Statement { sql: $text, place: concat!(file!(), ":", line!()) }
        }
        $crate::db::Query::new($text)
    }};
}
