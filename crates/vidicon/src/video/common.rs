//! Lists of a few categories or licences in an order that the index of these does not have. What is
//! common is soon found when all videos are walked in their order; what is rare is gathered by the
//! index and put in order. Either way about as many rows are looked at as the root of all videos
//! times the page.

use super::list::{ListQuery, Scope};
use super::store::list as store;
use crate::access::Viewer;
use crate::app::App;
use crate::error::Result;

/// Fewer than this are gathered at once, whatever there is in all.
const FEW: i64 = 1_000;

/// Is the page found sooner by walking through all videos in their order?
pub async fn is_common(app: &App, viewer: &Viewer, query: &ListQuery) -> Result<bool> {
    let filters = &query.filters;
    let kinds = filters.categories.len() + filters.licences.len();
    let has_index = kinds == 1 && query.sort.column == "publishedAt";
    let is_wide = matches!(query.scope, Scope::All) && filters.matching.is_none();
    if kinds == 0 || has_index || !is_wide || filters.looks_behind() {
        return Ok(false);
    }
    let all = store::count::kept(&app.db, "all", 2, None, viewer).await?;
    let needed = query.paging.start.saturating_add(query.paging.count);
    let bound = all.saturating_mul(needed.max(1)).isqrt().max(FEW);
    let count = match query.kept_kinds() {
        Some(scopes) => store::count::all_of_kinds(&app.db, &scopes).await?,
        None => store::count::of_kinds(&app.db, filters, bound).await?,
    };
    Ok(count >= bound)
}
