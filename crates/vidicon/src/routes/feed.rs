//! The routes of feeds, oEmbed and the small files by which programs find their way.

use super::Routes;
use crate::access::Access::Public;
use crate::feed::{api, discovery, oembed, sitemap};

pub(super) fn routes(routes: Routes) -> Routes {
    small_files(feeds(routes))
}

fn feeds(routes: Routes) -> Routes {
    routes
        .get("/feeds/videos", Public, "", api::videos)
        .get(
            "/feeds/videos.{format}",
            Public,
            "getSyndicatedVideos",
            api::videos,
        )
        .get("/feeds/video-comments", Public, "", api::comments)
        .get(
            "/feeds/video-comments.{format}",
            Public,
            "getSyndicatedComments",
            api::comments,
        )
        .get("/feeds/subscriptions", Public, "", api::subscriptions)
        .get(
            "/feeds/subscriptions.{format}",
            Public,
            "getSyndicatedSubscriptionVideos",
            api::subscriptions,
        )
        .get(
            "/feeds/podcast/videos.xml",
            Public,
            "getVideosPodcastFeed",
            api::podcast,
        )
}

fn small_files(routes: Routes) -> Routes {
    routes
        .get("/services/oembed", Public, "getOEmbed", oembed::show)
        .get(
            "/services/redirect/actors/{handle}",
            Public,
            "",
            discovery::redirect,
        )
        .get(
            "/services/redirect/accounts/{handle}",
            Public,
            "",
            discovery::redirect,
        )
        .get("/robots.txt", Public, "", discovery::robots)
        .get("/sitemap.xml", Public, "", sitemap::show)
        .get("/security.txt", Public, "", discovery::to_security)
        .get("/.well-known/security.txt", Public, "", discovery::security)
        .get(
            "/.well-known/change-password",
            Public,
            "",
            discovery::change_password,
        )
        .get("/.well-known/dnt/", Public, "", discovery::tracking)
        .get("/manifest.webmanifest", Public, "", discovery::manifest)
        .get("/teapot", Public, "", discovery::teapot)
}
