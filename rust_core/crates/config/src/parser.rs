//! The parser's state and its way out: events go to the sink, except while a flow collection may
//! still turn out to be a key. Then they wait, because the mapping's start belongs before them.

use std::collections::{HashSet, VecDeque};

use crate::block::BlockFrame;
use crate::cursor::{Cursor, is_flow};
use crate::error::{Fault, Scan, Stop, SyntaxErrorKind};
use crate::event::{CollectionStyle, Event, EventSink, Properties, ScalarStyle, Span};
use crate::flow::FlowFrame;
use crate::limits::Limits;
use crate::plain::Scanned;
use crate::tags::Handles;

/// The longest key without `? `, in characters (specification 7.4.2 and 8.2.2).
pub(crate) const KEY_CHARACTERS: usize = 1024;
const KEY_BYTES: usize = 4 * KEY_CHARACTERS;

/// An event that waits, or the place of a mapping's start that may come before the next one.
enum Waiting<'i> {
    Slot,
    Event(Event<'i>, Span),
}

/// An open flow collection that is a key if `:` follows it.
struct Candidate<'i> {
    /// The number of its slot since the document's start.
    slot: usize,
    start: usize,
    /// The mapping's properties if it is a key, else its own.
    outer: Properties<'i>,
}

pub(crate) struct Parser<'i, 's, S> {
    pub(crate) cursor: Cursor<'i>,
    pub(crate) handles: Handles<'i>,
    pub(crate) block: Vec<BlockFrame>,
    pub(crate) flow: Vec<FlowFrame>,
    pub(crate) anchors: HashSet<&'i str>,
    depth_limit: usize,
    sink: &'s mut S,
    waiting: VecDeque<Waiting<'i>>,
    /// The number of the first one waiting.
    first_waiting: usize,
    candidates: VecDeque<Candidate<'i>>,
}

impl<'i, 's, S: EventSink> Parser<'i, 's, S> {
    pub(crate) fn new(cursor: Cursor<'i>, limits: &Limits, sink: &'s mut S) -> Self {
        Self {
            cursor,
            handles: Handles::default(),
            block: Vec::new(),
            flow: Vec::new(),
            anchors: HashSet::new(),
            depth_limit: limits.depth,
            sink,
            waiting: VecDeque::new(),
            first_waiting: 0,
            candidates: VecDeque::new(),
        }
    }

    // Inlined, so that an event is made where the sink reads it.
    #[inline]
    pub(crate) fn emit(&mut self, event: Event<'i>, span: Span) -> Result<(), Stop<S::Error>> {
        if self.candidates.is_empty() {
            return self.sink.event(event, span).map_err(Stop::Sink);
        }
        self.wait(event, span)
    }

    #[inline(never)]
    fn wait(&mut self, event: Event<'i>, span: Span) -> Result<(), Stop<S::Error>> {
        self.waiting.push_back(Waiting::Event(event, span));
        let at = self.cursor.pos;
        while self
            .candidates
            .front()
            .is_some_and(|oldest| at - oldest.start > KEY_BYTES)
        {
            self.give_up_oldest()?;
        }
        Ok(())
    }

    pub(crate) fn emit_scalar(
        &mut self,
        scanned: Scanned<'i>,
        properties: Properties<'i>,
        style: ScalarStyle,
        start: usize,
    ) -> Result<(), Stop<S::Error>> {
        let Scanned { value, end } = scanned;
        self.emit(
            Event::Scalar {
                value,
                properties,
                style,
            },
            Span::new(start, end),
        )
    }

    pub(crate) fn emit_empty(
        &mut self,
        properties: Properties<'i>,
        at: usize,
    ) -> Result<(), Stop<S::Error>> {
        let value = std::borrow::Cow::Borrowed("");
        self.emit(
            Event::Scalar {
                value,
                properties,
                style: ScalarStyle::Plain,
            },
            Span::empty(at),
        )
    }

    /// Notes that the flow collection at the cursor may be a key, and returns its slot.
    pub(crate) fn add_candidate(&mut self, outer: Properties<'i>, start: usize) -> usize {
        let slot = self.first_waiting + self.waiting.len();
        self.waiting.push_back(Waiting::Slot);
        self.candidates.push_back(Candidate { slot, start, outer });
        slot
    }

    /// Whether the collection of this slot, the innermost open or the last closed, may still be a
    /// key.
    pub(crate) fn is_candidate(&self, slot: usize) -> bool {
        self.candidates
            .back()
            .is_some_and(|candidate| candidate.slot == slot)
    }

    /// Where the newest candidate starts.
    pub(crate) fn candidate_start(&self) -> usize {
        self.candidates
            .back()
            .map_or(0, |candidate| candidate.start)
    }

    /// The newest candidate is a key: its mapping starts in its slot.
    pub(crate) fn accept_candidate(
        &mut self,
        style: CollectionStyle,
        start: usize,
    ) -> Result<(), Stop<S::Error>> {
        if let Some(candidate) = self.candidates.pop_back() {
            let event = Event::MappingStart {
                properties: candidate.outer,
                style,
            };
            self.waiting[candidate.slot - self.first_waiting] =
                Waiting::Event(event, Span::empty(start));
        }
        self.flush()
    }

