//! Uploads: the resumable protocol step by step, restarts, wrong pieces, what is no video.

use crate::app::{Answer, TestApp};
use crate::clips;
use base::db::Query;
use serde_json::{Value, json};
use sha1::Digest;
use std::path::PathBuf;
use vidicon::video::{self, Video, VideoRef, VideoState};

pub const RESUMABLE: &str = "/api/v1/videos/upload-resumable";

/// The first channel of a user.
pub async fn channel(app: &TestApp, username: &str) -> i64 {
    let (id,) = Query::new(
        "SELECT c.id FROM channel c JOIN account a ON a.id = c.account_id
         JOIN users u ON u.id = a.user_id WHERE TRUE",
    )
    .when(Some(username), " AND u.username = ?")
    .push(" ORDER BY c.id LIMIT 1")
    .one(&app.db)
    .await
    .unwrap();
    id
}

/// Uploads a clip in one request and gives the answer's `video`.
pub async fn upload(
    app: &TestApp,
    token: &str,
    clip: &clips::Clip,
    more: &[(&str, &str)],
) -> Value {
    let content = clips::bytes(clip).await;
    let answer = send(app, token, clip.0, &content, more).await.expect(200);
    answer.json()["video"].clone()
}

pub async fn send(
    app: &TestApp,
    token: &str,
    filename: &str,
    content: &[u8],
    more: &[(&str, &str)],
) -> Answer {
    let _alone = clips::alone().await;
    let channel = channel(app, "root").await.to_string();
    let mut fields = vec![
        ("name", "a clip"),
        ("channelId", &channel),
        ("privacy", "1"),
    ];
    fields.retain(|(name, _)| !more.iter().any(|(other, _)| other == name));
    fields.extend(more);
    let kind = match filename.rsplit_once('.').unwrap().1 {
        "mkv" => "video/x-matroska",
        "webm" => "video/webm",
        "mp3" => "audio/mpeg",
        _ => "video/mp4",
    };
    app.post("/api/v1/videos/upload")
        .token(token)
        .multipart(&fields, &[("videofile", filename, kind, content)])
        .await
}

pub async fn found(app: &TestApp, answer: &Value) -> Video {
    let by = VideoRef::parse(answer["uuid"].as_str().unwrap()).unwrap();
    video::find(&app.app, by).await.unwrap()
}

#[tokio::test]
async fn the_same_file_is_noticed() {
    let app = TestApp::new().await;
    let root = app.root().await;
    let first = upload(&app, &root, &clips::SILENT, &[("name", "the first")]).await;
    assert_eq!(first["sameFileAs"], json!([]));
    let other = upload(&app, &root, &clips::DEEP, &[]).await;
    assert_eq!(other["sameFileAs"], json!([]));
    let again = upload(&app, &root, &clips::SILENT, &[]).await;
    let twins = &again["sameFileAs"];
    assert_eq!(
        (&twins[0]["uuid"], &twins[1]),
        (&first["uuid"], &Value::Null)
    );
    assert_eq!(twins[0]["name"], "the first");
    let browser = crate::studio::Browser::new(&app, "root", crate::app::ROOT_PASSWORD).await;
    let page =
        |video: &Value| browser.get(&format!("/my/videos/{}", video["uuid"].as_str().unwrap()));
    let shown = page(&again).await.text();
    assert!(shown.contains("uploaded the same file before") && shown.contains("the first"));
    assert!(!page(&other).await.text().contains("the same file before"));
}

fn uploads(app: &TestApp) -> Vec<PathBuf> {
    let Ok(folder) = std::fs::read_dir(app.folder.path().join("uploads")) else {
        return Vec::new();
    };
    folder.map(|file| file.unwrap().path()).collect()
}

fn blobs(app: &TestApp, class: &str) -> usize {
    fn count(folder: PathBuf) -> usize {
        let Ok(entries) = std::fs::read_dir(folder) else {
            return 0;
        };
        let of = |path: PathBuf| if path.is_dir() { count(path) } else { 1 };
        entries.map(|entry| of(entry.unwrap().path())).sum()
    }
    count(app.folder.path().join("storage").join(class))
}

