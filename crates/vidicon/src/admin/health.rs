//! Is everything well? Each part of the site is looked at, and what was found is one plain
//! sentence with, where something is wrong, what to do about it.

pub mod api;
mod machine;
mod network;
mod service;
pub mod watch;

pub use machine::resident_bytes;

use crate::app::App;
use crate::error::{Error, Result};
use crate::i18n::{Filling, Texts};
use base::job::NewJob;
use serde::Serialize;
use serde_json::json;
use std::time::Duration;

/// No single look takes longer; a mail server that does not answer must not hold up the others.
const PATIENCE: Duration = Duration::from_secs(8);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Mood {
    Good,
    Warn,
    Bad,
}

/// What an administrator may have done by a button: safe at any time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Remedy {
    ResumeJobs,
    RetryJobs,
    RenewCertificate,
    TidyUp,
    BackUp,
}

impl Remedy {
    pub const ALL: [Remedy; 5] = [
        Remedy::ResumeJobs,
        Remedy::RetryJobs,
        Remedy::RenewCertificate,
        Remedy::TidyUp,
        Remedy::BackUp,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Remedy::ResumeJobs => "resume-jobs",
            Remedy::RetryJobs => "retry-jobs",
            Remedy::RenewCertificate => "renew-certificate",
            Remedy::TidyUp => "tidy-up",
            Remedy::BackUp => "back-up",
        }
    }
}

/// What a look at one part of the site has found.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The part: `disk`, `mail`…
    pub part: &'static str,
    pub mood: Mood,
    /// Which of the part's sentences.
    pub case: &'static str,
    values: Vec<(&'static str, String)>,
    pub remedy: Option<Remedy>,
}

impl Finding {
    fn new(part: &'static str, mood: Mood, case: &'static str) -> Self {
        Finding {
            part,
            mood,
            case,
            values: Vec::new(),
            remedy: None,
        }
    }

    fn with(mut self, name: &'static str, value: impl std::fmt::Display) -> Self {
        self.values.push((name, value.to_string()));
        self
    }

    fn remedy(mut self, remedy: Remedy) -> Self {
        self.remedy = Some(remedy);
        self
    }

    /// The part's name.
    pub fn title(&self, texts: &'static Texts) -> String {
        texts.fill(&format!("doctor-{}", self.part), &[])
    }

    /// What was found.
    pub fn sentence(&self, texts: &'static Texts) -> String {
        let values: Vec<(&str, Filling<'_>)> = self
            .values
            .iter()
            .map(|(name, value)| (*name, Filling::Word(value)))
            .collect();
        texts.fill(&format!("doctor-{}-{}", self.part, self.case), &values)
    }

    /// What to do about it; nothing when all is well.
    pub fn fix(&self, texts: &'static Texts) -> Option<String> {
        (self.mood != Mood::Good).then(|| texts.fill(&format!("doctor-{}-fix", self.part), &[]))
    }

    pub fn view(&self, texts: &'static Texts) -> View {
        View {
            part: self.part,
            title: self.title(texts),
            mood: self.mood,
            sentence: self.sentence(texts),
            fix: self.fix(texts),
            remedy: self.remedy.map(Remedy::name),
        }
    }
}

/// A finding in words.
#[derive(Clone, Debug, Serialize, schemars::JsonSchema)]
pub struct View {
    pub part: &'static str,
    pub title: String,
    #[schemars(with = "String")]
    pub mood: Mood,
    pub sentence: String,
    pub fix: Option<String>,
    /// What can be done about it at once: `POST /api/v1/server/health/{remedy}`.
    pub remedy: Option<&'static str>,
}

/// Looks whether files can be kept, and no further.
pub async fn storage(app: &App) -> Finding {
    in_time("storage", machine::storage(app)).await
}

/// Looks at every part of the site, all at the same time.
pub async fn examine(app: &App) -> Vec<Finding> {
    // Many small examinations side by side make one large future.
    Box::pin(examine_all(app)).await
}

async fn examine_all(app: &App) -> Vec<Finding> {
    let (database, disk, storage, memory, clock) = tokio::join!(
        in_time("database", service::database(app)),
        in_time("disk", machine::disk(app)),
        in_time("storage", machine::storage(app)),
        in_time("memory", machine::memory(app)),
        in_time("clock", machine::clock(app)),
    );
    let (dns, certificate, mail, ffmpeg) = tokio::join!(
        in_time("dns", network::dns(app)),
        in_time("certificate", network::certificate(app)),
        in_time("mail", network::mail(app)),
        in_time("ffmpeg", machine::ffmpeg(app)),
    );
    let (queue, federation, backup) = tokio::join!(
        in_time("queue", service::queue(app)),
        in_time("federation", service::federation(app)),
        in_time("backup", service::backup(app)),
    );
    vec![
        database,
        disk,
        storage,
        memory,
        clock,
        dns,
        certificate,
        mail,
        ffmpeg,
        queue,
        federation,
        backup,
    ]
}

/// A look that fails or takes too long is a finding too.
async fn in_time(
    part: &'static str,
    look: impl Future<Output = anyhow::Result<Finding>>,
) -> Finding {
    let why = match tokio::time::timeout(PATIENCE, look).await {
        Ok(Ok(finding)) => return finding,
        Ok(Err(error)) => format!("{error:#}"),
        Err(_) => "no answer in time".to_owned(),
    };
    Finding::new(part, Mood::Bad, "bad").with("why", why)
}

/// Does what a button offers.
pub async fn remedy(app: &App, remedy: &str) -> Result<()> {
    let found = Remedy::ALL.into_iter().find(|it| it.name() == remedy);
    let found = found.ok_or_else(|| Error::not_found("There is no such remedy."))?;
    let now = app.clock.now();
    match found {
        Remedy::ResumeJobs => base::job::resume(&app.db).await?,
        Remedy::RetryJobs => {
            base::job::retry_failed(&app.db, now).await?;
        }
        Remedy::RenewCertificate => crate::certificate::look_after(app).await?,
        Remedy::TidyUp => {
            NewJob::new("tidy", json!({}))
                .once("tidy")
                .enqueue(&app.db, now)
                .await?;
        }
        Remedy::BackUp => crate::backup::ask(app).await?,
    }
    app.workers.wake();
    Ok(())
}
