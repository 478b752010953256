//! Counts the statements of a task, for tests: a list must not ask once for each of its rows.

use std::cell::Cell;

tokio::task_local! {
    static COUNT: Cell<u64>;
}

/// Notes one statement; outside of [`counted`] nothing happens.
pub(super) fn note() {
    let _ = COUNT.try_with(|count| count.set(count.get() + 1));
}

/// Runs something and tells how many statements its own task sent.
pub async fn counted<F: Future>(future: F) -> (F::Output, u64) {
    let counting = async {
        let output = future.await;
        (output, COUNT.with(Cell::get))
    };
    COUNT.scope(Cell::new(0), counting).await
}
