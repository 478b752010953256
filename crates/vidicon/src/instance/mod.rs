//! The site as a whole: its name, rules and settings that an administrator changes while it runs.

mod signup;
mod store;

pub use signup::Signup;

use base::Db;
use base::clock::Clock;
use parking_lot::RwLock;
use serde_json::{Map, Value};
use std::sync::Arc;

/// Run-time settings: the defaults with the administrator's changes laid over them. Read on
/// nearly every request, so they are kept in memory and loaded again after each change.
pub struct Instance {
    current: RwLock<Arc<Map<String, Value>>>,
}

impl Instance {
    pub async fn load(db: &Db) -> base::db::Result<Self> {
        let changes = store::setting(db, "instance").await?;
        let current = changes
            .and_then(|value| value.as_object().cloned())
            .unwrap_or_default();
        Ok(Instance {
            current: RwLock::new(Arc::new(current)),
        })
    }

    /// The administrator's changes as they stand now.
    pub fn changes(&self) -> Arc<Map<String, Value>> {
        Arc::clone(&self.current.read())
    }

    pub async fn save(
        &self,
        db: &Db,
        clock: &Clock,
        changes: Map<String, Value>,
    ) -> base::db::Result<()> {
        store::save_setting(db, "instance", Value::Object(changes.clone()), clock.now()).await?;
        *self.current.write() = Arc::new(changes);
        Ok(())
    }
}

/// The key that signs short-lived tokens; made at the first call.
pub async fn secret(db: &Db, clock: &Clock) -> anyhow::Result<[u8; 32]> {
    let fresh = Value::String(hex::encode(base::random::bytes::<32>()));
    store::add_setting(db, "secret", fresh, clock.now()).await?;
    let kept = store::setting(db, "secret").await?.unwrap_or_default();
    let mut secret = [0; 32];
    hex::decode_to_slice(kept.as_str().unwrap_or_default(), &mut secret)?;
    Ok(secret)
}

/// A fact that the program keeps about itself under a name.
pub async fn fact(db: &Db, name: &str) -> base::db::Result<Option<Value>> {
    store::setting(db, name).await
}

pub async fn keep_fact(db: &Db, clock: &Clock, name: &str, value: Value) -> base::db::Result<()> {
    store::save_setting(db, name, value, clock.now()).await
}

/// The id and secret that first-party programs send along; made at the first call.
pub async fn oauth_client(db: &Db, clock: &Clock) -> base::db::Result<(String, String)> {
    let fresh = serde_json::json!({ "id": base::random::token(), "secret": base::random::token() });
    let kept = match store::setting(db, "oauth_client").await? {
        Some(kept) => kept,
        None => {
            store::add_setting(db, "oauth_client", fresh, clock.now()).await?;
            store::setting(db, "oauth_client")
                .await?
                .unwrap_or_default()
        }
    };
    let text = |name: &str| {
        kept.get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    Ok((text("id"), text("secret")))
}
