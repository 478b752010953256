//! Documents of identity providers as a tree. Only what SAML needs is read; what helps an attacker and no provider
//! writes (document types, comments, processing instructions, CDATA) is refused, not skipped.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const MAX_BYTES: usize = 200 * 1024;
const MAX_DEPTH: usize = 32;
const MAX_ELEMENTS: usize = 2_000;
const MAX_ATTRIBUTES: usize = 64;
const MAX_PREFIXES: usize = 32;
pub const XML: &str = "http://www.w3.org/XML/1998/namespace";

pub type Result<T, E = &'static str> = std::result::Result<T, E>;
/// Prefixes with their names; the empty one is the default.
pub type Scope = Arc<BTreeMap<String, String>>;

#[derive(Clone, Debug, Default)]
pub struct Element {
    pub prefix: String,
    pub local: String,
    pub namespace: String,
    pub attributes: Vec<Attribute>,
    pub scope: Scope,
    pub children: Vec<Child>,
}

#[derive(Clone, Debug)]
pub struct Attribute {
    pub prefix: String,
    pub local: String,
    pub namespace: String,
    pub value: String,
}

#[derive(Clone, Debug)]
pub enum Child {
    Element(Element),
    Text(String),
}

impl Element {
    pub fn is(&self, namespace: &str, local: &str) -> bool {
        self.namespace == namespace && self.local == local
    }

    /// The value of an attribute without a prefix.
    pub fn attribute(&self, local: &str) -> Option<&str> {
        let mut found = self.attributes.iter();
        let found = found.find(|it| it.namespace.is_empty() && it.local == local);
        found.map(|it| it.value.as_str())
    }

    pub fn elements(&self) -> impl Iterator<Item = &Element> {
        self.children.iter().filter_map(|child| match child {
            Child::Element(element) => Some(element),
            Child::Text(_) => None,
        })
    }

    pub fn named<'e>(
        &'e self,
        namespace: &'e str,
        local: &'e str,
    ) -> impl Iterator<Item = &'e Element> {
        self.elements().filter(move |it| it.is(namespace, local))
    }

    /// The only child of this name.
    pub fn only<'e>(&'e self, namespace: &'e str, local: &'e str) -> Result<&'e Element> {
        let mut found = self.named(namespace, local);
        match (found.next(), found.next()) {
            (Some(only), None) => Ok(only),
            _ => Err("an element that must be there once is not"),
        }
    }

    /// What stands in an element that has nothing but text.
    pub fn text(&self) -> Result<String> {
        let mut text = String::new();
        for child in &self.children {
            match child {
                Child::Text(part) => text.push_str(part),
                Child::Element(_) => return Err("elements where text must be"),
            }
        }
        Ok(text)
    }

    /// This element and all below it.
    pub fn all(&self) -> Vec<&Element> {
        let mut all = vec![self];
        let mut at = 0;
        while let Some(element) = all.get(at).copied() {
            all.extend(element.elements());
            at += 1;
        }
        all
    }
}

pub fn parse(text: &str) -> Result<Element> {
    if text.len() > MAX_BYTES {
        return Err("too large");
    }
    let allowed =
        |c: char| c >= ' ' && !matches!(c, '\u{fffe}' | '\u{ffff}') || "\t\n\r".contains(c);
    if !text.chars().all(allowed) {
        return Err("characters that XML does not know");
    }
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let text = text.trim_start_matches('\u{feff}');
    let text = match text.strip_prefix("<?xml ") {
        Some(rest) => rest.split_once("?>").ok_or("no XML")?.1,
        None => text,
    };
    Reader {
        rest: text.trim_matches(is_space),
        open: Vec::new(),
        elements: 0,
    }
    .document()
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}

struct Reader<'t> {
    rest: &'t str,
    /// Elements that have begun, with their names as they are spelt.
    open: Vec<(&'t str, Element)>,
    elements: usize,
}

impl<'t> Reader<'t> {
    fn document(mut self) -> Result<Element> {
        loop {
            let done = if self.rest.starts_with("</") {
                self.close()?
            } else if self.rest.starts_with("<!") || self.rest.starts_with("<?") {
                return Err("a comment, a document type or the like");
            } else if self.rest.starts_with('<') {
                self.begin()?
            } else {
                self.text()?;
                None
            };
            if let Some(root) = done {
                return if self.rest.is_empty() {
                    Ok(root)
                } else {
                    Err("something after its end")
                };
            }
        }
    }

