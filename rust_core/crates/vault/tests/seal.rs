//! The construction against a second one, on the crates of `RustCrypto`, and what has to fail.

#![allow(clippy::unwrap_used)]

use std::fs::{self, File};
use std::sync::atomic::{AtomicBool, AtomicU64};

use aes_gcm::aead::Aead;
use aes_gcm::{Aes256Gcm, KeyInit};
use proptest::prelude::*;
use vault::seal::{
    Course, HEAD_BYTES, Key, KeyError, SealError, message_length, open, open_file, seal, seal_file,
    sealed_length,
};

const CHUNK: usize = 16_384;
const KEY: [u8; 32] = [7; 32];

/// Seals by the words of the specification.
fn by_the_book(key: &[u8], salt: [u8; 24], context: &[u8], message: &[u8]) -> Vec<u8> {
    let mut info = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0".to_vec();
    info.extend(salt);
    info.extend(context);
    // The crate wants a key as long as the hash; HMAC pads a shorter one with zeros.
    let mut padded = [0; 64];
    padded[..32].copy_from_slice(key);
    let mut derived = [0; 76];
    hkdf::Hkdf::<sha2::Sha512>::from_prk(&padded)
        .unwrap()
        .expand(&info, &mut derived)
        .unwrap();
    let cipher = Aes256Gcm::new_from_slice(&derived[..32]).unwrap();
    let mut sealed = [&salt[..], &derived[44..]].concat();
    for index in 0..=message.len() / CHUNK {
        let mut nonce: [u8; 12] = derived[32..44].try_into().unwrap();
        for (byte, of_index) in nonce[4..].iter_mut().zip((index as u64).to_be_bytes()) {
            *byte ^= of_index;
        }
        let chunk = &message[index * CHUNK..message.len().min((index + 1) * CHUNK)];
        sealed.extend(cipher.encrypt(&nonce.into(), chunk).unwrap());
    }
    sealed
}

fn sealed(context: &[u8], message: &[u8]) -> Vec<u8> {
    let mut out = vec![0; usize::try_from(sealed_length(message.len() as u64).unwrap()).unwrap()];
    seal(&Key::from_bytes(&KEY).unwrap(), context, message, &mut out).unwrap();
    out
}

fn opened(context: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let length = message_length(sealed.len() as u64)?;
    let mut out = vec![1; usize::try_from(length).unwrap()];
    let result = open(&Key::from_bytes(&KEY).unwrap(), context, sealed, &mut out);
    // No byte of the messages here is 0 or 1.
    let is_silent = out.iter().all(|&byte| byte <= 1);
    assert!(result.is_ok() || is_silent, "something was given out");
    result.is_ok().then_some(out)
}

fn message(length: usize) -> Vec<u8> {
    (2..=251).cycle().take(length).collect()
}

#[test]
fn seals_and_opens_as_the_specification_has_it() {
    for length in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 5 * CHUNK + 17] {
        let message = message(length);
        for context in [&b""[..], b"a context", &[0; 300]] {
            let ours = sealed(context, &message);
            let salt = ours[..24].try_into().unwrap();
            assert_eq!(ours, by_the_book(&KEY, salt, context, &message), "{length}");
            let theirs = by_the_book(&KEY, [9; 24], context, &message);
            assert_eq!(opened(context, &theirs), Some(message.clone()), "{length}");
            assert_eq!(opened(b"another context", &theirs), None);
        }
    }
}

