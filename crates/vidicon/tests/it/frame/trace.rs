//! Traces: what a collector gets, what it never gets, and that nobody waits for it.

use crate::app::TestApp;
use axum::http::HeaderMap;
use axum::routing::post;
use serde_json::{Value, json};
use std::sync::atomic::Ordering;
use tokio_util::sync::CancellationToken;

/// A collector that hands on what it gets.
async fn collector() -> (
    String,
    tokio::sync::mpsc::UnboundedReceiver<(String, Value)>,
) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1/traces", listener.local_addr().unwrap());
    let (got, all) = tokio::sync::mpsc::unbounded_channel();
    let take = async move |headers: HeaderMap, body: String| {
        let who = headers.get("authorization").map(|it| it.to_str().unwrap());
        let body = serde_json::from_str(&body).unwrap();
        got.send((who.unwrap_or_default().to_owned(), body))
            .unwrap();
        "{}"
    };
    let router = axum::Router::new().route("/v1/traces", post(take));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, all)
}

fn attribute<'s>(span: &'s Value, key: &str) -> &'s Value {
    let all = span["attributes"].as_array().unwrap();
    let found = all.iter().find(|it| it["key"] == key).unwrap();
    let value = found["value"].as_object().unwrap();
    value.values().next().unwrap()
}

#[tokio::test]
async fn a_collector_gets_routes_and_jobs_and_no_secret() {
    let (url, mut got) = collector().await;
    let app = TestApp::with(|config| {
        config.traces.url = url;
        config.traces.authorization = "Bearer collect".to_owned();
    })
    .await;
    let trace = "0af7651916cd43dd8448eb211c80319c";
    let secret = "3f0c6d58-1111-4222-8333-444455556666";
    let asked = app
        .get(&format!("/api/v1/videos/{secret}?token=hush"))
        .header("traceparent", &format!("00-{trace}-b7ad6b7169203331-01"))
        .header("authorization", "Bearer hush-hush")
        .await;
    app.get("/api/v1/config")
        .header("traceparent", &format!("00-{trace}-b7ad6b7169203331-00"))
        .await
        .expect(200);
    base::job::NewJob::new("tidy", json!({}))
        .enqueue(&app.db, app.clock.now())
        .await
        .unwrap();
    app.run_jobs().await;
    let stop = CancellationToken::new();
    stop.cancel();
    vidicon::trace::send(app.app.clone(), stop.clone()).await;
    // Nothing was gathered while it was stopped already: what waits goes out at the end.
    let (who, body) = got.try_recv().unwrap();
    assert_eq!(who, "Bearer collect");
    let resource = &body["resourceSpans"][0];
    assert_eq!(
        resource["resource"]["attributes"][0]["value"]["stringValue"],
        "vidicon"
    );
    let spans = resource["scopeSpans"][0]["spans"].as_array().unwrap();
    let names: Vec<&str> = spans
        .iter()
        .map(|it| it["name"].as_str().unwrap())
        .collect();
    // The second request was one that the proxy in front does not keep.
    assert_eq!(names, ["GET /api/v1/videos/{id}", "job tidy"]);
    let (request, job) = (&spans[0], &spans[1]);
    assert_eq!(request["traceId"], trace);
    assert_eq!(request["parentSpanId"], "b7ad6b7169203331");
    let status = asked.status.as_u16().to_string();
    assert_eq!(attribute(request, "http.response.status_code"), &status);
    assert_eq!(request["status"], json!({}));
    assert_eq!(attribute(job, "job.outcome"), "done");
    let number = |name: &str| request[name].as_str().unwrap().parse::<u128>().unwrap();
    assert!(number("endTimeUnixNano") >= number("startTimeUnixNano"));
    let text = body.to_string();
    assert!(!text.contains("hush") && !text.contains(secret), "{text}");
}

#[tokio::test]
async fn nobody_waits_for_a_collector_and_its_queue_has_an_end() {
    let app = TestApp::with(|config| {
        config.traces.url = "http://127.0.0.1:1/".to_owned();
        config.metrics.token = "scrape".to_owned();
    })
    .await;
    for _ in 0..4_100 {
        app.traces.worked(app.traces.job("tidy", 1, 0), &Ok(()));
    }
    assert_eq!(app.traces.dropped.load(Ordering::Relaxed), 4);
    app.get("/api/v1/ping").await.expect(200);
    let figures = app.get("/metrics").token("scrape").await.expect(200).text();
    assert!(
        figures.contains("vidicon_trace_spans_dropped_total 5"),
        "{figures}"
    );
    let stop = CancellationToken::new();
    stop.cancel();
    vidicon::trace::send(app.app.clone(), stop).await;
    assert!(app.traces.dropped.load(Ordering::Relaxed) > 4_096);

    let off = TestApp::new().await;
    assert!(off.traces.job("tidy", 1, 0).is_none());
}