pub async fn begin(app: &TestApp, token: &str, size: usize, more: Value) -> Answer {
    let mut body = json!({
        "name": "in pieces", "channelId": channel(app, "root").await, "filename": "clip.mp4",
    });
    body.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    app.post(RESUMABLE)
        .token(token)
        .header("x-upload-content-length", &size.to_string())
        .header("x-upload-content-type", "video/mp4")
        .json(body)
        .await
}

/// The path of an upload's Location, which has a host and no scheme.
pub fn path(answer: &Answer) -> String {
    let location = answer.header("location").to_owned();
    location.strip_prefix("//video.test").unwrap().to_owned()
}

pub async fn put(app: &TestApp, token: &str, path: &str, range: &str, body: &[u8]) -> Answer {
    app.put(path)
        .token(token)
        .header("content-range", range)
        .header("content-length", &body.len().to_string())
        .bytes("application/octet-stream", body.to_vec())
        .await
}

#[tokio::test]
async fn a_clip_in_one_request() {
    let app = TestApp::new().await;
    let root = app.root().await;
    let made = upload(
        &app,
        &root,
        &clips::COPIED,
        &[("tags[]", "one"), ("tags[]", "two")],
    )
    .await;
    assert_eq!(made["shortUUID"].as_str().unwrap().len(), 22);
    let video = found(&app, &made).await;
    assert_eq!(video.state, VideoState::ToTranscode);
    assert_eq!((video.duration_s, video.tags.len()), (1, 2));
    // The room is taken before anything is made of the file.
    let used = app.get("/api/v1/users/me/video-quota-used").token(&root);
    let used = used.await.expect(200).json();
    assert_eq!(
        used["videoQuotaUsed"],
        clips::bytes(&clips::COPIED).await.len()
    );
    assert_eq!(used["videoQuotaUsed"], used["videoQuotaUsedDaily"]);
    assert_eq!(video.aspect_ratio, Some(1.7778));
    assert!(video.thumbnail.is_some() && video.preview.is_some());
    assert!(
        uploads(&app).is_empty(),
        "nothing stays in the uploads folder"
    );
    assert_eq!(
        (blobs(&app, "originals"), blobs(&app, "thumbnails")),
        (1, 2)
    );
    let picture = format!("/lazy-static/thumbnails/{}", video.thumbnail.unwrap());
    let picture = app.get(&picture).await.expect(200);
    assert_eq!(picture.header("content-type"), "image/jpeg");
}

#[tokio::test]
async fn pieces_make_a_video() {
    let app = TestApp::new().await;
    let root = app.root().await;
    let clip = clips::bytes(&clips::COPIED).await;
    let _alone = clips::alone().await;
    let total = clip.len();
    let begun = begin(&app, &root, total, json!({})).await.expect(201);
    let path = path(&begun);
    let first = put(
        &app,
        &root,
        &path,
        &format!("bytes 0-999/{total}"),
        &clip[..1000],
    )
    .await;
    assert_eq!(first.expect(308).header("range"), "bytes=0-999");
    let asked = put(&app, &root, &path, &format!("bytes */{total}"), b"")
        .await
        .expect(308);
    assert_eq!(asked.header("range"), "bytes=0-999");
    // What is sent again is there already; nothing is doubled.
    let again = put(
        &app,
        &root,
        &path,
        &format!("bytes 500-1499/{total}"),
        &clip[500..1500],
    )
    .await;
    assert_eq!(again.expect(308).header("range"), "bytes=0-1499");
    let rest = format!("bytes 1500-{}/*", total - 1);
    let done = put(&app, &root, &path, &rest, &clip[1500..])
        .await
        .expect(200);
    let made = done.json()["video"].clone();
    let video = found(&app, &made).await;
    assert_eq!(video.name, "in pieces");
    assert_eq!(video.privacy, video::Privacy::Private);
    let repeated = put(&app, &root, &path, &rest, &clip[1500..])
        .await
        .expect(200);
    assert_eq!(repeated.json()["video"], made);
    assert_eq!(repeated.header("x-resumable-upload-cached"), "true");
    let key: (String,) = Query::new("SELECT key FROM video_source")
        .one(&app.db)
        .await
        .unwrap();
    let kept = app.folder.path().join("storage/originals").join(key.0);
    assert!(
        std::fs::read(kept).unwrap() == clip,
        "the original is what was sent"
    );
}

