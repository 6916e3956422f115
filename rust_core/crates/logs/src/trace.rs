//! Stack traces in the lines that belong to an event: what was thrown, and a fingerprint of where.
//!
//! Known are the traces of Java, Python, Go, Node, Ruby, .NET and Rust. The fingerprint is the
//! frames without numbers and addresses, so that one defect has one.

/// Frames that the fingerprint has.
const MOST_FRAMES: usize = 12;
/// How much of a frame counts, in bytes.
const LONGEST_FRAME: usize = 160;
const LONGEST_NAME: usize = 120;

/// The trace of the event at hand, line by line.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    name: Vec<u8>,
    frames: Vec<u8>,
    count: usize,
    /// What follows a Python trace names what was raised.
    is_python: bool,
    lines: usize,
}

impl Trace {
    /// Before the lines of an event.
    pub(crate) fn begin(&mut self) {
        self.name.clear();
        self.frames.clear();
        self.count = 0;
        self.is_python = false;
        self.lines = 0;
    }

    /// Whether there was a line since the event began.
    pub(crate) const fn has_lines(&self) -> bool {
        self.lines > 0
    }

    /// A line behind the first of an event.
    pub(crate) fn line(&mut self, line: &[u8]) {
        self.lines += 1;
        let text = line.trim_ascii();
        if let Some(cause) = text.strip_prefix(b"Caused by: ") {
            // The last one is the root.
            self.set_name(thrown(cause));
            return;
        }
        if text.starts_with(b"Traceback (most recent call last)") {
            self.is_python = true;
            // Of several the last is what ended it; frames of all count.
            return;
        }
        if is_frame(line, text) {
            self.frame(text);
            return;
        }
        let is_indented = line.first().is_some_and(u8::is_ascii_whitespace);
        if is_indented {
            return;
        }
        if text.starts_with(b"panic: ") || text.starts_with(b"fatal error: ") {
            self.set_name(Some(b"panic"));
        } else if (self.is_python && self.count > 0) || self.name.is_empty() {
            self.set_name(thrown(text));
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

    /// What was thrown, where frames were seen; `message` is the first line of the event.
    pub(crate) fn finish(&mut self, message: &[u8]) -> Option<(&[u8], &[u8])> {
        if self.count == 0 {
            return None;
        }
        if self.name.is_empty() {
            let name = named_in(message).unwrap_or(b"unknown").to_vec();
            self.name = name;
        }
        Some((&self.name, &self.frames))
    }
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
fn thrown(text: &[u8]) -> Option<&[u8]> {
    let length = text
        .iter()
        .position(|byte| !(byte.is_ascii_alphanumeric() || b"._$".contains(byte)))
        .unwrap_or(text.len());
    let name = &text[..length];
    let is_ended = matches!(text.get(length), None | Some(b':' | b' '));
    let is_name = name.first().is_some_and(u8::is_ascii_alphabetic) && length <= LONGEST_NAME;
    let has_colon = text.get(length) == Some(&b':');
    let is_telling = has_colon || length == text.len() || is_exception(name);
    (is_ended && is_name && is_telling && length > 1).then_some(name)
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
