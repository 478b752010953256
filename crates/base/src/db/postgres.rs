//! The PostgreSQL side: a pool of connections with prepared statements.

use super::row::{Cell, Columns, Rows};
use super::{Error, Query, Result, Value, brief};
use bytes::BytesMut;
use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod};
use tokio_postgres::types::{FromSql, IsNull, Kind, ToSql, Type, to_sql_checked};
use tokio_postgres::{NoTls, Row, Statement};

/// Connections at the most. Two cores keep no more busy.
const CONNECTIONS: usize = 12;

pub async fn open(url: &str) -> Result<Pool> {
    let config: tokio_postgres::Config = url.parse().map_err(|error: tokio_postgres::Error| {
        Error::Open(format!("the address in database.url: {error}"))
    })?;
    let recycling = ManagerConfig {
        recycling_method: RecyclingMethod::Fast,
    };
    let manager = Manager::from_config(config, NoTls, recycling);
    let pool = Pool::builder(manager)
        .max_size(CONNECTIONS)
        .build()
        .map_err(|error| Error::Open(error.to_string()))?;
    drop(
        pool.get()
            .await
            .map_err(|error| Error::Open(format!("PostgreSQL: {}", causes(&error))))?,
    );
    Ok(pool)
}

pub async fn begin(pool: &Pool) -> Result<PostgresTx> {
    let client = checkout(pool).await?;
    client
        .batch_execute("BEGIN")
        .await
        .map_err(|error| postgres_error("BEGIN", error))?;
    Ok(PostgresTx {
        client: Some(client),
    })
}

pub async fn batch(pool: &Pool, sql: &str) -> Result<()> {
    let client = checkout(pool).await?;
    client
        .batch_execute(sql)
        .await
        .map_err(|error| postgres_error(sql, error))
}

pub async fn prepare(pool: &Pool, sql: &str) -> Result<()> {
    let client = checkout(pool).await?;
    client
        .prepare(sql)
        .await
        .map(drop)
        .map_err(|error| postgres_error(sql, error))
}

pub async fn rows(pool: &Pool, query: &Query) -> Result<Rows> {
    client_rows(&checkout(pool).await?, query).await
}

pub async fn execute(pool: &Pool, query: &Query) -> Result<u64> {
    client_execute(&checkout(pool).await?, query).await
}

pub struct PostgresTx {
    /// Taken out when the transaction ends.
    client: Option<Object>,
}

impl PostgresTx {
    fn client(&self) -> Result<&Object> {
        self.client
            .as_ref()
            .ok_or_else(|| Error::Open("the transaction has ended".to_owned()))
    }

    pub async fn rows(&self, query: &Query) -> Result<Rows> {
        client_rows(self.client()?, query).await
    }

    pub async fn execute(&self, query: &Query) -> Result<u64> {
        client_execute(self.client()?, query).await
    }

    pub async fn batch(&self, sql: &str) -> Result<()> {
        self.client()?
            .batch_execute(sql)
            .await
            .map_err(|error| postgres_error(sql, error))
    }

    pub async fn commit(mut self) -> Result<()> {
        let client = self.client.take();
        let client = client.ok_or_else(|| Error::Open("the transaction has ended".to_owned()))?;
        // While this is awaited a drop must not return an open transaction to the pool.
        let mut ending = PostgresTx {
            client: Some(client),
        };
        ending.batch("COMMIT").await?;
        ending.client.take();
        Ok(())
    }
}

impl Drop for PostgresTx {
    fn drop(&mut self) {
        let Some(client) = self.client.take() else {
            return;
        };
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => {
                runtime.spawn(async move {
                    if client.batch_execute("ROLLBACK").await.is_err() {
                        drop(Object::take(client));
                    }
                });
            }
            Err(_) => drop(Object::take(client)),
        }
    }
}

async fn checkout(pool: &Pool) -> Result<Object> {
    pool.get()
        .await
        .map_err(|error| Error::Open(format!("PostgreSQL: {}", causes(&error))))
}

async fn statement(client: &Object, query: &Query) -> Result<Statement> {
    client
        .prepare_cached(&query.sql)
        .await
        .map_err(|error| postgres_error(&query.sql, error))
}

