//! JSON lines: the members of one object, those of objects within by their path.
//!
//! Nothing is copied but texts with escapes; arrays are passed over. What a key means is looked up
//! once: in the next line the same keys mostly stand in the same order.

use super::access::split_request;
use super::keys::{Flavour, Key, Keys, NO_KEY, REQUEST_PARTS, RequestPart, Role};
use super::numbers::float;
use crate::fields::{FieldSet, Kind};
use crate::level::{Level, LevelSource};
use crate::record::{Http, Record, Span};
use crate::time::Clock;

/// What the reader keeps from line to line.
#[derive(Debug, Default)]
pub(crate) struct JsonReader {
    /// The keys in the order of the line before.
    keys: Keys,
    path: Vec<u8>,
    /// How long the path is of each object that is open.
    open: Vec<usize>,
    found: Found,
}

/// A scalar: its text, for strings without the quotes.
#[derive(Clone, Copy, Debug, Default)]
struct Scalar {
    span: Span,
    is_text: bool,
    has_escapes: bool,
    /// An array of bytes, as the journal writes what is no UTF-8.
    is_bytes: bool,
}

/// The best value so far for each role, with the rank of its key.
#[derive(Clone, Copy, Debug, Default)]
struct Found {
    time: Option<(u8, Scalar)>,
    level: Option<(u8, Scalar)>,
    message: Option<(u8, Scalar)>,
    source: Option<(u8, Scalar)>,
    host: Option<(u8, Scalar)>,
    trace: Option<(u8, Scalar)>,
    /// The first of each part of a request.
    request: [Option<Scalar>; REQUEST_PARTS],
    has_request: bool,
    flavour: Flavour,
    members: u32,
    docker: u8,
}

/// What a line was.
pub(crate) enum Line {
    /// An event.
    Event(Record),
    /// A line that Docker wrote around another one; the inner text is in the scratch.
    Docker(Record),
}

impl JsonReader {
    /// Reads a line. `None` when it is no JSON object. Decoded texts go to `scratch`.
    pub(crate) fn parse(
        &mut self,
        text: &[u8],
        clock: &mut Clock,
        scratch: &mut Vec<u8>,
        numbers: &mut Vec<(u32, f64)>,
        fields: &mut FieldSet,
    ) -> Option<Line> {
        let text = text.trim_ascii_end();
        if text.first() != Some(&b'{') || text.last() != Some(&b'}') {
            return None;
        }
        self.path.clear();
        self.open.clear();
        self.found = Found::default();
        self.keys.rewind();
        numbers.clear();
        self.members(text, numbers, fields)?;
        let found = self.found;
        if fields.is_wanted() {
            self.take_fields(fields);
        }
        let time = found
            .time
            .and_then(|(_, value)| clock.find(value.span.of(text)));
        let mut record = Record {
            time,
            ..Record::default()
        };
        if let Some((_, level)) = found.level {
            let level = level_of(level, text, found.flavour);
            record.found(level, LevelSource::Field);
        }
        scratch.clear();
        if found.docker == DOCKER
            && found.members == 3
            && let Some((_, inner)) = found.message
            && !inner.is_bytes
        {
            decode(inner.span.of(text), scratch);
            while matches!(scratch.last(), Some(b'\n' | b'\r')) {
                scratch.pop();
            }
            return Some(Line::Docker(record));
        }
        let parts = [found.message, found.source, found.host, found.trace];
        let parts = parts.map(|part| part.map(|(_, scalar)| scalar).unwrap_or_default());
        record.is_decoded = parts.iter().any(|part| part.has_escapes || part.is_bytes);
        let spans = parts.map(|part| {
            if !record.is_decoded {
                return part.span;
            }
            let start = scratch.len();
            if part.is_bytes {
                scratch.extend(bytes_of(part.span.of(text)));
            } else if part.has_escapes {
                decode(part.span.of(text), scratch);
            } else {
                scratch.extend_from_slice(part.span.of(text));
            }
            Span::new(start, scratch.len())
        });
        [record.message, record.source, record.host, record.trace] = spans;
        if found.has_request && found.message.is_none() {
            request(&found, text, scratch, &mut record);
        }
        Some(Line::Event(record))
    }

    /// The path of a number's key.
    pub(crate) fn name(&self, key: u32) -> &[u8] {
        self.keys.name(key)
    }

    /// The fields that became parts of the record are no others.
    fn take_fields(&self, fields: &mut FieldSet) {
        let found = &self.found;
        let taken = [found.time, found.level, found.message];
        for (_, scalar) in taken.iter().flatten() {
            fields.take(scalar.span.start);
        }
        for (_, scalar) in [found.source, found.host, found.trace].iter().flatten() {
            fields.take(scalar.span.start);
        }
    }

