//! What the site uses and costs, with the budget and what is done before it is used up.

use super::tabs;
use crate::app::App;
use crate::cost::{self, Bill, Report, Usage, money};
use crate::error::{Error, Result};
use crate::instance;
use crate::listing::Paging;
use crate::page::card::{Choice, Tab};
use crate::page::form::Form;
use crate::page::{Page, go, words};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use serde_json::{Map, Value};

const HERE: &str = "/admin/costs";
const PROVIDERS: [(&str, &str); 7] = [
    ("custom", ""),
    ("digitalocean", "DigitalOcean Spaces"),
    ("backblaze", "Backblaze B2"),
    ("wasabi", "Wasabi"),
    ("cloudflare", "Cloudflare R2"),
    ("aws", "Amazon S3 (us-east-1)"),
    ("hetzner", "Hetzner Object Storage"),
];
const SWITCHES: [(&str, &str); 4] = [
    ("lowerQuality", "cost-lower-quality"),
    ("redirectOnly", "cost-redirect-only"),
    ("askUploaders", "cost-ask-uploaders"),
    ("stopUploads", "cost-stop-uploads"),
];
const PRICES: [(&str, &str); 10] = [
    ("base", "cost-price-base"),
    ("includedStorageGb", "cost-price-included-storage"),
    ("storageGb", "cost-price-storage"),
    ("includedEgressGb", "cost-price-included-egress"),
    ("egressGb", "cost-price-egress"),
    ("writesMillion", "cost-price-writes"),
    ("readsMillion", "cost-price-reads"),
    ("serverBase", "cost-price-server-base"),
    ("serverIncludedGb", "cost-price-server-included"),
    ("serverEgressGb", "cost-price-server-egress"),
];
const RULES: [(&str, &str); 3] = [
    ("archiveOriginalsDays", "cost-archive-days"),
    ("dropRenditionsDays", "cost-drop-days"),
    ("keepHeight", "cost-keep-height"),
];

#[derive(Template)]
#[template(path = "admin/costs.html")]
struct Costs<'p> {
    page: &'p Page,
    tabs: Vec<Tab>,
    error: Option<String>,
    lead: String,
    /// What is saved on now.
    saving: Vec<&'static str>,
    bills: Vec<Row>,
    flows: Vec<Row>,
    stored: Vec<Row>,
    videos: Vec<Video>,
    providers: Vec<Choice>,
    budget: String,
    switches: Vec<Switch>,
    prices: Vec<Number>,
    rules: Vec<Number>,
    editable: bool,
}

struct Row {
    label: String,
    first: String,
    second: String,
}

struct Video {
    url: String,
    name: String,
    size: String,
    views: String,
}

struct Switch {
    name: &'static str,
    label: &'static str,
    on: bool,
}

struct Number {
    name: &'static str,
    label: &'static str,
    value: String,
    /// What holds while nothing is written.
    usual: String,
}

/// `GET /admin/costs`.
pub async fn show(State(app): State<App>, page: Page) -> Result<Response> {
    let template = template(&app, &page).await?;
    Ok(page.render(&template))
}

