//! Lines of text with a header: a time, and around it in any order a level, a host, threads,
//! numbers of processes and the name of a logger, before the message.
//!
//! Where time and level stand is learnt from the file once ([`Layout`]); a line is then read
//! piece by piece. A piece is a word or what brackets hold.

use crate::level::{Level, LevelSource};
use crate::record::{Record, Span};
use crate::time::{Clock, Shape, Stamp, YearOf};

/// Where the parts of the header stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Layout {
    /// How the time is written.
    pub shape: Shape,
    /// How many pieces stand before the time.
    pub before: u8,
    /// A second time and the number of pieces between the two: lines that were collected.
    pub second: Option<(u8, Shape)>,
    /// Where the level stands.
    pub level: LevelPlace,
    /// Whether the name of a logger opens what is behind.
    pub name: NamePlace,
}

/// Whether a word before a colon, a dash or a column behind the header names a logger: a few lines
/// alone do not tell it from a message such as `OS: Linux`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NamePlace {
    /// Most lines have such a word.
    Column,
    /// It is the message's.
    None,
}

/// What the first word behind a header looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FirstWord {
    /// The name of a logger.
    Name,
    /// A part of the message.
    Message,
}

/// Where the level stands in a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LevelPlace {
    /// Nowhere, as far as is known.
    None,
    /// It is the piece of this number, from 0, before the time.
    Before(u8),
    /// It is the piece of this number behind the time.
    After(u8),
}

/// How far a header is looked at.
pub(crate) const MOST_PIECES: u8 = 8;

/// A part of the header: its text without brackets, and where it ends.
#[derive(Clone, Copy)]
pub(crate) struct Piece<'t> {
    pub(crate) text: &'t [u8],
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) is_bracketed: bool,
}

const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// Past blanks and the marks that part columns.
pub(crate) fn skip(text: &[u8], mut at: usize) -> usize {
    while let Some(byte) = text.get(at) {
        let ahead = |ahead: usize| text.get(at + ahead);
        match byte {
            b' ' | b'\t' | b'|' | b']' | b',' | b';' => at += 1,
            b'-' | b':' if ahead(1).is_none_or(|next| is_blank(*next)) => at += 1,
            // Ruby's `--`, Spring's `---`.
            b'-' if ahead(1) == Some(&b'-') && matches!(ahead(2), Some(b' ' | b'-')) => at += 1,
            _ => break,
        }
    }
    at
}

/// The piece at a place where none of [`skip`]'s marks stand.
pub(crate) fn piece(text: &[u8], at: usize) -> Option<Piece<'_>> {
    let (open, close) = match text.get(at)? {
        b'[' => (b'[', b']'),
        b'(' => (b'(', b')'),
        b'<' => (b'<', b'>'),
        _ => {
            let rest = &text[at..];
            // Words are too short for a search by vectors to pay.
            let length = rest.iter().position(|byte| ENDS_WORD[*byte as usize]);
            let length = length.unwrap_or(rest.len());
            let word = &rest[..length];
            return Some(Piece {
                text: word,
                start: at,
                end: at + length,
                is_bracketed: false,
            });
        }
    };
    let mut depth = 0;
    for (index, byte) in text[at..].iter().take(LONGEST_BRACKET).enumerate() {
        if *byte == open {
            depth += 1;
        } else if *byte == close {
            depth -= 1;
            if depth == 0 {
                let inner = &text[at + 1..at + index];
                return Some(Piece {
                    text: inner.trim_ascii(),
                    start: at + 1 + inner.len() - inner.trim_ascii_start().len(),
                    end: at + index + 1,
                    is_bracketed: true,
                });
            }
        }
    }
    None
}

const LONGEST_BRACKET: usize = 400;