    fn text(&mut self) -> Result<()> {
        let end = self.rest.find('<').ok_or("it has no end")?;
        let (text, rest) = self.rest.split_at(end);
        if text.contains("]]>") {
            return Err("text that XML forbids");
        }
        let (_, parent) = self.open.last_mut().ok_or("text outside of all elements")?;
        parent.children.push(Child::Text(unescaped(text)?));
        self.rest = rest;
        Ok(())
    }

    fn close(&mut self) -> Result<Option<Element>> {
        let (name, rest) = self.rest.split_once('>').ok_or("it has no end")?;
        let name = name.trim_start_matches("</").trim_end_matches(is_space);
        let (open, element) = self.open.pop().ok_or("an end without a beginning")?;
        if open != name {
            return Err("ends that do not fit");
        }
        self.rest = rest;
        Ok(self.place(element))
    }

    /// Puts a whole element where it belongs; gives it back if it is the outermost.
    fn place(&mut self, element: Element) -> Option<Element> {
        match self.open.last_mut() {
            Some((_, parent)) => {
                parent.children.push(Child::Element(element));
                None
            }
            None => Some(element),
        }
    }

    fn begin(&mut self) -> Result<Option<Element>> {
        self.elements += 1;
        if self.elements > MAX_ELEMENTS || self.open.len() >= MAX_DEPTH {
            return Err("too many elements, or too deep");
        }
        self.rest = self.rest.get(1..).unwrap_or_default();
        let name = self.name()?;
        let mut raw = Vec::new();
        let empty = loop {
            let spaced = self.skip_space();
            if let Some(rest) = self.rest.strip_prefix("/>") {
                self.rest = rest;
                break true;
            }
            if let Some(rest) = self.rest.strip_prefix('>') {
                self.rest = rest;
                break false;
            }
            if !spaced || raw.len() >= MAX_ATTRIBUTES {
                return Err("attributes that cannot be read");
            }
            raw.push(self.attribute()?);
        };
        let scope = self.open.last().map(|(_, parent)| parent.scope.clone());
        let element = element(name, raw, scope.unwrap_or_default())?;
        if empty {
            return Ok(self.place(element));
        }
        self.open.push((name, element));
        Ok(None)
    }

    fn skip_space(&mut self) -> bool {
        let before = self.rest.len();
        self.rest = self.rest.trim_start_matches(is_space);
        self.rest.len() < before
    }

    fn name(&mut self) -> Result<&'t str> {
        let part = |c: char| c.is_alphanumeric() || "_-.:".contains(c);
        let end = self.rest.find(|c| !part(c)).ok_or("it has no end")?;
        let (name, rest) = self.rest.split_at(end);
        self.rest = rest;
        Ok(name)
    }

    fn attribute(&mut self) -> Result<(&'t str, String)> {
        let name = self.name()?;
        self.skip_space();
        self.rest = self.rest.strip_prefix('=').ok_or("no value")?;
        self.skip_space();
        let quote = self.rest.chars().next().filter(|c| matches!(c, '"' | '\''));
        let quote = quote.ok_or("a value without quotes")?;
        let rest = self.rest.get(1..).unwrap_or_default();
        let (value, rest) = rest.split_once(quote).ok_or("it has no end")?;
        if value.contains('<') {
            return Err("a value that XML forbids");
        }
        self.rest = rest;
        Ok((name, unescaped(&value.replace(['\t', '\n'], " "))?))
    }
}

/// A name before and after its colon.
fn parts(name: &str) -> Result<(&str, &str)> {
    let (prefix, local) = name.split_once(':').unwrap_or(("", name));
    let good = |part: &str| {
        let first = part.chars().next();
        first.is_some_and(|c| c.is_alphabetic() || c == '_') && !part.contains(':')
    };
    if good(local) && (good(prefix) || !name.contains(':')) {
        Ok((prefix, local))
    } else {
        Err("a name that XML forbids")
    }
}

fn element(name: &str, raw: Vec<(&str, String)>, scope: Scope) -> Result<Element> {
    let (prefix, local) = parts(name)?;
    let scope = declared(&raw, scope)?;
    let of = |prefix: &str| match prefix {
        "xml" => Ok(XML.to_owned()),
        "" => Ok(scope.get("").cloned().unwrap_or_default()),
        prefix => scope
            .get(prefix)
            .cloned()
            .ok_or("a prefix that nobody declares"),
    };
    let namespace = of(prefix)?;
    let mut attributes: Vec<Attribute> = Vec::new();
    for (name, value) in raw {
        let (prefix, local) = parts(name)?;
        if name == "xmlns" || prefix == "xmlns" {
            continue;
        }
        let namespace = if prefix.is_empty() {
            String::new()
        } else {
            of(prefix)?
        };
        let twice = |it: &Attribute| it.local == local && it.namespace == namespace;
        if attributes.iter().any(twice) {
            return Err("an attribute twice");
        }
        attributes.push(Attribute {
            prefix: prefix.to_owned(),
            local: local.to_owned(),
            namespace,
            value,
        });
    }
    Ok(Element {
        prefix: prefix.to_owned(),
        local: local.to_owned(),
        namespace,
        attributes,
        scope,
        children: Vec::new(),
    })
}