async fn template<'p>(app: &App, page: &'p Page) -> Result<Costs<'p>> {
    let report = cost::report(app).await?;
    let first = Paging {
        start: 0,
        count: 15,
    };
    let heavy = cost::heaviest(app, first).await?;
    let tree = app.instance.changes();
    let costs = group(&tree, "costs");
    let prices = costs.get("prices").and_then(Value::as_object);
    let usual = serde_json::to_value(cost::preset(text(&costs, "provider"))).unwrap_or_default();
    let rules = group(&tree, "lifecycle");
    let provider = text(&costs, "provider");
    let names = PROVIDERS.iter().map(|(value, name)| {
        let own = if name.is_empty() {
            page.t("cost-own-prices")
        } else {
            name
        };
        ((*value).to_owned(), own)
    });
    Ok(Costs {
        page,
        tabs: tabs(page, HERE),
        error: None,
        lead: lead(page, &report),
        saving: saving(page, &report),
        bills: bills(page, &report),
        flows: flows(page, &report),
        stored: stored(page, &report),
        videos: heavy.into_iter().map(|it| video(page, &it)).collect(),
        providers: page.choices(names, provider, None),
        budget: amount(costs.get("budget"), 0.0),
        switches: SWITCHES
            .iter()
            .map(|(name, label)| Switch {
                name,
                label: page.t(label),
                on: costs.get(*name).and_then(|it| it.get("enabled")) == Some(&Value::Bool(true)),
            })
            .collect(),
        prices: PRICES
            .iter()
            .map(|(name, label)| Number {
                name,
                label: page.t(label),
                value: amount(prices.and_then(|prices| prices.get(*name)), -1.0),
                usual: amount(usual.get(*name), -1.0),
            })
            .collect(),
        rules: RULES
            .iter()
            .map(|(name, label)| Number {
                name,
                label: page.t(label),
                value: amount(rules.get(*name), -1.0),
                usual: String::new(),
            })
            .collect(),
        editable: app.config.server.settings_on_site,
    })
}

fn group(tree: &Map<String, Value>, name: &str) -> Map<String, Value> {
    let group = tree.get(name).and_then(Value::as_object);
    group.cloned().unwrap_or_default()
}

fn text<'m>(map: &'m Map<String, Value>, name: &str) -> &'m str {
    map.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// A number as it is typed; nothing where it is the one that stands for none.
fn amount(value: Option<&Value>, none: f64) -> String {
    match value.and_then(Value::as_f64) {
        Some(number) if number != none => number.to_string(),
        _ => String::new(),
    }
}

fn lead(page: &Page, report: &Report) -> String {
    let currency = report.table.currency;
    let (now, then) = (
        money(report.now.total, currency),
        money(report.forecast.total, currency),
    );
    let first = page.tyx("cost-lead", "now", now, "then", then);
    match report.used_percent {
        Some(percent) => {
            let budget = money(report.budget, currency);
            let percent = format!("{percent:.0}");
            let second = page.tyx("cost-budget-used", "percent", percent, "budget", budget);
            format!("{first} {second}")
        }
        None => first,
    }
}

fn saving(page: &Page, report: &Report) -> Vec<&'static str> {
    let savings = report.savings;
    let on = [
        savings.lower_quality,
        savings.redirect_only,
        savings.ask_uploaders,
        savings.stop_uploads,
    ];
    let kept = SWITCHES.iter().zip(on).filter(|(_, on)| *on);
    kept.map(|((_, label), _)| page.t(label)).collect()
}

/// A part of a bill.
type Part = fn(&Bill) -> f64;

