//! What a request may say about a video: the same fields for upload, update, live and import.

use super::{CommentsPolicy, NewVideo, Privacy, Quality, Schedule, Video, gate, labels};
use crate::account::AccountId;
use crate::app::App;
use crate::channel::ChannelId;
use crate::check::{Check, Field, length_of};
use crate::error::{Error, Result};
use crate::instance::settings::OwnLabels;
use base::clock::Millis;
use serde_json::{Map, Value};

const NAME_MESSAGE: &str = "Should have a video name between 3 and 120 characters long";

#[derive(Clone, Debug)]
pub struct Fields {
    pub name: Field<String>,
    pub channel_id: Field<i64>,
    pub description: Field<String>,
    pub support: Field<String>,
    pub category: Field<i64>,
    pub licence: Field<i64>,
    pub language: Field<String>,
    pub tags: Field<Vec<String>>,
    pub privacy: Field<Privacy>,
    pub wait_transcoding: Field<bool>,
    pub nsfw: Field<bool>,
    pub nsfw_flags: Field<i64>,
    pub nsfw_summary: Field<String>,
    pub min_age: Field<i64>,
    pub hidden_in: Field<Vec<String>>,
    pub comments_policy: Field<CommentsPolicy>,
    pub quality: Field<Quality>,
    pub download_enabled: Field<bool>,
    pub originally_published_at: Field<Millis>,
    pub schedule: Field<Schedule>,
    /// As they were sent: judged by [`Fields::passwords`], after other checks.
    raw_passwords: Option<Value>,
}

impl Fields {
    /// The fields of a new video: a name and a channel must be there.
    pub fn of_new(input: &Map<String, Value>, own: &'static OwnLabels) -> Result<Self> {
        let mut check = Check::body(input);
        let fields = Self::look(&mut check, own);
        if fields.name.clone().value().is_none() {
            check.fail("name", NAME_MESSAGE);
        }
        check.required("channelId", fields.channel_id.clone());
        check.finish()?;
        fields.only_with_nsfw()?.with_schedule(input)
    }

    /// The fields of a change: whatever is there.
    pub fn of_change(input: &Map<String, Value>, own: &'static OwnLabels) -> Result<Self> {
        let mut check = Check::body(input);
        let fields = Self::look(&mut check, own);
        if fields.name == Field::Null {
            check.fail("name", NAME_MESSAGE);
        }
        check.finish()?;
        fields.only_with_nsfw()?.with_schedule(input)
    }

    fn look(check: &mut Check<'_>, own: &'static OwnLabels) -> Self {
        let privacy = check.number_of("privacy", &[1, 2, 3, 4, 5]);
        if privacy == Field::Null {
            check.fail("privacy", "Invalid value");
        }
        let enabled = check.lenient_bool("commentsEnabled");
        let policy = check.number_of("commentsPolicy", &[1, 2, 3]);
        Fields {
            name: check.trimmed("name", 3..=120, NAME_MESSAGE),
            channel_id: check.int("channelId", i64::MIN..=i64::MAX),
            description: check.text("description", 3..=10_000),
            support: check.text("support", 3..=1_000),
            category: check.known("category", |id| labels::categories(own).find(id).is_some()),
            licence: check.known("licence", |id| labels::licences(own).find(id).is_some()),
            language: check.text("language", 1..=10),
            tags: check.texts("tags", 0..=5, 2..=30),
            privacy: privacy
                .value()
                .and_then(|n| Privacy::try_from(n).ok())
                .map_or(Field::Absent, Field::Is),
            wait_transcoding: check.lenient_bool("waitTranscoding"),
            nsfw: check.lenient_bool("nsfw"),
            nsfw_flags: check.int("nsfwFlags", 0..=i64::from(u16::MAX)),
            nsfw_summary: check.text("nsfwSummary", 3..=250),
            min_age: check.number_of("minAge", &gate::AGES),
            hidden_in: countries(check),
            comments_policy: comments_policy(policy, enabled),
            quality: quality(check.one_of("qualityPreset", &Quality::NAMES)),
            download_enabled: check.lenient_bool("downloadEnabled"),
            originally_published_at: check.date("originallyPublishedAt"),
            schedule: schedule(check),
            raw_passwords: check
                .raw("videoPasswords")
                .or_else(|| check.raw("passwords"))
                .cloned(),
        }
    }

