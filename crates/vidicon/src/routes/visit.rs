//! The pages that visitors see.

use super::Routes;
use crate::access::Access::{Optional, Public, User};
use crate::visit::{
    about, browse, channel, embed, follow, home, library, mute, news, playlist, remote, saved,
    search, talk, watch,
};

pub(super) fn routes(routes: Routes) -> Routes {
    let routes = lists(place(own(people(watching(routes)))));
    routes
        .get("/", Optional, "", home::show)
        .get("/home", Optional, "", home::show)
        .get("/search", Optional, "", search::show)
        .get("/videos/{list}", Optional, "", browse::show)
        .get("/categories/{id}", Optional, "", browse::category)
        .get("/tags/{tag}", Optional, "", browse::tag)
}

fn watching(routes: Routes) -> Routes {
    routes
        .get("/w/{id}", Optional, "", watch::show)
        .post("/w/{id}", Optional, "", watch::open)
        .get("/w/{id}/news", Optional, "", news::show)
        .post("/w/{id}/rate", Optional, "", watch::rate)
        .post("/w/{id}/react", Optional, "", watch::react)
        .post("/w/{id}/comments", Optional, "", talk::say)
        .post(
            "/w/{id}/comments/{comment}/delete",
            Optional,
            "",
            talk::delete,
        )
        .post(
            "/w/{id}/comments/{comment}/approve",
            Optional,
            "",
            talk::approve,
        )
        .get("/videos/watch/{id}", Public, "", watch::moved)
        .get("/videos/embed/{id}", Optional, "", embed::show)
        .post("/videos/embed/{id}", Optional, "", embed::open)
}

fn people(routes: Routes) -> Routes {
    routes
        .get("/@{name}", Public, "", channel::at)
        .get("/c/{handle}", Optional, "", channel::show)
        .post("/c/{handle}/follow", Optional, "", follow::change)
        .get("/a/{handle}", Optional, "", channel::account)
        .get("/c/{handle}/{part}", Public, "", channel::channel_part)
        .post("/a/{handle}/mute", User, "", mute::change)
        .get("/a/{handle}/{part}", Public, "", channel::account_part)
        .get("/video-channels/{name}", Public, "", channel::channel_moved)
        .get("/accounts/{name}", Public, "", channel::account_moved)
        .get(
            "/video-channels/{name}/{part}",
            Public,
            "",
            channel::channel_part,
        )
        .get("/accounts/{name}/{part}", Public, "", channel::account_part)
}

fn own(routes: Routes) -> Routes {
    let subscriptions = library::subscriptions_moved;
    let history = library::history_moved;
    routes
        .get("/subscriptions", User, "", library::subscriptions)
        .get("/videos/subscriptions", Public, "", subscriptions)
        .get("/my/history", User, "", library::history)
        .post("/my/history/forget", User, "", library::forget)
        .get("/my-library/history", Public, "", history)
        .get("/my-library/history/videos", Public, "", history)
}

fn place(routes: Routes) -> Routes {
    routes
        .get("/about", Optional, "", about::show)
        .get("/about/follows", Optional, "", about::follows)
        .get("/about/moderation", Optional, "", about::moderation)
        .get("/about/{part}", Public, "", about::moved)
        .get("/about/{part}/{more}", Public, "", about::moved)
        .get("/remote-interaction", Optional, "", remote::show)
        .post("/remote-interaction", Optional, "", remote::go)
}

fn lists(routes: Routes) -> Routes {
    routes
        .get("/w/p/{id}", Optional, "", playlist::show)
        .get("/w/p/{id}/now", Optional, "", playlist::tune_in)
        .post("/w/p/{id}/delete", Optional, "", saved::delete)
        .post("/w/p/{id}/remove", Optional, "", saved::remove)
        .post("/w/p/{id}/move", Optional, "", saved::shift)
        .post("/w/{id}/save", Optional, "", saved::save)
        .get("/videos/watch/playlist/{id}", Public, "", playlist::moved)
        .get(
            "/video-playlists/embed/{id}",
            Optional,
            "",
            playlist::embedded,
        )
        .get("/my/playlists", User, "", saved::mine)
        .post("/my/playlists", User, "", saved::create)
}
