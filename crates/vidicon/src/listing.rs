//! What all lists share: `start`, `count`, `sort`, and the answer `{total, data}`.

use crate::check::Check;
use crate::error::Result;
use serde::Serialize;
use serde_json::{Map, Value};

/// Rows in a page when nothing is said, and at the most.
pub const DEFAULT_COUNT: i64 = 15;
pub const LARGEST_COUNT: i64 = 100;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paging {
    pub start: i64,
    pub count: i64,
}

impl Default for Paging {
    fn default() -> Self {
        Paging {
            start: 0,
            count: DEFAULT_COUNT,
        }
    }
}

impl Paging {
    /// Reads `start` and `count`; wrong ones are told before anything else of the request.
    pub fn read(query: &Map<String, Value>) -> Result<Self> {
        let mut check = Check::query(query);
        let start = check.int_or("start", 0..=i64::MAX / 2, "Should have a number start");
        let message = "Should have a number count (max: 100)";
        let count = check.int_or("count", 0..=LARGEST_COUNT, message);
        check.finish()?;
        Ok(Paging {
            start: start.or(0),
            count: count.or(DEFAULT_COUNT),
        })
    }
}

/// A column to sort by and which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    pub column: &'static str,
    pub descending: bool,
}

impl Sort {
    /// Reads `sort`: one of these columns, with `-` before it for the largest first.
    pub fn read(
        query: &Map<String, Value>,
        columns: &'static [&'static str],
        default: &'static str,
    ) -> Result<Self> {
        let mut check = Check::query(query);
        let given = query
            .get("sort")
            .map(|value| value.as_str().unwrap_or_default());
        let sort = Self::find(given.unwrap_or(default), columns);
        if sort.is_none() {
            check.fail("sort", "Should have correct sortable column");
        }
        check.finish()?;
        Ok(sort.unwrap_or(Sort {
            column: "createdAt",
            descending: true,
        }))
    }

    fn find(text: &str, columns: &'static [&'static str]) -> Option<Self> {
        let (name, descending) = match text.strip_prefix('-') {
            Some(name) => (name, true),
            None => (text, false),
        };
        let column = columns.iter().copied().find(|column| *column == name)?;
        Some(Sort { column, descending })
    }
}

/// `{"total": n, "data": […]}`.
#[derive(Clone, Debug, Serialize, schemars::JsonSchema)]
pub struct Listed<T> {
    pub total: i64,
    pub data: Vec<T>,
}

impl<T> Listed<T> {
    pub fn new(total: i64, data: Vec<T>) -> axum::Json<Self> {
        axum::Json(Listed { total, data })
    }
}
