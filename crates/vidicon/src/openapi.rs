//! The program's own description of its API, as OpenAPI 3.1, made of the role table: what stands
//! there is what is served.

use crate::access::Access;
use crate::instance::view::{API_VERSION, VERSION};
use crate::routes::Route;
use axum::http::Method;
use serde_json::{Map, Value, json};

/// The whole document.
pub fn document(public_url: &str, rows: &[Route]) -> Value {
    let mut schemas = Map::new();
    let mut paths: Map<String, Value> = Map::new();
    for row in rows.iter().filter(|row| is_for_programs(row)) {
        let path = plain_path(row.path);
        let operations = paths.entry(path).or_insert_with(|| json!({}));
        if let Some(operations) = operations.as_object_mut() {
            let method = row.method.as_str().to_lowercase();
            operations.insert(method, operation(row, &mut schemas));
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Vidicon",
            "version": VERSION,
            "description": format!(
                "The REST API of this site. It answers like PeerTube {API_VERSION}, so programs \
                 made for that work here."
            ),
            "license": { "name": "AGPL-3.0-or-later", "identifier": "AGPL-3.0-or-later" },
        },
        "servers": [{ "url": public_url }],
        "paths": paths,
        "components": {
            "securitySchemes": { "token": security_scheme() },
            "responses": { "Problem": problem() },
            "schemas": schemas,
        },
    })
}

fn is_for_programs(row: &Route) -> bool {
    !row.id.is_empty() || row.path.starts_with("/api/") || row.path.starts_with("/static/")
}

/// The reference's id where it gives one, else method and path in one word:
/// `getUsersMeSubscriptions`.
fn operation_id(row: &Route) -> String {
    if !row.id.is_empty() {
        return row.id.to_owned();
    }
    let path = row.path.strip_prefix("/api/v1").unwrap_or(row.path);
    let words = path.split(|c: char| !c.is_ascii_alphanumeric());
    words.fold(row.method.as_str().to_lowercase(), |mut id, word| {
        let mut letters = word.chars();
        id.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        id.push_str(letters.as_str());
        id
    })
}

fn security_scheme() -> Value {
    json!({
        "type": "oauth2",
        "flows": {
            "password": {
                "tokenUrl": "/api/v1/users/token",
                "refreshUrl": "/api/v1/users/token",
                "scopes": {},
            },
        },
    })
}

/// The shape of every refusal.
fn problem() -> Value {
    json!({
        "description": "Why the request was refused.",
        "content": {
            "application/problem+json": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "type": { "type": "string" },
                        "title": { "type": "string" },
                        "detail": { "type": "string" },
                        "status": { "type": "integer" },
                        "code": { "type": "string" },
                        "error": { "type": "string" },
                        "invalid-params": { "type": "object" },
                    },
                    "required": ["type", "status"],
                },
            },
        },
    })
}

fn operation(row: &Route, schemas: &mut Map<String, Value>) -> Value {
    let mut operation = json!({
        "operationId": operation_id(row),
        "tags": [tag(row.path)],
        "parameters": parameters(row),
        "responses": responses(row, schemas),
        "security": security(row.access),
    });
    let Some(object) = operation.as_object_mut() else {
        return operation;
    };
    if let Access::Right(right) = row.access {
        object.insert("x-right".to_owned(), format!("{right:?}").into());
    }
    if row.method == Method::POST || row.method == Method::PUT {
        let body = json!({
            "required": false,
            "content": { "application/json": { "schema": { "type": "object" } } },
        });
        object.insert("requestBody".to_owned(), body);
    }
    operation
}

/// `/api/v1/videos/{id}/{*rest}` as OpenAPI writes it.
fn plain_path(path: &str) -> String {
    path.replace("{*", "{")
}

/// The first word of the path behind the version.
fn tag(path: &str) -> &str {
    let rest = path.strip_prefix("/api/v1/").unwrap_or(path);
    rest.trim_start_matches('/')
        .split(['/', '.'])
        .next()
        .unwrap_or_default()
}

