//! Ids, hosts and audiences: who a thing belongs to and who may see it.

use std::fmt;

use serde_json::{Value, json};
use url::{Host, Url};

use crate::{Error, Result, json};

pub const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";
const MAX_CHARS: usize = 2_000;

/// What this server allows in ids; tests between servers on loopback allow plain http.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rules {
    pub http_allowed: bool,
}

/// The id of an object or actor: a URL with a host, without user name or password, in normal form.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(Url);

impl Id {
    pub fn parse(text: &str, rules: Rules) -> Result<Self> {
        let refuse = |why: &str| Error::invalid("id", format!("{why}: {text:.100}"));
        if text.chars().count() > MAX_CHARS {
            return Err(Error::invalid("id", "too long"));
        }
        if text
            .chars()
            .any(|character| character.is_control() || character.is_whitespace())
        {
            return Err(refuse("control characters or spaces"));
        }
        let url = Url::parse(text).map_err(|_| refuse("not a URL"))?;
        let scheme_allowed =
            url.scheme() == "https" || (rules.http_allowed && url.scheme() == "http");
        if !scheme_allowed {
            return Err(refuse("not https"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refuse("a user name in the URL"));
        }
        if !has_public_form(&url, rules) {
            return Err(refuse("no host name"));
        }
        Ok(Self(url))
    }

    /// The id of an object that names itself.
    pub fn of(object: &Value, rules: Rules) -> Result<Self> {
        let text = json::text(object, "id").ok_or_else(|| Error::invalid("id", "missing"))?;
        Self::parse(text, rules)
    }

    /// What a property points at, if that is a good id.
    pub fn at(object: &Value, key: &str, rules: Rules) -> Option<Self> {
        Self::parse(json::reference(object, key)?, rules).ok()
    }

    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    pub fn url(&self) -> &Url {
        &self.0
    }

    /// Host with the port if it is not the usual one, as handles and block lists show it.
    pub fn host(&self) -> String {
        crate::signature::authority(&self.0)
    }

    /// Whether one server answers for both: same scheme, host and port.
    pub fn same_host(&self, other: &Self) -> bool {
        self.0.scheme() == other.0.scheme() && self.host() == other.host()
    }

    pub fn without_fragment(&self) -> Self {
        let mut url = self.0.clone();
        url.set_fragment(None);
        Self(url)
    }
}

impl fmt::Display for Id {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// A name with a dot in it; bare addresses and single labels are only for tests.
fn has_public_form(url: &Url, rules: Rules) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => {
            rules.http_allowed || (name.contains('.') && !name.ends_with('.'))
        }
        Some(Host::Ipv4(_) | Host::Ipv6(_)) => rules.http_allowed,
        None => false,
    }
}

/// The thing at `id` speaks for its own host only.
pub fn require_same_host(what: &'static str, id: &Id, authority: &Id) -> Result<()> {
    if id.same_host(authority) {
        return Ok(());
    }
    Err(Error::invalid(
        what,
        format!("{} is not on {}", id.host(), authority.host()),
    ))
}

/// For a URL that is only shown or fetched, never trusted: http or https, and bounded.
pub fn web_url(text: &str) -> Option<String> {
    if text.len() > MAX_CHARS
        || text
            .chars()
            .any(|character| character.is_control() || character.is_whitespace())
    {
        return None;
    }
    let url = Url::parse(text).ok()?;
    let usable =
        matches!(url.scheme(), "https" | "http") && url.has_host() && url.username().is_empty();
    usable.then(|| url.to_string())
}

pub fn is_public(text: &str) -> bool {
    matches!(text, PUBLIC | "as:Public" | "Public")
}

/// Who a copy of a thing is meant for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visibility {
    Public,
    /// Not shown in lists.
    Unlisted,
    /// Followers or named people only: not for us to show.
    Restricted,
}

/// The `to` and `cc` of an object or activity.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Audience {
    pub to: Vec<String>,
    pub cc: Vec<String>,
}

