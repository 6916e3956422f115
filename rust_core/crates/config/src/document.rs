//! Streams, documents and directives (specification 6.8 and 9).

use std::collections::HashSet;

use crate::cursor::{Cursor, is_blank, is_break, is_white};
use crate::error::{Fault, Scan, Stop, SyntaxErrorKind};
use crate::event::{Event, EventSink, Span, Version};
use crate::parser::Parser;
use crate::tags::{Handles, is_tag_character, is_uri, is_word, unescape};

/// What the directives of one document say.
#[derive(Default)]
struct Prologue {
    version: Option<Version>,
    first: Option<usize>,
}

impl<S: EventSink> Parser<'_, '_, S> {
    pub(crate) fn stream(&mut self) -> Result<(), Stop<S::Error>> {
        self.emit(Event::StreamStart, Span::empty(0))?;
        let mut is_open = true;
        while self.next_document(&mut is_open)? {}
        self.emit(Event::StreamEnd, Span::empty(self.cursor.pos))
    }

    /// Reads the next document, if there is one. `is_open` says whether directives or a bare
    /// document may come, that is, whether `...` or nothing stands before.
    pub(crate) fn next_document(&mut self, is_open: &mut bool) -> Result<bool, Stop<S::Error>> {
        let mut prologue = Prologue::default();
        while self.document_prefix(&prologue)? {
            if self.cursor.at_word(b"...") {
                no_dangling_directive(&prologue)?;
                self.document_suffix()?;
                *is_open = true;
            } else if !*is_open && !self.cursor.at_word(b"---") {
                return Err(Fault::expected(
                    "`...` or `---` before another document",
                    self.cursor.pos,
                )
                .into());
            } else if self.cursor.peek() == b'%' {
                directive(&mut self.cursor, &mut self.handles, &mut prologue)?;
            } else {
                *is_open = self.document(&prologue)?;
                return Ok(true);
            }
        }
        no_dangling_directive(&prologue)?;
        Ok(false)
    }

    /// Skips byte order marks, comments and blank lines; false at the end.
    fn document_prefix(&mut self, prologue: &Prologue) -> Scan<bool> {
        loop {
            while self.cursor.at_mark() {
                no_dangling_directive(prologue)?;
                self.cursor.pos += '\u{FEFF}'.len_utf8();
                self.cursor.line_start = self.cursor.pos;
            }
            self.cursor.next_line()?;
            if self.cursor.at_end() {
                return Ok(false);
            }
            // Back to the start, where the block parser begins.
            self.cursor.pos = self.cursor.line_start;
            if !self.cursor.at_mark() {
                return Ok(true);
            }
        }
    }

    fn document_suffix(&mut self) -> Scan<()> {
        self.cursor.pos += 3;
        self.cursor.finish_line()
    }

    /// Reads a document; true when `...` ended it.
    fn document(&mut self, prologue: &Prologue) -> Result<bool, Stop<S::Error>> {
        let start = self.cursor.pos;
        let explicit = self.cursor.at_word(b"---");
        if explicit {
            self.cursor.pos += 3;
        } else {
            no_dangling_directive(prologue)?;
        }
        let tags = std::mem::take(&mut self.handles.list);
        let event = Event::DocumentStart {
            explicit,
            version: prologue.version,
            tags,
        };
        self.emit(event, Span::new(start, self.cursor.pos))?;
        self.block_document(explicit)?;
        // Clearing a table costs its capacity, which one large document would leave to all after it.
        self.handles = Handles::default();
        if !self.anchors.is_empty() {
            self.anchors = HashSet::new();
        }

        let start = self.cursor.pos;
        let explicit = self.cursor.at_word(b"...");
        if explicit {
            self.document_suffix()?;
        }
        let end = if explicit { start + 3 } else { start };
        self.emit(Event::DocumentEnd { explicit }, Span::new(start, end))?;
        Ok(explicit)
    }
}

fn no_dangling_directive(prologue: &Prologue) -> Scan<()> {
    let problem = "a document with `---` must follow it";
    prologue.first.map_or(Ok(()), |at| {
        Err(Fault::new(SyntaxErrorKind::Directive { problem }, at))
    })
}

/// Reads the directive at the cursor.
fn directive<'i>(
    cursor: &mut Cursor<'i>,
    handles: &mut Handles<'i>,
    prologue: &mut Prologue,
) -> Scan<()> {
    let start = cursor.pos;
    prologue.first.get_or_insert(start);
    cursor.skip_while(|byte| !is_blank(byte));
    cursor.check_printable(start, cursor.pos)?;
    match &cursor.text[start..cursor.pos] {
        "%YAML" => {
            let version = version(cursor, start)?;
            if prologue.version.replace(version).is_some() {
                return invalid("`%YAML` stands twice", start);
            }
        }
        "%TAG" => tag_directive(cursor, handles, start)?,
        "%" => return invalid("a name must follow `%`", start),
        _ => {
            // Reserved ones are ignored (6.8), but their text must be text.
            let from = cursor.pos;
            cursor.pos = cursor.line_end(from);
            cursor.check_printable(from, cursor.pos)?;
        }
    }
    let at = cursor.pos;
    cursor
        .finish_line()
        .or_else(|_| invalid("only a comment may follow", at))
}

fn invalid<T>(problem: &'static str, at: usize) -> Scan<T> {
    Err(Fault::new(SyntaxErrorKind::Directive { problem }, at))
}

fn word<'i>(cursor: &mut Cursor<'i>) -> &'i str {
    cursor.skip_while(is_white);
    let from = cursor.pos;
    cursor.skip_while(|byte| !is_blank(byte));
    &cursor.text[from..cursor.pos]
}

fn version(cursor: &mut Cursor<'_>, start: usize) -> Scan<Version> {
    let number = |digits: &str| {
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        if is_number { digits.parse().ok() } else { None }
    };
    let (major, minor) = word(cursor).split_once('.').unwrap_or_default();
    match (number(major), number(minor)) {
        (Some(1), Some(minor)) => Ok(Version { major: 1, minor }),
        (Some(_), Some(_)) => invalid("this is a parser for YAML 1.2", start),
        _ => invalid("write `%YAML 1.2`", start),
    }
}

fn tag_directive<'i>(cursor: &mut Cursor<'i>, handles: &mut Handles<'i>, start: usize) -> Scan<()> {
    let handle = word(cursor);
    let name = handle
        .strip_prefix('!')
        .map(|rest| rest.strip_suffix('!').unwrap_or(rest));
    let is_handle = match name {
        Some(name) => (handle.len() < 3 || handle.ends_with('!')) && name.bytes().all(is_word),
        None => false,
    };
    let is_single = handle.len() == 2 && handle != "!!";
    if !is_handle || is_single || is_break(cursor.peek()) {
        return invalid("write `%TAG !handle! prefix`", start);
    }
    let prefix = word(cursor);
    let starts_well = prefix
        .bytes()
        .next()
        .is_some_and(|byte| byte == b'!' || is_tag_character(byte));
    if !starts_well
        || !prefix.bytes().all(is_uri)
        || prefix.contains('%') && unescape(prefix).is_none()
    {
        return invalid("the prefix is no URI", start);
    }
    if !handles.declare(handle, prefix) {
        return invalid("this handle is declared twice", start);
    }
    Ok(())
}
