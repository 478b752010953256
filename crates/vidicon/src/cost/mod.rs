//! What the site uses and costs: storage, requests and transfer of a month, a forecast, a budget with what is
//! done before it is used up.

pub mod api;
mod price;
mod store;

pub use price::{Bill, Table, preset};

use crate::app::App;
use crate::error::Result;
use crate::i18n::{self, Filling};
use crate::instance;
use crate::listing::Paging;
use crate::mail::{self, Letter};
use crate::traffic::Savings;
use crate::video::VideoId;
use base::clock::{DAY, MINUTE, Millis};
use base::job::JobError;
use base::storage::Class;
use futures::TryStreamExt;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// Once a day: what lies where, by class.
pub const MEASURE_JOB: &str = "storage_measure";
const MEASURED: &str = "storage_measured";
const TOLD: &str = "budget_told";
/// Before this much of a month has gone by it says little about the rest.
const EARLY: f64 = 0.1;

/// Figures of a month; numbers of requests and bytes that only sums are made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all(serialize = "camelCase"))]
pub struct Usage {
    /// 202611 is November 2026.
    pub month: i64,
    /// Sent to viewers by this server.
    pub viewer_bytes: f64,
    pub viewer_requests: f64,
    /// Sent to other servers by this server.
    pub server_bytes: f64,
    pub server_requests: f64,
    /// What viewers got from the bucket by signed addresses; an estimate.
    pub given_bytes: f64,
    pub given_requests: f64,
    /// Read from the bucket by this server.
    pub read_bytes: f64,
    pub read_requests: f64,
    pub written_bytes: f64,
    pub write_requests: f64,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub struct Stored {
    pub rendition_bytes: i64,
    pub original_bytes: i64,
    pub archive_bytes: i64,
}

/// A video by what it takes.
#[derive(Clone, Debug, Deserialize)]
pub struct Heavy {
    pub id: VideoId,
    pub uuid: Uuid,
    pub name: String,
    pub views: i64,
    pub rendition_bytes: i64,
    pub original_bytes: i64,
}

/// Bytes of a class, and whether they lie in a bucket.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClassUse {
    pub class: &'static str,
    pub bytes: i64,
    pub in_bucket: bool,
}

/// All that is known of what the site costs now.
#[derive(Clone, Debug)]
pub struct Report {
    pub month: i64,
    pub table: Table,
    pub budget: f64,
    /// In percent, of what the month costs so far; nothing without a budget.
    pub used_percent: Option<f64>,
    pub now: Bill,
    pub forecast: Bill,
    pub months: Vec<Usage>,
    pub classes: Vec<ClassUse>,
    pub savings: Savings,
}

/// Writes down what was counted, once a minute, and looks at the budget.
pub async fn round(app: &App) -> Result<()> {
    if !app.traffic.is_due(app.clock.now(), MINUTE) {
        return Ok(());
    }
    flush(app).await?;
    watch_budget(app).await
}

/// Writes down what was counted.
pub async fn flush(app: &App) -> Result<()> {
    let (taken, bucket) = (app.traffic.take(), app.storage.take_metered());
    let downloads = app.traffic.take_downloads();
    let month = month_of(app.clock.now());
    if let Err(error) = store::add(&app.db, month, taken, (bucket, downloads)).await {
        app.traffic.give_back(taken);
        app.traffic.give_back_downloads(downloads);
        return Err(error.into());
    }
    Ok(())
}

/// Puts aside what the settings say, and tells the administrators of each step once a month.
pub async fn watch_budget(app: &App) -> Result<()> {
    let settings = app.instance.settings();
    let costs = &settings.costs;
    let report = report(app).await?;
    let percent = report.used_percent.unwrap_or(0.0);
    let is_short = percent >= 90.0;
    let savings = Savings {
        lower_quality: is_short && costs.lower_quality.enabled,
        redirect_only: is_short && costs.redirect_only.enabled,
        ask_uploaders: is_short && costs.ask_uploaders.enabled,
        stop_uploads: percent >= 100.0 && costs.stop_uploads.enabled,
    };
    app.traffic.save_on(savings);
    app.storage.pass_by_proxy(savings.redirect_only);
    // Pages tell of it.
    app.db.touch();
    let step = [100_i64, 90, 80]
        .into_iter()
        .find(|step| percent >= f64::from(i32::try_from(*step).unwrap_or(0)));
    let Some(step) = step else {
        return Ok(());
    };
    let month = month_of(app.clock.now());
    let told = instance::fact(&app.db, TOLD).await?.unwrap_or_default();
    let told_step = match told.get("month").and_then(Value::as_i64) {
        Some(of) if of == month => told.get("step").and_then(Value::as_i64).unwrap_or(0),
        _ => 0,
    };
    if told_step >= step {
        return Ok(());
    }
    tell(app, step, &report).await?;
    let told = json!({ "month": month, "step": step });
    instance::keep_fact(&app.db, &app.clock, TOLD, told).await?;
    Ok(())
}

