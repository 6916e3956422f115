//! The sink that follows a path through the events of one document. It builds nothing but what
//! stands on the path, and does not leave the document: aliases, entries counted from the end and
//! entries found by a key end the way, for [`locate`](super::locate) to go on from there.

use std::convert::Infallible;

use super::node::{Kind, Node, kind_of, node_of};
use super::path::Step;
use crate::{Event, EventSink, Span};

/// Keys kept of a mapping for the hint of a missing one.
const MOST_KEYS: usize = 10_000;

/// A collection on the path.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    pub(crate) kind: Kind,
    pub(crate) start: usize,
    /// Behind its last leaf or bracket.
    pub(crate) end: usize,
    /// Behind the last leaf in it.
    pub(crate) content_end: usize,
    pub(crate) entries: usize,
    /// Where the key or the node of its last entry begins.
    pub(crate) last_entry: usize,
    pub(crate) end_ordinal: usize,
    /// The key of the entry on the path, and its event's number.
    pub(crate) key: Option<(Span, usize)>,
    /// Where the leaf before the entry on the path, or before the key of it, ends.
    pub(crate) before: usize,
    /// Where the entry after that on the path begins, at its key or node.
    pub(crate) next_entry: Option<usize>,
    pub(crate) has_merge: bool,
    next: Next,
    is_matched: bool,
    selected: Vec<usize>,
}

/// What comes next in a collection.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Next {
    Key,
    /// The value that the path leads to.
    Wanted,
    /// Another value, or an entry.
    Value,
}

/// How following ended.
#[derive(Clone, Debug)]
pub(crate) enum Ending {
    /// There is nothing in the document.
    Empty,
    Found(Box<Node>),
    /// The node before this step has no such entry, or none at all.
    Missing {
        depth: usize,
        kind: Kind,
        at: usize,
    },
    /// The node before this step is an alias.
    Alias {
        depth: usize,
        name: String,
        ordinal: usize,
    },
    /// The step counts from the end of this many.
    FromEnd {
        depth: usize,
        entries: usize,
    },
    /// The step selects these entries, at most two of them.
    Selected {
        depth: usize,
        entries: Vec<usize>,
        at: usize,
    },
    /// The mapping has the key twice.
    Twice {
        key: String,
        at: usize,
    },
}

/// Looks for a key and its value in the direct entries of a mapping.
struct Look {
    at_key: bool,
    has_key: bool,
    is_found: bool,
}

pub(crate) struct Follower<'p> {
    steps: &'p [Step],
    from: usize,
    ordinal: usize,
    /// Collections on the path, from the outermost, that are open.
    frames: Vec<Frame>,
    /// Those that are closed, innermost first.
    pub(crate) closed: Vec<Frame>,
    /// Open collections beside the path.
    skipped: usize,
    look: Option<Look>,
    target: Option<Box<Node>>,
    target_open: usize,
    last_end: usize,
    is_over: bool,
    pub(crate) ending: Ending,
    /// The keys of the mapping at this depth are kept.
    pub(crate) keys_at: Option<usize>,
    pub(crate) keys: Vec<String>,
}

impl<'p> Follower<'p> {
    pub(crate) fn new(steps: &'p [Step], from: usize) -> Self {
        Self {
            steps,
            from,
            ordinal: 0,
            frames: Vec::new(),
            closed: Vec::new(),
            skipped: 0,
            look: None,
            target: None,
            target_open: 0,
            last_end: 0,
            is_over: false,
            ending: Ending::Empty,
            keys_at: None,
            keys: Vec::new(),
        }
    }

    fn node(&mut self, event: &Event<'_>, span: Span, ordinal: usize) {
        let is_key = self
            .frames
            .last()
            .is_some_and(|frame| frame.next == Next::Key);
        if is_key {
            self.key(event, span, ordinal);
            return;
        }
        let (steps, depth) = (self.steps, self.frames.len());
        let Some(frame) = self.frames.last_mut() else {
            self.arrive(event, span, ordinal);
            return;
        };
        let is_wanted = if let Kind::Sequence(_) = frame.kind {
            let step = &steps[depth - 1];
            let is_wanted = is_index(step, frame.entries);
            frame.begin_entry(span.start, is_wanted, self.last_end);
            let may_match =
                matches!(step, Step::Match { .. }) && matches!(event, Event::MappingStart { .. });
            self.look = may_match.then_some(Look {
                at_key: true,
                has_key: false,
                is_found: false,
            });
            is_wanted
        } else {
            std::mem::replace(&mut frame.next, Next::Key) == Next::Wanted
        };
        if is_wanted {
            self.arrive(event, span, ordinal);
        } else if is_start(event) {
            self.skipped = 1;
        }
    }

