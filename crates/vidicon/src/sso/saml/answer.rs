//! What an identity provider answers: found, proved, and checked against what was asked.

use super::super::Identity;
use super::signature::{self, DSIG, Key};
use super::xml::{Element, Result, parse};
use crate::config::Sso;
use base::clock::{MINUTE, Millis};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

pub const PROTOCOL: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
pub const ASSERTION: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
const SUCCESS: &str = "urn:oasis:names:tc:SAML:2.0:status:Success";
const BEARER: &str = "urn:oasis:names:tc:SAML:2.0:cm:bearer";
const TRANSIENT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient";
/// So far the clocks of two machines may differ.
const SKEW: Millis = 2 * MINUTE;
/// Longer than this no answer is on its way, whatever it says of itself.
const LONGEST: Millis = 24 * 60 * MINUTE;

/// Whom an answer must be from and for.
pub struct Expected<'e> {
    pub issuer: &'e str,
    pub keys: &'e [Key],
    /// This site as the provider knows it.
    pub audience: &'e str,
    /// Where the browser brings it.
    pub place: &'e str,
    pub now: Millis,
}

/// An answer that holds.
#[derive(Debug)]
pub struct Proved {
    pub assertion_id: String,
    /// The question that it answers.
    pub request_id: String,
    /// After this nobody takes it any more.
    pub until: Millis,
    pub who: Identity,
}

pub fn proved(text: &str, sso: &Sso, expected: &Expected<'_>) -> Result<Proved> {
    let root = parse(text)?;
    let assertion = signed_assertion(&root, expected.keys)?;
    check_response(&root, expected)?;
    if issuer(&assertion)?.as_deref() != Some(expected.issuer) {
        return Err("it is of another provider");
    }
    if assertion.attribute("Version") != Some("2.0") {
        return Err("it is of another version");
    }
    if instant(&assertion, "IssueInstant")?.is_none_or(|made| made > expected.now + SKEW) {
        return Err("it is from the future; are the clocks right?");
    }
    check_conditions(assertion.only(ASSERTION, "Conditions")?, expected)?;
    let subject = assertion.only(ASSERTION, "Subject")?;
    let (request_id, until) = confirmed(subject, expected)?;
    for statement in assertion.named(ASSERTION, "AuthnStatement") {
        let ended = instant(statement, "SessionNotOnOrAfter")?;
        if ended.is_some_and(|end| end + SKEW <= expected.now) {
            return Err("the log-in at the provider is over");
        }
    }
    assertion.only(ASSERTION, "AuthnStatement")?;
    Ok(Proved {
        assertion_id: assertion.attribute("ID").unwrap_or_default().to_owned(),
        request_id,
        until,
        who: identity(&assertion, subject, sso)?,
    })
}

/// The one assertion of the answer, as its signature or that of the whole answer proves it.
fn signed_assertion(root: &Element, keys: &[Key]) -> Result<Element> {
    if !root.is(PROTOCOL, "Response") {
        return Err("it is no answer of SAML 2");
    }
    let all = root.all();
    let count = |local: &str| {
        all.iter()
            .filter(|it| it.local.eq_ignore_ascii_case(local))
            .count()
    };
    if count("EncryptedAssertion") > 0 {
        return Err("it is encrypted; have the provider sign it and no more");
    }
    if count("Response") != 1 || count("Assertion") != 1 {
        return Err("it has not exactly one assertion");
    }
    check_ids(&all)?;
    let assertion = root.only(ASSERTION, "Assertion")?;
    let (whole, inner) = (signature::of(root)?, signature::of(assertion)?);
    let signatures = usize::from(whole.is_some()) + usize::from(inner.is_some());
    if signatures == 0 {
        return Err("it is not signed");
    }
    if count("Signature") != signatures {
        return Err("a signature where none belongs");
    }
    let mut read = assertion.clone();
    if let Some(signature) = inner {
        read = signature::signed(assertion, signature, keys)?;
    }
    if let Some(signature) = whole {
        let root = signature::signed(root, signature, keys)?;
        if inner.is_none() {
            read = root.only(ASSERTION, "Assertion")?.clone();
        }
    }
    Ok(read)
}

