//! Actors: people, channels and servers that act by a key of their own.

use serde_json::{Value, json};

use crate::address::{Id, Rules, require_same_host, web_url};
use crate::context::Context;
use crate::image::{self, Image};
use crate::key::PublicKey;
use crate::{Error, Result, date, json};

const MAX_NAME_CHARS: usize = 200;
const MAX_SUMMARY_CHARS: usize = 10_000;
const MAX_MAIL_CHARS: usize = 254;
const MAX_USERNAME_CHARS: usize = 120;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Person,
    Group,
    Application,
    Service,
    Organization,
}

impl Kind {
    const ALL: [Self; 5] = [
        Self::Person,
        Self::Group,
        Self::Application,
        Self::Service,
        Self::Organization,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Person => "Person",
            Self::Group => "Group",
            Self::Application => "Application",
            Self::Service => "Service",
            Self::Organization => "Organization",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// The first type of an object that is one of an actor.
    pub fn of(object: &Value) -> Option<Self> {
        json::items(object, "type")
            .into_iter()
            .find_map(|value| Self::parse(value.as_str()?))
    }
}

/// An actor as read from its own server. Everything that gives power over it lies on the host of its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    pub id: Id,
    pub kind: Kind,
    /// The name of its handle.
    pub username: String,
    pub display_name: Option<String>,
    /// Markdown from PeerTube, HTML from others: to be cleaned before it is shown.
    pub summary: Option<String>,
    pub inbox: Id,
    pub shared_inbox: Option<Id>,
    pub outbox: Option<Id>,
    pub followers: Option<Id>,
    pub following: Option<Id>,
    pub playlists: Option<Id>,
    /// Pages for people, best first.
    pub pages: Vec<String>,
    pub avatars: Vec<Image>,
    pub banners: Vec<Image>,
    pub public_key_id: String,
    pub public_key_pem: String,
    pub published_ms: Option<i64>,
    /// The accounts a channel belongs to, those on its own host only.
    pub owners: Vec<Id>,
    pub support: Option<String>,
    /// An address for mail that a channel shows to everybody.
    pub email: Option<String>,
    /// How a channel wants its player to look.
    pub player_settings: Option<Id>,
    pub posting_restricted: bool,
    /// Asks to be found in searches; `None` if it does not say.
    pub indexable: Option<bool>,
    pub approves_followers: bool,
    pub moved_to: Option<Id>,
    pub also_known_as: Vec<String>,
}

impl Actor {
    /// Reads an actor document. The caller has checked that it came from the address its id names.
    pub fn read(object: &Value, rules: Rules) -> Result<Self> {
        let kind =
            Kind::of(object).ok_or_else(|| Error::invalid("actor", "not of a type that acts"))?;
        let id = Id::of(object, rules)?;
        let username = json::text(object, "preferredUsername")
            .ok_or_else(|| Error::invalid("actor", "no name"))?;
        check_username(username)?;
        let inbox = Id::at(object, "inbox", rules)
            .ok_or_else(|| Error::invalid("actor", "no usable inbox"))?;
        require_same_host("inbox", &inbox, &id)?;
        let (public_key_id, public_key_pem) = read_key(object, &id, rules)?;
        let own =
            |value: &Value, key| Id::at(value, key, rules).filter(|other| other.same_host(&id));
        let owners = json::references(object, "attributedTo").into_iter();
        let owners = owners
            .filter_map(|text| Id::parse(&text, rules).ok())
            .filter(|owner| owner.same_host(&id));
        Ok(Self {
            kind,
            username: username.to_owned(),
            display_name: json::text_up_to(object, "name", MAX_NAME_CHARS),
            summary: json::text_up_to(object, "summary", MAX_SUMMARY_CHARS),
            shared_inbox: object
                .get("endpoints")
                .and_then(|endpoints| own(endpoints, "sharedInbox")),
            outbox: own(object, "outbox"),
            followers: own(object, "followers"),
            following: own(object, "following"),
            playlists: own(object, "playlists"),
            pages: pages(object),
            avatars: Image::read_all(object, "icon"),
            banners: Image::read_all(object, "image"),
            public_key_id,
            public_key_pem,
            published_ms: json::time_ms(object, "published"),
            owners: owners.collect(),
            support: json::text_up_to(object, "support", MAX_SUMMARY_CHARS),
            email: json::text(object, "email")
                .filter(|email| is_mail_address(email))
                .map(str::to_owned),
            player_settings: own(object, "playerSettings"),
            posting_restricted: json::boolean(object, "postingRestrictedToMods").unwrap_or(false),
            indexable: json::boolean(object, "indexable"),
            approves_followers: json::boolean(object, "manuallyApprovesFollowers").unwrap_or(false),
            moved_to: Id::at(object, "movedTo", rules),
            also_known_as: json::references(object, "alsoKnownAs")
                .into_iter()
                .take(20)
                .collect(),
            inbox,
            id,
        })
    }

