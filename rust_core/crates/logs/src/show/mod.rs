//! Shows the events that pass a filter, in the order of their input or, of several inputs, of their
//! times.

mod limit;
mod merge;
mod render;

use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

pub use limit::{Limit, Limiter};
pub use merge::merged;
pub use render::{Form, Renderer};

use crate::blocks::Block;
use crate::events::each_event;
use crate::filter::Filter;
use crate::format::{Format, Parts, Reader};
use crate::scan::{Input, Options, Sink, scan};
use crate::time::WallClock;

/// Blocks that wait for the one who reads.
const WAITING: usize = 4;

/// What one block has to show.
#[derive(Debug, Default)]
pub struct Chunk {
    index: usize,
    /// The events, one behind the other.
    pub text: Vec<u8>,
    /// The end of each in the text and its time; events without one have that of the one before.
    pub events: Vec<(usize, Option<i64>)>,
    /// Events that did not pass the filter.
    pub filtered: u64,
    /// Bytes of overlong lines that are left out.
    pub dropped: u64,
}

/// What is to be shown, and how.
#[derive(Clone, Debug)]
pub struct Showing {
    /// The events that are wanted.
    pub filter: Filter,
    /// How they are written.
    pub renderer: Renderer,
}

/// Gives the events of an input chunk by chunk, until `each` returns false.
///
/// # Errors
///
/// As [`crate::analyze`]; also what stopped the reading later, after all chunks before it.
pub fn show(
    input: Input<'_>,
    showing: &Showing,
    options: &Options,
    cancel: &AtomicBool,
    mut each: impl FnMut(Chunk) -> bool,
) -> io::Result<()> {
    let (sender, receiver) = sync_channel(WAITING);
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let stopped = &is_over;
        let reading = scope.spawn(move || {
            let scanned = scan(input, options, cancel, |_| Shower {
                showing: showing.clone(),
                wall: options.wall.clone(),
                spare: Parts::with_fields(),
                sender: sender.clone(),
                stopped,
            });
            // The senders go with the sinks, which ends the chunks.
            scanned.map(|scanned| scanned.problem)
        });
        in_order(&receiver, |chunk| {
            let goes_on = each(chunk);
            stopped.fetch_or(!goes_on, Ordering::Relaxed);
            goes_on
        });
        drop(receiver);
        let ended = |_| io::Error::other("a thread of the reading ended early");
        let problem = reading.join().map_err(ended)??;
        problem.map_or(Ok(()), Err)
    })
}

/// Hands on chunks by their numbers.
fn in_order(receiver: &Receiver<Chunk>, mut each: impl FnMut(Chunk) -> bool) {
    let mut early = BTreeMap::new();
    let mut next = 0;
    for chunk in receiver {
        early.insert(chunk.index, chunk);
        while let Some(chunk) = early.remove(&next) {
            next += 1;
            if !each(chunk) {
                return;
            }
        }
    }
}

/// Renders the blocks of one thread.
struct Shower<'s> {
    showing: Showing,
    wall: WallClock,
    spare: Parts,
    sender: SyncSender<Chunk>,
    stopped: &'s AtomicBool,
}

impl Sink for Shower<'_> {
    fn wants_fields(&self) -> bool {
        true
    }

    fn block(&mut self, block: &Block<'_>, formats: &[Format], reader: &mut Reader) -> bool {
        if self.stopped.load(Ordering::Relaxed) {
            return false;
        }
        let chunk = rendered(
            block,
            formats,
            reader,
            &self.wall,
            &mut self.spare,
            &self.showing,
        );
        self.sender.send(chunk).is_ok()
    }
}

/// The events of a block as they are shown.
pub(crate) fn rendered(
    block: &Block<'_>,
    formats: &[Format],
    reader: &mut Reader,
    wall: &WallClock,
    spare: &mut Parts,
    showing: &Showing,
) -> Chunk {
    let mut chunk = Chunk {
        index: block.index,
        dropped: block.dropped,
        ..Chunk::default()
    };
    let mut last = None;
    each_event(block, formats, reader, wall, spare, |event| {
        last = event.time.or(last);
        if showing.filter.passes(event) {
            showing.renderer.write(event, &mut chunk.text);
            chunk.events.push((chunk.text.len(), last));
        } else {
            chunk.filtered += 1;
        }
    });
    chunk
}