    fn key(&mut self, event: &Event<'_>, span: Span, ordinal: usize) {
        let depth = self.frames.len() - 1;
        let step = &self.steps[depth];
        let last_end = self.last_end;
        let Some(frame) = self.frames.last_mut() else {
            return;
        };
        let text = match event {
            Event::Scalar { value, .. } => value.as_ref(),
            _ => "",
        };
        let is_scalar = matches!(event, Event::Scalar { .. });
        let is_wanted = is_scalar && is_key(step, text);
        if is_wanted && frame.is_matched {
            self.ending = Ending::Twice {
                key: text.to_owned(),
                at: span.start,
            };
        }
        frame.has_merge |= is_scalar && text == "<<";
        let is_first = is_wanted && !frame.is_matched;
        frame.begin_entry(span.start, is_first, last_end);
        if is_first {
            frame.key = Some((span, ordinal));
        }
        frame.next = if is_first { Next::Wanted } else { Next::Value };
        if is_scalar && self.keys_at == Some(depth) && self.keys.len() < MOST_KEYS {
            self.keys.push(text.to_owned());
        }
        if is_start(event) {
            self.skipped = 1;
        }
    }

    /// A node that the path leads to so far.
    fn arrive(&mut self, event: &Event<'_>, span: Span, ordinal: usize) {
        let depth = self.frames.len();
        let is_target = depth == self.steps.len();
        let kind = kind_of(event);
        if is_target {
            self.target = Some(Box::new(node_of(event, span, ordinal)));
            self.target_open = usize::from(is_start(event));
            if self.target_open == 0 {
                self.finish_target(span.end);
            }
        } else if kind.is_collection() {
            self.frames.push(Frame::new(kind, span.start));
        } else if let Event::Alias { name } = event {
            self.ending = Ending::Alias {
                depth,
                name: (*name).to_owned(),
                ordinal,
            };
        } else {
            let at = span.start;
            self.ending = Ending::Missing { depth, kind, at };
        }
        self.is_over |= self.frames.is_empty() && self.target_open == 0;
    }

    fn in_target(&mut self, event: &Event<'_>, span: Span) {
        let Some(target) = &mut self.target else {
            return;
        };
        target.events += 1;
        let properties = match event {
            Event::Alias { .. } => {
                target.has_aliases = true;
                return;
            }
            Event::MappingStart { properties, .. } | Event::SequenceStart { properties, .. } => {
                self.target_open += 1;
                properties
            }
            Event::Scalar { properties, .. } => properties,
            _ => {
                self.target_open -= 1;
                if self.target_open == 0 {
                    let end = if span.end > span.start {
                        span.end
                    } else {
                        self.last_end
                    };
                    self.finish_target(end);
                }
                return;
            }
        };
        target.has_inner_anchors |= properties.anchor.is_some();
    }

    fn finish_target(&mut self, end: usize) {
        if let Some(mut target) = self.target.take() {
            target.span.end = end.max(target.span.start);
            // A key that comes twice stays an error.
            if !matches!(self.ending, Ending::Twice { .. }) {
                self.ending = Ending::Found(target);
            }
        }
        self.is_over |= self.frames.is_empty();
    }

    fn beside(&mut self, event: &Event<'_>) {
        if self.skipped == 1 {
            self.look_at(event);
        }
        if is_start(event) {
            self.skipped += 1;
        } else if is_end(event) {
            self.skipped -= 1;
            if self.skipped == 0
                && self.look.take().is_some_and(|look| look.is_found)
                && let Some(frame) = self.frames.last_mut()
            {
                let entry = frame.entries - 1;
                frame.selected.push(entry);
                frame.selected.truncate(2);
            }
        }
    }

