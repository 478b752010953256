//! Each step is tried out before it is written: the settings must read, the bucket must do what the site needs of it,
//! the mail server must take a letter, the ports of HTTPS must be free.

use crate::app::App;
use crate::config::{Config, Given, TlsMode, written};
use crate::error::Result;
use crate::mail::{Letter, Mail};
use crate::page::Page;
use crate::page::form::Form;
use base::config::{Table, Value, merge};
use base::storage::{CORS, Outcome, Storage};
use std::net::{SocketAddr, TcpListener};

/// What is to be written, and where people find the site with it.
pub struct Changed {
    pub table: Table,
    pub url: String,
    /// What works less well than it could, and what to do about it.
    pub note: Option<String>,
}

/// Or why it is refused, in words.
pub type Tried = std::result::Result<Changed, String>;

/// `[section]` and below it these keys; what is empty stays as it is by itself.
fn section(path: &[&str], keys: &[(&str, Value)]) -> Table {
    let is_set = |value: &Value| value.as_str() != Some("");
    let mut table: Table = keys
        .iter()
        .filter(|(_, value)| is_set(value))
        .map(|(key, value)| ((*key).to_owned(), value.clone()))
        .collect();
    for name in path.iter().rev() {
        table = Table::from_iter([((*name).to_owned(), Value::Table(table))]);
    }
    table
}

fn text(form: &Form, field: &str) -> Value {
    Value::String(form.text(field).to_owned())
}

/// The settings as they will be read at the next start.
fn read(app: &App, change: &Table) -> std::result::Result<Config, String> {
    let config = &app.config;
    let given = Given {
        data_dir: Some(config.server.data_dir.clone()),
        ..config.given.clone()
    };
    let mut table = written(&config.server.data_dir).map_err(|error| error.to_string())?;
    merge(&mut table, change.clone());
    let loaded = given.load(Some(&table));
    loaded
        .map(|loaded| loaded.config)
        .map_err(|error| error.to_string())
}

fn fixed(page: &Page, key: &str) -> String {
    page.tx("setup-fixed", "key", key)
}

/// Where the site is found, and who does HTTPS.
pub async fn address(app: &App, page: &Page, form: &Form) -> Result<Tried> {
    if crate::federation::domain::is_known(app).await? {
        return Ok(Err(page.t("setup-peers").to_owned()));
    }
    let typed = form.text("url").trim_end_matches('/').to_owned();
    let url = if typed.contains("://") {
        typed
    } else {
        format!("https://{typed}")
    };
    let by_itself = form.text("https") == "acme";
    let mode = if by_itself { "acme" } else { "off" };
    let mut table = section(&["server"], &[("public_url", Value::String(url.clone()))]);
    let tls = [
        ("mode", Value::String(mode.to_owned())),
        ("email", text(form, "email")),
    ];
    merge(&mut table, section(&["tls"], &tls));
    let config = match read(app, &table) {
        Ok(config) => config,
        Err(why) => return Ok(Err(why)),
    };
    if config.server.public_url != url {
        return Ok(Err(fixed(page, "server.public_url")));
    }
    if (config.tls.mode == TlsMode::Acme) != by_itself {
        return Ok(Err(fixed(page, "tls.mode")));
    }
    if by_itself && let Err(why) = may_get_certificate(app, page, &config).await {
        return Ok(Err(why));
    }
    Ok(Ok(Changed {
        table,
        url,
        note: None,
    }))
}

/// The name must lead to some machine, and the ports must be free for us.
async fn may_get_certificate(
    app: &App,
    page: &Page,
    config: &Config,
) -> std::result::Result<(), String> {
    let url = url::Url::parse(&config.server.public_url).ok();
    let url = url.filter(|url| url.scheme() == "https");
    let host = url
        .as_ref()
        .and_then(url::Url::host_str)
        .unwrap_or_default();
    if host.is_empty() {
        return Err(page.t("setup-https-plain").to_owned());
    }
    if tokio::net::lookup_host((host, 443)).await.is_err() {
        return Err(page.tx("setup-no-name", "host", host));
    }
    if app.config.tls.mode == TlsMode::Acme {
        // This very process holds the ports.
        return Ok(());
    }
    for address in [config.tls.listen, config.tls.http_listen] {
        is_free(address).map_err(|error| {
            let port = address.port();
            page.texts
                .two("setup-port", ("port", &port), ("error", &error))
        })?;
    }
    Ok(())
}

