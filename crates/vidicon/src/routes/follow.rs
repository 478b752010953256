//! The routes of subscriptions.

use super::Routes;
use crate::access::Access::User;
use crate::follow::api;

pub(super) fn routes(routes: Routes) -> Routes {
    let all = "/api/v1/users/me/subscriptions";
    let one = "/api/v1/users/me/subscriptions/{uri}";
    routes
        .get(all, User, "", api::list)
        .post(all, User, "", api::add)
        .get("/api/v1/users/me/subscriptions/exist", User, "", api::exist)
        .get(
            "/api/v1/users/me/subscriptions/videos",
            User,
            "",
            api::videos,
        )
        .get(one, User, "", api::show)
        .delete(one, User, "", api::remove)
}
