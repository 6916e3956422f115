//! Batches of passwords, as a crate.

#![allow(clippy::unwrap_used)]

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use proptest::prelude::*;
use vault::passwords::{
    Control, Limits, Outcome, Params, PasswordError, Resources, Row, Stored, hash_batch,
    verify_batch,
};

const LIMITS: Limits = Limits {
    memory_kib: 1 << 21,
    iterations: 16,
    lanes: 16,
};

fn hash(passwords: &[&str], params: &Params, resources: &Resources) -> Vec<String> {
    let (cancelled, done) = (AtomicBool::new(false), AtomicUsize::new(0));
    let control = Control {
        cancelled: &cancelled,
        done: &done,
    };
    let hashes = hash_batch(passwords, params, b"", resources, &control).unwrap();
    assert_eq!(done.load(Ordering::Relaxed), passwords.len());
    hashes.into_iter().map(Option::unwrap).collect()
}

fn verify(rows: &[Row<'_>], pepper: &[u8], resources: &Resources) -> Vec<Outcome> {
    let (cancelled, done) = (AtomicBool::new(false), AtomicUsize::new(0));
    let control = Control {
        cancelled: &cancelled,
        done: &done,
    };
    let outcomes = verify_batch(rows, pepper, &LIMITS, resources, &control);
    assert_eq!(done.load(Ordering::Relaxed), rows.len());
    outcomes.into_iter().map(Option::unwrap).collect()
}

#[test]
fn hashes_match_their_passwords_alone_and_no_salt_comes_twice() {
    let params = Params::new(64, 1, 3).unwrap();
    let resources = Resources::new(Some(3), None).unwrap();
    let passwords: Vec<String> = (0..50).map(|number| number.to_string()).collect();
    let passwords: Vec<&str> = passwords.iter().map(String::as_str).collect();
    let hashes = hash(&passwords, &params, &resources);
    let rows: Vec<Row<'_>> = (0..50)
        .flat_map(|index| [(index, index), (index, (index + 1) % 50)])
        .map(|(hash, password)| Row {
            hash: Some(&hashes[hash]),
            password: passwords[password].as_bytes(),
        })
        .collect();
    let expected = vec![[Outcome::Match, Outcome::Mismatch]; 50].concat();
    assert_eq!(verify(&rows, b"", &resources), expected);
    let mismatches = verify(&rows, b"pepper", &resources);
    assert!(
        mismatches
            .iter()
            .all(|outcome| *outcome == Outcome::Mismatch)
    );
    let salts: HashSet<_> = hashes
        .iter()
        .map(|hash| Stored::read(hash).unwrap().salt)
        .collect();
    assert_eq!(salts.len(), 50);
}

#[test]
fn a_cancelled_batch_begins_nothing() {
    let (cancelled, done) = (AtomicBool::new(true), AtomicUsize::new(0));
    let control = Control {
        cancelled: &cancelled,
        done: &done,
    };
    let params = Params::new(8, 1, 1).unwrap();
    let resources = Resources::new(Some(1), None).unwrap();
    let hashes = hash_batch(&["a", "b"], &params, b"", &resources, &control);
    assert_eq!(hashes, Ok(vec![None, None]));
}

#[test]
fn a_budget_below_one_hash_is_an_error() {
    let (cancelled, done) = (AtomicBool::new(false), AtomicUsize::new(0));
    let control = Control {
        cancelled: &cancelled,
        done: &done,
    };
    let params = Params::new(64, 1, 1).unwrap();
    let budgets = [(64 * 1024 - 1, None), (64 * 1024, Some(1))];
    for (budget, expected) in budgets {
        let resources = Resources::new(None, Some(budget)).unwrap();
        let hashes = hash_batch(&["a"], &params, b"", &resources, &control);
        let error = PasswordError::Budget {
            need_kib: 64,
            budget_kib: 63,
        };
        match expected {
            None => assert_eq!(hashes, Err(error)),
            Some(count) => assert_eq!(hashes.unwrap().len(), count),
        }
    }
}

proptest! {
    /// What is read is written as it was, so that no two texts are one hash.
    #[test]
    fn a_text_that_is_read_is_the_one_that_is_written(
        text in r"\$argon2(id|i|d)\$(v=(16|19|18)\$)?m=[0-9]{1,3},t=[0-9]{1,2},p=[0-9](,.{0,3})?\$[A-Za-z0-9+/=]{8,24}\$[A-Za-z0-9+/]{4,24}",
    ) {
        if let Ok(stored) = Stored::read(&text) {
            let with_version = if text.contains("$v=") {
                text.clone()
            } else {
                text.replacen("$m=", "$v=16$m=", 1)
            };
            prop_assert_eq!(stored.text(), with_version);
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in ".{0,60}", head in r"(\$argon2id\$(v=19\$)?(m=8,t=1,p=1\$)?)?") {
        let _ = Stored::read(&format!("{head}{text}"));
    }
}
