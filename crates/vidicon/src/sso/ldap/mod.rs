//! Log-in by a directory: it is asked who somebody is, and whether the password is theirs. One
//! connection for each log-in, ended at once.

mod ber;
mod filter;
mod wire;

use super::Identity;
use crate::config::Sso;
use crate::error::{Error, Result};
use std::time::Duration;
use wire::{Connection, Found};

/// For all questions of one log-in together.
const PATIENCE: Duration = Duration::from_secs(10);

/// Who this is, if the directory knows the name and the password is right.
pub async fn identity(sso: &Sso, login: &str, password: &str) -> Result<Option<Identity>> {
    // A directory takes an empty password for a visitor without a name and says yes.
    if login.is_empty() || password.is_empty() || password.contains('\0') {
        return Ok(None);
    }
    let asked = tokio::time::timeout(PATIENCE, ask(sso, login, password)).await;
    match asked {
        Ok(Ok(found)) => Ok(found),
        Ok(Err(error)) => Err(away(&format!("{error:#}"))),
        Err(_) => Err(away("no answer in time")),
    }
}

fn away(why: &str) -> Error {
    tracing::warn!(why, "the directory could not be asked");
    let status = axum::http::StatusCode::BAD_GATEWAY;
    Error::new(status, "The directory cannot be reached at the moment.").code("sso_away")
}

async fn ask(sso: &Sso, login: &str, password: &str) -> anyhow::Result<Option<Identity>> {
    let mut directory = Connection::open(sso).await?;
    let may_search = directory.bind(&sso.bind_dn, &sso.bind_password).await?;
    anyhow::ensure!(may_search, "bind_dn or bind_password is not accepted");
    let question = sso.filter.replace("{login}", &filter::escaped(login));
    let wanted = [
        &sso.name_attribute,
        &sso.email_attribute,
        &sso.display_attribute,
        "memberOf",
        "entryUUID",
    ];
    let mut found = directory.search(&sso.base_dn, &question, &wanted).await?;
    // Two people of one name: it cannot be known whose password it should be.
    if found.len() != 1 {
        return Ok(None);
    }
    let Some(person) = found.pop() else {
        return Ok(None);
    };
    let groups = groups(&mut directory, sso, &person).await?;
    if !directory.bind(&person.dn, password).await? {
        return Ok(None);
    }
    Ok(Some(read(sso, person, groups)))
}

async fn groups(
    directory: &mut Connection,
    sso: &Sso,
    person: &Found,
) -> anyhow::Result<Vec<String>> {
    let mut groups: Vec<String> = person.all("memberOf").map(first_part).collect();
    if !sso.group_base_dn.is_empty() {
        let question = sso
            .group_filter
            .replace("{dn}", &filter::escaped(&person.dn));
        let found = directory
            .search(&sso.group_base_dn, &question, &["cn"])
            .await?;
        groups.extend(found.iter().filter_map(|group| group.one("cn")));
    }
    groups.sort_unstable();
    groups.dedup();
    Ok(groups)
}

/// `staff` of `cn=staff,ou=groups,dc=example`.
fn first_part(dn: &str) -> String {
    let part = dn.split(',').next().unwrap_or(dn);
    part.split_once('=')
        .map_or(part, |(_, name)| name)
        .to_owned()
}

fn read(sso: &Sso, person: Found, groups: Vec<String>) -> Identity {
    Identity {
        // Without a lasting number the place in the tree has to do.
        subject: person
            .one("entryUUID")
            .unwrap_or_else(|| person.dn.to_lowercase()),
        name: person.one(&sso.name_attribute).unwrap_or_default(),
        email: person.one(&sso.email_attribute),
        // The directory's administrators wrote it.
        email_verified: true,
        display_name: person.one(&sso.display_attribute),
        avatar_url: None,
        groups,
    }
}
