//! A list of anything with what can be done to each thing: most pages of the machine room.

use super::tabs;
use crate::listing::Paging;
use crate::page::Page;
use crate::page::card::{PER_PAGE, Pages, Tab, page_number};
use askama::Template;
use axum::response::Response;
use serde_json::{Map, Value};

#[derive(Template)]
#[template(path = "admin/table.html")]
pub struct Table<'p> {
    pub page: &'p Page,
    pub tabs: Vec<Tab>,
    pub title: &'static str,
    pub lead: String,
    /// What to do when there is nothing.
    pub empty: String,
    pub columns: Vec<&'static str>,
    pub rows: Vec<Line>,
    pub pages: Option<Pages>,
    /// Which of them are shown.
    pub filters: Vec<Tab>,
    /// Where a search goes to and what it was; nothing where there is none.
    pub search: Option<(&'static str, String)>,
    /// A link beside the title.
    pub tool: Option<(&'static str, &'static str)>,
    /// A form above the list.
    pub ask: Option<Ask>,
}

#[derive(Default)]
pub struct Line {
    pub cells: Vec<Cell>,
    pub acts: Vec<Act>,
}

#[derive(Default)]
pub struct Cell {
    pub text: String,
    /// A second, quieter line.
    pub note: String,
    pub url: Option<String>,
    /// `good`, `warn`, `bad` or `quiet`.
    pub mood: Option<&'static str>,
    /// Behind a fold.
    pub more: Option<String>,
    /// Percent of a work that goes on.
    pub progress: Option<i64>,
}

/// A button in a row.
pub struct Act {
    pub url: String,
    pub label: &'static str,
    /// What is asked before.
    pub sure: Option<String>,
    pub bad: bool,
}

/// One field and a button.
pub struct Ask {
    pub url: &'static str,
    pub name: &'static str,
    pub label: &'static str,
    pub hint: &'static str,
    pub button: &'static str,
    pub value: String,
    pub error: Option<String>,
}

impl<'p> Table<'p> {
    pub fn new(page: &'p Page, here: &str, title: &'static str) -> Self {
        Table {
            page,
            tabs: tabs(page, here),
            title,
            lead: String::new(),
            empty: String::new(),
            columns: Vec::new(),
            rows: Vec::new(),
            pages: None,
            filters: Vec::new(),
            search: None,
            tool: None,
            ask: None,
        }
    }

    pub fn render(&self) -> Response {
        self.page.render(self)
    }
}

impl Cell {
    pub fn text(text: impl Into<String>) -> Self {
        Cell {
            text: text.into(),
            ..Cell::default()
        }
    }

    pub fn link(text: impl Into<String>, url: impl Into<String>) -> Self {
        Cell {
            text: text.into(),
            url: Some(url.into()),
            ..Cell::default()
        }
    }

    pub fn state(text: impl Into<String>, mood: &'static str) -> Self {
        Cell {
            text: text.into(),
            mood: Some(mood),
            ..Cell::default()
        }
    }

    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    #[must_use]
    pub fn more(mut self, more: Option<String>) -> Self {
        self.more = more;
        self
    }
}

impl Act {
    pub fn new(url: String, label: &'static str) -> Self {
        Act {
            url,
            label,
            sure: None,
            bad: false,
        }
    }

    /// One that is asked about first.
    pub fn grave(url: String, label: &'static str, sure: String) -> Self {
        Act {
            url,
            label,
            sure: Some(sure),
            bad: true,
        }
    }
}

/// The page of a list that a query asks for.
pub fn paging(query: &Map<String, Value>) -> (i64, Paging) {
    let number = page_number(query);
    let paging = Paging {
        start: (number - 1) * PER_PAGE,
        count: PER_PAGE,
    };
    (number, paging)
}

/// The links to the pages before and after, of a list with so many entries.
pub fn pages(path: &str, query: &str, number: i64, total: i64) -> Option<Pages> {
    Pages::new(path, query, number, total > number * PER_PAGE)
}