#[tokio::test]
async fn wrong_pieces_are_refused_and_nothing_is_lost() {
    let app = TestApp::new().await;
    let root = app.root().await;
    let path = path(&begin(&app, &root, 1000, json!({})).await.expect(201));
    let piece = [7; 400];
    put(&app, &root, &path, "bytes 0-399/1000", &piece)
        .await
        .expect(308);
    for (range, body, status) in [
        ("bytes 500-899/1000", &piece[..], 409),
        ("bytes 400-799/2000", &piece[..], 409),
        ("bytes 800-1199/*", &piece[..], 409),
        ("bytes 400-1199/*", &[7; 800][..], 413),
        ("bytes 400-499/1000", &piece[..], 400),
        ("bytes 5-3/1000", &piece[..], 400),
        ("pages 0-3/1000", &piece[..], 400),
        ("bytes */1000", &piece[..], 400),
    ] {
        let answer = put(&app, &root, &path, range, body).await;
        assert_eq!(answer.status.as_u16(), status, "{range}: {}", answer.text());
        assert!(!answer.json()["code"].as_str().unwrap().is_empty());
    }
    let asked = put(&app, &root, &path, "bytes */1000", b"")
        .await
        .expect(308);
    assert_eq!(asked.header("range"), "bytes=0-399");
}

#[tokio::test]
async fn a_checksum_is_looked_at_when_it_is_sent() {
    let app = TestApp::new().await;
    let root = app.root().await;
    let path = path(&begin(&app, &root, 1000, json!({})).await.expect(201));
    let right = base64_of(&sha1::Sha1::digest([1; 10]));
    let send = |digest: String, range: &'static str| {
        app.put(&path)
            .token(&root)
            .header("content-range", range)
            .header("digest", &digest)
            .bytes("application/octet-stream", vec![1; 10])
    };
    send(format!("sha1={right}"), "bytes 0-9/1000")
        .await
        .expect(308);
    send("sha1=AAAA".to_owned(), "bytes 10-19/1000")
        .await
        .expect(460);
    send(format!("crc={right}"), "bytes 10-19/1000")
        .await
        .expect(400);
    let asked = put(&app, &root, &path, "bytes */1000", b"")
        .await
        .expect(308);
    assert_eq!(
        asked.header("range"),
        "bytes=0-9",
        "wrong bytes are not kept"
    );
}

