//! JSONPath (RFC 9535) and JSON Pointer over all documents of a text.

use std::collections::HashMap;
use std::fmt::Write;

use serde_json::Value;
use serde_json_path::{JsonPath, NormalizedPath, PathElement};

use super::error::AccessError;
use super::print::{schema_of, untreelike};
use super::reader::{Format, Reader};
use super::tree::{Mark, Tree, TreeBuilder};
use crate::Place;

/// The reader of expressions recurses over brackets.
const MOST_BRACKETS: usize = 64;
const MOST_BYTES: usize = 64 << 10;

/// One result of a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The number of its document, from one.
    pub document: usize,
    /// Its normalized path (RFC 9535, section 2.7).
    pub path: String,
    /// The value as JSON on one line.
    pub json: String,
    /// The text of a string.
    pub text: Option<String>,
    /// From one.
    pub line: usize,
    /// In characters, from one.
    pub column: usize,
}

enum Query {
    Path(Box<JsonPath>),
    Pointer(String),
}

/// All values that a JSONPath expression, or a JSON Pointer, selects, in the order of the documents
/// and of the expression.
///
/// # Errors
/// [`AccessError::Query`] for an expression that is none, and all that is wrong with the text.
pub fn query(
    reader: &Reader<'_>,
    expression: &str,
    document: Option<usize>,
) -> Result<Vec<Hit>, AccessError> {
    let query = read(expression)?;
    let mut place = Place::default();
    let mut hits = Vec::new();
    let mut number = 0;
    let mut lines = Lines::default();
    while let Some(tree) = next_tree(reader, &mut place)? {
        number += 1;
        if document.is_none_or(|wanted| wanted == number) {
            let found = select(&query, &tree.value);
            hits.extend(in_tree(reader, &tree, found, number, &mut lines));
        }
    }
    match document {
        Some(wanted) if wanted > number || wanted == 0 => Err(AccessError::NoDocument {
            number: wanted,
            count: number,
        }),
        _ => Ok(hits),
    }
}

/// The next document as a tree; none when there is none left.
pub(crate) fn next_tree(
    reader: &Reader<'_>,
    place: &mut Place,
) -> Result<Option<Tree>, AccessError> {
    let schema = schema_of(reader.format);
    let mut builder = TreeBuilder::new(schema, reader.merge_keys, reader.limits.depth);
    let limits = &reader.limits;
    let next = match reader.format {
        Format::Yaml => reader.source.next_document(place, limits, &mut builder),
        Format::Json if place.offset() > 0 => Ok(false),
        Format::Json => reader.source.parse_json(limits, &mut builder).map(|()| {
            *place = Place::end(reader.source.text().len());
            true
        }),
    };
    let has_document = next.map_err(|error| untreelike(reader, error))?;
    Ok(has_document.then(|| builder.result.unwrap_or_default()))
}

fn read(expression: &str) -> Result<Query, AccessError> {
    let fail = |column, problem: String| Err(AccessError::Query { column, problem });
    if expression.is_empty() || expression.starts_with('/') {
        super::path::Path::parse(expression)?;
        return Ok(Query::Pointer(expression.to_owned()));
    }
    if expression.len() > MOST_BYTES {
        return fail(1, format!("longer than {MOST_BYTES} bytes"));
    }
    let mut open = 0_usize;
    for (number, character) in expression.chars().enumerate() {
        match character {
            '(' | '[' | '!' => open += 1,
            ')' | ']' => open = open.saturating_sub(1),
            _ => {}
        }
        if open > MOST_BRACKETS {
            return fail(
                number + 1,
                format!("more than {MOST_BRACKETS} open brackets"),
            );
        }
    }
    match JsonPath::parse(expression) {
        Ok(path) => Ok(Query::Path(Box::new(path))),
        Err(error) => {
            let problem = match error.message() {
                "parser error" => "expected JSONPath such as `$.a[0]`, or a JSON Pointer `/a/0`",
                other => other,
            };
            fail(error.position() + 1, problem.to_owned())
        }
    }
}

/// The values selected, with their normalized paths.
fn select<'t>(query: &Query, root: &'t Value) -> Vec<(String, &'t Value)> {
    match query {
        Query::Path(path) => path
            .query_located(root)
            .into_iter()
            .map(|found| (path_of(found.location()), found.node()))
            .collect(),
        Query::Pointer(pointer) => root
            .pointer(pointer)
            .map(|value| (normalized(root, pointer), value))
            .into_iter()
            .collect(),
    }
}

