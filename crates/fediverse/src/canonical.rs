//! One text for one graph (URDNA2015): triples sorted, unnamed things named by what is said about them.

use std::collections::BTreeMap;

use crate::digest;
use crate::linked_data::{Node, Triple};
use crate::{Error, Result};

/// Steps of the search that orders like-looking nodes; honest documents need a few hundred.
const MAX_STEPS: usize = 20_000;
const MAX_RECURSION: usize = 40;

/// The canonical N-Quads of a graph.
pub(crate) fn canonicalize(triples: &[Triple]) -> Result<String> {
    let mut state = State {
        triples,
        about: BTreeMap::new(),
        first: BTreeMap::new(),
        names: Names::new("c14n"),
        steps: 0,
    };
    for (index, triple) in triples.iter().enumerate() {
        for node in [&triple.subject, &triple.object] {
            if let Node::Blank(blank) = node {
                let list = state.about.entry(*blank).or_default();
                if list.last() != Some(&index) {
                    list.push(index);
                }
            }
        }
    }
    state.name_all()?;
    let mut lines: Vec<String> = triples
        .iter()
        .map(|triple| line(triple, &|blank| state.names.name(blank)))
        .collect();
    lines.sort_unstable();
    Ok(lines.concat())
}

struct State<'a> {
    triples: &'a [Triple],
    /// Which triples speak of a blank node.
    about: BTreeMap<usize, Vec<usize>>,
    /// Hash of what is said about a blank node, other blank nodes unnamed.
    first: BTreeMap<usize, String>,
    names: Names,
    steps: usize,
}

/// Names given out in order.
#[derive(Clone)]
struct Names {
    prefix: &'static str,
    order: Vec<usize>,
}

impl Names {
    fn new(prefix: &'static str) -> Self {
        Self {
            prefix,
            order: Vec::new(),
        }
    }

    fn get(&self, blank: usize) -> Option<String> {
        let position = self.order.iter().position(|known| *known == blank)?;
        Some(format!("_:{}{position}", self.prefix))
    }

    fn name(&self, blank: usize) -> String {
        self.get(blank).unwrap_or_default()
    }

    fn give(&mut self, blank: usize) -> String {
        if !self.order.contains(&blank) {
            self.order.push(blank);
        }
        self.name(blank)
    }
}

impl State<'_> {
    fn name_all(&mut self) -> Result<()> {
        let mut by_hash: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        let blanks: Vec<usize> = self.about.keys().copied().collect();
        for blank in blanks {
            let hash = self.first_hash(blank);
            self.first.insert(blank, hash.clone());
            by_hash.entry(hash).or_default().push(blank);
        }
        for blanks in by_hash.values() {
            if let [single] = blanks.as_slice() {
                self.names.give(*single);
            }
        }
        for blanks in by_hash.into_values().filter(|blanks| blanks.len() > 1) {
            self.name_alike(&blanks)?;
        }
        Ok(())
    }

    fn name_alike(&mut self, blanks: &[usize]) -> Result<()> {
        let mut results = Vec::new();
        for blank in blanks {
            if self.names.get(*blank).is_none() {
                let mut names = Names::new("b");
                names.give(*blank);
                results.push(self.deep_hash(*blank, names, 0)?);
            }
        }
        results.sort_by(|left, right| left.0.cmp(&right.0));
        for (_, names) in results {
            for blank in names.order {
                self.names.give(blank);
            }
        }
        Ok(())
    }

    fn first_hash(&self, blank: usize) -> String {
        let name = |other: usize| {
            if other == blank {
                "_:a".to_owned()
            } else {
                "_:z".to_owned()
            }
        };
        let mut lines: Vec<String> = self
            .said_about(blank)
            .map(|triple| line(triple, &name))
            .collect();
        lines.sort_unstable();
        hash(&lines.concat())
    }

    fn said_about(&self, blank: usize) -> impl Iterator<Item = &Triple> {
        self.about
            .get(&blank)
            .into_iter()
            .flatten()
            .filter_map(|index| self.triples.get(*index))
    }

    /// Hash of a node by its neighbours, with the names that the shortest description gives them.
    fn deep_hash(
        &mut self,
        blank: usize,
        mut names: Names,
        depth: usize,
    ) -> Result<(String, Names)> {
        if depth > MAX_RECURSION {
            return Err(too_tangled());
        }
        let mut data = String::new();
        for (hash, neighbours) in self.neighbours(blank, &names) {
            data.push_str(&hash);
            let mut best: Option<(String, Names)> = None;
            let mut order = neighbours;
            order.sort_unstable();
            loop {
                self.step()?;
                if let Some(candidate) = self.describe(&order, &names, best.as_ref(), depth)? {
                    best = Some(candidate);
                }
                if !next_permutation(&mut order) {
                    break;
                }
            }
            if let Some((path, chosen)) = best {
                data.push_str(&path);
                names = chosen;
            }
        }
        Ok((hash(&data), names))
    }

    fn neighbours(&self, blank: usize, names: &Names) -> BTreeMap<String, Vec<usize>> {
        let mut found: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for triple in self.said_about(blank) {
            for (node, position) in [(&triple.subject, "s"), (&triple.object, "o")] {
                let Node::Blank(other) = node else { continue };
                if *other == blank {
                    continue;
                }
                let name = self.names.get(*other).or_else(|| names.get(*other));
                let name = name
                    .or_else(|| self.first.get(other).cloned())
                    .unwrap_or_default();
                let key = hash(&format!("{position}<{}>{name}", triple.predicate));
                found.entry(key).or_default().push(*other);
            }
        }
        found
    }

    /// The path that one order of the neighbours gives, or `None` once it cannot beat the best.
    fn describe(
        &mut self,
        order: &[usize],
        names: &Names,
        best: Option<&(String, Names)>,
        depth: usize,
    ) -> Result<Option<(String, Names)>> {
        let worse = |path: &str| {
            best.is_some_and(|(best, _)| path.len() >= best.len() && path > best.as_str())
        };
        let mut names = names.clone();
        let mut path = String::new();
        let mut unnamed = Vec::new();
        for other in order {
            self.step()?;
            match self.names.get(*other) {
                Some(name) => path.push_str(&name),
                None => {
                    if names.get(*other).is_none() {
                        unnamed.push(*other);
                    }
                    path.push_str(&names.give(*other));
                }
            }
            if worse(&path) {
                return Ok(None);
            }
        }
        for other in unnamed {
            let (hash, deeper) = self.deep_hash(other, names.clone(), depth + 1)?;
            path.push_str(&names.give(other));
            path.push_str(&format!("<{hash}>"));
            names = deeper;
            if worse(&path) {
                return Ok(None);
            }
        }
        let better = best.is_none_or(|(best, _)| path < *best);
        Ok(better.then_some((path, names)))
    }

    fn step(&mut self) -> Result<()> {
        self.steps += 1;
        if self.steps > MAX_STEPS {
            Err(too_tangled())
        } else {
            Ok(())
        }
    }
}

