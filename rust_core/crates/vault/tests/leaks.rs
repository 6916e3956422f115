//! Leaks against a plain look at the whole text, in pieces of any size and across their borders.

#![allow(clippy::unwrap_used)]

use std::io::{self, BufReader, ErrorKind, Read};

use proptest::prelude::*;
use vault::leaks::{Leak, Leaks, MOST_FOUND, Searcher, Unsearched, unsearched};
use vault::redact::{Form, Patterns};

const MIB: usize = 1 << 20;

fn patterns(secrets: &[Vec<u8>]) -> Patterns {
    let named: Vec<_> = secrets.iter().map(|secret| ("", &secret[..])).collect();
    Patterns::new(&named)
}

/// Gives so many bytes at once at most.
struct Slow<'t>(&'t [u8], usize);

impl Read for Slow<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = buffer.len().min(self.1);
        self.0.read(&mut buffer[..most])
    }
}

fn found(secrets: &[Vec<u8>], text: &[u8], at_once: usize) -> Vec<(usize, u64, u64)> {
    let patterns = patterns(secrets);
    let (leaks, read) = Searcher::new(&patterns).search(&mut Slow(text, at_once), || true);
    read.unwrap();
    let leaks = leaks.found.iter();
    leaks
        .map(|leak| (leak.secret, leak.line, leak.column))
        .collect()
}

/// The same by looking for each secret at each place: of a stretch the beginning.
fn reference(secrets: &[Vec<u8>], text: &[u8]) -> Vec<(usize, u64, u64)> {
    let mut ends = vec![None; secrets.len()];
    let mut found = Vec::new();
    for place in 0..text.len() {
        let here = secrets.iter().enumerate();
        let here = here.filter(|(_, secret)| text[place..].starts_with(secret));
        // Of equal ones the first.
        let longest = here.max_by_key(|(number, secret)| (secret.len(), usize::MAX - number));
        if let Some((number, secret)) = longest {
            if ends[number].is_none_or(|end| end < place) {
                let before = &text[..place];
                let line = before.split(|byte| *byte == b'\n').count();
                let start = before.iter().rposition(|byte| *byte == b'\n');
                let column = place - start.map_or(0, |start| start + 1) + 1;
                found.push((number, line as u64, column as u64));
            }
            ends[number] = ends[number].max(Some(place + secret.len()));
        }
    }
    found
}

proptest! {
    #[test]
    fn leaks_are_those_of_a_plain_look(
        secrets in prop::collection::vec("[ab]{4,9}", 1..5),
        text in "[ab\n]{0,200}",
        at_once in 1_usize..300,
    ) {
        let secrets: Vec<_> = secrets.into_iter().map(String::into_bytes).collect();
        let text = text.as_bytes();
        prop_assert_eq!(found(&secrets, text, at_once), reference(&secrets, text));
    }

    #[test]
    fn also_across_the_borders_of_pieces(
        length in 4_usize..2000,
        before in MIB - 3100..MIB + 100,
        after in 0_usize..2000,
    ) {
        let letters = (0..length).map(|place| b"ABCDEFGHIJKLMNOPQRSTUVW"[place * place % 23]);
        let secret: Vec<u8> = letters.collect();
        let text = [&vec![b'x'; before][..], b"\n", &secret, &vec![b'y'; after]].concat();
        prop_assert_eq!(found(&[secret], &text, usize::MAX), vec![(0, 2, 1)]);
    }
}

#[test]
fn each_form_is_named() {
    // From the tools named in each row.
    let rows: [(&str, &[u8], Form); 9] = [
        ("cat", b"hunter+2/\xc3\xa9 x", Form::Plain),
        ("base64", b"aHVudGVyKzIvw6kgeA==", Form::Base64),
        (
            "printf 'a%s' ... | base64",
            b"YWh1bnRlcisyL8OpIHg=",
            Form::Base64,
        ),
        (
            "printf 'ab%s' ... | basenc --base64url",
            b"YWJodW50ZXIrMi_DqSB4",
            Form::Base64,
        ),
        ("xxd -p", b"68756e7465722b322fc3a92078", Form::Hex),
        ("xxd -p -u", b"68756E7465722B322FC3A92078", Form::Hex),
        (
            "python urllib.parse.quote",
            b"hunter%2B2/%C3%A9%20x",
            Form::Url,
        ),
        ("python json.dumps", b"hunter+2/\\u00e9 x", Form::Text),
        ("bash printf %q", b"hunter+2/\xc3\xa9\\ x", Form::Shell),
    ];
    let patterns = patterns(&[b"hunter+2/\xc3\xa9 x".to_vec()]);
    for (tool, text, form) in rows {
        let text = [b"k:\n '", text, b"' k"].concat();
        let (leaks, _) = Searcher::new(&patterns).search(&mut &text[..], || true);
        assert_eq!(leaks.found.len(), 1, "{tool}");
        assert_eq!(
            (leaks.found[0].form, leaks.found[0].line),
            (form, 2),
            "{tool}"
        );
    }
}

