//! Reads settings from a TOML file and the environment into a typed struct. Unknown keys are
//! named and never break; a wrong value says which key, what was read and what is allowed.

use serde::de::DeserializeOwned;
use std::path::Path;
pub use toml::{Table, Value};

/// Settings and what to tell the administrator about them.
pub struct Loaded<T> {
    pub config: T,
    /// Keys that nothing reads, as `section.key`.
    pub unknown: Vec<String>,
}

#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(pub String);

/// `PREFIX__SECTION__KEY` in the environment wins over `section.key` in the file, which wins over the same in `under`.
/// A value from the environment is read as TOML where it can be (`4`, `true`, `["a", "b"]`), else as text.
pub fn load<T: DeserializeOwned>(
    under: Table,
    file: Option<&Path>,
    prefix: &str,
    environment: impl IntoIterator<Item = (String, String)>,
) -> Result<Loaded<T>, ConfigError> {
    let mut table = under;
    if let Some(path) = file {
        merge(&mut table, read_file(path)?);
    }
    let start = format!("{prefix}__");
    let mut from_environment = Vec::new();
    for (name, text) in environment {
        let Some(rest) = name.strip_prefix(&start) else {
            continue;
        };
        let path: Vec<String> = rest.split("__").map(str::to_lowercase).collect();
        set(&mut table, &path, literal(&text));
        from_environment.push((path.join("."), text));
    }
    read(table, &from_environment)
}

/// Puts the values of `over` into `table`, one by one where both have a table.
pub fn merge(table: &mut Table, over: Table) {
    for (key, value) in over {
        match (table.get_mut(&key), value) {
            (Some(Value::Table(inner)), Value::Table(over)) => merge(inner, over),
            (_, value) => drop(table.insert(key, value)),
        }
    }
}

/// The whole file, as it stands.
pub fn read_file(path: &Path) -> Result<Table, ConfigError> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| ConfigError(format!("read {}: {error}", path.display())))?;
    text.parse::<Table>()
        .map_err(|error| ConfigError(format!("{}: {error}", path.display())))
}

fn literal(text: &str) -> Value {
    format!("value = {text}")
        .parse::<Table>()
        .ok()
        .and_then(|mut table| table.remove("value"))
        .unwrap_or_else(|| Value::String(text.to_owned()))
}

fn set(table: &mut Table, path: &[String], value: Value) {
    match path {
        [] => {}
        [key] => {
            table.insert(key.clone(), value);
        }
        [key, rest @ ..] => {
            let inner = table
                .entry(key.clone())
                .or_insert_with(|| Value::Table(Table::new()));
            if !inner.is_table() {
                *inner = Value::Table(Table::new());
            }
            if let Value::Table(inner) = inner {
                set(inner, rest, value);
            }
        }
    }
}

/// Reads the table. A value from the environment that looked like a number or a flag but stands
/// where text is wanted (a password of digits) is read again as text.
fn read<T: DeserializeOwned>(
    mut table: Table,
    from_environment: &[(String, String)],
) -> Result<Loaded<T>, ConfigError> {
    let mut retried: Vec<String> = Vec::new();
    loop {
        let (key, error) = match attempt(table.clone()) {
            Ok(loaded) => return Ok(loaded),
            Err(failure) => failure,
        };
        let raw = from_environment.iter().find(|(path, _)| *path == key);
        match raw {
            Some((path, text)) if !retried.contains(path) => {
                let steps: Vec<String> = path.split('.').map(str::to_owned).collect();
                set(&mut table, &steps, Value::String(text.clone()));
                retried.push(path.clone());
            }
            _ => {
                let error = error.trim().replace('\n', " ");
                return Err(ConfigError(format!("the setting {key}: {error}")));
            }
        }
    }
}

fn attempt<T: DeserializeOwned>(table: Table) -> Result<Loaded<T>, (String, String)> {
    let mut unknown = Vec::new();
    let mut track = serde_path_to_error::Track::new();
    let tracked = serde_path_to_error::Deserializer::new(Value::Table(table), &mut track);
    let read = serde_ignored::deserialize(tracked, |path| unknown.push(path.to_string()));
    match read {
        Ok(config) => Ok(Loaded { config, unknown }),
        Err(error) => Err((track.path().to_string(), error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default, serde::Deserialize)]
    #[serde(default)]
    struct Config {
        site: Site,
    }

    #[derive(Debug, Default, serde::Deserialize)]
    #[serde(default)]
    struct Site {
        name: String,
        threads: u32,
        open: bool,
    }

    fn env(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect()
    }

    #[test]
    fn the_environment_wins_and_keeps_its_types() {
        let pairs = env(&[
            ("V__SITE__THREADS", "4"),
            ("V__SITE__OPEN", "true"),
            ("OTHER", "x"),
        ]);
        let site = load::<Config>(Table::new(), None, "V", pairs)
            .unwrap()
            .config
            .site;
        assert_eq!((site.threads, site.open), (4, true));
    }

    #[test]
    fn digits_can_be_a_text() {
        let loaded =
            load::<Config>(Table::new(), None, "V", env(&[("V__SITE__NAME", "12345")])).unwrap();
        assert_eq!(loaded.config.site.name, "12345");
    }

    #[test]
    fn what_lies_under_everything_gives_way_key_by_key() {
        let under = "[site]\nname = \"low\"\nthreads = 2".parse().unwrap();
        let pairs = env(&[("V__SITE__THREADS", "4")]);
        let site = load::<Config>(under, None, "V", pairs).unwrap().config.site;
        assert_eq!((site.name.as_str(), site.threads), ("low", 4));
        let mut low: Table = "[site]\nname = \"low\"\nthreads = 2".parse().unwrap();
        merge(&mut low, "[site]\nname = \"high\"".parse().unwrap());
        let high = "[site]\nname = \"high\"\nthreads = 2".parse().unwrap();
        assert_eq!(low, high);
    }

    #[test]
    fn unknown_keys_are_named() {
        let loaded =
            load::<Config>(Table::new(), None, "V", env(&[("V__SITE__NAEM", "x")])).unwrap();
        assert_eq!(loaded.unknown, ["site.naem"]);
    }

    #[test]
    fn a_wrong_value_names_its_key() {
        let error = load::<Config>(
            Table::new(),
            None,
            "V",
            env(&[("V__SITE__THREADS", "many")]),
        )
        .err()
        .unwrap();
        assert!(
            error.0.contains("site.threads") && error.0.contains("many"),
            "{error}"
        );
    }
}
