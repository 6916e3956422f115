//! Stack traces in the lines that belong to an event: what was thrown, and a fingerprint of where.
//!
//! Known are the traces of Java, Python, Go, Node, Ruby, .NET and Rust. The fingerprint is the
//! frames without numbers and addresses, so that one defect has one.

use crate::level::Level;

/// Frames that the fingerprint has.
const MOST_FRAMES: usize = 12;
/// How much of a frame counts, in bytes.
const LONGEST_FRAME: usize = 160;
const LONGEST_NAME: usize = 120;

/// What opens a trace of Python.
pub(crate) const PYTHON: &[u8] = b"Traceback (most recent call last)";

/// Between two traces of Python of which the first brought the second.
pub(crate) fn is_chained(line: &[u8]) -> bool {
    line.starts_with(b"During handling of the above exception")
        || line.starts_with(b"The above exception was the direct cause")
}

/// Whether a message names an exception, and the line behind it is a frame.
pub(crate) fn is_thrown(message: &[u8], rest: &[u8]) -> bool {
    if !thrown(message).is_some_and(is_exception) {
        return false;
    }
    let rest = memchr::memchr(b'\n', message).map_or(rest, |end| &message[end + 1..]);
    let next = rest.split(|byte| *byte == b'\n').next().unwrap_or_default();
    is_frame(next, next.trim_ascii())
}

/// What the lines of a trace are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    /// Of another language than Python.
    #[default]
    Other,
    /// Behind Python's opening: what was raised follows the frames.
    Python,
    /// Behind what was raised.
    Raised,
    /// The next trace belongs to this one.
    Chained,
}

/// The traces of the event at hand, line by line.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    name: Vec<u8>,
    frames: Vec<u8>,
    count: usize,
    place: Place,
    /// How far lines at the margin are indented at most: journalctl indents all.
    depth: usize,
    lines: usize,
    /// Names and frames of the traces that ended.
    ended: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Trace {
    /// Before the lines of an event.
    pub(crate) fn begin(&mut self) {
        self.next();
        self.ended.clear();
        self.depth = 0;
        self.lines = 0;
    }

    /// The message of an event whose lines follow; it can open the trace.
    pub(crate) fn open(&mut self, message: &[u8]) {
        self.place = if message.starts_with(PYTHON) {
            Place::Python
        } else {
            Place::Other
        };
    }

    /// What follows is another trace.
    fn next(&mut self) {
        if self.count > 0 {
            self.ended.push((self.name.clone(), self.frames.clone()));
        }
        self.name.clear();
        self.frames.clear();
        self.count = 0;
        self.place = Place::Other;
    }

    /// Whether there was a line since the event began.
    pub(crate) const fn has_lines(&self) -> bool {
        self.lines > 0
    }

    /// A line behind the first of an event.
    pub(crate) fn line(&mut self, line: &[u8]) {
        let text = line.trim_ascii();
        if text.is_empty() {
            return;
        }
        self.lines += 1;
        let depth = line.len() - line.trim_ascii_start().len();
        let is_frame = is_frame(line, text);
        if self.lines == 1 || text.starts_with(PYTHON) {
            self.depth = depth - usize::from(is_frame);
        }
        if let Some(cause) = text.strip_prefix(b"Caused by: ") {
            // The last one is the root.
            self.set_name(thrown(cause));
        } else if text.starts_with(PYTHON) {
            if self.place != Place::Chained {
                self.next();
            }
            // Of several the last is what ended it; frames of all count.
            self.place = Place::Python;
        } else if is_frame {
            self.frame(text);
        } else if depth <= self.depth {
            self.words(text);
        }
    }

    /// A line at the margin that is no frame.
    fn words(&mut self, text: &[u8]) {
        if is_chained(text) {
            self.place = Place::Chained;
            return;
        }
        if text.starts_with(b"panic: ") || text.starts_with(b"fatal error: ") {
            self.set_name(Some(b"panic"));
            return;
        }
        let name = thrown(uncaught(text));
        match self.place {
            Place::Python if self.count > 0 && name.is_some() => {
                self.set_name(name);
                self.place = Place::Raised;
            }
            Place::Other | Place::Raised if self.count > 0 && name.is_some_and(is_exception) => {
                self.next();
                self.set_name(name);
            }
            _ if self.name.is_empty() => self.set_name(name),
            _ => {}
        }
    }

    fn set_name(&mut self, name: Option<&[u8]>) {
        if let Some(name) = name {
            self.name.clear();
            self.name.extend_from_slice(name);
        }
    }

    fn frame(&mut self, text: &[u8]) {
        self.count += 1;
        if self.count > MOST_FRAMES {
            return;
        }
        if !self.frames.is_empty() {
            self.frames.push(b'\n');
        }
        let text = &text[..text.len().min(LONGEST_FRAME)];
        let mut at = 0;
        while let Some(byte) = text.get(at) {
            if byte.is_ascii_digit() {
                // A number or an address; those of names, as in `log4j`, too.
                while text
                    .get(at)
                    .is_some_and(|byte| byte.is_ascii_hexdigit() || *byte == b'x')
                {
                    at += 1;
                }
                self.frames.push(b'#');
            } else {
                self.frames.push(*byte);
                at += 1;
            }
        }
    }

    /// What was thrown and where, of each trace with frames; `message` is the first line of the
    /// event.
    pub(crate) fn finish(&mut self, message: &[u8]) -> &[(Vec<u8>, Vec<u8>)] {
        self.next();
        for (name, _) in &mut self.ended {
            if name.is_empty() {
                name.extend_from_slice(named_in(message).unwrap_or(b"unknown"));
            }
        }
        &self.ended
    }
}

