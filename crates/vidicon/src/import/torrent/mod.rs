//! Videos that are fetched from those who have their torrent: only taken, never given on. Torrents of one file.

mod bencode;
pub mod meta;
mod peer;
mod tracker;

use super::download::{Facts, Got};
use super::meter::Meter;
use crate::app::App;
use crate::video::upload::kinds;
use base::fetch::FetchRequest;
use base::job::JobError;
use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt};
use meta::{Info, Source, Wrong};
use parking_lot::Mutex;
use peer::{Gone, Peer};
use std::collections::VecDeque;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// So many are spoken to at the same time.
const AT_ONCE: usize = 8;
const LARGEST_DESCRIPTION: u64 = 8 * 1024 * 1024;
/// The longest that a piece may take from an address.
const PATIENCE: Duration = Duration::from_secs(120);
/// How the program is named among peers; random letters follow.
const NAME: &[u8; 8] = b"-VD0100-";

/// Fetches the one file of a torrent into the folder, at most so many bytes.
pub fn fetch<'a>(
    app: &'a App,
    source: &'a Source,
    folder: &'a Path,
    limit_bytes: u64,
    stop: &'a CancellationToken,
    meter: &'a Meter,
) -> BoxFuture<'a, Result<Got, JobError>> {
    let longest = Duration::from_secs(app.config.import.timeout_s);
    let work = take(app, source.clone(), folder, limit_bytes, meter);
    async move {
        tokio::select! {
            got = tokio::time::timeout(longest, work) =>
                got.unwrap_or_else(|_| Err(fail("It took too long."))),
            () = stop.cancelled() => Err(JobError::Cancelled),
        }
    }
    .boxed()
}

fn fail(why: &str) -> JobError {
    JobError::Fail(why.to_owned())
}

fn us() -> [u8; 20] {
    let mut id = [0; 20];
    let random = base::random::token();
    for (place, byte) in id.iter_mut().zip(NAME.iter().chain(random.as_bytes())) {
        *place = *byte;
    }
    id
}

async fn take(
    app: &App,
    mut source: Source,
    folder: &Path,
    limit_bytes: u64,
    meter: &Meter,
) -> Result<Got, JobError> {
    let us = us();
    if source.info.is_none() {
        read_descriptions(app, &mut source).await;
    }
    let peers = tracker::peers(app, &source, &us).await;
    let info = match source.info.take() {
        Some(info) => info,
        None => described(app, &source, &peers, &us).await?,
    };
    let ending = ending(app, &info)?;
    if info.size_bytes > limit_bytes {
        return Err(fail("It is larger than the room that is left."));
    }
    meter.expect(Some(info.size_bytes));
    let path = folder.join(format!("video{ending}"));
    let failed = |error: std::io::Error| JobError::Retry(format!("store what comes: {error}"));
    let file = File::create(&path).map_err(failed)?;
    file.set_len(info.size_bytes).map_err(failed)?;
    let order = Order {
        app,
        source: &source,
        us: &us,
        meter,
        file: Arc::new(file),
        todo: Mutex::new((0..info.pieces.len()).collect()),
        info: &info,
    };
    order.run(&peers).await?;
    if app.config.storage.durable {
        order.file.sync_all().map_err(failed)?;
    }
    let name = info
        .name
        .rsplit_once('.')
        .map_or(&*info.name, |(name, _)| name);
    let name = name.replace(['_', '-'], " ");
    Ok(Got {
        path,
        facts: Facts {
            name: Some(name.trim().to_owned()).filter(|name| name.chars().count() >= 3),
            ..Facts::default()
        },
        filename: info.name,
    })
}

fn ending(app: &App, info: &Info) -> Result<String, JobError> {
    let ending = info
        .name
        .rsplit_once('.')
        .map(|(_, own)| format!(".{}", own.to_lowercase()));
    let known = ending.filter(|own| kinds::endings(app).contains(&&**own));
    known.ok_or_else(|| JobError::Fail(format!("{} is no video or sound file.", info.name)))
}

fn wrong(wrong: Wrong) -> JobError {
    fail(match wrong {
        Wrong::Broken => "The torrent is broken.",
        Wrong::Files => "The torrent has more than one file.",
    })
}

/// A magnet link may say where the torrent's file lies. It is believed when it is of this very torrent.
async fn read_descriptions(app: &App, source: &mut Source) {
    for address in source.descriptions.clone() {
        let request = FetchRequest::get(address).limit(LARGEST_DESCRIPTION);
        let answer = app.import_fetch.send(request).await;
        let Ok(answer) = answer.and_then(base::fetch::FetchResponse::success) else {
            continue;
        };
        if let Ok(read) = Source::of_file(&answer.body)
            && read.hash == source.hash
        {
            source.trackers.extend(read.trackers);
            source.seeds.extend(read.seeds);
            source.info = read.info;
            return;
        }
    }
}

