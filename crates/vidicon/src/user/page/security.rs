//! The page of what keeps an account safe: where one is logged in, and the second factor.

use super::{LABELS, body, tabs};
use crate::access::Me;
use crate::account::api::two_factor as api;
use crate::account::session::{self, Kept, SessionId};
use crate::account::{self, User};
use crate::app::App;
use crate::error::{Error, Result};
use crate::listing::Paging;
use crate::page::card::Tab;
use crate::page::form::Form;
use crate::page::{Page, go, words};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::Value;

#[derive(Template)]
#[template(path = "account/security.html")]
struct Security<'p> {
    page: &'p Page,
    tabs: Vec<Tab>,
    error: Option<String>,
    two_factor: bool,
    /// What the app on the phone needs while the second factor is being switched on.
    offer: Option<Offer>,
    sessions: Vec<Session>,
}

struct Offer {
    token: String,
    secret: String,
    uri: String,
}

struct Session {
    id: SessionId,
    device: String,
    place: String,
    used: String,
    since: String,
    now: bool,
}

/// `GET /my/settings/security`.
pub async fn show(State(app): State<App>, page: Page, me: Me) -> Result<Response> {
    let template = template(&app, &page, &me, None).await?;
    Ok(page.render(&template))
}

async fn template<'p>(
    app: &App,
    page: &'p Page,
    me: &User,
    offer: Option<Offer>,
) -> Result<Security<'p>> {
    let now = page.viewer.signed_in.as_ref().map(|it| it.session_id);
    let paging = Paging {
        start: 0,
        count: 100,
    };
    let (_, kept) = session::list(app, me.id, paging).await?;
    Ok(Security {
        page,
        tabs: tabs(page, "/my/settings/security"),
        error: None,
        two_factor: me.two_factor,
        offer,
        sessions: kept.iter().map(|kept| view(page, kept, now)).collect(),
    })
}

fn view(page: &Page, kept: &Kept, now: Option<SessionId>) -> Session {
    let device = kept.last_device.as_deref().or(kept.login_device.as_deref());
    let place = kept.last_ip.as_deref().or(kept.login_ip.as_deref());
    Session {
        id: kept.id,
        device: device.map_or_else(|| page.t("device-unknown").to_owned(), device_name),
        place: place.unwrap_or_default().to_owned(),
        used: page.ago(kept.last_active_at),
        since: page.date(kept.created_at),
        now: now == Some(kept.id),
    }
}

/// `Firefox, Linux` of what a browser says about itself; the first words of anything else.
fn device_name(agent: &str) -> String {
    const BROWSERS: [(&str, &str); 6] = [
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chromium/", "Chromium"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ];
    const SYSTEMS: [(&str, &str); 6] = [
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ];
    let of = |list: &[(&str, &'static str)]| {
        let found = list.iter().find(|(sign, _)| agent.contains(sign));
        found.map(|(_, name)| *name)
    };
    match (of(&BROWSERS), of(&SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser}, {system}"),
        (Some(only), None) | (None, Some(only)) => only.to_owned(),
        (None, None) => agent.chars().take(60).collect(),
    }
}

/// `POST /my/settings/sessions/{id}/end`.
pub async fn end(
    State(app): State<App>,
    page: Page,
    me: Me,
    Path(id): Path<String>,
) -> Result<Response> {
    let id = crate::check::id("id", &id)?;
    session::end_of(&app, me.id, id).await?;
    let said = Some((false, page.t("session-ended")));
    Ok(go(&app, "/my/settings/security", said))
}

/// `POST /my/settings/sessions/end`: all but this one.
pub async fn end_others(State(app): State<App>, page: Page, me: Me) -> Result<Response> {
    if let Some(signed_in) = &page.viewer.signed_in {
        session::end_others(&app.db, me.id, signed_in.session_id).await?;
    }
    let said = Some((false, page.t("sessions-ended")));
    Ok(go(&app, "/my/settings/security", said))
}

/// `POST /my/settings/two-factor`: begins, goes on with, or ends the second factor.
pub async fn two_factor(
    State(app): State<App>,
    page: Page,
    me: Me,
    form: Form,
) -> Result<Response> {
    let id = Path(me.id.to_string());
    let state = State(app.clone());
    let password = body([("currentPassword", form.raw("current").into())]);
    let outcome = match form.text("act") {
        "begin" => match api::request(state, me.clone(), id, password).await {
            Ok(answer) => {
                let template = template(&app, &page, &me, Some(offer(&answer.0))).await?;
                return Ok(page.render(&template));
            }
            Err(error) => Err(error),
        },
        "confirm" => {
            let code = body([
                ("requestToken", form.text("token").into()),
                ("otpToken", form.text("otp").replace(' ', "").into()),
            ]);
            let done = api::confirm(state, me.clone(), id, code).await;
            done.map(|_| "two-factor-on")
        }
        "end" => {
            let done = api::disable(state, me.clone(), id, password).await;
            done.map(|_| "two-factor-off")
        }
        _ => Err(Error::bad_request("There is no such act.")),
    };
    match outcome {
        Ok(said) => Ok(go(
            &app,
            "/my/settings/security",
            Some((false, page.t(said))),
        )),
        Err(error) if error.status().is_server_error() => Err(error),
        Err(error) => failed(&app, &page, &me, &form, &error).await,
    }
}

/// The form again; a wrong code keeps the offer, so that nothing has to be scanned twice.
async fn failed(app: &App, page: &Page, me: &Me, form: &Form, error: &Error) -> Result<Response> {
    let offered = Offer {
        token: form.text("token").to_owned(),
        secret: form.text("secret").to_owned(),
        uri: form.text("uri").to_owned(),
    };
    let offer = (form.text("act") == "confirm").then_some(offered);
    let me = account::user(app, me.id).await?;
    let text = match (form.text("act"), error.status()) {
        ("confirm", StatusCode::FORBIDDEN) => page.t("login-code-wrong").to_owned(),
        (_, StatusCode::BAD_REQUEST) => page.t("fault-password").to_owned(),
        _ => words::fault(page, error, &LABELS),
    };
    let mut template = template(app, page, &me, offer).await?;
    template.error = Some(text);
    Ok(page.render_with(&template, error.status(), &[]))
}

fn offer(answer: &Value) -> Offer {
    let text = |name: &str| {
        let found = answer.pointer(&format!("/otpRequest/{name}"));
        found.and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    Offer {
        token: text("requestToken"),
        secret: text("secret"),
        uri: text("uri"),
    }
}

#[cfg(test)]
mod tests {
    use super::device_name;

    #[test]
    fn devices_have_short_names() {
        let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0";
        assert_eq!(device_name(firefox), "Firefox, Linux");
        assert_eq!(device_name("curl/8.5.0"), "curl/8.5.0");
    }
}
