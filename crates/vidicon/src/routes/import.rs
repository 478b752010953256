//! The routes of videos that are fetched from elsewhere.

use super::Routes;
use crate::access::Access::User;
use crate::import::{api, page, sync_api};

pub(super) fn routes(routes: Routes) -> Routes {
    let imports = "/api/v1/videos/imports";
    let syncs = "/api/v1/video-channel-syncs";
    routes
        .post(imports, User, "importVideo", api::create)
        .delete("/api/v1/videos/imports/{id}", User, "", api::remove)
        .post("/api/v1/videos/imports/{id}/cancel", User, "", api::cancel)
        .post("/api/v1/videos/imports/{id}/retry", User, "", api::retry)
        .get("/api/v1/users/me/videos/imports", User, "", api::mine)
        .post(syncs, User, "addVideoChannelSync", sync_api::create)
        .delete(
            "/api/v1/video-channel-syncs/{id}",
            User,
            "delVideoChannelSync",
            sync_api::remove,
        )
        .post(
            "/api/v1/video-channel-syncs/{id}/sync",
            User,
            "triggerVideoChannelSync",
            sync_api::trigger,
        )
        .get(
            "/api/v1/accounts/{name}/video-channel-syncs",
            User,
            "",
            sync_api::of_account,
        )
        .post(
            "/api/v1/video-channels/{handle}/import-videos",
            User,
            "",
            sync_api::import_channel,
        )
        .get("/my/imports", User, "", page::show)
        .post("/my/imports", User, "", page::add)
        .post("/my/imports/{id}", User, "", page::act)
        .post("/my/channel-syncs", User, "", page::keep)
        .post("/my/channel-syncs/{id}", User, "", page::act_on_channel)
}