/// The level that a piece of a header names.
pub(crate) fn level_of(piece: &Piece<'_>) -> Option<Level> {
    let word = piece.text;
    if !piece.is_bracketed
        && let [letter] = word
    {
        return Level::of_letter(*letter);
    }
    // Apache's `[core:error]`, and `ERROR:`, `WARN,`, `I,`.
    let word = word
        .strip_suffix(b":")
        .or(word.strip_suffix(b","))
        .unwrap_or(word);
    if let [letter] = word {
        return Level::of_letter(*letter).filter(|_| piece.text.len() == 2);
    }
    if let Some(level) = Level::of_word(word) {
        return Some(level);
    }
    if !piece.is_bracketed {
        // `INFO/MainProcess]` of Celery.
        if let Some(slash) = memchr::memchr(b'/', word)
            && slash > 2
            && word[..slash].iter().all(u8::is_ascii_uppercase)
            && let Some(level) = Level::of_word(&word[..slash])
        {
            return Some(level);
        }
        // `ch.WARNING:` of Monolog.
        let dot = memchr::memrchr(b'.', word)?;
        let last = &word[dot + 1..];
        return Level::of_word(last).filter(|_| last.iter().all(u8::is_ascii_uppercase));
    }
    Level::of_word(word.rsplit(|byte| *byte == b':').next()?)
}

/// Whether the word is written as levels are in columns: not in small letters.
pub(crate) fn is_emphatic(piece: &Piece<'_>) -> bool {
    piece.is_bracketed || piece.text.first().is_some_and(u8::is_ascii_uppercase)
}

impl Layout {
    /// Reads a line; `None` when there is no time at its place.
    pub(crate) fn parse(self, text: &[u8], clock: &mut Clock, year: YearOf) -> Option<Record> {
        Some(self.read(text, clock, year)?.0)
    }

    /// Also whether a name may stand before the message, believed or not.
    pub(crate) fn read(
        self,
        text: &[u8],
        clock: &mut Clock,
        year: YearOf,
    ) -> Option<(Record, FirstWord)> {
        let mut record = Record::default();
        let mut at = skip_open(text, 0);
        for index in 0..self.before {
            let piece = piece(text, at)?;
            if self.level == LevelPlace::Before(index) {
                record.found(level_of(&piece), LevelSource::Header);
            }
            at = skip_open(text, skip(text, piece.end));
        }
        let (stamp, length) = clock.parse(self.shape, text.get(at..)?, year)?;
        record.time = Some(stamp);
        let mut shape = self.shape;
        at += length;
        if let Some((between, second)) = self.second
            && let Some((inner, end)) = inner_time(text, at, between, second, year)
        {
            // What was collected has the time of the collector, and often only that has a year.
            if !second.may_lack_year() {
                record.time = Some(inner);
            }
            shape = second;
            at = end;
        }
        record.is_year_missing = self.shape.may_lack_year();
        if text.get(at).is_some_and(u8::is_ascii_alphanumeric) {
            return None;
        }
        if shape == Shape::Syslog && !self.has_early_level() {
            super::syslog::tagged(text, at, &mut record);
            return Some((record, FirstWord::Message));
        }
        let first = self.after(text, at, &mut record)?;
        Some((record, first))
    }

    /// Whether a level stands where host and tag of syslog would.
    const fn has_early_level(self) -> bool {
        matches!(self.level, LevelPlace::After(0 | 1))
    }

    /// The pieces between the time and the message; none when the line belongs to the one before.
    fn after(self, text: &[u8], at: usize, record: &mut Record) -> Option<FirstWord> {
        let mut at = skip(text, at);
        let mut source = Source::Open;
        let mut last_word = Span::default();
        if let LevelPlace::After(place) = self.level {
            let mut next = at;
            // One place further for lines that have a piece more than most.
            for index in 0..=place.saturating_add(1) {
                let Some(piece) = piece(text, next) else {
                    break;
                };
                if (index == place || is_shouted(&piece))
                    && let Some(level) = level_of(&piece)
                {
                    record.found(Some(level), LevelSource::Header);
                    record.source = last_word;
                    if let Some(module) = module(&piece) {
                        record.source = module;
                        source = Source::Told;
                    } else if piece.text.ends_with(b":") {
                        source = Source::None;
                    }
                    at = skip(text, piece.end);
                    break;
                }
                if CONTINUED.contains(&piece.text) {
                    return None;
                }
                last_word = name(&piece).unwrap_or(last_word);
                next = skip(text, piece.end);
            }
        }
        record.message = Span::new(at, text.len());
        Some(message(text, record, self.name, source))
    }
}

