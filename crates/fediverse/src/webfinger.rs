//! Handles (`name@host`) and the way from a handle to an actor.

use std::fmt;

use serde_json::{Value, json};
use url::Host;

use crate::actor::check_username;
use crate::address::{Id, Rules};
use crate::{Error, Result, json};

const ACTIVITY_TYPES: [&str; 2] = [
    "application/activity+json",
    "application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\"",
];
const PROFILE_PAGE: &str = "http://webfinger.net/rel/profile-page";
const SUBSCRIBE: &str = "http://ostatus.org/schema/1.0/subscribe";

/// A name on a host.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Handle {
    pub name: String,
    /// Lower case, with its port if it has an unusual one.
    pub host: String,
}

impl Handle {
    /// Reads `name@host`, `@name@host` and `acct:name@host`.
    pub fn parse(text: &str) -> Result<Self> {
        let text = text.trim();
        let text = text.strip_prefix("acct:").unwrap_or(text);
        let text = text.strip_prefix('@').unwrap_or(text);
        let (name, host) = text
            .split_once('@')
            .ok_or_else(|| Error::invalid("handle", "no host in it"))?;
        check_username(name)?;
        Ok(Self {
            name: name.to_owned(),
            host: read_host(host)?,
        })
    }

    pub fn resource(&self) -> String {
        format!("acct:{}@{}", self.name, self.host)
    }

    /// Where to ask for this handle.
    pub fn query_url(&self, rules: Rules) -> String {
        let scheme = if rules.http_allowed { "http" } else { "https" };
        format!(
            "{scheme}://{}/.well-known/webfinger?resource={}",
            self.host,
            self.resource().replace(':', "%3A")
        )
    }
}

impl fmt::Display for Handle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}@{}", self.name, self.host)
    }
}

/// A host name with an optional port, in lower case and ASCII.
pub fn read_host(text: &str) -> Result<String> {
    let refuse = || Error::invalid("host", "not a host name");
    let (name, port) = match text.rsplit_once(':') {
        Some((name, port)) if !name.ends_with(']') || name.starts_with('[') => (name, Some(port)),
        _ => (text, None),
    };
    let usable = |character: char| character.is_alphanumeric() || "-._[]:".contains(character);
    if text.is_empty() || text.len() > 300 || !text.chars().all(usable) {
        return Err(refuse());
    }
    let name = Host::parse(name).map_err(|_| refuse())?.to_string();
    match port {
        None => Ok(name),
        Some(port) => {
            let port: u16 = port.parse().map_err(|_| refuse())?;
            Ok(if port == 443 {
                name
            } else {
                format!("{name}:{port}")
            })
        }
    }
}

/// The answer to a question about one of our actors. `remote_follow` is a template with `{uri}` in it.
pub fn document(handle: &Handle, actor: &str, pages: &[&str], remote_follow: &str) -> Value {
    let mut links = vec![json!({ "rel": "self", "type": ACTIVITY_TYPES.first(), "href": actor })];
    links.extend(
        pages
            .iter()
            .map(|href| json!({ "rel": PROFILE_PAGE, "type": "text/html", "href": href })),
    );
    links.push(json!({ "rel": SUBSCRIBE, "template": remote_follow }));
    let aliases: Vec<&str> = pages.iter().copied().chain([actor]).collect();
    json!({ "subject": handle.resource(), "aliases": aliases, "links": links })
}

/// What another server answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub actor: Id,
    /// The handle the server itself uses for the actor, if it says one.
    pub subject: Option<Handle>,
    /// Where people of other servers can follow, with `{uri}` in it.
    pub remote_follow: Option<String>,
}

pub fn read(document: &Value, rules: Rules) -> Result<Found> {
    let links = json::items(document, "links");
    let is_actor = |link: &&&Value| {
        json::text(link, "rel") == Some("self")
            && json::text(link, "type").is_some_and(|kind| {
                ACTIVITY_TYPES.contains(&kind) || kind.starts_with("application/ld+json")
            })
    };
    let actor = links
        .iter()
        .find(is_actor)
        .and_then(|link| json::text(link, "href"));
    let template = links
        .iter()
        .find(|link| json::text(link, "rel") == Some(SUBSCRIBE));
    let template = template.and_then(|link| json::text_up_to(link, "template", 2_000));
    Ok(Found {
        actor: Id::parse(
            actor.ok_or_else(|| Error::invalid("webfinger", "no actor in the answer"))?,
            rules,
        )?,
        subject: json::text(document, "subject").and_then(|text| Handle::parse(text).ok()),
        remote_follow: template
            .filter(|text| text.starts_with("https://") && text.contains("{uri}")),
    })
}

/// The XRD that older software asks for before webfinger.
pub fn host_meta(origin: &str) -> String {
    let origin = origin
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;");
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
        <XRD xmlns=\"http://docs.oasis-open.org/ns/xri/xrd-1.0\">\n  \
        <Link rel=\"lrdd\" type=\"application/xrd+xml\" template=\"{origin}/.well-known/webfinger?resource={{uri}}\"/>\n\
        </XRD>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRICT: Rules = Rules {
        http_allowed: false,
    };

    #[test]
    fn handles_are_read_in_their_three_forms() {
        for text in [
            "otto@tubes.example",
            "@otto@tubes.example",
            "acct:otto@Tubes.Example",
            " otto@tubes.example:443 ",
        ] {
            assert_eq!(
                Handle::parse(text).unwrap().to_string(),
                "otto@tubes.example",
                "{text}"
            );
        }
        assert_eq!(
            Handle::parse("otto@bücher.example").unwrap().host,
            "xn--bcher-kva.example"
        );
        assert_eq!(
            Handle::parse("otto@127.0.0.1:9000").unwrap().host,
            "127.0.0.1:9000"
        );
        for text in [
            "",
            "@",
            "otto",
            "otto@",
            "@tubes.example",
            "ot to@tubes.example",
            "otto@tubes example",
            "o@a/b",
            "otto@user@tubes.example",
            "otto@tubes.example/../x",
            "otto@tubes.example:99999",
            "o'o@a.example",
            "otto@a.example?x",
        ] {
            assert!(Handle::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn our_answer_is_one_we_understand() {
        let handle = Handle::parse("otto@tubes.example").unwrap();
        let actor = "https://tubes.example/accounts/otto";
        let template = "https://tubes.example/remote-interaction?uri={uri}";
        let found = read(
            &document(&handle, actor, &["https://tubes.example/a/otto"], template),
            STRICT,
        )
        .unwrap();
        assert_eq!(
            (found.actor.as_str(), found.subject),
            (actor, Some(handle.clone()))
        );
        assert_eq!(found.remote_follow.as_deref(), Some(template));
        let asked =
            "https://tubes.example/.well-known/webfinger?resource=acct%3Aotto@tubes.example";
        assert_eq!(handle.query_url(STRICT), asked);
    }

    #[test]
    fn odd_answers_are_refused() {
        for answer in [
            json!({}),
            json!({"links": 5}),
            json!({"links": [{"rel": "self", "href": "https://a.example/x"}]}),
            json!({"links": [{"rel": "self", "type": "application/activity+json", "href": "http://a.example/x"}]}),
            json!({"links": [{"rel": "self", "type": "application/activity+json", "href": 5}]}),
        ] {
            assert!(read(&answer, STRICT).is_err(), "{answer}");
        }
    }

    #[test]
    fn host_meta_leads_to_webfinger() {
        assert!(
            host_meta("https://a.example")
                .contains("template=\"https://a.example/.well-known/webfinger?resource={uri}\"")
        );
    }
}
