//! Turns a body or a query string into one JSON object.

use crate::error::Error;
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::{StatusCode, header, request::Parts};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde_json::{Map, Value};

/// Limits of bodies that are read whole, in bytes.
const JSON_LIMIT: usize = 500 * 1024;
const FORM_LIMIT: usize = 100 * 1024;

/// The query string as an object. `tags=a&tags=b` and `tags[]=a&tags[]=b` make lists.
#[derive(Clone, Debug, Default)]
pub struct Query(pub Map<String, Value>);

impl<S: Send + Sync> FromRequestParts<S> for Query {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        let query = parts.uri.query().unwrap_or_default();
        let pairs = url::form_urlencoded::parse(query.as_bytes());
        Ok(Query(from_pairs(pairs.map(|(name, value)| {
            (name.into_owned(), value.into_owned())
        }))))
    }
}

/// A JSON or form body as an object. Another content type reads as an empty one.
#[derive(Clone, Debug, Default)]
pub struct Body(pub Map<String, Value>);

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = Error;

    async fn from_request(request: Request, _: &S) -> Result<Self, Error> {
        let kind = request.headers().get(header::CONTENT_TYPE);
        let kind = kind
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
            .to_lowercase();
        let (kind, parameters) = kind.split_once(';').unwrap_or((&kind, ""));
        let kind = kind.trim().to_owned();
        let charset = charset(parameters).map(str::to_owned);
        if kind == "application/x-www-form-urlencoded" {
            let bytes = read(request, FORM_LIMIT).await?;
            let pairs = url::form_urlencoded::parse(&bytes);
            let pairs = pairs.map(|(name, value)| (name.into_owned(), value.into_owned()));
            return Ok(Body(from_pairs(pairs)));
        }
        if kind != "application/json" && !kind.ends_with("+json") {
            return Ok(Body::default());
        }
        if let Some(charset) = charset.filter(|charset| charset != "utf-8") {
            let detail = format!("unsupported charset \"{}\"", charset.to_uppercase());
            let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
            return Err(Error::new(status, detail).code("UnsupportedMediaTypeError"));
        }
        let bytes = read(request, JSON_LIMIT).await?;
        if bytes.is_empty() {
            return Ok(Body::default());
        }
        match serde_json::from_slice(&bytes) {
            Ok(Value::Object(object)) => Ok(Body(object)),
            Ok(_) => Ok(Body::default()),
            Err(error) => Err(Error::bad_request(format!(
                "The JSON of the request is broken: {error}"
            ))
            .code("SyntaxError")),
        }
    }
}

/// The encoding that a content type names.
fn charset(parameters: &str) -> Option<&str> {
    parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        (name.trim() == "charset").then(|| value.trim().trim_matches('"'))
    })
}

async fn read(request: Request, limit: usize) -> Result<Bytes, Error> {
    match Limited::new(request.into_body(), limit).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(Error::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "request entity too large",
        )
        .code("PayloadTooLargeError")),
        Err(_) => Err(Error::bad_request(
            "The request ended before its body was complete.",
        )),
    }
}

/// Builds one object of names with brackets: `a[b]=1` nests, `a[]=1` and repeated names make lists.
pub fn from_pairs(pairs: impl IntoIterator<Item = (String, String)>) -> Map<String, Value> {
    let mut object = Map::new();
    for (name, value) in pairs {
        let (head, path) = split_name(&name);
        insert(&mut object, head, &path, Value::String(value));
    }
    object
}

/// `tags[0]` is `tags` and `["0"]`. Deeper than four levels the rest is left out.
fn split_name(name: &str) -> (&str, Vec<&str>) {
    let Some((head, rest)) = name.split_once('[') else {
        return (name, Vec::new());
    };
    let path = rest
        .split('[')
        .take(4)
        .map(|part| part.trim_end_matches(']'))
        .collect();
    (head, path)
}

fn insert(object: &mut Map<String, Value>, name: &str, path: &[&str], value: Value) {
    let place = object.entry(name.to_owned());
    match path {
        [] => match place {
            serde_json::map::Entry::Vacant(place) => {
                place.insert(value);
            }
            serde_json::map::Entry::Occupied(mut place) => push(place.get_mut(), value),
        },
        [index] if index.is_empty() || index.chars().all(|c| c.is_ascii_digit()) => {
            push(place.or_insert_with(|| Value::Array(Vec::new())), value);
        }
        // A list of objects: `tasks[0][name]=cut`.
        [index, inner, rest @ ..] if index.chars().all(|c| c.is_ascii_digit()) => {
            let list = place.or_insert_with(|| Value::Array(Vec::new()));
            let at = index.parse::<usize>().unwrap_or(0).min(99);
            if let Value::Array(list) = list {
                while list.len() <= at {
                    list.push(Value::Object(Map::new()));
                }
                if let Some(Value::Object(object)) = list.get_mut(at) {
                    insert(object, inner, rest, value);
                }
            }
        }
        [inner, rest @ ..] => {
            let nested = place.or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(nested) = nested {
                insert(nested, inner, rest, value);
            }
        }
    }
}

fn push(place: &mut Value, value: Value) {
    match place {
        Value::Array(values) => values.push(value),
        other => {
            let first = other.take();
            *other = Value::Array(vec![first, value]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn brackets_and_repeats() {
        let query = "a=1&tags[]=x&tags[]=y&n=1&n=2&channel[name]=c&tasks[0][name]=cut&tasks[0][options][end]=3";
        let pairs = url::form_urlencoded::parse(query.as_bytes());
        let object = from_pairs(pairs.map(|(n, v)| (n.into_owned(), v.into_owned())));
        let wanted = json!({
            "a": "1", "tags": ["x", "y"], "n": ["1", "2"], "channel": { "name": "c" },
            "tasks": [{ "name": "cut", "options": { "end": "3" } }],
        });
        assert_eq!(Value::Object(object), wanted);
    }
}
