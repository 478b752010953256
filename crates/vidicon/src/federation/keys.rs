//! The keys of our actors, made when they are first needed.

use super::local;
use super::store::{self, ActorRow};
use crate::account::ActorId;
use crate::app::App;
use crate::error::{Error, Result};
use crate::vault::What;
use fediverse::key::SigningKey;

/// Who signs, and with what.
pub struct Signer {
    pub actor_url: String,
    pub key_id: String,
    pub key: SigningKey,
}

pub fn key_id(actor_url: &str) -> String {
    format!("{actor_url}#main-key")
}

pub async fn signer(app: &App, actor: &ActorRow) -> Result<Signer> {
    let (private, _) = pair(app, actor.id).await?;
    let actor_url = local::actor_url(app, actor);
    Ok(Signer {
        key_id: key_id(&actor_url),
        key: SigningKey::from_pem(&private).map_err(|error| Error::internal(error.to_string()))?,
        actor_url,
    })
}

pub async fn public_pem(app: &App, id: ActorId) -> Result<String> {
    Ok(pair(app, id).await?.1)
}

async fn pair(app: &App, id: ActorId) -> Result<(String, String)> {
    if let Some(found) = kept(app, id).await? {
        return Ok(found);
    }
    // Half a second of arithmetic: not on the threads that answer requests.
    let made = tokio::task::spawn_blocking(|| {
        let key = SigningKey::generate_rsa()?;
        Ok::<_, fediverse::Error>((key.to_pem()?, key.public_pem()?))
    });
    let (private, public) = made
        .await
        .map_err(Error::internal)?
        .map_err(|error| Error::internal(error.to_string()))?;
    let sealed = app.vault.seal(What::ActorKey, &private);
    let sealed = sealed.map_err(Error::internal)?;
    store::add_key_pair(&app.db, id, &sealed, &public).await?;
    kept(app, id)
        .await?
        .ok_or_else(|| Error::not_found("This actor has no keys."))
}

async fn kept(app: &App, id: ActorId) -> Result<Option<(String, String)>> {
    let found = store::key_pair(&app.db, id).await?;
    let Some((sealed, public)) = found.and_then(|pair| pair.private_key.zip(pair.public_key))
    else {
        return Ok(None);
    };
    let private = app.vault.open(What::ActorKey, &sealed);
    Ok(Some((private.map_err(Error::internal)?, public)))
}