/// No two elements may bear one name: a signature could mean the other.
fn check_ids(all: &[&Element]) -> Result<()> {
    let attributes = all.iter().flat_map(|it| &it.attributes);
    let ids = attributes.filter(|it| it.local.eq_ignore_ascii_case("id"));
    let mut ids: Vec<&str> = ids.map(|it| it.value.as_str()).collect();
    let before = ids.len();
    ids.sort_unstable();
    ids.dedup();
    if ids.len() == before {
        Ok(())
    } else {
        Err("two elements of one name")
    }
}

/// The shell around the assertion may not be signed, so this only ever refuses.
fn check_response(root: &Element, expected: &Expected<'_>) -> Result<()> {
    let place = root.attribute("Destination");
    if place.is_some_and(|place| place != expected.place) {
        return Err("it is for another address");
    }
    if issuer(root)?.is_some_and(|issuer| issuer != expected.issuer) {
        return Err("it is of another provider");
    }
    let status = root.only(PROTOCOL, "Status")?;
    let code = status.only(PROTOCOL, "StatusCode")?;
    if code.attribute("Value") != Some(SUCCESS) {
        return Err("the provider let nobody in");
    }
    Ok(())
}

fn issuer(element: &Element) -> Result<Option<String>> {
    match element.named(ASSERTION, "Issuer").count() {
        0 => Ok(None),
        _ => element.only(ASSERTION, "Issuer")?.text().map(Some),
    }
}

fn check_conditions(conditions: &Element, expected: &Expected<'_>) -> Result<()> {
    check_times(conditions, expected.now)?;
    let mut restricted = false;
    for condition in conditions.elements() {
        if condition.is(ASSERTION, "AudienceRestriction") {
            let mut audiences = condition.named(ASSERTION, "Audience");
            if !audiences.any(|it| it.text().is_ok_and(|it| it == expected.audience)) {
                return Err("it is for another site");
            }
            restricted = true;
        } else if !condition.is(ASSERTION, "OneTimeUse")
            && !condition.is(ASSERTION, "ProxyRestriction")
        {
            return Err("a condition that is not known here");
        }
    }
    if restricted {
        Ok(())
    } else {
        Err("it does not say for which site it is")
    }
}

fn check_times(element: &Element, now: Millis) -> Result<()> {
    if instant(element, "NotBefore")?.is_some_and(|from| from - SKEW > now) {
        return Err("it does not hold yet; are the clocks right?");
    }
    if instant(element, "NotOnOrAfter")?.is_some_and(|until| until + SKEW <= now) {
        return Err("it is too old");
    }
    Ok(())
}

/// A time of an attribute; one that cannot be read is no time at all.
fn instant(element: &Element, name: &str) -> Result<Option<Millis>> {
    let Some(text) = element.attribute(name) else {
        return Ok(None);
    };
    let parsed = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| "a time that is none")?;
    let ms = Millis::try_from(parsed.unix_timestamp_nanos() / 1_000_000);
    ms.map(Some).map_err(|_| "a time that is none")
}

/// The question that the bearer answers, and until when: for this address, and not without a question.
fn confirmed(subject: &Element, expected: &Expected<'_>) -> Result<(String, Millis)> {
    let mut refusal = "nothing says who may bring it";
    for confirmation in subject.named(ASSERTION, "SubjectConfirmation") {
        if confirmation.attribute("Method") != Some(BEARER) {
            continue;
        }
        match confirmation
            .only(ASSERTION, "SubjectConfirmationData")
            .and_then(|data| bearer(data, expected))
        {
            Ok(found) => return Ok(found),
            Err(why) => refusal = why,
        }
    }
    Err(refusal)
}

fn bearer(data: &Element, expected: &Expected<'_>) -> Result<(String, Millis)> {
    if data.attribute("Recipient") != Some(expected.place) {
        return Err("it is for another address");
    }
    check_times(data, expected.now)?;
    let until = instant(data, "NotOnOrAfter")?.ok_or("it would hold for ever")?;
    let question = data.attribute("InResponseTo").filter(|it| !it.is_empty());
    let question = question.ok_or("nobody asked for it: log in from here")?;
    let until = (until + SKEW).min(expected.now + LONGEST);
    Ok((question.to_owned(), until))
}