    fn look_at(&mut self, event: &Event<'_>) {
        let Some(Step::Match { key, value }) = self.steps.get(self.frames.len() - 1) else {
            return;
        };
        let Some(look) = self.look.as_mut().filter(|_| !is_end(event)) else {
            return;
        };
        let is = |wanted: &str| matches!(event, Event::Scalar { value, .. } if value == wanted);
        if look.at_key {
            look.has_key = is(key);
        } else {
            look.is_found |= look.has_key && is(value);
        }
        look.at_key = !look.at_key;
    }

    fn close(&mut self, span: Span, ordinal: usize) {
        let Some(mut frame) = self.frames.pop() else {
            return;
        };
        let depth = self.frames.len();
        frame.content_end = self.last_end;
        frame.end = span.end;
        if span.end == span.start {
            frame.end = self.last_end;
        }
        frame.end_ordinal = ordinal;
        if matches!(self.ending, Ending::Empty) {
            self.ending = match (&self.steps[depth], frame.kind) {
                (Step::Index(index), Kind::Sequence(_)) if *index < 0 => Ending::FromEnd {
                    depth,
                    entries: frame.entries,
                },
                (Step::Match { .. }, Kind::Sequence(_)) => Ending::Selected {
                    depth,
                    entries: std::mem::take(&mut frame.selected),
                    at: frame.start,
                },
                _ => Ending::Missing {
                    depth,
                    kind: frame.kind,
                    at: frame.start,
                },
            };
        }
        self.closed.push(frame);
        self.is_over |= self.frames.is_empty();
    }
}

impl Frame {
    fn new(kind: Kind, start: usize) -> Self {
        Self {
            kind,
            start,
            end: start,
            content_end: start,
            entries: 0,
            last_entry: start,
            end_ordinal: 0,
            key: None,
            before: start,
            next_entry: None,
            has_merge: false,
            next: match kind {
                Kind::Mapping(_) => Next::Key,
                _ => Next::Value,
            },
            is_matched: false,
            selected: Vec::new(),
        }
    }

    fn begin_entry(&mut self, at: usize, is_wanted: bool, last_end: usize) {
        self.entries += 1;
        self.last_entry = at;
        if is_wanted {
            self.is_matched = true;
            self.before = last_end.max(self.start);
        } else if self.is_matched && self.next_entry.is_none() {
            self.next_entry = Some(at);
        }
    }
}

impl EventSink for Follower<'_> {
    type Error = Infallible;

    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), Infallible> {
        if let Event::StreamStart
        | Event::StreamEnd
        | Event::DocumentStart { .. }
        | Event::DocumentEnd { .. } = event
        {
            return Ok(());
        }
        let ordinal = self.ordinal;
        self.ordinal += 1;
        if ordinal < self.from || self.is_over {
            return Ok(());
        }
        if self.target_open > 0 {
            self.in_target(&event, span);
        } else if self.skipped > 0 {
            self.beside(&event);
        } else if is_end(&event) {
            self.close(span, ordinal);
        } else {
            self.node(&event, span, ordinal);
        }
        // Block collections have no bytes of their own.
        if span.end > span.start || matches!(event, Event::Scalar { .. }) {
            self.last_end = self.last_end.max(span.end);
        }
        Ok(())
    }
}

fn is_start(event: &Event<'_>) -> bool {
    matches!(
        event,
        Event::MappingStart { .. } | Event::SequenceStart { .. }
    )
}

fn is_end(event: &Event<'_>) -> bool {
    matches!(event, Event::MappingEnd | Event::SequenceEnd)
}

fn is_key(step: &Step, key: &str) -> bool {
    match step {
        Step::Key(wanted) => wanted == key,
        Step::Index(index) => is_number(key) && index.to_string() == key,
        _ => false,
    }
}

fn is_index(step: &Step, entry: usize) -> bool {
    match step {
        Step::Index(index) => usize::try_from(*index) == Ok(entry),
        Step::Key(key) => is_number(key) && entry.to_string() == *key,
        _ => false,
    }
}

/// Whether it is worth a comparison.
fn is_number(text: &str) -> bool {
    text.len() < 21 && text.starts_with(|c: char| c == '-' || c.is_ascii_digit())
}