async fn tell(app: &App, step: i64, report: &Report) -> Result<()> {
    tracing::warn!(step, "the budget of the month is nearly used up");
    if !app.mail.is_on() {
        return Ok(());
    }
    let site = app.instance.name();
    let currency = report.table.currency;
    let [step, used, budget, forecast] = [
        step.to_string(),
        money(report.now.total, currency),
        money(report.budget, currency),
        money(report.forecast.total, currency),
    ];
    let url = app.url("/admin/costs");
    let mut tx = app.db.begin().await?;
    for (to, language) in crate::account::administrators(app).await? {
        let words = [
            ("site", Filling::Word(&site)),
            ("step", Filling::Word(&step)),
            ("used", Filling::Word(&used)),
            ("budget", Filling::Word(&budget)),
            ("forecast", Filling::Word(&forecast)),
            ("url", Filling::Word(&url)),
        ];
        let texts = i18n::texts(&language);
        let letter = Letter {
            to,
            subject: texts.fill("cost-letter-subject", &words),
            text: texts.fill("cost-letter-text", &words),
        };
        mail::enqueue(app, &mut tx, &letter).await?;
    }
    tx.commit().await?;
    app.workers.wake();
    Ok(())
}

/// `12.34 USD`.
pub fn money(amount: f64, currency: &str) -> String {
    format!("{amount:.2} {currency}")
}

impl Report {
    pub fn this_month(&self) -> Option<&Usage> {
        self.months.iter().find(|usage| usage.month == self.month)
    }
}

pub async fn report(app: &App) -> Result<Report> {
    let settings = app.instance.settings();
    let table = price::table(&settings.costs);
    let months = store::months(&app.db).await?;
    let classes = classes(app).await?;
    let in_bucket = classes.iter().filter(|it| it.in_bucket);
    let in_bucket = float(in_bucket.map(|it| it.bytes).sum());
    let at = app.clock.now();
    let this = find(&months, month_of(at));
    let now = price::bill(&table, &this, in_bucket);
    let rest = rest_of_month(&months, at);
    let forecast = price::bill(&table, &this.plus(&rest), in_bucket);
    let budget = settings.costs.budget.max(0.0);
    Ok(Report {
        month: this.month,
        table,
        budget,
        used_percent: (budget > 0.0).then(|| now.total / budget * 100.0),
        now,
        forecast,
        months,
        classes,
        savings: app.traffic.savings(),
    })
}

fn find(months: &[Usage], month: i64) -> Usage {
    let found = months.iter().find(|usage| usage.month == month);
    found.copied().unwrap_or(Usage {
        month,
        ..Usage::default()
    })
}

/// The rest of the month goes on as it began; in its first days, as the month before was.
fn rest_of_month(months: &[Usage], now: Millis) -> Usage {
    let (start, end) = bounds(now);
    let gone = float(now - start) / float(end - start);
    let this = find(months, month_of(now));
    let last = months
        .iter()
        .find(|usage| usage.month == month_of(start - 1));
    match last {
        Some(last) if gone < EARLY => last.times(1.0 - gone),
        _ => this.times((1.0 - gone) / gone.max(EARLY / 3.0)),
    }
}

impl Usage {
    /// A figure as a whole number.
    pub fn whole(figure: f64) -> i64 {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "it stops at the largest number"
        )]
        let whole = figure.round() as i64;
        whole
    }

    fn times(&self, by: f64) -> Usage {
        self.with(self, |a, _| a * by)
    }

    fn plus(&self, other: &Usage) -> Usage {
        self.with(other, |a, b| a + b)
    }

    fn with(&self, other: &Usage, f: impl Fn(f64, f64) -> f64) -> Usage {
        Usage {
            month: self.month,
            viewer_bytes: f(self.viewer_bytes, other.viewer_bytes),
            viewer_requests: f(self.viewer_requests, other.viewer_requests),
            server_bytes: f(self.server_bytes, other.server_bytes),
            server_requests: f(self.server_requests, other.server_requests),
            given_bytes: f(self.given_bytes, other.given_bytes),
            given_requests: f(self.given_requests, other.given_requests),
            read_bytes: f(self.read_bytes, other.read_bytes),
            read_requests: f(self.read_requests, other.read_requests),
            written_bytes: f(self.written_bytes, other.written_bytes),
            write_requests: f(self.write_requests, other.write_requests),
        }
    }
}

