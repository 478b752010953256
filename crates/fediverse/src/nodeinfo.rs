//! NodeInfo: what a server says about itself to crawlers, clients and other servers.

use serde_json::{Value, json};

use crate::json;

const SCHEMA: &str = "http://nodeinfo.diaspora.software/ns/schema/";
/// Newest first, which is also the order in which they are asked for.
pub const VERSIONS: [&str; 2] = ["2.1", "2.0"];

/// What we say about this server.
#[derive(Debug, Clone, PartialEq)]
pub struct NodeInfo {
    pub software: String,
    pub version: String,
    /// Only in 2.1.
    pub repository: Option<String>,
    pub open_registrations: bool,
    pub users: i64,
    pub active_half_year: i64,
    pub active_month: i64,
    pub posts: i64,
    pub comments: i64,
    pub metadata: Value,
}

/// The document at `/.well-known/nodeinfo`.
pub fn discovery(origin: &str) -> Value {
    let link = |version: &&str| json!({ "rel": format!("{SCHEMA}{version}"), "href": format!("{origin}/nodeinfo/{version}.json") });
    json!({ "links": VERSIONS.iter().map(link).collect::<Vec<_>>() })
}

/// The address of the best document that a discovery document names.
pub fn best_link(discovery: &Value) -> Option<&str> {
    let links = json::items(discovery, "links");
    VERSIONS.iter().find_map(|version| {
        let rel = format!("{SCHEMA}{version}");
        links
            .iter()
            .find(|link| json::text(link, "rel") == Some(&rel))
            .and_then(|link| json::text(link, "href"))
    })
}

impl NodeInfo {
    /// The document in one of [`VERSIONS`].
    pub fn to_json(&self, version: &str) -> Value {
        let repository = self
            .repository
            .as_ref()
            .filter(|_| version != "2.0")
            .map(|url| json!(url));
        json!({
            "version": version,
            "software": json::object([
                ("name", Some(json!(self.software))),
                ("version", Some(json!(self.version))),
                ("repository", repository),
            ]),
            "protocols": ["activitypub"],
            "services": { "inbound": [], "outbound": ["atom1.0", "rss2.0"] },
            "openRegistrations": self.open_registrations,
            "usage": {
                "users": {
                    "total": self.users,
                    "activeHalfyear": self.active_half_year,
                    "activeMonth": self.active_month,
                },
                "localPosts": self.posts,
                "localComments": self.comments,
            },
            "metadata": self.metadata,
        })
    }
}

/// What another server says it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Software {
    /// Lower case.
    pub name: String,
    pub version: String,
}

pub fn read_software(document: &Value) -> Option<Software> {
    let software = document.get("software")?;
    let name = json::text_up_to(software, "name", 60)?.to_lowercase();
    Some(Software {
        name,
        version: json::text_up_to(software, "version", 60).unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_documents_are_ones_we_understand() {
        let info = NodeInfo {
            software: "Vidicon".into(),
            version: "0.1.0".into(),
            repository: Some("https://code.example/vidicon".into()),
            open_registrations: true,
            users: 3,
            active_half_year: 2,
            active_month: 1,
            posts: 9,
            comments: 4,
            metadata: json!({}),
        };
        assert_eq!(info.to_json("2.0")["software"].get("repository"), None);
        assert_eq!(info.to_json("2.1")["usage"]["users"]["activeMonth"], 1);
        let software = read_software(&info.to_json("2.1")).unwrap();
        assert_eq!(
            (software.name.as_str(), software.version.as_str()),
            ("vidicon", "0.1.0")
        );
        assert_eq!(
            best_link(&discovery("https://a.example")),
            Some("https://a.example/nodeinfo/2.1.json")
        );
    }

    #[test]
    fn odd_documents_give_nothing() {
        for document in [
            json!({}),
            json!({"software": 5}),
            json!({"software": {"name": []}}),
            json!([]),
        ] {
            assert_eq!(read_software(&document), None);
            assert_eq!(best_link(&document), None);
        }
    }
}
