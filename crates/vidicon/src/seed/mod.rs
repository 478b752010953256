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
use words::Numbers;

/// Videos in one statement, and in one transaction.
const STATEMENT: u64 = 100;
const TRANSACTION: u64 = 5_000;

/// Adds `videos` invented videos, and one person for every twenty of them.
pub async fn fill(app: &App, videos: u64) -> anyhow::Result<()> {
    add_people(app, (videos / 20).clamp(5, 2_000)).await?;
    let people = rows::people(&app.db).await?;
    let first = u64::try_from(rows::newest_video(&app.db).await?).unwrap_or(0);
    let templates = [Media::default()];
    let run = Run {
        people: &people,
        templates: &templates,
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
    tx: &mut base::Tx,
    run: &Run<'_>,
    numbers: std::ops::Range<u64>,
    counts: &mut rows::Counts,
) -> anyhow::Result<()> {
    let videos: Vec<_> = numbers.filter_map(|number| run.video(number)).collect();
    let ids = rows::add_videos(tx, &videos, counts).await?;
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
