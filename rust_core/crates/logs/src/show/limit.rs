//! The first or the last events.

use std::collections::VecDeque;

use super::Chunk;

/// How many events are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Limit {
    /// All.
    #[default]
    None,
    /// The first ones.
    First(usize),
    /// The last ones.
    Last(usize),
}

/// Lets through as many events as a limit says.
#[derive(Debug)]
pub struct Limiter {
    limit: Limit,
    /// Events that were let through or are kept.
    count: usize,
    kept: VecDeque<Chunk>,
}

impl Limiter {
    /// For one run.
    #[must_use]
    pub const fn new(limit: Limit) -> Self {
        Self {
            limit,
            count: 0,
            kept: VecDeque::new(),
        }
    }

    /// What is to be given on of a chunk, and whether more is wanted.
    pub fn pass(&mut self, mut chunk: Chunk) -> (Option<Chunk>, bool) {
        match self.limit {
            Limit::None => (Some(chunk), true),
            Limit::First(most) => {
                let room = most - self.count;
                if chunk.events.len() > room {
                    chunk.events.truncate(room);
                    let end = chunk.events.last().map_or(0, |(end, _)| *end);
                    chunk.text.truncate(end);
                }
                self.count += chunk.events.len();
                (Some(chunk), self.count < most)
            }
            Limit::Last(most) => {
                self.count += chunk.events.len();
                self.kept.push_back(chunk);
                while let Some(first) = self.kept.front()
                    && self.count - first.events.len() >= most
                {
                    self.count -= first.events.len();
                    let gone = self.kept.pop_front();
                    if let (Some(gone), Some(next)) = (gone, self.kept.front_mut()) {
                        next.filtered += gone.filtered;
                        next.dropped += gone.dropped;
                    } else {
                        break;
                    }
                }
                (None, true)
            }
        }
    }

    /// What was kept for the end.
    pub fn rest(&mut self) -> impl Iterator<Item = Chunk> + '_ {
        let most = match self.limit {
            Limit::Last(most) => most,
            _ => usize::MAX,
        };
        let surplus = self.count.saturating_sub(most);
        if surplus > 0
            && let Some(first) = self.kept.front_mut()
        {
            let start = first.events[surplus - 1].0;
            first.text.drain(..start);
            first.events.drain(..surplus);
            for (end, _) in &mut first.events {
                *end -= start;
            }
        }
        self.kept.drain(..)
    }
}
