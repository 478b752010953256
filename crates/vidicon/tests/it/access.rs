//! Who may call what: every route is sent as nobody, as the owner of what it names, as somebody
//! else, as a moderator and as an administrator. The statuses stand in a table in the repository;
//! a route without a row there fails. After a change on purpose, write the table anew with
//! `VIDICON_WRITE_TABLE=1 cargo test -p vidicon --test it access::` and look at the difference.

use crate::app::TestApp;
use crate::world::{Person, Things, fill, person, things};
use axum::http::Method;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;
use vidicon::account::Role;

const HEAD: &str = "\
# Status of each route when it is called, without a body, by nobody, the owner of what it names,
# somebody else, a moderator and an administrator. How it is made: crates/vidicon/tests/it/access.rs
";

/// The people and things of one round of calls.
struct World {
    people: Vec<Person>,
    things: Things,
    is_used_up: bool,
}

impl World {
    async fn new(app: &TestApp, number: usize) -> Self {
        let mut people = Vec::new();
        for (name, role) in [
            ("owner", Role::User),
            ("other", Role::User),
            ("staff", Role::Moderator),
            ("admin", Role::Administrator),
        ] {
            people.push(person(app, &format!("{name}{number}"), role).await);
        }
        let things = things(app, &people[0]).await;
        World {
            people,
            things,
            is_used_up: false,
        }
    }
}

fn table_file() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/access/statuses.txt")
}

fn read_table() -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(table_file()).unwrap_or_default();
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(" = "))
        .map(|(route, statuses)| (route.to_owned(), statuses.to_owned()))
        .collect()
}

/// Who is asked for each route, in the order of the table.
const ROLES: [&str; 5] = ["nobody", "owner", "other", "moderator", "administrator"];

async fn statuses(app: &TestApp) -> BTreeMap<String, String> {
    let (_, table) = vidicon::routes::site(app);
    let mut made = 0;
    let mut world = World::new(app, made).await;
    let mut found = BTreeMap::new();
    for route in &table {
        let mut line = String::new();
        for (who, role) in ROLES.iter().enumerate() {
            if world.is_used_up {
                made += 1;
                world = World::new(app, made).await;
            }
            let path = fill(route.path, &world.people[0], &world.things);
            let call = app.call(route.method.clone(), &path);
            let call = match who.checked_sub(1) {
                Some(at) => call.token(&world.people[at].token),
                None => call,
            };
            let answer = call.await;
            assert!(
                !answer.status.is_server_error() || answer.status.as_u16() == 501,
                "{} {path} as {}: {} {}",
                route.method,
                role,
                answer.status,
                answer.text()
            );
            world.is_used_up = route.method != Method::GET
                && (answer.status.is_success() || answer.status.is_redirection());
            write!(line, "{} ", answer.status.as_u16()).unwrap();
        }
        let name = format!("{} {}", route.method, route.path);
        found.insert(name, line.trim_end().to_owned());
    }
    found
}

#[tokio::test]
async fn who_may_call_what() {
    let app = TestApp::new().await;
    let found = statuses(&app).await;
    if std::env::var_os("VIDICON_WRITE_TABLE").is_some() {
        let lines: String = found
            .iter()
            .map(|(route, statuses)| format!("{route} = {statuses}\n"))
            .collect();
        std::fs::create_dir_all(table_file().parent().unwrap()).unwrap();
        std::fs::write(table_file(), format!("{HEAD}{lines}")).unwrap();
        return;
    }
    let table = read_table();
    let mut wrong = Vec::new();
    for (route, statuses) in &found {
        match table.get(route) {
            None => wrong.push(format!("{route} has no row; it answers {statuses}")),
            Some(wanted) if wanted != statuses => {
                wrong.push(format!(
                    "{route} answers {statuses}, the table says {wanted}"
                ));
            }
            Some(_) => {}
        }
    }
    for route in table.keys().filter(|route| !found.contains_key(*route)) {
        wrong.push(format!("{route} has a row and is gone"));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
