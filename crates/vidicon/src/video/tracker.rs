//! Brings viewers of the same video together, so that they give each other parts of it: a tracker as WebTorrent has
//! them. It passes on what two browsers need to find each other, keeps nothing, and never sees a part itself. A viewer
//! learns the addresses of others this way, so it is off unless an administrator switches it on.

pub mod socket;

use parking_lot::Mutex;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use uuid::Uuid;

/// Viewers at a time, of all and behind one address (a school has one).
const MOST_SEATS: usize = 10_000;
const MOST_OF_ADDRESS: usize = 100;
/// Streams that one viewer takes part in: each quality is one.
const MOST_SWARMS: usize = 32;
const MOST_PEERS: usize = 500;
/// Others that one is brought together with at a time.
const MOST_OFFERS: usize = 10;
/// What waits for a viewer that does not listen is dropped.
const MOST_WAITING: usize = 64;
/// A viewer speaks up again after so many seconds.
const INTERVAL_S: u64 = 60;
/// Characters of a name of a swarm, a peer or an offer.
const NAME: usize = 20;

/// The parts of one video in one quality.
type Swarm = (Uuid, String);

#[derive(Debug)]
struct Peer {
    seat: u64,
    is_whole: bool,
    to: Sender<String>,
}

#[derive(Debug, Default)]
struct State {
    next: u64,
    swarms: HashMap<Swarm, HashMap<String, Peer>>,
    addresses: HashMap<IpAddr, usize>,
    seats: usize,
}

#[derive(Clone, Debug, Default)]
pub struct Tracker(Arc<Mutex<State>>);

/// A viewer's place, which is free again when it is dropped.
#[derive(Debug)]
pub struct Seat {
    tracker: Tracker,
    number: u64,
    address: IpAddr,
    video: Uuid,
    to: Sender<String>,
    /// Swarms with the name that this viewer has there.
    joined: Vec<(Swarm, String)>,
}

/// What a viewer says.
#[derive(Deserialize)]
struct Said {
    #[serde(default)]
    action: String,
    #[serde(default)]
    info_hash: String,
    #[serde(default)]
    peer_id: String,
    #[serde(default)]
    event: Option<String>,
    /// Bytes that it lacks; absent for "not known".
    #[serde(default)]
    left: Value,
    #[serde(default)]
    offers: Vec<Offer>,
    #[serde(default)]
    answer: Option<Value>,
    #[serde(default)]
    to_peer_id: String,
    #[serde(default)]
    offer_id: String,
}

#[derive(Deserialize)]
struct Offer {
    offer: Value,
    offer_id: String,
}

impl Tracker {
    /// Takes a viewer of a video in, and gives what others have to say to it; nothing where too many are here.
    pub fn enter(&self, video: Uuid, address: IpAddr) -> Option<(Seat, Receiver<String>)> {
        let mut state = self.0.lock();
        let of_address = state.addresses.get(&address).copied().unwrap_or(0);
        if state.seats >= MOST_SEATS || of_address >= MOST_OF_ADDRESS {
            return None;
        }
        state.seats += 1;
        state.next += 1;
        state.addresses.insert(address, of_address + 1);
        let (to, from) = channel(MOST_WAITING);
        let seat = Seat {
            tracker: self.clone(),
            number: state.next,
            address,
            video,
            to,
            joined: Vec::new(),
        };
        Some((seat, from))
    }
}

impl Seat {
    /// What the viewer is told in return. What makes no sense is answered with a reason.
    pub fn hear(&mut self, text: &str) -> Option<String> {
        let said = serde_json::from_str(text).map_err(|_| "it is not understood");
        let answer = said.and_then(|said| self.take(said));
        let answer = answer.unwrap_or_else(|why| Some(json!({ "failure reason": why })));
        answer.map(|answer| answer.to_string())
    }

