//! A list of anything, with what can be done to each thing and what can be added: most pages of the
//! machine room and several of one's own account.

use super::Page;
use super::card::{Choice, PER_PAGE, Pages, Tab, page_number};
use crate::listing::Paging;
use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Map, Value};
use std::borrow::Borrow;

#[derive(Template)]
#[template(path = "table.html")]
pub struct Table<'p> {
    pub page: &'p Page,
    pub frame: Frame,
    pub tabs: Vec<Tab>,
    pub title: String,
    /// Where the list is in which this is one thing.
    pub back: Option<(String, String)>,
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
    /// One field above the list, or forms below it.
    pub asks: Vec<Ask>,
    /// What can be done to several at once.
    pub many: Option<Many>,
    refused: bool,
}

/// Boxes before the rows, and buttons for all whose box is ticked.
pub struct Many {
    pub url: &'static str,
    /// The id and the name of each row, in their order.
    pub rows: Vec<(String, String)>,
    /// What the form calls `act`, and the word on the button.
    pub acts: Vec<(&'static str, &'static str)>,
}

/// What stands around a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame {
    /// The machine room, with its pages at the side.
    Machine,
    /// One's own account, with its pages as tabs.
    Own,
    /// One thing, with a link back to it.
    Thing,
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
    /// To be copied: an address or a key.
    pub copy: bool,
}

/// A button in a row.
pub struct Act {
    pub url: String,
    pub label: &'static str,
    /// What is asked before.
    pub sure: Option<String>,
    pub bad: bool,
    /// What the form calls `act`: a word and an id.
    pub value: String,
}

/// Fields and a button.
#[derive(Default)]
pub struct Ask {
    pub url: String,
    /// What the form calls `act`.
    pub act: String,
    pub title: &'static str,
    pub fields: Vec<Field>,
    pub button: &'static str,
    pub error: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    #[default]
    Line,
    Url,
    Number,
    Date,
    Area,
    Check,
    Choice,
    /// Boxes, of which any number may be ticked.
    Boxes,
}

#[derive(Default)]
pub struct Field {
    pub name: &'static str,
    pub label: &'static str,
    pub hint: &'static str,
    pub kind: Kind,
    pub value: String,
    pub required: bool,
    pub choices: Vec<Choice>,
}

impl<'p> Table<'p> {
    pub fn new(page: &'p Page, frame: Frame, tabs: Vec<Tab>, title: impl Into<String>) -> Self {
        Table {
            page,
            frame,
            tabs,
            title: title.into(),
            back: None,
            lead: String::new(),
            empty: String::new(),
            columns: Vec::new(),
            rows: Vec::new(),
            pages: None,
            filters: Vec::new(),
            search: None,
            tool: None,
            asks: Vec::new(),
            many: None,
            refused: false,
        }
    }

    /// With 400 where what was typed could not be taken.
    pub fn render(&self) -> Response {
        let refused = self.refused || self.asks.iter().any(|ask| ask.error.is_some());
        let status = if refused {
            StatusCode::BAD_REQUEST
        } else {
            StatusCode::OK
        };
        self.page.render_with(self, status, &[])
    }

    /// Puts back what was typed into the form of this act, and says why it was refused.
    pub fn refuse(&mut self, form: &super::form::Form, error: String) {
        let act = form.text("act");
        self.refused = true;
        let at = self.asks.iter().position(|ask| ask.act == act);
        let Some(ask) = self.asks.get_mut(at.unwrap_or(0)) else {
            return;
        };
        ask.error = Some(error);
        for field in &mut ask.fields {
            if field.kind == Kind::Check {
                field.value = form.text(field.name).to_owned();
                continue;
            }
            for choice in &mut field.choices {
                choice.chosen = form.all(field.name).any(|value| value == choice.value);
            }
            form.text(field.name).clone_into(&mut field.value);
        }
    }
}

impl Many {
    /// The row of this number, from 1 on.
    fn at(&self, number: impl Borrow<usize>) -> Option<&(String, String)> {
        self.rows.get(number.borrow().checked_sub(1)?)
    }
}

impl Ask {
    fn is_line(&self) -> bool {
        matches!(self.fields.as_slice(), [only] if !only.kind.is_large())
    }
}

impl Kind {
    fn is_large(self) -> bool {
        matches!(self, Kind::Area | Kind::Check | Kind::Boxes)
    }

    fn input(self) -> &'static str {
        match self {
            Kind::Url => "url",
            Kind::Number => "number",
            Kind::Date => "date",
            _ => "text",
        }
    }
}

impl Field {
    pub fn new(name: &'static str, label: &'static str, kind: Kind) -> Self {
        Field {
            name,
            label,
            kind,
            ..Field::default()
        }
    }

    #[must_use]
    pub fn needed(mut self) -> Self {
        self.required = true;
        self
    }

    #[must_use]
    pub fn hint(mut self, hint: &'static str) -> Self {
        self.hint = hint;
        self
    }

    #[must_use]
    pub fn with(mut self, value: impl Into<String>) -> Self {
        self.value = value.into();
        self
    }

    #[must_use]
    pub fn of(mut self, choices: Vec<Choice>) -> Self {
        self.choices = choices;
        self
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

    /// Something long that is copied.
    pub fn copy(text: impl Into<String>) -> Self {
        Cell {
            text: text.into(),
            copy: true,
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
            value: String::new(),
        }
    }

    /// One that is asked about first.
    pub fn grave(url: String, label: &'static str, sure: String) -> Self {
        Act {
            sure: Some(sure),
            bad: true,
            ..Act::new(url, label)
        }
    }

    /// The page itself is told, with a word and an id.
    #[must_use]
    pub fn say(mut self, value: String) -> Self {
        self.value = value;
        self
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

/// What has to stay in the address from one page of a list to the next.
pub fn rest(asked: &[(&str, &str)]) -> String {
    let said = asked.iter().filter(|(_, value)| !value.is_empty());
    let mut text = url::form_urlencoded::Serializer::new(String::new());
    text.extend_pairs(said).finish()
}

/// Tabs that choose what a list shows.
pub fn filters(page: &Page, list: &[(&str, &'static str, bool)]) -> Vec<Tab> {
    let tab = |(url, key, now): &(&str, &'static str, bool)| Tab {
        url: (*url).to_owned(),
        label: page.t(key).to_owned(),
        now: *now,
    };
    list.iter().map(tab).collect()
}

/// What was asked for in the query, without space around it.
pub fn asked<'q>(query: &'q Map<String, Value>, name: &str) -> &'q str {
    let text = query.get(name).and_then(Value::as_str);
    text.unwrap_or_default().trim()
}

#[cfg(test)]
mod tests {
    use super::rest;

    #[test]
    fn the_address_keeps_what_was_asked() {
        assert_eq!(rest(&[("search", "a&b"), ("state", "")]), "search=a%26b");
        assert_eq!(rest(&[("search", ""), ("state", "")]), "");
    }
}