/// What the torrent holds, from the first peer who tells it.
async fn described(
    app: &App,
    source: &Source,
    peers: &[(String, u16)],
    us: &[u8; 20],
) -> Result<Info, JobError> {
    let mut all = Vec::with_capacity(peers.len());
    for address in peers {
        all.push(ask(app, source, address, us).boxed());
    }
    let mut told = futures::stream::iter(all).buffer_unordered(AT_ONCE);
    while let Some(told) = told.next().await {
        if let Ok(raw) = told {
            return Info::read(&raw).map_err(wrong);
        }
    }
    Err(fail("Nobody who has this torrent could be reached."))
}

async fn ask(
    app: &App,
    source: &Source,
    address: &(String, u16),
    us: &[u8; 20],
) -> Result<Vec<u8>, Gone> {
    let mut peer = Peer::meet(app, address, &source.hash, us).await?;
    peer.describe(&source.hash).await
}

/// A file that is being put together.
struct Order<'a> {
    app: &'a App,
    source: &'a Source,
    us: &'a [u8; 20],
    meter: &'a Meter,
    file: Arc<File>,
    /// Pieces that nobody brings yet.
    todo: Mutex<VecDeque<usize>>,
    info: &'a Info,
}

impl Order<'_> {
    /// Everybody brings what they have until nothing is missing or nobody brings anything more. What somebody failed to
    /// bring, others who had gone already are asked for in the next round.
    async fn run(&self, peers: &[(String, u16)]) -> Result<(), JobError> {
        let mut missing = self.info.pieces.len() + 1;
        while (1..missing).contains(&self.todo.lock().len()) {
            missing = self.todo.lock().len();
            self.round(peers).await?;
        }
        match self.todo.lock().len() {
            0 => Ok(()),
            missing => Err(JobError::Fail(format!(
                "Nobody who could be reached has the rest of it: {missing} of {} pieces are missing.",
                self.info.pieces.len()
            ))),
        }
    }

    async fn round(&self, peers: &[(String, u16)]) -> Result<(), JobError> {
        let mut left = peers.iter();
        let mut busy = FuturesUnordered::new();
        for seed in &self.source.seeds {
            busy.push(self.of_seed(seed).boxed());
        }
        loop {
            while busy.len() < AT_ONCE
                && let Some(address) = left.next()
            {
                busy.push(self.of_peer(address).boxed());
            }
            match busy.next().await {
                Some(done) => done?,
                None => return Ok(()),
            }
        }
    }

    fn next(&self, has: impl Fn(usize) -> bool) -> Option<usize> {
        let mut todo = self.todo.lock();
        let at = todo.iter().position(|piece| has(*piece))?;
        todo.remove(at)
    }

    /// An error is one of ours; who goes away is only gone.
    async fn of_peer(&self, address: &(String, u16)) -> Result<(), JobError> {
        let Ok(mut peer) = Peer::meet(self.app, address, &self.source.hash, self.us).await else {
            return Ok(());
        };
        if peer.ready().await.is_err() {
            return Ok(());
        }
        while let Some(piece) = self.next(|piece| peer.has(piece)) {
            let came = peer.piece(self.info, piece).await;
            if !self.keep(piece, came).await? {
                break;
            }
        }
        Ok(())
    }

    /// An address that has the whole file.
    async fn of_seed(&self, address: &str) -> Result<(), JobError> {
        while let Some(piece) = self.next(|_| true) {
            let came = self.range(address, piece).await;
            if !self.keep(piece, came).await? {
                break;
            }
        }
        Ok(())
    }

    async fn range(&self, address: &str, piece: usize) -> Result<Vec<u8>, Gone> {
        let (from, length) = self.info.span(piece);
        let range = format!("bytes={from}-{}", from + length - 1);
        let range = range.parse().map_err(|_| Gone)?;
        let request = FetchRequest::get(address)
            .header(axum::http::header::RANGE, range)
            .limit(length)
            .timeout(PATIENCE);
        let answer = self
            .app
            .import_fetch
            .send(request)
            .await
            .map_err(|_| Gone)?;
        let bytes = answer.success().map_err(|_| Gone)?.body.to_vec();
        if self.info.fits(piece, &bytes) {
            Ok(bytes)
        } else {
            Err(Gone)
        }
    }

    /// Writes a piece to its place, or puts it back among those that are missing. False when it did not come.
    async fn keep(&self, piece: usize, came: Result<Vec<u8>, Gone>) -> Result<bool, JobError> {
        let Ok(bytes) = came else {
            self.todo.lock().push_back(piece);
            return Ok(false);
        };
        let (file, (from, _)) = (Arc::clone(&self.file), self.info.span(piece));
        let count = bytes.len();
        let written = tokio::task::spawn_blocking(move || file.write_all_at(&bytes, from)).await;
        let failed = |error: String| JobError::Retry(format!("store what comes: {error}"));
        let written = written.map_err(|error| failed(error.to_string()))?;
        written.map_err(|error| failed(error.to_string()))?;
        self.meter.take(count).await?;
        Ok(true)
    }
}
