//! A signed document as the triples that its signature covers.
//!
//! Only plain documents are read: no JSON-LD keyword below the top, no aliases, no contexts inside. Along with
//! the triples goes the document with everything left out that made no triple, so that what is acted upon is
//! exactly what was signed.

use std::collections::HashSet;

use serde_json::{Map, Number, Value};

use crate::vocabulary::{Coercion, Container, Term as Meaning, Vocabulary, expand_known};
use crate::{Error, Result};

/// A video with twenty renditions makes some 600.
const MAX_TRIPLES: usize = 8_000;
const RDF: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";

#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Node {
    Iri(String),
    Blank(usize),
    Literal {
        text: String,
        datatype: Option<String>,
        language: Option<String>,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Triple {
    pub subject: Node,
    pub predicate: String,
    pub object: Node,
}

/// The triples of a document, and the document reduced to them.
pub(crate) fn read(document: &Value) -> Result<(Vec<Triple>, Value)> {
    let Value::Object(map) = document else {
        return Err(Error::invalid("document", "not an object"));
    };
    let context = map.get("@context");
    let vocabulary = Vocabulary::read(context)?;
    let mut reader = Reader {
        vocabulary,
        triples: Vec::new(),
        seen: HashSet::new(),
        blanks: 0,
    };
    let (_, mut kept) = reader.node(map, true)?;
    if let (Some(context), Some(kept)) = (context, kept.as_object_mut()) {
        kept.insert("@context".to_owned(), context.clone());
    }
    Ok((reader.triples, kept))
}

struct Reader {
    vocabulary: Vocabulary,
    triples: Vec<Triple>,
    seen: HashSet<Triple>,
    blanks: usize,
}

impl Reader {
    fn node(&mut self, map: &Map<String, Value>, top: bool) -> Result<(Node, Value)> {
        let subject = match map.get("id") {
            None | Some(Value::Null) => self.blank(),
            Some(Value::String(id)) => Node::Iri(
                self.iri(id)?
                    .ok_or_else(|| Error::invalid("id", format!("{id:.100} is not absolute")))?,
            ),
            Some(_) => return Err(Error::invalid("id", "not a text")),
        };
        let mut kept = Map::new();
        for (key, value) in map {
            if top && key == "@context" {
                continue;
            }
            if key.starts_with('@') || key.contains(':') {
                return Err(Error::invalid(
                    "document",
                    format!("the key {key:.60} is not accepted"),
                ));
            }
            let value = match key.as_str() {
                "id" => Some(value.clone()).filter(|value| !value.is_null()),
                "type" => Some(self.types(&subject, value)?),
                _ => self.property(&subject, key, value)?,
            };
            if let Some(value) = value {
                kept.insert(key.clone(), value);
            }
        }
        Ok((subject, Value::Object(kept)))
    }

    fn types(&mut self, subject: &Node, value: &Value) -> Result<Value> {
        let names: Vec<&Value> = match value {
            Value::Array(names) => names.iter().collect(),
            single => vec![single],
        };
        for name in names {
            let iri = name
                .as_str()
                .and_then(|name| self.vocabulary.term(name))
                .map(|term| term.iri.clone());
            let iri = iri.ok_or_else(|| Error::invalid("type", "not defined in the context"))?;
            self.add(subject, &format!("{RDF}type"), Node::Iri(iri))?;
        }
        Ok(value.clone())
    }

    fn property(&mut self, subject: &Node, key: &str, value: &Value) -> Result<Option<Value>> {
        let Some(meaning) = self.vocabulary.term(key).cloned() else {
            self.unnamed(value)?;
            return Ok(None);
        };
        match meaning.container {
            Container::List => self.list(subject, &meaning, value),
            Container::Language => self.languages(subject, &meaning, value),
            Container::None => self.values(subject, &meaning, value),
        }
    }

    /// A property without a meaning makes no triple, but things within it do; nothing of it is kept.
    fn unnamed(&mut self, value: &Value) -> Result<()> {
        match value {
            Value::Object(map) => self.node(map, false).map(|_| ()),
            Value::Array(items) => items.iter().try_for_each(|item| self.unnamed(item)),
            _ => Ok(()),
        }
    }

    fn values(
        &mut self,
        subject: &Node,
        meaning: &Meaning,
        value: &Value,
    ) -> Result<Option<Value>> {
        if let Value::Array(items) = value {
            let mut kept = Vec::with_capacity(items.len());
            for item in items {
                if let Some((object, item)) = self.value(meaning, item)? {
                    self.add(subject, &meaning.iri, object)?;
                    kept.push(item);
                }
            }
            return Ok(Some(Value::Array(kept)));
        }
        match self.value(meaning, value)? {
            Some((object, kept)) => {
                self.add(subject, &meaning.iri, object)?;
                Ok(Some(kept))
            }
            None => Ok(None),
        }
    }

    fn list(&mut self, subject: &Node, meaning: &Meaning, value: &Value) -> Result<Option<Value>> {
        let items: Vec<&Value> = match value {
            Value::Null => return Ok(None),
            Value::Array(items) => items.iter().collect(),
            single => vec![single],
        };
        let mut objects = Vec::new();
        let mut kept = Vec::new();
        for item in items {
            if let Some((object, item)) = self.value(meaning, item)? {
                objects.push(object);
                kept.push(item);
            }
        }
        let mut rest = Node::Iri(format!("{RDF}nil"));
        for object in objects.into_iter().rev() {
            let cell = self.blank();
            self.add(&cell, &format!("{RDF}first"), object)?;
            self.add(&cell, &format!("{RDF}rest"), rest)?;
            rest = cell;
        }
        self.add(subject, &meaning.iri, rest)?;
        Ok(Some(Value::Array(kept)))
    }

    fn languages(
        &mut self,
        subject: &Node,
        meaning: &Meaning,
        value: &Value,
    ) -> Result<Option<Value>> {
        let Value::Object(map) = value else {
            return if value.is_null() {
                Ok(None)
            } else {
                Err(Error::invalid("language map", "not an object"))
            };
        };
        for (language, text) in map {
            let Value::String(text) = text else {
                return Err(Error::invalid("language map", "not a text"));
            };
            let language = Some(language.to_lowercase()).filter(|language| language != "@none");
            let literal = Node::Literal {
                text: text.clone(),
                datatype: None,
                language,
            };
            self.add(subject, &meaning.iri, literal)?;
        }
        Ok(Some(value.clone()))
    }

    fn value(&mut self, meaning: &Meaning, value: &Value) -> Result<Option<(Node, Value)>> {
        let node = match (value, &meaning.coercion) {
            (Value::Null, _) => None,
            (Value::Array(_), _) => return Err(Error::invalid("document", "a list within a list")),
            (Value::Object(map), _) => return self.node(map, false).map(Some),
            (Value::String(text), Coercion::Id) => self.iri(text)?.map(Node::Iri),
            (Value::String(text), Coercion::Vocabulary) => match self.vocabulary.term(text) {
                Some(term) => Some(Node::Iri(term.iri.clone())),
                None => self.iri(text)?.map(Node::Iri),
            },
            (Value::String(text), coercion) => Some(literal(text.clone(), coercion, None)),
            (Value::Bool(flag), coercion) => {
                Some(literal(flag.to_string(), coercion, Some("boolean")))
            }
            (Value::Number(number), coercion) => Some(number_literal(number, coercion)),
        };
        Ok(node.map(|node| (node, value.clone())))
    }

    /// `None` for what is relative and therefore makes no triple. Short forms are refused, as two readers could
    /// take them differently; but for the Public collection, which everyone knows in both forms.
    fn iri(&self, text: &str) -> Result<Option<String>> {
        let expanded = self.vocabulary.expand(text);
        if text == "as:Public" {
            return Ok(Some(expanded));
        }
        if expanded != text || text.starts_with("_:") || text.starts_with('@') {
            return Err(Error::invalid(
                "id",
                format!("the short form {text:.100} is not accepted"),
            ));
        }
        if text
            .chars()
            .any(|character| character.is_whitespace() || "<>\"{}|\\^`".contains(character))
        {
            return Err(Error::invalid(
                "id",
                format!("{text:.100} holds characters that no URL may"),
            ));
        }
        Ok(has_scheme(text).then_some(expanded))
    }

    fn blank(&mut self) -> Node {
        self.blanks += 1;
        Node::Blank(self.blanks)
    }

    fn add(&mut self, subject: &Node, predicate: &str, object: Node) -> Result<()> {
        let triple = Triple {
            subject: subject.clone(),
            predicate: predicate.to_owned(),
            object,
        };
        if self.triples.len() >= MAX_TRIPLES {
            return Err(Error::invalid(
                "document",
                "too much in it to check its signature",
            ));
        }
        if self.seen.insert(triple.clone()) {
            self.triples.push(triple);
        }
        Ok(())
    }
}

fn has_scheme(text: &str) -> bool {
    text.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme
                .chars()
                .all(|character| character.is_ascii_alphanumeric() || "+-.".contains(character))
    })
}

