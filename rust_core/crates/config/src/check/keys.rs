//! Duplicate keys, aliases without end and cycles, found in the events with no tree built.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::event::{Event, EventSink, Properties, ScalarStyle, Span};
use crate::resolve::{Resolved, Schema, resolve};

/// Mappings up to this size are searched from end to end.
const FEW_KEYS: usize = 24;
const EVENTS_BETWEEN_LOOKS: u32 = 1 << 14;

/// A key that its mapping had before.
pub(super) struct Duplicate {
    pub(super) key: String,
    pub(super) first: usize,
    pub(super) span: Span,
}

/// Why the text was not read to its end.
pub(super) enum Halt {
    Cycle(String, Span),
    TooManyNodes(u64, Span),
    Cancelled,
}

struct Frame {
    is_mapping: bool,
    is_key_next: bool,
    /// Its keys begin here in the list of all.
    first_key: usize,
    /// For large mappings: hash to offset.
    index: Option<HashMap<u64, usize>>,
    anchor: Option<String>,
    nodes_before: u64,
}

/// Counts documents, and finds what is wrong beyond the syntax.
pub(super) struct KeyCheck<'c> {
    pub(super) documents: u64,
    pub(super) duplicates: Vec<Duplicate>,
    cancel: &'c AtomicBool,
    events: u32,
    schema: Schema,
    hasher: RandomState,
    frames: Vec<Frame>,
    /// Hash and offset of the keys of all open mappings.
    keys: Vec<(u64, usize)>,
    anchors: HashMap<String, Option<u64>>,
    nodes: u64,
    expanded: u64,
    alias_limit: u64,
}

impl<'c> KeyCheck<'c> {
    pub(super) fn new(schema: Schema, alias_limit: u64, cancel: &'c AtomicBool) -> Self {
        Self {
            documents: 0,
            duplicates: Vec::new(),
            cancel,
            events: 0,
            schema,
            hasher: RandomState::new(),
            frames: Vec::new(),
            keys: Vec::new(),
            anchors: HashMap::new(),
            nodes: 0,
            expanded: 0,
            alias_limit,
        }
    }

    /// True when the node that begins is a key.
    fn turn(&mut self) -> bool {
        self.nodes += 1;
        match self.frames.last_mut() {
            Some(frame) if frame.is_mapping => {
                frame.is_key_next = !frame.is_key_next;
                !frame.is_key_next
            }
            _ => false,
        }
    }

    fn start(&mut self, is_mapping: bool, properties: &Properties<'_>) {
        let nodes_before = self.nodes;
        self.turn();
        let anchor = properties.anchor.map(ToOwned::to_owned);
        if let Some(name) = &anchor {
            self.anchors.insert(name.clone(), None);
        }
        self.frames.push(Frame {
            is_mapping,
            is_key_next: true,
            first_key: self.keys.len(),
            index: None,
            anchor,
            nodes_before,
        });
    }

    fn end(&mut self) {
        if let Some(frame) = self.frames.pop() {
            self.keys.truncate(frame.first_key);
            if let Some(anchor) = frame.anchor {
                self.anchors
                    .insert(anchor, Some(self.nodes - frame.nodes_before));
            }
        }
    }

    fn key(&mut self, value: &str, is_plain: bool, span: Span) {
        let resolved = if is_plain {
            resolve(value, self.schema)
        } else {
            Resolved::Text
        };
        // Keys are the same when their values are: `1` and `0x1`, but not `1` and `"1"`.
        let hash = match resolved {
            Resolved::Text => self.hasher.hash_one(value),
            Resolved::Float(number) => self.hasher.hash_one((1, number.to_bits())),
            other => self.hasher.hash_one((2, format!("{other:?}"))),
        };
        let Some(frame) = self.frames.last_mut() else {
            return;
        };
        let known = &self.keys[frame.first_key..];
        let first = if known.len() <= FEW_KEYS {
            known
                .iter()
                .find(|(known, _)| *known == hash)
                .map(|key| key.1)
        } else {
            let index = frame
                .index
                .get_or_insert_with(|| known.iter().copied().collect());
            let first = index.get(&hash).copied();
            index.entry(hash).or_insert(span.start);
            first
        };
        if let Some(first) = first {
            let key = value.chars().take(60).collect();
            self.duplicates.push(Duplicate { key, first, span });
        } else {
            self.keys.push((hash, span.start));
        }
    }

    fn alias(&mut self, name: &str, span: Span) -> Result<(), Halt> {
        self.turn();
        let Some(Some(nodes)) = self.anchors.get(name) else {
            return Err(Halt::Cycle(name.to_owned(), span));
        };
        self.nodes = self.nodes.saturating_add(*nodes);
        self.expanded = self.expanded.saturating_add(*nodes);
        if self.expanded > self.alias_limit {
            return Err(Halt::TooManyNodes(self.alias_limit, span));
        }
        Ok(())
    }
}

impl EventSink for KeyCheck<'_> {
    type Error = Halt;

    #[inline]
    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), Halt> {
        self.events += 1;
        if self.events == EVENTS_BETWEEN_LOOKS {
            self.events = 0;
            if self.cancel.load(Ordering::Relaxed) {
                return Err(Halt::Cancelled);
            }
        }
        match event {
            Event::Scalar {
                value,
                properties,
                style,
            } => {
                if self.turn() {
                    let is_plain = style == ScalarStyle::Plain && properties.tag.is_none();
                    self.key(&value, is_plain, span);
                }
                if let Some(name) = properties.anchor {
                    self.anchors.insert(name.to_owned(), Some(1));
                }
            }
            Event::MappingStart { properties, .. } => self.start(true, &properties),
            Event::SequenceStart { properties, .. } => self.start(false, &properties),
            Event::MappingEnd | Event::SequenceEnd => self.end(),
            Event::Alias { name } => self.alias(name, span)?,
            Event::DocumentStart { .. } => {
                self.documents += 1;
                self.anchors.clear();
            }
            _ => {}
        }
        Ok(())
    }
}
