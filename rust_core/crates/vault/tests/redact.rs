//! Redaction: against a plain look at the whole text, at any splits, in all forms.

#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use proptest::prelude::*;
use vault::redact::{MOST_BYTES, MOST_ENCODED_BYTES, Patterns, Redactor, Unredacted};

fn patterns(secrets: &[(&str, &[u8])]) -> Arc<Patterns> {
    Arc::new(Patterns::new(secrets))
}

type Secrets<'a> = &'a [(&'a str, &'a [u8])];

/// What comes out of these writes.
fn written(patterns: &Arc<Patterns>, writes: &[&[u8]]) -> Vec<u8> {
    let mut redactor = Redactor::new(Arc::clone(patterns));
    let mut out = Vec::new();
    for bytes in writes {
        redactor.feed(bytes, &mut out);
    }
    redactor.finish(&mut out);
    out
}

fn redacted(secrets: &[(&str, &[u8])], text: &str) -> String {
    String::from_utf8(written(&patterns(secrets), &[text.as_bytes()])).unwrap()
}

/// The same by looking for each secret at each place before `end`.
fn reference(secrets: &[Vec<u8>], text: &[u8], end: usize) -> Vec<u8> {
    let mut out = Vec::new();
    let mut covered = 0;
    let mut marked = None;
    for place in 0..end {
        let here = secrets.iter().enumerate();
        let here = here.filter(|(_, secret)| text[place..].starts_with(secret));
        // Of equal ones the first.
        let longest = here.max_by_key(|(number, secret)| (secret.len(), usize::MAX - number));
        if let Some((number, secret)) = longest {
            if place >= covered && marked != Some(number) {
                out.extend(format!("[{number}]").bytes());
                marked = Some(number);
            }
            covered = covered.max(place + secret.len());
        }
        if place >= covered {
            out.push(text[place]);
            marked = None;
        }
    }
    out
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

fn parts<'a>(text: &'a [u8], splits: &[prop::sample::Index]) -> Vec<&'a [u8]> {
    let mut places: Vec<_> = splits
        .iter()
        .map(|split| split.index(text.len() + 1))
        .collect();
    places.extend([0, text.len()]);
    places.sort_unstable();
    places
        .windows(2)
        .map(|pair| &text[pair[0]..pair[1]])
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    // Of few letters, so that secrets overlap, repeat, and are the beginnings of others; none of
    // these is a part of an encoded form of another.
    #[test]
    fn any_splits_give_what_a_plain_look_gives(
        secrets in prop::collection::vec("[xyz]{4,9}", 0..6),
        text in "[xyz ]{0,80}",
        splits in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
    ) {
        let secrets: Vec<Vec<u8>> = secrets.into_iter().map(String::into_bytes).collect();
        let names: Vec<_> = (0..secrets.len()).map(|number| number.to_string()).collect();
        let named = names.iter().map(String::as_str).zip(secrets.iter().map(Vec::as_slice));
        let patterns = patterns(&named.collect::<Vec<_>>());
        let text = text.as_bytes();
        let expected = reference(&secrets, text, text.len());
        prop_assert_eq!(&written(&patterns, &[text]), &expected);
        prop_assert_eq!(&written(&patterns, &parts(text, &splits)), &expected);
    }

    // What is held back is the longest end of the text with which a secret begins, and no more.
    #[test]
    fn nothing_else_is_held_back(
        secrets in prop::collection::vec("[xyz]{4,9}", 1..5),
        text in "[xyz ]{0,30}",
    ) {
        let secrets: Vec<Vec<u8>> = secrets.into_iter().map(String::into_bytes).collect();
        let names: Vec<_> = (0..secrets.len()).map(|number| number.to_string()).collect();
        let named = names.iter().map(String::as_str).zip(secrets.iter().map(Vec::as_slice));
        let mut redactor = Redactor::new(patterns(&named.collect::<Vec<_>>()));
        let text = text.as_bytes();
        let mut out = Vec::new();
        redactor.feed(text, &mut out);
        let may_grow = |end: &[u8]| {
            secrets.iter().any(|secret| secret.len() > end.len() && secret.starts_with(end))
        };
        let held = (0..text.len()).find(|place| may_grow(&text[*place..]));
        prop_assert_eq!(out, reference(&secrets, text, held.unwrap_or(text.len())));
    }

    #[test]
    fn what_has_no_secret_stays_as_it_is(
        secret in "[a-z]{8,40}",
        text in prop::collection::vec(any::<u8>(), 0..2000),
    ) {
        prop_assume!(!text.windows(4).any(|window| secret.as_bytes().starts_with(window)));
        // A base64 form of four characters or so may be there by chance, one of eight may not.
        prop_assert_eq!(written(&patterns(&[("a", secret.as_bytes())]), &[&text]), text);
    }

    // Random bytes in each encoding, within a text that is not of the encoding.
    #[test]
    fn no_form_of_any_bytes_appears(
        secret in prop::collection::vec(any::<u8>(), 8..3000),
        splits in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
    ) {
        let patterns = patterns(&[("a/b", &secret)]);
        let secret = secret.strip_suffix(b"\n").unwrap_or(&secret);
        let secret = secret.strip_suffix(b"\r").unwrap_or(secret);
        let lower = hexadecimal(secret);
        let upper = lower.to_uppercase();
        for form in [secret, lower.as_bytes(), upper.as_bytes()] {
            let text = [b"<", form, b">\n"].concat();
            prop_assert_eq!(written(&patterns, &parts(&text, &splits)), b"<[a/b]>\n");
        }
    }
}

