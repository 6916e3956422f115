//! Secrets taken out of a stream of bytes, in all the forms that programs write them.
//!
//! Owns what is looked for and what stands in its place; it reads and writes nothing. Each stretch
//! of a secret's forms becomes one marker, `[db/password]`: who reads a log knows what stood there,
//! and names are no secrets, they stand in the vault's file. What may be the beginning of a form is
//! held back until it is decided, and nothing else is, so that prompts show.

mod encodings;
mod forms;
mod patterns;

use std::sync::Arc;

use zeroize::Zeroizing;

pub use forms::Form;
pub(crate) use patterns::PIECE_BYTES;
pub use patterns::{Patterns, Unredacted};

/// Below this a value is in too much of what programs write.
pub const LEAST_BYTES: usize = 4;
/// Above this a value is looked for as it is, and not encoded.
pub const MOST_ENCODED_BYTES: usize = 64 << 10;
/// Above this a value is not looked for.
pub const MOST_BYTES: usize = 1 << 20;

/// Takes secrets out of one stream.
pub struct Redactor {
    patterns: Arc<Patterns>,
    /// May be the beginning of a form.
    held: Zeroizing<Vec<u8>>,
    /// How many of the bytes that come next belong to a form that was found.
    covered: usize,
    /// Whose marker was written last, with nothing after it.
    marked: Option<usize>,
}

impl Redactor {
    /// A redactor for one stream; several share their patterns.
    #[must_use]
    pub fn new(patterns: Arc<Patterns>) -> Self {
        Self {
            patterns,
            held: Zeroizing::default(),
            covered: 0,
            marked: None,
        }
    }

    /// Takes the stream's next bytes, and writes what is decided of it.
    pub fn feed(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        if self.held.is_empty() {
            let decided = self.scan(bytes, Stream::GoesOn, out);
            self.held = Zeroizing::new(bytes[decided..].to_vec());
            return;
        }
        let mut text = Zeroizing::new(Vec::with_capacity(self.held.len() + bytes.len()));
        text.extend_from_slice(&self.held);
        text.extend_from_slice(bytes);
        let decided = self.scan(&text, Stream::GoesOn, out);
        self.held = Zeroizing::new(text[decided..].to_vec());
    }

    /// Writes what was held back: nothing more comes.
    pub fn finish(&mut self, out: &mut Vec<u8>) {
        let text = std::mem::take(&mut self.held);
        self.scan(&text, Stream::Ends, out);
        self.covered = 0;
        self.marked = None;
    }

    /// Writes what is decided, and returns how many bytes that is.
    fn scan(&mut self, text: &[u8], stream: Stream, out: &mut Vec<u8>) -> usize {
        let mut place = 0;
        while place < text.len() {
            let next = self.patterns.candidate(text, place);
            self.pass(&text[place..next], out);
            place = next;
            if place == text.len() {
                break;
            }
            let found = self.patterns.at(&text[place..]);
            if found.may_grow && stream == Stream::GoesOn {
                break;
            }
            if let Some((length, form)) = found.longest {
                self.mark(length, self.patterns.origin(form).0, out);
            }
            self.pass(&text[place..=place], out);
            place += 1;
        }
        place
    }

    /// Writes bytes at which no form begins, but for those that belong to one.
    fn pass(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        let plain = &bytes[self.covered.min(bytes.len())..];
        self.covered = self.covered.saturating_sub(bytes.len());
        if !plain.is_empty() {
            self.marked = None;
            out.extend_from_slice(plain);
        }
    }

    /// A form begins here: the marker stands where the stretch does.
    fn mark(&mut self, length: usize, secret: usize, out: &mut Vec<u8>) {
        if self.covered == 0 && self.marked != Some(secret) {
            out.extend_from_slice(self.patterns.marker(secret));
            self.marked = Some(secret);
        }
        self.covered = self.covered.max(length);
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stream {
    GoesOn,
    Ends,
}
