//! The `@context` that goes on what we send, by kind of thing, in the form PeerTube's readers know.

use serde_json::{Map, Value, json};

use crate::vocabulary::{ACTIVITY_STREAMS, EXTENSIONS, SECURITY, prefix_iri};

/// What a document is about; an activity takes the context of what it carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Context {
    /// Follows, votes, announces, deletions, collections.
    Plain,
    Actor,
    Video,
    Comment,
    Playlist,
    CacheFile,
    Flag,
    View,
    WatchAction,
    Chapters,
    ApproveReply,
    PlayerSettings,
    Download,
    Reaction,
}

const ACTOR: &str = "playlists support postingRestrictedToMods indexable discoverable email playerSettings Hashtag \
    manuallyApprovesFollowers movedTo featured suspended";
const VIDEO: &str = "Hashtag SensitiveTag category licence subtitleLanguage automaticallyGenerated sensitive language \
    identifier isLiveBroadcast liveSaveReplay permanentLive latencyMode dvrWindow schedules startDate Infohash \
    tileWidth tileHeight tileDuration aspectRatio uuid originallyPublishedAt uploadDate hasParts views downloads state \
    size fps canReply commentsPolicy commentsEnabled downloadEnabled waitTranscoding support likes dislikes shares \
    comments PropertyValue value embedUrl playerSettings blurhash";
const COMMENT: &str = "replyApproval sensitive Hashtag";
const PLAYLIST: &str =
    "Playlist PlaylistElement position startTimestamp stopTimestamp uuid videoChannelPosition";
const CACHE_FILE: &str = "CacheFile expires size fps";
const VIEW: &str = "WatchAction InteractionCounter interactionType userInteractionCount";
const WATCH_ACTION: &str = "WatchAction InteractionCounter interactionType userInteractionCount startTimestamp \
    endTimestamp uuid watchSections actionStatus addressRegion addressCountry";
const CHAPTERS: &str = "hasPart startOffset endOffset";

impl Context {
    fn terms(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Actor => ACTOR,
            Self::Video => VIDEO,
            Self::Comment => COMMENT,
            Self::Playlist => PLAYLIST,
            Self::CacheFile => CACHE_FILE,
            Self::Flag => "Hashtag",
            Self::View => VIEW,
            Self::WatchAction => WATCH_ACTION,
            Self::Chapters => CHAPTERS,
            Self::ApproveReply => "ApproveReply RejectReply",
            Self::PlayerSettings => "PlayerSettings theme",
            Self::Download => "Download",
            Self::Reaction => "EmojiReact",
        }
    }

    pub fn to_json(self) -> Value {
        let mut entries = vec![
            json!(ACTIVITY_STREAMS),
            json!(SECURITY),
            json!({ "RsaSignature2017": "https://w3id.org/security#RsaSignature2017" }),
        ];
        let mut definitions = Map::new();
        for name in self.terms().split_ascii_whitespace() {
            let Some((_, iri, kind)) = EXTENSIONS.iter().find(|(known, _, _)| *known == name)
            else {
                continue;
            };
            for used in [*iri, *kind] {
                let prefix = used.split(':').next().unwrap_or_default();
                // `as` is known from the shared context.
                if let Some(full) = prefix_iri(prefix).filter(|_| prefix != "as") {
                    definitions.insert(prefix.to_owned(), json!(full));
                }
            }
            let definition = if kind.is_empty() {
                json!(iri)
            } else {
                json!({ "@type": kind, "@id": iri })
            };
            definitions.insert(name.to_owned(), definition);
        }
        if !definitions.is_empty() {
            entries.push(Value::Object(definitions));
        }
        Value::Array(entries)
    }

    /// Puts the context on a document.
    pub fn on(self, mut document: Value) -> Value {
        if let Some(map) = document.as_object_mut() {
            map.insert("@context".to_owned(), self.to_json());
        }
        document
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::Vocabulary;

    const ALL: [Context; 14] = [
        Context::Plain,
        Context::Actor,
        Context::Video,
        Context::Comment,
        Context::Playlist,
        Context::CacheFile,
        Context::Flag,
        Context::View,
        Context::WatchAction,
        Context::Chapters,
        Context::ApproveReply,
        Context::PlayerSettings,
        Context::Download,
        Context::Reaction,
    ];

    #[test]
    fn each_context_is_one_that_we_accept_ourselves_and_defines_all_its_terms() {
        for context in ALL {
            let vocabulary = Vocabulary::read(Some(&context.to_json())).unwrap();
            for name in context.terms().split_ascii_whitespace() {
                let (_, iri, _) = EXTENSIONS
                    .iter()
                    .find(|(known, _, _)| *known == name)
                    .unwrap();
                assert_eq!(
                    vocabulary.term(name).unwrap().iri,
                    crate::vocabulary::expand_known(iri),
                    "{name}"
                );
            }
        }
    }
}