/// What is known of the source before the words behind the level are looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Source {
    /// The name of a logger may follow.
    Open,
    /// The header told it.
    Told,
    /// A level with a colon ended the header.
    None,
}

/// The module of Apache's `[module:level]`.
fn module(piece: &Piece<'_>) -> Option<Span> {
    let colon = memchr::memrchr(b':', piece.text).filter(|_| piece.is_bracketed)?;
    let module = Span::new(piece.start, piece.start + colon);
    (colon > 0 && piece.text[0].is_ascii_alphabetic()).then_some(module)
}

/// A word in capitals before a colon, which is a level wherever it stands in a header.
fn is_shouted(piece: &Piece<'_>) -> bool {
    let word = piece.text.strip_suffix(b":").unwrap_or_default();
    !piece.is_bracketed && word.len() > 2 && word.iter().all(u8::is_ascii_uppercase)
}

/// What `PostgreSQL` writes in the place of a level where a line belongs to the one before.
const CONTINUED: [&[u8]; 6] = [
    b"DETAIL:",
    b"HINT:",
    b"QUERY:",
    b"CONTEXT:",
    b"LOCATION:",
    b"STATEMENT:",
];

/// Past blanks and opening brackets before a time.
pub(crate) fn skip_open(text: &[u8], mut at: usize) -> usize {
    while let Some(b'[' | b' ' | b'(') = text.get(at)
        && looks_like_time(text, at + 1)
    {
        at += 1;
    }
    at
}

fn looks_like_time(text: &[u8], at: usize) -> bool {
    match text.get(at) {
        Some(b'0'..=b'9' | b'[' | b' ') => true,
        Some(b'A'..=b'Z') => text
            .get(at + 3)
            .is_some_and(|byte| matches!(byte, b' ' | b',')),
        _ => false,
    }
}

fn inner_time(
    text: &[u8],
    at: usize,
    between: u8,
    shape: Shape,
    year: YearOf,
) -> Option<(Stamp, usize)> {
    let mut at = skip(text, at);
    for _ in 0..between {
        at = skip(text, piece(text, at)?.end);
    }
    let (stamp, length) = shape.parse(text.get(at..)?, year)?;
    Some((stamp, at + length))
}

/// The place of a piece that can be the name of a logger, a thread or a program.
fn name(piece: &Piece<'_>) -> Option<Span> {
    let text = piece.text;
    let is_name = text.first().is_some_and(u8::is_ascii_alphabetic) && text.len() <= LONGEST_NAME;
    let text = text.strip_suffix(b":").unwrap_or(text);
    is_name.then(|| Span::new(piece.start, piece.start + text.len()))
}

const LONGEST_NAME: usize = 120;

/// Blanks and the bar.
const ENDS_WORD: [bool; 256] = {
    let mut bytes = [false; 256];
    bytes[b' ' as usize] = true;
    bytes[b'\t' as usize] = true;
    bytes[b'|' as usize] = true;
    bytes
};

/// What names of loggers are made of.
const IS_NAME: [bool; 256] = {
    let mut bytes = [false; 256];
    let others = b"._-$/:@#*<>[]()&;=+";
    let mut index = 0;
    while index < others.len() {
        bytes[others[index] as usize] = true;
        index += 1;
    }
    let mut byte = 0;
    while byte < 128_u8 {
        if byte.is_ascii_alphanumeric() {
            bytes[byte as usize] = true;
        }
        byte += 1;
    }
    bytes
};

