//! SAML 2 as the service provider: a question by redirect, an answer by a form that the provider has the browser send.
//!
//! That form comes from another site, so no cookie is with it. What it proves is kept for a moment, and the browser is
//! sent on to where its cookie shows that it is the one that asked.

mod answer;
mod canonical;
mod signature;
mod xml;

use super::attempt::Attempt;
use super::{Identity, provider, store};
use crate::account::session::token_hash;
use crate::app::App;
use crate::config::{Sso, SsoKind};
use crate::error::{Error, Result};
use axum::extract::{Form, Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use base::clock::{MINUTE, Millis};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use flate2::Compression;
use flate2::write::DeflateEncoder;
use serde::Deserialize;
use std::io::Write as _;
use url::form_urlencoded;

/// So long the browser may take for the step from the form to where its cookie is seen.
const HANDOVER: Millis = 5 * MINUTE;

/// Whom to ask, and whose signatures count.
struct Provider {
    issuer: String,
    place: String,
    keys: Vec<signature::Key>,
}

impl Provider {
    fn of(sso: &Sso) -> std::result::Result<Self, String> {
        let read = |path: &std::path::Path| {
            std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
        };
        if !sso.metadata.as_os_str().is_empty() {
            let (issuer, place, keys) = answer::described(&read(&sso.metadata)?)
                .map_err(|why| format!("{}: {why}", sso.metadata.display()))?;
            return Ok(Provider {
                issuer,
                place,
                keys,
            });
        }
        let pem = if sso.certificate.contains("-----BEGIN") {
            sso.certificate.clone()
        } else {
            read(std::path::Path::new(&sso.certificate))?
        };
        Ok(Provider {
            issuer: sso.entity_id.clone(),
            place: sso.url.clone(),
            keys: signature::keys(&pem)?,
        })
    }

    fn read(sso: &Sso) -> Result<Self> {
        Provider::of(sso).map_err(|error| {
            tracing::warn!(
                error,
                "an identity provider's metadata or certificate is no good"
            );
            Error::internal(error)
        })
    }
}

/// This site as providers know it.
fn entity_id(app: &App, sso: &Sso, name: &str) -> String {
    if sso.client_id.is_empty() {
        app.url(&format!("/sso/{name}/metadata"))
    } else {
        sso.client_id.clone()
    }
}

/// Where answers are brought.
fn place(app: &App, name: &str) -> String {
    app.url(&format!("/sso/{name}/acs"))
}

fn saml<'a>(app: &'a App, name: &str) -> Result<&'a Sso> {
    let sso = provider(app, name)?;
    if sso.kind != SsoKind::Saml {
        return Err(Error::not_found("This way to log in does not speak SAML."));
    }
    Ok(sso)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
}

/// Where the browser goes to log in.
pub fn away(app: &App, sso: &Sso, state: &str, attempt: &Attempt) -> Result<String> {
    let provider = Provider::read(sso)?;
    let name = &attempt.provider;
    let question = format!(
        "<samlp:AuthnRequest xmlns:samlp=\"{}\" xmlns:saml=\"{}\" ID=\"{}\" Version=\"2.0\" \
         IssueInstant=\"{}\" Destination=\"{}\" ProtocolBinding=\
         \"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST\" AssertionConsumerServiceURL=\"{}\">\
         <saml:Issuer>{}</saml:Issuer><samlp:NameIDPolicy AllowCreate=\"true\"/>\
         </samlp:AuthnRequest>",
        answer::PROTOCOL,
        answer::ASSERTION,
        request_id(attempt),
        crate::check::iso(app.clock.now()),
        escaped(&provider.place),
        escaped(&place(app, name)),
        escaped(&entity_id(app, sso, name)),
    );
    let mut deflated = DeflateEncoder::new(Vec::new(), Compression::default());
    deflated
        .write_all(question.as_bytes())
        .map_err(Error::internal)?;
    let deflated = deflated.finish().map_err(Error::internal)?;
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("SAMLRequest", &BASE64_STANDARD.encode(deflated))
        .append_pair("RelayState", state)
        .finish();
    let joint = if provider.place.contains('?') {
        '&'
    } else {
        '?'
    };
    Ok(format!("{}{joint}{query}", provider.place))
}