/// The big classes as the database knows them now, the others as they were measured last.
async fn classes(app: &App) -> Result<Vec<ClassUse>> {
    let stored = store::stored(&app.db).await?;
    let measured = instance::fact(&app.db, MEASURED).await?.unwrap_or_default();
    let found = Class::ALL.into_iter().map(|class| ClassUse {
        class: class.name(),
        bytes: match class {
            Class::Rendition => stored.rendition_bytes,
            Class::Original => stored.original_bytes,
            Class::Archive => stored.archive_bytes,
            other => {
                let bytes = measured.get(other.name()).and_then(Value::as_i64);
                bytes.unwrap_or(0)
            }
        },
        in_bucket: app.storage.is_in_bucket(class),
    });
    Ok(found.collect())
}

/// Adds up the small classes by listing them: a request for each thousand.
pub async fn measure(app: &App) -> Result<(), JobError> {
    let mut measured = Map::new();
    let failed = |error: base::storage::StorageError| JobError::Retry(error.to_string());
    for class in Class::ALL {
        if matches!(class, Class::Rendition | Class::Original | Class::Archive) {
            continue;
        }
        let mut bytes = 0_u64;
        let mut found = app.storage.list(class, "").map_err(failed)?;
        while let Some(entry) = found.try_next().await.map_err(failed)? {
            bytes = bytes.saturating_add(entry.size_bytes);
        }
        measured.insert(class.name().to_owned(), bytes.into());
    }
    instance::keep_fact(&app.db, &app.clock, MEASURED, measured.into()).await?;
    Ok(())
}

/// The videos that take the most room.
pub async fn heaviest(app: &App, paging: Paging) -> Result<Vec<Heavy>> {
    Ok(store::heaviest(&app.db, paging.start, paging.count).await?)
}

fn float(number: i64) -> f64 {
    // Bytes and milliseconds stay below 2^53, where nothing is lost.
    #[expect(clippy::cast_precision_loss, reason = "below 2^53")]
    let float = number as f64;
    float
}

/// Year and month as one number.
fn month_of(at: Millis) -> i64 {
    let iso = crate::check::iso(at);
    let mut parts = iso.split('-').map(|part| part.parse().unwrap_or(0));
    let (year, month) = (parts.next().unwrap_or(0), parts.next().unwrap_or(0));
    year * 100 + month
}

/// The first moment of the month and that of the next.
fn bounds(at: Millis) -> (Millis, Millis) {
    let month = month_of(at);
    let mut start = at - at.rem_euclid(DAY);
    while month_of(start - 1) == month {
        start -= DAY;
    }
    let mut end = start + 28 * DAY;
    while month_of(end) == month {
        end += DAY;
    }
    (start, end)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 16 November 2026, noon.
    const NOON: Millis = 1_794_830_400_000;

    #[test]
    fn a_month_is_known_by_its_days() {
        assert_eq!(month_of(NOON), 202_611);
        let (start, end) = bounds(NOON);
        assert_eq!((end - start) / DAY, 30);
        assert_eq!((month_of(start - 1), month_of(end)), (202_610, 202_612));
    }

    #[test]
    fn half_a_month_tells_of_the_other_half_and_its_first_day_does_not() {
        let this = Usage {
            month: 202_611,
            given_bytes: 100.0,
            ..Usage::default()
        };
        let last = Usage {
            month: 202_610,
            given_bytes: 600.0,
            ..Usage::default()
        };
        let rest = rest_of_month(&[this, last], NOON);
        let gone = 15.5 / 30.0;
        assert!((rest.given_bytes - 100.0 * (1.0 - gone) / gone).abs() < 1e-6);
        let (start, _) = bounds(NOON);
        let rest = rest_of_month(&[this, last], start + DAY);
        assert!((rest.given_bytes - 600.0 * 29.0 / 30.0).abs() < 1e-6);
    }
}
