//! The API's own description, and how much of the reference's it covers.

use crate::app::TestApp;
use std::collections::{BTreeMap, BTreeSet};
use vidicon::routes;

/// Raised with every landing: what was there once stays.
const FLOOR: usize = 289;

/// A path with the names of its parameters left out, so that only its shape is compared.
fn shape(path: &str) -> String {
    let mut shape = String::new();
    let mut inside = false;
    for c in path.chars() {
        match c {
            '{' => inside = true,
            '}' => {
                inside = false;
                shape.push_str("{}");
            }
            c if !inside => shape.push(c),
            _ => {}
        }
    }
    shape
}

#[tokio::test]
async fn the_operations_of_the_reference_are_here() {
    let app = TestApp::new().await;
    let (_, rows) = routes::site(&app);
    let ours: BTreeSet<String> = rows
        .iter()
        .map(|row| format!("{} {}", row.method, shape(row.path)))
        .collect();
    let text = include_str!("../../../../fixtures/openapi/reference-operations.txt");
    let reference: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(reference.len(), 304);
    let missing: Vec<&str> = reference
        .iter()
        .filter(|line| {
            let operation = line
                .rsplit_once(' ')
                .map_or(**line, |(operation, _)| operation);
            !ours.contains(operation)
        })
        .copied()
        .collect();
    let here = reference.len() - missing.len();
    println!(
        "{here} of {} operations of the reference are here",
        reference.len()
    );
    println!("missing:\n  {}", missing.join("\n  "));
    assert!(
        here >= FLOOR,
        "{here} operations are here, {FLOOR} were before"
    );
}

#[tokio::test]
async fn operation_ids_are_the_references_and_unique() {
    let app = TestApp::new().await;
    let (_, rows) = routes::site(&app);
    let mut known: BTreeMap<&str, String> = BTreeMap::new();
    let mut twice = Vec::new();
    for row in rows.iter().filter(|row| !row.id.is_empty()) {
        let place = format!("{} {}", row.method, row.path);
        if let Some(other) = known.insert(row.id, place.clone()) {
            twice.push(format!("{}: {other} and {place}", row.id));
        }
    }
    assert!(twice.is_empty(), "{}", twice.join("\n"));
}

#[tokio::test]
async fn the_document_describes_each_route() {
    let app = TestApp::new().await;
    let document = app.get("/api/v1/openapi.json").await.expect(200).json();
    assert_eq!(document["openapi"], "3.1.0");
    let custom = &document["paths"]["/api/v1/config/custom"];
    assert_eq!(custom["get"]["operationId"], "getCustomConfig");
    assert_eq!(custom["get"]["x-right"], "ManageConfiguration");
    assert_eq!(custom["get"]["security"][0]["token"], serde_json::json!([]));
    // A route is described whether or not the reference has an id for it.
    let ids: Vec<&str> = document["paths"]
        .as_object()
        .unwrap()
        .values()
        .flat_map(|operations| operations.as_object().unwrap().values())
        .map(|operation| operation["operationId"].as_str().unwrap())
        .collect();
    let unique: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(ids.len(), unique.len());
    assert!(unique.contains("getUsersMeSubscriptions"));
    let (_, rows) = routes::site(&app);
    let served = rows.iter().filter(|row| row.path.starts_with("/api/"));
    assert!(ids.len() >= served.count());
    // Every reference inside the document leads somewhere.
    let text = document.to_string();
    for (place, _) in text.match_indices("\"#/") {
        let pointer = text[place + 2..].split('"').next().unwrap();
        assert!(document.pointer(pointer).is_some(), "nothing at {pointer}");
    }
}

#[test]
fn paths_are_compared_by_their_shape() {
    assert_eq!(
        shape("/api/v1/videos/{id}/captions/{*rest}"),
        "/api/v1/videos/{}/captions/{}"
    );
    assert_eq!(shape("/feeds/videos.{format}"), "/feeds/videos.{}");
}
