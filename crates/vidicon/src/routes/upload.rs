//! The routes of uploads.

use super::Routes;
use crate::access::Access;
use crate::video::upload;

pub fn routes(routes: Routes) -> Routes {
    let user = Access::User;
    let resumable = "/api/v1/videos/upload-resumable";
    let replace = "/api/v1/videos/{id}/source/replace-resumable";
    routes
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
