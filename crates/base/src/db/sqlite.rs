//! The SQLite side: many readers, one writer, all called in place.

use super::row::{Cell, Columns, Rows};
use super::{Error, Query, Result, Value, Version, brief};
use parking_lot::Mutex;
use rusqlite::backup::{Backup, StepResult};
use rusqlite::config::DbConfig;
use rusqlite::types::ValueRef;
use rusqlite::{CachedStatement, Connection, ErrorCode, OpenFlags};
use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard, Semaphore};

/// Statements kept prepared on each connection.
const CACHED_STATEMENTS: usize = 256;
/// Page cache of a reader and of the writer, in KiB; the operating system caches the rest.
const READER_CACHE_KIB: i64 = 2_048;
const WRITER_CACHE_KIB: i64 = 2_048;

/// More at a time would only wait for the same few processors: no more than there are, and no more
/// than this.
const MOST_LONG_READS: usize = 4;

/// SQLite allows one writer at a time, so writes queue for one connection while reads run beside
/// them (WAL). Readers are made on demand, one for each thread that reads at the same moment.
pub struct Sqlite {
    path: String,
    readers: Mutex<Vec<Connection>>,
    /// How many long reads may run at a time. Each has a reader, with its memory, to itself.
    long_reads: Semaphore,
    writer: Arc<AsyncMutex<Connection>>,
    /// Writes nothing and reads nothing but what others have written.
    watcher: Mutex<Connection>,
    touched: AtomicU64,
}

tokio::task_local! {
    /// The reader of reads that are made together, once the first was made.
    static TOGETHER: RefCell<Option<Held>>;
}

/// A reader in a transaction. Dropped, it is closed, and the transaction ends with it.
struct Held {
    path: String,
    reader: Connection,
}

impl Sqlite {
    pub fn open(path: &str) -> Result<Self> {
        let writer = connect(path, false)?;
        Ok(Sqlite {
            path: path.to_owned(),
            readers: Mutex::new(Vec::new()),
            long_reads: Semaphore::new(processors().clamp(2, MOST_LONG_READS)),
            writer: Arc::new(AsyncMutex::new(writer)),
            watcher: Mutex::new(connect(path, true)?),
            touched: AtomicU64::new(0),
        })
    }

    pub fn version(&self) -> Result<Version> {
        const SQL: &str = "PRAGMA data_version";
        let own = self.touched.load(Ordering::Acquire);
        let watcher = self.watcher.lock();
        let file = watcher
            .prepare_cached(SQL)
            .and_then(|mut statement| statement.query_row((), |row| row.get(0)));
        let file = file.map_err(|error| sqlite_error(SQL, error))?;
        Ok(Version { own, file })
    }

    pub fn touch(&self) {
        self.touched.fetch_add(1, Ordering::AcqRel);
    }

    /// Runs a short read on this very thread.
    pub fn read(&self, query: &Query) -> Result<Rows> {
        let held = TOGETHER.try_with(|held| held.borrow_mut().take());
        let Ok(held) = held else {
            let reader = self.reader()?;
            let rows = rows(&reader, query);
            self.readers.lock().push(reader);
            return rows;
        };
        let held = match held {
            Some(held) if held.path == self.path => held,
            // Nothing is held yet, or a reader of another database.
            _ => self.hold()?,
        };
        let rows = rows(&held.reader, query);
        TOGETHER.with(|place| place.replace(Some(held)));
        rows
    }

    /// An idle reader, or a new one.
    fn reader(&self) -> Result<Connection> {
        let idle = self.readers.lock().pop();
        idle.map_or_else(|| connect(&self.path, true), Ok)
    }

    fn hold(&self) -> Result<Held> {
        const BEGIN: &str = "BEGIN";
        let reader = self.reader()?;
        run(&reader, BEGIN)?;
        Ok(Held {
            path: self.path.clone(),
            reader,
        })
    }

    /// See [`super::Db::together`].
    pub async fn together<T>(&self, reads: impl Future<Output = T>) -> T {
        let reads = async {
            let done = reads.await;
            (done, TOGETHER.with(|held| held.borrow_mut().take()))
        };
        let (done, held) = TOGETHER.scope(RefCell::new(None), reads).await;
        if let Some(held) = held
            && held.path == self.path
            && run(&held.reader, "COMMIT").is_ok()
        {
            self.readers.lock().push(held.reader);
        }
        done
    }

