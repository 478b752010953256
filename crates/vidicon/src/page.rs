//! The frame around every HTML page: who looks, in which language and theme, what was said on the
//! page before, and the headers that keep a page to this site.

pub mod card;
pub mod confirm;
pub mod cookie;
pub mod fault;
pub mod form;
pub mod look;
pub mod style;
pub mod table;
pub mod theme;
pub mod words;

use crate::access::{self, Viewer};
use crate::account::picture::{self, Shape};
use crate::account::{NsfwPolicy, Right, User};
use crate::app::App;
use crate::assets;
use crate::error::{Error, Result};
use crate::i18n::{self, Filling, Texts};
use crate::instance::settings::{Features, OwnLabels};
use crate::switch;
use crate::video::list::nsfw_policy;
use crate::wire::AVATARS;
use crate::zone::Zone;
use askama::Template;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base::clock::{DAY, Millis};
use std::borrow::Borrow;
use std::fmt::Display;
use std::sync::Arc;

/// The avatar in the head, on screens with two dots for each pixel.
const AVATAR_PX: i64 = 96;

/// What the layout needs, and the words of the page.
#[derive(Clone, Debug)]
pub struct Page {
    pub viewer: Viewer,
    pub texts: &'static Texts,
    pub lang: &'static str,
    pub dir: &'static str,
    /// `light` or `dark` when the visitor has chosen.
    pub theme: Option<&'static str>,
    pub site_name: String,
    /// Has the administrator written a style or a script, or chosen a colour?
    pub own_style: bool,
    pub own_script: bool,
    /// Links that the administrator has added to the head: word and address.
    pub links: Vec<(String, String)>,
    /// The whole site is one channel.
    pub alone: bool,
    pub logos: look::Logos,
    pub broadcast: Option<look::Broadcast>,
    pub host: String,
    /// `https://video.example`, without a slash at its end.
    pub site_url: String,
    pub signup_open: bool,
    /// Sensitive pictures are covered until the viewer wants to see them.
    pub covers_sensitive: bool,
    pub sprite: &'static str,
    /// The page asked for, with its query: where a log-in leads back to.
    pub path: String,
    /// May the viewer upload, write comments, download, search?
    pub features: Features,
    /// Categories and licences of the site's own.
    pub labels: &'static OwnLabels,
    /// Which link of the head is this page.
    pub nav: &'static str,
    pub user: Option<Shown>,
    /// What the user was told and has not read.
    pub unread: i64,
    pub flash: Option<Flash>,
    pub now: Millis,
    /// Where the viewer's clock is.
    pub zone: Zone,
}

/// The one who is logged in, as the head shows them.
#[derive(Clone, Debug)]
pub struct Shown {
    pub display_name: String,
    pub initial: String,
    pub avatar: Option<String>,
    pub admin: bool,
}

/// A sentence about what has just been done, shown once.
#[derive(Clone, Debug)]
pub struct Flash {
    pub bad: bool,
    pub text: String,
}

impl FromRequestParts<App> for Page {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let viewer = parts
            .extensions
            .get::<Viewer>()
            .cloned()
            .unwrap_or_default();
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        let mut page = Page::new(app, viewer, &parts.headers, path);
        page.greet(app).await?;
        Ok(page)
    }
}

