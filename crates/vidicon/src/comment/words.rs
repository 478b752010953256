//! Lists of words that are watched for, by an account in comments on its videos or by the site
//! everywhere; written by hand, or read from elsewhere and kept up to date.

use super::store::words as store;
use crate::account::AccountId;
use crate::app::App;
use crate::check::length_of;
use crate::error::{Error, Result};
use crate::listing::{Paging, Sort};
use base::Id;
use base::clock::{DAY, Millis};
use base::fetch::FetchRequest;
use serde::Deserialize;
use serde_json::Value;

pub type ListId = Id<List>;
pub type SubscriptionId = Id<Subscription>;

/// Reads lists that are kept up to date from elsewhere.
pub const SYNC_JOB: &str = "watched_words_sync";

/// Words in a list, and characters in a word.
pub const WORDS: std::ops::RangeInclusive<usize> = 1..=500;
pub const WORD: std::ops::RangeInclusive<usize> = 1..=100;
pub const NAME: std::ops::RangeInclusive<usize> = 1..=100;
/// Bytes of a list from elsewhere.
const LARGEST: u64 = 512 * 1024;

#[derive(Clone, Debug, Deserialize)]
pub struct List {
    pub id: ListId,
    pub name: String,
    pub words: Vec<String>,
    /// Where the words come from, when they are read from elsewhere.
    pub subscription_url: Option<String>,
    pub created_at: Millis,
    pub updated_at: Millis,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Subscription {
    pub id: SubscriptionId,
    pub account_id: Option<AccountId>,
    pub name: String,
    pub url: String,
    pub word_count: i64,
    pub state: i64,
    pub last_sync_at: Option<Millis>,
    pub created_at: Millis,
    pub updated_at: Millis,
}

fn list_taken(error: base::db::Error) -> Error {
    if error.is_unique() {
        Error::bad_request("A list with this name already exists")
    } else {
        error.into()
    }
}

pub async fn lists(
    app: &App,
    account: Option<AccountId>,
    sort: Sort,
    paging: Paging,
) -> Result<(i64, Vec<List>)> {
    let total = store::count(&app.db, account).await?;
    Ok((total, store::page(&app.db, account, sort, paging).await?))
}

pub async fn find(app: &App, account: Option<AccountId>, id: ListId) -> Result<List> {
    let found = store::find(&app.db, account, id).await?;
    found.ok_or_else(|| Error::not_found("Watched words list not found"))
}

pub async fn add(
    app: &App,
    account: Option<AccountId>,
    name: &str,
    words: &[String],
) -> Result<ListId> {
    let now = app.clock.now();
    store::add(&app.db, account, name, words, None, now)
        .await
        .map_err(list_taken)
}

/// Gives a list another name, other words, or both.
pub async fn change(
    app: &App,
    account: Option<AccountId>,
    list: &List,
    name: Option<String>,
    words: Option<Vec<String>>,
) -> Result<()> {
    let name = name.unwrap_or_else(|| list.name.clone());
    let words = words.unwrap_or_else(|| list.words.clone());
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    store::change(&mut tx, list.id, &name, &words, now)
        .await
        .map_err(list_taken)?;
    if name != list.name {
        store::rename_tag(&mut tx, account, &list.name, Some(&name)).await?;
    }
    Ok(tx.commit().await?)
}

pub async fn delete(app: &App, account: Option<AccountId>, list: &List) -> Result<()> {
    let mut tx = app.db.begin().await?;
    store::delete(&mut tx, list.id).await?;
    store::rename_tag(&mut tx, account, &list.name, None).await?;
    Ok(tx.commit().await?)
}

pub async fn subscriptions(
    app: &App,
    account: Option<AccountId>,
    search: Option<&str>,
    sort: Sort,
    paging: Paging,
) -> Result<(i64, Vec<Subscription>)> {
    let search = search.map(crate::account::like);
    let search = search.as_deref();
    let total = store::subscription_count(&app.db, account, search).await?;
    let page = store::subscriptions(&app.db, account, search, sort, paging).await?;
    Ok((total, page))
}

/// Reads a list from elsewhere now, and again every day.
pub async fn subscribe(app: &App, account: Option<AccountId>, url: &str) -> Result<Subscription> {
    if store::subscription_by_url(&app.db, account, url)
        .await?
        .is_some()
    {
        return Err(Error::conflict("This list is subscribed to already."));
    }
    let read = read(app, url)
        .await
        .map_err(|why| Error::bad_request(format!("The list of words could not be read: {why}")))?;
    let taken = |error: base::db::Error| match error {
        error if error.is_unique() => {
            Error::conflict("There is a list or a subscription of this name already.")
        }
        error => error.into(),
    };
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let id = store::subscribe(&mut tx, account, &read.name, url, read.words.len(), now)
        .await
        .map_err(taken)?;
    store::add(&mut tx, account, &read.name, &read.words, Some(id), now)
        .await
        .map_err(taken)?;
    tx.commit().await?;
    let made = store::subscription(&app.db, id).await?;
    made.ok_or_else(subscription_not_found)
}

fn subscription_not_found() -> Error {
    Error::not_found("Watched words subscription not found")
}

pub async fn unsubscribe(app: &App, account: Option<AccountId>, id: SubscriptionId) -> Result<()> {
    let found = store::subscription(&app.db, id).await?;
    let found = found.filter(|subscription| subscription.account_id == account);
    let found = found.ok_or_else(subscription_not_found)?;
    let mut tx = app.db.begin().await?;
    store::rename_tag(&mut tx, account, &found.name, None).await?;
    store::unsubscribe(&mut tx, id).await?;
    Ok(tx.commit().await?)
}

/// Reads again what has not been read for a day.
pub async fn sync(app: &App) -> Result<()> {
    for stale in store::stale(&app.db, app.clock.now() - DAY).await? {
        let words = match read(app, &stale.url).await {
            Ok(read) => Some(read.words),
            Err(why) => {
                tracing::info!(subscription.id = %stale.id, why, "a list of words cannot be read");
                None
            }
        };
        let mut tx = app.db.begin().await?;
        store::synced(&mut tx, stale.id, words.as_deref(), app.clock.now()).await?;
        tx.commit().await?;
    }
    Ok(())
}

struct Read {
    name: String,
    words: Vec<String>,
}

/// Fetches a list: JSON with `name` (or `listName`) and `words`, or text with a word on each line.
async fn read(app: &App, url: &str) -> std::result::Result<Read, String> {
    let url = url::Url::parse(url).map_err(|error| error.to_string())?;
    let host = url.host_str().unwrap_or_default().to_owned();
    let request = FetchRequest::get(url.as_str()).limit(LARGEST).redirects(3);
    let answer = app.fetch.send(request).await;
    let answer = answer.and_then(base::fetch::FetchResponse::success);
    let answer = answer.map_err(|error| error.to_string())?;
    let text = String::from_utf8(answer.body.to_vec()).map_err(|_| "it is no text".to_owned())?;
    parse(&text, &host)
}

fn parse(text: &str, host: &str) -> std::result::Result<Read, String> {
    let (name, words) = match serde_json::from_str::<Value>(text) {
        Ok(value) => {
            let name = value.get("name").or_else(|| value.get("listName"));
            let name = name
                .and_then(Value::as_str)
                .unwrap_or(host)
                .trim()
                .to_owned();
            let list = value.get("words").unwrap_or(&value);
            let list = list.as_array().ok_or("it has no words")?;
            let words = list
                .iter()
                .filter_map(|word| word.as_str().map(str::to_owned));
            (name, words.collect())
        }
        Err(_) => {
            let lines = text.lines().map(str::trim);
            let words = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
            (
                host.to_owned(),
                words.map(str::to_owned).collect::<Vec<_>>(),
            )
        }
    };
    if !NAME.contains(&length_of(&name)) {
        return Err("its name is too long".to_owned());
    }
    if !WORDS.contains(&words.len()) || !words.iter().all(|word| WORD.contains(&length_of(word))) {
        return Err("it should have 1 to 500 words of 1 to 100 characters".to_owned());
    }
    Ok(Read { name, words })
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn lists_come_as_json_or_as_lines() {
        let json = parse(r#"{"name":"spam","words":["coin","pills"]}"#, "a.test").unwrap();
        assert_eq!((json.name.as_str(), json.words.len()), ("spam", 2));
        let lines = parse("# ours\ncoin\n\n pills \n", "a.test").unwrap();
        assert_eq!(
            (lines.name.as_str(), lines.words.as_slice()),
            ("a.test", &["coin".to_owned(), "pills".to_owned()][..])
        );
        assert!(parse("", "a.test").is_err());
        assert!(parse(r#"{"words":[]}"#, "a.test").is_err());
        assert!(parse(&"x".repeat(101), "a.test").is_err());
    }
}
