//! Collections: ours page by page, and a walk through theirs that always ends.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::address::{Id, Rules};
use crate::context::Context;
use crate::{Error, Result, json};

/// Items on each page of ours.
pub const PAGE_SIZE: i64 = 10;

pub fn page_url(collection: &str, page: i64) -> String {
    format!("{collection}?page={page}")
}

/// The head of a collection of ours.
pub fn collection(id: &str, total: i64) -> Value {
    Context::Plain.on(json!({
        "type": "OrderedCollection", "id": id, "totalItems": total, "first": page_url(id, 1),
    }))
}

/// A head that says how many there are and shows none of them.
pub fn counted(id: &str, total: i64) -> Value {
    Context::Plain.on(json!({ "type": "OrderedCollection", "id": id, "totalItems": total }))
}

/// One page of a collection of ours; pages count from 1.
pub fn page(id: &str, page: i64, total: i64, items: Vec<Value>) -> Value {
    let object = json::object([
        ("type", Some(json!("OrderedCollectionPage"))),
        ("id", Some(json!(page_url(id, page)))),
        ("partOf", Some(json!(id))),
        ("totalItems", Some(json!(total))),
        ("prev", (page > 1).then(|| json!(page_url(id, page - 1)))),
        (
            "next",
            (page.saturating_mul(PAGE_SIZE) < total).then(|| json!(page_url(id, page + 1))),
        ),
        ("orderedItems", Some(Value::Array(items))),
    ]);
    Context::Plain.on(object)
}

/// How many things a collection says it has.
pub fn total(object: &Value) -> Option<i64> {
    json::integer(object, "totalItems").filter(|total| *total >= 0)
}

/// The things in a page, or in a small collection that shows them at once.
pub fn items_of(object: &Value) -> Vec<&Value> {
    let ordered = json::items(object, "orderedItems");
    if ordered.is_empty() {
        json::items(object, "items")
    } else {
        ordered
    }
}

pub fn is_collection(object: &Value) -> bool {
    [
        "Collection",
        "OrderedCollection",
        "CollectionPage",
        "OrderedCollectionPage",
    ]
    .iter()
    .any(|kind| json::is_kind(object, kind))
}

/// A walk through a collection of another server. It never leaves that server, never visits a page twice, and
/// stops after so many pages and items, whatever `next` says.
#[derive(Debug)]
pub struct Walk {
    start: Id,
    next: Option<Id>,
    visited: HashSet<Id>,
    pages_left: usize,
    items_left: usize,
    rules: Rules,
}

impl Walk {
    pub fn new(start: Id, max_pages: usize, max_items: usize, rules: Rules) -> Self {
        let next = Some(start.clone());
        Self {
            start,
            next,
            visited: HashSet::new(),
            pages_left: max_pages,
            items_left: max_items,
            rules,
        }
    }

    /// The page to fetch now; `None` when the walk is over.
    pub fn next_page(&mut self) -> Option<Id> {
        let next = self.next.take()?;
        if self.pages_left == 0 || self.items_left == 0 || !self.visited.insert(next.clone()) {
            return None;
        }
        self.pages_left -= 1;
        Some(next)
    }

    /// Takes the items of the page that was fetched, and remembers where it leads. A head that holds its first
    /// page within itself is taken as that page.
    pub fn take(&mut self, page: &Value) -> Result<Vec<Value>> {
        if !is_collection(page) {
            return Err(Error::invalid("collection", "of another type"));
        }
        let inner = page
            .get("first")
            .filter(|first| is_collection(first))
            .unwrap_or(page);
        let leads_to = Id::at(inner, "next", self.rules).or_else(|| match page.get("first") {
            Some(Value::String(_)) => Id::at(page, "first", self.rules),
            _ => None,
        });
        self.next = leads_to.filter(|id| id.same_host(&self.start));
        let items: Vec<Value> = items_of(inner)
            .into_iter()
            .take(self.items_left)
            .cloned()
            .collect();
        self.items_left -= items.len();
        Ok(items)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRICT: Rules = Rules {
        http_allowed: false,
    };

    fn id(text: &str) -> Id {
        Id::parse(text, STRICT).unwrap()
    }

    /// Walks a server whose page at each address is made by the function.
    fn walk(answer: impl Fn(&str) -> Value) -> (usize, usize) {
        let mut walk = Walk::new(id("https://a.example/outbox"), 50, 1_000, STRICT);
        let (mut pages, mut items) = (0, 0);
        while let Some(page) = walk.next_page() {
            pages += 1;
            items += walk
                .take(&answer(page.as_str()))
                .map_or(0, |items| items.len());
        }
        (pages, items)
    }

    #[test]
    fn our_own_pages_are_walked_to_the_end() {
        let url = "https://a.example/outbox";
        let answer = |address: &str| match address.split_once("?page=") {
            None => collection(url, 25),
            Some((_, number)) => {
                let number: i64 = number.parse().unwrap();
                let count = if number == 3 { 5 } else { 10 };
                page(url, number, 25, vec![json!("https://a.example/1"); count])
            }
        };
        assert_eq!(walk(answer), (4, 25));
    }

    #[test]
    fn endless_collections_end() {
        let to_itself = |address: &str| json!({"type": "OrderedCollectionPage", "next": address, "orderedItems": ["x"]});
        assert_eq!(walk(to_itself).0, 1);
        let ping_pong = |address: &str| {
            let next = if address.ends_with("/a") {
                "https://a.example/b"
            } else {
                "https://a.example/a"
            };
            json!({"type": "OrderedCollectionPage", "next": next, "orderedItems": ["x"]})
        };
        assert_eq!(walk(ping_pong).0, 3);
        let ever_new = |address: &str| json!({"type": "OrderedCollectionPage", "next": format!("{address}x"), "orderedItems": ["x"]});
        assert_eq!(walk(ever_new).0, 50);
        let many = |address: &str| json!({"type": "OrderedCollectionPage", "next": format!("{address}x"), "orderedItems": vec!["x"; 900]});
        assert_eq!(walk(many), (2, 1_000));
        let elsewhere = |_: &str| json!({"type": "OrderedCollectionPage", "next": "https://b.example/x", "orderedItems": ["x"]});
        assert_eq!(walk(elsewhere).0, 1);
        assert_eq!(
            walk(|_| json!({"type": "Note", "next": "https://a.example/x"})),
            (1, 0)
        );
        assert_eq!(walk(|_| json!(null)), (1, 0));
    }
}
