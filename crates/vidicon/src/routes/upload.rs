//! The routes of uploads.

use super::Routes;
use crate::access::Access;
use crate::video::upload;

pub fn routes(routes: Routes) -> Routes {
    let user = Access::User;
    let resumable = "/api/v1/videos/upload-resumable";
    let replace = "/api/v1/videos/{id}/source/replace-resumable";
    direct(routes)
        .post(
            "/api/v1/videos/upload",
            user,
            "uploadLegacy",
            upload::api::upload,
        )
        .post(resumable, user, "uploadResumableInit", upload::api::begin)
        .put(resumable, user, "uploadResumable", upload::api::receive)
        .delete(
            resumable,
            user,
            "uploadResumableCancel",
            upload::api::cancel,
        )
        .post(
            replace,
            user,
            "replaceVideoSourceResumableInit",
            upload::api::begin_replace,
        )
        .put(
            replace,
            user,
            "replaceVideoSourceResumable",
            upload::api::receive,
        )
        .delete(
            replace,
            user,
            "replaceVideoSourceResumableCancel",
            upload::api::cancel,
        )
}

/// Straight to the bucket. PeerTube has nothing like it.
fn direct(routes: Routes) -> Routes {
    use upload::direct;
    let user = Access::User;
    let one = "/api/v1/videos/upload-direct/{id}";
    let parts = "/api/v1/videos/upload-direct/{id}/parts";
    let complete = "/api/v1/videos/upload-direct/{id}/complete";
    routes
        .post(
            "/api/v1/videos/upload-direct",
            user,
            "uploadDirectInit",
            direct::begin,
        )
        .post(parts, user, "uploadDirectParts", direct::parts)
        .post(complete, user, "uploadDirectComplete", direct::complete)
        .delete(one, user, "uploadDirectCancel", direct::cancel)
}