/// XML wants a name that begins with no digit.
fn request_id(attempt: &Attempt) -> String {
    format!("_{}", attempt.nonce)
}

/// `GET /sso/{name}/metadata`: this site for the settings of the provider.
pub async fn metadata(State(app): State<App>, Path(name): Path<String>) -> Result<Response> {
    let sso = saml(&app, &name)?;
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <md:EntityDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" entityID=\"{}\">\
         <md:SPSSODescriptor AuthnRequestsSigned=\"false\" WantAssertionsSigned=\"true\" \
         protocolSupportEnumeration=\"{}\">\
         <md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:persistent</md:NameIDFormat>\
         <md:AssertionConsumerService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST\" \
         Location=\"{}\" index=\"0\" isDefault=\"true\"/>\
         </md:SPSSODescriptor></md:EntityDescriptor>\n",
        escaped(&entity_id(&app, sso, &name)),
        answer::PROTOCOL,
        escaped(&place(&app, &name)),
    );
    let kind = HeaderValue::from_static("application/samlmetadata+xml");
    Ok(([(header::CONTENT_TYPE, kind)], body).into_response())
}

#[derive(Deserialize)]
pub struct Sent {
    #[serde(rename = "SAMLResponse", default)]
    response: String,
    #[serde(rename = "RelayState", default)]
    state: String,
}

/// `POST /sso/{name}/acs`: what the provider has the browser bring.
pub async fn take(
    State(app): State<App>,
    page: crate::page::Page,
    Path(name): Path<String>,
    Form(sent): Form<Sent>,
) -> Result<Response> {
    let sso = saml(&app, &name)?;
    let ticket = match keep(&app, sso, &name, &sent).await {
        Ok(ticket) => ticket,
        Err(error) => return super::page::sorry(&app, &page, "/login", error),
    };
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("state", &sent.state)
        .append_pair("ticket", &ticket)
        .finish();
    let mut response = crate::page::go(&app, &format!("/sso/{name}/callback?{query}"), None);
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// Checks an answer and keeps whom it proves, once.
async fn keep(app: &App, sso: &Sso, name: &str, sent: &Sent) -> Result<String> {
    let distrust = |why: &str| {
        tracing::warn!(
            provider = name,
            why,
            "an answer of an identity provider was refused"
        );
        Error::forbidden(format!("The provider's answer cannot be trusted: {why}."))
            .code("sso_forged")
    };
    let provider = Provider::read(sso)?;
    let bytes = signature::decoded(&sent.response).map_err(distrust)?;
    let text = String::from_utf8(bytes).map_err(|_| distrust("it is no UTF-8"))?;
    let (audience, place, now) = (entity_id(app, sso, name), place(app, name), app.clock.now());
    let expected = answer::Expected {
        issuer: &provider.issuer,
        keys: &provider.keys,
        audience: &audience,
        place: &place,
        now,
    };
    let proved = answer::proved(&text, sso, &expected).map_err(distrust)?;
    let assertion = token_hash(&format!("{name} {}", proved.assertion_id));
    let mut tx = app.db.begin().await?;
    if !store::saml::note_assertion(&mut tx, &assertion, proved.until).await? {
        return Err(distrust("it was used before"));
    }
    let ticket = base::random::token();
    let kept = store::saml::Kept {
        provider: name.to_owned(),
        request_id: proved.request_id,
        who: proved.who,
    };
    store::saml::keep(&mut tx, &token_hash(&ticket), &kept, now + HANDOVER).await?;
    tx.commit().await?;
    Ok(ticket)
}

/// Whom the answer to this very question proves.
pub async fn identity(app: &App, name: &str, ticket: &str, attempt: &Attempt) -> Result<Identity> {
    let kept = store::saml::take(&app.db, &token_hash(ticket), app.clock.now()).await?;
    let kept = kept.filter(|it| it.provider == name && it.request_id == request_id(attempt));
    let kept = kept.ok_or_else(|| {
        Error::forbidden("This is the answer to another log-in. Try again.").code("sso_stale")
    })?;
    Ok(kept.who)
}
