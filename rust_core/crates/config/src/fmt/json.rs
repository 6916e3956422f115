//! JSON in one style: an entry on each line, scalars as they are written.

use std::convert::Infallible;

use crate::event::{Event, EventSink, Span};

struct Level {
    is_mapping: bool,
    entries: usize,
    has_key: bool,
}

/// Writes a JSON text anew from its events.
pub(super) struct Writer<'t> {
    text: &'t str,
    indent: usize,
    levels: Vec<Level>,
    pub(super) out: String,
}

impl<'t> Writer<'t> {
    pub(super) fn new(text: &'t str, indent: usize) -> Self {
        Self {
            text,
            indent,
            levels: Vec::new(),
            out: String::with_capacity(text.len() + text.len() / 4),
        }
    }

    fn line(&mut self) {
        self.out.push('\n');
        let indent = self.levels.len() * self.indent;
        self.out.extend(std::iter::repeat_n(' ', indent));
    }

    /// What stands before a node.
    fn before(&mut self) {
        let Some(level) = self.levels.last_mut() else {
            return;
        };
        if level.is_mapping && std::mem::take(&mut level.has_key) {
            self.out.push_str(": ");
            return;
        }
        level.has_key = level.is_mapping;
        level.entries += 1;
        if level.entries > 1 {
            self.out.push(',');
        }
        self.line();
    }

    fn start(&mut self, is_mapping: bool) {
        self.before();
        self.out.push(if is_mapping { '{' } else { '[' });
        self.levels.push(Level {
            is_mapping,
            entries: 0,
            has_key: false,
        });
    }

    fn end(&mut self) {
        let level = self.levels.pop();
        if level.as_ref().is_some_and(|level| level.entries > 0) {
            self.line();
        }
        let is_mapping = level.is_some_and(|level| level.is_mapping);
        self.out.push(if is_mapping { '}' } else { ']' });
    }
}

impl EventSink for Writer<'_> {
    type Error = Infallible;

    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), Infallible> {
        match event {
            Event::MappingStart { .. } => self.start(true),
            Event::SequenceStart { .. } => self.start(false),
            Event::MappingEnd | Event::SequenceEnd => self.end(),
            Event::Scalar { .. } => {
                self.before();
                self.out.push_str(&self.text[span.start..span.end]);
            }
            _ => {}
        }
        Ok(())
    }
}
