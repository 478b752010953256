//! The pages of those who have an account and make videos.

use super::Routes;
use crate::access::Access::{Optional, User};
use crate::channel::studio as channel;
use crate::comment::inbox;
use crate::notification::page as told;
use crate::studio::page as cut;
use crate::user::page::{
    invitations, join, lost, mutes, notices, offers, reports, security, settings, tokens, watched,
};
use crate::video::studio::{captions, edit, figures, list, shares};
use crate::video::{studio, upload};
use crate::visit::followers;

const VIDEO: &str = "/my/videos/{id}";
const CAPTIONS: &str = "/my/videos/{id}/captions/{language}";

pub fn routes(routes: Routes) -> Routes {
    making(channels(own(doors(routes))))
}

fn doors(routes: Routes) -> Routes {
    let again = "/verify-account/ask-send-email";
    routes
        .get("/signup", Optional, "", join::show)
        .post("/signup", Optional, "", join::sign_up)
        .get("/forgot", Optional, "", lost::forgot)
        .post("/forgot", Optional, "", lost::send)
        .get("/reset-password", Optional, "", lost::choose)
        .post("/reset-password", Optional, "", lost::reset)
        .get("/verify-account/email", Optional, "", lost::prove)
        .post("/verify-account/email", Optional, "", lost::proved)
        .get(again, Optional, "", lost::ask_again)
        .post(again, Optional, "", lost::send_again)
}

fn own(routes: Routes) -> Routes {
    let ends = "/my/settings/sessions/end";
    let end = "/my/settings/sessions/{id}/end";
    routes
        .get("/my/settings", User, "", settings::show)
        .post("/my/settings", User, "", settings::change)
        .post("/my/delete", User, "", settings::delete)
        .get("/my/settings/security", User, "", security::show)
        .post("/my/settings/two-factor", User, "", security::two_factor)
        .post(ends, User, "", security::end_others)
        .post(end, User, "", security::end)
        .get("/my/settings/tokens", User, "", tokens::show)
        .post("/my/settings/tokens", User, "", tokens::add)
        .post("/my/settings/tokens/{id}/end", User, "", tokens::end)
        .get("/my/reports", User, "", reports::show)
        .get("/my/reports/{id}", User, "", reports::look)
        .post("/my/reports/{id}", User, "", reports::say)
        .get("/my/mutes", User, "", mutes::show)
        .post("/my/mutes", User, "", mutes::act)
        .get("/my/offers", User, "", offers::show)
        .post("/my/offers", User, "", offers::act)
        .get("/my/settings/words", User, "", watched::show)
        .post("/my/settings/words", User, "", watched::act)
        .get("/my/settings/invitations", User, "", invitations::show)
        .post("/my/settings/invitations", User, "", invitations::act)
        .get("/my/notifications", User, "", told::mine)
        .post("/my/notifications", User, "", told::seen)
        .get("/my/settings/notices", User, "", notices::show)
        .post("/my/settings/notices", User, "", notices::change)
        .post("/my/settings/notices/push", User, "", notices::forget)
}

fn channels(routes: Routes) -> Routes {
    let one = "/my/channels/{handle}";
    routes
        .get(one, User, "", channel::show)
        .post(one, User, "", channel::save)
        .post(
            "/my/channels/{handle}/delete",
            User,
            "",
            studio::delete_channel,
        )
        .get("/my/channels/{handle}/followers", User, "", followers::show)
        .post("/my/channels/{handle}/followers", User, "", followers::act)
        .post("/my/channels/{handle}/helpers", User, "", channel::invite)
        .post(
            "/my/channels/{handle}/helpers/{id}/remove",
            User,
            "",
            channel::remove_helper,
        )
        .post(
            "/my/channels/{handle}/helpers/{id}/answer",
            User,
            "",
            channel::answer,
        )
}

fn making(routes: Routes) -> Routes {
    routes
        .get("/my/comments", User, "", inbox::show)
        .post("/my/comments/{video}/{comment}", User, "", inbox::act)
        .get("/upload", User, "", upload::page::show)
        .post("/upload", User, "", upload::page::send)
        .get("/my/videos", User, "", list::show)
        .post("/my/videos", User, "", list::change)
        .get(VIDEO, User, "", edit::show)
        .post(VIDEO, User, "", edit::save)
        .post("/my/videos/{id}/delete", User, "", list::remove)
        .post("/my/videos/{id}/file", User, "", edit::replace)
        .get("/my/videos/{id}/shares", User, "", shares::show)
        .post("/my/videos/{id}/shares", User, "", shares::act)
        .get("/my/videos/{id}/cut", User, "", cut::show)
        .post("/my/videos/{id}/cut", User, "", cut::save)
        .get("/my/videos/{id}/figures", User, "", figures::show)
        .post("/my/videos/{id}/captions", User, "", captions::begin)
        .get(CAPTIONS, User, "", captions::show)
        .post(CAPTIONS, User, "", captions::save)
}
