//! Compressed inputs: packed by the programs of their formats, whole, in chains and damaged.

#![allow(clippy::unwrap_used)]

use std::fmt::Write as _;
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::atomic::AtomicBool;

use logs::time::WallClock;
use logs::{Encoding, Options, analyze_bytes};

const OPTIONS: Options = Options {
    threads: 2,
    formats: Vec::new(),
    wall: WallClock::fixed(0),
    changed: 0,
    encoding: Encoding::Auto,
    levels_from_status: false,
};

const PROGRAMS: [&str; 4] = ["gzip", "zstd", "xz", "bzip2"];

/// What a program makes of the text; none where it is not installed.
fn packed(program: &str, text: &[u8]) -> Option<Vec<u8>> {
    let mut child = Command::new(program)
        .arg("-c")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    let mut input = child.stdin.take().unwrap();
    let text = text.to_vec();
    let writer = std::thread::spawn(move || input.write_all(&text));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success());
    Some(output.stdout)
}

/// Events and bytes; an error when the input was not read to its end.
fn total(bytes: &[u8]) -> std::io::Result<(u64, u64)> {
    let analysis = analyze_bytes(bytes, &OPTIONS, &AtomicBool::new(false))?;
    match analysis.problem {
        Some(error) => Err(error),
        None => Ok((analysis.summary.events, analysis.summary.lines.bytes)),
    }
}

fn text(lines: usize) -> String {
    let mut text = String::new();
    for line in 0..lines {
        // Not too easy to compress.
        let (second, noise) = (line % 60, line.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let _ = writeln!(
            text,
            "2026-11-20T10:00:{second:02}Z INFO [a] request {noise:016x}"
        );
    }
    text
}

#[test]
fn each_format() {
    let text = text(50_000);
    let mut tried = 0;
    for program in PROGRAMS {
        let Some(one) = packed(program, text.as_bytes()) else {
            continue;
        };
        tried += 1;
        assert_eq!(
            total(&one).unwrap(),
            (50_000, text.len() as u64),
            "{program}"
        );
        // A chain, as `cat a.gz b.gz` makes it.
        let chain = [&one[..], &one, &one].concat();
        assert_eq!(total(&chain).unwrap().0, 150_000, "{program}");
        // What was cut off is an error, never a silent end.
        for length in [one.len() - 1, one.len() / 2, 20] {
            let error = total(&one[..length]).expect_err(program).to_string();
            let expected = format!("damaged {program} data: ");
            assert!(error.starts_with(&expected), "{length}: {error}");
        }
        // What came before the end is told, as far as the format lets go of it.
        if program == "gzip" || program == "bzip2" {
            let half = analyze_bytes(&one[..one.len() / 2], &OPTIONS, &AtomicBool::new(false));
            let events = half.unwrap().summary.events;
            assert!((10_000..40_000).contains(&events), "{program} {events}");
        }
        let mut damaged = one.clone();
        let middle = damaged.len() / 2;
        damaged[middle] ^= 0x55;
        damaged[middle + 1] ^= 0x55;
        assert!(total(&damaged).is_err(), "{program}");
    }
    // gzip is everywhere; the Python tests have bzip2 and xz too.
    assert!(tried > 0);
}

#[test]
fn frames_to_skip() {
    let Some(one) = packed("zstd", text(10).as_bytes()) else {
        return;
    };
    // RFC 8878, section 3.1.2.
    let skipped = [0x50, 0x2A, 0x4D, 0x18, 4, 0, 0, 0, 1, 2, 3, 4];
    let chain = [&skipped[..], &one, &skipped, &skipped, &one].concat();
    assert_eq!(total(&chain).unwrap().0, 20);
    assert!(total(&chain[..10]).is_err());
}
