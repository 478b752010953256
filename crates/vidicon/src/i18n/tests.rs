//! Every language says everything, and nothing that nobody asks for.

use super::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Names of the values that a message uses.
fn values(message: &Message) -> BTreeSet<String> {
    fn collect(parts: &[Part], into: &mut BTreeSet<String>) {
        for part in parts {
            match part {
                Part::Text(_) => {}
                Part::Value(name) => {
                    into.insert(name.clone());
                }
                Part::Choice {
                    value, variants, ..
                } => {
                    into.insert(value.clone());
                    variants.iter().for_each(|(_, parts)| collect(parts, into));
                }
            }
        }
    }
    let mut names = BTreeSet::new();
    if let Message::Parts(parts) = message {
        collect(parts, &mut names);
    }
    names
}

fn shape(language: &str) -> BTreeMap<String, BTreeSet<String>> {
    texts(language)
        .messages
        .iter()
        .map(|(key, message)| (key.clone(), values(message)))
        .collect()
}

/// Of two messages with one key, one would be said in the place of the other.
#[test]
fn no_key_is_given_twice() {
    for (code, _) in LANGUAGES {
        let folder = format!("{code}/");
        let mut seen = BTreeSet::new();
        for path in Files::iter().filter(|path| path.starts_with(&folder)) {
            let file = Files::get(&path).unwrap();
            let mut messages = HashMap::new();
            read_file(&String::from_utf8_lossy(&file.data), &path, &mut messages);
            for key in messages.into_keys() {
                assert!(seen.insert(key.clone()), "{path}: {key}");
            }
        }
    }
}

/// What a video may be spoken or signed in has a name in each language, and not another language's.
#[test]
fn every_language_of_videos_has_a_name() {
    for (language, _) in LANGUAGES {
        for (code, label) in crate::video::labels::LANGUAGES {
            let name = texts(language).find(&format!("language-{code}"));
            let name = name.unwrap_or_else(|| panic!("{language} has no name for {code}"));
            let borrowed = language != "en" && name.to_lowercase().contains("language");
            assert!(
                !name.is_empty() && !borrowed,
                "{language}: {code}: {label}: {name}"
            );
        }
    }
}

#[test]
fn every_language_has_every_message() {
    let english = shape("en");
    assert!(english.len() > 200, "the messages were not found");
    for (code, _) in LANGUAGES {
        let other = shape(code);
        let missing: Vec<_> = english
            .keys()
            .filter(|key| !other.contains_key(*key))
            .collect();
        let extra: Vec<_> = other
            .keys()
            .filter(|key| !english.contains_key(*key))
            .collect();
        assert!(
            missing.is_empty() && extra.is_empty(),
            "{code}: missing {missing:?}, too many {extra:?}"
        );
        for (key, values) in &english {
            assert_eq!(
                values, &other[key],
                "{code}: {key} has other values than in English"
            );
        }
    }
}

fn files(folder: &Path, ending: &str, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, ending, into);
        } else if path.extension().is_some_and(|found| found == ending) {
            into.push(path);
        }
    }
}

/// Keys in calls such as `page.t("key"` or `t('key'`.
fn keys_after<'t>(text: &'t str, call: &str, quote: char) -> Vec<&'t str> {
    text.split(call)
        .skip(1)
        .filter_map(|rest| rest.split(quote).next())
        .collect()
}

#[test]
fn every_key_in_a_template_is_a_message() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let english = shape("en");
    let mut templates = Vec::new();
    files(&root.join("templates"), "html", &mut templates);
    for path in templates {
        let text = std::fs::read_to_string(&path).unwrap();
        for call in ["page.t(\"", "page.tn(\"", "page.tx(\"", "page.tyx(\""] {
            for key in keys_after(&text, call, '"') {
                assert!(
                    english.contains_key(key),
                    "{}: no message {key}",
                    path.display()
                );
            }
        }
    }
    let mut islands = Vec::new();
    files(&root.join("web/src"), "ts", &mut islands);
    for path in islands {
        let text = std::fs::read_to_string(&path).unwrap();
        for key in keys_after(&text, " t('", '\'')
            .into_iter()
            .chain(keys_after(&text, "(t('", '\''))
        {
            assert!(
                english.contains_key(&format!("js-{key}")),
                "{}: no message js-{key}",
                path.display()
            );
        }
    }
}

#[test]
fn fills_and_chooses() {
    let english = texts("en");
    assert_eq!(english.count("views-count", 1), "one view");
    assert_eq!(english.count("views-count", 3180), "3,180 views");
    assert_eq!(english.length(842), "14 min 2 s");
    assert_eq!(english.date(1_795_132_800_000), "20 November 2026");
    assert_eq!(texts("de").language, "de");
    assert_eq!(negotiate("nl, fr-CH;q=0.9, en;q=0.8"), "fr");
    assert_eq!(negotiate("tlh"), "en");
}
