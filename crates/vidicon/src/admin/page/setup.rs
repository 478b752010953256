//! From the first log-in to the first video: what the place is called, where people find it, where
//! its videos lie, how its mails leave.

mod steps;

use super::tabs;
use crate::access::Me;
use crate::admin::health;
use crate::app::App;
use crate::error::{Error, Result};
use crate::instance;
use crate::mail::Letter;
use crate::page::card::Tab;
use crate::page::form::Form;
use crate::page::{Page, go, words};
use askama::Template;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::{Map, Value};
use std::fmt::Display;

#[derive(Template)]
#[template(path = "admin/setup.html")]
struct Setup<'p> {
    page: &'p Page,
    tabs: Vec<Tab>,
    error: Option<String>,
    /// What is said while the program starts again.
    again: Option<String>,
    name: String,
    short: String,
    open: bool,
    approval: bool,
    editable: bool,
    url: String,
    reachable: bool,
    folder: String,
    bucket: String,
    free: String,
    /// What a live look at the storage has found, and what to do when that is bad.
    storage: String,
    storage_fix: Option<String>,
    mail_host: String,
    mail_from: String,
    email: String,
    /// The same, unless it is the invented one of the first start.
    real_email: String,
    done: bool,
    /// What was typed into the part that was refused.
    typed: Form,
}

impl Setup<'_> {
    /// What stands in a field: what was typed, or what is so now.
    fn value(&self, part: &str, field: &str, now: &str) -> String {
        if self.typed.text("part") == part {
            self.typed.text(field).to_owned()
        } else {
            now.to_owned()
        }
    }

    fn is_typed(&self, part: &str) -> bool {
        self.typed.text("part") == part
    }

    fn is_chosen(&self, field: &str, value: &str) -> bool {
        self.typed.text(field) == value
    }
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
    let whole = |path: &std::path::Path| {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        path.display().to_string()
    };
    let free = base::file::free_bytes(&config.server.data_dir).unwrap_or(0);
    Ok(Setup {
        page,
        tabs: tabs(page, HERE),
        error: None,
        again: None,
        name: settings.instance.name.clone(),
        short: settings.instance.short_description.clone(),
        open: settings.signup.enabled,
        approval: settings.signup.requires_approval,
        editable: config.server.settings_on_site,
        url: config.server.public_url.clone(),
        reachable: host.contains('.') && !host.starts_with("127."),
        folder: whole(&config.server.data_dir),
        bucket: config.storage.bucket.name.clone(),
        free: page.texts.size(i64::try_from(free).unwrap_or(i64::MAX)),
        storage: storage.sentence(page.texts),
        storage_fix: storage.fix(page.texts),
        mail_host: config.mail.host.clone(),
        mail_from: config.mail.from.clone(),
        email: me.email.clone(),
        real_email: if me.email.ends_with(".invalid") {
            String::new()
        } else {
            me.email.clone()
        },
        done: is_done(app).await?,
        typed: Form::default(),
    })
}

/// `POST /admin/setup`: one of its parts.
pub async fn save(State(app): State<App>, page: Page, me: Me, form: Form) -> Result<Response> {
    match form.text("part") {
        "name" => name(&app, &page, &me, &form).await,
        "mail" => try_mail(&app, &page, &me).await,
        "address" | "storage" | "letters" => machine(&app, &page, &me, form).await,
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

/// What only a new start of the program can change: it is tried out, written down, and the program starts again.
async fn machine(app: &App, page: &Page, me: &Me, form: Form) -> Result<Response> {
    if !app.config.server.settings_on_site {
        return Err(Error::forbidden("the settings file keeps this for itself"));
    }
    let changed = match form.text("part") {
        "address" => steps::address(app, page, &form).await?,
        "storage" => steps::storage(app, page, &form).await?,
        _ => steps::mail(app, page, &form, &me.email).await?,
    };
    let mut template = template(app, page, me).await?;
    let changed = match changed {
        Ok(changed) => changed,
        Err(why) => {
            template.error = Some(why);
            template.typed = form;
            return Ok(page.render_with(&template, StatusCode::BAD_REQUEST, &[]));
        }
    };
    let data_dir = &app.config.server.data_dir;
    if let Err(error) = crate::config::write(data_dir, changed.table) {
        tracing::error!(error = format!("{error:#}"), "could not write settings");
        let file = crate::config::written_file(data_dir);
        let file = file.display();
        let values = (
            ("file", &file as &dyn Display),
            ("error", &error as &dyn Display),
        );
        template.error = Some(page.texts.two("setup-not-written", values.0, values.1));
        template.typed = form;
        return Ok(page.render_with(&template, StatusCode::INTERNAL_SERVER_ERROR, &[]));
    }
    tracing::info!(
        part = form.text("part"),
        "settings were written on the site; the program starts again"
    );
    let (said, place) = if changed.url == app.config.server.public_url {
        // Another address than that of this answer, else the browser would only jump within it.
        let place = format!("{HERE}?saved#first");
        (page.t("setup-again").to_owned(), place)
    } else {
        let place = format!("{}{HERE}", changed.url);
        (page.tx("setup-again-at", "url", &changed.url), place)
    };
    template.again = Some(match changed.note {
        Some(note) => format!("{said} {note}"),
        None => said,
    });
    let mut answer = page.render(&template);
    // The program is back before that, and with it the page.
    if let Ok(value) = HeaderValue::from_str(&format!("6; url={place}")) {
        answer.headers_mut().insert(header::REFRESH, value);
    }
    app.restart.cancel();
    Ok(answer)
}
