//! What each term of a document means: the two shared contexts and the terms PeerTube and its neighbours add.
//!
//! No context is ever fetched. One that is not known here makes a signed document unreadable, on purpose.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde_json::{Map, Value};

use crate::{Error, Result};

pub(crate) const ACTIVITY_STREAMS: &str = "https://www.w3.org/ns/activitystreams";
pub(crate) const SECURITY: &str = "https://w3id.org/security/v1";

const PREFIXES: [(&str, &str); 12] = [
    ("as", "https://www.w3.org/ns/activitystreams#"),
    ("xsd", "http://www.w3.org/2001/XMLSchema#"),
    ("ldp", "http://www.w3.org/ns/ldp#"),
    ("vcard", "http://www.w3.org/2006/vcard/ns#"),
    ("dc", "http://purl.org/dc/terms/"),
    ("sec", "https://w3id.org/security#"),
    ("pt", "https://joinpeertube.org/ns#"),
    ("sc", "http://schema.org/"),
    ("lemmy", "https://join-lemmy.org/ns#"),
    ("toot", "http://joinmastodon.org/ns#"),
    ("litepub", "http://litepub.social/ns#"),
    ("ostatus", "http://ostatus.org#"),
];

/// Types of ActivityStreams, each `as:<name>`.
const STREAM_TYPES: &str = "Accept Activity IntransitiveActivity Add Announce Application Arrive Article Audio Block \
    Collection CollectionPage Relationship Create Delete Dislike Document Event Follow Flag Group Ignore Image Invite \
    Join Leave Like Link Mention Note Object Offer OrderedCollection OrderedCollectionPage Organization Page Person \
    Place Profile Question Reject Remove Service TentativeAccept TentativeReject Tombstone Undo Update Video View \
    Listen Read Move Travel IsFollowing IsFollowedBy IsContact IsMember";
/// Properties whose texts are ids.
const STREAM_IDS: &str = "subject relationship actor attributedTo attachment bcc bto cc context current first \
    generator icon image inReplyTo items instrument last location next object oneOf anyOf origin prev preview replies \
    result audience partOf tag target to url href describes formerType outbox following followers streams endpoints \
    uploadMedia proxyUrl liked oauthAuthorizationEndpoint oauthTokenEndpoint provideClientKey signClientKey \
    sharedInbox Public likes shares alsoKnownAs";
const STREAM_TEXTS: &str =
    "content name hreflang mediaType rel summary units preferredUsername source";
const STREAM_DATES: &str = "closed endTime published startTime updated deleted";
const STREAM_FLOATS: &str = "accuracy altitude latitude longitude radius";
const STREAM_COUNTS: &str = "height startIndex totalItems width";
const SECURITY_TYPES: &str = "EcdsaKoblitzSignature2016 Ed25519Signature2018 EncryptedMessage GraphSignature2012 \
    LinkedDataSignature2015 LinkedDataSignature2016";
const SECURITY_IDS: &str = "owner privateKey publicKey publicKeyService";
const SECURITY_TEXTS: &str = "authenticationTag canonicalizationAlgorithm cipherAlgorithm cipherData cipherKey \
    digestAlgorithm digestValue domain encryptionKey initializationVector iterationCount nonce \
    normalizationAlgorithm password privateKeyPem publicKeyBase58 publicKeyPem publicKeyWif salt signature \
    signatureValue";