/// What is in scope after the declarations of an element.
fn declared(raw: &[(&str, String)], outer: Scope) -> Result<Scope> {
    let mut scope = outer.clone();
    let mut seen = BTreeSet::new();
    for (name, value) in raw {
        let prefix = match name.split_once(':') {
            None if *name == "xmlns" => "",
            Some(("xmlns", prefix)) => prefix,
            _ => continue,
        };
        let reserved = matches!(prefix, "xml" | "xmlns") || value == XML;
        if reserved || (value.is_empty() && !prefix.is_empty()) || !seen.insert(prefix) {
            return Err("a declaration that XML forbids");
        }
        Arc::make_mut(&mut scope).insert(prefix.to_owned(), value.clone());
    }
    if scope.len() > MAX_PREFIXES {
        return Err("too many prefixes");
    }
    Ok(scope)
}

/// Only the five entities that XML itself has, and numbers.
fn unescaped(text: &str) -> Result<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let (name, after) = after.split_once(';').ok_or("an entity without end")?;
        out.push(match name {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" => '\'',
            number => character(number)?,
        });
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

fn character(number: &str) -> Result<char> {
    let digits = number
        .strip_prefix('#')
        .ok_or("an entity that XML does not know")?;
    let code = match digits.strip_prefix('x') {
        Some(hex) if hex.len() <= 6 => u32::from_str_radix(hex, 16).ok(),
        None if digits.len() <= 7 => digits.parse().ok(),
        _ => None,
    };
    let found = code.and_then(char::from_u32);
    let allowed = |c: &char| *c >= ' ' || "\t\n\r".contains(*c);
    found
        .filter(allowed)
        .ok_or("a character that XML does not know")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_texts_and_attributes_are_read() {
        let text = "<?xml version=\"1.0\"?>\n<a:x xmlns:a=\"urn:a\" b=\"1&amp;2\t3\" a:b='&#65;'>\r\n\
                    <y xmlns=\"urn:b\"/>t&lt;</a:x>";
        let root = parse(text).unwrap();
        assert!(root.is("urn:a", "x"));
        assert_eq!(root.attribute("b"), Some("1&2 3"));
        assert_eq!(root.attributes[1].value, "A");
        assert!(root.only("urn:b", "y").is_ok());
        assert_eq!(root.all().len(), 2);
        assert!(root.text().is_err());
        assert!(matches!(&root.children[2], Child::Text(text) if text == "t<"));
    }

    #[test]
    fn what_no_provider_writes_is_refused() {
        for bad in [
            "",
            "x",
            "<a>",
            "<a></b>",
            "<a/><b/>",
            "<a/>x",
            "<!DOCTYPE a><a/>",
            "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>",
            "<a><!-- --></a>",
            "<a><?b c?></a>",
            "<a><![CDATA[b]]></a>",
            "<a>]]></a>",
            "<a>&b;</a>",
            "<a>&#0;</a>",
            "<a>&#xD800;</a>",
            "<a b=1/>",
            "<a b=\"<\"/>",
            "<a b=\"1\" b=\"2\"/>",
            "<a b=\"1\"c=\"2\"/>",
            "<a xmlns:b=\"u\" xmlns:c=\"u\" b:d=\"1\" c:d=\"2\"/>",
            "<b:a/>",
            "<a:b:c xmlns:a=\"u\"/>",
            "<:a/>",
            "<1a/>",
            "<a xmlns:b=\"\"/>",
            "<a xmlns:xml=\"u\"/>",
            "<a>\u{1}</a>",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
        let deep = "<a>".repeat(40) + &"</a>".repeat(40);
        assert!(parse(&deep).is_err());
        let wide = format!("<a>{}</a>", "<b/>".repeat(2_100));
        assert!(parse(&wide).is_err());
        assert!(parse(&format!("<a>{}</a>", " ".repeat(300 * 1024))).is_err());
    }
}
