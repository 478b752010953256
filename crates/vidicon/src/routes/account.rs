//! The URLs of log-in, accounts, sessions, the second factor and mutes.

use super::Routes;
use crate::access::Access::{Optional, Public, Right as Needs, User};
use crate::account::Right::{ManageAccountsBlocklist, ManageServersBlocklist};
use crate::account::api::{self, mute, sessions, two_factor};
use crate::account::picture;
use crate::sso::api as sso;

pub fn routes(routes: Routes) -> Routes {
    let routes = log_in(routes);
    let routes = muted(routes);
    muted_by_the_site(routes)
}

fn log_in(routes: Routes) -> Routes {
    let revoke = "/api/v1/users/{id}/token-sessions/{tokenSessionId}/revoke";
    routes
        .get(
            "/api/v1/oauth-clients/local",
            Public,
            "getOAuthClient",
            api::oauth_client,
        )
        .post("/api/v1/users/token", Public, "getOAuthToken", sso::token)
        .post(
            "/api/v1/users/revoke-token",
            User,
            "revokeOAuthToken",
            api::revoke,
        )
        .get(
            "/api/v1/users/{id}/token-sessions",
            User,
            "getTokenSessions",
            sessions::list,
        )
        .get(revoke, User, "revokeTokenSession", sessions::revoke)
        .post(revoke, User, "postRevokeTokenSession", sessions::revoke)
        .get(
            "/api/v1/users/scoped-tokens",
            User,
            "getScopedTokens",
            api::feed_token,
        )
        .post(
            "/api/v1/users/scoped-tokens",
            User,
            "renewScopedTokens",
            api::renew_feed_token,
        )
        .post(
            "/api/v1/users/{id}/two-factor/request",
            User,
            "requestTwoFactor",
            two_factor::request,
        )
        .post(
            "/api/v1/users/{id}/two-factor/confirm-request",
            User,
            "confirmTwoFactorRequest",
            two_factor::confirm,
        )
        .post(
            "/api/v1/users/{id}/two-factor/disable",
            User,
            "disableTwoFactor",
            two_factor::disable,
        )
        .get("/api/v1/accounts", Public, "getAccounts", api::list)
        .get("/api/v1/accounts/{name}", Public, "getAccount", api::show)
        .get(
            "/lazy-static/avatars/{filename}",
            Public,
            "",
            picture::serve,
        )
        .get(
            "/lazy-static/banners/{filename}",
            Public,
            "",
            picture::serve,
        )
}

fn muted(routes: Routes) -> Routes {
    let accounts = "/api/v1/users/me/blocklist/accounts";
    let servers = "/api/v1/users/me/blocklist/servers";
    routes
        .get(
            "/api/v1/blocklist/status",
            Optional,
            "getBlocklistStatus",
            mute::status,
        )
        .get(accounts, User, "getMyBlockedAccounts", mute::my_accounts)
        .post(accounts, User, "blockMyAccount", mute::mute_my_account)
        .delete(
            "/api/v1/users/me/blocklist/accounts/{accountName}",
            User,
            "unblockMyAccount",
            mute::unmute_my_account,
        )
        .get(servers, User, "getMyBlockedServers", mute::my_servers)
        .post(servers, User, "blockMyServer", mute::mute_my_server)
        .delete(
            "/api/v1/users/me/blocklist/servers/{host}",
            User,
            "unblockMyServer",
            mute::unmute_my_server,
        )
}

fn muted_by_the_site(routes: Routes) -> Routes {
    let (accounts, servers) = (
        Needs(ManageAccountsBlocklist),
        Needs(ManageServersBlocklist),
    );
    let account_list = "/api/v1/server/blocklist/accounts";
    let server_list = "/api/v1/server/blocklist/servers";
    routes
        .get(
            account_list,
            accounts,
            "getServerBlockedAccounts",
            mute::site_accounts,
        )
        .post(
            account_list,
            accounts,
            "blockServerAccount",
            mute::mute_site_account,
        )
        .delete(
            "/api/v1/server/blocklist/accounts/{accountName}",
            accounts,
            "unblockServerAccount",
            mute::unmute_site_account,
        )
        .get(
            server_list,
            servers,
            "getServerBlockedServers",
            mute::site_servers,
        )
        .post(
            server_list,
            servers,
            "blockServerServer",
            mute::mute_site_server,
        )
        .delete(
            "/api/v1/server/blocklist/servers/{host}",
            servers,
            "unblockServerServer",
            mute::unmute_site_server,
        )
}
