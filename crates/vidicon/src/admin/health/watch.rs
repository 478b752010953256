//! Administrators get a letter when a part of the site goes bad, before they would look: once for
//! each new trouble, and again when it has lasted a week.

use super::{Finding, Mood, examine};
use crate::account;
use crate::app::App;
use crate::i18n::{self, Filling};
use crate::instance::{self, settings::Admin};
use crate::mail::{self, Letter};
use base::clock::{DAY, Millis};
use base::job::JobError;
use serde_json::{Value, json};

/// The job, once an hour.
pub const JOB: &str = "health_watch";
const FACT: &str = "health_told";
const REMIND: Millis = 7 * DAY;
/// Mail that does not work cannot be told by mail, and names are looked up by others too.
const UNTOLD: [&str; 2] = ["mail", "dns"];

pub async fn run(app: &App) -> Result<(), JobError> {
    if !app.mail.is_on() {
        return Ok(());
    }
    let findings = examine(app).await;
    let bad: Vec<&Finding> = findings
        .iter()
        .filter(|it| it.mood == Mood::Bad && !UNTOLD.contains(&it.part))
        .collect();
    let kept = instance::fact(&app.db, FACT).await?.unwrap_or_default();
    let now = app.clock.now();
    let told_at = |part: &str| kept.get(part).and_then(Value::as_i64);
    let news = bad
        .iter()
        .any(|it| told_at(it.part).is_none_or(|at| now - at >= REMIND));
    if news {
        let mut tx = app.db.begin().await?;
        for (address, language) in readers(app).await? {
            let letter = letter(app, &address, &language, &bad);
            mail::enqueue(app, &mut tx, &letter).await?;
        }
        tx.commit().await?;
    }
    let told = bad.iter().map(|it| {
        let at = told_at(it.part).filter(|_| !news).unwrap_or(now);
        (it.part.to_owned(), json!(at))
    });
    let told = Value::Object(told.collect());
    if told != kept {
        instance::keep_fact(&app.db, &app.clock, FACT, told).await?;
    }
    Ok(())
}

/// The administrators who have an address; else the one of the settings.
async fn readers(app: &App) -> crate::error::Result<Vec<(String, String)>> {
    let mut readers = account::administrators(app).await?;
    let settings = app.instance.settings();
    if readers.is_empty() && settings.admin.email != Admin::default().email {
        let language = settings.instance.default_language.clone();
        readers.push((settings.admin.email.clone(), language));
    }
    Ok(readers)
}

fn letter(app: &App, address: &str, language: &str, bad: &[&Finding]) -> Letter {
    let texts = i18n::texts(language);
    let site = app.instance.name();
    let words = [("site", Filling::Word(&site))];
    let mut text = texts.fill("doctor-letter-lead", &words);
    for finding in bad {
        let fix = finding.fix(texts).unwrap_or_default();
        text.push_str(&format!(
            "\n\n{}: {}\n{fix}",
            finding.title(texts),
            finding.sentence(texts)
        ));
    }
    text.push_str(&format!("\n\n{}\n", app.url("/admin")));
    Letter {
        to: address.to_owned(),
        subject: texts.fill("doctor-letter-subject", &words),
        text,
    }
}
