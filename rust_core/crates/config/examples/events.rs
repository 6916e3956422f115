//! Events only, ours beside saphyr-parser: `cargo run --release -p config --example events -- FILE`
//! prints the best of several runs of each in nanoseconds, with the number of events.

#![allow(clippy::print_stdout, clippy::unwrap_used)]

use std::convert::Infallible;
use std::hint::black_box;
use std::time::Instant;

use config::{Event, EventSink, Limits, Span, parse};

const RUNS: usize = 7;

struct Count(u64);

impl EventSink for Count {
    type Error = Infallible;
    fn event(&mut self, event: Event<'_>, _: Span) -> Result<(), Infallible> {
        self.0 += 1;
        black_box(&event);
        Ok(())
    }
}

impl<'i> saphyr_parser::SpannedEventReceiver<'i> for Count {
    fn on_event(&mut self, event: saphyr_parser::Event<'i>, _: saphyr_parser::Span) {
        self.0 += 1;
        black_box(&event);
    }
}

fn best(mut run: impl FnMut() -> u64) -> (u128, u64) {
    (0..RUNS)
        .map(|_| {
            let start = Instant::now();
            let events = run();
            (start.elapsed().as_nanos(), events)
        })
        .min()
        .unwrap()
}

fn main() {
    let path = std::env::args().nth(1).unwrap();
    let text = std::fs::read_to_string(path).unwrap();
    let ours = best(|| {
        let mut count = Count(0);
        parse(text.as_bytes(), &Limits::default(), &mut count).unwrap();
        count.0
    });
    let theirs = best(|| {
        let mut count = Count(0);
        saphyr_parser::Parser::new_from_str(&text)
            .load(&mut count, true)
            .unwrap();
        count.0
    });
    println!("config {} ns {} events", ours.0, ours.1);
    println!("saphyr-parser {} ns {} events", theirs.0, theirs.1);
}
