//! What an administrator does without a browser: `vidicon admin …`.

use crate::account::{self, NewUser, Role, UserFilter};
use crate::app::App;
use crate::listing::{Paging, Sort};
use crate::user;
use anyhow::{Context, bail};
use base::clock::Millis;
use clap::{Subcommand, ValueEnum};
use std::fmt::Write;

#[derive(Subcommand)]
pub enum Admin {
    /// Add a user
    CreateUser {
        username: String,
        #[arg(long)]
        email: String,
        #[arg(long, value_enum, default_value_t = RoleName::User)]
        role: RoleName,
        /// 6 to 255 characters [default: one is made up and printed]
        #[arg(long)]
        password: Option<String>,
    },
    /// Give a user a new password; everything that is logged in as this user is logged out
    ResetPassword {
        username: String,
        /// 6 to 255 characters [default: one is made up and printed]
        #[arg(long)]
        password: Option<String>,
        /// Switch the second factor off too
        #[arg(long)]
        without_second_factor: bool,
    },
    /// List all users
    ListUsers,
    /// Free the name of a deleted account or channel, so that somebody new can take it
    ReleaseName { name: String },
    /// Make a key for the setting secrets.keys
    NewSecret,
    /// Seal the secrets in the database with the first key of secrets.keys
    SealSecrets,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum RoleName {
    Administrator,
    Moderator,
    User,
}

/// Does it and gives what is to be printed.
pub async fn run(app: &App, command: Admin) -> anyhow::Result<String> {
    match command {
        Admin::CreateUser {
            username,
            email,
            role,
            password,
        } => create(app, username, email, role, password).await,
        Admin::ResetPassword {
            username,
            password,
            without_second_factor,
        } => reset_password(app, &username, password, without_second_factor).await,
        Admin::ListUsers => list(app).await,
        Admin::ReleaseName { name } => {
            account::name::release(app, &name, "command line").await?;
            Ok(format!("The name {name} is free.\n"))
        }
        Admin::NewSecret => Ok(format!("{}\n", crate::vault::fresh())),
        Admin::SealSecrets => {
            let count = app.vault.seal_again(&app.db, &app.clock).await?;
            Ok(format!("{count} secrets were sealed with the first key.\n"))
        }
    }
}

async fn create(
    app: &App,
    username: String,
    email: String,
    role: RoleName,
    password: Option<String>,
) -> anyhow::Result<String> {
    if !account::is_name(&username) {
        bail!(
            "\"{username}\" cannot be a user name. It has 1 to 50 characters: lower-case letters \
             a to z, digits and _, and inside also . and -"
        );
    }
    if !account::is_email(&email) {
        bail!("\"{email}\" is no mail address");
    }
    let (password, told) = chosen_or_made_up(password)?;
    let rules = app.instance.signup();
    let new = NewUser {
        username,
        email: email.to_lowercase(),
        password: Some(password),
        role: match role {
            RoleName::Administrator => Role::Administrator,
            RoleName::Moderator => Role::Moderator,
            RoleName::User => Role::User,
        },
        quota_bytes: rules.quota_bytes,
        quota_daily_bytes: rules.quota_daily_bytes,
        admin_flags: 0,
        email_verified: None,
        display_name: None,
    };
    let made = user::check_names(app, &new.username, &new.email, None).await;
    made.with_context(|| format!("add the user {}", new.username))?;
    let made = user::create(app, &new, None).await;
    made.with_context(|| format!("add the user {}", new.username))?;
    Ok(format!("The user {} was added.\n{told}", new.username))
}

async fn reset_password(
    app: &App,
    username: &str,
    password: Option<String>,
    without_second_factor: bool,
) -> anyhow::Result<String> {
    let Some(user) = account::user_by_name(app, username).await? else {
        bail!("there is no user {username}. To see all users: vidicon admin list-users");
    };
    let (password, told) = chosen_or_made_up(password)?;
    user::set_password(app, &user, &password, None).await?;
    if without_second_factor && user.two_factor {
        account::two_factor::switch_off(app, &user).await?;
    }
    Ok(format!("The user {username} has a new password.\n{told}"))
}

/// The password to set, and what is said about it.
fn chosen_or_made_up(password: Option<String>) -> anyhow::Result<(String, String)> {
    match password {
        Some(password) if (6..=255).contains(&password.chars().count()) => {
            Ok((password, String::new()))
        }
        Some(_) => bail!("a password has 6 to 255 characters"),
        None => {
            let made_up: String = base::random::token().chars().take(20).collect();
            let told = format!("The password is {made_up}\n");
            Ok((made_up, told))
        }
    }
}

async fn list(app: &App) -> anyhow::Result<String> {
    let mut text = format!(
        "{:<5} {:<25} {:<14} {:<8} {:<17} {}\n",
        "id", "name", "role", "state", "last log-in", "mail"
    );
    let sort = Sort {
        column: "id",
        descending: false,
    };
    let mut start = 0;
    loop {
        let paging = Paging { start, count: 100 };
        let (_, users) = account::users(app, &UserFilter::default(), paging, sort).await?;
        if users.is_empty() {
            return Ok(text);
        }
        start += 100;
        for user in users {
            writeln!(
                text,
                "{:<5} {:<25} {:<14} {:<8} {:<17} {}",
                user.id.to_string(),
                user.username,
                user.role.label(),
                if user.blocked { "blocked" } else { "active" },
                user.last_login_at.map(minute).unwrap_or_default(),
                user.email
            )?;
        }
    }
}

fn minute(at: Millis) -> String {
    crate::check::iso(at)
        .chars()
        .take(16)
        .collect::<String>()
        .replace('T', " ")
}
