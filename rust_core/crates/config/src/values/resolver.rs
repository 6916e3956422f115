//! From the parser's events to tokens: aliases, merge keys, duplicate keys and their limits.
//!
//! Nodes with anchors are kept in a log while their document is read, all others are passed on and
//! forgotten.

mod merge;

use std::collections::HashMap;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

use super::keys::KeySets;
use super::{Entry, Log, Scalar, Stop, Token, ValueSink, scalar};
use crate::access::MergeKeys;
use crate::{Event, EventSink, Properties, ScalarStyle, Schema, Span};

/// Nodes that aliases and merge keys may stand for, in one stream.
const ALIAS_NODES: usize = 1_000_000;
const EVENTS_BETWEEN_LOOKS: u32 = 1 << 14;

/// How documents are read.
#[derive(Clone, Copy)]
pub(crate) struct Reading<'c> {
    pub(crate) schema: Schema,
    pub(crate) merge_keys: MergeKeys,
    /// Collections in one another, also through aliases.
    pub(crate) depth: usize,
    pub(crate) cancel: &'c AtomicBool,
}

/// A node in the log.
#[derive(Clone)]
struct Recorded {
    rows: Range<usize>,
    /// Collections in one another, scalars being 0.
    depth: usize,
    at: usize,
}

#[derive(Clone, Copy, PartialEq)]
enum Turn {
    Entry,
    Key,
    Value,
    /// The value of `<<`, which is kept for the mapping's end.
    Merge,
}

struct Frame {
    turn: Turn,
    anchor: Option<String>,
    /// Of the log, where it is kept.
    first_row: usize,
    depth: usize,
    at: usize,
    merges: Vec<Recorded>,
}

pub(crate) struct Resolver<'s, S> {
    sink: &'s mut S,
    reading: Reading<'s>,
    events: u32,
    frames: Vec<Frame>,
    keys: KeySets,
    log: Log,
    /// None while the node is open.
    anchors: HashMap<String, Option<Recorded>>,
    /// Open nodes that are kept.
    kept: usize,
    /// Open nodes that are not passed on.
    muted: usize,
    expanded: usize,
    scratch: String,
}

impl<'s, S: ValueSink> Resolver<'s, S> {
    pub(crate) fn new(sink: &'s mut S, reading: Reading<'s>) -> Self {
        Self {
            sink,
            reading,
            events: 0,
            frames: Vec::new(),
            keys: KeySets::default(),
            log: Log::default(),
            anchors: HashMap::new(),
            kept: 0,
            muted: 0,
            expanded: 0,
            scratch: String::new(),
        }
    }

    #[inline]
    fn pass(&mut self, token: Token<'_>, at: usize) -> Result<(), Stop> {
        if self.kept > 0 {
            self.log.push(token, at);
        }
        if self.muted > 0 {
            return Ok(());
        }
        self.sink.token(token, at)
    }

    /// Passes on what the log has, and counts the nodes.
    fn repeat(&mut self, rows: Range<usize>, at: usize) -> Result<(), Stop> {
        let mut row = rows.start;
        while row < rows.end {
            let Entry::Token(token) = self.log.get(row) else {
                row = self.log.end(row);
                continue;
            };
            if !matches!(token, Token::MappingEnd | Token::SequenceEnd) {
                charge(&mut self.expanded, at)?;
            }
            if self.muted == 0 {
                self.sink.token(token, self.log.at(row))?;
            }
            if self.kept > 0 {
                self.log.repeat(row);
            }
            row += 1;
        }
        Ok(())
    }

    fn turn(&self) -> Turn {
        self.frames.last().map_or(Turn::Entry, |frame| frame.turn)
    }

    /// A node that is no key begins.
    #[inline]
    fn begin(&mut self, at: usize) {
        if self.turn() == Turn::Merge {
            self.kept += 1;
            self.muted += 1;
            self.log.start_aside(at);
        }
    }

