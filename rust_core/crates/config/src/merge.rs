//! Texts over one another: mappings deeply, lists as wanted, with comments and style of both.
//!
//! Recursion is as deep as the collections, which the limit of depth bounds, aliases included.

mod aliases;
mod nodes;

use std::sync::atomic::AtomicBool;

use thiserror::Error;

use crate::check::{Problem, Rules, check_bytes};
use crate::fmt::builder::Builder;
use crate::fmt::node::{Document, Stream};
use crate::fmt::print::{line_of, print};
use crate::fmt::{Language, Style, format};
use crate::limits::Limits;
use crate::source::Source;
use aliases::expand;
use nodes::{Merger, blockify, identity};

/// What becomes of a list that both have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lists {
    /// The overlay's stands in its place.
    #[default]
    Replace,
    /// The overlay's entries come behind.
    Append,
    /// Those of the overlay's entries that are not there yet come behind.
    Union,
    /// Entries with the same `name`, `id` or `key` are merged, others come behind; lists without
    /// such entries are replaced.
    Match,
}

/// What a null of an overlay does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Nulls {
    /// It is a value.
    #[default]
    Keep,
    /// The key goes (RFC 7396).
    Delete,
}

/// How texts are merged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Strategy {
    /// Of all lists.
    pub lists: Lists,
    /// Of all overlays.
    pub nulls: Nulls,
    /// Of the result.
    pub style: Style,
}

/// A text to merge.
#[derive(Clone, Copy, Debug)]
pub struct Layer<'b> {
    /// In UTF-8, UTF-16 or UTF-32.
    pub bytes: &'b [u8],
    /// What they are.
    pub language: Language,
}

/// Why there is no result.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum MergeError {
    /// A text is broken or has a key twice.
    #[error("{}", problem.finding.message)]
    Problem {
        /// The number of the text, from 0.
        layer: usize,
        /// What and where.
        problem: Box<Problem>,
    },
    /// YAML has no place in JSON.
    #[error("a YAML text does not go into JSON: convert one of them first")]
    Mixed {
        /// The number of the text, from 0.
        layer: usize,
    },
    /// Aliases stand for too much, in number or in depth.
    #[error("aliases stand for more than {limit} {things} (limit {name})")]
    Aliases {
        /// The number of the text, from 0.
        layer: usize,
        /// Nodes or collections in one another.
        limit: usize,
        /// Which of them.
        things: &'static str,
        /// The limit's name.
        name: &'static str,
    },
    /// The result is no YAML, or has a key twice.
    #[error("the result would not be right, which is a defect: nothing was written")]
    Check,
}