    /// Runs a long read on the blocking pool.
    pub async fn read_apart(self: &Arc<Self>, query: Query) -> Result<Rows> {
        let sqlite = Arc::clone(self);
        let sql = brief(&query.sql);
        // It is never closed, so there always is one.
        let _turn = self.long_reads.acquire().await.ok();
        tokio::task::spawn_blocking(move || sqlite.read(&query))
            .await
            .map_err(|error| Error::Run {
                query: sql,
                message: error.to_string(),
            })?
    }

    pub async fn write(&self, query: &Query) -> Result<Rows> {
        rows(&*self.writer.lock().await, query)
    }

    pub async fn execute(&self, query: &Query) -> Result<u64> {
        execute(&*self.writer.lock().await, query)
    }

    pub async fn batch(&self, sql: &str) -> Result<()> {
        let writer = self.writer.lock().await;
        writer
            .execute_batch(sql)
            .map_err(|error| sqlite_error(sql, error))
    }

    pub async fn begin(&self) -> Result<SqliteTx> {
        let writer = Arc::clone(&self.writer).lock_owned().await;
        writer
            .execute_batch("BEGIN IMMEDIATE")
            .map_err(|e| sqlite_error("BEGIN", e))?;
        Ok(SqliteTx { writer, open: true })
    }

    pub fn prepare(&self, sql: &str) -> Result<()> {
        let reader = connect(&self.path, true)?;
        let prepared = reader.prepare(sql).map(drop);
        prepared.map_err(|error| sqlite_error(sql, error))
    }

    pub async fn copy_to(&self, path: &std::path::Path) -> Result<()> {
        let query = Query::new("VACUUM INTO $1").bind(path.display().to_string());
        self.execute(&query).await.map(drop)
    }

    pub async fn snapshot_to(self: &Arc<Self>, path: std::path::PathBuf) -> Result<()> {
        let sqlite = Arc::clone(self);
        let copied = tokio::task::spawn_blocking(move || {
            let from = connect(&sqlite.path, true)?;
            let copy = || -> rusqlite::Result<StepResult> {
                let mut to = Connection::open(&path)?;
                // All at once, in one read transaction, which holds up no writer.
                Backup::new(&from, &mut to)?.step(-1)
            };
            match copy().map_err(|error| sqlite_error("copy the database", error))? {
                StepResult::Done => Ok(()),
                other => Err(Error::Open(format!("the copy did not end: {other:?}"))),
            }
        });
        let copied = copied.await;
        copied.map_err(|error| Error::Open(format!("the copy broke off: {error}")))?
    }
}

pub struct SqliteTx {
    writer: OwnedMutexGuard<Connection>,
    open: bool,
}

impl SqliteTx {
    pub fn rows(&self, query: &Query) -> Result<Rows> {
        rows(&self.writer, query)
    }

    pub fn execute(&self, query: &Query) -> Result<u64> {
        execute(&self.writer, query)
    }

    pub fn batch(&self, sql: &str) -> Result<()> {
        self.writer
            .execute_batch(sql)
            .map_err(|error| sqlite_error(sql, error))
    }

    pub fn commit(mut self) -> Result<()> {
        self.writer
            .execute_batch("COMMIT")
            .map_err(|error| sqlite_error("COMMIT", error))?;
        self.open = false;
        Ok(())
    }
}

impl Drop for SqliteTx {
    fn drop(&mut self) {
        if self.open {
            // It fails only where SQLite has rolled back by itself, which is what is wanted.
            self.writer.execute_batch("ROLLBACK").ok();
        }
    }
}

fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

fn connect(path: &str, read_only: bool) -> Result<Connection> {
    open_connection(path, read_only)
        .map_err(|error| Error::Open(format!("the database file {path}: {error}")))
}

