//! Runners, their tokens and jobs as clients read them.

use super::store::Token;
use super::{Runner, RunnerJob, State};
use crate::check::iso;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TokenView {
    id: i64,
    registration_token: String,
    created_at: String,
    updated_at: String,
    registered_runners_count: i64,
}

impl From<Token> for TokenView {
    fn from(token: Token) -> Self {
        TokenView {
            id: token.id.0,
            registration_token: token.token,
            created_at: iso(token.created_at),
            updated_at: iso(token.updated_at),
            registered_runners_count: token.runners,
        }
    }
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RunnerView {
    id: i64,
    name: String,
    description: Option<String>,
    version: Option<String>,
    ip: Option<String>,
    last_contact: String,
    /// What a worker of ours can encode; null for other programs.
    encoders: Option<Vec<String>>,
    /// How far its results are believed: 0, when nothing is taken from it any more, to 100.
    trust: i64,
    created_at: String,
    updated_at: String,
}

impl From<Runner> for RunnerView {
    fn from(runner: Runner) -> Self {
        RunnerView {
            id: runner.id.0,
            name: runner.name,
            description: runner.description,
            version: runner.version,
            ip: runner.ip,
            last_contact: iso(runner.last_contact),
            encoders: runner
                .encoders
                .map(|names| names.split_whitespace().map(str::to_owned).collect()),
            trust: runner.trust,
            created_at: iso(runner.created_at),
            updated_at: iso(runner.updated_at),
        }
    }
}

/// The public fields of a job, and for administrators what nobody else is told.
pub fn job(job: &RunnerJob, is_for_admin: bool) -> Value {
    let state = |state: State| json!({ "id": state.number(), "label": state.label() });
    let parent = job
        .parent_uuid
        .zip(job.parent_state)
        .map(|(uuid, of)| json!({ "uuid": uuid, "type": job.parent_kind, "state": state(of) }));
    let runner = job.runner_id.map(
        |id| json!({ "id": id, "name": job.runner_name, "description": job.runner_description }),
    );
    let mut view = json!({
        "uuid": job.uuid,
        "type": job.kind,
        "state": state(job.state),
        "progress": job.progress,
        "priority": job.priority,
        "failures": job.failures,
        "error": job.error,
        "payload": job.payload,
        "startedAt": job.started_at.map(iso),
        "finishedAt": job.finished_at.map(iso),
        "createdAt": iso(job.created_at),
        "updatedAt": iso(job.updated_at),
        "parent": parent,
        "runner": runner,
    });
    if is_for_admin && let Some(view) = view.as_object_mut() {
        view.insert("privatePayload".into(), job.private_payload.clone());
    }
    view
}
