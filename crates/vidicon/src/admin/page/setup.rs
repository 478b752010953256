//! From the first log-in to the first video: what the place is called, where people find it, where
//! its videos lie, how its mails leave.

use super::tabs;
use crate::access::Me;
use crate::admin::health;
use crate::app::App;
use crate::error::Result;
use crate::instance;
use crate::mail::Letter;
use crate::page::card::Tab;
use crate::page::form::Form;
use crate::page::{Page, go, words};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use serde_json::{Map, Value};

#[derive(Template)]
#[template(path = "admin/setup.html")]
struct Setup<'p> {
    page: &'p Page,
    tabs: Vec<Tab>,
    error: Option<String>,
    name: String,
    short: String,
    open: bool,
    approval: bool,
    editable: bool,
    url: String,
    reachable: bool,
    folder: String,
    /// Where the settings of the machine are read from, or would be.
    file: String,
    bucket: String,
    free: String,
    /// What a live look at the storage has found, and what to do when that is bad.
    storage: String,
    storage_fix: Option<String>,
    mail_host: String,
    mail_from: String,
    email: String,
    done: bool,
}

const HERE: &str = "/admin/setup";

/// Has somebody gone through this page?
pub async fn is_done(app: &App) -> Result<bool> {
    Ok(instance::fact(&app.db, instance::SET_UP).await?.is_some())
}

/// `GET /admin/setup`.
pub async fn show(State(app): State<App>, page: Page, me: Me) -> Result<Response> {
    let template = template(&app, &page, &me).await?;
    Ok(page.render(&template))
}

async fn template<'p>(app: &App, page: &'p Page, me: &Me) -> Result<Setup<'p>> {
    let settings = app.instance.settings();
    let config = &app.config;
    let host = app.host();
    let host = host.split(':').next().unwrap_or_default();
    let storage = health::storage(app).await;
    let file = config.settings_file.clone();
    let file = file.unwrap_or_else(|| config.server.data_dir.join("vidicon.toml"));
    let whole = |path: &std::path::Path| {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        path.display().to_string()
    };
    let free = base::file::free_bytes(&config.server.data_dir).unwrap_or(0);
    Ok(Setup {
        page,
        tabs: tabs(page, HERE),
        error: None,
        name: settings.instance.name.clone(),
        short: settings.instance.short_description.clone(),
        open: settings.signup.enabled,
        approval: settings.signup.requires_approval,
        editable: config.server.settings_on_site,
        url: config.server.public_url.clone(),
        reachable: host.contains('.') && !host.starts_with("127."),
        folder: whole(&config.server.data_dir),
        file: whole(&file),
        bucket: config.storage.bucket.name.clone(),
        free: page.texts.size(i64::try_from(free).unwrap_or(i64::MAX)),
        storage: storage.sentence(page.texts),
        storage_fix: storage.fix(page.texts),
        mail_host: config.mail.host.clone(),
        mail_from: config.mail.from.clone(),
        email: me.email.clone(),
        done: is_done(app).await?,
    })
}

/// `POST /admin/setup`: one of its parts.
pub async fn save(State(app): State<App>, page: Page, me: Me, form: Form) -> Result<Response> {
    match form.text("part") {
        "name" => name(&app, &page, &me, &form).await,
        "mail" => try_mail(&app, &page, &me).await,
        _ => {
            let (db, clock) = (&app.db, &app.clock);
            instance::keep_fact(db, clock, instance::SET_UP, Value::Bool(true)).await?;
            Ok(go(&app, "/upload", Some((false, page.t("setup-first")))))
        }
    }
}

async fn name(app: &App, page: &Page, me: &Me, form: &Form) -> Result<Response> {
    let mut tree = (*app.instance.changes()).clone();
    let mut put = |group: &str, name: &str, value: Value| {
        if let Some(Value::Object(group)) = tree.get_mut(group) {
            group.insert(name.to_owned(), value);
        }
    };
    put("instance", "name", form.text("name").into());
    put("instance", "shortDescription", form.text("short").into());
    put("signup", "enabled", form.has("open").into());
    put("signup", "requiresApproval", form.has("approval").into());
    let error = match change(app, &tree).await {
        Ok(()) => {
            let place = format!("{HERE}#address");
            return Ok(go(app, &place, Some((false, page.t("saved")))));
        }
        Err(error) if error.status().is_server_error() => return Err(error),
        Err(error) => error,
    };
    let mut template = template(app, page, me).await?;
    form.text("name").clone_into(&mut template.name);
    form.text("short").clone_into(&mut template.short);
    (template.open, template.approval) = (form.has("open"), form.has("approval"));
    let labels = [("instance.name", "setting-name")];
    template.error = Some(words::fault(page, &error, &labels));
    Ok(page.render_with(&template, error.status(), &[]))
}

async fn change(app: &App, tree: &Map<String, Value>) -> Result<()> {
    instance::change(app, tree).await?;
    Ok(())
}

/// Sends a letter now, since the answer is what is wanted.
async fn try_mail(app: &App, page: &Page, me: &Me) -> Result<Response> {
    let site = app.instance.name();
    let letter = Letter {
        to: me.email.clone(),
        subject: format!("[{site}] {}", page.t("setup-letter-subject")),
        text: page.tx("setup-letter-text", "url", &app.config.server.public_url),
    };
    let place = format!("{HERE}#mail");
    Ok(match app.mail.send(&letter).await {
        Ok(()) => {
            let said = page.tx("setup-letter-sent", "email", &me.email);
            go(app, &place, Some((false, &said)))
        }
        Err(error) => {
            let said = page.tx("setup-letter-failed", "error", error);
            go(app, &place, Some((true, &said)))
        }
    })
}