impl Page {
    pub fn new(app: &App, viewer: Viewer, headers: &HeaderMap, path: &str) -> Self {
        let texts = i18n::texts(language(headers));
        let user = viewer.user().map(Shown::of);
        let site = app.instance.settings();
        let mut features = site.features;
        features.uploads.enabled = switch::may_upload(&features, &viewer);
        let viewer_zone = viewer
            .user()
            .map(|user| Zone::of(&user.settings))
            .unwrap_or_default();
        let covers_sensitive = nsfw_policy(app, &viewer) != NsfwPolicy::Display;
        Page {
            user,
            unread: 0,
            viewer,
            texts,
            lang: texts.language,
            dir: texts.direction(),
            theme: match access::cookie(headers, "theme") {
                Some("dark") => Some("dark"),
                Some("light") => Some("light"),
                _ => None,
            },
            site_name: site.instance.name.clone(),
            own_style: theme::has_style(&site),
            links: look::links(&site),
            alone: !site.instance.customizations.channel.is_empty(),
            logos: look::logos(app, &app.instance.current()),
            own_script: !site.instance.customizations.javascript.is_empty(),
            broadcast: look::broadcast(app, headers),
            host: app.host(),
            site_url: app.config.server.public_url.clone(),
            signup_open: site.signup.enabled && site.instance.customizations.channel.is_empty(),
            covers_sensitive,
            sprite: assets::url("sprite.svg"),
            path: path.to_owned(),
            features,
            labels: app.instance.labels(),
            nav: "",
            flash: cookie::flash(headers),
            now: app.clock.now(),
            zone: viewer_zone,
        }
    }

    /// Reads what the head shows of the one who is logged in.
    async fn greet(&mut self, app: &App) -> Result<()> {
        let (Some(user), Some(shown)) = (self.viewer.user(), &mut self.user) else {
            return Ok(());
        };
        self.unread = crate::notification::unread(app, user.id).await?;
        let pictures = picture::of(&app.db, &[user.actor_id], Shape::Avatar).await?;
        let sizes = pictures.get(&user.actor_id).into_iter().flatten();
        let fitting = sizes.min_by_key(|picture| (picture.width - AVATAR_PX).abs());
        shown.avatar = fitting.map(|picture| format!("{AVATARS}{}", picture.filename));
        Ok(())
    }

    /// The user of a page that needs one; 401 leads to the log-in.
    pub fn me(&self) -> Result<&Arc<User>> {
        let signed_in = self.viewer.signed_in.as_ref();
        signed_in
            .map(|it| &it.user)
            .ok_or_else(Error::not_authenticated)
    }

    /// Has the viewer asked to see what is covered, without script?
    pub fn uncovered(&self) -> bool {
        let query = self.path.split_once('?').map_or("", |(_, query)| query);
        query.split('&').any(|pair| pair == "show=1")
    }

