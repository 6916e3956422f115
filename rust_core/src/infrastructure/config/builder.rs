//! The sink that makes Python objects of events, with no tree between.

use std::collections::HashMap;

use config::{
    Event, EventSink, Integer, Properties, Resolved, ScalarStyle, Schema, Span, resolve, timestamp,
};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyList};

use super::fault::Fault;
use super::keys::frozen;
use super::mappings::{check_merge, insert, merged, shortened};
use super::numbers::{date, large_integer};
use super::options::{MergeKeys, Options, Timestamps};
use super::positions::Positions;
use super::tags::{self, ScalarTag};
use super::texts::Texts;

/// Events between two looks for Ctrl-C.
const SIGNAL_EVENTS: u32 = 4_096;

pub(super) enum Kind<'py> {
    Mapping {
        dict: Bound<'py, PyDict>,
        key: Option<Bound<'py, PyAny>>,
        /// Where the last key stands.
        key_start: usize,
        /// What `<<` brings; nothing for nearly all mappings.
        merges: Vec<Bound<'py, PyAny>>,
        /// The value to come belongs to `<<`.
        is_merging: bool,
    },
    /// Its entries are at the end of the builder's values.
    Sequence { first: usize },
}

/// What a collection needs at its end.
struct Named {
    anchor: Option<(String, u64)>,
    tag: Option<String>,
    nodes_before: u64,
}

pub(super) struct Frame<'py> {
    pub(super) kind: Kind<'py>,
    /// None for those without anchor and tag.
    named: Option<Box<Named>>,
    /// Where it starts.
    start: usize,
    /// The place of the key before its value, when places are wanted.
    pub(super) key_place: (usize, usize),
}

enum Anchor<'py> {
    /// The collection of this number is not complete.
    Open(u64),
    Ready {
        value: Bound<'py, PyAny>,
        nodes: u64,
    },
}

pub(super) struct Builder<'py, 'a> {
    py: Python<'py>,
    options: &'a Options,
    texts: &'a mut Texts,
    pub(super) frames: Vec<Frame<'py>>,
    pub(super) values: Vec<Bound<'py, PyAny>>,
    anchors: HashMap<String, Anchor<'py>>,
    anchor_count: u64,
    nodes: u64,
    expanded_nodes: u64,
    events: u32,
    has_document: bool,
    /// The document's value, when it is complete.
    root: Option<Bound<'py, PyAny>>,
    pub(super) positions: Option<Positions<'py, 'a>>,
}

impl<'py, 'a> Builder<'py, 'a> {
    pub(super) fn new(py: Python<'py>, options: &'a Options, texts: &'a mut Texts) -> Self {
        Self {
            py,
            options,
            texts,
            frames: Vec::new(),
            values: Vec::new(),
            anchors: HashMap::new(),
            anchor_count: 0,
            nodes: 0,
            expanded_nodes: 0,
            events: 0,
            has_document: false,
            root: None,
            positions: None,
        }
    }

