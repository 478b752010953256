//! The page about the settings names every one of them.

use serde_json::{Value, json};
use vidicon::config::{Config, Group, Sso};

#[test]
fn every_setting_is_documented() {
    let config = Config::default();
    let sections = json!({
        "server": config.server, "database": config.database, "transcoding": config.transcoding,
        "mail": config.mail, "limits": config.limits, "log": config.log, "tls": config.tls,
        "federation": config.federation, "sso.NAME": Sso::default(),
        "sso.NAME.groups.GROUP": Group::default(), "backup": config.backup, "forum": config.forum, "metrics": config.metrics,
        "update": config.update,
    });
    let page = include_str!("../../../../docs/configuration.md");
    let missing: Vec<String> = keys(&sections)
        .into_iter()
        .filter(|key| !page.contains(&format!("`{key}`")))
        .collect();
    assert!(
        missing.is_empty(),
        "docs/configuration.md lacks {missing:?}"
    );
}

fn keys(sections: &Value) -> Vec<String> {
    let sections = sections.as_object().unwrap();
    assert!(!sections.is_empty());
    sections
        .iter()
        .flat_map(|(section, keys)| {
            let keys = keys.as_object().unwrap().keys();
            keys.map(move |key| format!("{section}.{key}"))
        })
        .collect()
}

#[test]
fn a_wrong_log_level_is_named() {
    for (level, is_right) in [
        ("warn", true),
        ("info,vidicon=debug", true),
        ("loud", false),
        ("info,vidicon=loud", false),
    ] {
        let mut config = Config::default();
        level.clone_into(&mut config.log.level);
        let told = config.complete().map_err(|error| error.to_string());
        assert_eq!(told.is_ok(), is_right, "{level}: {told:?}");
        if let Err(told) = told {
            assert!(told.contains("log.level") && told.contains(level), "{told}");
        }
    }
}
