//! What the page tells the player: which streams there are, under which addresses, and what stands
//! on the time line.

use super::json_for_html;
use super::playlist::Panel;
use crate::app::App;
use crate::page::Page;
use crate::traffic::SPARING_HEIGHT;
use crate::video::attached::{Attached, File};
use crate::video::files::torrent;
use crate::video::tracker::socket::is_shared;
use crate::video::{Video, VideoState, gate, labels, token};
use base::storage::Class;
use serde::Serialize;

const HLS_TYPE: &str = "application/vnd.apple.mpegurl";

/// The files of a video under the addresses by which this viewer may load them.
pub struct Streams<'a> {
    pub video: &'a Video,
    pub attached: &'a Attached,
    /// Opens the files of a video that not everybody may see.
    token: Option<String>,
    sparing: Option<i64>,
    peers: Option<Peers>,
}

/// How viewers find each other, where they may share a video.
#[derive(Clone, Debug, Serialize)]
struct Peers {
    /// Does this viewer take part without saying so?
    on: bool,
    tracker: String,
    /// Those who play the same files.
    swarm: String,
    /// The sums that parts from others are checked against.
    sums: String,
    stun: Vec<String>,
}

/// What an element of the page plays without script.
#[derive(Debug)]
pub struct Source {
    pub url: String,
    pub kind: &'static str,
}

#[derive(Clone, Debug, Serialize)]
pub struct Caption {
    pub lang: String,
    pub label: String,
    pub url: String,
}

#[derive(Debug)]
pub struct Download {
    pub url: String,
    pub label: String,
    pub size: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Config<'a> {
    id: String,
    title: &'a str,
    duration: i64,
    live: bool,
    state: i64,
    hls: Option<String>,
    files: Vec<Plain>,
    rungs: Vec<Rung>,
    storyboard: Option<Board>,
    chapters: Vec<Chapter<'a>>,
    captions: &'a [Caption],
    resume: i64,
    audio_only: bool,
    next: Option<Next>,
    list: Option<Place>,
    restoring: bool,
    watch_interval: i64,
    /// The height above which quality is only the viewer's choice, while the site saves.
    sparing: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    peers: Option<&'a Peers>,
}

/// What follows in the playlist.
#[derive(Serialize)]
struct Next {
    url: String,
    title: String,
}

/// Where in the playlist the video stands, counted from 1.
#[derive(Serialize)]
struct Place {
    position: i64,
    count: i64,
}

/// A part of the configuration that changes while a video is being made.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Growth {
    duration: i64,
    state: i64,
    hls: Option<String>,
    rungs: Vec<Rung>,
    restoring: bool,
    /// How far its making is, where that is known.
    pub percent: Option<i64>,
}

#[derive(Serialize)]
struct Plain {
    id: i64,
    label: String,
    url: String,
    height: i64,
    size: i64,
}

#[derive(Serialize)]
struct Rung {
    height: i64,
    label: String,
    size: i64,
}

#[derive(Serialize)]
struct Chapter<'a> {
    start: i64,
    title: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Board {
    url: String,
    total_width: i64,
    total_height: i64,
    sprite_width: i64,
    sprite_height: i64,
    sprite_duration: i64,
}

impl<'a> Streams<'a> {
    pub fn new(app: &App, video: &'a Video, attached: &'a Attached) -> Self {
        let is_open =
            video.privacy.has_open_files() && !video.blocked && !gate::guards(app, video.guarded());
        Streams {
            video,
            attached,
            token: (!is_open).then(|| token::make(app, video).0),
            sparing: app
                .traffic
                .savings()
                .lower_quality
                .then_some(SPARING_HEIGHT),
            peers: None,
        }
    }

    /// Where viewers may share this video: those who have not chosen do, or do not. What is still being made changes,
    /// and nothing is taken from others that cannot be checked.
    pub fn share(&mut self, app: &App, on: bool) {
        let master = self.attached.master.as_ref();
        let own = master.filter(|master| master.url.is_none());
        let sums = own.and_then(|master| Some((master, master.sha256_filename.as_ref()?)));
        let Some((master, sums)) = sums.filter(|_| is_shared(app, self.video) && !self.grows())
        else {
            return;
        };
        let uuid = self.video.uuid;
        self.peers = Some(Peers {
            on,
            tracker: format!("/tracker/socket?video={uuid}"),
            swarm: format!("{uuid}/{}", master.filename),
            sums: format!("/static/streaming-playlists/hls/{uuid}/{sums}"),
            stun: app.instance.settings().tracker.stun_servers.clone(),
        });
    }

