//! The routes of archives of accounts.

use super::Routes;
use crate::access::Access::{Public, User};
use crate::takeout::{api, page};

pub(super) fn routes(routes: Routes) -> Routes {
    let upload = "/api/v1/users/{id}/imports/import-resumable";
    routes
        .post(
            "/api/v1/users/{id}/exports/request",
            User,
            "requestUserExport",
            api::request,
        )
        .get(
            "/api/v1/users/{id}/exports",
            User,
            "listUserExports",
            api::list,
        )
        .answers::<api::Exports>()
        .delete(
            "/api/v1/users/{id}/exports/{exportId}",
            User,
            "deleteUserExport",
            api::remove,
        )
        .post(upload, User, "userImportResumableInit", api::begin_import)
        .put(upload, User, "userImportResumable", api::receive)
        .delete(upload, User, "userImportResumableCancel", api::cancel)
        .get(
            "/api/v1/users/{id}/imports/latest",
            User,
            "getLatestUserImport",
            api::latest,
        )
        .answers::<api::ImportView>()
        .get("/download/user-exports/{file}", Public, "", api::download)
        .get("/my/settings/data", User, "", page::show)
        .post("/my/settings/data", User, "", page::make)
        .post("/my/settings/data/import", User, "", page::bring)
        .post("/my/settings/data/{id}/delete", User, "", page::remove)
}