fn is_free(address: SocketAddr) -> std::io::Result<()> {
    TcpListener::bind(address).map(drop)
}

/// The bucket that takes the files from now on.
pub async fn storage(app: &App, page: &Page, form: &Form) -> Result<Tried> {
    let keys = ["name", "endpoint", "region", "access_key", "secret_key"];
    let keys = keys.map(|key| (key, text(form, key)));
    let mut table = section(&["storage", "bucket"], &keys);
    if form.text("name").is_empty() {
        return Ok(Err(page.t("setup-bucket-none").to_owned()));
    }
    if !app.config.storage.bucket.name.is_empty() {
        return Ok(Err(page.t("setup-bucket-move").to_owned()));
    }
    // What lies in the folder is found there until it has been moved.
    let folder = app.config.storage.folder.display().to_string();
    let from = section(&["storage", "from"], &[("folder", Value::String(folder))]);
    merge(&mut table, from);
    let config = match read(app, &table) {
        Ok(config) => config,
        Err(why) => return Ok(Err(why)),
    };
    let bucket = &config.storage.bucket;
    if bucket.name != form.text("name") || bucket.endpoint != form.text("endpoint") {
        return Ok(Err(fixed(page, "storage.bucket")));
    }
    let opened = Storage::open(&config.storage, &config.server.data_dir);
    let bucket = match opened {
        Ok(bucket) => bucket,
        Err(error) => return Ok(Err(error.to_string())),
    };
    let url = &app.config.server.public_url;
    let findings = base::storage::check(&config.storage, &bucket, url, true).await;
    let mut note = None;
    for finding in findings {
        let Outcome::Failed { why, fix } = finding.outcome else {
            continue;
        };
        let words = format!("{}: {why}. {fix}", finding.step);
        if finding.step != CORS {
            return Ok(Err(words));
        }
        // Browsers are not let in, but we are: files go through this program until that is mended.
        let through_us = [("delivery", Value::String("proxy".to_owned()))];
        merge(&mut table, section(&["storage", "bucket"], &through_us));
        note = Some(page.tx("setup-bucket-proxy", "why", words));
    }
    Ok(Ok(Changed {
        table,
        url: url.clone(),
        note,
    }))
}

/// The server that takes the site's letters. One is sent, so that nobody finds out later.
pub async fn mail(app: &App, page: &Page, form: &Form, to: &str) -> Result<Tried> {
    let mut keys: Vec<(&str, Value)> = ["host", "tls", "username", "password", "from"]
        .map(|key| (key, text(form, key)))
        .into();
    if let Some(port) = form.number("port") {
        keys.push(("port", Value::Integer(port)));
    }
    let table = section(&["mail"], &keys);
    let config = match read(app, &table) {
        Ok(config) => config,
        Err(why) => return Ok(Err(why)),
    };
    if config.mail.host != form.text("host") {
        return Ok(Err(fixed(page, "mail.host")));
    }
    let letter = Letter {
        to: form.some("to").unwrap_or_else(|| to.to_owned()),
        subject: format!(
            "[{}] {}",
            app.instance.name(),
            page.t("setup-letter-subject")
        ),
        text: page.tx("setup-letter-text", "url", &app.config.server.public_url),
    };
    let sent = match Mail::open(&config.mail, &config.host()) {
        Ok(mail) => mail.send(&letter).await.map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    let url = app.config.server.public_url.clone();
    Ok(match sent {
        Ok(()) => Ok(Changed {
            table,
            url,
            note: None,
        }),
        Err(error) => Err(page.tx("setup-letter-failed", "error", error)),
    })
}