    pub fn can_play(&self) -> bool {
        let waits = matches!(
            self.video.state,
            VideoState::WaitingForLive | VideoState::LiveEnded | VideoState::ToImport
        );
        !waits && (self.attached.master.is_some() || self.web_files().next().is_some())
    }

    /// Is something of it still being made?
    pub fn grows(&self) -> bool {
        let is_done = |file: &File| file.complete || file.url.is_some();
        self.video.state == VideoState::ToTranscode
            || self.video.is_local
                && self.video.state == VideoState::Published
                && (self.attached.put_aside || !self.attached.files.iter().all(is_done))
    }

    /// Is something made again that was put aside while nobody watched?
    pub fn restores(&self) -> bool {
        self.video.state == VideoState::Published
            && (self.attached.put_aside || (self.grows() && !self.can_play()))
    }

    fn web_files(&self) -> impl Iterator<Item = &'a File> {
        let files = self.attached.files.iter();
        files.filter(|file| file.kind == "web" && file.complete)
    }

    fn pictures(&self) -> impl Iterator<Item = &'a File> {
        let files = self.attached.files.iter();
        files.filter(|file| file.kind == "hls" && file.has_video)
    }

    fn sound(&self) -> Option<&'a File> {
        let mut files = self.attached.files.iter();
        files.find(|file| file.kind == "hls" && !file.has_video && file.complete)
    }

    fn is_audio_only(&self) -> bool {
        let files = &self.attached.files;
        !files.is_empty() && files.iter().all(|file| !file.has_video)
    }

    pub fn master(&self) -> Option<String> {
        let master = self.attached.master.as_ref()?;
        if let Some(url) = &master.url {
            return Some(url.clone());
        }
        let uuid = self.video.uuid;
        Some(match &self.token {
            None => format!("/static/streaming-playlists/hls/{uuid}/{}", master.filename),
            Some(token) => format!(
                "/static/streaming-playlists/hls/private/{uuid}/{}?videoFileToken={token}&reinjectVideoFileToken=true",
                master.filename
            ),
        })
    }

    /// What a player reads first, for it to be on its way while the player itself still comes: the
    /// master playlist and that of the sound, of files that everybody may load from here.
    pub fn soon(&self) -> Vec<String> {
        let (Some(master), None) = (&self.attached.master, &self.token) else {
            return Vec::new();
        };
        if master.url.is_some() {
            return Vec::new();
        }
        let folder = format!("/static/streaming-playlists/hls/{}", self.video.uuid);
        let sound = self.sound().filter(|file| file.url.is_none());
        let sound = sound.and_then(|file| file.filename.strip_suffix("-fragmented.mp4"));
        let sound = sound.map(|name| format!("{folder}/{name}.m3u8"));
        let first = format!("{folder}/{}", master.filename);
        std::iter::once(first).chain(sound).collect()
    }

    fn with_token(&self, path: String) -> String {
        match &self.token {
            None => path,
            Some(token) => {
                let sign = if path.contains('?') { '&' } else { '?' };
                format!("{path}{sign}videoFileToken={token}")
            }
        }
    }

    fn web_url(&self, file: &File) -> String {
        let own = || {
            let folder = if self.token.is_some() { "private/" } else { "" };
            self.with_token(format!("/static/web-videos/{folder}{}", file.filename))
        };
        file.url.clone().unwrap_or_else(own)
    }

    /// Picture and sound of a quality in one file.
    fn joined_url(&self, picture: &File) -> String {
        let mut path = format!(
            "/download/videos/generate/{}?videoFileIds={}",
            self.video.uuid, picture.id
        );
        if let Some(sound) = self.sound() {
            path.push_str(&format!("&videoFileIds={}", sound.id));
        }
        self.with_token(path)
    }

    /// For browsers without script, the best first.
    pub fn sources(&self) -> Vec<Source> {
        let master = self.master().map(|url| Source {
            url,
            kind: HLS_TYPE,
        });
        let web = self.web_files().map(|file| Source {
            url: self.web_url(file),
            kind: "video/mp4",
        });
        let middle = self
            .pictures()
            .filter(|file| file.complete && file.url.is_none())
            .find(|file| file.resolution <= 720);
        let joined = middle.map(|file| Source {
            url: self.joined_url(file),
            kind: "video/mp4",
        });
        master.into_iter().chain(web).chain(joined).collect()
    }

    pub fn downloads(&self, page: &Page) -> Vec<Download> {
        let sound_bytes = self.sound().map_or(0, |file| file.size_bytes);
        let hls = self
            .pictures()
            .filter(|file| file.complete && file.url.is_none());
        let hls = hls.map(|file| Download {
            url: self.joined_url(file),
            label: label(file),
            size: page.texts.size(file.size_bytes + sound_bytes),
        });
        let web = self.web_files().map(|file| Download {
            url: file.url.clone().unwrap_or_else(|| {
                self.with_token(format!("/download/web-videos/{}", file.filename))
            }),
            label: label(file),
            size: page.texts.size(file.size_bytes),
        });
        // Nobody needs a log-in for what others pass on.
        let is_open = self.token.is_none();
        let shared = self
            .web_files()
            .filter(|file| is_open && file.url.is_none());
        let shared = shared.map(|file| Download {
            url: torrent::Address {
                site: "",
                folder: torrent::DOWNLOADS,
                video: self.video.uuid,
                resolution: file.resolution,
                is_hls: false,
            }
            .to_string(),
            label: format!("{} · Torrent", label(file)),
            size: page.texts.size(file.size_bytes),
        });
        let sound = self.sound().filter(|file| file.url.is_none());
        let sound = sound.map(|file| Download {
            url: self.with_token(format!(
                "/download/videos/generate/{}?videoFileIds={}",
                self.video.uuid, file.id
            )),
            label: page.t("download-sound").to_owned(),
            size: page.texts.size(file.size_bytes),
        });
        hls.chain(web).chain(shared).chain(sound).collect()
    }

    /// Where files are made of this video for one who asks; nothing where nothing can be made.
    pub fn extracts(&self) -> Option<String> {
        let is_possible = self.video.is_local
            && !self.video.is_live
            && self.video.download_enabled
            && self.video.state == VideoState::Published
            && self.pictures().any(|file| file.complete);
        let path = format!("/api/v1/videos/{}/extracts", self.video.uuid);
        is_possible.then(|| self.with_token(path))
    }

    pub fn has_sound(&self) -> bool {
        let files = self.attached.files.iter();
        files
            .filter(|file| file.complete)
            .any(|file| file.has_audio || !file.has_video)
    }

    /// The uploaded file under the key where it lies.
    pub fn original(&self, page: &Page, key: &str, size_bytes: i64) -> Download {
        let name = key.replace('/', "_");
        Download {
            url: self.with_token(format!("/download/original-video-files/{name}")),
            label: page.t("download-original").to_owned(),
            size: page.texts.size(size_bytes),
        }
    }

    pub fn captions(&self, page: &Page) -> Vec<Caption> {
        let captions = self.attached.captions.iter();
        captions
            .map(|caption| Caption {
                lang: caption.language.clone(),
                label: page
                    .language_name(&caption.language)
                    .unwrap_or(&caption.language)
                    .to_owned(),
                url: caption
                    .url
                    .clone()
                    .unwrap_or_else(|| format!("/lazy-static/video-captions/{}", caption.filename)),
            })
            .collect()
    }

    /// What the master playlist names: what is whole, or all that grows while nothing is. The player reads it again
    /// when there is more.
    fn rungs(&self) -> Vec<Rung> {
        let is_some_whole = self.pictures().any(|file| file.complete);
        let named = self.pictures().filter(|file| {
            if is_some_whole {
                file.complete
            } else {
                file.begun
            }
        });
        named
            .map(|file| Rung {
                height: file.height.unwrap_or(file.resolution),
                label: label(file),
                size: file.size_bytes,
            })
            .collect()
    }

    fn state(&self) -> i64 {
        if self.grows() {
            VideoState::ToTranscode.number()
        } else {
            self.video.state.number()
        }
    }

    pub fn growth(&self) -> Growth {
        Growth {
            duration: self.video.duration_s,
            state: self.state(),
            hls: self.master(),
            rungs: self.rungs(),
            restoring: self.restores(),
            percent: None,
        }
    }

    /// The player's configuration, ready to stand in the page.
    pub fn config(&self, captions: &[Caption], resume: i64, list: Option<&Panel>) -> String {
        let files = self.web_files().map(|file| Plain {
            id: file.id,
            label: label(file),
            url: self.web_url(file),
            height: file.height.unwrap_or(file.resolution),
            size: file.size_bytes,
        });
        let chapters = self.attached.chapters.iter();
        let config = Config {
            id: self.video.uuid.to_string(),
            title: &self.video.name,
            duration: self.video.duration_s,
            live: self.video.is_live,
            state: self.state(),
            hls: self.master(),
            files: files.collect(),
            rungs: self.rungs(),
            storyboard: self.attached.storyboard.as_ref().map(|board| Board {
                url: format!("/lazy-static/storyboards/{}", board.filename),
                total_width: board.total_width,
                total_height: board.total_height,
                sprite_width: board.sprite_width,
                sprite_height: board.sprite_height,
                sprite_duration: board.sprite_duration,
            }),
            chapters: chapters
                .map(|(start, title)| Chapter {
                    start: *start,
                    title,
                })
                .collect(),
            captions,
            resume,
            audio_only: self.is_audio_only(),
            next: list
                .and_then(Panel::next)
                .map(|(url, title)| Next { url, title }),
            list: list.map(|list| Place {
                position: list.position,
                count: list.count,
            }),
            restoring: self.restores(),
            watch_interval: 5,
            sparing: self.sparing,
            peers: self.peers.as_ref(),
        };
        json_for_html(&serde_json::to_string(&config).unwrap_or_default())
    }

    /// What is being made, the largest first, with how much of it is done in percent.
    pub fn rungs_in_the_making(&self, parts: Option<(i64, i64)>) -> Vec<(String, i64)> {
        let percent = match parts {
            Some((done, all)) if all > 0 => (done * 100 / all).clamp(0, 99),
            _ => 0,
        };
        let mut rungs: Vec<(String, i64)> = Vec::new();
        for file in self.pictures() {
            let (label, made) = (label(file), if file.complete { 100 } else { percent });
            // The copy that plays at once and its encoded successor are one size to those who watch.
            match rungs.iter_mut().find(|(known, _)| *known == label) {
                Some((_, known)) => *known = made.max(*known),
                None => rungs.push((label, made)),
            }
        }
        rungs
    }

    /// Where else than here the files lie: origins that the page must be allowed to fetch from.
    pub fn origins(&self, app: &App) -> Vec<String> {
        let mut urls: Vec<String> = Vec::new();
        if let Some(master) = &self.attached.master {
            urls.extend(master.url.clone());
            let key = format!("{}/{}", self.video.uuid, master.filename);
            for class in [Class::Rendition, Class::Playlist] {
                urls.extend(app.storage.public_url(class, &key).ok().flatten());
            }
        }
        let signed = app.storage.signing_url(Class::Rendition);
        urls.extend(signed.map(str::to_owned));
        let files = self.attached.files.iter().map(|file| &file.url);
        let captions = self.attached.captions.iter().map(|caption| &caption.url);
        urls.extend(files.chain(captions).flatten().cloned());
        let mut origins: Vec<String> = urls.iter().filter_map(|url| origin(url)).collect();
        origins.sort();
        origins.dedup();
        origins
    }

    /// The size of the largest picture: `1920 × 1080`.
    pub fn measure(&self, page: &Page) -> Option<String> {
        let largest = self.pictures().chain(self.web_files()).next()?;
        let (width, height) = (largest.width?, largest.height?);
        Some(page.tyx("fact-size", "width", width, "height", height))
    }
}

fn label(file: &File) -> String {
    let label = labels::resolution(file.resolution, file.width, file.height);
    if file.fps > 31 {
        format!("{label}{}", file.fps)
    } else {
        label
    }
}

fn origin(url: &str) -> Option<String> {
    let url = url::Url::parse(url).ok()?;
    matches!(url.scheme(), "http" | "https").then(|| url.origin().ascii_serialization())
}