fn base64_of(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

#[tokio::test]
async fn an_upload_is_its_owners() {
    let app = TestApp::new().await;
    let (root, ada) = (app.root().await, app.user("ada").await);
    let path = path(&begin(&app, &root, 1000, json!({})).await.expect(201));
    put(&app, &ada, &path, "bytes 0-9/1000", &[1; 10])
        .await
        .expect(403);
    app.delete(&path).token(&ada).await.expect(403);
    app.put(RESUMABLE).token(&root).await.expect(403);
    app.put(&path).await.expect(401);
    app.delete(&path).token(&root).await.expect(204);
    put(&app, &root, &path, "bytes 0-9/1000", &[1; 10])
        .await
        .expect(404);
    app.delete(&path).token(&root).await.expect(404);
    assert!(uploads(&app).is_empty());
}

#[tokio::test]
async fn the_same_file_goes_on_where_it_was() {
    let app = TestApp::new().await;
    let root = app.root().await;
    let modified = json!({ "lastModified": 1_700_000_000_000_i64 });
    let first = begin(&app, &root, 1000, modified.clone()).await.expect(201);
    put(&app, &root, &path(&first), "bytes 0-9/1000", &[1; 10])
        .await
        .expect(308);
    let again = begin(&app, &root, 1000, modified.clone()).await.expect(200);
    assert_eq!(path(&again), path(&first));
    assert_eq!(again.header("range"), "bytes=0-9");
    let longer = begin(&app, &root, 2000, modified).await.expect(201);
    assert_ne!(path(&longer), path(&first));
    let unknown = begin(&app, &root, 1000, json!({})).await.expect(201);
    assert_ne!(
        path(&unknown),
        path(&first),
        "without its date a file may be another"
    );
}

#[tokio::test]
async fn an_upload_outlives_the_process() {
    let app = TestApp::new().await;
    let root = app.root().await;
    let clip = clips::bytes(&clips::COPIED).await;
    let _alone = clips::alone().await;
    let total = clip.len();
    let path = path(&begin(&app, &root, total, json!({})).await.expect(201));
    put(
        &app,
        &root,
        &path,
        &format!("bytes 0-999/{total}"),
        &clip[..1000],
    )
    .await
    .expect(308);
    let app = app.restarted().await;
    let asked = put(&app, &root, &path, &format!("bytes */{total}"), b"")
        .await
        .expect(308);
    assert_eq!(asked.header("range"), "bytes=0-999");
    let rest = format!("bytes 1000-{}/{total}", total - 1);
    put(&app, &root, &path, &rest, &clip[1000..])
        .await
        .expect(200);
}

#[tokio::test]
async fn a_finish_that_was_cut_off_is_done_again() {
    let app = TestApp::new().await;
    let root = app.root().await;
    let clip = clips::bytes(&clips::COPIED).await;
    let total = clip.len();
    let path = path(&begin(&app, &root, total, json!({})).await.expect(201));
    let id = path.split_once("upload_id=").unwrap().1.to_owned();
    // As it stands when the file was moved and the process died before its transaction.
    let uuid = base::random::uuid();
    let prepared = json!({
        "uuid": uuid, "key": format!("{uuid}/x.mp4"), "thumbnail": "t.jpg", "preview": "p.jpg",
    });
    Query::new("UPDATE upload SET state = 'finishing', answer = $1 WHERE id = $2")
        .bind(prepared)
        .bind(&id)
        .execute(&app.db)
        .await
        .unwrap();
    let folder = app
        .folder
        .path()
        .join("storage/originals")
        .join(uuid.to_string());
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("x.mp4"), &clip).unwrap();
    std::fs::remove_file(app.folder.path().join("uploads").join(&id)).unwrap();
    let _alone = clips::alone().await;
    let asked = put(&app, &root, &path, &format!("bytes */{total}"), b"")
        .await
        .expect(200);
    assert_eq!(asked.json()["video"]["uuid"], json!(uuid));
    assert_eq!(
        (blobs(&app, "originals"), blobs(&app, "thumbnails")),
        (1, 2)
    );
}

#[tokio::test]
async fn one_writer_at_a_time() {
    let app = TestApp::new().await;
    let root = app.root().await;
    let path = path(&begin(&app, &root, 1000, json!({})).await.expect(201));
    let file = std::fs::File::open(&uploads(&app)[0]).unwrap();
    file.lock().unwrap();
    put(&app, &root, &path, "bytes 0-9/1000", &[1; 10])
        .await
        .expect(423);
    file.unlock().unwrap();
    put(&app, &root, &path, "bytes 0-9/1000", &[1; 10])
        .await
        .expect(308);
}

#[tokio::test]
async fn what_is_no_video_leaves_nothing() {
    let app = TestApp::new().await;
    let root = app.root().await;
    let noise: Vec<u8> = (0..20_000_u32).map(|n| (n * 7919 % 251) as u8).collect();
    let refused = send(&app, &root, "noise.mp4", &noise, &[])
        .await
        .expect(422);
    assert!(
        refused.json()["detail"]
            .as_str()
            .unwrap()
            .contains("unreadable")
    );
    let path = path(&begin(&app, &root, noise.len(), json!({})).await.expect(201));
    let range = format!("bytes 0-{}/*", noise.len() - 1);
    put(&app, &root, &path, &range, &noise).await.expect(422);
    put(&app, &root, &path, &range, &noise).await.expect(404);
    assert!(uploads(&app).is_empty());
    assert_eq!(
        (blobs(&app, "originals"), blobs(&app, "thumbnails")),
        (0, 0)
    );
}