    fn take(&mut self, said: Said) -> Result<Option<Value>, &'static str> {
        let swarm = (self.video, said.info_hash.clone());
        if said.action == "scrape" {
            let counts = self.counts(&swarm);
            return Ok(Some(json!({
                "action": "scrape", "files": { said.info_hash: counts },
            })));
        }
        if said.action != "announce" {
            return Err("unknown action");
        }
        if ![&said.info_hash, &said.peer_id]
            .into_iter()
            .all(|name| is_name(name))
        {
            return Err("a hash and an id have 20 characters");
        }
        if said.event.as_deref() == Some("stopped") {
            self.leave(&swarm);
            return Ok(None);
        }
        self.join(&swarm, &said)?;
        if let Some(answer) = said.answer {
            self.pass_answer(
                &swarm,
                &said.peer_id,
                &said.to_peer_id,
                &said.offer_id,
                answer,
            );
            return Ok(None);
        }
        self.pass_offers(&swarm, &said.peer_id, said.offers);
        let mut told = self.counts(&swarm);
        told.insert("action".to_owned(), json!("announce"));
        told.insert("interval".to_owned(), json!(INTERVAL_S));
        told.insert("info_hash".to_owned(), json!(said.info_hash));
        Ok(Some(Value::Object(told)))
    }

    /// A name belongs to whoever came with it first.
    fn join(&mut self, swarm: &Swarm, said: &Said) -> Result<(), &'static str> {
        let is_whole = said.left == json!(0) || said.event.as_deref() == Some("completed");
        let known = self.joined.iter().find(|(known, _)| known == swarm);
        if known.is_some_and(|(_, name)| *name != said.peer_id) {
            return Err("the id is another than before");
        }
        let is_new = known.is_none();
        if is_new && self.joined.len() >= MOST_SWARMS {
            return Err("too many streams");
        }
        let mut state = self.tracker.0.lock();
        let peers = state.swarms.entry(swarm.clone()).or_default();
        let is_full = peers.len() >= MOST_PEERS;
        match peers.get_mut(&said.peer_id) {
            Some(peer) if peer.seat == self.number => peer.is_whole |= is_whole,
            Some(_) => return Err("the id is taken"),
            None if is_full => return Err("too many viewers"),
            None => {
                let peer = Peer {
                    seat: self.number,
                    is_whole,
                    to: self.to.clone(),
                };
                peers.insert(said.peer_id.clone(), peer);
            }
        }
        if is_new {
            self.joined.push((swarm.clone(), said.peer_id.clone()));
        }
        Ok(())
    }

    fn leave(&mut self, swarm: &Swarm) {
        let mut state = self.tracker.0.lock();
        self.joined.retain(|(known, name)| {
            if known == swarm {
                state.forget(known, name);
            }
            known != swarm
        });
    }

    fn counts(&self, swarm: &Swarm) -> Map<String, Value> {
        let state = self.tracker.0.lock();
        let peers = state.swarms.get(swarm);
        let all = peers.map_or(0, HashMap::len);
        let whole = peers.map_or(0, |peers| {
            peers.values().filter(|peer| peer.is_whole).count()
        });
        Map::from_iter([
            ("complete".to_owned(), json!(whole)),
            ("incomplete".to_owned(), json!(all - whole)),
        ])
    }

    /// Each offer goes to another viewer, beginning with any of them.
    fn pass_offers(&self, swarm: &Swarm, from: &str, offers: Vec<Offer>) {
        let state = self.tracker.0.lock();
        let Some(peers) = state.swarms.get(swarm) else {
            return;
        };
        let others: Vec<&Peer> = peers
            .values()
            .filter(|peer| peer.seat != self.number)
            .collect();
        let count = u64::try_from(others.len()).unwrap_or(u64::MAX);
        let first = usize::try_from(base::random::below(count.max(1))).unwrap_or(0);
        let turned = others.iter().cycle().skip(first).take(others.len());
        let offers = offers.into_iter().filter(|offer| is_name(&offer.offer_id));
        for (peer, offer) in turned.zip(offers.take(MOST_OFFERS)) {
            let told = json!({
                "action": "announce", "info_hash": swarm.1, "peer_id": from,
                "offer_id": offer.offer_id, "offer": offer.offer,
            });
            peer.to.try_send(told.to_string()).ok();
        }
    }

    fn pass_answer(&self, swarm: &Swarm, from: &str, to: &str, offer_id: &str, answer: Value) {
        let state = self.tracker.0.lock();
        let peer = state.swarms.get(swarm).and_then(|peers| peers.get(to));
        if let Some(peer) = peer.filter(|_| is_name(offer_id)) {
            let told = json!({
                "action": "announce", "info_hash": swarm.1, "peer_id": from,
                "offer_id": offer_id, "answer": answer,
            });
            peer.to.try_send(told.to_string()).ok();
        }
    }
}

