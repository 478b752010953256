//! Settings of log-ins that stand elsewhere: `[sso.NAME]`.

use super::wrong;
use base::config::ConfigError;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SsoKind {
    /// OpenID Connect: Keycloak, Authentik, GitLab, Google…
    #[default]
    Oidc,
    /// A Discourse forum with `enable discourse connect provider`.
    Discourse,
    /// A directory: OpenLDAP, Active Directory, FreeIPA…
    Ldap,
    /// SAML 2: Shibboleth, ADFS, Entra ID…
    Saml,
}

/// One way to log in with an account from elsewhere.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Sso {
    pub kind: SsoKind,
    /// What the button says. Empty: the name of the section.
    pub label: String,
    /// OpenID Connect: the issuer. Discourse: the forum. LDAP: `ldap://host`, `ldaps://host`.
    pub url: String,
    /// OpenID Connect: what the provider gave.
    pub client_id: String,
    /// The client secret; with Discourse the secret of `discourse connect provider secrets`.
    #[serde(skip_serializing)]
    pub secret: String,
    /// OpenID Connect: what is asked for.
    pub scopes: String,
    /// OpenID Connect: the claims that hold the name and the groups.
    pub name_claim: String,
    pub groups_claim: String,
    /// Discourse: the secret of its webhook to `/sso/NAME/events`, which ends sessions here.
    #[serde(skip_serializing)]
    pub webhook_secret: String,
    /// SAML: a file with the provider's metadata. Or else the next two, with `url` where it lets people log in.
    pub metadata: std::path::PathBuf,
    /// SAML: the provider's name, as it stands in its answers.
    pub entity_id: String,
    /// SAML: the certificates (PEM) that the provider signs with, or a file with them.
    pub certificate: String,
    /// LDAP: begin with TLS on an `ldap://` connection.
    pub starttls: bool,
    /// LDAP: a certificate (PEM) that the directory's own is checked by. Empty: the usual ones.
    pub ca: std::path::PathBuf,
    /// LDAP: who searches. Empty: nobody in particular.
    pub bind_dn: String,
    #[serde(skip_serializing)]
    pub bind_password: String,
    /// LDAP: where people are, and which of them: `{login}` is what was typed.
    pub base_dn: String,
    pub filter: String,
    /// LDAP: where groups are, and which of them: `{dn}` is the person. Empty: `memberOf` only.
    pub group_base_dn: String,
    pub group_filter: String,
    pub name_attribute: String,
    pub email_attribute: String,
    pub display_attribute: String,
    /// Make an account for who comes for the first time?
    pub create: bool,
    /// Is somebody whose proved mail address is known here the same person?
    pub link_by_email: bool,
    /// Only members of this group may log in. Empty: everybody.
    pub required_group: String,
    /// What members of a group may do: `[sso.NAME.groups.GROUP]`.
    pub groups: BTreeMap<String, Group>,
}

impl Default for Sso {
    fn default() -> Self {
        let text = str::to_owned;
        Sso {
            kind: SsoKind::Oidc,
            label: String::new(),
            url: String::new(),
            client_id: String::new(),
            secret: String::new(),
            scopes: text("openid profile email"),
            name_claim: text("preferred_username"),
            groups_claim: text("groups"),
            webhook_secret: String::new(),
            metadata: std::path::PathBuf::new(),
            entity_id: String::new(),
            certificate: String::new(),
            starttls: false,
            ca: std::path::PathBuf::new(),
            bind_dn: String::new(),
            bind_password: String::new(),
            base_dn: String::new(),
            filter: text("(uid={login})"),
            group_base_dn: String::new(),
            group_filter: text("(member={dn})"),
            name_attribute: text("uid"),
            email_attribute: text("mail"),
            display_attribute: text("cn"),
            create: true,
            link_by_email: false,
            required_group: String::new(),
            groups: BTreeMap::new(),
        }
    }
}

/// What membership of a group brings.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Group {
    /// `administrator`, `moderator` or `user`.
    pub role: Option<GroupRole>,
    /// Room for videos; -1 for any amount.
    pub quota_gib: Option<i64>,
    pub quota_daily_gib: Option<i64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GroupRole {
    Administrator,
    Moderator,
    User,
}

impl Sso {
    pub fn label<'a>(&'a self, name: &'a str) -> &'a str {
        if self.label.is_empty() {
            name
        } else {
            &self.label
        }
    }

    /// Does a browser go there? Not to a directory, which only checks passwords.
    pub fn has_page(&self) -> bool {
        self.kind != SsoKind::Ldap
    }
}

/// Checks every section and takes needless slashes off.
pub(super) fn complete(all: &mut BTreeMap<String, Sso>) -> Result<(), ConfigError> {
    for (name, sso) in all {
        let fits = !name.is_empty()
            && name.len() <= 40
            && name
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if !fits {
            return Err(wrong("sso", name, "small letters, digits and - as name"));
        }
        let key = |key: &str| format!("sso.{name}.{key}");
        if sso.kind != SsoKind::Oidc {
            sso.url = sso.url.trim_end_matches('/').to_owned();
        }
        let schemes: &[&str] = match sso.kind {
            SsoKind::Ldap => &["ldap", "ldaps"],
            _ => &["https", "http"],
        };
        if sso.kind == SsoKind::Saml && complete_saml(sso, &key)? {
            continue;
        }
        let parsed = url::Url::parse(&sso.url).ok();
        if !parsed.is_some_and(|url| schemes.contains(&url.scheme()) && url.has_host()) {
            let allowed = format!("{}://host", schemes.join(":// or "));
            return Err(wrong(&key("url"), &sso.url, &allowed));
        }
        if sso.kind == SsoKind::Oidc && sso.client_id.is_empty() {
            return Err(wrong(&key("client_id"), &"", "what the provider gave"));
        }
        if sso.kind == SsoKind::Discourse && sso.secret.len() < 10 {
            let allowed = "the secret that the forum knows, ten characters at least";
            return Err(wrong(&key("secret"), &"…", allowed));
        }
        if sso.kind == SsoKind::Ldap && !sso.filter.contains("{login}") {
            return Err(wrong(
                &key("filter"),
                &sso.filter,
                "a filter with {login} in it",
            ));
        }
    }
    Ok(())
}

/// Is the metadata all that there is to say? Files are looked at now: later nobody could log in and nobody would know why.
fn complete_saml(sso: &Sso, key: &dyn Fn(&str) -> String) -> Result<bool, ConfigError> {
    if !sso.metadata.as_os_str().is_empty() {
        let shown = sso.metadata.display();
        let read = std::fs::read_to_string(&sso.metadata);
        if !read.is_ok_and(|text| text.contains("EntityDescriptor")) {
            let allowed = "a file with the provider's metadata";
            return Err(wrong(&key("metadata"), &shown, allowed));
        }
        return Ok(true);
    }
    if sso.entity_id.is_empty() {
        let allowed = "the provider's name, or a file in metadata";
        return Err(wrong(&key("entity_id"), &"", allowed));
    }
    let begins = |text: &str| text.contains("-----BEGIN CERTIFICATE-----");
    let read = std::fs::read_to_string(&sso.certificate);
    if !begins(&sso.certificate) && !read.is_ok_and(|text| begins(&text)) {
        let allowed = "a certificate in PEM, or a file with it";
        return Err(wrong(&key("certificate"), &sso.certificate, allowed));
    }
    Ok(false)
}
