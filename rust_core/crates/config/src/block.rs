//! Block collections (specification 8.2): a stack of open ones, and one node or line at a time.

use crate::cursor::{Line, is_blank};
use crate::error::{Fault, Stop, SyntaxErrorKind};
use crate::event::{CollectionStyle, Event, EventSink, Properties, ScalarStyle, Span};
use crate::parser::{Parser, merge};

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    Sequence,
    /// At a key.
    Mapping,
    /// After `? ` and its node: a `: ` may follow.
    MappingValue,
}

/// An open block collection.
pub(crate) struct BlockFrame {
    /// The column of its entries, from zero.
    pub(crate) indent: usize,
    pub(crate) kind: Kind,
}

/// Where a node is looked for.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Place {
    /// A bare document: from a line's start.
    Root,
    /// Behind `---`: no collection on this line.
    Marker,
    /// Behind `- `: a collection may start on this line.
    Entry,
    /// Behind `? ` or its `: `: the same, and a sequence may be as deep as the mapping.
    Explicit,
    /// Behind the `:` of a one-line key: no collection on this line.
    Value,
}

/// What to do next.
pub(crate) enum Next {
    Node(Place),
    /// A node is complete: the next line says what follows.
    Line,
    End,
}

/// The parts of a node that stand before its content.
pub(crate) struct Head<'i> {
    /// Properties on earlier lines: those of a collection.
    pub(crate) outer: Properties<'i>,
    /// Properties on the content's line: those of a collection's first key, if it is one.
    pub(crate) inner: Properties<'i>,
    /// Where the first of `inner`, or the content, starts.
    pub(crate) start: usize,
    /// Only indentation or indicators stand before `start`.
    pub(crate) may_open: bool,
}

