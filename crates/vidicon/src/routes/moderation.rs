//! The URLs of reports, notes, shared block lists and bulk acts.

use super::Routes;
use crate::access::Access::{Public, Right as Needs, User};
use crate::account::Right::{
    ManageAbuses, ManageServerBlocklistSubscriptions, ManageVideoBlacklist,
};
use crate::moderation::api::{self, block_list, bulk, log, note};

pub fn routes(routes: Routes) -> Routes {
    tools(lists(reports(routes)))
}

fn reports(routes: Routes) -> Routes {
    let manage = Needs(ManageAbuses);
    let (all, one) = ("/api/v1/abuses", "/api/v1/abuses/{abuseId}");
    let messages = "/api/v1/abuses/{abuseId}/messages";
    routes
        .get(all, manage, "getAbuses", api::list)
        .post(all, User, "addAbuse", api::create)
        .put(one, manage, "updateAbuse", api::update)
        .delete(one, manage, "deleteAbuse", api::delete)
        .get(messages, User, "getAbuseMessages", api::messages)
        .post(messages, User, "addAbuseMessage", api::say)
        .delete(
            "/api/v1/abuses/{abuseId}/messages/{abuseMessageId}",
            User,
            "deleteAbuseMessage",
            api::take_back,
        )
        .get("/api/v1/users/me/abuses", User, "getMyAbuses", api::mine)
}

fn lists(routes: Routes) -> Routes {
    let manage = Needs(ManageServerBlocklistSubscriptions);
    let all = "/api/v1/server/blocklist/subscriptions";
    routes
        .get(all, manage, "getBlocklistSubscriptions", block_list::list)
        .post(
            all,
            manage,
            "addBlocklistSubscription",
            block_list::subscribe,
        )
        .delete(
            "/api/v1/server/blocklist/subscriptions/{id}",
            manage,
            "deleteBlocklistSubscription",
            block_list::unsubscribe,
        )
        .get(
            "/api/v1/server/blocklist/public-log",
            Public,
            "getBlocklistPublicLog",
            block_list::public_log,
        )
}

fn tools(routes: Routes) -> Routes {
    let notes = "/api/v1/accounts/{name}/moderator-notes";
    routes
        .get(notes, Needs(ManageAbuses), "getModeratorNotes", note::list)
        .post(notes, Needs(ManageAbuses), "addModeratorNote", note::write)
        .delete(
            "/api/v1/accounts/{name}/moderator-notes/{noteId}",
            Needs(ManageAbuses),
            "deleteModeratorNote",
            note::remove,
        )
        .get(
            "/api/v1/server/moderation-log",
            Public,
            "getModerationLog",
            log::list,
        )
        .post(
            "/api/v1/bulk/abuses",
            Needs(ManageAbuses),
            "judgeManyAbuses",
            bulk::judge,
        )
        .post(
            "/api/v1/bulk/videos",
            Needs(ManageVideoBlacklist),
            "moderateManyVideos",
            bulk::videos,
        )
}