#[test]
fn a_line_of_several_is_found_by_itself() {
    let patterns =
        patterns(&[b"-----BEGIN KEY-----\nMIIEvQIBADAN\nshort\n-----END KEY-----\n".to_vec()]);
    let text = b"-----BEGIN KEY-----\nshort\n x MIIEvQIBADAN\n";
    let (leaks, _) = Searcher::new(&patterns).search(&mut &text[..], || true);
    let leak = Leak {
        secret: 0,
        form: Form::Line,
        line: 3,
        column: 4,
    };
    assert_eq!(leaks.found, [leak]);
}

#[test]
fn what_is_kept_is_bounded() {
    let secrets = [b"hunter2".to_vec()];
    let text = b"hunter2 ".repeat(MOST_FOUND + 1);
    let patterns = patterns(&secrets);
    let (leaks, _) = Searcher::new(&patterns).search(&mut &text[..], || true);
    assert_eq!((leaks.found.len(), leaks.is_cut), (MOST_FOUND, true));
}

#[test]
fn an_error_comes_after_what_was_found() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(ErrorKind::InvalidData.into())
        }
    }
    let patterns = patterns(&[b"hunter2".to_vec()]);
    let mut searcher = Searcher::new(&patterns);
    let (leaks, read) = searcher.search(&mut b"a hunter2".chain(Broken), || true);
    assert_eq!(
        (leaks.found.len(), read.unwrap_err().kind()),
        (1, ErrorKind::InvalidData)
    );
    let (leaks, read) = searcher.search(&mut &b"hunter2"[..], || false);
    assert_eq!(
        (leaks, read.unwrap_err().kind()),
        (Leaks::default(), ErrorKind::Interrupted)
    );
}

#[test]
fn values_that_are_everywhere_are_not_looked_for() {
    let rows: [(&[u8], usize, Option<Unsearched>); 9] = [
        (b"abcde", 6, Some(Unsearched::Short)),
        (b" abcde\n", 6, Some(Unsearched::Short)),
        (b"abcdef", 6, None),
        (b"abcde", 5, None),
        (b"localhost", 6, Some(Unsearched::Common)),
        (b"PostgreSQL\n", 6, Some(Unsearched::Common)),
        (b"2026112", 6, Some(Unsearched::Digits)),
        (b"20261120", 6, None),
        (b"hunter2", 6, None),
    ];
    for (value, least, reason) in rows {
        assert_eq!(unsearched(value, least), reason, "{value:?}");
    }
}

fn git(stream: &[u8]) -> io::Result<vault::leaks::GitObjects> {
    let patterns = patterns(&[b"hunter2".to_vec()]);
    Searcher::new(&patterns).search_git(&mut BufReader::with_capacity(7, stream), || true)
}

#[test]
fn objects_of_git_are_told_apart() {
    let commit = "tree 1\nauthor hunter2\n\nsubject\n\nbody hunter2\n";
    let stream = format!(
        "aa blob 9\nx\nhunter2\nbb commit {}\n{commit}\ncc tree 7\nhunter2\ndd blob 0\n\n",
        commit.len()
    );
    let found = git(stream.as_bytes()).unwrap();
    assert_eq!((found.count, &found.commits), (4, &vec!["bb".to_owned()]));
    let rows = found.found.iter().map(|object| {
        let lines = object.leaks.found.iter().map(|leak| leak.line).collect();
        (object.id.as_str(), object.kind.as_str(), lines)
    });
    let rows: Vec<(_, _, Vec<_>)> = rows.collect();
    let expected = [
        ("aa", "blob", vec![2]),
        ("bb", "commit", vec![1, 3]),
        ("cc", "tree", vec![1]),
    ];
    assert_eq!(rows, expected);
}

#[test]
fn a_stream_that_is_none_of_git_is_an_error() {
    for stream in [
        &b"x"[..],
        b"aa blob\n",
        b"aa blob x\n",
        b"aa blob 9\nx\n",
        b"aa blob 1\nx",
        b"\n",
    ] {
        assert!(git(stream).is_err(), "{stream:?}");
    }
    assert!(git(&vec![b'x'; 5000]).is_err());
    assert!(git(b"aa missing\n").is_err());
    assert_eq!(git(b"").unwrap().count, 0);
}
