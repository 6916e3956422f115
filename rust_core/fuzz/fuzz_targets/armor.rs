//! Texts that people paste and files that others send: keys, identities, recipients, and the heads
//! of sealed files. Any bytes are one or are not; a key has one text.
#![no_main]

use std::fs::File;
use std::io::{Seek, Write};
use std::sync::atomic::{AtomicBool, AtomicU64};

use libfuzzer_sys::fuzz_target;
use vault::file::{Identity, Recipient, SealedFile, Source};
use vault::seal::{Course, Key};

/// The head of a file in memory.
fn head(data: &[u8]) {
    let (cancelled, done) = (AtomicBool::new(false), AtomicU64::new(0));
    let path = std::env::temp_dir().join(format!("fuzz-armor-{}", std::process::id()));
    let mut file = File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(true)
        .open(&path)
        .expect("a file can be made");
    std::fs::remove_file(&path).expect("it is there");
    file.write_all(data).expect("there is room");
    file.rewind().expect("it is a file");
    let course = Course::new(&cancelled, &done);
    if let Ok(sealed) = SealedFile::read(Source::File(file), &course) {
        let head = sealed.head();
        assert!(data.starts_with(format!("code-ops-file/1\nid {}\n", head.id).as_bytes()));
        assert!(head.slots.len() <= 1024);
    }
}

fuzz_target!(|data: &[u8]| {
    head(data);
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Ok(key) = Key::from_text(text) {
        assert_eq!(key.text().as_str(), text.trim_ascii());
    }
    let _ = Identity::parse(text);
    if let Ok(recipient) = Recipient::parse(text) {
        assert!(!recipient.word().contains([' ', '\n']));
        assert!(Recipient::parse(recipient.word()).is_ok());
    }
});
