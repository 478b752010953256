//! Lists of what sites mute: this site publishes its own and follows those of others.

use super::store::block_list as store;
use crate::app::App;
use crate::check::{iso, parse_date};
use crate::error::{Error, Result};
use crate::listing::{Paging, Sort};
use base::Id;
use base::clock::Millis;
use base::fetch::FetchRequest;
use base::job::{JobError, NewJob};
use serde::Deserialize;
use serde_json::{Value, json};

/// Marks ids of subscriptions.
#[derive(Debug)]
pub enum Followed {}
pub type SubscriptionId = Id<Followed>;

/// Brings all lists up to date; runs every hour, and at once after a new subscription.
pub const SYNC_JOB: &str = "block_lists";

/// Bytes of one answer, and acts in it that are looked at.
const LARGEST_LIST: u64 = 4 * 1024 * 1024;
const MOST_ACTS: usize = 50_000;
/// Acts in one answer of ours.
pub const LONGEST_LOG: i64 = 20_000;

#[derive(Clone, Debug, Deserialize)]
pub struct Subscription {
    pub id: SubscriptionId,
    pub url: String,
    pub name: String,
    pub last_sync_at: Option<Millis>,
    pub error: Option<String>,
    pub created_at: Millis,
    pub updated_at: Millis,
    pub accounts: i64,
    pub servers: i64,
}

/// One line of a list.
#[derive(Clone, Debug, Deserialize)]
pub struct Logged {
    pub act: String,
    pub target: String,
    pub at: Millis,
}

/// A list as sites publish it.
#[derive(Debug, Deserialize)]
struct Published {
    name: String,
    actions: Vec<Act>,
}

#[derive(Debug, Deserialize)]
struct Act {
    #[serde(rename = "type")]
    kind: String,
    target: String,
}

/// What this site muted and unmuted by hand since then, oldest first.
pub async fn public_log(app: &App, from: Millis) -> Result<Value> {
    if !app.instance.settings().blocklist.public_log.enabled {
        return Err(Error::forbidden(
            "This site does not publish what it mutes.",
        ));
    }
    let acts = store::log(&app.db, from, LONGEST_LOG).await?;
    let acts: Vec<Value> = acts
        .iter()
        .map(|it| json!({ "type": it.act, "target": it.target, "createdAt": iso(it.at) }))
        .collect();
    Ok(json!({ "name": app.instance.name(), "actions": acts }))
}

pub async fn list(
    app: &App,
    search: Option<&str>,
    paging: Paging,
    sort: Sort,
) -> Result<(i64, Vec<Subscription>)> {
    let total = store::count(&app.db, search).await?;
    let data = store::list(&app.db, search, paging, sort.descending).await?;
    Ok((total, data))
}

/// Follows the list at an address; what is on it is muted soon.
pub async fn subscribe(app: &App, url: &str) -> Result<Subscription> {
    let now = app.clock.now();
    let parsed = url::Url::parse(url).ok();
    let host = parsed
        .as_ref()
        .and_then(|url| url.host_str())
        .unwrap_or(url);
    let mut tx = app.db.begin().await?;
    let id = store::add(&mut tx, url, host, now).await.map_err(|error| {
        if error.is_unique() {
            Error::conflict("This list is followed already.")
        } else {
            error.into()
        }
    })?;
    NewJob::new(SYNC_JOB, json!({ "subscriptionId": id }))
        .enqueue(&mut tx, now)
        .await?;
    tx.commit().await?;
    app.workers.wake();
    let found = store::find(&app.db, id).await?;
    found.ok_or_else(|| Error::not_found("Subscription not found"))
}

/// Follows a list no more: what only it muted is heard again.
pub async fn unsubscribe(app: &App, id: SubscriptionId) -> Result<()> {
    if store::delete(&app.db, id).await? == 0 {
        return Err(Error::not_found("Subscription not found"));
    }
    Ok(())
}

/// The job: reads what is new on every list. A list that cannot be read waits for the next time.
pub async fn sync_all(app: &App) -> Result<(), JobError> {
    for subscription in store::all(&app.db).await? {
        let synced = sync(app, &subscription).await;
        let error = synced.as_ref().err().map(ToString::to_string);
        if let Some(error) = &error {
            tracing::warn!(subscription.id = %subscription.id, error, "a block list was not read");
        }
        store::note_error(&app.db, subscription.id, error.as_deref()).await?;
    }
    Ok(())
}

async fn sync(app: &App, subscription: &Subscription) -> Result<()> {
    let began = app.clock.now();
    let from = subscription.last_sync_at.unwrap_or(0);
    let mut url = url::Url::parse(&subscription.url).map_err(|_| unreadable("a bad address"))?;
    url.query_pairs_mut().append_pair("startDate", &iso(from));
    let request = FetchRequest::get(url.as_str())
        .limit(LARGEST_LIST)
        .redirects(3);
    let answer = app.fetch.send(request).await;
    let answer = answer.map_err(|error| unreadable(&error.to_string()))?;
    if !answer.status.is_success() {
        return Err(unreadable(&format!("the answer was {}", answer.status)));
    }
    let list: Published =
        serde_json::from_slice(&answer.body).map_err(|error| unreadable(&error.to_string()))?;
    let mut tx = app.db.begin().await?;
    for act in list.actions.iter().take(MOST_ACTS) {
        let target = act.target.trim().to_lowercase();
        let is_usable = (1..=400).contains(&target.len())
            && target != app.host()
            && !target.ends_with(&format!("@{}", app.host()));
        match act.kind.as_str() {
            "block" if is_usable => store::add_entry(&mut tx, subscription.id, &target).await?,
            "unblock" if is_usable => {
                store::delete_entry(&mut tx, subscription.id, &target).await?;
            }
            _ => {}
        }
    }
    store::apply(&mut tx, subscription.id, began).await?;
    let name: String = list.name.chars().take(200).collect();
    store::note_sync(&mut tx, subscription.id, &name, began).await?;
    Ok(tx.commit().await?)
}

fn unreadable(why: &str) -> Error {
    Error::bad_request(format!("The list cannot be read: {why}."))
}

/// The `startDate` of a request for our list.
pub fn start_date(text: &str) -> Option<Millis> {
    parse_date(text)
}
