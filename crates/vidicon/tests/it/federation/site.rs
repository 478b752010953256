//! A test site that really listens, so that others can reach it.

use crate::app::{Answer, TestApp};
use base::Id;
use base::clock::Millis;
use base::db::Query;
use fediverse::address::Rules;
use fediverse::key::PublicKey;
use fediverse::ld_signature;
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use vidicon::video::{self, NewVideo, Privacy, Video, VideoId, VideoRef};

pub struct Site {
    pub app: TestApp,
    port: u16,
    listening: Listening,
}

/// Nobody answers on the port once it is dropped.
struct Listening(CancellationToken);

impl Drop for Listening {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

impl Site {
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// A site whose settings file the test has changed.
    pub async fn with(change: impl FnOnce(&mut vidicon::config::Config)) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let app = TestApp::with(|config| {
            config.server.public_url = format!("http://127.0.0.1:{port}");
            config.server.allow_private_addresses = true;
            change(config);
        })
        .await;
        let stop = CancellationToken::new();
        let (router, stopping) = (app.router.clone(), stop.clone());
        tokio::spawn(async move {
            let serve = axum::serve(listener, router);
            tokio::select! {
                served = serve.into_future() => served.unwrap(),
                () = stopping.cancelled() => {}
            }
        });
        Site {
            app,
            port,
            listening: Listening(stop),
        }
    }

    /// The same site at its new address, where `listener` listens; the old port leads to it too.
    pub async fn moved_to(self, new: &str, listener: tokio::net::TcpListener) -> Site {
        let Site {
            app,
            port: old_port,
            listening,
        } = self;
        drop(listening);
        let port = listener.local_addr().unwrap().port();
        let app = app
            .restarted_with(|config| new.clone_into(&mut config.server.public_url))
            .await;
        let stop = CancellationToken::new();
        let old = loop {
            match tokio::net::TcpListener::bind(("127.0.0.1", old_port)).await {
                Ok(listener) => break listener,
                Err(_) => tokio::task::yield_now().await,
            }
        };
        for listener in [listener, old] {
            let (router, stopping) = (app.router.clone(), stop.clone());
            tokio::spawn(async move {
                let serve = axum::serve(listener, router);
                tokio::select! {
                    served = serve.into_future() => served.unwrap(),
                    () = stopping.cancelled() => {}
                }
            });
        }
        Site {
            app,
            port,
            listening: Listening(stop),
        }
    }

