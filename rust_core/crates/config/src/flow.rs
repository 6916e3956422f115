//! Flow collections (specification 7.4): a stack of open ones, and one indicator or node at a time.

use std::borrow::Cow;

use crate::cursor::{is_blank, is_break, is_flow};
use crate::error::{Fault, Stop, SyntaxErrorKind};
use crate::event::{CollectionStyle, Event, EventSink, Properties, ScalarStyle, Span};
use crate::parser::Parser;
use crate::plain::Scanned;

const INSIDE: &str = "brackets or braces";

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Sequence,
    Mapping,
    /// A mapping of one pair in a sequence, without braces.
    Pair,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    /// At an entry or the end.
    Entry,
    /// Behind `? `.
    ExplicitKey,
    /// Behind a key; one that ends with a quote or bracket needs no space around its `:`.
    Colon { adjacent: bool },
    /// Behind the `:`.
    Value,
    /// Behind an entry.
    Comma,
}

/// An open flow collection.
pub(crate) struct FlowFrame {
    kind: Kind,
    state: State,
    start: usize,
    /// Its slot, if it may be the key of a pair.
    slot: Option<usize>,
}

impl<'i, S: EventSink> Parser<'i, '_, S> {
    /// Reads the flow collection at the cursor.
    pub(crate) fn flow_collection(
        &mut self,
        properties: Properties<'i>,
    ) -> Result<(), Stop<S::Error>> {
        let min_indent = self.min_indent();
        self.open_flow(properties, None)?;
        while !self.flow.is_empty() {
            self.flow_space(min_indent)?;
            self.flow_step(min_indent)?;
        }
        Ok(())
    }

    fn open_flow(
        &mut self,
        properties: Properties<'i>,
        slot: Option<usize>,
    ) -> Result<(), Stop<S::Error>> {
        let start = self.cursor.pos;
        self.check_depth(start)?;
        let is_sequence = self.cursor.peek() == b'[';
        self.cursor.pos += 1;
        let style = CollectionStyle::Flow;
        let (kind, event) = if is_sequence {
            (Kind::Sequence, Event::SequenceStart { properties, style })
        } else {
            (Kind::Mapping, Event::MappingStart { properties, style })
        };
        self.flow.push(FlowFrame {
            kind,
            state: State::Entry,
            start,
            slot,
        });
        self.emit(event, Span::new(start, start + 1))
    }

    fn open_pair(&mut self, state: State, start: usize) -> Result<(), Stop<S::Error>> {
        self.check_depth(start)?;
        self.flow.push(FlowFrame {
            kind: Kind::Pair,
            state,
            start,
            slot: None,
        });
        let event = Event::MappingStart {
            properties: Properties::default(),
            style: CollectionStyle::Flow,
        };
        self.emit(event, Span::empty(start))
    }

    /// Skips white space, line breaks and comments.
    fn flow_space(&mut self, min_indent: usize) -> Result<(), Stop<S::Error>> {
        self.cursor.skip_white();
        if self.cursor.at_comment() {
            self.cursor.skip_comment()?;
        } else if self.cursor.peek() == b'#' {
            return Err(Fault::new(SyntaxErrorKind::Comment, self.cursor.pos).into());
        }
        if !is_break(self.cursor.peek()) {
            return Ok(());
        }
        self.reject_candidates()?;
        loop {
            self.cursor.skip_break();
            let line = self.cursor.skip_indent();
            if self.cursor.peek() == b'#' {
                self.cursor.skip_comment()?;
            }
            if self.cursor.at_end() {
                return Ok(());
            }
            if !is_break(self.cursor.peek()) {
                return Ok(self.cursor.check_flow_line(line, min_indent, INSIDE)?);
            }
        }
    }

    fn flow_step(&mut self, min_indent: usize) -> Result<(), Stop<S::Error>> {
        let Some(&FlowFrame {
            kind, state, start, ..
        }) = self.flow.last()
        else {
            return Ok(());
        };
        let at = self.cursor.pos;
        let byte = self.cursor.peek();
        if self.cursor.at_end() {
            let what = if kind == Kind::Mapping { "`{`" } else { "`[`" };
            return Err(Fault::new(SyntaxErrorKind::Unclosed { what }, start).into());
        }
        let is_end = matches!(byte, b',' | b']' | b'}');
        match state {
            State::Entry | State::Comma if matches!(byte, b']' | b'}') => self.close_flow(byte),
            State::Entry if byte == b',' => Err(Fault::expected("a value before `,`", at).into()),
            State::Entry if byte == b'?' && is_blank(self.cursor.byte(at + 1)) => {
                self.cursor.pos += 1;
                if kind == Kind::Sequence {
                    self.set_state(State::Comma);
                    return self.open_pair(State::ExplicitKey, at);
                }
                self.set_state(State::ExplicitKey);
                Ok(())
            }
            State::Colon { adjacent }
                if adjacent && byte == b':' || self.cursor.at_value_mark(true) =>
            {
                self.cursor.pos += 1;
                self.set_state(State::Value);
                Ok(())
            }
            State::ExplicitKey | State::Colon { .. } | State::Value if is_end => {
                self.emit_empty(Properties::default(), at)?;
                self.node_done(false)
            }
            State::Comma if byte == b',' => {
                self.cursor.pos += 1;
                self.set_state(State::Entry);
                Ok(())
            }
            State::Comma if byte == b':' => Err(Fault::new(SyntaxErrorKind::KeyLines, at).into()),
            State::Comma | State::Colon { .. } => {
                Err(Fault::expected("`,` or the closing bracket", at).into())
            }
            _ => self.flow_node(min_indent, kind == Kind::Sequence),
        }
    }

    fn set_state(&mut self, state: State) {
        if let Some(frame) = self.flow.last_mut() {
            frame.state = state;
        }
    }

    /// A node of the innermost collection is complete.
    fn node_done(&mut self, adjacent: bool) -> Result<(), Stop<S::Error>> {
        let Some(frame) = self.flow.last_mut() else {
            return Ok(());
        };
        frame.state = match (frame.kind, frame.state) {
            (Kind::Mapping, State::Entry) | (_, State::ExplicitKey) => State::Colon { adjacent },
            (Kind::Mapping, State::Colon { .. }) | (Kind::Mapping | Kind::Sequence, _) => {
                State::Comma
            }
            (Kind::Pair, _) => {
                self.flow.pop();
                return self.emit(Event::MappingEnd, Span::empty(self.cursor.pos));
            }
        };
        Ok(())
    }

    fn close_flow(&mut self, byte: u8) -> Result<(), Stop<S::Error>> {
        let at = self.cursor.pos;
        let is_sequence = self
            .flow
            .last()
            .is_some_and(|frame| frame.kind == Kind::Sequence);
        if is_sequence != (byte == b']') {
            let expected = if is_sequence { "`]`" } else { "`}`" };
            return Err(Fault::expected(expected, at).into());
        }
        self.cursor.pos += 1;
        let slot = self.flow.pop().and_then(|frame| frame.slot);
        let event = if is_sequence {
            Event::SequenceEnd
        } else {
            Event::MappingEnd
        };
        self.emit(event, Span::new(at, at + 1))?;
        let Some(slot) = slot.filter(|slot| self.is_candidate(*slot)) else {
            return self.node_done(true);
        };
        let start = self.candidate_start();
        let end = self.cursor.pos;
        self.cursor.skip_white();
        if self.cursor.peek() != b':' {
            self.cursor.pos = end;
            debug_assert!(self.is_candidate(slot));
            self.reject_candidate()?;
            return self.node_done(true);
        }
        self.check_key(start, end)?;
        self.check_depth(start)?;
        self.accept_candidate(CollectionStyle::Flow, start)?;
        self.cursor.pos += 1;
        self.node_done(true)?;
        self.flow.push(FlowFrame {
            kind: Kind::Pair,
            state: State::Value,
            start,
            slot: None,
        });
        Ok(())
    }

    /// Reads a node. In a sequence it may turn out to be the key of a pair.
    fn flow_node(&mut self, min_indent: usize, in_sequence: bool) -> Result<(), Stop<S::Error>> {
        let start = self.cursor.pos;
        let mut properties = Properties::default();
        while matches!(self.cursor.peek(), b'&' | b'!') {
            self.property(&mut properties, true)?;
            if matches!(self.cursor.peek(), b'[' | b'{') {
                let what = "a space after the anchor or tag";
                return Err(Fault::expected(what, self.cursor.pos).into());
            }
            self.flow_space(min_indent)?;
        }
        if matches!(self.cursor.peek(), b'[' | b'{') {
            let on_one_line = self.cursor.line_start <= start;
            let slot = (in_sequence && on_one_line)
                .then(|| self.add_candidate(Properties::default(), start));
            return self.open_flow(properties, slot);
        }
        let (event, span, adjacent) = self.flow_leaf(properties, min_indent)?;
        if in_sequence && self.is_pair_key(start, adjacent)? {
            self.node_done(false)?;
            self.open_pair(State::Value, start)?;
            return self.emit(event, span);
        }
        if self.cursor.line_start > start {
            self.reject_candidates()?;
        }
        self.emit(event, span)?;
        self.node_done(adjacent)
    }

    /// Reads an alias or a scalar, which may be empty. The last value says that a `:` directly
    /// behind it separates.
    fn flow_leaf(
        &mut self,
        properties: Properties<'i>,
        min_indent: usize,
    ) -> Result<(Event<'i>, Span, bool), Stop<S::Error>> {
        let at = self.cursor.pos;
        let byte = self.cursor.peek();
        let (Scanned { value, end }, style, adjacent) = match byte {
            b'*' => {
                let (event, span) = self.alias(&properties, true)?;
                return Ok((event, span, false));
            }
            b'"' | b'\'' => {
                let (scanned, style) = self.quoted_in(byte, min_indent)?;
                (scanned, style, true)
            }
            _ if self.cursor.at_plain(true) => {
                let end = self.cursor.plain_line(true)?;
                let scanned = self.cursor.plain_rest((at, end), min_indent, true)?;
                (scanned, ScalarStyle::Plain, false)
            }
            _ if is_flow(byte) || self.cursor.at_value_mark(true) || self.cursor.at_end() => {
                let value = Cow::Borrowed("");
                (Scanned { value, end: at }, ScalarStyle::Plain, false)
            }
            _ => return Err(Fault::expected("a value", at).into()),
        };
        let event = Event::Scalar {
            value,
            properties,
            style,
        };
        Ok((event, Span::new(at, end), adjacent))
    }

    /// Whether a `:` follows the leaf that began at `start`, on the same line; takes the `:`.
    fn is_pair_key(&mut self, start: usize, adjacent: bool) -> Result<bool, Stop<S::Error>> {
        let end = self.cursor.pos;
        self.cursor.skip_white();
        let is_key = adjacent && self.cursor.peek() == b':' || self.cursor.at_value_mark(true);
        if !is_key {
            self.cursor.pos = end;
            return Ok(false);
        }
        if self.cursor.line_start > start {
            return Err(Fault::new(SyntaxErrorKind::KeyLines, start).into());
        }
        self.check_key(start, end)?;
        self.cursor.pos += 1;
        Ok(true)
    }

    /// Reads the quoted scalar at the cursor, in a block collection.
    pub(crate) fn quoted(
        &mut self,
        quote: u8,
    ) -> Result<(Scanned<'i>, ScalarStyle), Stop<S::Error>> {
        let min_indent = self.min_indent();
        self.quoted_in(quote, min_indent)
    }

    fn quoted_in(
        &mut self,
        quote: u8,
        min_indent: usize,
    ) -> Result<(Scanned<'i>, ScalarStyle), Stop<S::Error>> {
        Ok(if quote == b'"' {
            (
                self.cursor.double_quoted(min_indent)?,
                ScalarStyle::DoubleQuoted,
            )
        } else {
            (
                self.cursor.single_quoted(min_indent)?,
                ScalarStyle::SingleQuoted,
            )
        })
    }
}
