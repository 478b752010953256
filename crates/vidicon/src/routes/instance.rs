//! The routes of the site's settings and texts.

use super::Routes;
use crate::access::Access;
use crate::account::Right;
use crate::instance::{Settings, api};

pub(super) fn routes(routes: Routes) -> Routes {
    let configure = Access::Right(Right::ManageConfiguration);
    routes
        .get("/api/v1/ping", Access::Public, "ping", async || "pong")
        .get("/api/v1/config", Access::Public, "getConfig", api::config)
        .get(
            "/api/v1/config/about",
            Access::Public,
            "getAbout",
            api::about,
        )
        .get(
            "/api/v1/config/custom",
            configure,
            "getCustomConfig",
            api::custom,
        )
        .answers::<Settings>()
        .put(
            "/api/v1/config/custom",
            configure,
            "putCustomConfig",
            api::change,
        )
        .answers::<Settings>()
        .delete(
            "/api/v1/config/custom",
            configure,
            "delCustomConfig",
            api::reset,
        )
        .answers::<Settings>()
        .get(
            "/api/v1/custom-pages/homepage/instance",
            Access::Public,
            "getHomepage",
            api::homepage,
        )
        .put(
            "/api/v1/custom-pages/homepage/instance",
            Access::Right(Right::ManageInstanceCustomPage),
            "putHomepage",
            api::set_homepage,
        )
}
