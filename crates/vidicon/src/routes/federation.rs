//! What other servers call, and the administrator's view of them.

use super::Routes;
use crate::access::Access;
use crate::account::Right;
use crate::federation::{self, api, follow_api, followers, migrate, mirror_api, peer_api};

pub(super) fn routes(routes: Routes) -> Routes {
    let routes = objects(actors(routes));
    let routes = well_known(routes);
    peers(followed_servers(servers(routes)))
}

fn actors(routes: Routes) -> Routes {
    let all = Access::Public;
    routes
        .post("/inbox", all, "", api::inbox)
        .post("/accounts/{name}/inbox", all, "", api::inbox)
        .post("/video-channels/{name}/inbox", all, "", api::inbox)
        .get(
            "/accounts/{name}/followers",
            all,
            "",
            api::account_followers,
        )
        .get(
            "/accounts/{name}/following",
            all,
            "",
            api::account_following,
        )
        .get("/accounts/{name}/outbox", all, "", api::account_outbox)
        .get(
            "/accounts/{name}/playlists",
            all,
            "",
            api::account_playlists,
        )
        .get(
            "/video-channels/{name}/player-settings",
            all,
            "",
            crate::federation::player_look::show,
        )
        .get(
            "/video-channels/{name}/followers",
            all,
            "",
            api::channel_followers,
        )
        .get(
            "/video-channels/{name}/following",
            all,
            "",
            api::channel_following,
        )
        .get(
            "/video-channels/{name}/outbox",
            all,
            "",
            api::channel_outbox,
        )
}

/// What actors have made and done, each at an address of its own.
fn objects(routes: Routes) -> Routes {
    let all = Access::Public;
    routes
        .get("/videos/watch/{id}/{part}", all, "", api::of_video)
        .get(
            "/videos/watch/{id}/announces/{actor}",
            all,
            "",
            api::announce,
        )
        .get(
            "/videos/watch/{id}/comments/{comment}",
            all,
            "",
            api::comment,
        )
        .get(
            "/videos/watch/{id}/comments/{comment}/{part}",
            all,
            "",
            api::of_comment,
        )
        .get("/accounts/{name}/likes/{video}", all, "", api::like)
        .get("/accounts/{name}/dislikes/{video}", all, "", api::dislike)
        .get("/accounts/{name}/follows/{number}", all, "", api::follow)
        .get(
            "/video-channels/{name}/playlists",
            all,
            "",
            api::channel_playlists,
        )
        .get(
            "/video-playlists/{id}/videos/{element}",
            all,
            "",
            api::element,
        )
        .get(
            "/redundancy/streaming-playlists/hls/{uuid}",
            all,
            "",
            api::mirror,
        )
}

fn well_known(routes: Routes) -> Routes {
    let all = Access::Public;
    routes
        .get("/.well-known/webfinger", all, "", federation::webfinger)
        .get("/.well-known/host-meta", all, "", federation::host_meta)
        .get("/.well-known/nodeinfo", all, "", federation::nodeinfo_links)
        .get("/nodeinfo/{version}", all, "", federation::nodeinfo)
}

fn servers(routes: Routes) -> Routes {
    let all = Access::Public;
    let admin = Access::Right(Right::ManageServerFollow);
    let list = "/api/v1/server/followers";
    routes
        .get(list, all, "getFollowers", follow_api::followers)
        .delete(
            "/api/v1/video-channels/{handle}/followers/{follower}",
            Access::User,
            "deleteVideoChannelFollower",
            followers::remove_of_channel,
        )
        .delete(
            "/api/v1/accounts/{name}/followers/{follower}",
            Access::User,
            "deleteAccountFollower",
            followers::remove_of_account,
        )
        .delete(
            "/api/v1/server/followers/{handle}",
            admin,
            "deleteFollower",
            follow_api::delete_follower,
        )
        .post(
            "/api/v1/server/followers/{handle}/accept",
            admin,
            "acceptFollower",
            follow_api::accept_follower,
        )
        .post(
            "/api/v1/server/followers/{handle}/reject",
            admin,
            "rejectFollower",
            follow_api::reject_follower,
        )
}

fn followed_servers(routes: Routes) -> Routes {
    let all = Access::Public;
    let admin = Access::Right(Right::ManageServerFollow);
    let mirrors = Access::Right(Right::ManageVideosRedundancies);
    let mirrored = "/api/v1/server/redundancy/videos";
    let following = "/api/v1/server/following";
    routes
        .get(following, all, "getFollowing", follow_api::following)
        .post(following, admin, "addFollowing", follow_api::add_following)
        .delete(
            "/api/v1/server/following/{name}",
            admin,
            "deleteFollowing",
            follow_api::delete_following,
        )
        .put(
            "/api/v1/server/redundancy/{host}",
            admin,
            "putInstanceRedundancy",
            mirror_api::allow,
        )
        .get(mirrored, mirrors, "getMirroredVideos", mirror_api::list)
        .post(mirrored, mirrors, "putMirroredVideo", mirror_api::add)
        .delete(
            "/api/v1/server/redundancy/videos/{id}",
            mirrors,
            "delMirroredVideo",
            mirror_api::remove,
        )
        .get(
            "/api/v1/users/me/actors/{name}/aliases",
            Access::User,
            "getActorAliases",
            migrate::aliases,
        )
        .put(
            "/api/v1/users/me/actors/{name}/aliases",
            Access::User,
            "putActorAliases",
            migrate::set_aliases,
        )
        .post(
            "/api/v1/users/me/actors/{name}/move",
            Access::User,
            "moveActor",
            migrate::go,
        )
}

/// How well others are reached.
fn peers(routes: Routes) -> Routes {
    let admin = Access::Right(Right::ManageServerFollow);
    let one = "/api/v1/server/peers/{host}";
    let list = "/api/v1/server/peers/{host}/undelivered";
    let retry = "/api/v1/server/peers/{host}/retry";
    let replay = "/api/v1/server/peers/{host}/replay";
    let replay_one = "/api/v1/server/peers/{host}/undelivered/{id}/replay";
    routes
        .get("/api/v1/server/peers", admin, "getPeers", peer_api::peers)
        .get(one, admin, "getPeer", peer_api::peer)
        .get(list, admin, "getUndelivered", peer_api::undelivered)
        .post(retry, admin, "retryPeer", peer_api::retry_peer)
        .post(replay, admin, "replayPeer", peer_api::replay)
        .post(replay_one, admin, "replayDelivery", peer_api::replay_one)
}