fn too_tangled() -> Error {
    Error::invalid("document", "too tangled to check its signature")
}

fn next_permutation(order: &mut [usize]) -> bool {
    let pair = |order: &[usize], index: usize| Some((*order.get(index)?, *order.get(index + 1)?));
    let last = order.len().saturating_sub(1);
    let Some(pivot) = (0..last)
        .rev()
        .find(|index| pair(order, *index).is_some_and(|(left, right)| left < right))
    else {
        return false;
    };
    let value = order.get(pivot).copied();
    let Some(successor) = (0..order.len())
        .rev()
        .find(|index| order.get(*index).copied() > value)
    else {
        return false;
    };
    order.swap(pivot, successor);
    if let Some(tail) = order.get_mut(pivot + 1..) {
        tail.reverse();
    }
    true
}

fn hash(text: &str) -> String {
    hex(&digest::sha256(text.as_bytes()))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn line(triple: &Triple, name: &dyn Fn(usize) -> String) -> String {
    format!(
        "{} <{}> {} .\n",
        written(&triple.subject, name),
        triple.predicate,
        written(&triple.object, name)
    )
}

fn written(node: &Node, name: &dyn Fn(usize) -> String) -> String {
    match node {
        Node::Iri(iri) => format!("<{iri}>"),
        Node::Blank(blank) => name(*blank),
        Node::Literal {
            text,
            datatype,
            language,
        } => {
            let text = escape(text);
            match (language, datatype) {
                (Some(language), _) => format!("\"{text}\"@{language}"),
                (None, Some(datatype)) => format!("\"{text}\"^^<{datatype}>"),
                (None, None) => format!("\"{text}\""),
            }
        }
    }
}

pub(crate) fn escape(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
        .replace('\r', "\\r")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blank(subject: usize, predicate: &str, object: usize) -> Triple {
        Triple {
            subject: Node::Blank(subject),
            predicate: format!("urn:{predicate}"),
            object: Node::Blank(object),
        }
    }

    fn text(subject: usize, value: &str) -> Triple {
        let object = Node::Literal {
            text: value.to_owned(),
            datatype: None,
            language: None,
        };
        Triple {
            subject: Node::Blank(subject),
            predicate: "urn:name".to_owned(),
            object,
        }
    }

    #[test]
    fn the_names_and_order_of_blank_nodes_do_not_matter() {
        let one = [
            blank(1, "a", 2),
            blank(1, "a", 3),
            blank(2, "b", 4),
            blank(3, "b", 5),
            text(4, "x"),
            text(5, "y"),
        ];
        let other = [
            text(11, "y"),
            blank(14, "b", 12),
            text(12, "x"),
            blank(13, "b", 11),
            blank(10, "a", 13),
            blank(10, "a", 14),
        ];
        assert_eq!(canonicalize(&one).unwrap(), canonicalize(&other).unwrap());
        let different = [
            blank(1, "a", 2),
            blank(1, "a", 3),
            blank(2, "b", 4),
            blank(3, "b", 4),
            text(4, "x"),
            text(5, "y"),
        ];
        assert_ne!(
            canonicalize(&one).unwrap(),
            canonicalize(&different).unwrap()
        );
    }

    #[test]
    fn like_nodes_are_told_apart_by_their_neighbours() {
        let ring = |from: usize| {
            [
                blank(from, "a", from + 1),
                blank(from + 1, "a", from + 2),
                blank(from + 2, "a", from),
            ]
        };
        let lines = canonicalize(&ring(1)).unwrap();
        assert_eq!(lines, canonicalize(&ring(7)).unwrap());
        assert!(
            lines.contains("_:c14n0") && lines.contains("_:c14n2") && !lines.contains("_:c14n3")
        );
    }

    #[test]
    fn a_graph_made_to_take_for_ever_is_given_up() {
        let mut triples = Vec::new();
        for left in 0..14 {
            for right in 0..14 {
                if left != right {
                    triples.push(blank(left, "a", right));
                }
            }
        }
        assert!(canonicalize(&triples).is_err());
        let chain: Vec<_> = (0..3_000)
            .map(|index| blank(index, "a", index + 1))
            .collect();
        assert!(canonicalize(&chain).is_err());
    }

    #[test]
    fn texts_are_escaped() {
        assert_eq!(
            canonicalize(&[text(1, "a\"b\\c\nd\re\tf")]).unwrap(),
            "_:c14n0 <urn:name> \"a\\\"b\\\\c\\nd\\re\tf\" .\n"
        );
    }
}