    /// All members of the object and of those within.
    fn members(
        &mut self,
        text: &[u8],
        numbers: &mut Vec<(u32, f64)>,
        fields: &mut FieldSet,
    ) -> Option<()> {
        let mut at = blank(text, 1);
        self.open.push(0);
        if text.get(at) == Some(&b'}') {
            return (at + 1 == text.len()).then_some(());
        }
        loop {
            // A key.
            if text.get(at)? != &b'"' {
                return None;
            }
            let (end, _) = string(text, at)?;
            let key = &text[at + 1..end];
            at = blank(text, end + 1);
            if text.get(at)? != &b':' {
                return None;
            }
            at = blank(text, at + 1);
            self.found.members += u32::from(self.open.len() == 1);
            if text.get(at)? == &b'{' && self.open.len() < DEEPEST {
                let inner = blank(text, at + 1);
                if text.get(inner)? != &b'}' {
                    self.path.extend_from_slice(key);
                    self.path.push(b'.');
                    self.open.push(self.path.len());
                    at = inner;
                    continue;
                }
                if fields.is_wanted() {
                    self.collect(key, Kind::Json, &text[at..=inner], at, fields);
                }
                at = inner + 1;
            } else {
                at = self.value(text, at, key, numbers, fields)?;
            }
            at = blank(text, at);
            // Behind a value: more members, or the ends of objects.
            while text.get(at)? == &b'}' {
                self.open.pop();
                at = blank(text, at + 1);
                let Some(parent) = self.open.last() else {
                    return (at == text.len()).then_some(());
                };
                self.path.truncate(*parent);
            }
            if text.get(at)? != &b',' {
                return None;
            }
            at = blank(text, at + 1);
        }
    }

    /// One value that is no object to look into; gives its end.
    fn value(
        &mut self,
        text: &[u8],
        at: usize,
        key: &[u8],
        numbers: &mut Vec<(u32, f64)>,
        fields: &mut FieldSet,
    ) -> Option<usize> {
        let (scalar, end) = match text.get(at)? {
            b'"' => {
                let (end, has_escapes) = string(text, at)?;
                let span = Span::new(at + 1, end);
                let scalar = Scalar {
                    span,
                    is_text: true,
                    has_escapes,
                    is_bytes: false,
                };
                (scalar, end + 1)
            }
            b'[' | b'{' => {
                let end = collection(text, at)?;
                if fields.is_wanted() {
                    self.collect(key, Kind::Json, &text[at..end], at, fields);
                }
                if is_bytes(&text[at..end]) {
                    self.take_bytes(key, Span::new(at, end), text);
                }
                return Some(end);
            }
            _ => {
                let rest = &text[at..];
                let length = rest
                    .iter()
                    .position(|byte| matches!(byte, b',' | b'}' | b' ' | b'\t'))?;
                let scalar = Scalar {
                    span: Span::new(at, at + length),
                    is_text: false,
                    has_escapes: false,
                    is_bytes: false,
                };
                (scalar, at + length)
            }
        };
        let known = self.look_up(key);
        let word = scalar.span.of(text);
        if fields.is_wanted() {
            let kind = match word.first() {
                _ if scalar.is_text => Kind::Text,
                Some(b't' | b'f' | b'n') => Kind::Word,
                _ => Kind::Number,
            };
            self.collect(key, kind, word, scalar.span.start as usize, fields);
        }
        if !scalar.is_text && word != b"null" && word != b"true" && word != b"false" {
            // A word that is no number makes the line something else than JSON.
            let value = float(word)?;
            if known.role == Role::None && known.index != NO_KEY {
                numbers.push((known.index, value));
            }
        }
        self.found.take(known, scalar, word);
        if let Some(part) = known.request {
            self.found.has_request = true;
            self.found.request[part as usize].get_or_insert(scalar);
        }
        Some(end)
    }
}

impl JsonReader {
    /// What is known of a key in the object at hand.
    fn look_up(&mut self, key: &[u8]) -> Key {
        let prefix = self.open.last().map_or(0, |length| *length);
        if prefix == 0 {
            return self.keys.look_up(key);
        }
        self.path.truncate(prefix);
        self.path.extend_from_slice(key);
        let known = self.keys.look_up(&self.path);
        self.path.truncate(prefix);
        known
    }