impl Audience {
    /// `extra_to` names the channel, so that Lemmy sees its community.
    pub fn public(extra_to: Option<&str>, followers: Option<&str>) -> Self {
        let to = std::iter::once(PUBLIC)
            .chain(extra_to)
            .map(str::to_owned)
            .collect();
        Self {
            to,
            cc: followers.into_iter().map(str::to_owned).collect(),
        }
    }

    pub fn unlisted() -> Self {
        Self {
            to: Vec::new(),
            cc: vec![PUBLIC.to_owned()],
        }
    }

    pub fn actor(actor: &str) -> Self {
        Self {
            to: vec![actor.to_owned()],
            cc: Vec::new(),
        }
    }

    pub fn read(object: &Value) -> Self {
        Self {
            to: json::references(object, "to"),
            cc: json::references(object, "cc"),
        }
    }

    pub fn visibility(&self) -> Visibility {
        if self.to.iter().any(|id| is_public(id)) {
            Visibility::Public
        } else if self.cc.iter().any(|id| is_public(id)) {
            Visibility::Unlisted
        } else {
            Visibility::Restricted
        }
    }

    /// Puts `to` and `cc` on an object.
    pub fn write(&self, object: &mut Value) {
        if let Value::Object(map) = object {
            map.insert("to".to_owned(), json!(self.to));
            map.insert("cc".to_owned(), json!(self.cc));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRICT: Rules = Rules {
        http_allowed: false,
    };

    #[test]
    fn ids_are_https_with_a_host_and_nothing_clever() {
        for good in [
            "https://a.example/x",
            "https://a.example:8443/x",
            "https://a.example/x#main-key",
        ] {
            assert_eq!(Id::parse(good, STRICT).unwrap().as_str(), good);
        }
        for bad in [
            "",
            "http://a.example/x",
            "https://",
            "https:///x",
            "ftp://a.example/",
            "javascript:alert(1)",
            "https://user@a.example/",
            "https://user:pass@a.example/",
            "https://a.example/ x",
            "https://a.example/\0",
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://localhost/x",
            "//a.example",
            "a.example",
            "https://a.example./x",
            &format!("https://a.example/{}", "x".repeat(3_000)),
        ] {
            assert!(Id::parse(bad, STRICT).is_err(), "{bad:.60}");
        }
        assert!(Id::parse("http://127.0.0.1:9000/x", Rules { http_allowed: true }).is_ok());
    }

    #[test]
    fn one_host_is_one_scheme_name_and_port() {
        let id = |text| Id::parse(text, Rules { http_allowed: true }).unwrap();
        let home = id("https://a.example/x");
        assert!(home.same_host(&id("https://A.EXAMPLE:443/y")));
        for other in [
            "https://a.example:8443/x",
            "http://a.example/x",
            "https://b.a.example/x",
            "https://a.example.b/x",
        ] {
            assert!(!home.same_host(&id(other)), "{other}");
        }
    }

    #[test]
    fn the_audience_says_who_may_see_it() {
        let read = |value| Audience::read(&value).visibility();
        assert_eq!(read(json!({"to": "as:Public"})), Visibility::Public);
        assert_eq!(read(json!({"to": [PUBLIC], "cc": []})), Visibility::Public);
        assert_eq!(
            read(json!({"to": [], "cc": ["Public"]})),
            Visibility::Unlisted
        );
        assert_eq!(
            read(json!({"to": "https://a.example/followers"})),
            Visibility::Restricted
        );
        assert_eq!(
            read(json!({"to": 5, "cc": {"x": 1}})),
            Visibility::Restricted
        );
    }

    #[test]
    fn web_urls_are_of_the_web() {
        assert_eq!(
            web_url("https://a.example/ä").as_deref(),
            Some("https://a.example/%C3%A4")
        );
        for bad in [
            "javascript:alert(1)",
            "data:text/html,x",
            "https://a b.example",
            "https://x@y.example/",
            "x",
        ] {
            assert_eq!(web_url(bad), None, "{bad}");
        }
    }
}
