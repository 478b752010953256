//! What a worker says to the site: PeerTube's runner protocol, with the places that our own jobs add.

use anyhow::{Context, bail};
use base::fetch::{Fetch, FetchRequest, FetchResponse};
use bytes::Bytes;
use http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

const JSON: &str = "application/json";
/// A slow line takes a while to bring a part.
const BRING: Duration = Duration::from_secs(30 * 60);

pub struct Client {
    fetch: Fetch,
    server: String,
    runner: String,
    encoders: Vec<String>,
}

/// A part that this worker holds.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Job {
    pub uuid: String,
    pub job_token: String,
    pub payload: Payload,
    pub places: Places,
}

#[derive(Debug, Deserialize)]
pub struct Payload {
    /// With this one part.
    pub plan: media::Plan,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Places {
    pub source: String,
    pub source_id: String,
    pub source_bytes: u64,
    /// Where each rendition's file goes.
    pub results: BTreeMap<String, String>,
}

/// The site does not know this worker any more, so asking again will not help.
#[derive(Debug, thiserror::Error)]
#[error("the site has removed this worker; join again with a new registration token")]
struct Removed;

pub fn is_final(error: &anyhow::Error) -> bool {
    error.is::<Removed>()
}

/// Joins the site and gives the worker's own token.
pub async fn register(
    fetch: &Fetch,
    server: &str,
    token: &str,
    name: &str,
) -> anyhow::Result<String> {
    let body = json!({
        "registrationToken": token, "name": name, "description": "vidicon worker",
        "version": env!("CARGO_PKG_VERSION"),
    });
    let url = format!("{server}/api/v1/runners/register");
    let request = FetchRequest::post(url, JSON, body.to_string());
    let answer = fetch.send(request).await.context("ask the site")?;
    if !answer.status.is_success() {
        bail!("the site does not let this worker join: {}", said(&answer));
    }
    let answer: Value = serde_json::from_slice(&answer.body)?;
    let token = answer.get("runnerToken").and_then(Value::as_str);
    Ok(token.context("the site gave no token")?.to_owned())
}

/// What an answer says in words.
fn said(answer: &FetchResponse) -> String {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let detail = body.get("detail").or_else(|| body.get("error"));
    let detail = detail.and_then(Value::as_str).unwrap_or_default();
    format!("{} {detail}", answer.status.as_u16())
}

impl Client {
    pub fn new(fetch: Fetch, server: String, runner: String, encoders: Vec<String>) -> Self {
        Client {
            fetch,
            server,
            runner,
            encoders,
        }
    }

    pub fn server(&self) -> &str {
        &self.server
    }

    pub fn fetch(&self) -> &Fetch {
        &self.fetch
    }

    async fn post(&self, path: &str, more: Value) -> anyhow::Result<FetchResponse> {
        let mut body = json!({
            "runnerToken": self.runner, "version": env!("CARGO_PKG_VERSION"),
        });
        if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
            body.extend(more);
        }
        let url = format!("{}/api/v1/runners/jobs/{path}", self.server);
        let request = FetchRequest::post(url, JSON, body.to_string()).limit(16 * 1024 * 1024);
        Ok(self.fetch.send(request).await?)
    }

    /// Does the site know this worker?
    pub async fn is_known(&self) -> anyhow::Result<bool> {
        match self.available().await {
            Err(error) if is_final(&error) => Ok(false),
            Err(error) => Err(error),
            Ok(_) => Ok(true),
        }
    }

    /// The parts that may be taken.
    pub async fn available(&self) -> anyhow::Result<Vec<String>> {
        let ask = json!({ "jobTypes": [crate::runner::part::KIND], "encoders": self.encoders });
        let answer = self.post("request", ask).await?;
        if answer.status == StatusCode::NOT_FOUND {
            return Err(Removed.into());
        }
        if !answer.status.is_success() {
            bail!("{}", said(&answer));
        }
        #[derive(Deserialize)]
        struct Offer {
            uuid: String,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Offers {
            available_jobs: Vec<Offer>,
        }
        let offers: Offers = serde_json::from_slice(&answer.body).context("read the offers")?;
        Ok(offers
            .available_jobs
            .into_iter()
            .map(|job| job.uuid)
            .collect())
    }

    /// Takes a part; nothing when another worker was faster.
    pub async fn accept(&self, uuid: &str) -> anyhow::Result<Option<Job>> {
        let answer = self.post(&format!("{uuid}/accept"), json!({})).await?;
        if answer.status.is_client_error() {
            return Ok(None);
        }
        if !answer.status.is_success() {
            bail!("{}", said(&answer));
        }
        #[derive(Deserialize)]
        struct Accepted {
            job: Job,
        }
        let accepted: Accepted = serde_json::from_slice(&answer.body).context("read the job")?;
        Ok(Some(accepted.job))
    }

    /// Says that the part is being worked on; false when it is this worker's no more.
    pub async fn still_here(&self, job: &Job, percent: i64) -> anyhow::Result<bool> {
        let answer = self
            .about(job, "update", json!({ "progress": percent }))
            .await?;
        let refused = [StatusCode::NOT_FOUND, StatusCode::BAD_REQUEST];
        Ok(!refused.contains(&answer.status))
    }

    pub async fn about(&self, job: &Job, what: &str, more: Value) -> anyhow::Result<FetchResponse> {
        let mut body = json!({ "jobToken": job.job_token });
        if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
            body.extend(more);
        }
        self.post(&format!("{}/{what}", job.uuid), body).await
    }

    /// Puts a rendition's file where it belongs: into the bucket, or to the site.
    pub async fn bring(&self, url: &str, file: Bytes) -> anyhow::Result<()> {
        let mut request = FetchRequest::get(url).timeout(BRING);
        request.method = Method::PUT;
        request.body = file;
        let answer = self.fetch.send(request).await?;
        if !answer.status.is_success() {
            bail!("the result was not taken: {}", said(&answer));
        }
        Ok(())
    }
}