    /// A message that is an array of bytes.
    #[cold]
    fn take_bytes(&mut self, key: &[u8], span: Span, text: &[u8]) {
        let known = self.look_up(key);
        if known.role == Role::Message {
            let scalar = Scalar {
                span,
                is_bytes: true,
                ..Scalar::default()
            };
            self.found.take(known, scalar, span.of(text));
        }
    }

    /// Keeps a member as a field.
    #[cold]
    fn collect(&self, key: &[u8], kind: Kind, value: &[u8], at: usize, fields: &mut FieldSet) {
        let path = &self.path[..self.open.last().map_or(0, |length| *length)];
        let origin = Span::new(at, at).start;
        let write = |out: &mut Vec<u8>| match kind {
            Kind::Text => decode(value, out),
            _ => out.extend_from_slice(value),
        };
        if !path.contains(&b'\\') && !key.contains(&b'\\') {
            fields.push_with(&[path, key], kind, origin, write);
            return;
        }
        let mut name = Vec::new();
        decode(&[path, key].concat(), &mut name);
        fields.push_with(&[&name], kind, origin, write);
    }
}

/// The request of a line without a message, if it has a status and tells what was asked for.
fn request(found: &Found, text: &[u8], scratch: &mut Vec<u8>, record: &mut Record) {
    let part = |part: RequestPart| found.request[part as usize].unwrap_or_default();
    let number = |scalar: Scalar| -> Option<u64> {
        let word = std::str::from_utf8(scalar.span.of(text)).ok()?;
        let is_plain = word.bytes().all(|byte| byte.is_ascii_digit());
        is_plain.then(|| word.parse().ok())?
    };
    let status = number(part(RequestPart::Status)).and_then(|status| u16::try_from(status).ok());
    let Some(status) = status.filter(|status| (100..600).contains(status)) else {
        return;
    };
    let (line, target) = (part(RequestPart::Line), part(RequestPart::Target));
    if !(line.is_text || target.is_text) {
        return;
    }
    let texts = [
        line,
        part(RequestPart::Method),
        target,
        part(RequestPart::Client),
        part(RequestPart::Agent),
        part(RequestPart::Referrer),
    ]
    .map(|scalar| {
        if scalar.is_text {
            scalar
        } else {
            Scalar::default()
        }
    });
    if !record.is_decoded && texts.iter().any(|text| text.has_escapes) {
        // The parts that have no escapes go to the decoded ones.
        record.is_decoded = true;
        for span in [&mut record.source, &mut record.host, &mut record.trace] {
            let start = scratch.len();
            scratch.extend_from_slice(span.of(text));
            *span = Span::new(start, scratch.len());
        }
    }
    let spans = texts.map(|scalar| {
        if !record.is_decoded {
            return scalar.span;
        }
        let start = scratch.len();
        decode(scalar.span.of(text), scratch);
        Span::new(start, scratch.len())
    });
    let mut http = Http {
        method: spans[1],
        target: spans[2],
        client: spans[3],
        agent: spans[4],
        referrer: spans[5],
        status,
        bytes: number(part(RequestPart::Bytes)),
    };
    let of = if record.is_decoded { scratch } else { text };
    if !spans[0].is_empty() {
        let (start, end) = (spans[0].start as usize, spans[0].end as usize);
        split_request(of, start, end, &mut http);
    }
    record.message = if spans[0].is_empty() {
        http.target
    } else {
        spans[0]
    };
    record.http = Some(http);
}

/// Objects in objects that are looked into.
const DEEPEST: usize = 16;
/// The three keys of Docker's json-file.
const DOCKER: u8 = 7;

impl Found {
    fn take(&mut self, key: Key, scalar: Scalar, word: &[u8]) {
        let slot = match key.role {
            Role::None => return,
            Role::Time => &mut self.time,
            Role::Level => &mut self.level,
            Role::Message => &mut self.message,
            Role::Source => &mut self.source,
            Role::Host => &mut self.host,
            Role::Trace => &mut self.trace,
            Role::Stream => {
                self.docker |= 1;
                return;
            }
        };
        if word == b"null" && !scalar.is_text {
            return;
        }
        self.docker |= key.docker;
        if slot.is_none_or(|(rank, _)| key.rank < rank) {
            *slot = Some((key.rank, scalar));
            if key.role == Role::Level {
                self.flavour = key.flavour;
            }
        }
    }
}

fn blank(text: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\t') = text.get(at) {
        at += 1;
    }
    at
}

