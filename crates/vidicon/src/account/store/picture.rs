//! The SQL of avatars and banners.

use super::super::ActorId;
use super::super::picture::{Made, Picture, Shape};
use base::clock::Millis;
use base::db::{Executor, Query, Result};
use base::sql;

pub async fn add(
    on: impl Executor,
    actor_id: ActorId,
    shape: Shape,
    made: &Made,
    now: Millis,
) -> Result<u64> {
    sql!(
        "INSERT INTO actor_image (actor_id, kind, filename, width, height, created_at)
         VALUES ($1, $2, $3, $4, $5, $6)"
    )
    .bind(actor_id)
    .bind(shape.as_str())
    .bind(&made.filename)
    .bind(made.width)
    .bind(made.height)
    .bind(now)
    .execute(on)
    .await
}

pub async fn delete(on: impl Executor, actor_id: ActorId, shape: Shape) -> Result<u64> {
    sql!("DELETE FROM actor_image WHERE actor_id = $1 AND kind = $2")
        .bind(actor_id)
        .bind(shape.as_str())
        .execute(on)
        .await
}

/// The largest first.
pub async fn of(on: impl Executor, actors: &[ActorId], shape: Shape) -> Result<Vec<Picture>> {
    Query::new("SELECT id, actor_id, filename, width, height, created_at FROM actor_image")
        .when(Some(shape.as_str()), " WHERE kind = ?")
        .within(" AND actor_id IN (", actors.iter().copied())
        .push(" ORDER BY width DESC, id")
        .all(on)
        .await
}
