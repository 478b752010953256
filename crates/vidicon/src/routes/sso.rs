//! The URLs of log-ins from elsewhere, and of being the one whom other programs ask.

use super::Routes;
use crate::access::Access::{Optional, Public, Right as Needs, User};
use crate::account::Right::ManageConfiguration;
use crate::forum::api as forum;
use crate::sso::provide::{api as apps, page as allow, token};
use crate::sso::{api, logout, page, saml};

pub fn routes(routes: Routes) -> Routes {
    let routes = provider(from_elsewhere(routes));
    routes
        .post("/forum/events", Public, "", forum::events)
        .get(
            "/api/v1/videos/{id}/forum-topic",
            Optional,
            "getVideoForumTopic",
            forum::topic,
        )
        .answers::<forum::Topic>()
}

fn from_elsewhere(routes: Routes) -> Routes {
    routes
        .get("/api/v1/sso", Public, "getSsoProviders", api::ways)
        .answers::<Vec<api::Way>>()
        .get("/sso/{name}", Optional, "", page::leave)
        .get("/sso/{name}/callback", Optional, "", page::come_back)
        .get("/sso/{name}/metadata", Public, "", saml::metadata)
        .post("/sso/{name}/acs", Optional, "", saml::take)
        .post("/sso/{name}/events", Public, "", api::events)
        .post("/sso/{name}/logout", Public, "", logout::by_provider)
        .get(
            "/plugins/sso/{version}/auth/{name}",
            Optional,
            "",
            page::leave_for_program,
        )
        .get("/my/logins", User, "", page::mine)
        .post("/my/logins/{name}/unlink", User, "", page::unlink_mine)
        .get("/api/v1/users/me/logins", User, "getMyLogins", api::mine)
        .answers::<Vec<api::MyLogin>>()
        .delete(
            "/api/v1/users/me/logins/{name}",
            User,
            "unlinkMyLogin",
            api::unlink_mine,
        )
}

fn provider(routes: Routes) -> Routes {
    let configure = Needs(ManageConfiguration);
    let programs = "/api/v1/server/oauth-apps";
    routes
        .get(
            "/.well-known/openid-configuration",
            Public,
            "",
            token::discovery,
        )
        .get("/oauth/jwks", Public, "", token::jwks)
        .get("/oauth/authorize", Optional, "", allow::ask)
        .post("/oauth/authorize", Optional, "", allow::answer)
        .post("/oauth/token", Public, "", token::token)
        .get("/oauth/userinfo", Public, "", token::user_info)
        .post("/oauth/userinfo", Public, "", token::user_info)
        .post("/oauth/revoke", Public, "", token::revoke)
        .get(programs, configure, "getOAuthApps", apps::list)
        .answers::<Vec<apps::View>>()
        .post(programs, configure, "addOAuthApp", apps::add)
        .answers::<apps::View>()
        .delete(
            "/api/v1/server/oauth-apps/{clientId}",
            configure,
            "deleteOAuthApp",
            apps::delete,
        )
        .get(
            "/api/v1/users/me/oauth-apps",
            User,
            "getMyOAuthApps",
            apps::mine,
        )
        .answers::<Vec<apps::Allowed>>()
        .delete(
            "/api/v1/users/me/oauth-apps/{clientId}",
            User,
            "revokeMyOAuthApp",
            apps::take_back_mine,
        )
}
