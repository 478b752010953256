//! The URLs of notifications and webhooks.

use super::Routes;
use crate::access::Access::{Public, Right as Needs, User};
use crate::account::Right::ManageConfiguration;
use crate::notification::{api, page, push::api as push, socket, webhook::api as webhook};
use crate::video::tracker::socket as tracker;

pub fn routes(routes: Routes) -> Routes {
    let mine = "/api/v1/users/me/notifications";
    let live = "/api/v1/users/me/notifications/live";
    let read = "/api/v1/users/me/notifications/read";
    let read_all = "/api/v1/users/me/notifications/read-all";
    let routes = routes
        .get(mine, User, "listMyNotifications", api::mine)
        // Events without an end: nothing that a description of plain answers could hold.
        .get(live, User, "", api::live)
        .post(read, User, "readMyNotifications", api::read)
        .post(read_all, User, "readAllMyNotifications", api::read_all)
        .get("/unsubscribe", Public, "", page::ask)
        .post("/unsubscribe", Public, "", page::stop);
    let routes = routes
        .get("/tracker/socket", Public, "", tracker::open)
        .get("/socket.io/", Public, "", socket::open)
        .post("/socket.io/", Public, "", socket::say)
        .get("/socket.io", Public, "", socket::open)
        .post("/socket.io", Public, "", socket::say);
    webhooks(pushes(routes))
}

fn pushes(routes: Routes) -> Routes {
    let mine = "/api/v1/users/me/push";
    let all = "/api/v1/users/me/push/subscriptions";
    let one = "/api/v1/users/me/push/subscriptions/{id}";
    routes
        .get("/push-worker.js", Public, "", crate::assets::push_worker)
        .get(mine, User, "getMyPush", push::state)
        .put(mine, User, "putMyPush", push::switch)
        .get(all, User, "listMyPushSubscriptions", push::list)
        .post(all, User, "addPushSubscription", push::add)
        .delete(one, User, "deletePushSubscription", push::remove)
}

fn webhooks(routes: Routes) -> Routes {
    let all = "/api/v1/webhooks";
    let one = "/api/v1/webhooks/{id}";
    let test = "/api/v1/webhooks/{id}/test";
    let configure = Needs(ManageConfiguration);
    routes
        .get(all, configure, "listWebhooks", webhook::list)
        .post(all, configure, "addWebhook", webhook::add)
        .put(one, configure, "putWebhook", webhook::change)
        .delete(one, configure, "delWebhook", webhook::remove)
        .post(test, configure, "testWebhook", webhook::test)
}
