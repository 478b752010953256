//! The pages of the machine room.

use super::Routes;
use crate::access::Access::Right as Needs;
use crate::account::Right;
use crate::admin::page::{
    comments, costs, events, follows, groups, home, invitations, joins, lists, machines, mutes,
    names, notes, overview, people, pictures, reports, settings, setup, videos, webhooks, words,
    work,
};

pub fn routes(routes: Routes) -> Routes {
    let settled = Needs(Right::ManageConfiguration);
    let log = Needs(Right::ManageLogs);
    let jobs = Needs(Right::ManageJobs);
    let release = "/admin/names/{name}/release";
    kept(persons(listed(reported(others(routes)))))
        .get("/admin/names", settled, "", names::show)
        .post(release, settled, "", names::release)
        .get("/admin", Needs(Right::ManageUsers), "", overview::show)
        .post(
            "/admin/health/{remedy}",
            Needs(Right::ManageDebug),
            "",
            overview::mend,
        )
        .get("/admin/home", settled, "", home::show)
        .post("/admin/home", settled, "", home::act)
        .get("/admin/settings", settled, "", settings::show)
        .post("/admin/settings", settled, "", settings::save)
        .get("/admin/pictures", settled, "", pictures::show)
        .post("/admin/pictures", settled, "", pictures::save)
        .get("/admin/costs", settled, "", costs::show)
        .post("/admin/costs", settled, "", costs::save)
        .get("/admin/setup", settled, "", setup::show)
        .post("/admin/setup", settled, "", setup::save)
        .get("/admin/log", log, "", events::show)
        .get(
            "/admin/machines",
            Needs(Right::ManageRunners),
            "",
            machines::show,
        )
        .post(
            "/admin/machines",
            Needs(Right::ManageRunners),
            "",
            machines::add,
        )
        .post(
            "/admin/machines/{id}/delete",
            Needs(Right::ManageRunners),
            "",
            machines::remove,
        )
        .get("/admin/jobs", jobs, "", work::show)
        .post("/admin/jobs/{id}/retry", jobs, "", work::retry)
        .post("/admin/jobs/{id}/cancel", jobs, "", work::cancel)
        .post("/admin/jobs/{id}/first", jobs, "", work::first)
}

/// What the place keeps lists of.
fn kept(routes: Routes) -> Routes {
    let users = Needs(Right::ManageUsers);
    let joining = Needs(Right::ManageRegistrations);
    let servers = Needs(Right::ManageServersBlocklist);
    let watched = Needs(Right::ManageInstanceWatchedWords);
    let follow = Needs(Right::ManageServerFollow);
    let settled = Needs(Right::ManageConfiguration);
    let abuses = Needs(Right::ManageAbuses);
    routes
        .get("/admin/groups", users, "", groups::show)
        .post("/admin/groups", users, "", groups::add)
        .get("/admin/groups/{id}", users, "", groups::look)
        .post("/admin/groups/{id}", users, "", groups::act)
        .get("/admin/invitations", joining, "", invitations::show)
        .post("/admin/invitations", joining, "", invitations::act)
        .get("/admin/lists", servers, "", lists::show)
        .post("/admin/lists", servers, "", lists::act)
        .get("/admin/words", watched, "", words::show)
        .post("/admin/words", watched, "", words::act)
        .get("/admin/follows", follow, "", follows::show)
        .post("/admin/follows", follow, "", follows::act)
        .get("/admin/webhooks", settled, "", webhooks::show)
        .post("/admin/webhooks", settled, "", webhooks::act)
        .get("/admin/notes/{name}", abuses, "", notes::show)
        .post("/admin/notes/{name}", abuses, "", notes::act)
}

fn persons(routes: Routes) -> Routes {
    let users = Needs(Right::ManageUsers);
    let joining = Needs(Right::ManageRegistrations);
    let one = "/admin/people/{id}";
    let asks = "/admin/joins/{id}";
    let factor = "/admin/people/{id}/two-factor";
    routes
        .get("/admin/people", users, "", people::show)
        .get("/admin/people/new", users, "", people::fresh)
        .post("/admin/people/new", users, "", people::add)
        .get(one, users, "", people::look)
        .post(one, users, "", people::save)
        .post("/admin/people/{id}/close", users, "", people::close)
        .post("/admin/people/{id}/open", users, "", people::open)
        .post("/admin/people/{id}/delete", users, "", people::delete)
        .post(factor, users, "", people::lose_factor)
        .get("/admin/joins", joining, "", joins::show)
        .get(asks, joining, "", joins::look)
        .post(asks, joining, "", joins::decide)
        .post("/admin/joins/{id}/delete", joining, "", joins::forget)
}

fn others(routes: Routes) -> Routes {
    use crate::admin::page::servers;
    let follows = Needs(Right::ManageServerFollow);
    let one = "/admin/follows/servers/{host}";
    let again = "/admin/follows/servers/{host}/again/{id}";
    routes
        .get(one, follows, "", servers::look)
        .post(one, follows, "", servers::act)
        .post(again, follows, "", servers::again)
}

fn reported(routes: Routes) -> Routes {
    let abuses = Needs(Right::ManageAbuses);
    let one = "/admin/reports/{id}";
    routes
        .get("/admin/reports", abuses, "", reports::show)
        .post("/admin/reports", abuses, "", reports::judge)
        .get(one, abuses, "", reports::look)
        .post(one, abuses, "", reports::act)
        .post("/admin/reports/{id}/delete", abuses, "", reports::delete)
}

fn listed(routes: Routes) -> Routes {
    let blocks = Needs(Right::ManageVideoBlacklist);
    let accounts = Needs(Right::ManageAccountsBlocklist);
    let servers = Needs(Right::ManageServersBlocklist);
    let open_account = "/admin/mutes/accounts/{name}/open";
    let open_server = "/admin/mutes/servers/{host}/open";
    let making = Needs(Right::RunVideoTranscoding);
    let removing = Needs(Right::RemoveAnyVideo);
    let talk = Needs(Right::SeeAllComments);
    let judge = Needs(Right::ManageAnyVideoComment);
    let configure = Needs(Right::ManageConfiguration);
    let approve = "/admin/comments/{video}/{comment}/approve";
    let remove = "/admin/comments/{video}/{comment}/delete";
    routes
        .get("/admin/comments", talk, "", comments::show)
        .post(approve, judge, "", comments::approve)
        .post(remove, judge, "", comments::delete)
        .post("/admin/comments/spam/reset", configure, "", comments::reset)
        .get("/admin/videos", blocks, "", videos::show)
        .get("/admin/videos/{id}", blocks, "", videos::look)
        .post("/admin/videos/{id}/block", blocks, "", videos::block)
        .post("/admin/videos/{id}/open", blocks, "", videos::open)
        .post("/admin/videos/{id}/again", making, "", videos::again)
        .post("/admin/videos/{id}/delete", removing, "", videos::delete)
        .get("/admin/mutes", accounts, "", mutes::show)
        .post("/admin/mutes", accounts, "", mutes::add)
        .post(open_account, accounts, "", mutes::open_account)
        .post(open_server, servers, "", mutes::open_server)
}