fn open_connection(path: &str, read_only: bool) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_URI;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(Duration::from_secs(10))?;
    connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
    // Without this each new value of a bound parameter has the statement compiled again, which
    // takes longer than most statements.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    if read_only {
        connection.pragma_update(None, "cache_size", -READER_CACHE_KIB)?;
        // A write that was routed to a reader fails loudly.
        connection.pragma_update(None, "query_only", true)?;
    } else {
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        connection.pragma_update(None, "cache_size", -WRITER_CACHE_KIB)?;
        connection.pragma_update(None, "journal_size_limit", 64 * 1024 * 1024)?;
    }
    Ok(connection)
}

fn rows(connection: &Connection, query: &Query) -> Result<Rows> {
    let read = || -> rusqlite::Result<Rows> {
        let mut statement = bound(connection, query)?;
        let columns = Columns::of(statement.column_names());
        let width = columns.count();
        let mut cells = Vec::with_capacity(width);
        let mut found = statement.raw_query();
        while let Some(row) = found.next()? {
            for column in 0..width {
                cells.push(cell(row.get_ref(column)?));
            }
        }
        Ok(Rows::new(columns, cells))
    };
    read().map_err(|error| sqlite_error(&query.sql, error))
}

/// Runs a statement without values and answer, which stays prepared.
fn run(connection: &Connection, sql: &str) -> Result<()> {
    let done = connection
        .prepare_cached(sql)
        .and_then(|mut statement| statement.raw_execute());
    done.map(drop).map_err(|error| sqlite_error(sql, error))
}

fn execute(connection: &Connection, query: &Query) -> Result<u64> {
    let run = || -> rusqlite::Result<usize> {
        let mut statement = bound(connection, query)?;
        if statement.column_count() == 0 {
            return statement.raw_execute();
        }
        let mut changed = 0;
        let mut found = statement.raw_query();
        while found.next()?.is_some() {
            changed += 1;
        }
        Ok(changed)
    };
    let changed = run().map_err(|error| sqlite_error(&query.sql, error))?;
    Ok(u64::try_from(changed).unwrap_or(u64::MAX))
}

/// Prepares the statement and binds its values. SQLite reads `$2` as a name, so the number is
/// taken from that name: a statement may use its values in any order and more than once.
fn bound<'c>(connection: &'c Connection, query: &Query) -> rusqlite::Result<CachedStatement<'c>> {
    let mut statement = connection.prepare_cached(&query.sql)?;
    for index in 1..=statement.parameter_count() {
        let number = statement
            .parameter_name(index)
            .and_then(|name| name.get(1..))
            .and_then(|digits| digits.parse::<usize>().ok());
        let value = number
            .and_then(|n| query.values.get(n.wrapping_sub(1)))
            .ok_or(rusqlite::Error::InvalidParameterCount(
                index,
                query.values.len(),
            ))?;
        match value {
            Value::Null => statement.raw_bind_parameter(index, rusqlite::types::Null)?,
            Value::Bool(value) => statement.raw_bind_parameter(index, value)?,
            Value::Int(value) => statement.raw_bind_parameter(index, value)?,
            Value::Real(value) => statement.raw_bind_parameter(index, value)?,
            Value::Text(value) => statement.raw_bind_parameter(index, value.as_ref())?,
            Value::Blob(value) => statement.raw_bind_parameter(index, value)?,
        }
    }
    Ok(statement)
}

fn cell(value: ValueRef<'_>) -> Cell {
    match value {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(value) => Cell::Int(value),
        ValueRef::Real(value) => Cell::Real(value),
        ValueRef::Text(bytes) => Cell::Text(match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => String::from_utf8_lossy(bytes).into_owned(),
        }),
        ValueRef::Blob(bytes) => Cell::Blob(bytes.to_vec()),
    }
}

fn sqlite_error(sql: &str, error: rusqlite::Error) -> Error {
    let message = error.to_string();
    match error.sqlite_error() {
        Some(failure) if failure.code == ErrorCode::ConstraintViolation => {
            match failure.extended_code {
                rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE
                | rusqlite::ffi::SQLITE_CONSTRAINT_PRIMARYKEY
                | rusqlite::ffi::SQLITE_CONSTRAINT_ROWID => Error::Unique(message),
                rusqlite::ffi::SQLITE_CONSTRAINT_FOREIGNKEY => Error::Reference(message),
                _ => Error::Run {
                    query: brief(sql),
                    message,
                },
            }
        }
        _ => Error::Run {
            query: brief(sql),
            message,
        },
    }
}