/// `natural` is the datatype of a JSON value that has no other.
fn literal(text: String, coercion: &Coercion, natural: Option<&str>) -> Node {
    let datatype = match coercion {
        Coercion::Datatype(datatype) => Some(datatype.clone()),
        _ => natural.map(|name| expand_known(&format!("xsd:{name}"))),
    };
    Node::Literal {
        text,
        datatype,
        language: None,
    }
}

fn number_literal(number: &Number, coercion: &Coercion) -> Node {
    let as_double =
        matches!(coercion, Coercion::Datatype(datatype) if datatype.ends_with("XMLSchema#double"));
    let float = number.as_f64().unwrap_or_default();
    if as_double || float.fract() != 0.0 || float.abs() >= 1e21 {
        return literal(double(float), coercion, Some("double"));
    }
    let text = if number.is_f64() {
        format!("{float:.0}")
    } else {
        number.to_string()
    };
    literal(text, coercion, Some("integer"))
}

/// `1.7778` is `1.7778E0`: fifteen digits after the point, without the zeros at their end.
fn double(float: f64) -> String {
    let text = format!("{float:.15e}");
    match text.split_once('e') {
        Some((mantissa, exponent)) => {
            let trimmed = mantissa.trim_end_matches('0');
            let zero = if trimmed.ends_with('.') { "0" } else { "" };
            format!("{trimmed}{zero}E{exponent}")
        }
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document(body: Value) -> Value {
        let mut document = json!({
            "@context": ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"],
            "id": "https://a.example/1", "type": "Create",
        });
        if let (Some(map), Value::Object(body)) = (document.as_object_mut(), body) {
            map.extend(body);
        }
        document
    }

    #[test]
    fn what_makes_no_triple_is_not_kept() {
        let (triples, kept) = read(&document(json!({
            "actor": "https://a.example/me", "unknown": "x", "commentsPolicy": 1, "to": ["as:Public", "relative"],
            "object": {"type": "Note", "content": "hello", "alsoUnknown": true}, "published": null,
        })))
        .unwrap();
        assert_eq!(triples.len(), 6);
        assert_eq!(kept["to"], json!(["as:Public"]));
        assert_eq!(kept["object"], json!({"type": "Note", "content": "hello"}));
        for key in ["unknown", "commentsPolicy", "published"] {
            assert_eq!(kept.get(key), None, "{key}");
        }
    }

    #[test]
    fn keywords_short_forms_and_inner_contexts_are_refused() {
        for body in [
            json!({"@graph": []}),
            json!({"object": {"@graph": []}}),
            json!({"object": {"@included": []}}),
            json!({"object": {"@reverse": {}}}),
            json!({"object": {"@context": {}}}),
            json!({"as:actor": "https://a.example/x"}),
            json!({"object": {"@id": "https://a.example/x"}}),
            json!({"content": {"@value": "x"}}),
            json!({"actor": "as:me"}),
            json!({"object": "_:b0"}),
            json!({"type": "Undefined"}),
            json!({"id": 5}),
            json!({"id": "relative"}),
            json!({"object": [["x"]]}),
            json!({"object": "https://a.example/> <https://b.example/"}),
            json!({"unknown": {"deep": {"@graph": []}}}),
            json!({"contentMap": {"en": 5}}),
            json!({"type": null}),
        ] {
            assert!(read(&document(body.clone())).is_err(), "{body}");
        }
    }

    #[test]
    fn numbers_are_written_as_the_standard_says() {
        for (float, text) in [
            (1.7778, "1.7778E0"),
            (0.5, "5.0E-1"),
            (1e22, "1.0E22"),
            (-12.25, "-1.225E1"),
        ] {
            assert_eq!(double(float), text);
        }
    }
}
