//! The machine room: pages for those who run the place.

pub mod comments;
pub mod costs;
pub mod events;
pub mod follows;
pub mod groups;
pub mod home;
pub mod invitations;
pub mod joins;
pub mod lists;
pub mod machines;
pub mod mutes;
pub mod names;
pub mod notes;
pub mod overview;
pub mod people;
pub mod pictures;
pub mod reports;
pub mod servers;
pub mod settings;
pub mod setup;
pub mod videos;
pub mod webhooks;
pub mod words;
pub mod work;

use crate::account::Right;
use crate::check::Body;
use crate::page::Page;
use crate::page::card::Tab;
pub use crate::page::table::asked;
use crate::page::table::{Frame, Table};
use serde_json::{Map, Value};

/// The pages of the side, with the right that each needs.
const PAGES: [(&str, &str, Right); 19] = [
    ("/admin", "admin-health", Right::ManageUsers),
    ("/admin/people", "admin-people", Right::ManageUsers),
    ("/admin/groups", "admin-groups", Right::ManageUsers),
    ("/admin/joins", "admin-joins", Right::ManageRegistrations),
    (
        "/admin/invitations",
        "invitations",
        Right::ManageRegistrations,
    ),
    ("/admin/reports", "admin-reports", Right::ManageAbuses),
    ("/admin/videos", "admin-videos", Right::ManageVideoBlacklist),
    ("/admin/comments", "comments", Right::SeeAllComments),
    (
        "/admin/mutes",
        "admin-mutes",
        Right::ManageAccountsBlocklist,
    ),
    ("/admin/lists", "admin-lists", Right::ManageServersBlocklist),
    (
        "/admin/words",
        "watched-words",
        Right::ManageInstanceWatchedWords,
    ),
    ("/admin/names", "admin-names", Right::ManageConfiguration),
    ("/admin/follows", "admin-follows", Right::ManageServerFollow),
    (
        "/admin/webhooks",
        "admin-webhooks",
        Right::ManageConfiguration,
    ),
    ("/admin/jobs", "admin-jobs", Right::ManageJobs),
    ("/admin/machines", "admin-machines", Right::ManageRunners),
    ("/admin/costs", "admin-costs", Right::ManageConfiguration),
    ("/admin/log", "admin-log", Right::ManageLogs),
    (
        "/admin/settings",
        "admin-settings",
        Right::ManageConfiguration,
    ),
];

/// Those pages that whoever looks may open.
fn tabs(page: &Page, now: &str) -> Vec<Tab> {
    PAGES
        .into_iter()
        .filter(|(_, _, right)| page.viewer.has(*right))
        .map(|(url, key, _)| Tab {
            url: url.to_owned(),
            label: page.t(key).to_owned(),
            now: url == now,
        })
        .collect()
}

/// A list in the machine room.
fn table<'p>(page: &'p Page, here: &str, title: &'static str) -> Table<'p> {
    Table::new(page, Frame::Machine, tabs(page, here), title)
}

/// A body as the API's verbs read it.
fn body<const N: usize>(fields: [(&str, Value); N]) -> Body {
    let fields = fields.into_iter();
    Body(
        fields
            .map(|(name, value)| (name.to_owned(), value))
            .collect::<Map<String, Value>>(),
    )
}