    /// Where to deliver what goes to many on this host.
    pub fn delivery_inbox(&self) -> &Id {
        self.shared_inbox.as_ref().unwrap_or(&self.inbox)
    }

    /// The document of one of our own actors.
    pub fn to_json(&self) -> Value {
        let id = |id: &Option<Id>| id.as_ref().map(|id| json!(id.as_str()));
        let text = |text: &Option<String>| text.as_ref().map(|text| json!(text));
        let owners: Vec<_> = self
            .owners
            .iter()
            .map(|owner| json!({ "type": "Person", "id": owner.as_str() }))
            .collect();
        let some = |list: &[Image]| (!list.is_empty()).then(|| image::all_to_json(list));
        let group = self.kind == Kind::Group;
        let document = json::object([
            ("type", Some(json!(self.kind.as_str()))),
            ("id", Some(json!(self.id.as_str()))),
            ("preferredUsername", Some(json!(self.username))),
            (
                "name",
                Some(json!(self.display_name.as_ref().unwrap_or(&self.username))),
            ),
            ("summary", text(&self.summary)),
            ("inbox", Some(json!(self.inbox.as_str()))),
            ("outbox", id(&self.outbox)),
            ("followers", id(&self.followers)),
            ("following", id(&self.following)),
            ("playlists", id(&self.playlists)),
            (
                "endpoints",
                self.shared_inbox
                    .as_ref()
                    .map(|inbox| json!({ "sharedInbox": inbox.as_str() })),
            ),
            ("publicKey", Some(self.key_json())),
            (
                "published",
                self.published_ms.map(|time_ms| json!(date::iso(time_ms))),
            ),
            ("url", Some(self.pages_json())),
            ("icon", some(&self.avatars)),
            ("image", some(&self.banners)),
            ("support", text(&self.support)),
            ("email", text(&self.email)),
            ("playerSettings", id(&self.player_settings)),
            (
                "attributedTo",
                (!owners.is_empty()).then_some(Value::Array(owners)),
            ),
            (
                "postingRestrictedToMods",
                group.then(|| json!(self.posting_restricted)),
            ),
            ("indexable", self.indexable.map(|flag| json!(flag))),
            ("discoverable", self.indexable.map(|flag| json!(flag))),
            (
                "manuallyApprovesFollowers",
                Some(json!(self.approves_followers)),
            ),
            ("movedTo", id(&self.moved_to)),
            (
                "alsoKnownAs",
                (!self.also_known_as.is_empty()).then(|| json!(self.also_known_as)),
            ),
        ]);
        Context::Actor.on(document)
    }

    fn key_json(&self) -> Value {
        json!({ "id": self.public_key_id, "owner": self.id.as_str(), "publicKeyPem": self.public_key_pem })
    }

    fn pages_json(&self) -> Value {
        let id = self.id.as_str();
        let pages = self
            .pages
            .iter()
            .map(String::as_str)
            .filter(|page| *page != id)
            .chain([id]);
        pages
            .map(|href| json!({ "type": "Link", "mediaType": "text/html", "href": href }))
            .collect()
    }
}

/// Enough of one to be shown as a link: something on both sides of one `@`, without spaces.
fn is_mail_address(text: &str) -> bool {
    let parts = text.split_once('@');
    let whole = parts
        .is_some_and(|(name, host)| !name.is_empty() && host.contains('.') && !host.contains('@'));
    let strange = |c: char| c.is_whitespace() || c.is_control() || "<>\"'\\,;?&".contains(c);
    whole && text.len() <= MAX_MAIL_CHARS && !text.contains(strange)
}

/// Letters, digits and `-_.:`, so that a name is safe in a handle and in a URL.
pub fn check_username(name: &str) -> Result<()> {
    let allowed = |character: char| character.is_ascii_alphanumeric() || "-_.:".contains(character);
    if name.is_empty() || name.len() > MAX_USERNAME_CHARS || !name.chars().all(allowed) {
        return Err(Error::invalid(
            "actor",
            "its name has characters that are not accepted",
        ));
    }
    Ok(())
}

/// The key must be the actor's own: it says so, and it lives on the actor's host.
fn read_key(object: &Value, id: &Id, rules: Rules) -> Result<(String, String)> {
    let mut refusal = Error::invalid("publicKey", "missing");
    for key in json::items(object, "publicKey") {
        match read_one_key(key, id, rules) {
            Ok(found) => return Ok(found),
            Err(error) => refusal = error,
        }
    }
    Err(refusal)
}

fn read_one_key(key: &Value, id: &Id, rules: Rules) -> Result<(String, String)> {
    let key_id = Id::of(key, rules)?;
    require_same_host("publicKey", &key_id, id)?;
    if Id::at(key, "owner", rules).as_ref() != Some(id) {
        return Err(Error::invalid("publicKey", "it has another owner"));
    }
    let pem =
        json::text(key, "publicKeyPem").ok_or_else(|| Error::invalid("publicKey", "no PEM"))?;
    PublicKey::from_pem(pem)?;
    Ok((key_id.as_str().to_owned(), pem.to_owned()))
}

