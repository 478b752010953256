//! The forum's own API, as its documentation describes it.

use crate::app::App;
use crate::video::Video;
use crate::wire;
use axum::http::{HeaderName, HeaderValue, Method};
use base::clock::Millis;
use base::fetch::{FetchRequest, FetchResponse};
use base::job::JobError;
use serde::Deserialize;
use serde_json::{Value, json};

const API_KEY: HeaderName = HeaderName::from_static("api-key");
const API_USERNAME: HeaderName = HeaderName::from_static("api-username");
/// Discourse's own limits of a title.
const LONGEST_TITLE: usize = 255;
const SHORTEST_TITLE: usize = 15;
/// Kinds of posts that are no words of anybody.
const SMALL_ACTION: i64 = 3;
const WHISPER: i64 = 4;

/// A topic that was opened.
#[derive(Debug)]
pub struct Made {
    pub topic_id: i64,
    pub url: String,
}

/// A post, as the API and the webhooks give it.
#[derive(Clone, Debug, Deserialize)]
pub struct Post {
    pub id: i64,
    pub topic_id: i64,
    pub post_number: i64,
    pub username: String,
    #[serde(default)]
    pub name: Option<String>,
    /// As HTML.
    #[serde(default)]
    pub cooked: String,
    #[serde(default)]
    pub reply_to_post_number: Option<i64>,
    #[serde(default)]
    created_at: Option<String>,
    #[serde(default)]
    post_type: Option<i64>,
    #[serde(default)]
    hidden: bool,
    #[serde(default)]
    deleted_at: Option<String>,
    #[serde(default)]
    user_deleted: bool,
}

impl Post {
    pub fn is_small_action(&self) -> bool {
        matches!(self.post_type, Some(SMALL_ACTION | WHISPER))
    }

    /// Taken away by its author or a moderator, or hidden by flags.
    pub fn is_gone(&self) -> bool {
        self.hidden || self.user_deleted || self.deleted_at.is_some()
    }

    pub fn created_at(&self, app: &App) -> Millis {
        let format = &time::format_description::well_known::Rfc3339;
        let text = self.created_at.as_deref().unwrap_or_default();
        time::OffsetDateTime::parse(text, format)
            .ok()
            .and_then(|at| Millis::try_from(at.unix_timestamp_nanos() / 1_000_000).ok())
            .unwrap_or_else(|| app.clock.now())
    }
}

fn request(app: &App, method: Method, path: &str, body: &Value) -> FetchRequest {
    let forum = &app.config.forum;
    let url = format!("{}{path}", forum.url);
    let mut request = FetchRequest::post(url, "application/json", body.to_string());
    request.method = method;
    for (name, value) in [
        (API_KEY, &forum.api_key),
        (API_USERNAME, &forum.api_username),
    ] {
        if let Ok(value) = HeaderValue::from_str(value) {
            request = request.header(name, value);
        }
    }
    request.limit(4 << 20)
}

async fn ask(app: &App, request: FetchRequest) -> Result<FetchResponse, JobError> {
    let answer = app.fetch.send(request).await;
    let answer = answer.map_err(|error| JobError::Retry(format!("the forum: {error}")))?;
    let status = answer.status;
    if status.is_success() {
        return Ok(answer);
    }
    let said: String = String::from_utf8_lossy(&answer.body)
        .chars()
        .take(300)
        .collect();
    let why = format!("the forum answered {status}: {said}");
    // Too fast, or in trouble itself: later. A wrong key or a title that it does not like: never.
    Err(match status.as_u16() {
        429 | 500..=599 => JobError::Retry(why),
        403 => JobError::Fail(format!("{why} (forum.api_key, forum.api_username)")),
        _ => JobError::Fail(why),
    })
}

/// A forum wants titles of some length.
fn title(name: &str, site: &str) -> String {
    let name = if name.chars().count() < SHORTEST_TITLE {
        format!("{name} – video at {site}")
    } else {
        name.to_owned()
    };
    name.chars().take(LONGEST_TITLE).collect()
}

#[derive(Deserialize)]
struct Opened {
    topic_id: i64,
    #[serde(default)]
    topic_slug: Option<String>,
}

/// Opens a topic. The address on a line of its own becomes a player there (a onebox).
pub async fn open(app: &App, video: &Video) -> Result<Made, JobError> {
    let short = crate::video::short_uuid::shorten(video.uuid);
    let address = app.url(&format!("/w/{short}"));
    let words = video.description.as_deref().unwrap_or_default();
    let mut body = json!({
        "title": title(&video.name, &app.instance.name()),
        "raw": format!("{address}\n\n{words}").trim_end(),
    });
    if app.config.forum.category > 0 {
        wire::put(&mut body, "category", app.config.forum.category);
    }
    let answer = ask(app, request(app, Method::POST, "/posts.json", &body)).await?;
    let opened: Opened = serde_json::from_slice(&answer.body)
        .map_err(|error| JobError::Fail(format!("the forum's answer: {error}")))?;
    let slug = opened.topic_slug.unwrap_or_else(|| "-".to_owned());
    Ok(Made {
        topic_id: opened.topic_id,
        url: format!("{}/t/{slug}/{}", app.config.forum.url, opened.topic_id),
    })
}

pub async fn rename(app: &App, topic_id: i64, name: &str) -> Result<(), JobError> {
    let body = json!({ "title": title(name, &app.instance.name()) });
    let path = format!("/t/-/{topic_id}.json");
    ask(app, request(app, Method::PUT, &path, &body))
        .await
        .map(drop)
}

/// The video is gone; what was said about it stays to be read.
pub async fn close(app: &App, topic_id: i64) -> Result<(), JobError> {
    let body = json!({ "status": "closed", "enabled": "true" });
    let path = format!("/t/{topic_id}/status.json");
    match ask(app, request(app, Method::PUT, &path, &body)).await {
        // Somebody deleted the topic: there is nothing to close.
        Err(JobError::Fail(_)) => Ok(()),
        other => other.map(drop),
    }
}

#[derive(Deserialize)]
struct TopicView {
    post_stream: Stream,
}

#[derive(Deserialize)]
struct Stream {
    posts: Vec<Post>,
}

/// The first posts of a topic; what comes later is told by the webhook.
pub async fn posts(app: &App, topic_id: i64) -> Result<Vec<Post>, JobError> {
    let path = format!("/t/{topic_id}.json");
    let mut asked = request(app, Method::GET, &path, &Value::Null);
    asked.body = bytes::Bytes::new();
    let answer = ask(app, asked).await?;
    let view: TopicView = serde_json::from_slice(&answer.body)
        .map_err(|error| JobError::Fail(format!("the forum's answer: {error}")))?;
    Ok(view.post_stream.posts)
}

#[cfg(test)]
mod tests {
    use super::title;

    #[test]
    fn titles_are_long_enough_and_not_too_long() {
        assert_eq!(title("Glass", "Our films"), "Glass – video at Our films");
        assert_eq!(title("A walk by the sea", "x"), "A walk by the sea");
        assert_eq!(title(&"x".repeat(400), "y").chars().count(), 255);
    }
}
