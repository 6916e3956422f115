//! A vault's own secrets looked for where they should not be, in all forms of `redact`.
//!
//! Owns where a secret stands in a stream of bytes, and which values are not worth a search. It
//! opens nothing and starts nothing; what it finds has no byte of a value in it.

use std::io::{self, BufRead, ErrorKind, Read};

use memchr::{memchr_iter, memrchr};
use zeroize::Zeroizing;

use crate::redact::{Form, PIECE_BYTES, Patterns};

/// Of findings in one input; what is found after that is not kept.
pub const MOST_FOUND: usize = 10_000;
const BUFFER_BYTES: usize = 1 << 20;
/// A head of an object of git has a name, a type and a length.
const MOST_HEAD_BYTES: u64 = 1024;
/// Digits alone are ports, dates and numbers below this.
const LEAST_DIGITS: usize = 8;
/// What is a value of many things, in lower case.
const COMMON: [&str; 36] = [
    "admin",
    "administrator",
    "changeme",
    "default",
    "development",
    "disabled",
    "enabled",
    "example",
    "false",
    "guest",
    "localhost",
    "master",
    "mongodb",
    "mysql",
    "none",
    "nobody",
    "null",
    "nginx",
    "password",
    "postgres",
    "postgresql",
    "production",
    "public",
    "rabbitmq",
    "redis",
    "root",
    "secret",
    "service",
    "staging",
    "string",
    "system",
    "testing",
    "true",
    "undefined",
    "unknown",
    "username",
];

/// Why a value is not looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unsearched {
    /// It is in too much of what programs write.
    Short,
    /// It is a word that many things have.
    Common,
    /// It is a short number.
    Digits,
}

impl Unsearched {
    /// One word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Short => "short",
            Self::Common => "common",
            Self::Digits => "digits",
        }
    }
}

/// Whether a value is not worth a search, as it would be found where it is no secret.
#[must_use]
pub fn unsearched(value: &[u8], least: usize) -> Option<Unsearched> {
    let value = value.trim_ascii();
    if value.len() < least {
        return Some(Unsearched::Short);
    }
    if value.len() < LEAST_DIGITS && value.iter().all(u8::is_ascii_digit) {
        return Some(Unsearched::Digits);
    }
    let mut common = COMMON.iter().map(|word| word.as_bytes());
    let is_common = common.any(|word| value.eq_ignore_ascii_case(word));
    is_common.then_some(Unsearched::Common)
}

/// A secret that stands in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leak {
    /// Its place in the list of secrets.
    pub secret: usize,
    /// How it is written there.
    pub form: Form,
    /// From 1.
    pub line: u64,
    /// In bytes, from 1.
    pub column: u64,
}

/// What was found in one input.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Leaks {
    /// In the order of the text; of a stretch that one secret covers the beginning.
    pub found: Vec<Leak>,
    /// Whether there were more than are kept.
    pub is_cut: bool,
}

/// Where the text is that comes next.
struct Place {
    line: u64,
    /// Of the text's beginning in its line.
    column: u64,
    /// Of the text's beginning in the stream.
    offset: u64,
}

/// One search through one stream.
struct Search<'p> {
    patterns: &'p Patterns,
    place: Place,
    /// Where the stretch of each secret that was found ends.
    covered: Vec<(usize, u64)>,
    leaks: Leaks,
}

/// Looks through streams, one behind the other.
pub struct Searcher<'p> {
    patterns: &'p Patterns,
    /// Wiped at the end, as what is found passes through it.
    buffer: Zeroizing<Vec<u8>>,
}

impl<'p> Searcher<'p> {
    /// Looks for these.
    #[must_use]
    pub fn new(patterns: &'p Patterns) -> Self {
        let buffer = Zeroizing::new(vec![0; BUFFER_BYTES]);
        Self { patterns, buffer }
    }

    /// Looks through a stream. `go_on` is asked now and then whether to end early.
    ///
    /// # Errors
    ///
    /// Beside what was found before: those of reading, and `Interrupted` where it was ended.
    pub fn search(
        &mut self,
        input: &mut impl Read,
        go_on: impl Fn() -> bool,
    ) -> (Leaks, io::Result<()>) {
        let mut search = Search::new(self.patterns);
        let mut held = 0;
        let read = loop {
            if !go_on() {
                break Err(ErrorKind::Interrupted.into());
            }
            match filled(input, &mut self.buffer[held..]) {
                Ok(0) => break Ok(()),
                Ok(count) => {
                    let length = held + count;
                    // What is this close to the end may go on behind it.
                    let done = search.scan(&self.buffer[..length], PIECE_BYTES);
                    self.buffer.copy_within(done..length, 0);
                    held = length - done;
                }
                Err(error) => break Err(error),
            }
        };
        search.scan(&self.buffer[..held], 0);
        (search.leaks, read)
    }

