//! The routes of transcoding.

use super::Routes;
use crate::access::Access;
use crate::account::Right;
use crate::transcode::{api, extract::api as extract, transcript};

pub fn routes(routes: Routes) -> Routes {
    let files = Access::Right(Right::ManageVideoFiles);
    let run = Access::Right(Right::RunVideoTranscoding);
    let web = "/api/v1/videos/{id}/web-videos";
    let web_file = "/api/v1/videos/{id}/web-videos/{fileId}";
    routes
        .post(
            "/api/v1/videos/{id}/transcoding",
            run,
            "createVideoTranscoding",
            api::transcode,
        )
        .delete(
            "/api/v1/videos/{id}/hls",
            files,
            "delVideoHLS",
            api::delete_hls,
        )
        .delete(
            "/api/v1/videos/{id}/hls/{fileId}",
            files,
            "",
            api::delete_hls_file,
        )
        .delete(web, files, "delVideoWebVideos", api::delete_web_videos)
        .delete(
            "/api/v1/videos/{id}/webtorrent",
            files,
            "",
            api::delete_web_videos,
        )
        .post(
            "/api/v1/videos/{id}/studio/edit",
            Access::User,
            "",
            crate::studio::api::edit,
        )
        .post(
            "/api/v1/videos/{id}/captions/generate",
            Access::User,
            "generateVideoCaption",
            transcript::generate,
        )
        .delete(web_file, files, "", api::delete_web_video_file)
        .post(
            "/api/v1/videos/{id}/extracts",
            Access::Public,
            "",
            extract::create,
        )
        .answers::<extract::ExtractView>()
        .get(
            "/api/v1/videos/{id}/extracts/{extractId}",
            Access::Public,
            "",
            extract::show,
        )
        .answers::<extract::ExtractView>()
        .get(
            "/download/videos/extracts/{file}",
            Access::Public,
            "",
            extract::load,
        )
        .get(
            "/download/videos/podcast/{file}",
            Access::Public,
            "",
            extract::episode,
        )
}