    /// The newest candidate is no key.
    pub(crate) fn reject_candidate(&mut self) -> Result<(), Stop<S::Error>> {
        if let Some(candidate) = self.candidates.pop_back() {
            self.merge_outer(&candidate)?;
        }
        self.flush()
    }

    /// No candidate can be a key any more: their first line has ended.
    pub(crate) fn reject_candidates(&mut self) -> Result<(), Stop<S::Error>> {
        while !self.candidates.is_empty() {
            self.give_up_oldest()?;
        }
        Ok(())
    }

    fn give_up_oldest(&mut self) -> Result<(), Stop<S::Error>> {
        if let Some(candidate) = self.candidates.pop_front() {
            self.merge_outer(&candidate)?;
        }
        self.flush()
    }

    fn merge_outer(&mut self, candidate: &Candidate<'i>) -> Scan<()> {
        if candidate.outer.is_empty() {
            return Ok(());
        }
        let own = self
            .waiting
            .get_mut(candidate.slot + 1 - self.first_waiting);
        if let Some(Waiting::Event(
            Event::MappingStart { properties, .. } | Event::SequenceStart { properties, .. },
            _,
        )) = own
        {
            *properties = merge(candidate.outer, *properties, candidate.start)?;
        }
        Ok(())
    }

    /// Sends what waits in front of the oldest candidate.
    fn flush(&mut self) -> Result<(), Stop<S::Error>> {
        let end = self
            .candidates
            .front()
            .map_or(usize::MAX, |candidate| candidate.slot);
        while self.first_waiting < end {
            let Some(waiting) = self.waiting.pop_front() else {
                break;
            };
            self.first_waiting += 1;
            if let Waiting::Event(event, span) = waiting {
                self.sink.event(event, span).map_err(Stop::Sink)?;
            }
        }
        Ok(())
    }

    /// An error when one more collection would be too many.
    pub(crate) fn check_depth(&self, at: usize) -> Scan<()> {
        if self.block.len() + self.flow.len() >= self.depth_limit {
            return Err(Fault::new(
                SyntaxErrorKind::TooDeep {
                    limit: self.depth_limit,
                },
                at,
            ));
        }
        Ok(())
    }

    /// The least indentation of the lines inside a node of the innermost block collection.
    pub(crate) fn min_indent(&self) -> usize {
        self.block.last().map_or(0, |frame| frame.indent + 1)
    }

    /// Reads one anchor or tag into `properties`.
    pub(crate) fn property(&mut self, properties: &mut Properties<'i>, in_flow: bool) -> Scan<()> {
        let start = self.cursor.pos;
        let mut found = Properties::default();
        if self.cursor.peek() == b'&' {
            let name = self.cursor.anchor_name(in_flow)?;
            self.anchors.insert(name);
            found.anchor = Some(name);
        } else {
            found.tag = Some(self.cursor.tag(&self.handles, in_flow)?);
        }
        *properties = merge(*properties, found, start)?;
        Ok(())
    }

    /// Reads an alias and checks that its anchor exists.
    pub(crate) fn alias(
        &mut self,
        properties: &Properties<'i>,
        in_flow: bool,
    ) -> Scan<(Event<'i>, Span)> {
        let start = self.cursor.pos;
        if !properties.is_empty() {
            return Err(Fault::new(SyntaxErrorKind::AliasProperties, start));
        }
        let name = self.cursor.anchor_name(in_flow)?;
        if !self.anchors.contains(name) {
            return Err(Fault::new(
                SyntaxErrorKind::UndefinedAlias {
                    name: name.to_owned(),
                },
                start,
            ));
        }
        Ok((Event::Alias { name }, Span::new(start, self.cursor.pos)))
    }

    /// Whether the text from `start` to the cursor is short enough for a key without `? `.
    pub(crate) fn check_key(&self, start: usize, end: usize) -> Scan<()> {
        if end - start > KEY_CHARACTERS
            && self.cursor.text[start..end].chars().count() > KEY_CHARACTERS
        {
            return Err(Fault::new(SyntaxErrorKind::KeyTooLong, start));
        }
        Ok(())
    }
}

/// Both parts' anchor and tag, each at most once.
pub(crate) fn merge<'i>(
    first: Properties<'i>,
    second: Properties<'i>,
    at: usize,
) -> Scan<Properties<'i>> {
    let twice = |what| Err(Fault::new(SyntaxErrorKind::Twice { what }, at));
    if first.anchor.is_some() && second.anchor.is_some() {
        return twice("anchor");
    }
    if first.tag.is_some() && second.tag.is_some() {
        return twice("tag");
    }
    Ok(Properties {
        anchor: first.anchor.or(second.anchor),
        tag: first.tag.or(second.tag),
    })
}

impl<'i> Cursor<'i> {
    /// Reads the name after the `&` or `*` at the cursor.
    fn anchor_name(&mut self, in_flow: bool) -> Scan<&'i str> {
        let start = self.pos;
        self.pos += 1;
        self.skip_while(|byte| !crate::cursor::is_blank(byte) && !is_flow(byte));
        if self.pos == start + 1 {
            return Err(Fault::expected("a name after `&` or `*`", start));
        }
        if is_flow(self.peek()) && !in_flow {
            return Err(Fault::expected("a space after the name", self.pos));
        }
        self.check_printable(start, self.pos)?;
        Ok(&self.text[start + 1..self.pos])
    }
}
