//! All forms of all secrets, sorted, and what of them begins at a place of a text.
//!
//! No automaton: sorted patterns are a trie already, and the few places of a text whose first four
//! bytes are those of a pattern are found by a table of bits. What is here is wiped at the end.

use zeroize::Zeroizing;

use super::forms::{Form, forms};
use super::{LEAST_BYTES, MOST_BYTES, MOST_ENCODED_BYTES};

/// Longer forms are looked for in pieces: so a part of a secret is found as well, little is held
/// back, and a text of one byte over and over costs little.
pub(crate) const PIECE_BYTES: usize = 1024;
/// Of all forms.
const MOST_PATTERN_BYTES: usize = 64 << 20;
/// Of the table for each pattern, so that few places are looked at in vain.
const BITS_PER_PATTERN: usize = 64;
const LEAST_BITS: usize = 1 << 15;
/// The least length of a pattern, and what the table is made of.
const WINDOW: usize = LEAST_BYTES;
const PLAIN_MARKER: &[u8] = b"***";

/// Why a secret, or a part of its forms, is not taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unredacted {
    /// It is in too much of what programs write.
    Short,
    /// It is looked for as it is, and not encoded.
    Encoded,
    /// It is not looked for.
    Long,
    /// All of them together are too much.
    Budget,
}

impl Unredacted {
    /// One word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Short => "short",
            Self::Encoded => "encoded",
            Self::Long => "long",
            Self::Budget => "budget",
        }
    }
}

/// A part of a form.
#[derive(Clone, Copy)]
struct Piece {
    form: usize,
    start: usize,
    end: usize,
}

/// What begins at a place.
pub(crate) struct Found {
    /// The length of the longest pattern, and the place of its form.
    pub(crate) longest: Option<(usize, usize)>,
    /// Whether more text could make a longer one.
    pub(crate) may_grow: bool,
}

impl Found {
    fn growing(longest: Option<(usize, usize)>) -> Self {
        let may_grow = true;
        Self { longest, may_grow }
    }
}

/// What is looked for.
pub struct Patterns {
    forms: Vec<(Zeroizing<Vec<u8>>, usize, Form)>,
    pieces: Vec<Piece>,
    /// The first bytes of each piece.
    beginnings: Zeroizing<Vec<u32>>,
    table: Zeroizing<Vec<u64>>,
    shift: u32,
    markers: Vec<Vec<u8>>,
    unredacted: Vec<(usize, Unredacted)>,
}

impl Patterns {
    /// The patterns of secrets, each with its name; an empty name is marked `***`.
    #[must_use]
    pub fn new(secrets: &[(&str, &[u8])]) -> Self {
        let mut made = Self {
            forms: Vec::new(),
            pieces: Vec::new(),
            beginnings: Zeroizing::default(),
            table: Zeroizing::default(),
            shift: 0,
            markers: Vec::new(),
            unredacted: Vec::new(),
        };
        let mut budget = MOST_PATTERN_BYTES;
        for (number, (_, value)) in secrets.iter().enumerate() {
            if let Some(problem) = made.add(number, value, &mut budget) {
                made.unredacted.push((number, problem));
            }
        }
        made.sort();
        made.fill_table();
        made.markers = secrets.iter().map(|(name, _)| made.safe(name)).collect();
        made
    }

    /// Secrets that are not taken out, or not in all forms, by their places in the list.
    #[must_use]
    pub fn unredacted(&self) -> &[(usize, Unredacted)] {
        &self.unredacted
    }

    fn add(&mut self, number: usize, value: &[u8], budget: &mut usize) -> Option<Unredacted> {
        if value.trim_ascii().len() < LEAST_BYTES {
            return Some(Unredacted::Short);
        }
        if value.len() > MOST_BYTES {
            return Some(Unredacted::Long);
        }
        let is_long = value.len() > MOST_ENCODED_BYTES;
        let made = forms(value, is_long);
        let bytes: usize = made.iter().map(|(form, _)| form.len()).sum();
        let Some(left) = budget.checked_sub(bytes) else {
            return Some(Unredacted::Budget);
        };
        *budget = left;
        for (form, kind) in made {
            self.cut(form.len());
            self.forms.push((form, number, kind));
        }
        is_long.then_some(Unredacted::Encoded)
    }

    /// The pieces of the form that is added next; the last one ends where the form does.
    fn cut(&mut self, length: usize) {
        let form = self.forms.len();
        let count = length.div_ceil(PIECE_BYTES);
        self.pieces.extend((0..count).map(|number| {
            let start = (number * PIECE_BYTES).min(length.saturating_sub(PIECE_BYTES));
            let end = (start + PIECE_BYTES).min(length);
            Piece { form, start, end }
        }));
    }

