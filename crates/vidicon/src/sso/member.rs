//! From who somebody is elsewhere to their user here: found, linked or made; and what their groups
//! bring.

use super::{AVATAR_JOB, Identity, Linked, store};
use crate::account::{self, NewUser, Role, User, UserId};
use crate::app::App;
use crate::config::{GroupRole, Sso};
use crate::error::{Error, Result};
use crate::user::{self, FirstChannel};
use base::Tx;
use base::job::NewJob;
use serde_json::json;

const GIB: i64 = 1 << 30;

/// What groups bring; nothing where no group says anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    pub role: Role,
    pub quota_bytes: Option<i64>,
    pub quota_daily_bytes: Option<i64>,
}

/// Finds, links or makes the user of an identity and gives them what their groups bring. `link_to`
/// is somebody who is logged in and wants one more way to be.
pub async fn enter(
    app: &App,
    provider: &str,
    sso: &Sso,
    who: &Identity,
    link_to: Option<UserId>,
) -> Result<User> {
    if who.subject.is_empty() {
        return Err(Error::bad_request("The provider does not say who this is."));
    }
    if !sso.required_group.is_empty() && !who.groups.contains(&sso.required_group) {
        let detail = "Only members of a certain group may log in here.";
        return Err(Error::forbidden(detail).code("sso_not_a_member"));
    }
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let known = store::link(&mut tx, provider, &who.subject).await?;
    let (user_id, managed) = match (known, link_to) {
        (Some(link), Some(me)) if link.user_id != me => {
            let detail = "This log-in belongs to another account already.";
            return Err(Error::conflict(detail).code("sso_taken"));
        }
        (Some(link), _) => {
            store::touch(&mut tx, link.id, &who.name, now).await?;
            (link.user_id, link.managed)
        }
        (None, Some(me)) => {
            link(&mut tx, me, provider, who, false, now).await?;
            (me, false)
        }
        (None, None) => first_time(app, &mut tx, provider, sso, who).await?,
    };
    let user = give_standing(&mut tx, app, sso, who, user_id, managed).await?;
    tx.commit().await?;
    if user.blocked {
        return Err(Error::forbidden("User is blocked.").code("account_blocked"));
    }
    Ok(user)
}

async fn link(
    tx: &mut Tx,
    user_id: UserId,
    provider: &str,
    who: &Identity,
    managed: bool,
    now: base::clock::Millis,
) -> Result<()> {
    let added = store::add_link(tx, user_id, provider, who, managed, now).await;
    added.map_err(|error| {
        if error.is_unique() {
            let detail = "Your account has another log-in of this kind. Take it off first.";
            Error::conflict(detail).code("sso_taken")
        } else {
            error.into()
        }
    })?;
    Ok(())
}

/// Somebody whom this provider never brought before.
async fn first_time(
    app: &App,
    tx: &mut Tx,
    provider: &str,
    sso: &Sso,
    who: &Identity,
) -> Result<(UserId, bool)> {
    let now = app.clock.now();
    let email = who.email.as_deref().map(str::to_lowercase);
    let email = email.filter(|email| account::is_email(email));
    if let Some(email) = &email
        && let Some(known) = account::user_id_by_email(&mut *tx, email).await?
    {
        if !(sso.link_by_email && who.email_verified) {
            let detail = "There is an account with this mail address. Log in to it, and add this \
                          log-in in your settings.";
            return Err(Error::conflict(detail).code("sso_email_known"));
        }
        link(tx, known, provider, who, false, now).await?;
        return Ok((known, false));
    }
    if !sso.create {
        let detail = "Nobody here has this log-in, and no accounts are made for it.";
        return Err(Error::forbidden(detail).code("sso_unknown"));
    }
    let username = free_name(tx, &who.name).await?;
    let rules = app.instance.signup();
    let new = NewUser {
        // A user needs an address of their own; this one takes no mail.
        email: email.unwrap_or_else(|| format!("{username}@{provider}.invalid")),
        username,
        password: None,
        role: Role::User,
        quota_bytes: rules.quota_bytes,
        quota_daily_bytes: rules.quota_daily_bytes,
        admin_flags: 0,
        email_verified: Some(who.email_verified),
        display_name: who
            .display_name
            .clone()
            .filter(|name| !name.trim().is_empty()),
    };
    let (user_id, _) = user::add(app, tx, &new, None, &FirstChannel::default()).await?;
    link(tx, user_id, provider, who, true, now).await?;
    if let Some(url) = &who.avatar_url {
        NewJob::new(AVATAR_JOB, json!({ "user": user_id, "url": url }))
            .enqueue(&mut *tx, now)
            .await?;
    }
    Ok((user_id, true))
}

/// Their name there as a name here, with a number where it is taken.
async fn free_name(tx: &mut Tx, wanted: &str) -> Result<String> {
    let stem = slug(wanted);
    for n in 0..100 {
        let name = if n == 0 {
            stem.clone()
        } else {
            format!("{stem}{n}")
        };
        let taken = account::is_name_taken(&mut *tx, &name).await?
            || account::is_user_known(&mut *tx, &name, "").await?;
        if !taken && name != "peertube" && name != "root" {
            return Ok(name);
        }
    }
    Err(Error::conflict("No name is free for this account."))
}

