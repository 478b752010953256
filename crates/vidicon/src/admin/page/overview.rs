//! How the place is: each part of it in plain words, what is wrong first.

use super::tabs;
use crate::account::Right;
use crate::app::App;
use crate::error::Result;
use crate::page::Page;
use crate::page::card::Tab;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use base::job::{self, JobFilter, JobState};

#[derive(Template)]
#[template(path = "admin/overview.html")]
struct Overview<'p> {
    page: &'p Page,
    tabs: Vec<Tab>,
    title: String,
    lead: String,
    checks: Vec<Check>,
}

struct Check {
    mood: Mood,
    title: String,
    text: String,
    url: Option<String>,
    /// What a program said, word for word.
    said: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Mood {
    Bad,
    Warn,
    Good,
}

impl Mood {
    fn class(self) -> &'static str {
        match self {
            Mood::Bad => "bad",
            Mood::Warn => "warn",
            Mood::Good => "good",
        }
    }

    fn sign(self) -> &'static str {
        match self {
            Mood::Bad => "fault",
            Mood::Warn => "alert",
            Mood::Good => "ok",
        }
    }
}

impl Check {
    fn new(mood: Mood, title: &str, text: String) -> Self {
        Check {
            mood,
            title: title.to_owned(),
            text,
            url: None,
            said: None,
        }
    }

    fn at(mut self, url: &str) -> Self {
        self.url = Some(url.to_owned());
        self
    }

    /// The word that stands beside the sign for those who do not see it.
    fn word(&self, page: &Page) -> &'static str {
        match self.mood {
            Mood::Bad => page.t("mood-bad"),
            Mood::Warn => page.t("mood-warn"),
            Mood::Good => page.t("mood-good"),
        }
    }
}

/// A disk with less than this is nearly full.
const LITTLE_ROOM_BYTES: u64 = 2 << 30;

/// `GET /admin`.
pub async fn show(State(app): State<App>, page: Page) -> Result<Response> {
    let mut checks = Vec::new();
    checks.push(database(&app, &page).await);
    checks.push(room(&app, &page));
    checks.push(storage(&app, &page).await);
    checks.push(queue(&app, &page).await?);
    checks.extend(failures(&app, &page).await?);
    checks.push(mail(&app, &page));
    checks.push(address(&app, &page));
    checks.extend(waiting(&app, &page).await?);
    checks.extend(reports(&app, &page).await?);
    if page.viewer.has(Right::ManageConfiguration) && !super::setup::is_done(&app).await? {
        let text = page.t("check-setup-text").to_owned();
        let check = Check::new(Mood::Warn, page.t("check-setup"), text);
        checks.push(check.at("/admin/setup"));
    }
    checks.sort_by_key(|check| check.mood);
    let troubles = checks.iter().filter(|check| check.mood != Mood::Good);
    let troubles = i64::try_from(troubles.count()).unwrap_or(0);
    let title = match troubles {
        0 => page.t("health-well").to_owned(),
        some => page.tn("health-some", some),
    };
    Ok(page.render(&Overview {
        page: &page,
        tabs: tabs(&page, "/admin"),
        title,
        lead: page.tx("health-lead", "version", env!("CARGO_PKG_VERSION")),
        checks,
    }))
}

async fn database(app: &App, page: &Page) -> Check {
    let started = std::time::Instant::now();
    let answered = crate::account::user_count(app).await;
    let took = started.elapsed().as_millis();
    let title = page.t("check-database");
    match answered {
        Ok(_) if took < 500 => Check::new(
            Mood::Good,
            title,
            page.tx("check-database-text", "ms", took),
        ),
        Ok(_) => Check::new(
            Mood::Warn,
            title,
            page.tx("check-database-slow", "ms", took),
        ),
        Err(error) => {
            let mut check = Check::new(Mood::Bad, title, page.t("check-database-bad").to_owned());
            check.said = Some(error.to_string());
            check
        }
    }
}

fn room(app: &App, page: &Page) -> Check {
    let title = page.t("check-disk");
    match base::file::free_bytes(&app.config.server.data_dir) {
        Ok(free) => {
            let size = page.texts.size(i64::try_from(free).unwrap_or(i64::MAX));
            let (mood, key) = if free < LITTLE_ROOM_BYTES {
                (Mood::Bad, "check-disk-little")
            } else {
                (Mood::Good, "check-disk-text")
            };
            Check::new(mood, title, page.tx(key, "free", size))
        }
        Err(error) => {
            let mut check = Check::new(Mood::Warn, title, page.t("check-disk-unknown").to_owned());
            check.said = Some(error.to_string());
            check
        }
    }
}

