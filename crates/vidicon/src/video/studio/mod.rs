//! Pages for those who make videos: their list, one video with all about it, its figures.

pub mod captions;
pub mod edit;
pub mod fields;
pub mod figures;
pub mod list;
mod parts;
mod plot;
pub mod shares;

pub use fields::codes;
pub use parts::frames;

use crate::access::Me;
use crate::app::App;
use crate::channel;
use crate::error::Result;
use crate::page::form::Form;
use crate::page::{Page, confirm, go};
use crate::video::api;
use axum::extract::{Path, State};
use axum::response::Response;

/// `POST /my/channels/{handle}/delete`: the channel with its videos.
pub async fn delete_channel(
    State(app): State<App>,
    page: Page,
    me: Me,
    Path(handle): Path<String>,
    form: Form,
) -> Result<Response> {
    let channel = channel::find(&app, &handle).await?;
    channel::manage(&app, &me, &channel).await?;
    if !confirm::is_sure(&form) {
        let question = page.tx("channel-delete-sure", "name", &channel.display_name);
        let (button, back) = (page.t("channel-delete"), format!("/my/channels/{handle}"));
        let answer = confirm::ask(&page, &form, question, Vec::new(), button, &back);
        return Ok(answer);
    }
    api::delete_channel(State(app.clone()), me, Path(handle)).await?;
    let said = Some((false, page.t("channel-deleted")));
    Ok(go(&app, "/my/settings", said))
}