/// `url` is a text, a link, or a list of either; links to pages come first.
fn pages(object: &Value) -> Vec<String> {
    let urls = json::items(object, "url").into_iter();
    let pages =
        urls.filter(|link| json::text(link, "mediaType").is_none_or(|kind| kind == "text/html"));
    pages
        .filter_map(json::reference_of)
        .filter_map(web_url)
        .take(5)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRICT: Rules = Rules {
        http_allowed: false,
    };

    fn mastodon() -> Value {
        json::parse(include_bytes!(
            "../../../fixtures/fediverse/mastodon-person.json"
        ))
        .unwrap()
    }

    fn with(key: &str, value: Value) -> Value {
        let mut actor = mastodon();
        actor.as_object_mut().unwrap().insert(key.to_owned(), value);
        actor
    }

    #[test]
    fn actors_of_four_programs_are_read() {
        let person = Actor::read(&mastodon(), STRICT).unwrap();
        assert_eq!(
            (person.kind, person.username.as_str()),
            (Kind::Person, "ronja")
        );
        assert_eq!(
            person.delivery_inbox().as_str(),
            "https://elephants.example/inbox"
        );
        assert_eq!(person.pages, ["https://elephants.example/@ronja"]);
        let channel = include_bytes!("../../../fixtures/fediverse/peertube-channel.json");
        let channel = Actor::read(&json::parse(channel).unwrap(), STRICT).unwrap();
        assert_eq!(channel.kind, Kind::Group);
        assert_eq!(
            channel.owners[0].as_str(),
            "https://tubes.example/accounts/otto"
        );
        assert_eq!(channel.avatars[0].width, Some(120));
        let server = include_bytes!("../../../fixtures/fediverse/peertube-server.json");
        assert_eq!(
            Actor::read(&json::parse(server).unwrap(), STRICT)
                .unwrap()
                .kind,
            Kind::Application
        );
        let community = include_bytes!("../../../fixtures/fediverse/lemmy-community.json");
        let community = Actor::read(&json::parse(community).unwrap(), STRICT).unwrap();
        assert!(community.posting_restricted && community.owners.len() == 1);
    }

    #[test]
    fn what_we_write_we_read() {
        let person = Actor::read(&mastodon(), STRICT).unwrap();
        let again = Actor::read(&person.to_json(), STRICT).unwrap();
        assert_eq!(again.public_key_pem, person.public_key_pem);
        assert_eq!(
            (again.inbox, again.shared_inbox, again.avatars),
            (person.inbox, person.shared_inbox, person.avatars)
        );
        crate::linked_data::read(&Actor::read(&mastodon(), STRICT).unwrap().to_json()).unwrap();
    }

    #[test]
    fn power_over_an_actor_stays_on_its_host() {
        let pem = mastodon()["publicKey"]["publicKeyPem"].clone();
        let key = |id: &str, owner: &str| json!({ "id": id, "owner": owner, "publicKeyPem": pem });
        let own = "https://elephants.example/users/ronja";
        for (name, value) in [
            ("inbox", json!("https://evil.example/inbox")),
            ("inbox", json!("https://elephants.example:8443/inbox")),
            ("inbox", json!(null)),
            ("id", json!("https://evil.example/users/ronja")),
            ("id", json!("http://elephants.example/users/ronja")),
            ("publicKey", key("https://evil.example/key", own)),
            (
                "publicKey",
                key(
                    "https://elephants.example/users/ronja#main-key",
                    "https://elephants.example/users/other",
                ),
            ),
            (
                "publicKey",
                json!("https://elephants.example/users/ronja#main-key"),
            ),
            ("preferredUsername", json!("a' OR '1'='1")),
            ("preferredUsername", json!("a\0b")),
            ("preferredUsername", json!("a@b")),
            ("preferredUsername", json!("x".repeat(1_000))),
            ("type", json!("Video")),
        ] {
            assert!(
                Actor::read(&with(name, value.clone()), STRICT).is_err(),
                "{name} {value:.80}"
            );
        }
        let elsewhere = with(
            "endpoints",
            json!({ "sharedInbox": "https://evil.example/inbox" }),
        );
        assert_eq!(Actor::read(&elsewhere, STRICT).unwrap().shared_inbox, None);
        let owned = with("attributedTo", json!(["https://evil.example/accounts/x"]));
        assert_eq!(Actor::read(&owned, STRICT).unwrap().owners, []);
    }

    #[test]
    fn wrong_types_in_any_field_never_panic() {
        let keys: Vec<String> = mastodon().as_object().unwrap().keys().cloned().collect();
        for key in keys {
            for value in [
                json!(null),
                json!(7),
                json!(true),
                json!([[[]]]),
                json!({"id": {}}),
                json!("x".repeat(100_000)),
            ] {
                let _ = Actor::read(&with(&key, value), STRICT);
            }
        }
    }
}
