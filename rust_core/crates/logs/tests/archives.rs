//! Archives and encodings: whatever the bytes, they end without a panic, and cut anywhere they say so.

#![allow(clippy::unwrap_used)]

use std::io::{self, Read};
use std::sync::atomic::AtomicBool;

use logs::time::WallClock;
use logs::{Analysis, Encoding, Options, analyze_bytes, analyze_stream};
use proptest::prelude::*;

const OPTIONS: Options = Options {
    threads: 1,
    formats: Vec::new(),
    wall: WallClock::fixed(0),
    changed: 0,
    encoding: Encoding::Auto,
    levels_from_status: false,
};
const LINE: &str = "2026-11-20T10:00:00Z ERROR [a] x\n";

fn analyzed(bytes: &[u8], encoding: Encoding) -> io::Result<Analysis> {
    let options = Options {
        encoding,
        ..OPTIONS
    };
    analyze_bytes(bytes, &options, &AtomicBool::new(false))
}

/// A stored file in a zip, by APPNOTE.TXT, section 4.3.7.
fn stored(name: &str, content: &str) -> Vec<u8> {
    let mut sum = flate2::Crc::new();
    sum.update(content.as_bytes());
    let length = u32::try_from(content.len()).unwrap().to_le_bytes();
    let name_length = u16::try_from(name.len()).unwrap().to_le_bytes();
    let mut bytes = b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0".to_vec();
    bytes.extend(sum.sum().to_le_bytes());
    bytes.extend([length, length].concat());
    bytes.extend(name_length);
    bytes.extend([0, 0]);
    bytes.extend(name.as_bytes());
    bytes.extend(content.as_bytes());
    bytes
}

/// A zip of two files; its directory is only begun, since it is not looked at.
fn zip() -> Vec<u8> {
    let files = [stored("a.log", LINE), stored("b.log", LINE.trim_end())].concat();
    [&files, &b"PK\x01\x02"[..], &[0; 60]].concat()
}

/// A file in a tar, by the ustar format of POSIX.
fn tarred(name: &str, content: &str) -> Vec<u8> {
    let mut header = [0; 512];
    header[..name.len()].copy_from_slice(name.as_bytes());
    header[124..135].copy_from_slice(format!("{:011o}", content.len()).as_bytes());
    header[148..156].copy_from_slice(b"        ");
    header[156] = b'0';
    header[257..265].copy_from_slice(b"ustar\x0000");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    let mut bytes = header.to_vec();
    bytes.extend(content.as_bytes());
    bytes.resize(bytes.len().next_multiple_of(512), 0);
    bytes
}

fn tar() -> Vec<u8> {
    let files = [tarred("a.log", LINE), tarred("b.log", LINE.trim_end())].concat();
    [&files[..], &[0; 1024]].concat()
}

#[test]
fn files_are_read_one_behind_the_other() {
    for archive in [zip(), tar()] {
        let analysis = analyzed(&archive, Encoding::Auto).unwrap();
        assert!(analysis.problem.is_none());
        assert_eq!(analysis.summary.events, 2);
        assert_eq!(analysis.summary.lines.bytes, 2 * LINE.len() as u64);
    }
}

#[test]
fn what_is_cut_off_is_never_a_silent_end() {
    for archive in [zip(), tar()] {
        let files = archive.len() - if archive.starts_with(b"PK") { 60 } else { 1024 };
        // Shorter, a tar cannot be told from a text.
        for length in 263..files {
            let is_told = match analyzed(&archive[..length], Encoding::Auto) {
                Ok(analysis) => analysis.problem.is_some(),
                Err(_) => true,
            };
            assert!(is_told, "{length}");
        }
    }
}

/// A stream that gives few bytes at once.
struct Slow<'b>(&'b [u8]);

impl Read for Slow<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = out.len().min(3);
        self.0.read(&mut out[..count])
    }
}

fn units() -> impl Strategy<Value = Vec<u16>> {
    let unit = prop_oneof![
        Just(0x78),
        Just(0xD83D),
        Just(0xDE00),
        Just(10),
        any::<u16>()
    ];
    proptest::collection::vec(unit, 0..60)
}

proptest! {
    #[test]
    fn damaged_archives_end(
        is_zip in any::<bool>(),
        changes in proptest::collection::vec((0_usize..2000, any::<u8>()), 0..6),
        length in 0_usize..3000,
    ) {
        let mut archive = if is_zip { zip() } else { tar() };
        for (at, byte) in changes {
            let at = at % archive.len();
            archive[at] = byte;
        }
        archive.truncate(length.max(1));
        let whole = analyzed(&archive, Encoding::Auto);
        let cancel = AtomicBool::new(false);
        let slow = analyze_stream(Slow(&archive), b"", &OPTIONS, &cancel);
        prop_assert_eq!(whole.is_ok(), slow.is_ok());
        if let (Ok(whole), Ok(slow)) = (whole, slow) {
            prop_assert_eq!(whole.summary.report(), slow.summary.report());
        }
    }

    #[test]
    fn any_bytes_are_text_in_any_encoding(
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
        name in prop_oneof![
            Just("auto"), Just("utf-16"), Just("utf-16be"), Just("latin-1"), Just("gb18030"),
            Just("shift_jis"), Just("iso-2022-jp"), Just("windows-1252"),
        ],
    ) {
        let encoding = Encoding::of_name(name).unwrap();
        if let Ok(analysis) = analyzed(&bytes, encoding) {
            let is_decoded = !matches!(encoding, Encoding::Auto);
            prop_assert!(!is_decoded || analysis.summary.lines.invalid_utf8 == 0);
        }
    }

    /// The standard library's reading of UTF-16 is the expected one.
    #[test]
    fn halves_of_pairs_are_replaced(units in units()) {
        let bytes: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        let encoding = Encoding::of_name("utf-16le").unwrap();
        let expected = String::from_utf16_lossy(&units);
        let expected = expected.strip_prefix('\u{FEFF}').unwrap_or(&expected);
        if let Ok(analysis) = analyzed(&bytes, encoding) {
            prop_assert_eq!(analysis.summary.lines.bytes, expected.len() as u64);
        }
    }
}

#[test]
fn names_of_encodings() {
    for name in [
        "auto",
        "UTF-8",
        "utf-16",
        "latin-1",
        "ISO-8859-15",
        "euc-jp",
        "cp1252",
    ] {
        assert!(Encoding::of_name(name).is_some(), "{name}");
    }
    for name in ["", "utf-99", "x-user-defined", "replacement", "hz-gb-2312"] {
        assert!(Encoding::of_name(name).is_none(), "{name}");
    }
}
