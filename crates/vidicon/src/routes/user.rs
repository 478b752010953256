//! The URLs of users: those for administrators, one's own, and sign-up.

use super::Routes;
use crate::access::Access::{Public, Right as Needs, User};
use crate::account::Right::{ManageRegistrations, ManageUsers};
use crate::user::api::{self, me, password, signup};

pub fn routes(routes: Routes) -> Routes {
    let routes = administration(routes);
    let routes = own(routes);
    sign_up(routes)
}

fn administration(routes: Routes) -> Routes {
    let users = Needs(ManageUsers);
    routes
        .get("/api/v1/users", users, "getUsers", api::list)
        .post("/api/v1/users", users, "addUser", api::create)
        .get("/api/v1/users/{id}", users, "getUser", api::show)
        .put("/api/v1/users/{id}", users, "putUser", api::update)
        .delete("/api/v1/users/{id}", users, "delUser", api::delete)
        .post("/api/v1/users/{id}/block", users, "blockUser", api::block)
        .post(
            "/api/v1/users/{id}/unblock",
            users,
            "unblockUser",
            api::unblock,
        )
        .get(
            "/api/v1/users/autocomplete",
            Public,
            "autocompleteUsers",
            api::autocomplete,
        )
}

fn own(routes: Routes) -> Routes {
    let notices = "/api/v1/users/me/notification-settings";
    routes
        .get("/api/v1/users/me", User, "getUserInfo", me::show)
        .put("/api/v1/users/me", User, "putUserInfo", me::update)
        .delete("/api/v1/users/me", User, "delMe", me::delete)
        .get(
            "/api/v1/users/me/video-quota-used",
            User,
            "getMyQuotaUsed",
            me::quota_used,
        )
        .post(
            "/api/v1/users/me/avatar/pick",
            User,
            "pickMyAvatar",
            me::pick_avatar,
        )
        .delete(
            "/api/v1/users/me/avatar",
            User,
            "removeMyAvatar",
            me::remove_avatar,
        )
        .put(notices, User, "putNotificationSettings", me::set_notices)
        .post(
            "/api/v1/users/me/new-feature-info/read",
            User,
            "readNewFeatureInfo",
            me::read_news,
        )
}

fn sign_up(routes: Routes) -> Routes {
    let registrations = Needs(ManageRegistrations);
    let one = "/api/v1/users/registrations/{registrationId}";
    let accept = "/api/v1/users/registrations/{registrationId}/accept";
    let reject = "/api/v1/users/registrations/{registrationId}/reject";
    let prove = "/api/v1/users/registrations/{registrationId}/verify-email";
    let ask_proof = "/api/v1/users/registrations/ask-send-verify-email";
    routes
        .post(
            "/api/v1/users/register",
            Public,
            "registerUser",
            signup::register,
        )
        .post(
            "/api/v1/users/registrations/request",
            Public,
            "requestRegistration",
            signup::request,
        )
        .get(
            "/api/v1/users/registrations",
            registrations,
            "listRegistrations",
            signup::list,
        )
        .post(accept, registrations, "acceptRegistration", signup::accept)
        .post(reject, registrations, "rejectRegistration", signup::reject)
        .delete(one, registrations, "deleteRegistration", signup::delete)
        .post(
            ask_proof,
            Public,
            "resendEmailToVerifyRegistration",
            password::ask_registration_proof,
        )
        .post(
            prove,
            Public,
            "verifyRegistrationEmail",
            password::prove_registration,
        )
        .post(
            "/api/v1/users/ask-send-verify-email",
            Public,
            "resendEmailToVerifyUser",
            password::ask_proof,
        )
        .post(
            "/api/v1/users/{id}/verify-email",
            Public,
            "verifyUser",
            password::prove_email,
        )
        .post(
            "/api/v1/users/ask-reset-password",
            Public,
            "askResetPassword",
            password::ask_reset,
        )
        .post(
            "/api/v1/users/{id}/reset-password",
            Public,
            "resetPassword",
            password::reset,
        )
}