    fn sort(&mut self) {
        let mut pieces = std::mem::take(&mut self.pieces);
        // Equal ones are the first secret's.
        pieces.sort_by(|one, other| {
            let order = self.bytes(one).cmp(self.bytes(other));
            order.then(one.form.cmp(&other.form))
        });
        pieces.dedup_by(|one, other| self.bytes(one) == self.bytes(other));
        self.pieces = pieces;
        let beginnings = self.pieces.iter().map(|piece| beginning(self.bytes(piece)));
        self.beginnings = Zeroizing::new(beginnings.collect());
    }

    fn fill_table(&mut self) {
        let bits = (self.pieces.len() * BITS_PER_PATTERN).max(LEAST_BITS);
        let bits = bits.next_power_of_two();
        self.shift = u32::BITS - bits.ilog2();
        self.table = Zeroizing::new(vec![0; bits / 64]);
        for window in self.beginnings.iter() {
            let bit = slot(*window, self.shift);
            self.table[bit / 64] |= 1 << (bit % 64);
        }
    }

    /// A marker with a name, unless that has a secret in it.
    fn safe(&self, name: &str) -> Vec<u8> {
        let marker = format!("[{name}]").into_bytes();
        let has_secret = (0..marker.len()).any(|place| self.at(&marker[place..]).longest.is_some());
        if name.is_empty() || has_secret {
            return PLAIN_MARKER.to_vec();
        }
        marker
    }

    /// The secret of a form, and what form it is.
    pub(crate) fn origin(&self, form: usize) -> (usize, Form) {
        let (_, secret, kind) = &self.forms[form];
        (*secret, *kind)
    }

    pub(super) fn marker(&self, secret: usize) -> &[u8] {
        &self.markers[secret]
    }

    fn bytes(&self, piece: &Piece) -> &[u8] {
        &self.forms[piece.form].0[piece.start..piece.end]
    }

    /// The next place at which a pattern may begin, or the text's end.
    pub(crate) fn candidate(&self, text: &[u8], from: usize) -> usize {
        let mut windows = text[from..].windows(WINDOW);
        let found = windows.position(|window| {
            let bit = slot(beginning(window), self.shift);
            self.table[bit / 64] >> (bit % 64) & 1 == 1
        });
        // Of the last bytes it is not known yet.
        let last = || text.len().saturating_sub(WINDOW - 1).max(from);
        found.map_or_else(last, |place| from + place)
    }

    /// What begins where the text does.
    pub(crate) fn at(&self, text: &[u8]) -> Found {
        let (mut low, mut high) = self.beginning_as(text);
        let mut depth = 0;
        let mut longest = None;
        while low < high {
            let first = self.bytes(&self.pieces[low]);
            let common = self.common_length(low, high);
            let reach = common.min(text.len());
            if text[depth..reach] != first[depth..reach] {
                break;
            }
            if reach < common {
                return Found::growing(longest);
            }
            depth = common;
            if first.len() == depth {
                longest = Some((depth, self.pieces[low].form));
                low += 1;
                continue;
            }
            let Some(byte) = text.get(depth) else {
                return Found::growing(longest);
            };
            let pieces = &self.pieces[low..high];
            high = low + pieces.partition_point(|piece| self.bytes(piece)[depth] <= *byte);
            low += pieces.partition_point(|piece| self.bytes(piece)[depth] < *byte);
        }
        Found {
            longest,
            may_grow: false,
        }
    }

    /// How long all these patterns are the same: the first and the last are, as they are sorted.
    fn common_length(&self, low: usize, high: usize) -> usize {
        let first = self.bytes(&self.pieces[low]);
        if high - low == 1 {
            return first.len();
        }
        let last = self.bytes(&self.pieces[high - 1]);
        let pairs = first.iter().zip(last);
        pairs.take_while(|(left, right)| left == right).count()
    }

    /// The patterns that begin as a text does, as far as its window tells.
    fn beginning_as(&self, text: &[u8]) -> (usize, usize) {
        if text.len() < WINDOW {
            return (0, self.pieces.len());
        }
        let wanted = beginning(text);
        let low = self.beginnings.partition_point(|each| *each < wanted);
        let high = self.beginnings[low..].partition_point(|each| *each == wanted);
        (low, low + high)
    }
}

/// The first bytes in their order; a pattern has as many.
fn beginning(bytes: &[u8]) -> u32 {
    let window = bytes.first_chunk::<WINDOW>();
    u32::from_be_bytes(window.copied().unwrap_or_default())
}

/// Where the table has a window.
fn slot(window: u32, shift: u32) -> usize {
    // The constant is 2^32 divided by the golden ratio, which spreads neighbours.
    (window.wrapping_mul(0x9E37_79B9) >> shift) as usize
}
