//! The labels of the API in other languages, for clients that show the numbers' names in their own.

use crate::account::Role;
use crate::app::App;
use crate::error::{Error, Result};
use crate::i18n::{self, Texts};
use crate::video::labels::{LANGUAGES, categories, licences};
use crate::video::{Privacy, labels};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};

/// Clients ask at each start.
const FRESH: &str = "public, max-age=7200";

/// `GET /client/locales/{locale}/server.json`: what each English label is called there. English has
/// none, and neither have languages that the site does not speak.
pub async fn server(
    State(app): State<App>,
    Path((locale, file)): Path<(String, String)>,
) -> Result<Response> {
    let primary = locale.split(['-', '_']).next().unwrap_or_default();
    let language = i18n::known(primary).filter(|found| *found != "en");
    let Some(language) = language.filter(|_| file == "server.json") else {
        return Err(Error::not_found("There is nothing at this address."));
    };
    let words = words(&app, i18n::texts(language));
    Ok(([(header::CACHE_CONTROL, FRESH)], Json(words)).into_response())
}

fn words(app: &App, texts: &'static Texts) -> Map<String, Value> {
    let own = app.instance.labels();
    let category = |(id, label)| (format!("category-{id}"), label);
    let licence = |(id, label)| (format!("licence-{id}"), label);
    let privacy = |it: Privacy| (format!("privacy-{}", it.number()), it.label());
    let role = |it: Role| (format!("role-{}", i64::from(it)), it.label());
    let unknown = ("language-none".to_owned(), labels::UNKNOWN);
    let all = categories(own).all().map(category);
    let all = all.chain(licences(own).all().map(licence));
    let all = all.chain(Privacy::ALL.map(privacy));
    let all = all.chain([Role::Administrator, Role::Moderator, Role::User].map(role));
    let language = |(code, label): &(&str, &'static str)| (format!("language-{code}"), *label);
    let all = all.chain(LANGUAGES.iter().map(language)).chain([unknown]);
    let said = all.filter_map(|(key, label)| Some((label.to_owned(), texts.find(&key)?.into())));
    said.collect()
}
