//! Reads the source files and holds the rules of STYLE.md and ARCHITECTURE.md that no lint knows.

use std::fs;
use std::path::{Path, PathBuf};

const MAX_LINES: usize = 600;

/// The slices, each may import those before it. The same list, with reasons, is in ARCHITECTURE.md.
const SLICES: [&str; 24] = [
    "instance",
    "account",
    "channel",
    "video",
    "runner",
    "transcode",
    "studio",
    "live",
    "comment",
    "playlist",
    "follow",
    "moderation",
    "notification",
    "user",
    "sso",
    "forum",
    "search",
    "feed",
    "federation",
    "import",
    "takeout",
    "cost",
    "admin",
    "visit",
];

/// Folders of the program that are no slice: the frame that carries the slices.
const FRAME: &[&str] = &[
    "limits",
    "idempotency",
    "app",
    "page",
    "i18n",
    "rest",
    "serve",
    "seed",
    "check",
    "cli",
    "routes",
    "certificate",
    "backup",
    "config",
    "install",
    "vault",
];

#[test]
fn every_file_says_what_it_is_for() {
    let silent = rust_files("crates")
        .into_iter()
        .filter(|file| !file.text.starts_with("//!"))
        .map(|file| file.name)
        .collect();
    none(silent, "start with a `//!` line");
}

#[test]
fn no_file_is_too_long() {
    let mut files = rust_files("crates");
    files.extend(files_below("web", "ts"));
    files.extend(files_below("tests", "mjs"));
    let long = files
        .into_iter()
        .map(|file| (file.text.lines().count(), file.name))
        .filter(|(lines, _)| *lines > MAX_LINES)
        .map(|(lines, name)| format!("{name}: {lines} lines"))
        .collect();
    none(long, "have at most 600 lines");
}

#[test]
fn sql_is_the_only_macro() {
    let definition = concat!("macro_", "rules!");
    let macros = rust_files("crates")
        .iter()
        .flat_map(|file| {
            file.text
                .lines()
                .filter_map(|line| line.trim().strip_prefix(definition))
                .map(|rest| rest.trim().trim_end_matches('{').trim())
                .filter(|name| *name != "sql")
                .map(|name| format!("{}: {name}!", file.name))
                .collect::<Vec<_>>()
        })
        .collect();
    none(macros, "define no macro but sql!");
}

#[test]
fn every_slice_has_its_place() {
    let unknown = rust_files("crates/vidicon/src")
        .iter()
        .filter_map(|file| slice_of(&file.name))
        .filter(|folder| place(folder).is_none() && !FRAME.contains(folder))
        .map(String::from)
        .collect();
    none(
        unknown,
        "stand in the list of slices (here and in ARCHITECTURE.md)",
    );
}

#[test]
fn slices_import_upwards_only() {
    let wrong = rust_files("crates/vidicon/src")
        .iter()
        .flat_map(|file| {
            let own = slice_of(&file.name).and_then(place);
            crate_paths(&file.text)
                .into_iter()
                .filter(|path| match (own, place(first(path))) {
                    (Some(own), Some(other)) => other > own,
                    _ => false,
                })
                .map(|path| format!("{} uses crate::{path}", file.name))
                .collect::<Vec<_>>()
        })
        .collect();
    none(
        wrong,
        "import only slices above their own; enqueue a job instead",
    );
}

#[test]
fn a_store_belongs_to_its_slice() {
    let wrong = rust_files("crates/vidicon/src")
        .iter()
        .flat_map(|file| {
            let own = slice_of(&file.name).unwrap_or("");
            let shared = crate_paths(&file.text)
                .into_iter()
                .filter(|path| path.split("::").nth(1) == Some("store") && first(path) != own)
                .map(|path| format!("{} uses crate::{path}", file.name));
            let open = code_lines(&file.text)
                .filter(|line| line.starts_with("pub") && line.ends_with("mod store;"))
                .map(|line| format!("{}: {line}", file.name));
            shared.chain(open).collect::<Vec<_>>()
        })
        .collect();
    none(wrong, "leave store.rs to its own slice");
}

#[test]
fn media_and_fediverse_know_nothing_of_the_product() {
    let wrong = [
        "crates/base/src",
        "crates/media/src",
        "crates/fediverse/src",
    ]
    .iter()
    .flat_map(|folder| rust_files(folder))
    .filter(|file| {
        let base_is_allowed = file.name.starts_with("crates/fediverse");
        code_lines(&file.text).any(|line| {
            line.contains("vidicon::") || (!base_is_allowed && line.contains("use base::"))
        })
    })
    .map(|file| file.name)
    .collect();
    none(wrong, "import only what their crate may");
}

