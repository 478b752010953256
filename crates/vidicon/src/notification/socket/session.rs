//! One client's session: what waits to be sent to it, and where it has joined.

use super::packet::{self, Packet};
use super::{LARGEST, PING_EVERY, PONG_WITHIN, space};
use crate::app::App;
use parking_lot::Mutex;
use serde_json::json;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::Notify;
use tokio::task::AbortHandle;

/// All sessions together, packets that wait for one client, and things that it listens for.
const MOST_SESSIONS: usize = 20_000;
const MOST_WAITING: usize = 1_000;
const MOST_TASKS: usize = 100;

#[derive(Debug, Default)]
pub struct Sessions(Mutex<HashMap<String, Arc<Session>>>);

impl Sessions {
    pub fn find(&self, sid: &str) -> Option<Arc<Session>> {
        self.0.lock().get(sid).cloned()
    }

    /// Nothing when there are too many already.
    pub fn add(&self, session: Session) -> Option<Arc<Session>> {
        let mut sessions = self.0.lock();
        if sessions.len() >= MOST_SESSIONS {
            return None;
        }
        let session = Arc::new(session);
        sessions.insert(session.sid.clone(), Arc::clone(&session));
        Some(session)
    }
}

#[derive(Debug)]
pub struct Session {
    pub sid: String,
    /// The access token of the address that the session began with.
    pub token: String,
    pub ip: String,
    waiting: Mutex<Vec<String>>,
    /// Something waits, or the session has ended.
    signal: Notify,
    is_closed: AtomicBool,
    has_answered: AtomicBool,
    /// What the client listens for, by namespace and name.
    tasks: Mutex<HashMap<(String, String), AbortHandle>>,
}

impl Session {
    pub fn new(token: &str, ip: String) -> Self {
        Session {
            sid: base::random::token(),
            token: token.to_owned(),
            ip,
            waiting: Mutex::default(),
            signal: Notify::new(),
            is_closed: AtomicBool::new(false),
            has_answered: AtomicBool::new(true),
            tasks: Mutex::default(),
        }
    }

    /// The first packet of a session.
    pub fn hello(&self, may_upgrade: bool) -> String {
        let upgrades: &[&str] = if may_upgrade { &["websocket"] } else { &[] };
        let terms = json!({
            "sid": self.sid, "upgrades": upgrades, "maxPayload": LARGEST,
            "pingInterval": PING_EVERY.as_millis(), "pingTimeout": PONG_WITHIN.as_millis(),
        });
        format!("0{terms}")
    }

    /// Puts a packet in line. One who does not fetch what waits is given up.
    pub fn send(&self, packet: String) {
        let mut waiting = self.waiting.lock();
        if waiting.len() >= MOST_WAITING {
            self.is_closed.store(true, Ordering::Release);
        } else {
            waiting.push(packet);
        }
        drop(waiting);
        self.signal.notify_one();
    }

    /// The packets that wait, once there are some; nothing when the session has ended.
    pub async fn waiting(&self) -> Option<Vec<String>> {
        loop {
            let waiting = std::mem::take(&mut *self.waiting.lock());
            if !waiting.is_empty() {
                return Some(waiting);
            }
            if self.is_closed.load(Ordering::Acquire) {
                return None;
            }
            self.signal.notified().await;
        }
    }

    /// The answer to a poll.
    pub async fn wait(&self) -> String {
        match self.waiting().await {
            Some(packets) => packet::joined(&packets),
            None => "1".to_owned(),
        }
    }

    /// A poll that is under way comes back empty: the client goes on by WebSocket.
    pub fn free_poll(&self) {
        self.send("6".to_owned());
    }

    pub async fn hear(self: &Arc<Self>, app: &App, packet: &str) {
        match Packet::read(packet) {
            Packet::Pong => self.has_answered.store(true, Ordering::Release),
            Packet::Close => self.close(app),
            Packet::Join(name, who) => space::join(app, self, (name, who)).await,
            Packet::Leave(name) => self.stop_all(Some(name)),
            Packet::Event(name, list) => space::event(app, self, name, list).await,
            Packet::Probe | Packet::Upgrade | Packet::Other => {}
        }
    }

    /// Lets a task run as long as the client listens for this; not when it does already, or for too
    /// much.
    pub fn start(&self, space: &str, name: &str, task: impl FnOnce() -> AbortHandle) {
        let mut tasks = self.tasks.lock();
        let key = (space.to_owned(), name.to_owned());
        if tasks.len() < MOST_TASKS && !tasks.contains_key(&key) {
            tasks.insert(key, task());
        }
    }

    pub fn stop(&self, space: &str, name: &str) {
        if let Some(task) = self
            .tasks
            .lock()
            .remove(&(space.to_owned(), name.to_owned()))
        {
            task.abort();
        }
    }

    fn stop_all(&self, of: Option<&str>) {
        self.tasks.lock().retain(|(space, _), task| {
            let ends = of.is_none_or(|of| of == space);
            if ends {
                task.abort();
            }
            !ends
        });
    }

    pub fn close(&self, app: &App) {
        self.is_closed.store(true, Ordering::Release);
        self.signal.notify_one();
        self.stop_all(None);
        app.live.sockets.0.lock().remove(&self.sid);
    }

    /// Asks again and again whether the client is still there; ends with the session.
    pub async fn keep(self: Arc<Self>, app: App) {
        loop {
            tokio::time::sleep(PING_EVERY).await;
            if self.is_closed.load(Ordering::Acquire) {
                break;
            }
            self.has_answered.store(false, Ordering::Release);
            self.send("2".to_owned());
            tokio::time::sleep(PONG_WITHIN).await;
            if !self.has_answered.load(Ordering::Acquire) {
                break;
            }
        }
        self.close(&app);
    }
}
