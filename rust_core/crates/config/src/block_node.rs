//! What a node in a block collection is: told by its first characters and, for a one-line key, by
//! the `: ` behind it.

use std::borrow::Cow;

use crate::block::{BlockFrame, Head, Kind, Next, Place};
use crate::cursor::is_blank;
use crate::error::{Fault, Stop, SyntaxErrorKind};
use crate::event::{CollectionStyle, Event, EventSink, ScalarStyle, Span};
use crate::parser::{Parser, merge};

impl<'i, S: EventSink> Parser<'i, '_, S> {
    /// The content of a node, its properties read.
    pub(crate) fn content(&mut self, head: &Head<'i>) -> Result<Next, Stop<S::Error>> {
        let start = self.cursor.pos;
        match self.cursor.peek() {
            indicator @ (b'-' | b'?') if is_blank(self.cursor.byte(start + 1)) => {
                if !head.may_open || !head.inner.is_empty() {
                    return Err(Fault::new(SyntaxErrorKind::CollectionHere, start).into());
                }
                let kind = if indicator == b'-' {
                    Kind::Sequence
                } else {
                    Kind::MappingValue
                };
                self.open(kind, head.outer, start)
            }
            b':' if is_blank(self.cursor.byte(start + 1)) => {
                self.open_mapping(head)?;
                self.key(head)?;
                Ok(Next::Node(Place::Value))
            }
            b'|' | b'>' => {
                let properties = merge(head.outer, head.inner, head.start)?;
                let parent = self.block.last().map(|frame| frame.indent);
                let (scanned, style) = self.cursor.block_scalar(parent)?;
                self.emit_scalar(scanned, properties, style, start)?;
                Ok(Next::Line)
            }
            b'[' | b'{' => self.flow_content(head),
            b'*' => {
                let (event, span) = self.alias(&head.inner, false)?;
                if self.at_key_mark(head)? {
                    return self.first_key(head, event, span);
                }
                if !head.outer.is_empty() {
                    return Err(Fault::new(SyntaxErrorKind::AliasProperties, start).into());
                }
                self.emit(event, span)?;
                Ok(Next::Line)
            }
            quote @ (b'"' | b'\'') => {
                let (scanned, style) = self.quoted(quote)?;
                let span = Span::new(start, scanned.end);
                self.scalar_or_key(head, scanned.value, style, span)
            }
            _ if self.cursor.at_plain(false) => self.plain_content(head),
            byte => Err(no_content(byte, start).into()),
        }
    }

    fn plain_content(&mut self, head: &Head<'i>) -> Result<Next, Stop<S::Error>> {
        let start = self.cursor.pos;
        let end = self.cursor.plain_line(false)?;
        let min_indent = self.min_indent();
        let scanned = self.cursor.plain_rest((start, end), min_indent, false)?;
        let span = Span::new(start, scanned.end);
        self.scalar_or_key(head, scanned.value, ScalarStyle::Plain, span)
    }

    fn scalar_or_key(
        &mut self,
        head: &Head<'i>,
        value: Cow<'i, str>,
        style: ScalarStyle,
        span: Span,
    ) -> Result<Next, Stop<S::Error>> {
        if self.at_key_mark(head)? {
            return self.first_key(
                head,
                Event::Scalar {
                    value,
                    properties: head.inner,
                    style,
                },
                span,
            );
        }
        let properties = merge(head.outer, head.inner, head.start)?;
        self.emit(
            Event::Scalar {
                value,
                properties,
                style,
            },
            span,
        )?;
        Ok(Next::Line)
    }

    /// Whether what was just read is a key, that is, `: ` follows; an error where it cannot be one.
    fn at_key_mark(&mut self, head: &Head<'i>) -> Result<bool, Stop<S::Error>> {
        let end = self.cursor.pos;
        if !matches!(self.cursor.peek(), b' ' | b'\t' | b':') {
            return Ok(false);
        }
        self.cursor.skip_white();
        if !self.cursor.at_indicator(b':') {
            self.cursor.pos = end;
            return Ok(false);
        }
        if !head.may_open {
            return Err(Fault::new(SyntaxErrorKind::MappingHere, self.cursor.pos).into());
        }
        if self.cursor.line_start > head.start {
            return Err(Fault::new(SyntaxErrorKind::KeyLines, self.cursor.pos).into());
        }
        self.check_key(head.start, end)?;
        Ok(true)
    }

    fn open_mapping(&mut self, head: &Head<'i>) -> Result<(), Stop<S::Error>> {
        if !head.may_open {
            return Err(Fault::new(SyntaxErrorKind::MappingHere, self.cursor.pos).into());
        }
        self.push(Kind::Mapping, head.outer, head.start)
    }

    /// Opens a mapping with its first key; the cursor is at the `:`.
    fn first_key(
        &mut self,
        head: &Head<'i>,
        key: Event<'i>,
        span: Span,
    ) -> Result<Next, Stop<S::Error>> {
        self.open_mapping(head)?;
        self.emit(key, span)?;
        self.cursor.pos += 1;
        Ok(Next::Node(Place::Value))
    }

    /// A flow collection as a node or as a mapping's first key.
    fn flow_content(&mut self, head: &Head<'i>) -> Result<Next, Stop<S::Error>> {
        if !head.may_open {
            self.flow_collection(merge(head.outer, head.inner, head.start)?)?;
            return Ok(Next::Line);
        }
        let slot = self.add_candidate(head.outer, head.start);
        self.flow_collection(head.inner)?;
        if !self.at_key_mark(head)? {
            if self.is_candidate(slot) {
                self.reject_candidate()?;
            }
            return Ok(Next::Line);
        }
        self.check_depth(head.start)?;
        self.accept_candidate(CollectionStyle::Block, head.start)?;
        self.block.push(BlockFrame {
            indent: head.start - self.cursor.line_start,
            kind: Kind::Mapping,
        });
        self.cursor.pos += 1;
        Ok(Next::Node(Place::Value))
    }
}

fn no_content(byte: u8, at: usize) -> Fault {
    match byte {
        b'#' => Fault::new(SyntaxErrorKind::Comment, at),
        b'@' | b'`' => Fault::expected(
            "a value: text that starts with this character needs quotes",
            at,
        ),
        b'%' => Fault::expected("a value: text that starts with `%` needs quotes", at),
        _ => Fault::expected("a value", at),
    }
}