#[test]
fn paths_are_found_in_every_shape() {
    let text = "use crate::video::{self, store};\nuse crate::{account, feed::{a, b}};\n\
                // crate::comment\nlet x = crate::admin::store::y();\nuse super::store;";
    assert_eq!(
        crate_paths(text),
        [
            "video::self",
            "video::store",
            "account",
            "feed::a",
            "feed::b",
            "admin::store::y"
        ]
    );
    assert_eq!(slice_of("crates/vidicon/src/video/store.rs"), Some("video"));
    assert_eq!(slice_of("crates/vidicon/src/routes.rs"), None);
}

/// The threat model says which test shows what; each of them must be there.
#[test]
fn the_tests_of_the_threat_model_are_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let text = fs::read_to_string(root.join("docs/threat-model.md")).unwrap();
    let (_, holes) = text.split_once("## Holes that others had").unwrap();
    let code: String = rust_files("crates")
        .iter()
        .map(|file| file.text.as_str())
        .collect();
    let named: Vec<&str> = holes
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|name| name.contains('_') && name.len() > 10)
        .collect();
    assert!(named.len() > 30, "{named:?}");
    let missing = named
        .into_iter()
        .filter(|name| !code.contains(&format!("fn {name}()")))
        .map(String::from)
        .collect();
    none(missing, "hold the tests that the threat model names");
}

struct File {
    /// The path from the root of the repository.
    name: String,
    text: String,
}

fn none(found: Vec<String>, rule: &str) {
    assert!(
        found.is_empty(),
        "files should {rule}:\n  {}",
        found.join("\n  ")
    );
}

fn rust_files(folder: &str) -> Vec<File> {
    let files = files_below(folder, "rs");
    assert!(!files.is_empty(), "no source files below {folder}");
    files
}

fn files_below(folder: &str, extension: &str) -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut folders = vec![root.join(folder)];
    let mut found = Vec::new();
    while let Some(next) = folders.pop() {
        for path in entries(&next) {
            let skipped = ["target", "node_modules", "dist"];
            if path.is_dir() {
                if !skipped.iter().any(|name| path.ends_with(name)) {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|have| have == extension) {
                let name = path
                    .strip_prefix(&root)
                    .unwrap()
                    .to_string_lossy()
                    .into_owned();
                found.push(File {
                    name,
                    text: fs::read_to_string(&path).unwrap(),
                });
            }
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let Ok(read) = fs::read_dir(folder) else {
        return Vec::new();
    };
    read.map(|entry| entry.unwrap().path()).collect()
}

fn slice_of(name: &str) -> Option<&str> {
    let (slice, _) = name.strip_prefix("crates/vidicon/src/")?.split_once('/')?;
    Some(slice)
}

fn place(slice: &str) -> Option<usize> {
    SLICES.iter().position(|name| *name == slice)
}

fn first(path: &str) -> &str {
    path.split("::").next().unwrap_or(path)
}

fn code_lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.starts_with("//"))
}

/// Every path that starts at `crate::`, braces written out.
fn crate_paths(text: &str) -> Vec<String> {
    let code = code_lines(text).collect::<Vec<_>>().join(" ");
    let mut found = Vec::new();
    for (at, start) in code.match_indices("crate::") {
        read_path(&code[at + start.len()..], "", &mut found);
    }
    found
}

/// Reads one path or brace group at the start of `code`, and gives what follows it.
fn read_path<'a>(code: &'a str, before: &str, found: &mut Vec<String>) -> &'a str {
    if let Some(mut rest) = code.strip_prefix('{') {
        loop {
            rest = rest.trim_start_matches([',', ' ']);
            match rest.strip_prefix('}') {
                Some(after) => return after,
                None if rest.is_empty() => return rest,
                None => {}
            }
            let left = read_path(rest, before, found);
            rest = if left.len() == rest.len() {
                &rest[1..]
            } else {
                left
            };
        }
    }
    let end = code
        .find(|c: char| !c.is_alphanumeric() && c != '_')
        .unwrap_or(code.len());
    let (name, rest) = code.split_at(end);
    let path = if before.is_empty() {
        name.to_owned()
    } else {
        format!("{before}::{name}")
    };
    match rest.strip_prefix("::") {
        Some(rest) if rest.starts_with(|c: char| c == '{' || c.is_alphabetic() || c == '_') => {
            read_path(rest, &path, found)
        }
        _ => {
            if !name.is_empty() {
                found.push(path);
            }
            rest
        }
    }
}
