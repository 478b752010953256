//! The gate: videos from an age, and countries where videos are not shown. Off unless the site's
//! settings say otherwise. docs/gate.md says more.

use super::Video;
use super::visibility::is_owner;
use crate::access::Viewer;
use crate::account::Right;
use crate::app::App;
use crate::error::{Error, Result};
use base::country::Country;

/// The ages that a maker can choose from.
pub const AGES: [i64; 4] = [0, 12, 16, 18];
/// Countries that one video can name; there are some 250.
pub const MOST_COUNTRIES: usize = 300;

/// The refusal that a word about the age lifts.
pub const ASKS_AGE: &str = "video_requires_age_consent";
pub const OTHER_COUNTRY: &str = "video_not_shown_in_country";

/// What of a video the gate looks at.
#[derive(Clone, Copy, Debug)]
pub struct Guarded<'v> {
    pub min_age: i64,
    pub hidden_in: &'v [String],
}

impl Video {
    pub fn guarded(&self) -> Guarded<'_> {
        Guarded {
            min_age: self.min_age,
            hidden_in: self.hidden_in.as_deref().unwrap_or_default(),
        }
    }
}

/// Must anything be known of those who ask before they may have this video's files?
pub fn guards(app: &App, video: Guarded<'_>) -> bool {
    let settings = app.instance.settings();
    let gate = &settings.gate;
    let by_country = !gate.countries.is_empty() || !video.hidden_in.is_empty();
    gate.enabled && (video.min_age > 0 || (by_country && app.countries.is_some()))
}

/// Does it depend on the country whether somebody sees anything here?
pub fn asks_country(app: &App) -> bool {
    app.countries.is_some() && app.instance.settings().gate.enabled
}

/// Lets the viewer through, or says what stands in the way. Makers and moderators always pass.
pub async fn pass(app: &App, viewer: &Viewer, video: &Video) -> Result<()> {
    let Err(refusal) = judge(app, viewer, video.guarded()) else {
        return Ok(());
    };
    if let Some(user) = viewer.user()
        && (user.has(Right::ManageVideoBlacklist) || is_owner(app, user, video).await?)
    {
        return Ok(());
    }
    Err(refusal)
}

fn judge(app: &App, viewer: &Viewer, video: Guarded<'_>) -> Result<()> {
    let settings = app.instance.settings();
    let gate = &settings.gate;
    if !gate.enabled {
        return Ok(());
    }
    let is_it = |country: Country| {
        let mut refused = gate.countries.iter().chain(video.hidden_in);
        refused.any(|code| code == country.as_str())
    };
    if viewer.country.is_some_and(is_it) {
        return Err(
            Error::forbidden("This video is not shown in your country.").code(OTHER_COUNTRY)
        );
    }
    if video.min_age > viewer.age {
        let detail = format!("This video is for viewers from {} years.", video.min_age);
        let error = Error::forbidden(detail).code(ASKS_AGE);
        return Err(error.with("minAge", video.min_age));
    }
    Ok(())
}

/// Country codes in the order of the alphabet, each once; nothing when one of them is none.
pub fn read_countries(codes: &[String]) -> Option<Vec<String>> {
    let parsed: Option<Vec<Country>> = codes
        .iter()
        .map(|code| Country::parse(code.trim()))
        .collect();
    let mut found: Vec<String> = parsed?.iter().map(Country::to_string).collect();
    found.sort_unstable();
    found.dedup();
    Some(found)
}
