//! How a site looks of its own: the hue of its colour, and the style and script that its
//! administrator has written. They are files of this site, so the strict policy of pages holds.

use super::look;
use crate::app::App;
use crate::instance::Settings;
use crate::text::escaped;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

/// The hue of the site's own colour in degrees, when the administrator has chosen one.
pub fn hue(settings: &Settings) -> Option<i64> {
    hue_of(settings.theme.customization.primary_color.as_deref()?)
}

/// Is anything of the look the site's own?
pub fn has_style(settings: &Settings) -> bool {
    hue(settings).is_some()
        || !settings.instance.customizations.css.is_empty()
        || !look::colours(settings).is_empty()
}

/// `GET /client/theme.css`.
pub async fn css(State(app): State<App>, asked: HeaderMap) -> Response {
    let settings = app.instance.settings();
    let mut text = String::new();
    if let Some(hue) = hue(&settings) {
        text = format!("html:not([class*=\"hue-\"]) {{ --hue: {hue} }}\n");
    }
    text.push_str(&look::colours(&settings));
    text.push_str(&settings.instance.customizations.css);
    answer(text, "text/css; charset=utf-8", &asked)
}

/// `GET /client/own.js`.
pub async fn js(State(app): State<App>, asked: HeaderMap) -> Response {
    let settings = app.instance.settings();
    let text = settings.instance.customizations.javascript.clone();
    answer(text, "text/javascript; charset=utf-8", &asked)
}

/// `GET /opensearch.xml`: the site as a search engine of the browser.
pub async fn search(State(app): State<App>, asked: HeaderMap) -> Response {
    let settings = app.instance.settings();
    let name: String = settings.instance.name.chars().take(16).collect();
    let site = &app.config.server.public_url;
    let text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <OpenSearchDescription xmlns=\"http://a9.com/-/spec/opensearch/1.1/\">\n\
         <ShortName>{}</ShortName>\n<Description>{}</Description>\n\
         <InputEncoding>UTF-8</InputEncoding>\n\
         <Image width=\"32\" height=\"32\" type=\"image/x-icon\">{site}/favicon.ico</Image>\n\
         <Url type=\"text/html\" template=\"{site}/search?search={{searchTerms}}\"/>\n\
         </OpenSearchDescription>\n",
        escaped(&name),
        escaped(&settings.instance.short_description),
    );
    answer(text, "application/opensearchdescription+xml", &asked)
}

fn answer(text: String, kind: &'static str, asked: &HeaderMap) -> Response {
    let digest = Sha256::digest(text.as_bytes());
    let tag = format!("\"{}\"", hex::encode(digest.get(..12).unwrap_or_default()));
    let known = asked.get(header::IF_NONE_MATCH);
    let headers = [
        (header::ETAG, tag.clone()),
        (header::CACHE_CONTROL, "public, no-cache".to_owned()),
    ];
    if known.is_some_and(|known| known.as_bytes() == tag.as_bytes()) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    (headers, [(header::CONTENT_TYPE, kind)], text).into_response()
}

/// The hue of a colour written as `#rgb` or `#rrggbb`, as OKLCH counts it. A grey has none.
#[expect(
    clippy::cast_possible_truncation,
    clippy::as_conversions,
    reason = "0 to 359"
)]
fn hue_of(color: &str) -> Option<i64> {
    let digits = color.trim().strip_prefix('#')?;
    let wide: String = match digits.len() {
        3 => digits.chars().flat_map(|digit| [digit, digit]).collect(),
        6 => digits.to_owned(),
        _ => return None,
    };
    let part = |at: usize| {
        let byte = u8::from_str_radix(wide.get(at..at + 2)?, 16).ok()?;
        let value = f64::from(byte) / 255.0;
        Some(if value <= 0.04045 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        })
    };
    let (red, green, blue) = (part(0)?, part(2)?, part(4)?);
    let long = (0.412_221_47 * red + 0.536_332_54 * green + 0.051_445_99 * blue).cbrt();
    let middle = (0.211_903_5 * red + 0.680_699_55 * green + 0.107_396_96 * blue).cbrt();
    let short = (0.088_302_46 * red + 0.281_718_84 * green + 0.629_978_7 * blue).cbrt();
    let a = 1.977_998_5 * long - 2.428_592_2 * middle + 0.450_593_7 * short;
    let b = 0.025_904_04 * long + 0.782_771_77 * middle - 0.808_675_77 * short;
    if a.hypot(b) < 0.01 {
        return None;
    }
    Some(b.atan2(a).to_degrees().rem_euclid(360.0).round() as i64 % 360)
}

#[cfg(test)]
mod tests {
    use super::hue_of;

    #[test]
    fn hues_of_colours() {
        assert_eq!(hue_of("#ff0000"), Some(29));
        assert_eq!(hue_of("#0f0"), Some(142));
        assert_eq!(hue_of("#0000FF"), Some(264));
        assert_eq!(hue_of("#808080"), None);
        for bad in ["", "red", "#12", "#12345g", "#éé"] {
            assert_eq!(hue_of(bad), None, "{bad}");
        }
    }
}
