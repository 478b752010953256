//! The routes of playlists.

use super::Routes;
use crate::access::Access::{Optional, Public, User};
use crate::playlist::api::{self, element, programme};
use crate::search::api as search;

const ONE: &str = "/api/v1/video-playlists/{id}";
const ELEMENTS: &str = "/api/v1/video-playlists/{id}/videos";
const ELEMENT: &str = "/api/v1/video-playlists/{id}/videos/{element_id}";

pub(super) fn routes(routes: Routes) -> Routes {
    lists(routes)
        .get(
            "/api/v1/video-playlists/privacies",
            Public,
            "getPlaylistPrivacyPolicies",
            api::privacies,
        )
        .post("/api/v1/video-playlists", User, "addPlaylist", api::create)
        .get(ONE, Optional, "", api::show)
        .put(ONE, User, "", api::update)
        .delete(ONE, User, "", api::delete)
        .get(ELEMENTS, Optional, "getVideoPlaylistVideos", element::list)
        .post(ELEMENTS, User, "addVideoPlaylistVideo", element::add)
        .get(
            "/api/v1/video-playlists/{id}/programme",
            Optional,
            "getVideoPlaylistProgramme",
            programme::show,
        )
        .answers::<programme::Programme>()
        .post(
            "/api/v1/video-playlists/{id}/videos/reorder",
            User,
            "reorderVideoPlaylist",
            element::reorder,
        )
        .put(ELEMENT, User, "putVideoPlaylistVideo", element::update)
        .delete(ELEMENT, User, "delVideoPlaylistVideo", element::remove)
        .get(
            "/api/v1/users/me/video-playlists/videos-exist",
            User,
            "",
            element::videos_exist,
        )
}

fn lists(routes: Routes) -> Routes {
    routes
        .get("/api/v1/video-playlists", Public, "getPlaylists", api::list)
        .get(
            "/api/v1/accounts/{name}/video-playlists",
            Optional,
            "",
            api::of_account,
        )
        .get(
            "/api/v1/video-channels/{handle}/video-playlists",
            Optional,
            "",
            api::of_channel,
        )
        .post(
            "/api/v1/video-channels/{handle}/video-playlists/reorder",
            User,
            "reorderVideoPlaylistsOfChannel",
            api::reorder_channel,
        )
        .get(
            "/api/v1/search/video-playlists",
            Optional,
            "searchPlaylists",
            search::playlists,
        )
}
