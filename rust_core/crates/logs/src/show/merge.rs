//! Events of several inputs by time.

use std::collections::VecDeque;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};

use super::{Chunk, Showing, show};
use crate::scan::{Input, Options};

/// A chunk that is given on is about so large, in bytes.
const CHUNK: usize = 1 << 18;
/// Chunks of one input that wait.
const WAITING: usize = 1;

/// Gives the events of several inputs in the order of their times; of equal ones that of the inputs.
/// Events of one input stay in their order. Until `each` returns false.
///
/// The second value of the result has what stopped the reading of each input.
pub fn merged(
    inputs: Vec<(Input<'_>, Showing)>,
    options: &Options,
    cancel: &AtomicBool,
    mut each: impl FnMut(Chunk) -> bool,
) -> Vec<io::Result<()>> {
    let options = Options {
        threads: 1,
        ..options.clone()
    };
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let (options, is_over) = (&options, &is_over);
        let mut sources = Vec::new();
        let mut readings = Vec::new();
        for (input, showing) in inputs {
            let (sender, receiver) = sync_channel(WAITING);
            readings.push(scope.spawn(move || {
                show(input, &showing, options, cancel, |chunk| {
                    !is_over.load(Ordering::Relaxed) && sender.send(chunk).is_ok()
                })
            }));
            sources.push(Source::new(receiver));
        }
        interleave(&mut sources, &mut each);
        is_over.store(true, Ordering::Relaxed);
        drop(sources);
        let ended = |_| io::Error::other("a thread of the reading ended early");
        let readings = readings.into_iter();
        readings
            .map(|reading| reading.join().map_err(ended)?)
            .collect()
    })
}

/// An input and the events of it that are there.
struct Source {
    receiver: Receiver<Chunk>,
    chunks: VecDeque<Chunk>,
    /// Events of the first chunk that were given already.
    given: usize,
    /// The time of the event before.
    last: Option<i64>,
}

impl Source {
    fn new(receiver: Receiver<Chunk>) -> Self {
        Self {
            receiver,
            chunks: VecDeque::new(),
            given: 0,
            last: None,
        }
    }

    /// The time of the next event, waiting for it; none at the end.
    fn next_time(&mut self, out: &mut Chunk) -> Option<i64> {
        loop {
            if let Some(chunk) = self.chunks.front() {
                if let Some((_, time)) = chunk.events.get(self.given) {
                    return Some(time.or(self.last).unwrap_or(i64::MIN));
                }
                self.chunks.pop_front();
                self.given = 0;
            }
            let chunk = self.receiver.recv().ok()?;
            out.filtered += chunk.filtered;
            out.dropped += chunk.dropped;
            self.chunks.push_back(chunk);
        }
    }

    /// Moves the next event.
    fn give(&mut self, out: &mut Chunk) {
        let Some(chunk) = self.chunks.front() else {
            return;
        };
        let start = match self.given {
            0 => 0,
            given => chunk.events[given - 1].0,
        };
        let (end, time) = chunk.events[self.given];
        out.text.extend_from_slice(&chunk.text[start..end]);
        self.last = time.or(self.last);
        out.events.push((out.text.len(), self.last));
        self.given += 1;
    }
}

fn interleave(sources: &mut [Source], each: &mut impl FnMut(Chunk) -> bool) {
    let mut out = Chunk::default();
    loop {
        let mut first: Option<(i64, usize)> = None;
        for (index, source) in sources.iter_mut().enumerate() {
            if let Some(time) = source.next_time(&mut out)
                && first.is_none_or(|(earliest, _)| time < earliest)
            {
                first = Some((time, index));
            }
        }
        let Some((_, index)) = first else {
            each(out);
            return;
        };
        sources[index].give(&mut out);
        if out.text.len() >= CHUNK && !each(std::mem::take(&mut out)) {
            return;
        }
    }
}
