//! What the site does only while it is switched on: uploads, comments, downloads, search. Routes are
//! held here by their paths, so that none of them can forget it.

use crate::access::Viewer;
use crate::account::Role;
use crate::app::App;
use crate::error::Error;
use crate::instance::settings::Features;
use axum::extract::{Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feature {
    Uploads,
    Comments,
    Downloads,
    Search,
}

/// Paths as they are declared; a POST there begins an upload.
const UPLOADS: [&str; 9] = [
    "/api/v1/videos/upload",
    "/api/v1/videos/upload-resumable",
    "/api/v1/videos/upload-direct",
    "/api/v1/videos/imports",
    "/api/v1/users/{id}/imports/import-resumable",
    "/api/v1/video-channel-syncs",
    "/api/v1/video-channels/{handle}/import-videos",
    "/my/imports",
    "/upload",
];
/// What makers download of their own is not among these.
const DOWNLOADS: [&str; 10] = [
    "/download/torrents/{file}",
    "/lazy-static/torrents/{file}",
    "/download/streaming-playlists/hls/videos/{file}",
    "/download/web-videos/{file}",
    "/download/videos/generate/{id}",
    "/download/videos/extracts/{file}",
    "/download/videos/podcast/{file}",
    "/download/torrents/{file}",
    "/lazy-static/torrents/{file}",
    "/api/v1/videos/{id}/extracts",
];
const COMMENTS: [&str; 3] = [
    "/api/v1/videos/{id}/comment-threads",
    "/api/v1/videos/{id}/comments/{commentId}",
    "/w/{id}/comments",
];

impl Feature {
    /// What a route is a part of.
    pub fn of(method: &Method, path: &str) -> Option<Self> {
        let writes = *method == Method::POST;
        let searches = path.starts_with("/api/v1/search/")
            || path == "/search"
            || path == "/api/v1/videos/{id}/captions/search";
        if searches {
            Some(Feature::Search)
        } else if path == "/upload" || writes && UPLOADS.contains(&path) {
            Some(Feature::Uploads)
        } else if DOWNLOADS.contains(&path) {
            Some(Feature::Downloads)
        } else if writes && COMMENTS.contains(&path) {
            Some(Feature::Comments)
        } else {
            None
        }
    }

    fn is_on(self, features: &Features) -> bool {
        match self {
            Feature::Uploads => features.uploads.enabled,
            Feature::Comments => features.comments.enabled,
            Feature::Downloads => features.downloads.enabled,
            Feature::Search => features.search.enabled,
        }
    }

    fn refusal(self) -> Error {
        let what = match self {
            Feature::Uploads => "Uploads are",
            Feature::Comments => "Comments are",
            Feature::Downloads => "Downloads are",
            Feature::Search => "Search is",
        };
        Error::forbidden(format!("{what} switched off on this site."))
    }
}

/// Moderators and administrators upload also where nobody else may.
pub fn may_upload(features: &Features, viewer: &Viewer) -> bool {
    let is_staff = viewer.user().is_some_and(|user| user.role != Role::User);
    features.uploads.enabled || is_staff
}

/// The layer of each route that is a part of such a feature.
pub async fn hold(
    State((app, feature)): State<(App, Feature)>,
    request: Request,
    next: Next,
) -> Response {
    let features = app.instance.settings().features;
    let viewer = request.extensions().get::<Viewer>();
    let is_let = match feature {
        Feature::Uploads => viewer.is_some_and(|viewer| may_upload(&features, viewer)),
        _ => feature.is_on(&features),
    };
    if is_let {
        next.run(request).await
    } else {
        feature.refusal().into_response()
    }
}
