//! Logs: any bytes give a report, the same on one thread and on several, from memory and as a
//! stream; never a panic. Every line is counted once.
#![no_main]

use std::sync::atomic::AtomicBool;

use libfuzzer_sys::fuzz_target;
use logs::time::WallClock;
use logs::{Encoding, Options, analyze_bytes, analyze_stream};

fuzz_target!(|data: &[u8]| {
    let options = Options {
        threads: 1,
        formats: Vec::new(),
        wall: WallClock::fixed(3_600),
        changed: 1_795_219_200,
        encoding: Encoding::Auto,
        levels_from_status: false,
    };
    let cancel = AtomicBool::new(false);
    let Ok(whole) = analyze_bytes(data, &options, &cancel) else {
        return;
    };
    let report = whole.summary.report();
    let lines = &whole.summary.lines;
    assert_eq!(
        lines.total,
        lines.blank + lines.continuations + lines.unparsed + whole.summary.events
    );
    let streamed = analyze_stream(data, b"", &options, &cancel).expect("it was read");
    assert_eq!(streamed.summary.report(), report);
});
