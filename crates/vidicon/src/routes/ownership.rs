//! The routes of what changes hands, of channels' journals, and of how a video may be shown.

use super::Routes;
use crate::access::Access::{Optional, Public, Right as Need, User};
use crate::account::Right;
use crate::video::api::{activity, bulk, extra, ownership, player, share};
use crate::video::share::page;

pub(super) fn routes(routes: Routes) -> Routes {
    shares(showing(channels(videos(routes))))
        .get(
            "/api/v1/video-channels/{handle}/activities",
            User,
            "listVideoChannelActivities",
            activity::list,
        )
        .delete(
            "/api/v1/videos/{id}/source/file",
            Need(Right::ManageVideoFiles),
            "deleteVideoSourceFile",
            extra::delete_source_file,
        )
}

fn videos(routes: Routes) -> Routes {
    let one = "/api/v1/videos/ownership/{id}";
    let accept = "/api/v1/videos/ownership/{id}/accept";
    let refuse = "/api/v1/videos/ownership/{id}/refuse";
    let give = "/api/v1/videos/{id}/give-ownership";
    let of_one = "/api/v1/videos/{id}/ownership";
    routes
        .post("/api/v1/videos/bulk", User, "changeManyVideos", bulk::bulk)
        .get("/api/v1/videos/ownership", User, "", ownership::my_videos)
        .post(accept, User, "", ownership::accept_video)
        .post(refuse, User, "", ownership::refuse_video)
        .delete(one, User, "", ownership::withdraw_video)
        .get(of_one, User, "", ownership::of_video)
        .post(give, User, "", ownership::give_video)
}

fn channels(routes: Routes) -> Routes {
    let all = "/api/v1/video-channels/ownership";
    let one = "/api/v1/video-channels/ownership/{id}";
    let accept = "/api/v1/video-channels/ownership/{id}/accept";
    let refuse = "/api/v1/video-channels/ownership/{id}/refuse";
    let give = "/api/v1/video-channels/{handle}/give-ownership";
    let of_one = "/api/v1/video-channels/{handle}/ownership";
    routes
        .get(all, User, "", ownership::my_channels)
        .post(accept, User, "", ownership::accept_channel)
        .post(refuse, User, "", ownership::refuse_channel)
        .delete(one, User, "", ownership::withdraw_channel)
        .get(of_one, User, "", ownership::of_channel)
        .post(give, User, "", ownership::give_channel)
}

fn showing(routes: Routes) -> Routes {
    let of_video = "/api/v1/player-settings/videos/{id}";
    let of_channel = "/api/v1/player-settings/video-channels/{handle}";
    let embed = "/api/v1/videos/{id}/embed-privacy";
    routes
        .get(
            of_video,
            Optional,
            "getVideoPlayerSettings",
            player::of_video,
        )
        .put(
            of_video,
            User,
            "updateVideoPlayerSettings",
            player::set_of_video,
        )
        .get(
            of_channel,
            Public,
            "getChannelPlayerSettings",
            player::of_channel,
        )
        .put(
            of_channel,
            User,
            "updateChannelPlayerSettings",
            player::set_of_channel,
        )
        .get(embed, User, "getVideoEmbedPrivacy", player::embed)
        .put(embed, User, "updateVideoEmbedPrivacy", player::set_embed)
        .get(
            "/api/v1/videos/{id}/embed-privacy/allowed",
            Optional,
            "isVideoEmbedOnDomainAllowed",
            player::embed_allowed,
        )
}

fn shares(routes: Routes) -> Routes {
    let all = "/api/v1/videos/{id}/shares";
    let one = "/api/v1/videos/{id}/shares/{share_id}";
    routes
        .get(all, User, "listVideoShares", share::list_shares)
        .post(all, User, "addVideoShare", share::add)
        .put(one, User, "updateVideoShare", share::update)
        .delete(one, User, "deleteVideoShare", share::remove)
        .post(
            "/api/v1/videos/{id}/shares/open",
            Public,
            "openVideoShare",
            share::open,
        )
        .get(
            "/api/v1/users/me/shared-videos",
            User,
            "listSharedVideos",
            share::with_me,
        )
        .get("/s/{token}", Optional, "", page::show)
        .post("/s/{token}", Optional, "", page::enter)
}
