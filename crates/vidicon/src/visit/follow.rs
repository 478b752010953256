//! Following a channel by a button.

use crate::app::App;
use crate::channel;
use crate::error::Result;
use crate::follow::{self, Handle};
use crate::page::form::Form;
use crate::page::{Page, go};
use axum::extract::{Path, State};
use axum::response::Response;

/// `POST /c/{handle}/follow`, with `stop` to end it.
pub async fn change(
    State(app): State<App>,
    page: Page,
    Path(name): Path<String>,
    form: Form,
) -> Result<Response> {
    let user = page.me()?.clone();
    let channel = channel::find(&app, &name).await?;
    let stops = form.has("stop");
    if stops {
        follow::unsubscribe(&app, &user, &channel).await?;
    } else {
        let handle = Handle {
            name: channel.name.clone(),
            host: channel.host.clone(),
        };
        follow::subscribe(&app, &user, &handle).await?;
    }
    let key = if stops { "unfollowed" } else { "followed-now" };
    let said = page.tx(key, "name", &channel.display_name);
    let back = form
        .some("next")
        .unwrap_or_else(|| format!("/c/{}", super::handle(&channel.name, &channel.host)));
    Ok(go(&app, &back, Some((false, &said))))
}
