//! Links that open an archive for a quarter of an hour. Nothing is kept: they are signed.

use super::{Export, ExportId, State};
use crate::app::App;
use crate::error::{Error, Result};
use base::clock::{MINUTE, Millis};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

const LIFE: Millis = 15 * MINUTE;

/// The address of an archive that is ready.
pub fn link(app: &App, export: &Export) -> Option<String> {
    let expires = app.clock.now() + LIFE;
    let mac = mac(app, export.id, expires).ok()?.finalize();
    let ticket = format!("{}.{expires}.{}", export.id, hex::encode(mac.into_bytes()));
    let path = format!("/download/user-exports/{}?jwt={ticket}", export.filename());
    (export.state == State::Completed).then(|| app.url(&path))
}

/// The archive that a ticket opens now.
pub async fn opened(app: &App, filename: &str, ticket: &str) -> Result<Export> {
    let refused = || Error::forbidden("This link does not open the archive, or does not any more.");
    let mut parts = ticket.splitn(3, '.');
    let mut number = || parts.next()?.parse::<i64>().ok();
    let (id, expires) = number().zip(number()).ok_or_else(refused)?;
    let given = hex::decode(parts.next().unwrap_or_default()).map_err(|_| refused())?;
    let id = ExportId::new(id);
    if expires <= app.clock.now() || mac(app, id, expires)?.verify_slice(&given).is_err() {
        return Err(refused());
    }
    let export = super::export(app, id).await?;
    export
        .filter(|it| it.state == State::Completed && it.filename() == filename)
        .ok_or_else(|| Error::not_found("There is no such archive."))
}

fn mac(app: &App, id: ExportId, expires: Millis) -> Result<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(&app.secret).map_err(Error::internal)?;
    mac.update(b"user-export");
    mac.update(&id.0.to_be_bytes());
    mac.update(&expires.to_be_bytes());
    Ok(mac)
}
