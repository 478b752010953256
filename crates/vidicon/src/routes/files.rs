//! The addresses of media files, pictures and downloads.

use super::Routes;
use crate::access::Access;
use crate::video::files;

/// Who may load a file follows from its video, so everybody gets as far as that question.
pub fn routes(routes: Routes) -> Routes {
    let any = Access::Public;
    let hls = "/static/streaming-playlists/hls/{video}/{file}";
    let private_hls = "/static/streaming-playlists/hls/private/{video}/{file}";
    let old_private = "/object-storage-proxy/streaming-playlists/hls/private/{video}/{file}";
    let download_hls = "/download/streaming-playlists/hls/videos/{file}";
    routes
        .get(hls, any, "", files::api::hls)
        .get(private_hls, any, "", files::api::hls)
        .get(old_private, any, "", files::api::hls)
        .get("/static/web-videos/{file}", any, "", files::api::web_video)
        .get(
            "/static/web-videos/private/{file}",
            any,
            "",
            files::api::web_video,
        )
        .get(
            "/static/redundancy/hls/{video}/{file}",
            any,
            "",
            files::api::hls,
        )
        .get("/static/webseed/{file}", any, "", files::api::web_video)
        .get(download_hls, any, "", files::download_file)
        .get("/download/web-videos/{file}", any, "", files::download_file)
        .get(
            "/download/torrents/{file}",
            any,
            "",
            files::download_torrent,
        )
        .get("/lazy-static/torrents/{file}", any, "", files::torrent)
        .get("/download/videos/generate/{id}", any, "", files::generate)
        .get(
            "/download/original-video-files/{file}",
            any,
            "",
            files::original,
        )
        .get(
            "/lazy-static/{kind}/{file}",
            Access::Public,
            "",
            files::lazy_static,
        )
}