    pub fn asset(&self, name: &str) -> &'static str {
        assets::url(name)
    }

    pub fn preload(&self, name: &str) -> &'static [String] {
        assets::preload(name)
    }

    /// The words that scripts need, in the page's language.
    pub fn words_script(&self) -> &'static str {
        assets::url(&format!("text-{}.js", self.lang))
    }

    /// What a language is called in the page's language.
    pub fn language_name(&self, code: &str) -> Option<&'static str> {
        self.texts.find(&format!("language-{code}"))
    }

    pub fn languages(&self) -> &'static [(&'static str, &'static str)] {
        &i18n::LANGUAGES
    }

    /// A message.
    pub fn t(&self, key: &'static str) -> &'static str {
        self.texts.get(key)
    }

    /// A day in words, as the viewer's calendar has it.
    pub fn date(&self, at: Millis) -> String {
        self.texts.date(self.zone.local(at))
    }

    /// How long ago, and after a month the day itself.
    pub fn ago(&self, at: Millis) -> String {
        if self.now - at < 30 * DAY {
            self.texts.ago(at, self.now)
        } else {
            self.date(at)
        }
    }

    /// A message with a number, `$count`.
    pub fn tn(&self, key: &str, count: impl Borrow<i64>) -> String {
        self.texts
            .count(key, u64::try_from(*count.borrow()).unwrap_or(0))
    }

    /// A message with one value.
    pub fn tx(&self, key: &str, name: &str, value: impl Display) -> String {
        self.texts
            .fill(key, &[(name, Filling::Word(&value.to_string()))])
    }

    /// A message with two values.
    pub fn tyx(
        &self,
        key: &str,
        a: &str,
        first: impl Display,
        b: &str,
        second: impl Display,
    ) -> String {
        self.texts.two(key, (a, &first), (b, &second))
    }

    /// Answers with a page.
    pub fn render(&self, template: &impl Template) -> Response {
        self.render_with(template, StatusCode::OK, &[])
    }

    /// As [`Page::render`], where the page may also fetch media from these origins.
    pub fn render_with(
        &self,
        template: &impl Template,
        status: StatusCode,
        origins: &[String],
    ) -> Response {
        let mut response = match template.render() {
            Ok(html) => (status, html).into_response(),
            Err(error) => return Error::internal(error).into_response(),
        };
        let headers = response.headers_mut();
        let kind = HeaderValue::from_static("text/html; charset=utf-8");
        headers.insert(header::CONTENT_TYPE, kind);
        headers.insert(
            header::CACHE_CONTROL,
            HeaderValue::from_static("private, no-cache"),
        );
        headers.insert(
            header::VARY,
            HeaderValue::from_static("cookie, accept-language"),
        );
        headers.insert(
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        );
        headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
        headers.insert(
            header::REFERRER_POLICY,
            HeaderValue::from_static("strict-origin-when-cross-origin"),
        );
        if let Ok(policy) = HeaderValue::from_str(&policy(origins, "'none'")) {
            headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        }
        if self.flash.is_some() {
            cookie::forget_flash(headers);
        }
        response
    }

    /// Answers with a page that others may show inside theirs.
    pub fn render_embed(&self, template: &impl Template, origins: &[String]) -> Response {
        self.render_within(template, origins, "*")
    }

    /// As [`Page::render_embed`], for these others only: a list of sources as a policy has it.
    pub fn render_within(
        &self,
        template: &impl Template,
        origins: &[String],
        frames: &str,
    ) -> Response {
        let mut response = self.render_with(template, StatusCode::OK, origins);
        let headers = response.headers_mut();
        headers.remove(header::X_FRAME_OPTIONS);
        headers.insert(
            header::CACHE_CONTROL,
            HeaderValue::from_static("public, max-age=0"),
        );
        if let Ok(policy) = HeaderValue::from_str(&policy(origins, frames)) {
            headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        }
        response
    }
}

impl Shown {
    fn of(user: &User) -> Self {
        Shown {
            display_name: user.display_name.clone(),
            initial: card::initial(&user.display_name),
            avatar: None,
            admin: user.has(Right::ManageConfiguration) || user.has(Right::ManageUsers),
        }
    }
}

/// Nothing but our own scripts, styles and pictures; media also from where a video's files lie.
fn policy(origins: &[String], frames: &str) -> String {
    let media = origins.join(" ");
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
         font-src 'self'; frame-src 'self'; manifest-src 'self'; media-src 'self' blob: {media}; \
         connect-src 'self' {media}; form-action 'self'; base-uri 'none'; frame-ancestors {frames}"
    )
}

/// The language of the cookie, else the best of what the browser asks for.
fn language(headers: &HeaderMap) -> &'static str {
    let chosen = access::cookie(headers, "language").and_then(i18n::known);
    chosen.unwrap_or_else(|| {
        let wishes = headers
            .get(header::ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok());
        i18n::negotiate(wishes.unwrap_or("en"))
    })
}

/// After a form: on to the next page, with a sentence about what was done.
pub fn go(app: &App, to: &str, flash: Option<(bool, &str)>) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    let headers = response.headers_mut();
    if let Ok(place) = HeaderValue::from_str(local(to)) {
        headers.insert(header::LOCATION, place);
    }
    if let Some((bad, text)) = flash {
        cookie::set_flash(app, headers, bad, text);
    }
    response
}

/// An address of this site, or the front page: nobody is sent elsewhere by a link to us.
pub fn local(path: &str) -> &str {
    let is_local = path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains('\\')
        && !path.bytes().any(|byte| byte.is_ascii_control());
    if is_local { path } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_addresses_are_local() {
        assert_eq!(local("/w/abc?start=3"), "/w/abc?start=3");
        for bad in [
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "",
            "/a\nb",
        ] {
            assert_eq!(local(bad), "/", "{bad:?}");
        }
    }
}
