//! Reads settings from a TOML file and the environment into a typed struct. Unknown keys are
//! named and never break; a wrong value says which key, what was read and what is allowed.

use serde::de::DeserializeOwned;
use std::path::Path;
use toml::{Table, Value};

/// Settings and what to tell the administrator about them.
pub struct Loaded<T> {
    pub config: T,
    /// Keys that nothing reads, as `section.key`.
    pub unknown: Vec<String>,
}

#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(pub String);

/// `PREFIX__SECTION__KEY` in the environment wins over `section.key` in the file. A value from the
/// environment is read as TOML where it can be (`4`, `true`, `["a", "b"]`), else as text.
pub fn load<T: DeserializeOwned>(
    file: Option<&Path>,
    prefix: &str,
    environment: impl IntoIterator<Item = (String, String)>,
) -> Result<Loaded<T>, ConfigError> {
    let mut table = match file {
        Some(path) => read_file(path)?,
        None => Table::new(),
    };
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

fn read_file(path: &Path) -> Result<Table, ConfigError> {
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
        let site = load::<Config>(None, "V", pairs).unwrap().config.site;
        assert_eq!((site.threads, site.open), (4, true));
    }

    #[test]
    fn digits_can_be_a_text() {
        let loaded = load::<Config>(None, "V", env(&[("V__SITE__NAME", "12345")])).unwrap();
        assert_eq!(loaded.config.site.name, "12345");
    }

    #[test]
    fn unknown_keys_are_named() {
        let loaded = load::<Config>(None, "V", env(&[("V__SITE__NAEM", "x")])).unwrap();
        assert_eq!(loaded.unknown, ["site.naem"]);
    }

    #[test]
    fn a_wrong_value_names_its_key() {
        let error = load::<Config>(None, "V", env(&[("V__SITE__THREADS", "many")]))
            .err()
            .unwrap();
        assert!(
            error.0.contains("site.threads") && error.0.contains("many"),
            "{error}"
        );
    }
}
