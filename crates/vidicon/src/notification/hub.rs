//! Who listens on this machine for what happens right now. One task looks into the database, at
//! once when something was written here and every second for what other machines have written.

use super::socket::Sessions;
use super::{store, view};
use crate::account::UserId;
use crate::app::App;
use crate::error::Result;
use crate::runner;
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, mpsc};

/// How often other machines' news are looked for.
const ROUND: Duration = Duration::from_secs(1);
/// A number may be given before a smaller one is written: so many are looked at again.
const OVERLAP: i64 = 100;

/// What somebody listens for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Topic {
    /// Notifications of a user.
    User(UserId),
    /// State and viewers of a live.
    Live(i64),
    /// Work for runners.
    Runners,
}

/// Something that has just happened.
#[derive(Clone, Debug)]
pub struct Told {
    pub event: &'static str,
    pub data: Arc<Value>,
}

type Sender = mpsc::UnboundedSender<Told>;

#[derive(Debug, Default)]
pub struct Hub {
    signal: Notify,
    listeners: Mutex<Listeners>,
    /// The clients of the socket.
    pub sockets: Sessions,
}

#[derive(Debug, Default)]
struct Listeners {
    by_topic: HashMap<Topic, Vec<Sender>>,
    is_running: bool,
}

impl Hub {
    /// Something was written that somebody may listen for.
    pub fn wake(&self) {
        self.signal.notify_one();
    }

    /// All that happens from now on.
    pub async fn listen(&self, app: &App, topic: Topic) -> Result<mpsc::UnboundedReceiver<Told>> {
        let newest = store::list::newest(&app.db).await?;
        let (sender, receiver) = mpsc::unbounded_channel();
        let mut listeners = self.listeners.lock();
        listeners.by_topic.entry(topic).or_default().push(sender);
        if !listeners.is_running {
            listeners.is_running = true;
            tokio::spawn(run(app.clone(), newest));
        }
        drop(listeners);
        self.wake();
        Ok(receiver)
    }

    /// Forgets who has gone, and gives the topics that are listened for. None left: the task ends.
    fn topics(&self) -> Vec<Topic> {
        let mut listeners = self.listeners.lock();
        listeners.by_topic.retain(|_, senders| {
            senders.retain(|sender| !sender.is_closed());
            !senders.is_empty()
        });
        if listeners.by_topic.is_empty() {
            listeners.is_running = false;
        }
        listeners.by_topic.keys().copied().collect()
    }

    fn tell(&self, topic: Topic, event: &'static str, data: Value) {
        let data = Arc::new(data);
        let listeners = self.listeners.lock();
        for sender in listeners.by_topic.get(&topic).into_iter().flatten() {
            sender
                .send(Told {
                    event,
                    data: Arc::clone(&data),
                })
                .ok();
        }
    }
}

/// What has been told already.
struct Memory {
    /// Everything up to this number was there before anybody listened, or was told.
    after: i64,
    told: HashSet<i64>,
    lives: HashMap<i64, (i64, i64)>,
    /// When the newest work for runners was added or given back.
    work: i64,
}

async fn run(app: App, newest: i64) {
    let mut memory = Memory {
        after: newest,
        told: ((newest - OVERLAP).max(0)..=newest).collect(),
        lives: HashMap::new(),
        work: 0,
    };
    loop {
        let topics = app.live.topics();
        if topics.is_empty() {
            return;
        }
        if let Err(error) = round(&app, &topics, &mut memory).await {
            tracing::warn!(%error, "could not look for what is new");
        }
        tokio::select! {
            () = app.live.signal.notified() => {}
            () = tokio::time::sleep(ROUND) => {}
        }
    }
}

async fn round(app: &App, topics: &[Topic], memory: &mut Memory) -> Result<()> {
    let users = topics.iter().filter_map(|topic| match topic {
        Topic::User(id) => Some(*id),
        Topic::Live(_) | Topic::Runners => None,
    });
    let lives = topics.iter().filter_map(|topic| match topic {
        Topic::Live(id) => Some(*id),
        Topic::User(_) | Topic::Runners => None,
    });
    notifications(app, &users.collect::<Vec<_>>(), memory).await?;
    states(app, &lives.collect::<Vec<_>>(), memory).await?;
    if topics.contains(&Topic::Runners) {
        work(app, memory).await?;
    }
    Ok(())
}

/// Tells runners that there is something to do, when something was added or given back.
async fn work(app: &App, memory: &mut Memory) -> Result<()> {
    let newest = runner::newest_pending(&app.db).await?;
    if newest > memory.work {
        app.live.tell(Topic::Runners, "available-jobs", Value::Null);
    }
    memory.work = newest;
    Ok(())
}

async fn notifications(app: &App, users: &[UserId], memory: &mut Memory) -> Result<()> {
    if users.is_empty() {
        return Ok(());
    }
    let rows = store::list::since(&app.db, users, memory.after - OVERLAP).await?;
    let fresh: Vec<_> = rows
        .into_iter()
        .filter(|(row, _)| !memory.told.contains(&row.id.0))
        .collect();
    if fresh.is_empty() {
        return Ok(());
    }
    for ((row, _), view) in fresh.iter().zip(view::all(app, &fresh).await?) {
        memory.told.insert(row.id.0);
        memory.after = memory.after.max(row.id.0);
        if let Some(view) = view {
            app.live
                .tell(Topic::User(row.user_id), "new-notification", view);
        }
    }
    let oldest = memory.after - 2 * OVERLAP;
    memory.told.retain(|id| *id > oldest);
    Ok(())
}

/// Tells when a live goes on or off the air, and how many watch.
async fn states(app: &App, lives: &[i64], memory: &mut Memory) -> Result<()> {
    memory.lives.retain(|id, _| lives.contains(id));
    for live in store::lives(&app.db, lives, app.clock.now()).await? {
        let now = (live.state, live.viewers);
        let before = memory.lives.insert(live.id, now);
        let topic = Topic::Live(live.id);
        if before.is_some_and(|(state, _)| state != live.state) {
            app.live
                .tell(topic, "state-change", json!({ "state": live.state }));
        }
        if before.is_none_or(|(_, viewers)| viewers != live.viewers) {
            app.live
                .tell(topic, "views-change", json!({ "viewers": live.viewers }));
        }
    }
    for id in lives {
        let is_gone = memory.lives.contains_key(id) && !store::is_there(&app.db, *id).await?;
        if is_gone {
            memory.lives.remove(id);
            app.live.tell(Topic::Live(*id), "force-end", Value::Null);
        }
    }
    Ok(())
}
