//! Small pieces of JSON answers that lists are made of. They write themselves straight into the
//! answer, without a text of their own.

use axum::http::header;
use axum::response::{IntoResponse, Response};
use base::clock::{DAY, Millis};
use serde::ser::{Serialize, SerializeSeq, Serializer};
use serde_json::Value;
use std::cmp::Reverse;
use std::fmt;

use crate::error::{Error, Result};
use crate::instance::settings::OwnLabels;

/// The answer of something that serialises itself.
pub fn json(thing: &impl Serialize) -> Result<Response> {
    let mut body = Vec::with_capacity(16 * 1024);
    serde_json::to_writer(&mut body, thing).map_err(Error::internal)?;
    Ok(json_bytes(body))
}

pub fn json_bytes(body: Vec<u8>) -> Response {
    (
        [(header::CONTENT_TYPE, "application/json; charset=utf-8")],
        body,
    )
        .into_response()
}

/// This site's address and host, for addresses in answers.
#[derive(Clone, Copy, Debug)]
pub struct Site<'a> {
    pub url: &'a str,
    pub host: &'a str,
    /// Categories and licences of the site's own.
    pub labels: &'static OwnLabels,
}

impl<'a> Site<'a> {
    pub fn of(app: &'a crate::app::App) -> Self {
        let url = app.config.server.public_url.as_str();
        Site {
            url,
            host: url.split_once("://").map_or(url, |(_, host)| host),
            labels: app.instance.labels(),
        }
    }

    /// The host of an actor, whose own is empty when it is of this site.
    pub fn host_of(&self, host: &'a str) -> &'a str {
        if host.is_empty() { self.host } else { host }
    }
}

/// A time as `2026-11-22T10:42:00.000Z`.
#[derive(Clone, Copy, Debug)]
pub struct Iso(pub Millis);

impl fmt::Display for Iso {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = *b"0000-00-00T00:00:00.000Z";
        let (year, month, day) = civil(self.0.div_euclid(DAY));
        let millis = self.0.rem_euclid(DAY);
        let parts = [
            (0, 4, year),
            (5, 2, month),
            (8, 2, day),
            (11, 2, millis / 3_600_000),
            (14, 2, millis / 60_000 % 60),
            (17, 2, millis / 1_000 % 60),
            (20, 3, millis % 1_000),
        ];
        for (start, width, mut number) in parts {
            for byte in text.iter_mut().skip(start).take(width).rev() {
                *byte = b'0' + u8::try_from(number.rem_euclid(10)).unwrap_or(0);
                number /= 10;
            }
        }
        f.write_str(std::str::from_utf8(&text).unwrap_or_default())
    }
}

/// Year, month and day of a number of days since 1970 (the usual proleptic Gregorian rule).
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

impl Serialize for Iso {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A text in pieces.
#[derive(Clone, Copy, Debug)]
pub struct Joined<'a>(pub [&'a str; 3]);

impl fmt::Display for Joined<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|piece| f.write_str(piece))
    }
}

impl Serialize for Joined<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

pub const AVATARS: &str = "/lazy-static/avatars/";
pub const BANNERS: &str = "/lazy-static/banners/";

/// The pictures of an actor out of one column of a query: `name width height time` for each.
#[derive(Clone, Copy, Debug)]
pub struct Images<'a> {
    pub site: Site<'a>,
    /// [`AVATARS`] or [`BANNERS`].
    pub folder: &'static str,
    pub column: Option<&'a str>,
}

/// One picture out of such a column.
#[derive(Clone, Copy, Debug)]
pub struct Picture<'a> {
    pub name: &'a str,
    pub width: i64,
    height: i64,
    at: i64,
}

/// The pictures of such a column, the widest first. They are sorted here: in a query the sorting
/// costs each row of a list, where most columns are empty or hold two.
pub fn pictures(column: Option<&str>) -> Vec<Picture<'_>> {
    let mut words = column.unwrap_or_default().split_ascii_whitespace();
    let mut found = Vec::new();
    while let (Some(name), Some(width), Some(height), Some(at)) =
        (words.next(), words.next(), words.next(), words.next())
    {
        found.push(Picture {
            name,
            width: width.parse().unwrap_or(0),
            height: height.parse().unwrap_or(0),
            at: at.parse().unwrap_or(0),
        });
    }
    found.sort_by_key(|picture| Reverse(picture.width));
    found
}

/// The path of the widest picture of such a column.
pub fn first_image(folder: &str, column: Option<&str>) -> Option<String> {
    let widest = pictures(column).into_iter().next()?;
    Some(format!("{folder}{}", widest.name))
}

#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct Image<'a> {
    path: Joined<'a>,
    file_url: Joined<'a>,
    width: i64,
    height: i64,
    created_at: Iso,
    updated_at: Iso,
}

impl Serialize for Images<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        for picture in pictures(self.column) {
            let at = Iso(picture.at);
            list.serialize_element(&Image {
                path: Joined([self.folder, picture.name, ""]),
                file_url: Joined([self.site.url, self.folder, picture.name]),
                width: picture.width,
                height: picture.height,
                created_at: at,
                updated_at: at,
            })?;
        }
        list.end()
    }
}

/// A number or word with its English name; unset is `{"id": null, "label": "Unknown"}`.
#[derive(Clone, Copy, Debug, serde::Serialize)]
pub struct Labelled<T> {
    pub id: Option<T>,
    pub label: &'static str,
}

/// Sets a member of an object; what is no object stays as it is.
pub fn put(object: &mut Value, name: &str, value: impl Into<Value>) {
    if let Some(members) = object.as_object_mut() {
        members.insert(name.to_owned(), value.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_the_calendar_has_them() {
        for millis in [
            0,
            1,
            951_782_400_000,
            1_793_534_400_123,
            4_102_444_799_999,
            -1,
        ] {
            assert_eq!(Iso(millis).to_string(), crate::check::iso(millis));
        }
    }

    #[test]
    fn pictures_come_out_of_their_column() {
        let site = Site {
            url: "http://a.test",
            host: "a.test",
            labels: Default::default(),
        };
        let column = Some("y.png 48 48 1000 x.png 600 600 0");
        let text = serde_json::to_string(&Images {
            site,
            folder: AVATARS,
            column,
        })
        .unwrap();
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value[1]["path"], "/lazy-static/avatars/y.png");
        assert_eq!(
            value[1]["fileUrl"],
            "http://a.test/lazy-static/avatars/y.png"
        );
        assert_eq!(value[0]["width"], 600);
        assert_eq!(value.as_array().unwrap().len(), 2);
    }
}