async fn client_rows(client: &Object, query: &Query) -> Result<Rows> {
    let statement = statement(client, query).await?;
    let columns = Columns::of(statement.columns().iter().map(|column| column.name()));
    let values: Vec<&(dyn ToSql + Sync)> = parameters(query);
    let found = client
        .query(&statement, &values)
        .await
        .map_err(|error| postgres_error(&query.sql, error))?;
    let mut cells = Vec::with_capacity(found.len() * columns.count());
    for row in &found {
        for column in 0..columns.count() {
            cells.push(cell(row, column).map_err(|error| postgres_error(&query.sql, error))?);
        }
    }
    Ok(Rows::new(columns, cells))
}

async fn client_execute(client: &Object, query: &Query) -> Result<u64> {
    let statement = statement(client, query).await?;
    let values = parameters(query);
    let changed = client.execute(&statement, &values).await;
    changed.map_err(|error| postgres_error(&query.sql, error))
}

fn parameters(query: &Query) -> Vec<&(dyn ToSql + Sync)> {
    query
        .values
        .iter()
        .map(|value| value as &(dyn ToSql + Sync))
        .collect()
}

fn cell(row: &Row, column: usize) -> Result<Cell, tokio_postgres::Error> {
    row.try_get::<_, Option<Cell>>(column)
        .map(|cell| cell.unwrap_or(Cell::Null))
}

impl<'a> FromSql<'a> for Cell {
    fn from_sql(
        ty: &Type,
        raw: &'a [u8],
    ) -> std::result::Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(match *ty {
            Type::BOOL => Cell::Int(bool::from_sql(ty, raw)?.into()),
            Type::INT2 => Cell::Int(i16::from_sql(ty, raw)?.into()),
            Type::INT4 => Cell::Int(i32::from_sql(ty, raw)?.into()),
            Type::INT8 => Cell::Int(i64::from_sql(ty, raw)?),
            Type::FLOAT4 => Cell::Real(f32::from_sql(ty, raw)?.into()),
            Type::FLOAT8 => Cell::Real(f64::from_sql(ty, raw)?),
            Type::BYTEA => Cell::Blob(raw.to_vec()),
            _ => Cell::Text(std::str::from_utf8(raw)?.to_owned()),
        })
    }

    fn accepts(ty: &Type) -> bool {
        matches!(ty.kind(), Kind::Simple | Kind::Pseudo)
    }
}

/// A value takes the type that PostgreSQL found for its place in the statement.
impl ToSql for Value {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> std::result::Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match (self, ty) {
            (Value::Null, _) => Ok(IsNull::Yes),
            (Value::Bool(value), &Type::BOOL) => value.to_sql(ty, out),
            (Value::Bool(value), _) => Value::Int(i64::from(*value)).to_sql(ty, out),
            (Value::Int(value), &Type::BOOL) => (*value != 0).to_sql(ty, out),
            (Value::Int(value), &Type::INT2) => i16::try_from(*value)?.to_sql(ty, out),
            (Value::Int(value), &Type::INT4) => i32::try_from(*value)?.to_sql(ty, out),
            (Value::Int(value), &Type::INT8) => value.to_sql(ty, out),
            (Value::Int(value), &Type::FLOAT8) => whole_as_real(*value).to_sql(ty, out),
            (Value::Int(value), _) => value.to_string().to_sql(ty, out),
            (Value::Real(value), &Type::FLOAT8) => value.to_sql(ty, out),
            (Value::Real(value), _) => Err(format!("the number {value} for a {ty}").into()),
            // PostgreSQL cannot hold the NUL character in a text.
            (Value::Text(value), _) if value.contains('\0') => {
                value.replace('\0', "").to_sql(&Type::TEXT, out)
            }
            (Value::Text(value), _) => value.as_ref().to_sql(&Type::TEXT, out),
            (Value::Blob(value), _) => value.as_slice().to_sql(&Type::BYTEA, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

#[expect(
    clippy::cast_precision_loss,
    reason = "PostgreSQL itself would round the same way"
)]
fn whole_as_real(value: i64) -> f64 {
    value as f64
}

fn postgres_error(sql: &str, error: tokio_postgres::Error) -> Error {
    let Some(failure) = error.as_db_error() else {
        return Error::Run {
            query: brief(sql),
            message: causes(&error),
        };
    };
    let message = failure.message().to_owned();
    match failure.code().code() {
        "23505" => Error::Unique(failure.constraint().unwrap_or(&message).to_owned()),
        "23503" => Error::Reference(message),
        code => Error::Run {
            query: brief(sql),
            message: format!("{message} ({code})"),
        },
    }
}

/// An error with all its causes: these drivers keep the telling part in the last one.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}
