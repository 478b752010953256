//! Exclusive XML Canonicalization 1.0 of an element, without comments: the bytes that are signed.

use super::xml::{Attribute, Child, Element};
use std::collections::{BTreeMap, BTreeSet};

/// `inclusive` are the prefixes of the `PrefixList`, with `#default` as the empty one; `without` is the signature that
/// lies in what it signs.
pub fn canonical(element: &Element, inclusive: &[String], without: Option<&Element>) -> String {
    let mut writer = Writer {
        out: String::new(),
        inclusive,
        without,
    };
    writer.element(element, &BTreeMap::new());
    writer.out
}

struct Writer<'e> {
    out: String,
    inclusive: &'e [String],
    without: Option<&'e Element>,
}

impl<'e> Writer<'e> {
    /// `rendered` are the declarations that stand in the output around the element.
    fn element(&mut self, element: &'e Element, rendered: &BTreeMap<&'e str, &'e str>) {
        if self.without.is_some_and(|it| std::ptr::eq(it, element)) {
            return;
        }
        let name = qualified(&element.prefix, &element.local);
        self.out.push('<');
        self.out.push_str(&name);
        let mut here = rendered.clone();
        for prefix in self.used(element) {
            let uri = element.scope.get(prefix).map_or("", String::as_str);
            if rendered.get(prefix).copied().unwrap_or_default() != uri {
                here.insert(prefix, uri);
                let name = if prefix.is_empty() {
                    "xmlns".to_owned()
                } else {
                    qualified("xmlns", prefix)
                };
                self.attribute(&name, uri);
            }
        }
        let mut attributes: Vec<&Attribute> = element.attributes.iter().collect();
        attributes.sort_by_key(|it| (&it.namespace, &it.local));
        for it in attributes {
            self.attribute(&qualified(&it.prefix, &it.local), &it.value);
        }
        self.out.push('>');
        for child in &element.children {
            match child {
                Child::Element(element) => self.element(element, &here),
                Child::Text(text) => self.text(text),
            }
        }
        self.out.push_str("</");
        self.out.push_str(&name);
        self.out.push('>');
    }

    /// The prefixes that an element and its attributes bear, and those of the list that are in scope.
    fn used(&self, element: &'e Element) -> BTreeSet<&'e str> {
        let of_attributes = element.attributes.iter().map(|it| it.prefix.as_str());
        let mut used: BTreeSet<&str> = of_attributes.filter(|prefix| !prefix.is_empty()).collect();
        used.insert(&element.prefix);
        let listed = self.inclusive.iter();
        used.extend(
            listed
                .map(String::as_str)
                .filter(|it| element.scope.contains_key(*it)),
        );
        used.remove("xml");
        used
    }

    fn attribute(&mut self, name: &str, value: &str) {
        self.out.push(' ');
        self.out.push_str(name);
        self.out.push_str("=\"");
        for c in value.chars() {
            match c {
                '&' => self.out.push_str("&amp;"),
                '<' => self.out.push_str("&lt;"),
                '"' => self.out.push_str("&quot;"),
                '\t' => self.out.push_str("&#x9;"),
                '\n' => self.out.push_str("&#xA;"),
                '\r' => self.out.push_str("&#xD;"),
                c => self.out.push(c),
            }
        }
        self.out.push('"');
    }

    fn text(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '&' => self.out.push_str("&amp;"),
                '<' => self.out.push_str("&lt;"),
                '>' => self.out.push_str("&gt;"),
                '\r' => self.out.push_str("&#xD;"),
                c => self.out.push(c),
            }
        }
    }
}

fn qualified(prefix: &str, local: &str) -> String {
    if prefix.is_empty() {
        local.to_owned()
    } else {
        format!("{prefix}:{local}")
    }
}

#[cfg(test)]
mod tests {
    use super::super::xml::parse;
    use super::*;

    fn inner(text: &str, inclusive: &[&str]) -> String {
        let root = parse(text).unwrap();
        let inclusive: Vec<String> = inclusive.iter().map(|it| (*it).to_owned()).collect();
        let first = root.elements().next().unwrap();
        canonical(first, &inclusive, None)
    }

    /// The example of section 2.2 of the standard: the same bytes wherever the element stands.
    #[test]
    fn the_standards_example() {
        let alone = "<n1:elem2 xmlns:n1=\"http://example.net\" xml:lang=\"en\"><n3:stuff \
                     xmlns:n3=\"ftp://example.org\"></n3:stuff></n1:elem2>";
        let one = "<n0:local xmlns:n0=\"foo:bar\" xmlns:n3=\"ftp://example.org\"><n1:elem2 \
                   xmlns:n1=\"http://example.net\" xml:lang=\"en\"><n3:stuff \
                   xmlns:n3=\"ftp://example.org\"/></n1:elem2></n0:local>";
        let two = "<n2:pdu xmlns:n1=\"http://example.com\" xmlns:n2=\"http://foo.example\" \
                   xml:lang=\"fr\" xml:space=\"retain\"><n1:elem2 xmlns:n1=\"http://example.net\" \
                   xml:lang=\"en\"><n3:stuff xmlns:n3=\"ftp://example.org\"/></n1:elem2></n2:pdu>";
        assert_eq!(inner(one, &[]), alone);
        assert_eq!(inner(two, &[]), alone);
        // A prefix of the list goes along from outside, whether it is used or not.
        let listed = inner(two, &["n2"]);
        assert!(
            listed.starts_with("<n1:elem2 xmlns:n1=\"http://example.net\" xmlns:n2=\"http://foo")
        );
        assert_eq!(listed.matches("xmlns:n2").count(), 1);
    }

    #[test]
    fn the_default_is_written_where_it_changes() {
        let text = "<r><a xmlns=\"urn:a\"><b xmlns=\"\"><c/></b><d/></a></r>";
        assert_eq!(
            inner(text, &[]),
            "<a xmlns=\"urn:a\"><b xmlns=\"\"><c></c></b><d></d></a>"
        );
        assert_eq!(inner("<r><a b=\"1\"/></r>", &[]), "<a b=\"1\"></a>");
    }

    #[test]
    fn order_and_signs_are_those_of_the_standard() {
        let text = "<r><e z='1' xmlns:b='urn:1' xmlns:a='urn:2' a:y='2' b:x='3' c='&#10;&quot;&lt;>&amp;&#13;&#9;'>\
                    &gt;&#13;&amp;\"'</e></r>";
        assert_eq!(
            inner(text, &[]),
            "<e xmlns:a=\"urn:2\" xmlns:b=\"urn:1\" c=\"&#xA;&quot;&lt;>&amp;&#xD;&#x9;\" z=\"1\" b:x=\"3\" \
             a:y=\"2\">&gt;&#xD;&amp;\"'</e>"
        );
    }
}