/// Without the words that Java puts before what ended a thread.
fn uncaught(text: &[u8]) -> &[u8] {
    let Some(rest) = text.strip_prefix(b"Exception in thread \"") else {
        return text;
    };
    memchr::memmem::find(rest, b"\" ").map_or(text, |end| &rest[end + 2..])
}

fn is_frame(line: &[u8], text: &[u8]) -> bool {
    let is_indented = line.first().is_some_and(u8::is_ascii_whitespace);
    if let Some(rest) = text.strip_prefix(b"at ") {
        return is_indented && !rest.is_empty();
    }
    if text.starts_with(b"File \"") {
        return is_indented && memchr::memmem::find(text, b", line ").is_some();
    }
    if text.starts_with(b"from ") {
        return is_indented && memchr::memmem::find(text, b".rb:").is_some();
    }
    is_indented && memchr::memmem::find(text, b".go:").is_some()
}

/// The name before a colon or at the end of the line: `java.io.IOException: Broken pipe`.
pub(crate) fn thrown(text: &[u8]) -> Option<&[u8]> {
    let length = text
        .iter()
        .position(|byte| !(byte.is_ascii_alphanumeric() || b"._$".contains(byte)))
        .unwrap_or(text.len());
    let name = &text[..length];
    let is_ended = matches!(text.get(length), None | Some(b':' | b' '));
    let is_name = name.first().is_some_and(u8::is_ascii_alphabetic) && length <= LONGEST_NAME;
    let has_colon = text.get(length) == Some(&b':');
    let is_telling = has_colon || length == text.len() || is_exception(name);
    let is_level = Level::of_word(name).is_some();
    (is_ended && is_name && is_telling && length > 1 && !is_level).then_some(name)
}

fn is_exception(name: &[u8]) -> bool {
    [b"Error".as_slice(), b"Exception", b"Fault", b"Throwable"]
        .iter()
        .any(|end| name.ends_with(end))
}

/// The last word of a message that names an exception.
fn named_in(message: &[u8]) -> Option<&[u8]> {
    message
        .split(|byte| !(byte.is_ascii_alphanumeric() || b"._$".contains(byte)))
        .rfind(|word| is_exception(word) && word.len() <= LONGEST_NAME)
        .map(|word| {
            let start = word.iter().position(u8::is_ascii_alphabetic).unwrap_or(0);
            &word[start..]
        })
}
