//! The files in an archive, read one behind the other as one stream.

use std::io::{self, Read};
use std::sync::{Arc, Mutex};

use crate::encoding::Encoding;
use crate::unpack::{Stream, opened};

/// An archive that is read from its start to its end.
pub(crate) trait Archive: Send {
    /// Goes to the next file; false when there is none. After an error there is none either.
    fn next(&mut self) -> io::Result<bool>;

    /// Reads from the file at hand. After an error the next one can be asked for.
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize>;
}

/// All files of an archive, each unpacked and decoded, with an end of line behind each.
pub(crate) struct Parts<'r, A> {
    archive: Arc<Mutex<A>>,
    part: Option<Stream<'r>>,
    encoding: Encoding,
    depth: usize,
    /// The last byte of the part, or the end of a line.
    last: u8,
    /// The first thing that went wrong; told when the rest is read.
    problem: Option<io::Error>,
    is_done: bool,
}

impl<'r, A: Archive + 'r> Parts<'r, A> {
    pub(crate) fn new(archive: A, encoding: Encoding, depth: usize) -> Self {
        Self {
            archive: Arc::new(Mutex::new(archive)),
            part: None,
            encoding,
            depth,
            last: b'\n',
            problem: None,
            is_done: false,
        }
    }

    /// The next part, or the end.
    fn advance(&mut self) {
        match with(&self.archive, A::next) {
            Ok(true) => {
                let member = Box::new(Member(Arc::clone(&self.archive)));
                self.part = Some(opened(member, self.encoding, self.depth));
            }
            Ok(false) => self.is_done = true,
            Err(error) => {
                self.problem.get_or_insert(error);
                self.is_done = true;
            }
        }
    }
}

impl<'r, A: Archive + 'r> Read for Parts<'r, A> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        loop {
            let Some(part) = &mut self.part else {
                if self.is_done {
                    return self.problem.take().map_or(Ok(0), Err);
                }
                self.advance();
                continue;
            };
            match part.read(out) {
                Ok(0) => {}
                Ok(count) => {
                    self.last = out[count - 1];
                    return Ok(count);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    self.problem.get_or_insert(error);
                }
            }
            self.part = None;
            if self.last != b'\n' {
                self.last = b'\n';
                out[0] = b'\n';
                return Ok(1);
            }
        }
    }
}

/// The file that an archive is at.
struct Member<A>(Arc<Mutex<A>>);

impl<A: Archive> Read for Member<A> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        with(&self.0, |archive| archive.read(out))
    }
}

fn with<A, T>(archive: &Mutex<A>, work: impl FnOnce(&mut A) -> io::Result<T>) -> io::Result<T> {
    match archive.lock() {
        Ok(mut archive) => work(&mut archive),
        Err(_) => Err(io::Error::other("reading the archive ended early")),
    }
}

/// A name for messages: text of some length.
pub(crate) fn shown(name: &[u8]) -> String {
    const LONGEST: usize = 200;
    let name = &name[..name.len().min(LONGEST)];
    let name = String::from_utf8_lossy(name);
    name.chars()
        .map(|c| if c.is_control() { '\u{FFFD}' } else { c })
        .collect()
}

/// Whether a file is not the user's: macOS puts one with attributes beside each.
pub(crate) fn is_attributes(name: &[u8]) -> bool {
    let base = name.rsplit(|byte| *byte == b'/').next().unwrap_or(name);
    base.starts_with(b"._") || name.starts_with(b"__MACOSX/")
}

/// Damage of an archive.
pub(crate) fn damaged(archive: &str, what: &str) -> io::Error {
    let text = format!("damaged {archive} data: {what}");
    io::Error::new(io::ErrorKind::InvalidData, text)
}

/// The end of the stream becomes damage of the archive.
pub(crate) fn at_end(archive: &str, error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => damaged(archive, "unexpected end"),
        _ => error,
    }
}