/// Terms that documents define for themselves: name, meaning, and the type of its values (or nothing).
pub(crate) const EXTENSIONS: &[(&str, &str, &str)] = &[
    ("RsaSignature2017", "sec:RsaSignature2017", ""),
    ("ApproveReply", "pt:ApproveReply", ""),
    ("CacheFile", "pt:CacheFile", ""),
    ("Download", "pt:Download", ""),
    ("EmojiReact", "litepub:EmojiReact", ""),
    ("Hashtag", "as:Hashtag", ""),
    ("Infohash", "pt:Infohash", ""),
    ("InteractionCounter", "sc:InteractionCounter", ""),
    ("PlayerSettings", "pt:PlayerSettings", ""),
    ("Playlist", "pt:Playlist", ""),
    ("PlaylistElement", "pt:PlaylistElement", ""),
    ("PropertyValue", "sc:PropertyValue", ""),
    ("RejectReply", "pt:RejectReply", ""),
    ("SensitiveTag", "pt:SensitiveTag", ""),
    ("WatchAction", "sc:WatchAction", ""),
    ("actionStatus", "sc:actionStatus", ""),
    ("addressCountry", "sc:addressCountry", ""),
    ("addressRegion", "sc:addressRegion", ""),
    ("aspectRatio", "pt:aspectRatio", "sc:Float"),
    ("atomUri", "ostatus:atomUri", ""),
    ("automaticallyGenerated", "pt:automaticallyGenerated", ""),
    ("blurhash", "toot:blurhash", ""),
    ("canReply", "pt:canReply", ""),
    ("category", "sc:category", ""),
    ("comments", "as:comments", "@id"),
    ("commentsEnabled", "pt:commentsEnabled", "sc:Boolean"),
    ("commentsPolicy", "pt:commentsPolicy", "sc:Number"),
    ("conversation", "ostatus:conversation", ""),
    ("discoverable", "toot:discoverable", ""),
    ("dislikes", "as:dislikes", "@id"),
    ("downloadEnabled", "pt:downloadEnabled", "sc:Boolean"),
    ("downloads", "pt:downloads", "sc:Number"),
    ("dvrWindow", "pt:dvrWindow", "sc:Duration"),
    ("email", "sc:email", ""),
    ("embedUrl", "sc:embedUrl", ""),
    ("endOffset", "sc:endOffset", ""),
    ("endTimestamp", "pt:endTimestamp", ""),
    ("expires", "sc:expires", ""),
    ("featured", "toot:featured", "@id"),
    ("fps", "pt:fps", "sc:Number"),
    ("hasPart", "sc:hasPart", ""),
    ("hasParts", "sc:hasParts", ""),
    ("identifier", "sc:identifier", ""),
    ("inReplyToAtomUri", "ostatus:inReplyToAtomUri", ""),
    ("indexable", "toot:indexable", ""),
    ("interactionType", "sc:interactionType", ""),
    ("isLiveBroadcast", "sc:isLiveBroadcast", ""),
    ("language", "sc:inLanguage", ""),
    ("latencyMode", "pt:latencyMode", "sc:Number"),
    ("licence", "sc:license", ""),
    ("likes", "as:likes", "@id"),
    ("liveSaveReplay", "pt:liveSaveReplay", "sc:Boolean"),
    (
        "manuallyApprovesFollowers",
        "as:manuallyApprovesFollowers",
        "",
    ),
    ("movedTo", "as:movedTo", "@id"),
    ("originallyPublishedAt", "sc:datePublished", ""),
    ("permanentLive", "pt:permanentLive", "sc:Boolean"),
    ("playerSettings", "pt:playerSettings", ""),
    ("playlists", "pt:playlists", "@id"),
    ("position", "pt:position", "sc:Number"),
    (
        "postingRestrictedToMods",
        "lemmy:postingRestrictedToMods",
        "",
    ),
    ("replyApproval", "pt:replyApproval", ""),
    ("schedules", "sc:eventSchedule", ""),
    ("sensitive", "as:sensitive", ""),
    ("shares", "as:shares", "@id"),
    ("size", "pt:size", "sc:Number"),
    ("startDate", "sc:startDate", ""),
    ("startOffset", "sc:startOffset", ""),
    ("startTimestamp", "pt:startTimestamp", "sc:Number"),
    ("state", "pt:state", "sc:Number"),
    ("stopTimestamp", "pt:stopTimestamp", "sc:Number"),
    ("subtitleLanguage", "sc:subtitleLanguage", ""),
    ("support", "pt:support", "sc:Text"),
    ("suspended", "toot:suspended", ""),
    ("theme", "pt:theme", ""),
    ("tileDuration", "pt:tileDuration", "sc:Number"),
    ("tileHeight", "pt:tileHeight", "sc:Number"),
    ("tileWidth", "pt:tileWidth", "sc:Number"),
    ("uploadDate", "sc:uploadDate", ""),
    ("userInteractionCount", "sc:userInteractionCount", ""),
    ("uuid", "pt:uuid", "sc:identifier"),
    ("value", "sc:value", ""),
    (
        "videoChannelPosition",
        "pt:videoChannelPosition",
        "sc:Number",
    ),
    ("views", "pt:views", "sc:Number"),
    ("votersCount", "toot:votersCount", ""),
    ("waitTranscoding", "pt:waitTranscoding", "sc:Boolean"),
    ("watchSections", "pt:watchSections", ""),
];

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Coercion {
    None,
    /// Texts are ids.
    Id,
    /// Texts are terms.
    Vocabulary,
    Datatype(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Container {
    None,
    List,
    Language,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Term {
    pub iri: String,
    pub coercion: Coercion,
    pub container: Container,
}

/// The meanings in force in one document.
pub(crate) struct Vocabulary {
    terms: HashMap<String, Term>,
}

static SHARED: LazyLock<(HashMap<String, Term>, HashMap<String, Term>)> =
    LazyLock::new(|| (stream_terms(), security_terms()));

impl Vocabulary {
    /// Reads the `@context` of a document.
    pub fn read(context: Option<&Value>) -> Result<Self> {
        let refuse = |why: &str| Error::invalid("@context", why);
        let entries = match context {
            Some(Value::Array(entries)) => entries.iter().collect(),
            Some(single) => vec![single],
            None => return Err(refuse("missing")),
        };
        if !entries
            .iter()
            .any(|entry| entry.as_str() == Some(ACTIVITY_STREAMS))
            || entries.len() > 10
        {
            return Err(refuse("not one of ActivityStreams"));
        }
        let mut vocabulary = Self {
            terms: HashMap::new(),
        };
        for entry in entries {
            match entry {
                Value::String(url) if url == ACTIVITY_STREAMS => {
                    vocabulary.terms.extend(SHARED.0.clone())
                }
                Value::String(url) if url == SECURITY => vocabulary.terms.extend(SHARED.1.clone()),
                Value::String(url) => return Err(refuse(&format!("{url:.100} is not known here"))),
                Value::Object(definitions) => vocabulary.define_all(definitions)?,
                _ => return Err(refuse("neither a URL nor an object")),
            }
        }
        Ok(vocabulary)
    }

    pub fn term(&self, name: &str) -> Option<&Term> {
        self.terms.get(name)
    }

    /// `prefix:rest` into a full IRI; other texts as they are.
    pub fn expand(&self, text: &str) -> String {
        match text.split_once(':') {
            Some((prefix, rest)) if !rest.starts_with("//") => match self.terms.get(prefix) {
                Some(term) if is_prefix(term) => format!("{}{rest}", term.iri),
                _ => text.to_owned(),
            },
            _ => text.to_owned(),
        }
    }

    /// Prefixes may stand after the terms that use them, so they are read first.
    fn define_all(&mut self, definitions: &Map<String, Value>) -> Result<()> {
        let (prefixes, others): (Vec<_>, Vec<_>) = definitions
            .iter()
            .partition(|(_, value)| value.as_str().is_some_and(|text| text.contains("://")));
        for (name, definition) in prefixes.into_iter().chain(others) {
            self.define(name, definition)?;
        }
        Ok(())
    }

    fn define(&mut self, name: &str, definition: &Value) -> Result<()> {
        let refuse = |why: &str| Error::invalid("@context", format!("{why}: {name:.60}"));
        match (name, definition.as_str()) {
            ("id", Some("@id")) | ("type", Some("@type")) | ("@version", None) => return Ok(()),
            _ if name.starts_with('@')
                || name.contains(':')
                || matches!(name, "" | "id" | "type") =>
            {
                return Err(refuse("this keyword may not be set"));
            }
            _ => {}
        }
        let term = self
            .read_definition(definition)
            .ok_or_else(|| refuse("this definition is not accepted"))?;
        if !means_what_we_read(name, &term.iri) {
            return Err(refuse("this term has another meaning here"));
        }
        self.terms.insert(name.to_owned(), term);
        Ok(())
    }

    fn read_definition(&self, definition: &Value) -> Option<Term> {
        let (iri, kind, container) = match definition {
            Value::String(iri) => (iri.as_str(), None, None),
            Value::Object(parts) => {
                if parts
                    .keys()
                    .any(|key| !matches!(key.as_str(), "@id" | "@type" | "@container"))
                {
                    return None;
                }
                let text = |key: &str| parts.get(key).and_then(Value::as_str);
                (text("@id")?, text("@type"), text("@container"))
            }
            _ => return None,
        };
        let iri = self.expand(iri);
        // Aliases of keywords would let a document hide what it says.
        if iri.starts_with('@') || iri.starts_with('_') || !iri.contains(':') {
            return None;
        }
        let coercion = match kind {
            None => Coercion::None,
            Some("@id") => Coercion::Id,
            Some("@vocab") => Coercion::Vocabulary,
            Some(keyword) if keyword.starts_with('@') => return None,
            Some(datatype) => Coercion::Datatype(self.expand(datatype)),
        };
        let container = match container {
            None | Some("@set") => Container::None,
            Some("@list") => Container::List,
            Some("@language") => Container::Language,
            Some(_) => return None,
        };
        Some(Term {
            iri,
            coercion,
            container,
        })
    }
}

/// A name that our reader looks for must mean what our reader takes it for.
fn means_what_we_read(name: &str, iri: &str) -> bool {
    let shared = [&SHARED.0, &SHARED.1]
        .into_iter()
        .filter_map(|terms| terms.get(name))
        .map(|term| term.iri.clone());
    let extensions = EXTENSIONS
        .iter()
        .filter(|(known, _, _)| *known == name)
        .map(|(_, meaning, _)| expand_known(meaning));
    let mut meanings = shared.chain(extensions).peekable();
    meanings.peek().is_none() || meanings.any(|meaning| meaning == iri)
}

fn is_prefix(term: &Term) -> bool {
    term.coercion == Coercion::None && term.iri.ends_with([':', '/', '?', '#', '[', ']', '@'])
}

pub(crate) fn expand_known(compact: &str) -> String {
    match compact.split_once(':') {
        Some((prefix, rest)) => match PREFIXES.iter().find(|(known, _)| *known == prefix) {
            Some((_, iri)) => format!("{iri}{rest}"),
            None => compact.to_owned(),
        },
        None => compact.to_owned(),
    }
}

pub(crate) fn prefix_iri(prefix: &str) -> Option<&'static str> {
    PREFIXES
        .iter()
        .find(|(known, _)| *known == prefix)
        .map(|(_, iri)| *iri)
}

fn stream_terms() -> HashMap<String, Term> {
    let mut terms = prefixes(&["as", "xsd", "ldp", "vcard"]);
    add(&mut terms, STREAM_TYPES, "as", Coercion::None);
    add(&mut terms, STREAM_IDS, "as", Coercion::Id);
    add(&mut terms, STREAM_TEXTS, "as", Coercion::None);
    add(&mut terms, STREAM_DATES, "as", datatype("dateTime"));
    add(&mut terms, STREAM_FLOATS, "as", datatype("float"));
    add(
        &mut terms,
        STREAM_COUNTS,
        "as",
        datatype("nonNegativeInteger"),
    );
    add(&mut terms, "duration", "as", datatype("duration"));
    add(&mut terms, "inbox", "ldp", Coercion::Id);
    let items = expand_known("as:items");
    terms.insert(
        "orderedItems".into(),
        Term {
            iri: items,
            coercion: Coercion::Id,
            container: Container::List,
        },
    );
    for name in ["content", "name", "summary"] {
        let iri = expand_known(&format!("as:{name}"));
        let term = Term {
            iri,
            coercion: Coercion::None,
            container: Container::Language,
        };
        terms.insert(format!("{name}Map"), term);
    }
    terms
}

fn security_terms() -> HashMap<String, Term> {
    let mut terms = prefixes(&["dc", "sec", "xsd"]);
    add(&mut terms, SECURITY_TYPES, "sec", Coercion::None);
    add(&mut terms, SECURITY_IDS, "sec", Coercion::Id);
    add(&mut terms, SECURITY_TEXTS, "sec", Coercion::None);
    add(
        &mut terms,
        "expiration revoked",
        "sec",
        datatype("dateTime"),
    );
    add(&mut terms, "created", "dc", datatype("dateTime"));
    add(&mut terms, "creator", "dc", Coercion::Id);
    let renamed = [
        ("CryptographicKey", "sec:Key", Coercion::None),
        ("expires", "sec:expiration", datatype("dateTime")),
        ("signatureAlgorithm", "sec:signingAlgorithm", Coercion::None),
    ];
    for (name, iri, coercion) in renamed {
        terms.insert(
            name.to_owned(),
            Term {
                iri: expand_known(iri),
                coercion,
                container: Container::None,
            },
        );
    }
    terms
}

fn prefixes(names: &[&str]) -> HashMap<String, Term> {
    let term = |name: &&str| {
        let iri = prefix_iri(name)?.to_owned();
        Some((
            (*name).to_owned(),
            Term {
                iri,
                coercion: Coercion::None,
                container: Container::None,
            },
        ))
    };
    names.iter().filter_map(term).collect()
}

fn add(terms: &mut HashMap<String, Term>, names: &str, prefix: &str, coercion: Coercion) {
    for name in names.split_ascii_whitespace() {
        let iri = expand_known(&format!("{prefix}:{name}"));
        terms.insert(
            name.to_owned(),
            Term {
                iri,
                coercion: coercion.clone(),
                container: Container::None,
            },
        );
    }
}

fn datatype(name: &str) -> Coercion {
    Coercion::Datatype(expand_known(&format!("xsd:{name}")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn known_contexts_and_own_terms_are_read() {
        let context = json!([ACTIVITY_STREAMS, SECURITY, {
            "size": {"@type": "sc:Number", "@id": "pt:size"},
            "pt": "https://joinpeertube.org/ns#", "sc": "http://schema.org/", "Hashtag": "as:Hashtag",
        }]);
        let vocabulary = Vocabulary::read(Some(&context)).unwrap();
        assert_eq!(
            vocabulary.term("Hashtag").unwrap().iri,
            "https://www.w3.org/ns/activitystreams#Hashtag"
        );
        let size = vocabulary.term("size").unwrap();
        assert_eq!(size.iri, "https://joinpeertube.org/ns#size");
        assert_eq!(
            size.coercion,
            Coercion::Datatype("http://schema.org/Number".into())
        );
        assert_eq!(vocabulary.term("nothing"), None);
    }

    #[test]
    fn contexts_that_could_hide_something_are_refused() {
        for entry in [
            json!("https://evil.example/context"),
            json!({"hidden": "@graph"}),
            json!({"x": "@reverse"}),
            json!({"x": {"@reverse": "as:object"}}),
            json!({"@vocab": "https://x.example/"}),
            json!({"@base": "https://x.example/"}),
            json!({"@import": "https://x.example/"}),
            json!({"actor": "as:object"}),
            json!({"type": "as:object"}),
            json!({"x": {"@id": "as:x", "@context": {}}}),
            json!({"x": {"@id": "as:x", "@container": "@graph"}}),
            json!({"x": {"@id": "@included"}}),
            json!({"views": "pt:other", "pt": "https://joinpeertube.org/ns#"}),
            json!({"x": null}),
            json!({"as:actor": "as:object"}),
            json!(1),
            json!([]),
        ] {
            let context = json!([ACTIVITY_STREAMS, entry]);
            assert!(Vocabulary::read(Some(&context)).is_err(), "{context}");
        }
        assert!(Vocabulary::read(None).is_err());
        assert!(Vocabulary::read(Some(&json!(SECURITY))).is_err());
    }

    #[test]
    fn no_extension_stands_twice_or_hides_a_shared_term_with_another_meaning() {
        for (index, (name, meaning, _)) in EXTENSIONS.iter().enumerate() {
            assert!(
                !EXTENSIONS
                    .iter()
                    .skip(index + 1)
                    .any(|(other, _, _)| other == name),
                "{name}"
            );
            if let Some(shared) = SHARED.0.get(*name) {
                assert_eq!(shared.iri, expand_known(meaning));
            }
        }
    }
}