    /// A node of this depth has ended.
    #[inline]
    fn complete(&mut self, depth: usize, at: usize) {
        let Some(frame) = self.frames.last_mut() else {
            return;
        };
        frame.depth = frame.depth.max(depth + 1);
        match frame.turn {
            Turn::Value => frame.turn = Turn::Key,
            Turn::Merge => {
                frame.turn = Turn::Key;
                self.kept -= 1;
                self.muted -= 1;
                let first_row = self.log.end_aside();
                let rows = first_row..self.log.len();
                frame.merges.push(Recorded { rows, depth, at });
            }
            Turn::Entry | Turn::Key => {}
        }
    }

    fn open(
        &mut self,
        token: Token<'_>,
        properties: &Properties<'_>,
        at: usize,
    ) -> Result<(), Stop> {
        if self.turn() == Turn::Key {
            return Err(no_key(at));
        }
        self.begin(at);
        let anchor = properties.anchor.map(ToOwned::to_owned);
        if let Some(name) = &anchor {
            self.anchors.insert(name.clone(), None);
            self.kept += 1;
        }
        let turn = if token == Token::MappingStart {
            self.keys.open();
            Turn::Key
        } else {
            Turn::Entry
        };
        self.frames.push(Frame {
            turn,
            anchor,
            first_row: self.log.len(),
            depth: 1,
            at,
            merges: Vec::new(),
        });
        self.pass(token, at)
    }

    fn close(&mut self, token: Token<'_>, at: usize) -> Result<(), Stop> {
        self.merge_all()?;
        if token == Token::MappingEnd {
            self.keys.close();
        }
        self.pass(token, at)?;
        let Some(frame) = self.frames.pop() else {
            return Ok(());
        };
        if let Some(name) = frame.anchor {
            self.kept -= 1;
            self.record(name, frame.first_row, frame.depth, frame.at);
        }
        self.complete(frame.depth, frame.at);
        Ok(())
    }

    fn record(&mut self, name: String, first_row: usize, depth: usize, at: usize) {
        let rows = first_row..self.log.len();
        self.anchors
            .insert(name, Some(Recorded { rows, depth, at }));
    }

    fn alias(&mut self, name: &str, at: usize) -> Result<(), Stop> {
        let Some(Some(found)) = self.anchors.get(name) else {
            let problem = format!("alias `*{name}` stands inside what it names");
            return Err(Stop::unfit(problem, at));
        };
        let found = found.clone();
        if self.frames.len() + found.depth > self.reading.depth {
            let limit = self.reading.depth;
            let problem = format!("collections are nested deeper than {limit} (limit depth)");
            return Err(Stop::unfit(problem, at));
        }
        if self.turn() == Turn::Key {
            return self.alias_key(&found, at);
        }
        if self.turn() == Turn::Merge {
            self.merge_later(Recorded { at, ..found });
            return Ok(());
        }
        self.repeat(found.rows, at)?;
        self.complete(found.depth, at);
        Ok(())
    }

    fn alias_key(&mut self, found: &Recorded, at: usize) -> Result<(), Stop> {
        let Entry::Token(Token::Value(value)) = self.log.get(found.rows.start) else {
            return Err(no_key(at));
        };
        // A copy, as the log that has it may grow.
        let mut copy = Log::default();
        copy.push(Token::Value(value), at);
        if let Entry::Token(Token::Value(value)) = copy.get(0) {
            self.key(value, at)?;
        }
        Ok(())
    }

    #[inline]
    fn key(&mut self, value: Scalar<'_>, at: usize) -> Result<(), Stop> {
        let text = value.text();
        if !self.keys.insert(text) {
            let shown: String = text.chars().take(60).collect();
            let problem = format!("key `{shown}` stands twice in this mapping");
            return Err(Stop::unfit(problem, at));
        }
        if let Some(frame) = self.frames.last_mut() {
            frame.turn = Turn::Value;
        }
        self.pass(Token::Key(value), at)
    }

