//! Clocks on the wall: what times without a zone are in UTC.

use std::borrow::Cow;

/// What a clock is ahead of UTC: always the same, or changing with summer time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WallClock {
    seconds: i64,
    /// From which time on the wall it is how much ahead, in order.
    changes: Cow<'static, [(i64, i64)]>,
}

impl WallClock {
    /// A clock that is always so many seconds ahead of UTC.
    #[must_use]
    pub const fn fixed(seconds: i64) -> Self {
        Self {
            seconds,
            changes: Cow::Borrowed(&[]),
        }
    }

    /// A clock that is so many seconds ahead at first, and from times on the wall (seconds since
    /// 1970-01-01 00:00 there) so many others.
    #[must_use]
    pub fn changing(seconds: i64, mut changes: Vec<(i64, i64)>) -> Self {
        changes.sort_by_key(|(from, _)| *from);
        Self {
            seconds,
            changes: Cow::Owned(changes),
        }
    }

    /// Seconds since 1970 in UTC of a time on the wall. Of a time that is there twice it is the
    /// first.
    #[inline]
    #[must_use]
    pub fn utc(&self, wall: i64) -> i64 {
        if self.changes.is_empty() {
            return wall.saturating_sub(self.seconds);
        }
        let passed = self.changes.partition_point(|(from, _)| *from <= wall);
        wall.saturating_sub(self.ahead(passed))
    }

    /// The time on the wall of seconds since 1970 in UTC.
    #[must_use]
    pub fn wall(&self, utc: i64) -> i64 {
        let passed = self
            .changes
            .iter()
            .enumerate()
            .take_while(|(index, (from, _))| {
                // The change is at the earlier of the two times on the wall around it, or later.
                let before = self.ahead(*index);
                let at = from.saturating_sub(before.max(self.changes[*index].1));
                at <= utc
            })
            .count();
        utc.saturating_add(self.ahead(passed))
    }

    /// What it is ahead after so many changes.
    fn ahead(&self, passed: usize) -> i64 {
        match passed.checked_sub(1) {
            Some(last) => self.changes[last].1,
            None => self.seconds,
        }
    }
}