impl State {
    fn forget(&mut self, swarm: &Swarm, name: &str) {
        if let Some(peers) = self.swarms.get_mut(swarm) {
            peers.remove(name);
            if peers.is_empty() {
                self.swarms.remove(swarm);
            }
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut state = self.tracker.0.lock();
        for (swarm, name) in &self.joined {
            state.forget(swarm, name);
        }
        state.seats -= 1;
        let of_address = state.addresses.get(&self.address).copied().unwrap_or(1);
        if of_address <= 1 {
            state.addresses.remove(&self.address);
        } else {
            state.addresses.insert(self.address, of_address - 1);
        }
    }
}

fn is_name(text: &str) -> bool {
    text.chars().count() == NAME
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "aaaaaaaaaaaaaaaaaaaa";

    fn name(letter: char) -> String {
        letter.to_string().repeat(NAME)
    }

    fn enter(tracker: &Tracker, video: u128) -> (Seat, Receiver<String>) {
        let address = IpAddr::from([192, 0, 2, 1]);
        tracker.enter(Uuid::from_u128(video), address).unwrap()
    }

    fn announce(letter: char, more: Value) -> String {
        let mut said = json!({ "action": "announce", "info_hash": HASH, "peer_id": name(letter) });
        for (key, value) in more.as_object().unwrap() {
            said[key] = value.clone();
        }
        said.to_string()
    }

    fn hear(seat: &mut Seat, said: &str) -> Value {
        seat.hear(said)
            .map_or(Value::Null, |text| serde_json::from_str(&text).unwrap())
    }

    fn told(from: &mut Receiver<String>) -> Value {
        from.try_recv()
            .map_or(Value::Null, |text| serde_json::from_str(&text).unwrap())
    }

    #[test]
    fn an_offer_goes_to_another_and_the_answer_comes_back() {
        let tracker = Tracker::default();
        let (mut anna, mut to_anna) = enter(&tracker, 1);
        let (mut ben, mut to_ben) = enter(&tracker, 1);
        let (mut else_where, mut to_else) = enter(&tracker, 2);
        hear(&mut else_where, &announce('c', json!({})));
        let first = hear(&mut anna, &announce('a', json!({ "left": 0 })));
        assert_eq!(
            (&first["complete"], &first["incomplete"]),
            (&json!(1), &json!(0))
        );
        let offer = json!({ "offers": [{ "offer": { "sdp": "x" }, "offer_id": name('o') }] });
        let answer = hear(&mut ben, &announce('b', offer));
        assert_eq!(
            (&answer["complete"], &answer["incomplete"]),
            (&json!(1), &json!(1))
        );
        let offered = told(&mut to_anna);
        assert_eq!(offered["peer_id"], name('b'));
        assert_eq!(offered["offer"]["sdp"], "x");
        let answer = json!({
            "answer": { "sdp": "y" }, "to_peer_id": name('b'), "offer_id": name('o'),
        });
        assert_eq!(hear(&mut anna, &announce('a', answer)), Value::Null);
        let answered = told(&mut to_ben);
        assert_eq!(
            (&answered["answer"]["sdp"], &answered["peer_id"]),
            (&json!("y"), &json!(name('a')))
        );
        assert_eq!(
            told(&mut to_else),
            Value::Null,
            "another video is another swarm"
        );
        drop(anna);
        let left = hear(&mut ben, &announce('b', json!({})));
        assert_eq!(
            (&left["complete"], &left["incomplete"]),
            (&json!(0), &json!(1))
        );
        hear(&mut ben, &announce('b', json!({ "event": "stopped" })));
        drop((ben, else_where));
        let state = tracker.0.lock();
        assert!(state.swarms.is_empty() && state.addresses.is_empty() && state.seats == 0);
    }

    #[test]
    fn nonsense_is_refused_and_nobody_speaks_for_another() {
        let tracker = Tracker::default();
        let (mut anna, _to_anna) = enter(&tracker, 1);
        let (mut eve, _to_eve) = enter(&tracker, 1);
        hear(&mut anna, &announce('a', json!({})));
        for wrong in [
            "{".to_owned(),
            "[]".to_owned(),
            json!({ "action": "dance" }).to_string(),
            json!({ "action": "announce", "info_hash": "short", "peer_id": name('e') }).to_string(),
            announce('a', json!({})),
        ] {
            let answer = hear(&mut eve, &wrong);
            assert!(answer["failure reason"].is_string(), "{wrong}: {answer}");
        }
        hear(&mut eve, &announce('e', json!({})));
        let other = hear(&mut eve, &announce('f', json!({})));
        assert!(other["failure reason"].is_string());
        let mut streams = 1;
        for n in 0..MOST_SWARMS {
            let hash = format!("{n:0>20}");
            let answer = hear(&mut eve, &announce('e', json!({ "info_hash": hash })));
            streams += usize::from(answer["interval"].is_number());
        }
        assert_eq!(streams, MOST_SWARMS);
    }

    #[test]
    fn places_behind_one_address_and_what_waits_are_bounded() {
        let tracker = Tracker::default();
        let mut seats: Vec<_> = (0..MOST_OF_ADDRESS).map(|_| enter(&tracker, 1)).collect();
        let address = IpAddr::from([192, 0, 2, 1]);
        assert!(tracker.enter(Uuid::nil(), address).is_none());
        assert!(
            tracker
                .enter(Uuid::nil(), IpAddr::from([192, 0, 2, 2]))
                .is_some()
        );
        seats.truncate(2);
        let (mut anna, mut to_anna) = seats.pop().unwrap();
        let (mut ben, _to_ben) = seats.pop().unwrap();
        hear(&mut anna, &announce('a', json!({})));
        let offer = json!({ "offers": [{ "offer": 1, "offer_id": name('o') }] });
        for _ in 0..MOST_WAITING + 10 {
            hear(&mut ben, &announce('b', offer.clone()));
        }
        let mut waiting = 0;
        while told(&mut to_anna) != Value::Null {
            waiting += 1;
        }
        assert_eq!(waiting, MOST_WAITING);
    }
}
