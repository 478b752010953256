//! What is made again, and cleaned up, from the command line: `vidicon maintenance …`.

use crate::app::App;
use crate::transcode;
use crate::video::{self, Video, VideoRef, picture};
use anyhow::Context;
use clap::{Args, Subcommand};
use std::fmt::Write;

/// Videos that are looked at together.
const AT_ONCE: i64 = 200;

#[derive(Subcommand)]
pub enum Maintenance {
    /// Make the pictures of videos again, of the films themselves; those that people chose stay
    Thumbnails(Which),
    /// Have the small pictures above the time line made again; the running site does the work
    Storyboards(Which),
    /// Remove now what nobody needs any more, as a running site does every hour by itself
    HouseKeeping,
}

#[derive(Args)]
pub struct Which {
    /// Ids or UUIDs of videos [default: all of this site]
    pub videos: Vec<String>,
    /// Only where they are missing
    #[arg(long)]
    pub missing: bool,
}

/// Does it and gives what is to be printed.
pub async fn run(app: &App, command: Maintenance) -> anyhow::Result<String> {
    match command {
        Maintenance::Thumbnails(which) => thumbnails(app, &which).await,
        Maintenance::Storyboards(which) => storyboards(app, &which).await,
        Maintenance::HouseKeeping => {
            let tidied = crate::jobs::tidy(app).await;
            tidied.map_err(|error| anyhow::anyhow!("{error:?}"))?;
            Ok("What nobody needs any more is gone.\n".to_owned())
        }
    }
}

/// The videos that were named, or the next of all after one of them.
async fn videos(app: &App, which: &Which, after: i64) -> anyhow::Result<Vec<Video>> {
    let mut found = Vec::new();
    if which.videos.is_empty() {
        for id in picture::films_after(app, after, AT_ONCE).await? {
            found.push(video::find(app, VideoRef::Number(id)).await?);
        }
    } else if after == 0 {
        for name in &which.videos {
            let by = VideoRef::read(name).map_err(|error| anyhow::anyhow!("{name}: {error}"))?;
            let video = video::find(app, by).await;
            found.push(video.with_context(|| format!("find the video {name}"))?);
        }
        if let Some(other) = found.iter().find(|video| !video.is_local) {
            anyhow::bail!(
                "{} is of another server; its pictures are made there",
                other.name
            );
        }
    }
    Ok(found)
}

async fn thumbnails(app: &App, which: &Which) -> anyhow::Result<String> {
    let (mut made, mut kept, mut told) = (0, 0, String::new());
    let mut after = 0;
    loop {
        let videos = videos(app, which, after).await?;
        let Some(last) = videos.last() else { break };
        after = last.id.0;
        for video in &videos {
            let missing = picture::is_missing(app, video).await?;
            let chosen = video.thumbnail_from == "hand";
            if !missing && (which.missing || chosen) {
                kept += 1;
                continue;
            }
            match picture::set_of_film(app, video).await {
                Ok(true) => made += 1,
                Ok(false) => writeln!(told, "{}: there is no film to make it of", video.uuid)?,
                Err(error) => writeln!(told, "{}: {error}", video.uuid)?,
            }
        }
        if !which.videos.is_empty() {
            break;
        }
    }
    writeln!(
        told,
        "The pictures of {made} videos were made again, {kept} stay as they are."
    )?;
    Ok(told)
}

async fn storyboards(app: &App, which: &Which) -> anyhow::Result<String> {
    if !app.instance.settings().storyboards.enabled {
        anyhow::bail!("storyboards are switched off in the settings of the site");
    }
    let (mut asked, mut after) = (0, 0);
    loop {
        let videos = videos(app, which, after).await?;
        let Some(last) = videos.last() else { break };
        after = last.id.0;
        for video in &videos {
            let there = match video::storyboard(app, video.id).await? {
                Some(board) => transcode::has_storyboard(app, video, &board).await?,
                None => false,
            };
            if !(which.missing && there) {
                transcode::ask_storyboard(app, video.id).await?;
                asked += 1;
            }
        }
        if !which.videos.is_empty() {
            break;
        }
    }
    Ok(format!(
        "{asked} storyboards wait to be made by the running site.\n"
    ))
}