#[test]
fn base64_is_found_at_all_places() {
    use base64ct::{Base64, Base64UrlUnpadded, Encoding};
    let secret = b"p\xfbssw\xffrd?>~1";
    let patterns = patterns(&[("s", secret)]);
    for before in 0..7 {
        for after in 0..7 {
            let text = [&b"user:::"[..before], secret, &b"@host/a"[..after]].concat();
            for encoded in [
                Base64::encode_string(&text),
                Base64UrlUnpadded::encode_string(&text),
            ] {
                let out = written(&patterns, &[encoded.as_bytes()]);
                let out = String::from_utf8(out).unwrap();
                let (head, tail) = out.split_once("[s]").unwrap();
                // Only what a neighbour has a part of is left of it.
                assert!(head.len() <= before * 8 / 6 + 1, "{before} {after} {out}");
                assert!(
                    tail.len() <= (after * 8).div_ceil(6) + 3,
                    "{before} {after} {out}"
                );
                assert!(after > 0 || tail.is_empty(), "{before} {after} {out}");
            }
        }
    }
}

// Four characters of base64 come once in 16 million by chance, six once in 68 thousand million.
#[test]
fn short_values_in_base64_are_found_where_that_is_long_enough() {
    let secrets: [(&str, &[u8]); 1] = [("pin", b"1234")];
    // 1234 twice, x1234, and xx1234yy, in which five characters are of the value alone.
    let rows = [
        ("MTIzNA==", "[pin]"),
        ("MTIzNA", "[pin]"),
        ("eDEyMzQ=", "eD[pin]"),
        ("eHgxMjM0eXk=", "eHgxMjM0eXk="),
    ];
    for (text, expected) in rows {
        assert_eq!(redacted(&secrets, text), expected);
    }
}

#[test]
fn stretches_and_their_markers() {
    let two: [(&str, &[u8]); 2] = [("one", b"alice"), ("two", b"hunter2")];
    let rows: [(Secrets<'_>, &str, &str); 12] = [
        (&two, "alice:hunter2\n", "[one]:[two]\n"),
        (&two, "alicehunter2", "[one][two]"),
        (&two, "alicealice alice", "[one] [one]"),
        (&two, "alic", "alic"),
        (&two, "alialicehunter", "ali[one]hunter"),
        (&[("a", b"abcd"), ("b", b"cdef")], "abcdefg", "[a]g"),
        (
            &[("a", b"abcd"), ("b", b"abcdef")],
            "abcdefg abcde",
            "[b]g [a]e",
        ),
        (&[("a", b"same"), ("b", b"same")], "same", "[a]"),
        // Its own marker would show it.
        (&[("db/password", b"password")], "password", "***"),
        (&[("", b"password")], "password", "***"),
        // White space around it is no secret, but all of a value is looked for.
        (
            &[("a", b"line one\nline two\n")],
            "line one\nline two\n",
            "[a]\n",
        ),
        (
            &[("a", b"  indented\n    lines\n")],
            "- indented\nlines\n",
            "- [a]\nlines\n",
        ),
    ];
    for (secrets, text, expected) in rows {
        assert_eq!(redacted(secrets, text), expected, "{text}");
    }
}

#[test]
fn a_key_is_found_by_its_lines_and_others_keep_their_borders() {
    let key = "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49\nAgEGCCqGSM49AwEH\n-----END PRIVATE KEY-----\n";
    let other = "-----BEGIN PRIVATE KEY-----\nother\n-----END PRIVATE KEY-----\n";
    let secrets: [(&str, &[u8]); 1] = [("k", key.as_bytes())];
    assert_eq!(redacted(&secrets, key), "[k]\n");
    assert_eq!(redacted(&secrets, other), other);
    let crlf = key.replace('\n', "\r\n");
    let begin = "-----BEGIN PRIVATE KEY-----\r\n[k]\r\n[k]\r\n-----END PRIVATE KEY-----\r\n";
    assert_eq!(redacted(&secrets, &crlf), begin);
}

#[test]
fn what_is_not_redacted_is_told() {
    let long = vec![b'x'; MOST_BYTES + 1];
    let encoded = vec![b'y'; MOST_ENCODED_BYTES + 1];
    let values: [&[u8]; 6] = [b"", b"abc\n", b" abc  \n", b"abcd", &long, &encoded];
    let secrets: Vec<_> = values.iter().map(|value| ("", *value)).collect();
    let patterns = patterns(&secrets);
    let expected = [
        (0, Unredacted::Short),
        (1, Unredacted::Short),
        (2, Unredacted::Short),
        (4, Unredacted::Long),
        (5, Unredacted::Encoded),
    ];
    assert_eq!(patterns.unredacted(), expected);
    assert_eq!(
        written(&patterns, &[b"abc abcd ", &long, &encoded]),
        [b"abc *** ", &long[..], b"***"].concat()
    );
    let many = vec![encoded.clone(); 1100];
    let secrets: Vec<_> = many.iter().map(|value| ("", value.as_slice())).collect();
    assert_eq!(
        Patterns::new(&secrets).unredacted().last(),
        Some(&(1099, Unredacted::Budget))
    );
}

#[test]
fn nothing_to_look_for_changes_nothing() {
    assert_eq!(redacted(&[], "text\n"), "text\n");
}
