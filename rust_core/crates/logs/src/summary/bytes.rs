//! Summaries as bytes, to be kept or sent and merged elsewhere.
//!
//! A mark with the version, then the fields in their order (postcard's wire format). Equal
//! summaries have equal bytes. What is read is checked before it is used.

use thiserror::Error;

use super::{MOST_EXAMPLES, MOST_FIELDS, Summary};

/// The mark and the version of the form.
const MARK: &[u8] = b"code-ops logs 1\n";
/// Counts are below this, so that no sum of some of them overflows.
pub(super) const LARGEST: u64 = 1 << 60;

/// Why bytes are no summary.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum BytesError {
    /// They do not begin as a summary does, or as one of another version.
    #[error("not a summary of logs of version 1")]
    Mark,
    /// They are cut off, changed, or out of range.
    #[error("a damaged summary of logs")]
    Damaged,
}

impl Summary {
    /// The summary as bytes.
    ///
    /// # Errors
    ///
    /// [`BytesError::Damaged`] when a field has no form, which none has not.
    pub fn to_bytes(&self) -> Result<Vec<u8>, BytesError> {
        postcard::to_extend(self, MARK.to_vec()).map_err(|_| BytesError::Damaged)
    }

    /// The summary that the bytes are of.
    ///
    /// # Errors
    ///
    /// See [`BytesError`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BytesError> {
        let fields = bytes.strip_prefix(MARK).ok_or(BytesError::Mark)?;
        let read = postcard::take_from_bytes::<Self>(fields);
        let (summary, rest) = read.map_err(|_| BytesError::Damaged)?;
        if rest.is_empty() && summary.is_sound() {
            Ok(summary)
        } else {
            Err(BytesError::Damaged)
        }
    }

    /// Whether it could have come from counting, so that no use of it fails.
    fn is_sound(&self) -> bool {
        let lines = &self.lines;
        let times = &self.times;
        let counts = [
            self.events,
            lines.total,
            lines.bytes,
            lines.blank,
            lines.continuations,
            lines.unparsed,
            lines.cut,
            lines.invalid_utf8,
            times.missing,
            times.zone_assumed,
            times.year_inferred,
            times.backwards,
        ];
        let levels = self.levels.iter().chain(&self.level_sources);
        let formats = self.formats.values();
        counts
            .iter()
            .chain(levels)
            .chain(formats)
            .all(|count| *count < LARGEST)
            && times.farthest_backwards >= 0
            && self.timeline.is_sound()
            && [&self.sources, &self.messages, &self.exceptions]
                .into_iter()
                .all(super::counter::Counter::is_sound)
            && self.fields.len() <= MOST_FIELDS
            && self.fields.values().all(super::Quantiles::is_sound)
            && self
                .requests
                .as_ref()
                .is_none_or(|requests| requests.is_sound())
            && self.examples.len() <= MOST_EXAMPLES
    }
}