fn parameters(row: &Route) -> Vec<Value> {
    let named = row.path.split('/').filter_map(|part| {
        let (_, rest) = part.split_once('{')?;
        let (name, _) = rest.split_once('}')?;
        Some(json!({
            "name": name.trim_start_matches('*'),
            "in": "path",
            "required": true,
            "schema": { "type": "string" },
        }))
    });
    let mut parameters: Vec<Value> = named.collect();
    if is_list(row) {
        let number = |name: &str, most: i64| {
            json!({ "name": name, "in": "query",
                    "schema": { "type": "integer", "minimum": 0, "maximum": most } })
        };
        parameters.push(number("start", i64::MAX / 2));
        parameters.push(number("count", crate::listing::LARGEST_COUNT));
        parameters.push(json!({ "name": "sort", "in": "query", "schema": { "type": "string" } }));
    }
    parameters
}

fn is_list(row: &Route) -> bool {
    let schema = row.answer.map(|schema| schema());
    let title = schema.as_ref().and_then(|schema| schema.get("title"));
    title
        .and_then(Value::as_str)
        .is_some_and(|title| title.starts_with("Listed"))
}

fn responses(row: &Route, schemas: &mut Map<String, Value>) -> Value {
    let mut responses = Map::new();
    match &row.answer {
        Some(schema) => {
            let schema = hoisted(&operation_id(row), schema().to_value(), schemas);
            let content = json!({ "application/json": { "schema": schema } });
            responses.insert(
                "200".to_owned(),
                json!({ "description": "Done.", "content": content }),
            );
        }
        None => {
            responses.insert("2XX".to_owned(), json!({ "description": "Done." }));
        }
    }
    let mut refusals = vec!["400"];
    if row.access != Access::Public {
        refusals.push("401");
        refusals.push("403");
    }
    if row.path.contains('{') {
        refusals.push("404");
    }
    if row.path.starts_with("/api/") {
        refusals.push("429");
    }
    for status in refusals {
        let problem = json!({ "$ref": "#/components/responses/Problem" });
        responses.insert(status.to_owned(), problem);
    }
    Value::Object(responses)
}

fn security(access: Access) -> Value {
    match access {
        Access::Public => json!([]),
        Access::Optional => json!([{}, { "token": [] }]),
        Access::User | Access::Right(_) => json!([{ "token": [] }]),
    }
}

/// Moves the definitions inside one answer's schema to where all answers share them.
fn hoisted(id: &str, mut schema: Value, schemas: &mut Map<String, Value>) -> Value {
    let Some(object) = schema.as_object_mut() else {
        return schema;
    };
    object.remove("$schema");
    let Some(Value::Object(definitions)) = object.remove("$defs") else {
        return schema;
    };
    // Two types of different slices may have one name.
    let names: Map<String, Value> = definitions
        .iter()
        .map(|(name, definition)| {
            let mut moved = definition.clone();
            point(&mut moved, &Map::new());
            let taken = schemas.get(name).is_some_and(|known| *known != moved);
            let place = if taken {
                format!("{id}_{name}")
            } else {
                name.clone()
            };
            (name.clone(), place.into())
        })
        .collect();
    for (name, mut definition) in definitions {
        point(&mut definition, &names);
        let place = names.get(&name).and_then(Value::as_str).unwrap_or(&name);
        schemas.insert(place.to_owned(), definition);
    }
    point(&mut schema, &names);
    schema
}

/// Points every `$ref` to the shared place.
fn point(schema: &mut Value, names: &Map<String, Value>) {
    match schema {
        Value::Object(object) => {
            if let Some(Value::String(target)) = object.get_mut("$ref")
                && let Some(name) = target.strip_prefix("#/$defs/")
            {
                let place = names.get(name).and_then(Value::as_str).unwrap_or(name);
                *target = format!("#/components/schemas/{place}");
            }
            object.values_mut().for_each(|inner| point(inner, names));
        }
        Value::Array(values) => values.iter_mut().for_each(|inner| point(inner, names)),
        _ => {}
    }
}