    /// The document's value; None of Python when there was none.
    pub(super) fn into_value(self) -> Bound<'py, PyAny> {
        self.root
            .unwrap_or_else(|| self.py.None().into_bound(self.py))
    }

    fn is_key(&self) -> bool {
        matches!(
            self.frames.last(),
            Some(Frame {
                kind: Kind::Mapping {
                    key: None,
                    is_merging: false,
                    ..
                },
                ..
            })
        )
    }

    /// Puts a complete node where it belongs.
    #[inline]
    fn put(&mut self, value: Bound<'py, PyAny>, span: Span) -> Result<(), Fault> {
        match self.frames.last_mut().map(|frame| &mut frame.kind) {
            Some(Kind::Sequence { .. }) => self.values.push(value),
            Some(Kind::Mapping {
                dict,
                key,
                key_start,
                merges,
                is_merging,
            }) => {
                if *is_merging {
                    *is_merging = false;
                    check_merge(&value, span)?;
                    merges.push(value);
                } else if let Some(key) = key.take() {
                    insert(dict, key, value, self.options.duplicate_keys, *key_start)?;
                } else {
                    *key = Some(value);
                    *key_start = span.start;
                }
            }
            None => self.root = Some(value),
        }
        Ok(())
    }

    /// A collection that is complete; as a key it cannot stay as it is.
    fn put_collection(&mut self, value: Bound<'py, PyAny>, span: Span) -> Result<(), Fault> {
        if !self.is_key() {
            return self.put(value, span);
        }
        let too_deep = || Fault::new("a key is nested deeper than 100".to_owned(), span);
        let key = frozen(value)?.ok_or_else(too_deep)?;
        self.put(key, span)
    }

    #[inline]
    fn scalar(
        &mut self,
        value: &str,
        properties: &Properties<'_>,
        style: ScalarStyle,
        span: Span,
    ) -> Result<(), Fault> {
        self.nodes += 1;
        if !properties.is_empty() {
            return self.named_scalar(value, properties, style, span);
        }
        let made = if style == ScalarStyle::Plain {
            if value == "<<" && self.start_merge() {
                return Ok(());
            }
            self.plain(value, span)?
        } else {
            self.texts.get(self.py, value).into_any()
        };
        self.put(made, span)
    }

    /// Whether the `<<` that was read is a merge key.
    fn start_merge(&mut self) -> bool {
        let is_merge = self.options.merge_keys == MergeKeys::Apply && self.is_key();
        if is_merge
            && let Some(Frame {
                kind: Kind::Mapping { is_merging, .. },
                ..
            }) = self.frames.last_mut()
        {
            *is_merging = true;
        }
        is_merge
    }

    #[inline]
    fn plain(&mut self, value: &str, span: Span) -> Result<Bound<'py, PyAny>, Fault> {
        match resolve(value, self.options.schema) {
            Resolved::Text => self.plain_text(value, span),
            resolved => self.meaning(value, resolved, span),
        }
    }

    #[inline]
    fn plain_text(&mut self, value: &str, span: Span) -> Result<Bound<'py, PyAny>, Fault> {
        if self.options.schema == Schema::Json {
            return Err(Fault::with_hint(
                format!("`{}` is no value of the JSON schema", shortened(value)),
                "write text in quotes",
                span,
            ));
        }
        if self.options.timestamps == Timestamps::Datetime
            && let Some(found) = timestamp(value)
        {
            return Ok(date(self.py, &found)?);
        }
        Ok(self.texts.get(self.py, value).into_any())
    }

    fn meaning(
        &mut self,
        text: &str,
        resolved: Resolved<'_>,
        span: Span,
    ) -> Result<Bound<'py, PyAny>, Fault> {
        let py = self.py;
        Ok(match resolved {
            Resolved::Null => py.None().into_bound(py),
            Resolved::Bool(value) => PyBool::new(py, value).to_owned().into_any(),
            Resolved::Integer(Integer::Small(value)) => {
                value.into_pyobject(py).map_err(PyErr::from)?.into_any()
            }
            Resolved::Integer(Integer::Large {
                is_negative,
                radix,
                digits,
            }) => {
                let most = self.options.integer_digits;
                let made = large_integer(py, is_negative, radix, digits, most)?;
                made.ok_or_else(|| {
                    Fault::new(
                        format!("integer is longer than {most} digits (limit integer_digits)"),
                        span,
                    )
                })?
            }
            Resolved::Float(value) => PyFloat::new(py, value).into_any(),
            Resolved::Timestamp(value) if self.options.timestamps == Timestamps::Datetime => {
                date(py, &value)?
            }
            Resolved::Timestamp(_) | Resolved::Text => self.texts.get(py, text).into_any(),
        })
    }

    fn named_scalar(
        &mut self,
        value: &str,
        properties: &Properties<'_>,
        style: ScalarStyle,
        span: Span,
    ) -> Result<(), Fault> {
        let mut is_merge = false;
        let made = match &properties.tag {
            None if style == ScalarStyle::Plain && value == "<<" && self.start_merge() => {
                is_merge = true;
                self.texts.get(self.py, value).into_any()
            }
            None if style == ScalarStyle::Plain => self.plain(value, span)?,
            None => self.texts.get(self.py, value).into_any(),
            Some(tag) => {
                let tag = tags::scalar(tag, value, self.options, span)?;
                is_merge = matches!(tag, ScalarTag::Merge) && self.start_merge();
                match tag {
                    ScalarTag::Merge | ScalarTag::Text => self.texts.get(self.py, value).into_any(),
                    ScalarTag::Meaning(resolved) => self.meaning(value, resolved, span)?,
                    ScalarTag::Bytes => tags::bytes(self.py, value, span)?,
                    ScalarTag::Date(found) => date(self.py, &found)?,
                    ScalarTag::Kept(name) => {
                        let text = self.texts.get(self.py, value).into_any();
                        tags::tagged(self.py, &name, &text)?
                    }
                }
            }
        };
        if let Some(name) = properties.anchor {
            let value = made.clone();
            self.anchors
                .insert(name.to_owned(), Anchor::Ready { value, nodes: 1 });
        }
        if is_merge {
            return Ok(());
        }
        self.put(made, span)
    }

    #[inline]
    fn start(&mut self, kind: Kind<'py>, properties: &Properties<'_>, span: Span) {
        let named = if properties.is_empty() {
            None
        } else {
            let anchor = properties.anchor.map(|name| {
                self.anchor_count += 1;
                let open = Anchor::Open(self.anchor_count);
                self.anchors.insert(name.to_owned(), open);
                (name.to_owned(), self.anchor_count)
            });
            Some(Box::new(Named {
                anchor,
                tag: properties.tag.map(|tag| tag.resolved().into_owned()),
                nodes_before: self.nodes,
            }))
        };
        self.nodes += 1;
        self.frames.push(Frame {
            kind,
            named,
            start: span.start,
            key_place: (0, 0),
        });
    }

    #[inline]
    fn end(&mut self) -> Result<(), Fault> {
        let Some(frame) = self.frames.pop() else {
            return Ok(());
        };
        let value = match frame.kind {
            Kind::Sequence { first } => {
                let list = PyList::new(self.py, self.values.drain(first..))?;
                list.into_any()
            }
            Kind::Mapping { dict, merges, .. } if merges.is_empty() => dict.into_any(),
            Kind::Mapping { dict, merges, .. } => merged(&dict, &merges)?.into_any(),
        };
        let span = Span {
            start: frame.start,
            end: frame.start,
        };
        match frame.named {
            None => self.put_collection(value, span),
            Some(named) => self.end_named(value, *named, span),
        }
    }

    fn end_named(
        &mut self,
        mut value: Bound<'py, PyAny>,
        named: Named,
        span: Span,
    ) -> Result<(), Fault> {
        if let Some(tag) = &named.tag {
            value = tags::collection(value, tag, self.options, span)?;
        }
        if let Some((name, number)) = named.anchor
            && let Some(anchor) = self.anchors.get_mut(&name)
            // The name may stand for a node inside by now.
            && matches!(anchor, Anchor::Open(open) if *open == number)
        {
            let nodes = self.nodes - named.nodes_before;
            *anchor = Anchor::Ready {
                value: value.clone(),
                nodes,
            };
        }
        self.put_collection(value, span)
    }

    fn alias(&mut self, name: &str, span: Span) -> Result<(), Fault> {
        let (value, nodes) = if let Some(Anchor::Ready { value, nodes }) = self.anchors.get(name) {
            (value.clone(), *nodes)
        } else {
            let message = format!("alias `*{name}` stands inside what it names");
            return Err(Fault::with_hint(
                message,
                "a value cannot contain itself",
                span,
            ));
        };
        self.nodes = self.nodes.saturating_add(nodes);
        self.expanded_nodes = self.expanded_nodes.saturating_add(nodes);
        if self.expanded_nodes > self.options.alias_nodes {
            let limit = self.options.alias_nodes;
            return Err(Fault::with_hint(
                format!("aliases stand for more than {limit} nodes (limit alias_nodes)"),
                "raise the limit if the input is to be trusted",
                span,
            ));
        }
        self.put_collection(value, span)
    }

    fn document_start(&mut self, span: Span) -> Result<(), Fault> {
        if self.has_document {
            return Err(Fault::with_hint(
                "a second document".to_owned(),
                "read a stream of several with `parse_yaml_all`",
                span,
            ));
        }
        self.has_document = true;
        Ok(())
    }
}

impl EventSink for Builder<'_, '_> {
    type Error = Fault;

    #[inline]
    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), Fault> {
        self.events += 1;
        if self.events == SIGNAL_EVENTS {
            self.events = 0;
            self.py.check_signals()?;
        }
        if self.positions.is_some() {
            self.note_position(&event, span)?;
        }
        match event {
            Event::Scalar {
                value,
                properties,
                style,
            } => self.scalar(&value, &properties, style, span),
            Event::MappingStart { properties, .. } => {
                let dict = PyDict::new(self.py);
                let kind = Kind::Mapping {
                    dict,
                    key: None,
                    key_start: span.start,
                    merges: Vec::new(),
                    is_merging: false,
                };
                self.start(kind, &properties, span);
                Ok(())
            }
            Event::SequenceStart { properties, .. } => {
                let first = self.values.len();
                self.start(Kind::Sequence { first }, &properties, span);
                Ok(())
            }
            Event::MappingEnd | Event::SequenceEnd => self.end(),
            Event::Alias { name } => self.alias(name, span),
            Event::DocumentStart { .. } => self.document_start(span),
            _ => Ok(()),
        }
    }
}