/// What still stands before the message: threads in brackets, numbers, the name of a logger that a
/// colon, a dash or a column ends, where lines of the log have one.
fn message(text: &[u8], record: &mut Record, names: NamePlace, mut source: Source) -> FirstWord {
    let start = record.message.start as usize;
    let mut at = start;
    let mut first = FirstWord::Message;
    for _ in 0..MOST_PIECES {
        let Some(piece) = piece(text, at) else {
            break;
        };
        let next = skip(text, piece.end);
        if piece.is_bracketed {
            if let Some(class) = class_of(&piece) {
                record.source = class;
                source = Source::Told;
            } else if record.source.is_empty()
                && let Some(place) = name(&piece).filter(|_| !piece.text.contains(&b' '))
            {
                // A file and line in brackets name the place; a thread or a request does not.
                record.source = place;
            }
            at = next;
            continue;
        }
        if piece.text.iter().all(u8::is_ascii_digit) {
            // Numbers of processes and threads, if the name of a logger follows.
            at = next;
            if is_column(text, &piece) {
                record.message.start = Span::new(at, at).start;
            }
            continue;
        }
        if is_process(piece.text) {
            at = next;
            record.message.start = Span::new(at, at).start;
            continue;
        }
        if let Some((place, kind)) = ending_name(text, &piece, next) {
            first = FirstWord::Name;
            let is_believed = match source {
                Source::Open => kind == NameKind::Path || names == NamePlace::Column,
                Source::None => kind == NameKind::Path,
                Source::Told => false,
            };
            if is_believed {
                record.source = place;
                let start = behind_context(text, &piece, next);
                record.message.start = Span::new(start, start).start;
            }
        }
        break;
    }
    let message = record.message.start as usize;
    if message == start && at > start {
        // Brackets belong to the header, numbers may belong to the message.
        let mut at = start;
        while let Some(bracket) = piece(text, at).filter(|piece| piece.is_bracketed) {
            at = skip(text, bracket.end);
        }
        record.message.start = Span::new(at, at).start;
    }
    record.found(opening(record.message.of(text)), LevelSource::Header);
    first
}

/// A number that a bar ends: the message is another column.
fn is_column(text: &[u8], piece: &Piece<'_>) -> bool {
    let is_number = !piece.text.is_empty() && piece.text.iter().all(u8::is_ascii_digit);
    is_number && text.get(piece.end) == Some(&b'|')
}

/// Behind a bracket that follows the name of a logger, the request or thread that it tells of, or
/// a number in a column.
#[inline(never)]
fn behind_context(text: &[u8], name: &Piece<'_>, next: usize) -> usize {
    if text.get(name.end) == Some(&b'|') {
        let column = piece(text, next).filter(|column| is_column(text, column));
        return column.map_or(next, |column| skip(text, column.end));
    }
    let is_behind = next == name.end + 1 && text.get(name.end).is_some_and(|byte| is_blank(*byte));
    if !is_behind || name.text.ends_with(b":") || text.get(next) != Some(&b'[') {
        return next;
    }
    piece(text, next).map_or(next, |context| skip(text, context.end))
}

/// nginx's `31#31:` and `*17`: process, thread and connection.
fn is_process(word: &[u8]) -> bool {
    let is_number = |word: &[u8]| !word.is_empty() && word.iter().all(u8::is_ascii_digit);
    if let Some(connection) = word.strip_prefix(b"*") {
        return is_number(connection);
    }
    let mut parts = word
        .strip_suffix(b":")
        .unwrap_or_default()
        .split(|byte| *byte == b'#');
    parts.next().is_some_and(is_number)
        && parts.next().is_some_and(is_number)
        && parts.next().is_none()
}