    /// Only of a sensitive video can be said what is sensitive about it.
    fn only_with_nsfw(self) -> Result<Self> {
        let flags = self.nsfw_flags.clone().or(0);
        if self.nsfw != Field::Is(true) && (flags != 0 || matches!(self.nsfw_summary, Field::Is(_)))
        {
            return Err(Error::bad_request(
                "nsfwFlags and nsfwSummary can only be set with nsfw.",
            ));
        }
        Ok(self)
    }

    fn with_schedule(self, input: &Map<String, Value>) -> Result<Self> {
        let given = input.get("scheduleUpdate").and_then(Value::as_object);
        if given.is_some_and(|object| !object.contains_key("updateAt")) {
            return Err(Error::bad_request("Schedule update at is mandatory."));
        }
        Ok(self)
    }

    /// The passwords that a password protected video needs; none for others.
    pub fn passwords(&self, privacy: Privacy) -> Result<Vec<String>> {
        if privacy != Privacy::Password {
            return Ok(Vec::new());
        }
        read_passwords(self.raw_passwords.as_ref())
    }

    /// The video to be made of these fields, in a channel that was checked before.
    pub fn into_new(
        self,
        app: &App,
        channel_id: ChannelId,
        account_id: AccountId,
    ) -> Result<NewVideo> {
        let privacy = self.privacy.clone().or(Privacy::Private);
        let passwords = self.passwords(privacy)?;
        let defaults = PublishDefaults::read(app);
        let name = self.name.value().unwrap_or_default();
        Ok(NewVideo {
            description: self.description.value(),
            support: self.support.value(),
            category: self.category.value(),
            licence: if self.licence.is_absent() {
                defaults.licence
            } else {
                self.licence.value()
            },
            language: self.language.value(),
            tags: distinct(self.tags.or(Vec::new())),
            privacy,
            wait_transcoding: self.wait_transcoding.or(false),
            // What is not for children is sensitive, here and on other servers.
            nsfw: self.nsfw.or(false) || self.min_age.clone().or(0) > 0,
            nsfw_flags: self.nsfw_flags.or(0),
            nsfw_summary: self.nsfw_summary.value(),
            min_age: self.min_age.or(0),
            hidden_in: self.hidden_in.value(),
            comments_policy: self.comments_policy.or(defaults.comments_policy),
            quality: self.quality.value(),
            download_enabled: self.download_enabled.or(defaults.download_enabled),
            originally_published_at: self.originally_published_at.value(),
            schedule: self.schedule.value(),
            passwords,
            ..NewVideo::new(channel_id, account_id, &name)
        })
    }

    /// Lays the fields over a video that is there.
    pub fn change(self, video: &mut Video) {
        video.name = self
            .name
            .update(Some(video.name.clone()))
            .unwrap_or_default();
        video.description = self.description.update(video.description.take());
        video.support = self.support.update(video.support.take());
        video.category = self.category.update(video.category);
        video.licence = self.licence.update(video.licence);
        video.language = self.language.update(video.language.take());
        let tags = self.tags.update(Some(std::mem::take(&mut video.tags)));
        video.tags = distinct(tags.unwrap_or_default());
        video.privacy = self.privacy.or(video.privacy);
        video.wait_transcoding = self.wait_transcoding.or(video.wait_transcoding);
        video.min_age = self.min_age.update(Some(video.min_age)).unwrap_or(0);
        video.hidden_in = self.hidden_in.update(video.hidden_in.take());
        video.nsfw = self.nsfw.or(video.nsfw) || video.min_age > 0;
        video.nsfw_flags = self.nsfw_flags.or(video.nsfw_flags);
        video.nsfw_summary = self.nsfw_summary.update(video.nsfw_summary.take());
        if !video.nsfw {
            (video.nsfw_flags, video.nsfw_summary) = (0, None);
        }
        video.comments_policy = self.comments_policy.or(video.comments_policy);
        video.quality = self.quality.update(video.quality);
        video.download_enabled = self.download_enabled.or(video.download_enabled);
        video.originally_published_at = self
            .originally_published_at
            .update(video.originally_published_at);
        match self.schedule {
            Field::Absent => {}
            Field::Null => (video.schedule_at, video.schedule_privacy) = (None, None),
            Field::Is(schedule) => {
                video.schedule_at = Some(schedule.at);
                video.schedule_privacy = schedule.privacy;
            }
        }
    }
}