impl<'i, S: EventSink> Parser<'i, '_, S> {
    /// The content of one document. The cursor is behind `---` or at a line's start, and ends at a
    /// marker or at the end.
    pub(crate) fn block_document(&mut self, explicit: bool) -> Result<(), Stop<S::Error>> {
        let mut next = Next::Node(if explicit { Place::Marker } else { Place::Root });
        loop {
            next = match next {
                Next::Node(place) => self.node(place)?,
                Next::Line => self.line()?,
                Next::End => return Ok(()),
            }
        }
    }

    /// Asks the open collections, from the innermost, what the next line is to them.
    fn line(&mut self) -> Result<Next, Stop<S::Error>> {
        let Some(line) = self.cursor.next_line()? else {
            while !self.block.is_empty() {
                self.close()?;
            }
            return Ok(Next::End);
        };
        let at = self.cursor.pos;
        let mut expected = 0;
        while let Some(frame) = self.block.last() {
            expected = frame.indent;
            if line.indent > frame.indent {
                break;
            }
            if line.indent == frame.indent {
                if line.has_tab {
                    return Err(Fault::new(
                        SyntaxErrorKind::Tab,
                        self.cursor.line_start + line.indent,
                    )
                    .into());
                }
                match frame.kind {
                    Kind::Sequence if self.cursor.at_indicator(b'-') => {
                        self.cursor.pos += 1;
                        return Ok(Next::Node(Place::Entry));
                    }
                    Kind::Sequence => {}
                    _ => return self.mapping_line(),
                }
            }
            self.close()?;
        }
        if self.block.is_empty() {
            return Err(
                Fault::expected("the end of the document: its one node is complete", at).into(),
            );
        }
        let kind = if line.has_tab {
            SyntaxErrorKind::Tab
        } else {
            SyntaxErrorKind::Indentation {
                expected: expected + 1,
            }
        };
        Err(Fault::new(kind, at).into())
    }

    fn set_kind(&mut self, kind: Kind) {
        if let Some(frame) = self.block.last_mut() {
            frame.kind = kind;
        }
    }

    /// Closes the innermost collection.
    fn close(&mut self) -> Result<(), Stop<S::Error>> {
        // The last line's start may be before what the collection holds.
        let at = if self.cursor.at_end() {
            self.cursor.pos
        } else {
            self.cursor.line_start
        };
        let kind = self.block.last().map(|frame| frame.kind);
        if kind == Some(Kind::MappingValue) {
            self.emit_empty(Properties::default(), at)?;
        }
        self.block.pop();
        let event = if kind == Some(Kind::Sequence) {
            Event::SequenceEnd
        } else {
            Event::MappingEnd
        };
        self.emit(event, Span::empty(at))
    }

    /// A line at the indentation of the innermost collection, a mapping.
    fn mapping_line(&mut self) -> Result<Next, Stop<S::Error>> {
        let start = self.cursor.pos;
        let has_open_key = self
            .block
            .last()
            .is_some_and(|frame| frame.kind == Kind::MappingValue);
        if has_open_key && self.cursor.at_indicator(b':') {
            self.cursor.pos += 1;
            self.set_kind(Kind::Mapping);
            return Ok(Next::Node(Place::Explicit));
        }
        if has_open_key {
            self.emit_empty(Properties::default(), self.cursor.line_start)?;
            self.set_kind(Kind::Mapping);
        }
        if self.cursor.at_indicator(b'?') {
            self.cursor.pos += 1;
            self.set_kind(Kind::MappingValue);
            return Ok(Next::Node(Place::Explicit));
        }
        if self.cursor.at_indicator(b'-') {
            return Err(Fault::expected("a key, as in the lines before", start).into());
        }
        let mut inner = Properties::default();
        while matches!(self.cursor.peek(), b'&' | b'!') {
            self.property(&mut inner, false)?;
            self.cursor.skip_white();
        }
        let head = Head {
            outer: Properties::default(),
            inner,
            start,
            may_open: false,
        };
        self.key(&head)?;
        Ok(Next::Node(Place::Value))
    }

    /// Reads a one-line key and its `:`, in a mapping that is open.
    pub(crate) fn key(&mut self, head: &Head<'i>) -> Result<(), Stop<S::Error>> {
        let start = self.cursor.pos;
        let properties = head.inner;
        match self.cursor.peek() {
            b':' if is_blank(self.cursor.byte(start + 1)) => self.emit_empty(properties, start)?,
            b'*' => {
                let (event, span) = self.alias(&properties, false)?;
                self.emit(event, span)?;
            }
            quote @ (b'"' | b'\'') => {
                let (scanned, style) = self.quoted(quote)?;
                if self.cursor.line_start > start {
                    return Err(Fault::new(SyntaxErrorKind::KeyLines, start).into());
                }
                self.emit_scalar(scanned, properties, style, start)?;
            }
            b'[' | b'{' => {
                self.flow_collection(properties)?;
                if self.cursor.line_start > start {
                    return Err(Fault::new(SyntaxErrorKind::KeyLines, start).into());
                }
            }
            _ if self.cursor.at_plain(false) => {
                let end = self.cursor.plain_line(false)?;
                self.cursor.check_length(end - start, start)?;
                self.check_key(start, end)?;
                if !self.cursor.at_indicator(b':') {
                    return Err(Fault::expected("`:` after the key", end).into());
                }
                let value = std::borrow::Cow::Borrowed(&self.cursor.text[start..end]);
                self.emit(
                    Event::Scalar {
                        value,
                        properties,
                        style: ScalarStyle::Plain,
                    },
                    Span::new(start, end),
                )?;
            }
            _ => return Err(Fault::expected("a key", start).into()),
        }
        self.check_key(head.start, self.cursor.pos)?;
        self.cursor.skip_white();
        if !self.cursor.at_indicator(b':') {
            return Err(Fault::expected("`:` after the key", self.cursor.pos).into());
        }
        self.cursor.pos += 1;
        Ok(())
    }

    /// Reads the node at the cursor as far as it is one: a leaf, or a collection's start.
    fn node(&mut self, place: Place) -> Result<Next, Stop<S::Error>> {
        let none = Properties::default();
        let may_open = matches!(place, Place::Entry | Place::Explicit);
        let mut head = Head {
            outer: none,
            inner: none,
            start: self.cursor.pos,
            may_open,
        };
        let mut is_first = true;
        loop {
            let from = self.cursor.pos;
            let has_tab = self.cursor.skip_white();
            let byte = self.cursor.peek();
            let is_comment = self.cursor.at_comment();
            if place == Place::Root && is_first
                || is_comment
                || matches!(byte, b'\n' | b'\r')
                || self.cursor.at_end()
            {
                if !head.inner.is_empty() {
                    head.outer = merge(head.outer, head.inner, head.start)?;
                    head.inner = none;
                }
                if let Some(next) = self.node_line(place, &mut head, from)? {
                    return Ok(next);
                }
            } else if head.inner.is_empty() {
                head.may_open &= !has_tab;
                head.start = self.cursor.pos;
            }
            is_first = false;
            if matches!(self.cursor.peek(), b'&' | b'!') {
                self.property(&mut head.inner, false)?;
            } else {
                return self.content(&head);
            }
        }
    }

    /// Goes on to the next line for a node. Decides when it has none there, or a sequence as deep
    /// as the mapping it is a value in.
    fn node_line(
        &mut self,
        place: Place,
        head: &mut Head<'i>,
        at: usize,
    ) -> Result<Option<Next>, Stop<S::Error>> {
        if place == Place::Root
            && self.block.is_empty()
            && self.cursor.pos != self.cursor.line_start
            && head.outer.is_empty()
        {
            self.cursor.pos = self.cursor.line_start;
        }
        let line = self.cursor.next_line()?;
        let min_indent = self.min_indent();
        let Some(Line { indent, has_tab }) = line.filter(|line| line.indent >= min_indent) else {
            let may_align = matches!(place, Place::Value | Place::Explicit);
            let aligns = line.is_some_and(|line| line.indent + 1 == min_indent && !line.has_tab);
            if may_align && aligns && self.cursor.at_indicator(b'-') {
                return self
                    .open(Kind::Sequence, head.outer, self.cursor.pos)
                    .map(Some);
            }
            // The open collections look at this line from its start.
            if line.is_some() {
                self.cursor.pos = self.cursor.line_start;
            }
            self.emit_empty(head.outer, at)?;
            return Ok(Some(Next::Line));
        };
        debug_assert_eq!(self.cursor.column() > indent, has_tab);
        head.may_open = !has_tab;
        head.start = self.cursor.pos;
        Ok(None)
    }

    /// Opens a collection at `start` and consumes its first indicator, `- ` or `? `.
    pub(crate) fn open(
        &mut self,
        kind: Kind,
        properties: Properties<'i>,
        start: usize,
    ) -> Result<Next, Stop<S::Error>> {
        self.cursor.pos += 1;
        self.push(kind, properties, start)?;
        Ok(Next::Node(if kind == Kind::Sequence {
            Place::Entry
        } else {
            Place::Explicit
        }))
    }

    pub(crate) fn push(
        &mut self,
        kind: Kind,
        properties: Properties<'i>,
        start: usize,
    ) -> Result<(), Stop<S::Error>> {
        self.check_depth(start)?;
        let style = CollectionStyle::Block;
        let event = match kind {
            Kind::Sequence => Event::SequenceStart { properties, style },
            _ => Event::MappingStart { properties, style },
        };
        self.emit(event, Span::empty(start))?;
        self.block.push(BlockFrame {
            indent: start - self.cursor.line_start,
            kind,
        });
        Ok(())
    }
}
