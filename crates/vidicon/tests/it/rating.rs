//! Likes and dislikes stay right when many change their minds at once.

use crate::app::TestApp;
use crate::video::add;
use futures::future::join_all;
use serde_json::json;

#[tokio::test]
async fn likes_are_counted_right_when_many_click_at_once() {
    let app = TestApp::new().await;
    app.user("ada").await;
    let video = add(&app, "ada", "A walk", |_| {}).await.uuid.to_string();
    let rate = format!("/api/v1/videos/{video}/rate");
    let mut people = Vec::new();
    for n in 0..6 {
        people.push(app.user(&format!("fan{n}")).await);
    }
    let click = async |token: &str, rating: &str| {
        app.put(&rate)
            .token(token)
            .json(json!({ "rating": rating }))
            .await
            .expect(204);
    };
    // Each clicks eight times at once, on all that there is.
    let words = [
        "like", "dislike", "none", "like", "like", "dislike", "none", "dislike",
    ];
    let all = people
        .iter()
        .flat_map(|token| words.map(|word| click(token, word)));
    join_all(all).await;
    let mut likes = 0;
    let mut dislikes = 0;
    for token in &people {
        let mine = app
            .get(&format!("/api/v1/users/me/videos/{video}/rating"))
            .token(token)
            .await;
        match mine.expect(200).json()["rating"].as_str().unwrap() {
            "like" => likes += 1,
            "dislike" => dislikes += 1,
            _ => {}
        }
    }
    let shown = app.get(&format!("/api/v1/videos/{video}")).await.json();
    assert_eq!(
        (&shown["likes"], &shown["dislikes"]),
        (&json!(likes), &json!(dislikes))
    );
    join_all(people.iter().map(|token| click(token, "like"))).await;
    let shown = app.get(&format!("/api/v1/videos/{video}")).await.json();
    assert_eq!(
        (&shown["likes"], &shown["dislikes"]),
        (&json!(6), &json!(0))
    );
    app.run_jobs().await;
}
