//! Fills a site with invented people, channels, videos and comments: for trying things out, and for
//! the benchmarks.

mod invent;
mod media;
mod rows;
mod words;

use crate::account::{self, NewUser, Role};
use crate::app::App;
use crate::{channel, search, user};
use invent::Run;
use media::Media;
use rows::Person;
use words::Numbers;

/// Videos in one statement, and in one transaction.
const STATEMENT: u64 = 100;
const TRANSACTION: u64 = 5_000;

/// Adds `videos` invented videos that play, and one person for every twenty of them. Some of the
/// videos are clips that are uploaded and made playable; the others have copies of their files.
pub async fn fill(app: &App, videos: u64) -> anyhow::Result<()> {
    let people = people(app, videos).await?;
    let clips = media::make(app, &people, videos.div_ceil(4)).await?;
    let rest = videos - u64::try_from(clips.len())?;
    invent(app, rest, &people, &clips).await
}

/// The same without any media, for numbers at which the files would fill the disk.
pub async fn fill_bare(app: &App, videos: u64) -> anyhow::Result<()> {
    let people = people(app, videos).await?;
    invent(app, videos, &people, &[Media::default()]).await
}

async fn people(app: &App, videos: u64) -> anyhow::Result<Vec<Person>> {
    add_people(app, (videos / 20).clamp(5, 2_000)).await?;
    Ok(rows::people(&app.db).await?)
}

async fn invent(
    app: &App,
    videos: u64,
    people: &[Person],
    templates: &[Media],
) -> anyhow::Result<()> {
    let first = u64::try_from(rows::newest_video(&app.db).await?).unwrap_or(0);
    let run = Run {
        people,
        templates,
        videos,
        first,
        now: app.clock.now(),
    };
    let mut counts = rows::Counts::new();
    for start in (0..videos).step_by(usize::try_from(TRANSACTION).unwrap_or(1)) {
        let end = (start + TRANSACTION).min(videos);
        let mut tx = app.db.begin().await?;
        for from in (start..end).step_by(usize::try_from(STATEMENT).unwrap_or(1)) {
            add_some(
                app,
                &mut tx,
                &run,
                from..(from + STATEMENT).min(end),
                &mut counts,
            )
            .await?;
        }
        tx.commit().await?;
        if end.is_multiple_of(100_000) {
            println!("{end} videos");
        }
    }
    let mut tx = app.db.begin().await?;
    rows::add_counts(&mut tx, &counts).await?;
    tx.commit().await?;
    search::learn_newest(app).await?;
    rows::analyze(&app.db).await?;
    Ok(())
}

async fn add_some(
    app: &App,
    tx: &mut base::Tx,
    run: &Run<'_>,
    numbers: std::ops::Range<u64>,
    counts: &mut rows::Counts,
) -> anyhow::Result<()> {
    let videos: Vec<_> = numbers.filter_map(|number| run.video(number)).collect();
    for video in &videos {
        if let Some(clip) = run.templates.get(video.template) {
            clip.copy(app, &video.media, video.uuid).await?;
        }
    }
    let ids = rows::add_videos(tx, &videos, counts).await?;
    rows::add_files(tx, &videos, &ids).await?;
    rows::add_tags(tx, &videos, &ids).await?;
    let comments: Vec<_> = videos
        .iter()
        .zip(&ids)
        .flat_map(|(video, id)| run.comments(*id, video))
        .collect();
    Ok(rows::add_comments(tx, &comments).await?)
}

/// Invented people cannot log in: they have no password.
async fn add_people(app: &App, count: u64) -> anyhow::Result<()> {
    let known = u64::try_from(account::user_count(app).await?).unwrap_or(0);
    for number in known..known + count {
        let mut numbers = Numbers::of(number);
        let (username, display_name) = words::person(&mut numbers, number);
        let new = NewUser {
            email: format!("{username}@invented.invalid"),
            username,
            password: None,
            role: Role::User,
            quota_bytes: -1,
            quota_daily_bytes: -1,
            admin_flags: 0,
            email_verified: None,
            display_name: Some(display_name),
        };
        let second = format!("{}_more", new.username);
        let (_, account_id) = user::create(app, &new, None).await?;
        if number.is_multiple_of(3) {
            let mut tx = app.db.begin().await?;
            let name = words::channel(&mut numbers);
            channel::add(&mut tx, account_id, &second, &name, app.clock.now()).await?;
            tx.commit().await?;
        }
    }
    Ok(())
}