/// A list of passwords: at least one, no two the same, 2 to 99 characters each.
pub fn read_passwords(value: Option<&Value>) -> Result<Vec<String>> {
    let list: Vec<Value> = match value {
        None | Some(Value::Null) => return Err(Error::bad_request("Video passwords are missing.")),
        Some(Value::Array(list)) => list.clone(),
        Some(text @ Value::String(_)) => vec![text.clone()],
        Some(_) => return Err(Error::bad_request("Video passwords should be an array.")),
    };
    let passwords: Option<Vec<String>> = list
        .iter()
        .map(|value| value.as_str().map(str::to_owned))
        .collect();
    let passwords =
        passwords.ok_or_else(|| Error::bad_request("Video passwords should be text."))?;
    if passwords.is_empty() {
        return Err(Error::bad_request(
            "At least one video password is required.",
        ));
    }
    if passwords
        .iter()
        .any(|password| !(2..100).contains(&length_of(password)))
    {
        return Err(Error::bad_request(
            "Video passwords should have 2 to 100 characters.",
        ));
    }
    if distinct(passwords.clone()).len() < passwords.len() {
        return Err(Error::bad_request(
            "Video passwords should all be different.",
        ));
    }
    Ok(passwords)
}

fn quality(name: Field<String>) -> Field<Quality> {
    match name {
        Field::Is(name) => Quality::of(&name).map_or(Field::Absent, Field::Is),
        Field::Null => Field::Null,
        Field::Absent => Field::Absent,
    }
}

fn comments_policy(policy: Field<i64>, enabled: Field<bool>) -> Field<CommentsPolicy> {
    let chosen = policy
        .value()
        .and_then(|number| CommentsPolicy::try_from(number).ok());
    let old = enabled.value().map(|yes| {
        if yes {
            CommentsPolicy::Enabled
        } else {
            CommentsPolicy::Disabled
        }
    });
    chosen.or(old).map_or(Field::Absent, Field::Is)
}

fn schedule(check: &mut Check<'_>) -> Field<Schedule> {
    match check.raw("scheduleUpdate") {
        None => Field::Absent,
        Some(Value::Null) => Field::Null,
        Some(Value::String(text)) if text == "null" => Field::Null,
        Some(Value::Object(_)) => {
            let mut found = Field::Absent;
            check.nested("scheduleUpdate", |inner| {
                let privacy = inner.number_of("privacy", &[1, 2, 4]).value();
                let at = inner.date("updateAt");
                if at == Field::Null {
                    inner.fail(
                        "updateAt",
                        "Should have a schedule update date that conforms to ISO 8601",
                    );
                }
                if let Field::Is(at) = at {
                    let privacy = privacy.and_then(|number| Privacy::try_from(number).ok());
                    found = Field::Is(Schedule { at, privacy });
                }
            });
            found
        }
        Some(_) => {
            check.fail("scheduleUpdate", "Invalid value");
            Field::Absent
        }
    }
}