/// Writes a blob, reads it and takes it away again.
async fn storage(app: &App, page: &Page) -> Check {
    let class = base::storage::Class::Thumbnail;
    let key = format!("check-{}.txt", base::random::token());
    let started = std::time::Instant::now();
    let outcome = async {
        app.storage.put(class, &key, "well".into()).await?;
        app.storage.get(class, &key, 64).await?;
        app.storage.delete(class, &key).await.map(drop)
    };
    let title = page.t("check-storage");
    match outcome.await {
        Ok(()) => {
            let took = started.elapsed().as_millis();
            Check::new(Mood::Good, title, page.tx("check-storage-text", "ms", took))
        }
        Err(error) => {
            let mut check = Check::new(Mood::Bad, title, page.t("check-storage-bad").to_owned());
            check.said = Some(error.to_string());
            check
        }
    }
}

async fn count(app: &App, state: JobState) -> Result<i64> {
    let filter = JobFilter {
        states: vec![state],
        count: 1,
        ..JobFilter::default()
    };
    Ok(job::list(&app.db, &filter).await?.0)
}

async fn queue(app: &App, page: &Page) -> Result<Check> {
    let due = JobFilter {
        states: vec![JobState::Ready],
        run_until: Some(app.clock.now()),
        count: 1,
        ..JobFilter::default()
    };
    let (waiting, _) = job::list(&app.db, &due).await?;
    let running = count(app, JobState::Running).await?;
    let text = page.tyx("check-jobs-text", "waiting", waiting, "running", running);
    let check = Check::new(Mood::Good, page.t("check-jobs"), text);
    Ok(if waiting + running > 0 {
        check.at("/admin/jobs")
    } else {
        check
    })
}

async fn failures(app: &App, page: &Page) -> Result<Option<Check>> {
    let failed = count(app, JobState::Failed).await?;
    if failed == 0 {
        return Ok(None);
    }
    let title = page.tn("check-failed", failed);
    let text = page.t("check-failed-text").to_owned();
    let check = Check::new(Mood::Warn, &title, text);
    Ok(Some(check.at("/admin/jobs?state=failed")))
}

fn mail(app: &App, page: &Page) -> Check {
    let title = page.t("check-mail");
    if app.mail.is_on() {
        let host = &app.config.mail.host;
        return Check::new(Mood::Good, title, page.tx("check-mail-on", "host", host));
    }
    Check::new(Mood::Warn, title, page.t("check-mail-off").to_owned()).at("/admin/setup#mail")
}

fn address(app: &App, page: &Page) -> Check {
    let url = &app.config.server.public_url;
    let title = page.t("check-address");
    let host = app.host();
    let name = host.split(':').next().unwrap_or_default();
    let local = name == "localhost" || name.starts_with("127.") || !name.contains('.');
    if local {
        let text = page.tx("check-address-local", "url", url);
        return Check::new(Mood::Warn, title, text).at("/admin/setup#address");
    }
    if url.starts_with("http:") {
        let text = page.tx("check-address-plain", "url", url);
        return Check::new(Mood::Bad, title, text).at("/admin/setup#address");
    }
    Check::new(Mood::Good, title, page.tx("check-address-text", "url", url))
}

/// People who asked to join and wait for an answer.
async fn waiting(app: &App, page: &Page) -> Result<Option<Check>> {
    if !page.viewer.has(Right::ManageRegistrations) {
        return Ok(None);
    }
    let waiting = crate::account::registration::pending_count(app).await?;
    if waiting == 0 {
        return Ok(None);
    }
    let title = page.tn("check-joins", waiting);
    let text = page.t("check-joins-text").to_owned();
    Ok(Some(
        Check::new(Mood::Warn, &title, text).at("/admin/joins"),
    ))
}

async fn reports(app: &App, page: &Page) -> Result<Option<Check>> {
    if !page.viewer.has(Right::ManageAbuses) {
        return Ok(None);
    }
    let open = super::reports::open_count(app).await?;
    if open == 0 {
        return Ok(None);
    }
    let title = page.tn("check-reports", open);
    let text = page.t("check-reports-text").to_owned();
    Ok(Some(
        Check::new(Mood::Warn, &title, text).at("/admin/reports"),
    ))
}