    /// Looks through what `git cat-file --batch` writes.
    ///
    /// # Errors
    ///
    /// Reading fails, the stream is not of this form or ends early, or the search was ended.
    pub fn search_git(
        &mut self,
        input: &mut impl BufRead,
        go_on: impl Fn() -> bool,
    ) -> io::Result<GitObjects> {
        let mut objects = GitObjects::default();
        while let Some((id, kind, length)) = next_object(input)? {
            objects.count += 1;
            let leaks = self.object(input, &kind, length, &go_on)?;
            // The line end behind the object.
            input.read_exact(&mut [0])?;
            if kind == "commit" {
                objects.commits.push(id.clone());
            }
            if !leaks.found.is_empty() {
                objects.found.push(GitObject { id, kind, leaks });
            }
        }
        Ok(objects)
    }

    fn object(
        &mut self,
        input: &mut impl BufRead,
        kind: &str,
        length: u64,
        go_on: &impl Fn() -> bool,
    ) -> io::Result<Leaks> {
        let mut content = input.take(length);
        let mut head = Vec::new();
        if kind == "commit" || kind == "tag" {
            while content.read_until(b'\n', &mut head)? > 1 && !head.ends_with(b"\n\n") {}
        }
        let before = memchr_iter(b'\n', &head).count() as u64;
        let (mut leaks, read) = self.search(&mut head.chain(&mut content), go_on);
        read?;
        if content.limit() > 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        for leak in &mut leaks.found {
            leak.line = match kind {
                // It has names, one behind the other, and no lines.
                "tree" => 1,
                _ => leak.line.saturating_sub(before).max(1),
            };
        }
        Ok(leaks)
    }
}

/// Reads as much as there is room for.
fn filled(input: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match input.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            // Told at the next turn, after what came before it.
            Err(_) if filled > 0 => break,
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

impl<'p> Search<'p> {
    fn new(patterns: &'p Patterns) -> Self {
        let place = Place {
            line: 1,
            column: 1,
            offset: 0,
        };
        Self {
            patterns,
            place,
            covered: Vec::new(),
            leaks: Leaks::default(),
        }
    }

    /// Looks at all places but the last ones; returns how many bytes are done.
    fn scan(&mut self, text: &[u8], kept: usize) -> usize {
        let end = text.len().saturating_sub(kept);
        let (mut place, mut told) = (0, 0);
        loop {
            place = self.patterns.candidate(text, place);
            if place >= end {
                break;
            }
            if let Some((length, form)) = self.patterns.at(&text[place..]).longest {
                self.pass(&text[told..place]);
                told = place;
                self.found(length as u64, form);
            }
            place += 1;
        }
        self.pass(&text[told..end]);
        end
    }

    /// A form begins at the place.
    fn found(&mut self, length: u64, form: usize) {
        let (secret, form) = self.patterns.origin(form);
        let offset = self.place.offset;
        let end = offset + length;
        self.covered.retain(|(_, end)| *end >= offset);
        if let Some((_, covered)) = self.covered.iter_mut().find(|(other, _)| *other == secret) {
            *covered = end.max(*covered);
            return;
        }
        self.covered.push((secret, end));
        if self.leaks.found.len() == MOST_FOUND {
            self.leaks.is_cut = true;
            return;
        }
        let Place { line, column, .. } = self.place;
        self.leaks.found.push(Leak {
            secret,
            form,
            line,
            column,
        });
    }

    /// Goes on behind these bytes.
    fn pass(&mut self, bytes: &[u8]) {
        self.place.offset += bytes.len() as u64;
        if let Some(last) = memrchr(b'\n', bytes) {
            self.place.line += memchr_iter(b'\n', bytes).count() as u64;
            self.place.column = (bytes.len() - last) as u64;
        } else {
            self.place.column += bytes.len() as u64;
        }
    }
}

/// An object of git in which something was found.
#[derive(Debug, PartialEq, Eq)]
pub struct GitObject {
    /// Its name: hexadecimal digits.
    pub id: String,
    /// `blob`, `commit`, `tag` or `tree`.
    pub kind: String,
    /// Lines of commits and tags count from the message's first.
    pub leaks: Leaks,
}

/// What came of all objects of a repository.
#[derive(Debug, Default)]
pub struct GitObjects {
    /// How many there were.
    pub count: u64,
    /// The names of all commits.
    pub commits: Vec<String>,
    /// Those with secrets.
    pub found: Vec<GitObject>,
}

/// Name, type and length of the next object; none at the end.
fn next_object(input: &mut impl BufRead) -> io::Result<Option<(String, String, u64)>> {
    let mut line = String::new();
    if input.take(MOST_HEAD_BYTES).read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.strip_suffix('\n').unwrap_or_default().split(' ');
    let mut next = || words.next().map(str::to_owned);
    let (id, kind) = (next(), next());
    let length = next().and_then(|length| length.parse().ok());
    match (id, kind, length) {
        (Some(id), Some(kind), Some(length)) => Ok(Some((id, kind, length))),
        _ => Err(ErrorKind::InvalidData.into()),
    }
}