fn identity(assertion: &Element, subject: &Element, sso: &Sso) -> Result<Identity> {
    let name = subject.only(ASSERTION, "NameID")?;
    if name.attribute("Format") == Some(TRANSIENT) {
        return Err("it names people anew each time; have the provider send a persistent NameID");
    }
    let subject = name.text()?.trim().to_owned();
    if subject.is_empty() || subject.chars().count() > 500 {
        return Err("it does not say who this is");
    }
    let said = Said::read(assertion)?;
    let first = |wanted: &str, others: &[&str]| {
        let found = said.values(wanted, others).into_iter();
        let mut found = found.map(|it| it.trim().to_owned());
        found.find(|it| !it.is_empty() && it.len() <= 500)
    };
    let email = first(&sso.email_attribute, &MAIL);
    Ok(Identity {
        name: first(&sso.name_attribute, &NAME)
            .or_else(|| email.clone())
            .unwrap_or_else(|| subject.clone()),
        // An organisation vouches for the addresses of its own people.
        email_verified: email.is_some(),
        email,
        display_name: first(&sso.display_attribute, &DISPLAY),
        avatar_url: None,
        groups: said.values(&sso.groups_claim, &GROUPS),
        subject,
    })
}

/// The names that attributes have by LDAP, and at Microsoft.
const NAME: [&str; 3] = [
    "urn:oid:0.9.2342.19200300.100.1.1",
    "uid",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name",
];
const MAIL: [&str; 4] = [
    "urn:oid:0.9.2342.19200300.100.1.3",
    "mail",
    "email",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
];
const DISPLAY: [&str; 5] = [
    "urn:oid:2.16.840.1.113730.3.1.241",
    "displayName",
    "urn:oid:2.5.4.3",
    "cn",
    "http://schemas.microsoft.com/identity/claims/displayname",
];
const GROUPS: [&str; 3] = [
    "http://schemas.xmlsoap.org/claims/Group",
    "http://schemas.microsoft.com/ws/2008/06/identity/claims/groups",
    "urn:oid:1.3.6.1.4.1.5923.1.5.1.1",
];

/// Attributes: the names of each, and its values.
struct Said(Vec<(Vec<String>, Vec<String>)>);

impl Said {
    fn read(assertion: &Element) -> Result<Self> {
        let mut all = Vec::new();
        for statement in assertion.named(ASSERTION, "AttributeStatement") {
            for attribute in statement.named(ASSERTION, "Attribute") {
                let names = ["Name", "FriendlyName"].into_iter();
                let names = names.filter_map(|name| attribute.attribute(name).map(str::to_owned));
                let mut values = Vec::new();
                for value in attribute.named(ASSERTION, "AttributeValue").take(1_000) {
                    // Some values are structures (eduPersonTargetedID); they are passed over.
                    values.extend(value.text());
                }
                all.push((names.collect(), values));
            }
        }
        Ok(Said(all))
    }

    /// The values of the wanted attribute, or else of the first of its usual names.
    fn values(&self, wanted: &str, others: &[&str]) -> Vec<String> {
        let names = std::iter::once(wanted).chain(others.iter().copied());
        for name in names {
            let mut of_name = self
                .0
                .iter()
                .filter(|(names, _)| names.iter().any(|it| it == name));
            if let Some((_, values)) = of_name.next() {
                return values.clone();
            }
        }
        Vec::new()
    }
}

/// How a provider describes itself: its name, where it lets people log in, and its certificates.
pub fn described(metadata: &str) -> Result<(String, String, Vec<Key>)> {
    const METADATA: &str = "urn:oasis:names:tc:SAML:2.0:metadata";
    const REDIRECT: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";
    let root = parse(metadata)?;
    if !root.is(METADATA, "EntityDescriptor") {
        return Err("it does not describe one provider");
    }
    let name = root.attribute("entityID").ok_or("it has no entityID")?;
    let part = root.only(METADATA, "IDPSSODescriptor")?;
    let mut places = part.named(METADATA, "SingleSignOnService");
    let place = places.find(|it| it.attribute("Binding") == Some(REDIRECT));
    let place = place.and_then(|it| it.attribute("Location"));
    let place = place.ok_or("it takes no question by redirect")?;
    let mut keys = Vec::new();
    for descriptor in part.named(METADATA, "KeyDescriptor") {
        if descriptor
            .attribute("use")
            .is_some_and(|it| it != "signing")
        {
            continue;
        }
        for it in descriptor.all() {
            if it.is(DSIG, "X509Certificate") {
                keys.push(signature::key(&signature::decoded(&it.text()?)?)?);
            }
        }
    }
    if keys.is_empty() {
        return Err("it has no certificate for signatures");
    }
    Ok((name.to_owned(), place.to_owned(), keys))
}
