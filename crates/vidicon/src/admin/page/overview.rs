//! How the place is: each part of it in plain words, what is wrong first.

use super::tabs;
use crate::account::Right;
use crate::admin::health::{self, Finding, Mood, Remedy};
use crate::app::App;
use crate::error::Result;
use crate::i18n;
use crate::page::card::Tab;
use crate::page::{Page, go};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use base::db::Dialect;

#[derive(Template)]
#[template(path = "admin/overview.html")]
struct Overview<'p> {
    page: &'p Page,
    tabs: Vec<Tab>,
    title: String,
    lead: String,
    checks: Vec<Check>,
    report: String,
}

struct Check {
    mood: Mood,
    title: String,
    text: String,
    url: Option<String>,
    /// What to do about it.
    fix: Option<String>,
    /// What may be done at once: a name and the word on its button.
    remedy: Option<(&'static str, &'static str)>,
}

impl Check {
    fn class(&self) -> &'static str {
        match self.mood {
            Mood::Bad => "bad",
            Mood::Warn => "warn",
            Mood::Good => "good",
        }
    }

    fn sign(&self) -> &'static str {
        match self.mood {
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
            fix: None,
            remedy: None,
        }
    }

    /// A finding of the doctor, in the words of the page.
    fn of(page: &Page, finding: &Finding) -> Self {
        let url = match finding.part {
            _ if finding.mood == Mood::Good => None,
            "mail" => Some("/admin/setup#mail"),
            "dns" | "certificate" => Some("/admin/setup#address"),
            "storage" | "disk" => Some("/admin/setup#storage"),
            "queue" => Some("/admin/jobs?state=failed"),
            "federation" => Some("/admin/follows?of=peers"),
            _ => None,
        };
        let word = |remedy: Remedy| match remedy {
            Remedy::ResumeJobs => page.t("remedy-resume"),
            Remedy::RetryJobs => page.t("remedy-retry"),
            Remedy::RenewCertificate => page.t("remedy-renew"),
            Remedy::TidyUp => page.t("remedy-tidy"),
            Remedy::BackUp => page.t("remedy-backup"),
        };
        let may = page.viewer.has(Right::ManageDebug);
        let remedy = finding.remedy.filter(|_| may);
        Check {
            mood: finding.mood,
            title: finding.title(page.texts),
            text: finding.sentence(page.texts),
            url: url.map(str::to_owned),
            fix: finding.fix(page.texts),
            remedy: remedy.map(|it| (it.name(), word(it))),
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

/// `GET /admin`.
pub async fn show(State(app): State<App>, page: Page) -> Result<Response> {
    let found = health::examine(&app).await;
    let mut checks: Vec<Check> = found.iter().map(|it| Check::of(&page, it)).collect();
    checks.extend(waiting(&app, &page).await?);
    checks.extend(reports(&app, &page).await?);
    if page.viewer.has(Right::ManageConfiguration) && !super::setup::is_done(&app).await? {
        let text = page.t("check-setup-text").to_owned();
        let check = Check::new(Mood::Warn, page.t("check-setup"), text);
        checks.push(check.at("/admin/setup"));
    }
    checks.sort_by_key(|check| std::cmp::Reverse(check.mood));
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
        report: report(&app, &found),
    }))
}

/// All of it as one text, to be passed on to those who help; in English, which most of them read.
fn report(app: &App, found: &[Finding]) -> String {
    let texts = i18n::texts("en");
    let database = match app.db.dialect() {
        Dialect::Sqlite => "SQLite",
        Dialect::Postgres => "PostgreSQL",
    };
    let mut text = format!(
        "Vidicon {}, {} {}, {database}",
        env!("CARGO_PKG_VERSION"),
        std::env::consts::OS,
        std::env::consts::ARCH,
    );
    for finding in found {
        let mood = match finding.mood {
            Mood::Good => "ok",
            Mood::Warn => "look",
            Mood::Bad => "BAD",
        };
        let (title, sentence) = (finding.title(texts), finding.sentence(texts));
        text.push_str(&format!("\n{mood} {title}: {sentence}"));
    }
    text
}

/// `POST /admin/health/{remedy}`: what a button offers.
pub async fn mend(
    State(app): State<App>,
    page: Page,
    Path(name): Path<String>,
) -> Result<Response> {
    let said = match health::remedy(&app, &name).await {
        Ok(()) => (false, page.t("remedy-done").to_owned()),
        Err(error) if error.status().is_client_error() => return Err(error),
        Err(error) => (true, page.tx("remedy-failed", "why", error)),
    };
    Ok(go(&app, "/admin", Some((said.0, &said.1))))
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