fn countries(check: &mut Check<'_>) -> Field<Vec<String>> {
    let codes = check.texts("hiddenInCountries", 0..=gate::MOST_COUNTRIES, 2..=2);
    let Field::Is(codes) = codes else {
        return codes;
    };
    let read = gate::read_countries(&codes).map(Field::Is);
    read.unwrap_or_else(|| {
        check.fail(
            "hiddenInCountries",
            "Should have two letters for each country",
        );
        Field::Absent
    })
}

/// Without repetitions, in the order given.
fn distinct(texts: Vec<String>) -> Vec<String> {
    let mut seen: Vec<String> = Vec::with_capacity(texts.len());
    for text in texts {
        if !seen.contains(&text) {
            seen.push(text);
        }
    }
    seen
}

/// What a new video gets where nothing is said, as the administrator has set it.
struct PublishDefaults {
    licence: Option<i64>,
    comments_policy: CommentsPolicy,
    download_enabled: bool,
}

impl PublishDefaults {
    fn read(app: &App) -> Self {
        let changes = app.instance.changes();
        let publish = changes
            .get("defaults")
            .and_then(|defaults| defaults.get("publish"));
        let value = |name: &str| publish.and_then(|publish| publish.get(name));
        let policy = value("commentsPolicy").and_then(Value::as_i64);
        PublishDefaults {
            licence: value("licence").and_then(Value::as_i64),
            comments_policy: policy
                .and_then(|n| CommentsPolicy::try_from(n).ok())
                .unwrap_or_default(),
            download_enabled: value("downloadEnabled")
                .and_then(Value::as_bool)
                .unwrap_or(true),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap()
    }

    #[test]
    fn limits_of_a_new_video() {
        let good = json!({ "name": " abc ", "channelId": "3" });
        let fields = Fields::of_new(&object(good.clone()), Default::default()).unwrap();
        assert_eq!(fields.name, Field::Is("abc".to_owned()));
        for (name, value) in [
            ("name", json!("  ab ")),
            ("name", json!("a".repeat(121))),
            ("name", json!(null)),
            ("channelId", json!("x")),
            ("category", json!(19)),
            ("licence", json!(10)),
            ("language", json!("abcdefghijk")),
            ("privacy", json!(6)),
            ("privacy", json!(null)),
            ("description", json!("ab")),
            ("description", json!("a".repeat(10_001))),
            ("support", json!("a".repeat(1_001))),
            ("tags", json!(["aa", "bb", "cc", "dd", "ee", "ff"])),
            ("tags", json!(["a"])),
            ("nsfwSummary", json!("ab")),
            ("nsfw", json!(null)),
            ("commentsPolicy", json!(4)),
            ("originallyPublishedAt", json!("yesterday")),
            ("scheduleUpdate", json!("x")),
        ] {
            let mut input = object(good.clone());
            input.insert(name.to_owned(), value.clone());
            let error = Fields::of_new(&input, Default::default()).unwrap_err();
            assert!(
                error.problem().extras["invalid-params"].get(name).is_some(),
                "{name} {value}"
            );
        }
    }

    #[test]
    fn a_schedule_needs_its_date() {
        let input = object(json!({ "scheduleUpdate": { "privacy": 1 } }));
        let error = Fields::of_change(&input, Default::default()).unwrap_err();
        assert_eq!(error.detail(), "Schedule update at is mandatory.");
        let input = object(json!({ "scheduleUpdate": { "privacy": 3, "updateAt": "x" } }));
        let error = Fields::of_change(&input, Default::default()).unwrap_err();
        assert!(
            error.problem().extras["invalid-params"]
                .get("scheduleUpdate.privacy")
                .is_some()
        );
    }

    #[test]
    fn passwords_are_judged() {
        for wrong in [
            json!(null),
            json!([]),
            json!(["a"]),
            json!(["aa", "aa"]),
            json!([1]),
            json!(["a".repeat(100)]),
        ] {
            assert!(read_passwords(Some(&wrong)).is_err(), "{wrong}");
        }
        assert_eq!(
            read_passwords(Some(&json!(["aa", "bb"]))).unwrap(),
            ["aa", "bb"]
        );
    }
}
