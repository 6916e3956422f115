//! Streams document by document, and files with their compression.

#![allow(clippy::unwrap_used)]

mod common;

use std::io::Write;

use common::Listing;
use config::files::{FileError, decompressed, read};
use config::{Limits, Place, Source};

fn by_document(text: &str) -> (Vec<String>, Option<String>) {
    let limits = Limits::default();
    let source = Source::of_text(text, &limits).unwrap();
    let (mut place, mut documents) = (Place::default(), Vec::new());
    loop {
        let mut listing = Listing::default();
        match source.next_document(&mut place, &limits, &mut listing) {
            Ok(true) => documents.push(listing.text),
            Ok(false) => return (documents, None),
            Err(error) => return (documents, Some(error.to_string())),
        }
    }
}

#[test]
fn documents_one_by_one_are_those_of_the_stream() {
    let texts = [
        "",
        "# nothing\n",
        "a",
        "a\n---\nb\n",
        "---\n---\n---\n",
        "a: 1\n...\nb: 2\n",
        "%TAG !e! tag:e,1:\n--- !e!a x\n...\n%TAG !e! tag:e,2:\n--- !e!a y\n",
        "--- &a x\n...\n# between\n---\n&a y\n",
        "--- |\n text\n...\n... \n--- z",
        "\u{FEFF}a\n...\n\u{FEFF}b\n",
    ];
    for text in texts {
        let mut listing = Listing::default();
        config::parse(text.as_bytes(), &Limits::default(), &mut listing).unwrap();
        let whole = listing.text;
        let (documents, error) = by_document(text);
        assert_eq!(error, None);
        assert_eq!(
            format!("+STR\n{}-STR\n", documents.concat()),
            whole,
            "{text:?}"
        );
    }
}

#[test]
fn an_error_leaves_the_documents_before_it() {
    let (documents, error) = by_document("a\n---\nb: [\n---\nc\n");
    assert_eq!(documents.len(), 1);
    assert!(error.unwrap().starts_with("4:1: document marker inside"));
    // An anchor is of its document only.
    let (documents, error) = by_document("&a 1\n---\n*a\n");
    assert_eq!((documents.len(), error.is_some()), (1, true));
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn zstd(text: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(text, ruzstd::encoding::CompressionLevel::Fastest)
}

#[test]
fn compressed_bytes_are_told_by_their_start() {
    let text = b"key: value\n".repeat(1000);
    assert_eq!(decompressed(text.clone(), 1 << 20).unwrap(), text);
    for packed in [gzip(&text), zstd(&text)] {
        assert_eq!(decompressed(packed.clone(), 1 << 20).unwrap(), text);
        // Several in a row are one text, as the tools of both formats have it.
        let twice = decompressed([packed.clone(), packed.clone()].concat(), 1 << 20).unwrap();
        assert_eq!(twice, text.repeat(2));
        let limit = text.len() as u64;
        assert!(decompressed(packed.clone(), limit).is_ok());
        let error = decompressed(packed.clone(), limit - 1).unwrap_err();
        assert!(matches!(error, FileError::TooLong { limit: found } if found == limit - 1));
        for cut in [packed.len() / 2, packed.len() - 1, 5] {
            let error = decompressed(packed[..cut].to_vec(), 1 << 20).unwrap_err();
            assert!(matches!(error, FileError::Damaged { .. }), "{error}");
        }
    }
}

#[test]
fn a_small_file_cannot_fill_the_memory() {
    let bomb = gzip(&vec![b'a'; 64 << 20]);
    assert!(bomb.len() < 1 << 20);
    let error = decompressed(bomb, 1 << 20).unwrap_err();
    assert_eq!(
        error.to_string(),
        "input is longer than 1048576 bytes (limit input_bytes)"
    );
}

#[test]
fn files_that_cannot_be_read_say_why() {
    let folder = std::env::temp_dir();
    let error = read(&folder, 10).unwrap_err().to_string();
    assert_eq!(error, "is a directory");
    let error = read(&folder.join("no-such-file.yaml"), 10)
        .unwrap_err()
        .to_string();
    assert_eq!(error, "no such file or directory");
}
