//! What was typed into a form, plain or with files. Files of forms are small: pictures and captions.

use crate::app::App;
use crate::check::Body;
use crate::error::{Error, Result};
use axum::body::Bytes;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::header;
use serde_json::Value;

/// The most that a form with files may weigh.
const LIMIT: usize = 16 << 20;

/// The fields of a form, in their order; a name may come more than once.
#[derive(Debug, Default)]
pub struct Form {
    fields: Vec<(String, String)>,
    files: Vec<(String, File)>,
}

#[derive(Debug)]
pub struct File {
    pub name: String,
    pub bytes: Bytes,
}

impl FromRequest<App> for Form {
    type Rejection = Error;

    async fn from_request(request: Request, app: &App) -> Result<Self> {
        let kind = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok());
        if kind.is_some_and(|kind| kind.starts_with("multipart/form-data")) {
            return read_parts(request, app).await;
        }
        let Body(body) = Body::from_request(request, app).await?;
        let mut form = Form::default();
        for (name, value) in body {
            match value {
                Value::Array(values) => values.iter().for_each(|value| form.add(&name, value)),
                value => form.add(&name, &value),
            }
        }
        Ok(form)
    }
}

async fn read_parts(request: Request, app: &App) -> Result<Form> {
    let broken = |_| Error::bad_request("The form ended before it was complete.");
    let mut parts = Multipart::from_request(request, app)
        .await
        .map_err(|_| Error::bad_request("The form could not be read."))?;
    let mut form = Form::default();
    let mut weight = 0;
    while let Some(mut part) = parts.next_field().await.map_err(broken)? {
        let name = part.name().unwrap_or_default().to_owned();
        let file_name = part.file_name().map(str::to_owned);
        let mut bytes = Vec::new();
        while let Some(chunk) = part.chunk().await.map_err(broken)? {
            weight += chunk.len();
            if weight > LIMIT {
                return Err(Error::too_large("The form is too large."));
            }
            bytes.extend_from_slice(&chunk);
        }
        match file_name {
            Some(file_name) if !bytes.is_empty() => {
                form.files.push((
                    name,
                    File {
                        name: file_name,
                        bytes: bytes.into(),
                    },
                ));
            }
            Some(_) => {}
            None => form
                .fields
                .push((name, String::from_utf8_lossy(&bytes).into_owned())),
        }
    }
    Ok(form)
}

impl Form {
    fn add(&mut self, name: &str, value: &Value) {
        let text = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        self.fields.push((name.to_owned(), text));
    }

    /// All that was typed, in its order.
    pub fn pairs(&self) -> Vec<(String, String)> {
        self.fields.clone()
    }

    /// What stands in a field, without the space around it; empty when there is none.
    pub fn text(&self, name: &str) -> &str {
        self.raw(name).trim()
    }

    /// As [`Form::text`] with every space kept: passwords.
    pub fn raw(&self, name: &str) -> &str {
        self.fields
            .iter()
            .find(|(known, _)| known == name)
            .map_or("", |(_, value)| value)
    }

    pub fn all<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        self.fields
            .iter()
            .filter(move |(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    pub fn number(&self, name: &str) -> Option<i64> {
        self.text(name).parse().ok()
    }

    /// Is a box ticked?
    pub fn has(&self, name: &str) -> bool {
        !self.text(name).is_empty()
    }

    pub fn file(&self, name: &str) -> Option<&File> {
        self.files
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, file)| file)
    }

    /// What the wire calls `null` when nothing is typed.
    pub fn some(&self, name: &str) -> Option<String> {
        Some(self.text(name))
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
    }
}