#[test]
fn whatever_is_cut_added_or_moved_does_not_open() {
    let message = message(2 * CHUNK + 5);
    let whole = sealed(b"", &message);
    for length in [
        0,
        1,
        55,
        56,
        71,
        HEAD_BYTES + CHUNK + 16,
        HEAD_BYTES + 2 * (CHUNK + 16),
    ] {
        assert_eq!(opened(b"", &whole[..length]), None, "{length}");
    }
    for place in (0..whole.len()).step_by(997).chain([whole.len() - 1]) {
        let mut changed = whole.clone();
        changed[place] ^= 0x10;
        assert_eq!(opened(b"", &changed), None, "{place}");
    }
    let longer = [&whole[..], &[0]].concat();
    assert_eq!(opened(b"", &longer), None);
    let (head, chunks) = whole.split_at(HEAD_BYTES);
    let (first, rest) = chunks.split_at(CHUNK + 16);
    let (second, last) = rest.split_at(CHUNK + 16);
    assert_eq!(opened(b"", &[head, second, first, last].concat()), None);
    assert_eq!(opened(b"", &[head, first, last].concat()), None);
}

#[test]
fn keys_have_a_text_with_a_checksum() {
    let key = Key::from_bytes(&KEY).unwrap();
    let text = key.text();
    assert_eq!(
        Key::from_text(&format!(" {}\n", *text)).unwrap().bytes(),
        &KEY
    );
    // As the reference code of BIP 173 has it.
    let expected = "cok1qurswpc8qurswpc8qurswpc8qurswpc8qurswpc8qurswpc8qurs3tcpej";
    assert_eq!(*text, expected);
    let wrong = text.replacen("qur", "quq", 1);
    assert!(matches!(Key::from_text(&wrong), Err(KeyError::Checksum)));
    for no_key in [
        "",
        "cok1",
        "age1qqqq",
        &text[..61],
        &format!("{}q", *text),
        &text.to_uppercase(),
    ] {
        assert!(
            matches!(Key::from_text(no_key), Err(KeyError::Form)),
            "{no_key}"
        );
    }
    assert_eq!(format!("{key:?}"), "Key");
    assert!(matches!(
        Key::from_bytes(&[0; 31]),
        Err(KeyError::Length(31))
    ));
}

#[test]
fn files_of_any_length_go_through_all_threads() {
    let folder = std::env::temp_dir().join(format!("vault-seal-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let (plain, closed, back) = (
        folder.join("plain"),
        folder.join("closed"),
        folder.join("back"),
    );
    let block = 64 * CHUNK;
    for length in [
        0,
        1,
        CHUNK,
        block - 1,
        block,
        block + 1,
        3 * block + 5 * CHUNK,
    ] {
        let message = message(length);
        fs::write(&plain, [b"head", &message[..]].concat()).unwrap();
        let (key, go) = (Key::from_bytes(&KEY).unwrap(), AtomicBool::new(false));
        let done = AtomicU64::new(0);
        let course = Course::new(&go, &done);
        let output = File::create(&closed).unwrap();
        let input = File::open(&plain).unwrap();
        seal_file(&key, b"files", (&input, 4), (&output, 0), 3, &course).unwrap();
        let data = fs::read(&closed).unwrap();
        assert_eq!(opened(b"files", &data), Some(message.clone()), "{length}");

        let input = File::open(&closed).unwrap();
        let output = File::create(&back).unwrap();
        let written = open_file(&key, b"files", (&input, 0), (&output, 0), 3, &course).unwrap();
        assert_eq!(written, length as u64);
        assert_eq!(fs::read(&back).unwrap(), message);

        fs::write(&closed, &data[..data.len() - 1]).unwrap();
        let input = File::open(&closed).unwrap();
        let failed = open_file(&key, b"files", (&input, 0), (&output, 0), 3, &course);
        assert!(matches!(failed, Err(SealError::Unopened)), "{length}");
    }
    fs::remove_dir_all(&folder).unwrap();
}

proptest! {
    #[test]
    fn lengths_are_those_of_one_message(message in 0_u64..1 << 52) {
        let sealed = sealed_length(message).unwrap();
        prop_assert_eq!(message_length(sealed), Some(message));
    }

    #[test]
    fn no_bytes_open_by_chance(sealed in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert_eq!(opened(b"", &sealed), None);
    }
}
