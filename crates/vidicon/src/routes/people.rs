//! The URLs of groups, invitations, access tokens and names that can be freed.

use super::Routes;
use crate::access::Access::{Public, Right as Needs, User};
use crate::account::Right::{ManageConfiguration, ManageRegistrations, ManageUsers};
use crate::account::api::{group, invitation, name, passkey, personal_token};

pub fn routes(routes: Routes) -> Routes {
    passkeys(tokens(invitations(groups(routes))))
}

fn groups(routes: Routes) -> Routes {
    let manage = Needs(ManageUsers);
    let (all, one) = ("/api/v1/user-groups", "/api/v1/user-groups/{id}");
    let members = "/api/v1/user-groups/{id}/members";
    routes
        .get(all, manage, "getUserGroups", group::list)
        .post(all, manage, "addUserGroup", group::create)
        .get(one, manage, "getUserGroup", group::show)
        .put(one, manage, "updateUserGroup", group::update)
        .delete(one, manage, "deleteUserGroup", group::delete)
        .get(members, manage, "getUserGroupMembers", group::members)
        .post(members, manage, "addUserGroupMember", group::join)
        .delete(
            "/api/v1/user-groups/{id}/members/{userId}",
            manage,
            "removeUserGroupMember",
            group::leave,
        )
        .get("/api/v1/users/me/groups", User, "getMyGroups", group::mine)
}

fn invitations(routes: Routes) -> Routes {
    let mine = "/api/v1/users/me/invitations";
    routes
        .get(mine, User, "getMyInvitations", invitation::mine)
        .post(mine, User, "addInvitation", invitation::create)
        .delete(
            "/api/v1/users/me/invitations/{id}",
            User,
            "deleteInvitation",
            invitation::delete,
        )
        .get(
            "/api/v1/users/invitations",
            Needs(ManageRegistrations),
            "getInvitations",
            invitation::all,
        )
        .get(
            "/api/v1/users/invitations/{code}",
            Public,
            "getInvitation",
            invitation::look_up,
        )
}

fn tokens(routes: Routes) -> Routes {
    let mine = "/api/v1/users/me/access-tokens";
    let names = "/api/v1/server/released-names";
    routes
        .get(mine, User, "getMyAccessTokens", personal_token::list)
        .post(mine, User, "addAccessToken", personal_token::create)
        .delete(
            "/api/v1/users/me/access-tokens/{id}",
            User,
            "deleteAccessToken",
            personal_token::delete,
        )
        .get(
            names,
            Needs(ManageConfiguration),
            "getBuriedNames",
            name::list,
        )
        .post(
            "/api/v1/server/released-names/{name}",
            Needs(ManageConfiguration),
            "releaseName",
            name::release,
        )
}

fn passkeys(routes: Routes) -> Routes {
    let mine = "/api/v1/users/me/passkeys";
    routes
        .get(mine, User, "getMyPasskeys", passkey::list)
        .post(mine, User, "addPasskey", passkey::create)
        .post(
            "/api/v1/users/me/passkeys/challenge",
            User,
            "askForPasskey",
            passkey::creation_options,
        )
        .delete(
            "/api/v1/users/me/passkeys/{id}",
            User,
            "deletePasskey",
            passkey::delete,
        )
        .post(
            "/api/v1/users/passkeys/challenge",
            Public,
            "askForPasskeyLogin",
            passkey::request_options,
        )
        .post(
            "/api/v1/users/passkeys/login",
            Public,
            "logInByPasskey",
            passkey::log_in,
        )
        .post("/login/passkey", Public, "", passkey::log_in_browser)
}
