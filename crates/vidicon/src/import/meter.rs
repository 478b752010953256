//! How much of an import has come, written down for its user at most once a second.

use super::{ImportId, store};
use crate::app::App;
use base::job::JobError;
use parking_lot::Mutex;
use std::time::{Duration, Instant};

const PAUSE: Duration = Duration::from_secs(1);

pub struct Meter {
    app: App,
    id: ImportId,
    state: Mutex<Read>,
}

#[derive(Clone, Copy)]
struct Read {
    received: u64,
    expected: Option<u64>,
    /// When it was written down last.
    noted: Option<Instant>,
}

impl Meter {
    pub fn of(app: &App, id: ImportId) -> Self {
        Meter {
            app: app.clone(),
            id,
            state: Mutex::new(Read {
                received: 0,
                expected: None,
                noted: None,
            }),
        }
    }

    /// What the source says is to come, if it does.
    pub fn expect(&self, bytes: Option<u64>) {
        self.state.lock().expected = bytes;
    }

    /// So many more bytes have come.
    pub async fn take(&self, count: usize) -> Result<(), JobError> {
        let is_due = {
            let mut state = self.state.lock();
            state.received += u64::try_from(count).unwrap_or(0);
            let is_due = state.noted.is_none_or(|at| at.elapsed() >= PAUSE);
            if is_due {
                state.noted = Some(Instant::now());
            }
            is_due
        };
        if is_due { self.note().await } else { Ok(()) }
    }

    /// Looks once a second how much has come; ends only with an error.
    pub async fn watch(&self, received: impl Fn() -> u64) -> JobError {
        loop {
            tokio::time::sleep(PAUSE).await;
            self.state.lock().received = received();
            if let Err(error) = self.note().await {
                return error;
            }
        }
    }

    /// Writes the last of it down.
    pub async fn finish(&self) -> Result<(), JobError> {
        self.note().await
    }

    async fn note(&self) -> Result<(), JobError> {
        let Read {
            received, expected, ..
        } = *self.state.lock();
        let number = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
        let expected = expected.map(number);
        store::note_received(&self.app.db, self.id, number(received), expected).await?;
        Ok(())
    }
}