fn bills(page: &Page, report: &Report) -> Vec<Row> {
    let parts: [(&'static str, Part); 6] = [
        ("cost-bill-base", |bill| bill.base),
        ("cost-bill-storage", |bill| bill.storage),
        ("cost-bill-egress", |bill| bill.egress),
        ("cost-bill-requests", |bill| bill.requests),
        ("cost-bill-server", |bill| bill.server),
        ("cost-bill-total", |bill| bill.total),
    ];
    let currency = report.table.currency;
    let row = |(label, part): (&'static str, Part)| Row {
        label: page.t(label).to_owned(),
        first: money(part(&report.now), currency),
        second: money(part(&report.forecast), currency),
    };
    parts.into_iter().map(row).collect()
}

fn flows(page: &Page, report: &Report) -> Vec<Row> {
    let this = report.this_month().copied().unwrap_or_default();
    let parts: [(&'static str, f64, f64); 5] = [
        ("cost-flow-viewer", this.viewer_bytes, this.viewer_requests),
        ("cost-flow-server", this.server_bytes, this.server_requests),
        ("cost-flow-given", this.given_bytes, this.given_requests),
        ("cost-flow-read", this.read_bytes, this.read_requests),
        ("cost-flow-written", this.written_bytes, this.write_requests),
    ];
    let row = |(label, bytes, requests): (&'static str, f64, f64)| Row {
        label: page.t(label).to_owned(),
        first: page.texts.size(Usage::whole(bytes)),
        second: page
            .texts
            .number(u64::try_from(Usage::whole(requests)).unwrap_or(0)),
    };
    parts.into_iter().map(row).collect()
}

fn stored(page: &Page, report: &Report) -> Vec<Row> {
    let used = report.classes.iter().filter(|it| it.bytes > 0);
    used.map(|it| Row {
        label: page
            .texts
            .find(&format!("cost-class-{}", it.class))
            .unwrap_or(it.class)
            .to_owned(),
        first: page.texts.size(it.bytes),
        second: page
            .t(if it.in_bucket {
                "cost-in-bucket"
            } else {
                "cost-on-disk"
            })
            .to_owned(),
    })
    .collect()
}

fn video(page: &Page, heavy: &cost::Heavy) -> Video {
    Video {
        url: format!("/admin/videos/{}", heavy.id),
        name: heavy.name.clone(),
        size: page.tyx(
            "cost-video-size",
            "renditions",
            page.texts.size(heavy.rendition_bytes),
            "original",
            page.texts.size(heavy.original_bytes),
        ),
        views: page
            .texts
            .number(u64::try_from(heavy.views).unwrap_or_default()),
    }
}

/// `POST /admin/costs`.
pub async fn save(State(app): State<App>, page: Page, form: Form) -> Result<Response> {
    let error = match change(&app, &form).await {
        Ok(()) => return Ok(go(&app, HERE, Some((false, page.t("saved"))))),
        Err(error) if error.status().is_server_error() => return Err(error),
        Err(error) => error,
    };
    let mut template = template(&app, &page).await?;
    form.text("budget").clone_into(&mut template.budget);
    for number in template.prices.iter_mut().chain(&mut template.rules) {
        form.text(number.name).clone_into(&mut number.value);
    }
    let prices = PRICES.map(|(name, label)| (format!("costs.prices.{name}"), label));
    let rules = RULES.map(|(name, label)| (format!("lifecycle.{name}"), label));
    let all = prices.iter().chain(&rules);
    let mut labels: Vec<(&str, &'static str)> =
        all.map(|(name, label)| (name.as_str(), *label)).collect();
    labels.push(("costs.budget", "cost-budget"));
    template.error = Some(words::fault(&page, &error, &labels));
    Ok(page.render_with(&template, error.status(), &[]))
}

async fn change(app: &App, form: &Form) -> Result<()> {
    if !app.config.server.settings_on_site {
        return Err(Error::bad_request(
            "The settings of this site are only changed in its settings file.",
        ));
    }
    let mut tree = (*app.instance.changes()).clone();
    let costs = tree.get_mut("costs").and_then(Value::as_object_mut);
    if let Some(costs) = costs {
        costs.insert("provider".to_owned(), form.text("provider").into());
        let budget = form.text("budget");
        let budget = if budget.is_empty() { "0" } else { budget };
        costs.insert("budget".to_owned(), budget.into());
        for (name, _) in SWITCHES {
            let on = serde_json::json!({ "enabled": form.has(name) });
            costs.insert(name.to_owned(), on);
        }
        let prices = PRICES.map(|(name, _)| (name.to_owned(), Value::from(form.text(name))));
        costs.insert("prices".to_owned(), Map::from_iter(prices).into());
    }
    let rules = RULES.map(|(name, _)| {
        let typed = form.text(name);
        let typed = if typed.is_empty() { "0" } else { typed };
        (name.to_owned(), Value::from(typed))
    });
    tree.insert("lifecycle".to_owned(), Map::from_iter(rules).into());
    instance::change(app, &tree).await?;
    cost::watch_budget(app).await
}
