//! Lines and columns of many byte offsets of one text.

use crate::finding::LineColumn;

/// The starts of a text's lines, counted once.
pub struct Places<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> Places<'t> {
    /// Looks through the text for line breaks.
    #[must_use]
    pub fn new(text: &'t str) -> Self {
        let bytes = text.as_bytes();
        let mut starts = vec![0];
        for at in memchr::memchr2_iter(b'\n', b'\r', bytes) {
            if bytes[at] == b'\n' || bytes.get(at + 1) != Some(&b'\n') {
                starts.push(at + 1);
            }
        }
        Self { text, starts }
    }

    /// Line and column of an offset; both end at `u32::MAX`.
    #[must_use]
    pub fn of(&self, offset: usize) -> LineColumn {
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = self.starts[line - 1];
        let column = self
            .text
            .get(start..offset)
            .map_or(0, |before| before.chars().count());
        LineColumn {
            line: u32::try_from(line).unwrap_or(u32::MAX),
            column: u32::try_from(column + 1).unwrap_or(u32::MAX),
        }
    }

    /// The text of a line, counted from 1, around a column: at most 120 characters, and the
    /// column within them.
    #[must_use]
    pub fn excerpt(&self, place: LineColumn) -> (String, u32) {
        let line = usize::try_from(place.line).unwrap_or(1).max(1);
        let start = self
            .starts
            .get(line - 1)
            .copied()
            .unwrap_or(self.text.len());
        let rest = &self.text[start..];
        let end = rest.find(['\n', '\r']).unwrap_or(rest.len());
        let skipped = place.column.saturating_sub(60);
        let skip = usize::try_from(skipped).unwrap_or(0);
        (
            rest[..end].chars().skip(skip).take(120).collect(),
            place.column - skipped,
        )
    }
}