    fn scalar(
        &mut self,
        text: &str,
        properties: &Properties<'_>,
        style: ScalarStyle,
        at: usize,
    ) -> Result<(), Stop> {
        let is_key = self.turn() == Turn::Key;
        let is_merge = self.reading.merge_keys == MergeKeys::Apply
            && text == "<<"
            && is_key
            && style == ScalarStyle::Plain
            && properties
                .tag
                .is_none_or(|tag| tag.core_name() == Some("merge"));
        if is_merge {
            return self.merge_key(at);
        }
        // Taken out, so that the value may live in it while the rest is used.
        let mut scratch = std::mem::take(&mut self.scratch);
        let found = scalar(
            text,
            properties.tag,
            style,
            self.reading.schema,
            &mut scratch,
        );
        let value = found.map_err(|problem| Stop::unfit(problem, at))?;
        let result = self.leaf(value, properties.anchor, is_key, at);
        self.scratch = scratch;
        result
    }

    #[inline]
    fn leaf(
        &mut self,
        value: Scalar<'_>,
        anchor: Option<&str>,
        is_key: bool,
        at: usize,
    ) -> Result<(), Stop> {
        if is_key {
            if let Some(name) = anchor {
                // As a value, which it may be elsewhere.
                self.log.start_aside(at);
                self.log.push(Token::Value(value), at);
                let first_row = self.log.end_aside();
                self.record(name.to_owned(), first_row, 0, at);
            }
            return self.key(value, at);
        }
        self.begin(at);
        let Some(name) = anchor else {
            self.pass(Token::Value(value), at)?;
            self.complete(0, at);
            return Ok(());
        };
        let first_row = self.log.len();
        self.kept += 1;
        self.pass(Token::Value(value), at)?;
        self.kept -= 1;
        self.record(name.to_owned(), first_row, 0, at);
        self.complete(0, at);
        Ok(())
    }

    fn start_document(&mut self, at: usize) -> Result<(), Stop> {
        self.anchors.clear();
        self.log.clear();
        self.sink.start_document(at)
    }

    /// Counts events, and looks now and then whether somebody still waits.
    #[inline]
    fn look(&mut self) -> Result<(), Stop> {
        self.events += 1;
        if self.events >= EVENTS_BETWEEN_LOOKS {
            self.events = 0;
            if self.reading.cancel.load(Ordering::Relaxed) {
                return Err(Stop::Cancelled);
            }
        }
        Ok(())
    }
}

/// Counts a node that an alias or a merge key stands for.
#[inline]
fn charge(expanded: &mut usize, at: usize) -> Result<(), Stop> {
    *expanded += 1;
    if *expanded > ALIAS_NODES {
        let problem =
            format!("aliases stand for more than {ALIAS_NODES} nodes (limit alias_nodes)");
        return Err(Stop::unfit(problem, at));
    }
    Ok(())
}

fn no_key(at: usize) -> Stop {
    Stop::unfit("a collection as a key has no form in JSON", at)
}

impl<S: ValueSink> EventSink for Resolver<'_, S> {
    type Error = Stop;

    #[inline]
    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), Stop> {
        self.look()?;
        let at = span.start;
        match event {
            Event::Scalar {
                value,
                properties,
                style,
            } => self.scalar(&value, &properties, style, at),
            Event::MappingStart { properties, .. } => {
                self.open(Token::MappingStart, &properties, at)
            }
            Event::SequenceStart { properties, .. } => {
                self.open(Token::SequenceStart, &properties, at)
            }
            Event::MappingEnd => self.close(Token::MappingEnd, at),
            Event::SequenceEnd => self.close(Token::SequenceEnd, at),
            Event::Alias { name } => self.alias(name, at),
            Event::DocumentStart { .. } => self.start_document(at),
            Event::DocumentEnd { .. } => self.sink.end_document(),
            Event::StreamStart | Event::StreamEnd => Ok(()),
        }
    }
}