    pub fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.host())
    }

    /// Nobody answers on its port any more.
    pub fn stop(&self) {
        self.listening.0.cancel();
    }

    /// What a program gets that asks for ActivityPub.
    pub async fn document(&self, path: &str) -> Value {
        self.ask(path).await.expect(200).json()
    }

    pub async fn ask(&self, path: &str) -> Answer {
        self.app
            .get(path)
            .header("accept", "application/activity+json")
            .await
    }

    /// A public video of root's channel with one rendition and one whole file, published and told.
    pub async fn publish(&self, name: &str) -> Video {
        let (channel, account): (i64, i64) = Query::new(
            "SELECT c.id, c.account_id FROM channel c JOIN actor x ON x.id = c.actor_id
             WHERE x.name = 'root_channel' AND x.host = ''",
        )
        .one(&self.app.db)
        .await
        .unwrap();
        let mut new = NewVideo::new(Id::new(channel), Id::new(account), name);
        new.privacy = Privacy::Public;
        new.tags = vec!["sea".to_owned()];
        new.description = Some("The **sea**\n0:00 start\n0:05 waves".to_owned());
        new.duration_s = 12;
        let now = self.app.clock.now();
        let mut tx = self.app.db.begin().await.unwrap();
        let id = video::create(&mut tx, &new, now).await.unwrap();
        for (kind, file) in [("hls", "part.mp4"), ("web", "whole.mp4")] {
            Query::new(
                "INSERT INTO video_file (video_id, kind, filename, resolution, width, height, fps,
                     size_bytes, has_audio, has_video, complete, created_at)
                 VALUES ($1, $2, $3, 480, 854, 480, 25, 1000, TRUE, TRUE, TRUE, $4)",
            )
            .bind(id)
            .bind(kind)
            .bind(format!("{}-{file}", new.uuid))
            .bind(now)
            .execute(&mut tx)
            .await
            .unwrap();
        }
        Query::new(
            "INSERT INTO streaming_playlist (video_id, master_filename, created_at, updated_at)
             VALUES ($1, $2, $3, $3)",
        )
        .bind(id)
        .bind(format!("{}-master.m3u8", new.uuid))
        .bind(now)
        .execute(&mut tx)
        .await
        .unwrap();
        video::publish(&mut tx, id, now).await.unwrap();
        tx.commit().await.unwrap();
        self.video(new.uuid).await.unwrap()
    }

    pub async fn video(&self, uuid: Uuid) -> Option<Video> {
        video::find(&self.app, VideoRef::Uuid(uuid)).await.ok()
    }

    /// Changes a video's row and says that it has changed.
    pub async fn change_video(&self, id: VideoId, change: &'static str) {
        let now = self.app.clock.now();
        let mut tx = self.app.db.begin().await.unwrap();
        Query::new(change).bind(id).execute(&mut tx).await.unwrap();
        video::relist(&mut tx, id).await.unwrap();
        vidicon::federation::job::tell_of_video(id)
            .enqueue(&mut tx, now)
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    /// Makes the server follow another, and lets both settle.
    pub async fn follow(&self, other: &Site) {
        let root = self.app.root().await;
        let hosts = serde_json::json!({ "hosts": [other.host()] });
        self.app
            .post("/api/v1/server/following")
            .token(&root)
            .json(hosts)
            .await
            .expect(204);
        settle(&[self, other]).await;
    }

    /// Everything public that was sent carries the signature of its actor, so that others can forward it.
    pub async fn expect_all_signed(&self) -> Vec<String> {
        let rows: Vec<(String, String)> =
            Query::new("SELECT kind, body FROM sent_activity ORDER BY id LIMIT 500")
                .all(&self.app.db)
                .await
                .unwrap();
        let rules = Rules { http_allowed: true };
        let mut kinds = Vec::new();
        for (kind, body) in rows {
            let document: Value = serde_json::from_str(&body).unwrap();
            if !body.contains(fediverse::address::PUBLIC) {
                continue;
            }
            let claim = ld_signature::claim(&document, rules)
                .unwrap_or_else(|error| panic!("{kind}: {error} in {body}"));
            assert_eq!(claim.creator.as_str(), document["actor"]);
            let path = claim.creator.as_str().replace(&self.url(""), "");
            if self.ask(&path).await.status == 200 {
                let actor = self.document(&path).await;
                let pem = actor["publicKey"]["publicKeyPem"].as_str().unwrap();
                claim.verify(&PublicKey::from_pem(pem).unwrap()).unwrap();
            }
            kinds.push(format!(
                "{kind} {}",
                document["object"]["type"].as_str().unwrap_or("id")
            ));
        }
        kinds
    }

    pub async fn change_settings(&self, changes: Value) {
        let changes = changes.as_object().unwrap().clone();
        self.app
            .instance
            .save(&self.app.db, &self.app.clock, changes)
            .await
            .unwrap();
    }

    /// Runs what is due now, without turning the clock.
    pub async fn run_due_jobs_once(&self) {
        let now: Millis = self.app.clock.now();
        let work = vidicon::jobs::work(&self.app);
        let kinds = [
            "federation_deliver",
            "federation_receive",
            "federation_follow",
        ];
        while let Some(job) = base::job::claim(&self.app.db, &kinds, "test", now)
            .await
            .unwrap()
        {
            let running = base::job::Running {
                job: job.clone().into(),
                stop: CancellationToken::new(),
            };
            let outcome = work(running).await;
            base::job::finish(&self.app.db, &job, &outcome, now)
                .await
                .unwrap();
        }
    }
}

/// Lets all sites work until none has anything left to do.
pub async fn settle(sites: &[&Site]) {
    for _ in 0..50 {
        let mut ran = 0;
        for site in sites {
            ran += site.app.run_jobs().await;
        }
        // Waiting turns a site's clock; all of them tell the same time.
        let latest = sites
            .iter()
            .map(|site| site.app.clock.now())
            .max()
            .unwrap_or(0);
        for site in sites {
            site.app.clock.advance(latest - site.app.clock.now());
        }
        if ran == 0 {
            return;
        }
    }
    panic!("the sites never come to rest");
}
