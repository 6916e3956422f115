//! What is different in two texts, by their structure: order of keys, comments and style do not
//! count. Entries of lists go by their names, documents of Kubernetes by theirs.

mod align;
mod compare;
mod documents;
mod node;
mod patch;

use std::hash::RandomState;

use compare::{Comparison, Difference, Spot};
use documents::pair;
use node::Node;

use crate::access::{AccessError, Path, Reader, Tree, next_tree};
use crate::places::Places;
use crate::source::Place;

/// What happened to a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It is another one.
    Changed,
    /// It stands at another place of its list.
    Moved,
    /// It has another key or name.
    Renamed,
}

/// A value in one of the texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Side {
    /// The number of its document, from 1.
    pub document: usize,
    /// JSON Pointer (RFC 6901).
    pub pointer: String,
    /// As JSON on one line.
    pub json: String,
    /// The text of a string.
    pub text: Option<String>,
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What happened.
    pub kind: Kind,
    /// Group, kind, namespace and name of the document, or its number; none when there is one.
    pub document: Option<String>,
    /// As `config get` reads it.
    pub path: String,
    /// Of what was renamed.
    pub new_path: Option<String>,
    /// In the first text.
    pub old: Option<Side>,
    /// In the second text.
    pub new: Option<Side>,
}

/// What counts.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Lists are compared as sets are: places do not count.
    pub ignores_order: bool,
    /// Values that do not count; a key `*` stands for every key and entry.
    pub ignored: Vec<Path>,
    /// Only the documents of this number, from 1.
    pub document: Option<usize>,
}

/// All differences, document by document in the order of the first text.
///
/// # Errors
/// What is wrong with the first text, or with the second: true stands for the second.
pub fn diff(
    old: &Reader<'_>,
    new: &Reader<'_>,
    options: &Options,
) -> Result<Vec<Change>, (AccessError, bool)> {
    let state = RandomState::new();
    let before = trees(old, options.document).map_err(|error| (error, false))?;
    let after = trees(new, options.document).map_err(|error| (error, true))?;
    let first: Vec<Node<'_>> = before.iter().map(|tree| Node::of(tree, &state)).collect();
    let second: Vec<Node<'_>> = after.iter().map(|tree| Node::of(tree, &state)).collect();
    let (old_places, new_places) = (
        Places::new(old.source.text()),
        Places::new(new.source.text()),
    );
    let skipped = options.document.map_or(0, |number| number - 1);
    let mut changes = Vec::new();
    for pair in pair(&first, &second, &state) {
        let mut comparison = Comparison::new(options, &state);
        match (pair.old, pair.new) {
            (Some(number), Some(place)) => comparison.compare(&first[number], &second[place]),
            (Some(number), None) => comparison.tell(Kind::Removed, Some(&first[number]), None),
            (None, Some(place)) => comparison.tell(Kind::Added, None, Some(&second[place])),
            (None, None) => {}
        }
        let numbers = (pair.old.unwrap_or(0), pair.new.unwrap_or(0));
        changes.extend(comparison.differences.into_iter().map(|difference| {
            let Difference {
                kind,
                path,
                new_path,
                old,
                new,
            } = difference;
            Change {
                kind,
                document: pair.name.clone(),
                path: path.to_string(),
                new_path: new_path.map(|path| path.to_string()),
                old: old.map(|spot| side(&spot, &old_places, skipped + numbers.0 + 1)),
                new: new.map(|spot| side(&spot, &new_places, skipped + numbers.1 + 1)),
            }
        }));
    }
    Ok(changes)
}

/// A JSON Patch (RFC 6902) that makes the first text's value the second's; both have one document,
/// or one that is chosen. Its operations, as a JSON array on one line.
///
/// # Errors
/// As for [`diff`], and when a text has several documents.
pub fn patch(
    old: &Reader<'_>,
    new: &Reader<'_>,
    options: &Options,
) -> Result<String, (AccessError, bool)> {
    let state = RandomState::new();
    let before = only(old, options.document).map_err(|error| (error, false))?;
    let after = only(new, options.document).map_err(|error| (error, true))?;
    let operations = patch::patch(
        &Node::of(&before, &state),
        &Node::of(&after, &state),
        &state,
    );
    Ok(serde_json::Value::Array(operations).to_string())
}

fn only(reader: &Reader<'_>, document: Option<usize>) -> Result<Tree, AccessError> {
    let mut trees = trees(reader, document)?;
    if trees.len() > 1 {
        return Err(AccessError::request(
            "a patch is of one document: choose it with --document",
        ));
    }
    // A text without a document is null.
    Ok(trees.pop().unwrap_or_default())
}

fn trees(reader: &Reader<'_>, document: Option<usize>) -> Result<Vec<Tree>, AccessError> {
    let mut place = Place::default();
    let mut trees = Vec::new();
    let mut count = 0;
    while let Some(tree) = next_tree(reader, &mut place)? {
        count += 1;
        if document.is_none_or(|wanted| wanted == count) {
            trees.push(tree);
        }
    }
    match document {
        Some(number) if trees.is_empty() => Err(AccessError::NoDocument { number, count }),
        _ => Ok(trees),
    }
}

fn side(spot: &Spot<'_>, places: &Places<'_>, document: usize) -> Side {
    let place = places.of(spot.at);
    let number = |value: u32| usize::try_from(value).unwrap_or(usize::MAX);
    Side {
        document,
        pointer: spot.pointer.clone(),
        json: spot.value.to_string(),
        text: spot.value.as_str().map(ToOwned::to_owned),
        line: number(place.line),
        column: number(place.column),
    }
}