/// The class of log4j's `[thread:class@line]`; threads can have spaces and addresses.
fn class_of(piece: &Piece<'_>) -> Option<Span> {
    let word = piece.text;
    let line = memchr::memrchr(b'@', word)?;
    let is_line = word.len() > line + 1 && word[line + 1..].iter().all(u8::is_ascii_digit);
    let class = memchr::memrchr(b':', &word[..line]).map_or(0, |colon| colon + 1);
    let is_class = word[class].is_ascii_alphabetic() && line - class <= LONGEST_NAME;
    let place = Span::new(piece.start + class, piece.start + line);
    (is_line && is_class && !place.is_empty()).then_some(place)
}

/// What tells the name of a logger from a word of the message.
#[derive(Clone, Copy, PartialEq, Eq)]
enum NameKind {
    /// It has points within, as names of classes have, or is the line of a file.
    Path,
    /// Only what is behind it.
    Word,
}

/// The name of a logger: a word that a colon, a line's number, a dash, a bar or a column ends.
fn ending_name(text: &[u8], piece: &Piece<'_>, next: usize) -> Option<(Span, NameKind)> {
    let gap = text.get(piece.end..next).unwrap_or_default();
    let has_colon = piece.text.ends_with(b":") && next > piece.end;
    let is_parted = gap.len() >= 2 || gap.iter().any(|byte| !is_blank(*byte));
    let is_before_bracket = text.get(next) == Some(&b'[');
    let has_line = piece.text.last().is_some_and(u8::is_ascii_digit) && piece.text.contains(&b':');
    // Most words are of the message, with one blank behind.
    if !(has_colon || is_parted || is_before_bracket || has_line) {
        return None;
    }
    let mut place = name(piece)?;
    let mut word = place.of(text);
    if !word.iter().all(|byte| IS_NAME[*byte as usize]) {
        return None;
    }
    // Python's `%(name)s:%(lineno)d`.
    let line = memchr::memchr(b':', word).filter(|_| has_line);
    let line = line.filter(|colon| word[colon + 1..].iter().all(u8::is_ascii_digit));
    if let Some(colon) = line {
        word = &word[..colon];
        place = Span::new(piece.start, piece.start + colon);
    }
    let is_path = || {
        let dots = word.windows(3).filter(|three| {
            three[1] == b'.' && three[0].is_ascii_alphanumeric() && three[2].is_ascii_alphabetic()
        });
        dots.count() >= 2
    };
    let kind = if is_path() || (has_colon && is_line_of_file(word)) {
        NameKind::Path
    } else {
        NameKind::Word
    };
    let is_ended = has_colon || is_parted || line.is_some();
    (is_ended || (is_before_bracket && kind == NameKind::Path)).then_some((place, kind))
}

/// Go's `main.go:16`.
fn is_line_of_file(word: &[u8]) -> bool {
    let Some(colon) = memchr::memchr(b':', word) else {
        return false;
    };
    let line = &word[colon + 1..];
    word[..colon].contains(&b'.') && !line.is_empty() && line.iter().all(u8::is_ascii_digit)
}

/// The level that opens a message, before a colon or in brackets: `ERROR: `, `[warn]`.
pub(crate) fn opening(message: &[u8]) -> Option<Level> {
    if matches!(message.first(), Some(b'#' | b':')) {
        return command(message);
    }
    let first = piece(message, 0)?;
    let is_marked = first.is_bracketed || first.text.ends_with(b":");
    Level::of_word(first.text.strip_suffix(b":").unwrap_or(first.text)).filter(|_| is_marked)
}

/// The level of a command to GitHub's or Azure's runners: `##[error]`, `::warning file=x::`.
#[inline(never)]
pub(crate) fn command(message: &[u8]) -> Option<Level> {
    let message = &message[..message.len().min(LONGEST_BRACKET)];
    if let Some(rest) = message.strip_prefix(b"##[") {
        return Level::of_word(&rest[..memchr::memchr(b']', rest)?]);
    }
    let rest = message.strip_prefix(b"::")?;
    let end = memchr::memchr2(b' ', b':', rest)?;
    memchr::memmem::find(&rest[end..], b"::")?;
    Level::of_word(&rest[..end])
}