/// Where the string at a quote closes, and whether it has escapes.
fn string(text: &[u8], at: usize) -> Option<(usize, bool)> {
    let mut from = at + 1;
    let mut has_escapes = false;
    loop {
        let found = from + memchr::memchr2(b'"', b'\\', text.get(from..)?)?;
        if text[found] == b'"' {
            return Some((found, has_escapes));
        }
        has_escapes = true;
        from = found + 2;
    }
}

/// Behind an array or object that is not looked into.
fn collection(text: &[u8], mut at: usize) -> Option<usize> {
    let mut depth = 0_u32;
    loop {
        match text.get(at)? {
            b'[' | b'{' => depth += 1,
            b']' | b'}' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            b'"' => at = string(text, at)?.0,
            _ => {}
        }
        at += 1;
    }
}

/// Whether all that an array has are numbers below 256.
fn is_bytes(array: &[u8]) -> bool {
    array.get(1).is_some_and(u8::is_ascii_digit)
        && numbers_of(array).all(|number| byte_of(number).is_some())
}

fn bytes_of(array: &[u8]) -> impl Iterator<Item = u8> {
    numbers_of(array).filter_map(byte_of)
}

fn numbers_of(array: &[u8]) -> impl Iterator<Item = &[u8]> {
    let inner = &array[1..array.len() - 1];
    inner.split(|byte| *byte == b',').map(<[u8]>::trim_ascii)
}

fn byte_of(number: &[u8]) -> Option<u8> {
    let digits = std::str::from_utf8(number).ok()?;
    number[..1.min(number.len())]
        .iter()
        .all(u8::is_ascii_digit)
        .then(|| digits.parse().ok())?
}

fn level_of(value: Scalar, text: &[u8], flavour: Flavour) -> Option<Level> {
    let word = value.span.of(text);
    let number = std::str::from_utf8(word)
        .ok()
        .and_then(|word| word.parse::<i64>().ok());
    let Some(number) = number else {
        // MongoDB's letters, `D1` to `D5` among them.
        if let [letter] | [letter @ b'D', b'1'..=b'5'] = word {
            return Level::of_letter(*letter);
        }
        return Level::of_word(without_offset(word));
    };
    Some(match flavour {
        Flavour::Syslog => Level::of_priority(u8::try_from(number).ok()?),
        Flavour::Thousands => Level::of_thousands(number),
        Flavour::Telemetry => Level::of_telemetry(number),
        Flavour::Python => Level::of_python(number),
        Flavour::Tens if number < 10 => Level::of_priority(u8::try_from(number).ok()?),
        Flavour::Tens => Level::of_tens(number),
    })
}

/// slog's `ERROR` of `ERROR+4`.
pub(crate) fn without_offset(word: &[u8]) -> &[u8] {
    let end = word.iter().position(|byte| matches!(byte, b'+' | b'-'));
    word[..end.unwrap_or(word.len())].trim_ascii()
}

/// The text of a string with its escapes read (RFC 8259, section 7); what is no escape stays.
pub(crate) fn decode(text: &[u8], out: &mut Vec<u8>) {
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'\\', &text[at..]) {
        out.extend_from_slice(&text[at..at + found]);
        at += found;
        let byte = match text.get(at + 1) {
            Some(b'n') => b'\n',
            Some(b't') => b'\t',
            Some(b'r') => b'\r',
            Some(b'b') => 8,
            Some(b'f') => 12,
            Some(b'u') => {
                let (character, length) = unicode(&text[at..]);
                let mut buffer = [0; 4];
                out.extend_from_slice(character.encode_utf8(&mut buffer).as_bytes());
                at += length;
                continue;
            }
            Some(other) => *other,
            None => b'\\',
        };
        out.push(byte);
        at = (at + 2).min(text.len());
    }
    out.extend_from_slice(&text[at..]);
}

/// `\uXXXX` or a pair of them; the replacement character where none is.
fn unicode(text: &[u8]) -> (char, usize) {
    let four = |at: usize| {
        let digits = text.get(at..at + 4)?;
        let digits = digits.iter().all(u8::is_ascii_hexdigit).then_some(digits)?;
        let digits = std::str::from_utf8(digits).ok()?;
        u32::from_str_radix(digits, 16).ok()
    };
    let Some(first) = four(2) else {
        return (char::REPLACEMENT_CHARACTER, 2);
    };
    if (0xD800..0xDC00).contains(&first)
        && text.get(6..8) == Some(b"\\u")
        && let Some(second) = four(8).filter(|second| (0xDC00..0xE000).contains(second))
    {
        let joined = 0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00);
        return (
            char::from_u32(joined).unwrap_or(char::REPLACEMENT_CHARACTER),
            12,
        );
    }
    (
        char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER),
        6,
    )
}