/// As section 2.7 writes it, with its escapes.
fn path_of(location: &NormalizedPath<'_>) -> String {
    let mut path = String::from("$");
    for element in location.iter() {
        match element {
            PathElement::Name(name) => push_name(&mut path, name),
            PathElement::Index(index) => {
                // A String takes everything.
                let _ = write!(path, "[{index}]");
            }
        }
    }
    path
}

/// The normalized path of a pointer that has a value.
fn normalized(root: &Value, pointer: &str) -> String {
    let mut path = String::from("$");
    let mut value = Some(root);
    for token in pointer.split('/').skip(1) {
        let key = token.replace("~1", "/").replace("~0", "~");
        value = match value {
            Some(Value::Array(entries)) => {
                // A String takes everything.
                let _ = write!(path, "[{key}]");
                key.parse().ok().and_then(|index: usize| entries.get(index))
            }
            Some(Value::Object(entries)) => {
                push_name(&mut path, &key);
                entries.get(&key)
            }
            _ => None,
        };
    }
    path
}

/// A name as section 2.7 writes it.
fn push_name(path: &mut String, name: &str) {
    path.push_str("['");
    for character in name.chars() {
        match character {
            '\'' => path.push_str("\\'"),
            '\\' => path.push_str("\\\\"),
            '\n' => path.push_str("\\n"),
            '\r' => path.push_str("\\r"),
            '\t' => path.push_str("\\t"),
            '\u{8}' => path.push_str("\\b"),
            '\u{C}' => path.push_str("\\f"),
            control if control < ' ' => {
                let _ = write!(path, "\\u{:04x}", u32::from(control));
            }
            _ => path.push(character),
        }
    }
    path.push_str("']");
}

fn in_tree(
    reader: &Reader<'_>,
    tree: &Tree,
    found: Vec<(String, &Value)>,
    document: usize,
    lines: &mut Lines,
) -> Vec<Hit> {
    let places = places(tree, &found);
    let text = reader.source.text();
    let mut by_place: Vec<usize> = (0..found.len()).collect();
    by_place.sort_by_key(|number| places[*number]);
    let mut positions = vec![(0, 0); found.len()];
    for number in by_place {
        positions[number] = lines.position(text, places[number]);
    }
    found
        .into_iter()
        .zip(positions)
        .map(|((path, value), (line, column))| Hit {
            document,
            path,
            json: value.to_string(),
            text: value.as_str().map(ToOwned::to_owned),
            line,
            column,
        })
        .collect()
}

/// The offset of each value found: its node is known by its address in the tree.
fn places(tree: &Tree, found: &[(String, &Value)]) -> Vec<usize> {
    let address = |value: &Value| std::ptr::from_ref(value).addr();
    let mut wanted: HashMap<usize, usize> =
        found.iter().map(|(_, value)| (address(value), 0)).collect();
    let mut left: Vec<(&Value, &Mark)> = vec![(&tree.value, &tree.mark)];
    while let Some((value, mark)) = left.pop() {
        if let Some(place) = wanted.get_mut(&address(value)) {
            *place = mark.at;
        }
        match value {
            Value::Array(entries) => left.extend(entries.iter().zip(&mark.inner)),
            Value::Object(entries) => left.extend(entries.values().zip(&mark.inner)),
            _ => {}
        }
    }
    let place = |value: &Value| wanted.get(&address(value)).copied();
    found
        .iter()
        .map(|(_, value)| place(value).unwrap_or(0))
        .collect()
}

/// Lines and columns of offsets that mostly grow, without a walk from the start for each.
#[derive(Default)]
struct Lines {
    at: usize,
    line: usize,
    column: usize,
}

impl Lines {
    fn position(&mut self, text: &str, at: usize) -> (usize, usize) {
        if at < self.at {
            *self = Self::default();
        }
        let bytes = text.as_bytes();
        let mut from = self.at;
        for offset in memchr::memchr2_iter(b'\n', b'\r', &bytes[self.at..at]) {
            let end = self.at + offset;
            if bytes[end] == b'\n' || bytes.get(end + 1) != Some(&b'\n') {
                self.line += 1;
                self.column = 0;
                from = end + 1;
            }
        }
        self.column += text[from..at].chars().count();
        self.at = at;
        (self.line + 1, self.column + 1)
    }
}