#[tokio::test]
async fn fields_and_files_are_checked_before_anything_is_kept() {
    let app = TestApp::new().await;
    let (root, ada) = (app.root().await, app.user("ada").await);
    let refused = |more| begin(&app, &root, 10, more);
    refused(json!({ "filename": "" })).await.expect(400);
    refused(json!({ "name": "x" })).await.expect(400);
    refused(json!({ "channelId": 999_999 })).await.expect(400);
    refused(json!({ "privacy": 5 })).await.expect(400);
    begin(&app, &ada, 10, json!({})).await.expect(400);
    let kind = |kind: &'static str| {
        app.post(RESUMABLE)
            .token(&root)
            .header("x-upload-content-length", "10")
            .header("x-upload-content-type", kind)
    };
    let channel = channel(&app, "root").await;
    let body = json!({ "name": "abc", "channelId": channel, "filename": "a.txt" });
    kind("text/plain").json(body.clone()).await.expect(415);
    kind("video/mp4").json(body).await.expect(201);
    let missing = app
        .post("/api/v1/videos/upload")
        .token(&root)
        .multipart(&[("name", "abc")], &[])
        .await
        .expect(400);
    assert!(missing.json()["invalid-params"]["videofile"].is_object());
    let cut = app
        .post("/api/v1/videos/upload")
        .token(&root)
        .bytes(
            "multipart/form-data; boundary=x",
            b"--x\r\nContent-Disposition: form-data; name=\"videofile\"; filename=\"a.mp4\"\r\n\r\nabc"
                .to_vec(),
        )
        .await
        .expect(400);
    assert!(cut.text().contains("before its body was complete"));
    assert_eq!(uploads(&app).len(), 1, "only the one that was begun");
}

#[tokio::test]
async fn a_quota_is_kept() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    Query::new("UPDATE users SET quota_bytes = 1000 WHERE username = 'ada'")
        .execute(&app.db)
        .await
        .unwrap();
    let channel = channel(&app, "ada").await;
    let begin = |size: &'static str| {
        app.post(RESUMABLE)
            .token(&ada)
            .header("x-upload-content-length", size)
            .header("x-upload-content-type", "video/mp4")
            .json(json!({ "name": "abc", "channelId": channel, "filename": "a.mp4" }))
    };
    let refused = begin("1000").await.expect(413);
    assert_eq!(refused.json()["code"], "quota_reached");
    begin("999").await.expect(201);
    let refused = begin("900719925474099").await.expect(413);
    assert_eq!(refused.json()["code"], "quota_reached");
}

#[tokio::test]
async fn two_files_at_once_do_not_pass_a_quota_for_one() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    let content = clips::bytes(&clips::SILENT).await;
    Query::new("UPDATE users SET quota_bytes = $1 WHERE username = 'ada'")
        .bind(i64::try_from(content.len() * 3 / 2).unwrap())
        .execute(&app.db)
        .await
        .unwrap();
    let channel = channel(&app, "ada").await.to_string();
    let fields = [("name", "a clip"), ("channelId", channel.as_str())];
    let send = async || {
        app.post("/api/v1/videos/upload")
            .token(&ada)
            .multipart(
                &fields,
                &[("videofile", "a.mp4", "video/mp4", content.as_slice())],
            )
            .await
    };
    let (one, other) = futures::join!(send(), send());
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 413]);
    assert!(
        uploads(&app).is_empty(),
        "nothing is left of what was refused"
    );
}

#[tokio::test]
async fn idle_uploads_and_stray_files_go() {
    let app = TestApp::new().await;
    let root = app.root().await;
    begin(&app, &root, 1000, json!({})).await.expect(201);
    std::fs::write(app.folder.path().join("uploads/form-stray"), b"x").unwrap();
    video::upload::tidy(&app.app).await.unwrap();
    assert_eq!(uploads(&app).len(), 2);
    app.clock.advance(40_000 * base::clock::DAY);
    video::upload::tidy(&app.app).await.unwrap();
    assert!(uploads(&app).is_empty());
}