/// Merges the layers from the first to the last, and gives the text in UTF-8.
///
/// Documents of Kubernetes go to those of their group, kind, namespace and name when all documents
/// have these; others are merged in order. What is left of an overlay comes behind.
///
/// # Errors
/// See [`MergeError`].
pub fn merge(
    layers: &[Layer<'_>],
    strategy: Strategy,
    limits: &Limits,
) -> Result<Vec<u8>, MergeError> {
    let Some(first) = layers.first() else {
        return Ok(Vec::new());
    };
    for (number, layer) in layers.iter().enumerate() {
        if first.language == Language::Json && layer.language == Language::Yaml {
            return Err(MergeError::Mixed { layer: number });
        }
        check(number, layer, limits)?;
    }
    let mut sources = Vec::with_capacity(layers.len());
    for layer in layers {
        sources.push(Source::decode(layer.bytes, limits).map_err(|_| MergeError::Check)?);
    }
    let read = |number: usize| {
        let mut builder = Builder::new(sources[number].text());
        builder.keeps_texts = true;
        let parsed = match layers[number].language {
            Language::Yaml => sources[number].parse(limits, &mut builder),
            Language::Json => sources[number].parse_json(limits, &mut builder),
        };
        // The check has let it pass.
        parsed.map_err(|_| MergeError::Check)?;
        Ok(builder.stream)
    };
    let mut base = read(0)?;
    for (number, layer) in layers.iter().enumerate().skip(1) {
        let mut overlay = read(number)?;
        let is_json = layer.language == Language::Json;
        for document in &mut overlay.documents {
            expand(document, limits).map_err(|error| error.of(number))?;
            if is_json && first.language == Language::Yaml {
                document.root.iter_mut().for_each(blockify);
            }
        }
        base = merge_streams(base, &overlay, strategy, limits).map_err(|error| error.of(0))?;
    }
    written(&base, first.language, strategy.style, limits)
}

/// More than aliases may stand for.
pub(crate) struct Excess {
    limit: usize,
    things: &'static str,
    name: &'static str,
}

impl Excess {
    fn of(self, layer: usize) -> MergeError {
        let Self {
            limit,
            things,
            name,
        } = self;
        MergeError::Aliases {
            layer,
            limit,
            things,
            name,
        }
    }
}

fn check(number: usize, layer: &Layer<'_>, limits: &Limits) -> Result<(), MergeError> {
    let rules = Rules {
        limits: *limits,
        alias_nodes: u64::MAX,
        ..Rules::default()
    };
    let name = match layer.language {
        Language::Yaml => "-.yaml",
        Language::Json => "-.json",
    };
    let report = check_bytes(name.into(), layer.bytes, &rules, &AtomicBool::new(false));
    match report.problems.into_iter().next() {
        Some(problem) => Err(MergeError::Problem {
            layer: number,
            problem: Box::new(problem),
        }),
        None => Ok(()),
    }
}

fn merge_streams<'t>(
    mut base: Stream<'t>,
    overlay: &Stream<'t>,
    strategy: Strategy,
    limits: &Limits,
) -> Result<Stream<'t>, Excess> {
    let pairs = pairs(&base.documents, &overlay.documents);
    for (document, place) in overlay.documents.iter().zip(pairs) {
        if let Some(place) = place {
            merge_document(&mut base.documents[place], document, strategy, limits)?;
        } else {
            let mut document = document.clone();
            document.has_start |= !base.documents.is_empty();
            base.documents.push(document);
        }
    }
    Ok(base)
}

fn merge_document<'t>(
    base: &mut Document<'t>,
    overlay: &Document<'t>,
    strategy: Strategy,
    limits: &Limits,
) -> Result<(), Excess> {
    let (Some(root), Some(over)) = (&base.root, &overlay.root) else {
        base.root = base.root.take().or_else(|| overlay.root.clone());
        return Ok(());
    };
    let mut merged = root.clone();
    let merger = Merger {
        strategy,
        has_aliases: true,
    };
    if merger.merge(&mut merged, over.clone()) {
        base.root = Some(merged);
        return Ok(());
    }
    // What an alias stands for changes, and must not change elsewhere.
    expand(base, limits)?;
    let merger = Merger {
        strategy,
        has_aliases: false,
    };
    if let Some(root) = &mut base.root {
        merger.merge(root, over.clone());
    }
    Ok(())
}

/// For each of the overlay's documents the number of the one it goes into.
fn pairs(base: &[Document<'_>], overlay: &[Document<'_>]) -> Vec<Option<usize>> {
    let names = |documents: &[Document<'_>]| -> Option<Vec<String>> {
        let roots = documents
            .iter()
            .filter_map(|document| document.root.as_ref());
        roots.map(identity).collect()
    };
    match (names(base), names(overlay)) {
        (Some(known), Some(wanted)) => wanted
            .iter()
            .map(|name| known.iter().position(|other| other == name))
            .collect(),
        _ => (0..overlay.len())
            .map(|number| Some(number).filter(|number| *number < base.len()))
            .collect(),
    }
}

fn written(
    stream: &Stream<'_>,
    language: Language,
    style: Style,
    limits: &Limits,
) -> Result<Vec<u8>, MergeError> {
    let text = match language {
        Language::Yaml => print(stream, style),
        Language::Json => {
            let roots = stream
                .documents
                .iter()
                .filter_map(|document| document.root.as_ref());
            roots.map(line_of).collect()
        }
    };
    let layer = Layer {
        bytes: text.as_bytes(),
        language,
    };
    check(0, &layer, limits).map_err(|_| MergeError::Check)?;
    format(text.as_bytes(), language, style, limits).map_err(|_| MergeError::Check)
}
