//! The operations whose refusals carry a link to PeerTube's documentation, as its clients know it.

use axum::http::Method;

const OPERATIONS: &[(&str, &str, &str)] = &[
    ("GET", "/api/v1/videos", "getVideos"),
    ("GET", "/api/v1/videos/{id}", "getVideo"),
    ("PUT", "/api/v1/videos/{id}", "putVideo"),
    ("DELETE", "/api/v1/videos/{id}", "delVideo"),
    ("GET", "/api/v1/videos/categories", "getCategories"),
    ("GET", "/api/v1/videos/licences", "getLicences"),
    ("GET", "/api/v1/videos/languages", "getLanguages"),
    ("GET", "/api/v1/videos/privacies", "getPrivacies"),
    ("GET", "/api/v1/videos/{id}/description", "getVideoDesc"),
    ("GET", "/api/v1/videos/{id}/source", "getVideoSource"),
    (
        "DELETE",
        "/api/v1/videos/{id}/source/file",
        "deleteVideoSourceFile",
    ),
    ("POST", "/api/v1/videos/upload", "uploadLegacy"),
    (
        "POST",
        "/api/v1/videos/upload-resumable",
        "uploadResumableInit",
    ),
    ("PUT", "/api/v1/videos/upload-resumable", "uploadResumable"),
    ("POST", "/api/v1/videos/{id}/views", "addView"),
    ("PUT", "/api/v1/videos/{id}/views", "addView"),
    ("POST", "/api/v1/videos/{id}/blacklist", "addVideoBlock"),
    ("DELETE", "/api/v1/videos/{id}/blacklist", "delVideoBlock"),
    ("GET", "/api/v1/videos/blacklist", "getVideoBlocks"),
    ("GET", "/api/v1/abuses", "getAbuses"),
    ("GET", "/api/v1/search/videos", "searchVideos"),
    ("GET", "/api/v1/search/video-playlists", "searchPlaylists"),
    ("GET", "/api/v1/search/video-channels", "searchChannels"),
    ("GET", "/api/v1/config", "getConfig"),
    ("GET", "/api/v1/config/about", "getAbout"),
    ("GET", "/api/v1/config/custom", "getCustomConfig"),
    ("PUT", "/api/v1/config/custom", "putCustomConfig"),
    ("DELETE", "/api/v1/config/custom", "delCustomConfig"),
    ("GET", "/api/v1/jobs", "getJobs"),
    ("GET", "/api/v1/jobs/{state}", "getJobs"),
    ("GET", "/api/v1/plugins", "getPlugins"),
    ("GET", "/api/v1/plugins/available", "getAvailablePlugins"),
    ("POST", "/api/v1/plugins/install", "addPlugin"),
    ("POST", "/api/v1/plugins/update", "updatePlugin"),
    ("POST", "/api/v1/plugins/uninstall", "uninstallPlugin"),
    ("POST", "/api/v1/users/token", "getOAuthToken"),
    ("POST", "/api/v1/users/revoke-token", "revokeOAuthToken"),
    ("GET", "/api/v1/oauth-clients/local", "getOAuthClient"),
];

/// The name of the operation there, if it has a page of its own.
pub fn operation(method: &Method, path: &str) -> Option<&'static str> {
    let known = OPERATIONS
        .iter()
        .find(|(known, at, _)| *known == method.as_str() && *at == path);
    known.map(|(_, _, operation)| *operation)
}