/// Small letters, digits and `_ . -`; never empty, and with room for a number.
fn slug(text: &str) -> String {
    let folded = crate::fold::fold(text.split('@').next().unwrap_or(text));
    let mut slug = String::new();
    for c in folded.chars() {
        match c {
            'a'..='z' | '0'..='9' | '_' => slug.push(c),
            '.' | '-' | ' ' if !slug.is_empty() && !slug.ends_with('_') => slug.push('_'),
            _ => {}
        }
        if slug.len() >= 40 {
            break;
        }
    }
    let slug = slug.trim_matches('_');
    if slug.is_empty() {
        "guest".to_owned()
    } else {
        slug.to_owned()
    }
}

/// The best of what the groups say.
pub fn standing(sso: &Sso, groups: &[String]) -> Option<Standing> {
    if sso.groups.is_empty() {
        return None;
    }
    let mine = || {
        let all = sso.groups.iter();
        all.filter(|(name, _)| groups.contains(name))
            .map(|(_, group)| group)
    };
    let has = |role| mine().any(|group| group.role == Some(role));
    let role = if has(GroupRole::Administrator) {
        Role::Administrator
    } else if has(GroupRole::Moderator) {
        Role::Moderator
    } else {
        Role::User
    };
    let most = |all: Vec<i64>| {
        let largest = all.iter().copied().max()?;
        Some(if all.iter().any(|gib| *gib < 0) {
            -1
        } else {
            largest.saturating_mul(GIB)
        })
    };
    Some(Standing {
        role,
        quota_bytes: most(mine().filter_map(|group| group.quota_gib).collect()),
        quota_daily_bytes: most(mine().filter_map(|group| group.quota_daily_gib).collect()),
    })
}

/// Gives a user what their groups bring, without a log-in.
pub async fn follow_groups(app: &App, sso: &Sso, link: &Linked, groups: Vec<String>) -> Result<()> {
    let who = Identity {
        groups,
        ..Identity::default()
    };
    let mut tx = app.db.begin().await?;
    give_standing(&mut tx, app, sso, &who, link.user_id, link.managed).await?;
    Ok(tx.commit().await?)
}

/// An account that was made for this log-in follows its groups up and down; another one is only
/// lifted by them.
async fn give_standing(
    tx: &mut Tx,
    app: &App,
    sso: &Sso,
    who: &Identity,
    user_id: UserId,
    managed: bool,
) -> Result<User> {
    let now = app.clock.now();
    let rules = app.instance.signup();
    let new = standing(sso, &who.groups);
    let before = account::change(tx, user_id, now, |_| {}).await?;
    let Some(new) = new.filter(|_| !before.is_root()) else {
        return Ok(before);
    };
    let role_before = before.role;
    let changed = account::change(tx, user_id, now, |user| {
        if managed || new.role.outranks(user.role) {
            user.role = new.role;
        }
        let quota = |given: Option<i64>, usual: i64, has: i64| match given {
            Some(given) if managed || given < 0 || (has >= 0 && given > has) => given,
            None if managed => usual,
            _ => has,
        };
        user.quota_bytes = quota(new.quota_bytes, rules.quota_bytes, user.quota_bytes);
        user.quota_daily_bytes = quota(
            new.quota_daily_bytes,
            rules.quota_daily_bytes,
            user.quota_daily_bytes,
        );
    })
    .await?;
    if role_before != changed.role {
        // As with every other change of a role: what was logged in before is out.
        account::session::end_all(&mut *tx, user_id).await?;
    }
    Ok(changed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Group;

    #[test]
    fn names_become_names_of_here() {
        for (there, here) in [
            ("Ada Lovelace", "ada_lovelace"),
            ("ada@example.org", "ada"),
            ("Éric-Ö", "eric_o"),
            ("___", "guest"),
            ("", "guest"),
            ("日本", "guest"),
            (&"x".repeat(80), &"x".repeat(40)),
        ] {
            assert_eq!(slug(there), here);
            assert!(account::is_name(&slug(there)));
        }
    }

    #[test]
    fn the_best_group_counts() {
        let mut sso = Sso::default();
        assert_eq!(standing(&sso, &["staff".to_owned()]), None);
        let group = |role, quota_gib| Group {
            role,
            quota_gib,
            quota_daily_gib: None,
        };
        sso.groups
            .insert("artists".to_owned(), group(None, Some(5)));
        sso.groups
            .insert("patrons".to_owned(), group(None, Some(20)));
        sso.groups.insert(
            "staff".to_owned(),
            group(Some(GroupRole::Moderator), Some(-1)),
        );
        let of = |groups: &[&str]| {
            let groups: Vec<String> = groups.iter().map(|name| (*name).to_owned()).collect();
            let standing = standing(&sso, &groups).unwrap();
            (standing.role, standing.quota_bytes)
        };
        assert_eq!(of(&["strangers"]), (Role::User, None));
        assert_eq!(of(&["artists", "patrons"]), (Role::User, Some(20 * GIB)));
        assert_eq!(of(&["artists", "staff"]), (Role::Moderator, Some(-1)));
    }
}
