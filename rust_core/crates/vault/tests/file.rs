//! The vault file: what is kept, what is found, and what does not open.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use vault::file::{
    Change, Credential, Document, Finding, FormatProblem, Kind, NewSlot, OpenedVault, VaultError,
};
use vault::passwords::{Limits, Params};
use vault::seal::Key;

const DAY: &str = "2026-11-20";
const LIMITS: Limits = Limits {
    memory_kib: 1 << 21,
    iterations: 16,
    lanes: 16,
};

fn key(number: u8) -> Key {
    Key::from_bytes(&[number; 32]).unwrap()
}

fn new_vault(secrets: &[(&str, &[u8])]) -> OpenedVault {
    let cheap = Params::new(8, 1, 1).unwrap();
    let slots = [
        ("ci", NewSlot::Key(&key(1))),
        ("night", NewSlot::Passphrase(b"correct horse", cheap)),
    ];
    let mut vault = OpenedVault::create(&slots).unwrap();
    for (name, value) in secrets {
        vault.set(name, value, Kind::Bytes, DAY).unwrap();
    }
    vault
}

fn open(text: &str) -> Result<OpenedVault, VaultError> {
    let document = Document::parse(text.as_bytes())?;
    OpenedVault::open(document, &[Credential::Key(&key(1))], &LIMITS)
}

fn value(text: &str, name: &str) -> Result<Vec<u8>, VaultError> {
    open(text)?.get(name).map(|value| value.to_vec())
}

#[test]
fn what_is_set_is_got_with_either_credential() {
    let long = vec![7; 100_000];
    let values: [(&str, &[u8]); 4] = [
        ("b", b""),
        ("a/x", b"one"),
        ("Z", &[0x80, 0, 0]),
        ("_", &long),
    ];
    let text = new_vault(&values).finish().unwrap();
    let document = Document::parse(text.as_bytes()).unwrap();
    let names: Vec<_> = document
        .secrets
        .iter()
        .map(|secret| secret.name.as_str())
        .collect();
    assert_eq!(names, ["Z", "_", "a/x", "b"]);
    assert_eq!((document.generation, document.text()), (1, text.clone()));
    let credentials = [
        Credential::Passphrase(b"correct horse"),
        Credential::Key(&key(1)),
    ];
    for credential in credentials {
        let vault = OpenedVault::open(document.clone(), &[credential], &LIMITS).unwrap();
        assert_eq!(vault.findings(), []);
        for (name, value) in values {
            assert_eq!(*vault.get(name).unwrap(), value, "{name}");
        }
        assert!(matches!(vault.get("c"), Err(VaultError::Missing(_))));
    }
    for wrong in [Credential::Passphrase(b"wrong"), Credential::Key(&key(2))] {
        let closed = OpenedVault::open(document.clone(), &[wrong], &LIMITS)
            .err()
            .unwrap();
        let told = format!("the key {} (ci), the passphrase night", key(1).id());
        assert!(closed.to_string().ends_with(&told), "{closed}");
    }
}

#[test]
fn a_change_of_one_value_changes_its_line_and_the_last() {
    let mut vault = new_vault(&[("a", b"1"), ("b", b"2"), ("c", b"3")]);
    let before = vault.finish().unwrap();
    let mut vault = open(&before).unwrap();
    assert_eq!(
        vault.set("b", b"2", Kind::Bytes, "2027-01-01").unwrap(),
        Change::Same
    );
    assert_eq!(vault.finish().unwrap(), before);
    assert_eq!(
        vault.set("b", b"4", Kind::Bytes, "2027-01-01").unwrap(),
        Change::Changed
    );
    assert_eq!(
        vault.set("bb", b"", Kind::Text, DAY).unwrap(),
        Change::Added
    );
    let after = vault.finish().unwrap();
    let same = |line: &&str| before.lines().any(|other| other == *line);
    let changed: Vec<_> = after.lines().filter(|line| !same(line)).collect();
    assert_eq!(changed.len(), 3);
    assert!(changed[0].starts_with("b 2 2027-01-01 bytes "));
    assert!(changed[1].starts_with("bb 1 2026-11-20 text "));
    assert!(changed[2].starts_with("manifest 2 "));
    let mut vault = open(&after).unwrap();
    vault.remove("a").unwrap();
    let text = vault.finish().unwrap();
    assert!(matches!(value(&text, "a"), Err(VaultError::Missing(_))));
    assert_eq!(value(&text, "b").unwrap(), b"4");
}

#[test]
fn lengths_are_hidden_in_steps_of_32() {
    let line = |length: usize| {
        let text = new_vault(&[("a", &vec![1; length])]).finish().unwrap();
        text.lines()
            .find(|line| line.starts_with("a "))
            .unwrap()
            .len()
    };
    assert_eq!(line(0), line(31));
    assert!(line(31) < line(32));
    assert_eq!(line(32), line(63));
}

/// Each bit of a whole vault: another vault never opens as this one.
#[test]
fn every_flipped_bit_is_found() {
    let text = new_vault(&[("a", b"one"), ("b/c", &[9; 1100])])
        .finish()
        .unwrap();
    assert!(text.len() > 2000, "{}", text.len());
    for place in 0..text.len() {
        for bit in 0..8 {
            let mut bytes = text.clone().into_bytes();
            bytes[place] ^= 1 << bit;
            let Ok(document) = Document::parse(&bytes) else {
                continue;
            };
            let opened = OpenedVault::open(document, &[Credential::Key(&key(1))], &LIMITS);
            let is_found = opened.is_err_and(|error| !matches!(error, VaultError::Format(_)))
                || OpenedVault::open(
                    Document::parse(&bytes).unwrap(),
                    &[Credential::Key(&key(1))],
                    &LIMITS,
                )
                .is_ok_and(|vault| !vault.findings().is_empty());
            assert!(is_found, "byte {place}, bit {bit}: {}", bytes[place]);
        }
    }
}

#[test]
fn every_cut_is_found() {
    let text = new_vault(&[("a", b"one"), ("b", b"two")]).finish().unwrap();
    for length in 0..text.len() {
        assert!(open(&text[..length]).is_err(), "{length}");
    }
}

#[test]
fn what_is_moved_is_found_and_named() {
    let text = new_vault(&[("a", b"one"), ("b", b"two"), ("c", b"three")])
        .finish()
        .unwrap();
    let other = new_vault(&[("a", b"evil"), ("d", b"new")])
        .finish()
        .unwrap();
    let mut newer = open(&text).unwrap();
    newer.set("a", b"1", Kind::Bytes, DAY).unwrap();
    let newer = newer.finish().unwrap();
    let line = |text: &str, name: &str| {
        let found = text
            .lines()
            .find(|line| line.starts_with(&format!("{name} ")));
        format!("{}\n", found.unwrap())
    };

    // The old line in the new vault.
    let old = newer.replace(&line(&newer, "a"), &line(&text, "a"));
    let vault = open(&old).unwrap();
    let replaced = Finding::Replaced {
        name: "a".to_owned(),
        found: 1,
        signed: 2,
    };
    assert_eq!(vault.findings(), [replaced]);
    assert!(matches!(vault.get("a"), Err(VaultError::Unsigned(_))));
    assert_eq!(*vault.get("b").unwrap(), b"two");

    // The sealed value of another name, and of another vault.
    let body = |text: &str, name: &str| line(text, name).rsplit(' ').next().unwrap().to_owned();
    for theirs in [body(&text, "b"), body(&other, "a")] {
        let swapped = text.replace(&body(&text, "a"), &theirs);
        let mut vault = open(&swapped).unwrap();
        assert_eq!(vault.findings()[0].name(), "a");
        assert!(matches!(
            vault.set("c", b"", Kind::Text, DAY),
            Err(VaultError::Unsigned(_))
        ));
        // Also who accepts the line does not get the value.
        vault.accept();
        let accepted = vault.finish().unwrap();
        assert!(matches!(value(&accepted, "a"), Err(VaultError::Secret(_))));
    }

    let gone = text.replace(&line(&text, "b"), "");
    assert_eq!(
        open(&gone).unwrap().findings(),
        [Finding::Gone("b".to_owned())]
    );
    let added = text.replace("manifest ", &(line(&other, "d") + "manifest "));
    assert_eq!(
        open(&added).unwrap().findings(),
        [Finding::Added("d".to_owned())]
    );

    // The last line of another generation, and of another vault.
    for theirs in [line(&newer, "manifest"), line(&other, "manifest")] {
        let mixed = text.replace(&line(&text, "manifest"), &theirs);
        assert!(
            matches!(open(&mixed), Err(VaultError::Manifest))
                || !open(&mixed).unwrap().findings().is_empty()
        );
    }
    // A slot of another vault under this head.
    let slot = |text: &str| {
        text.lines()
            .find(|line| line.starts_with("slot key"))
            .unwrap()
            .to_owned()
    };
    let foreign = text.replace(&slot(&text), &slot(&other));
    assert!(matches!(open(&foreign), Err(VaultError::Closed(_))));
    let label = text.replace("label=ci", "label=cj");
    assert!(matches!(open(&label), Err(VaultError::Closed(_))));
    let fewer = text.replacen(
        &format!("{}\n", line(&text, "slot passphrase").trim_end()),
        "",
        1,
    );
    assert!(matches!(open(&fewer), Err(VaultError::Head)));
}

#[test]
fn what_is_no_vault_is_told_with_its_line() {
    let text = new_vault(&[("a", b"one"), ("b", b"two")]).finish().unwrap();
    let wrong = |from: &str, to: &str| {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text, "{from}");
        Document::parse(changed.as_bytes()).unwrap_err().to_string()
    };
    let table = [
        (
            "code-ops-vault/1",
            "code-ops-vault/2",
            "line 1: the format is code-ops-vault/2, this version reads code-ops-vault/1: a newer code-ops is needed",
        ),
        (
            "code-ops-vault/1",
            "$ANSIBLE_VAULT;1.1;AES256",
            "line 1: no vault: expected `code-ops-vault/1` as the first line",
        ),
        (
            "id ",
            "id a",
            "line 2: expected id and 26 characters of base32",
        ),
        (
            "slot key kid=",
            "slot key kid=kid=",
            "line 3: expected kid= of 8 hexadecimal digits",
        ),
        (
            " label=ci",
            " label=ci label=ci",
            "line 3: expected body= in base64",
        ),
        (
            " label=ci",
            "",
            "line 3: expected label= of 1 to 64 letters, digits and ._@-",
        ),
        (
            "label=night",
            "label=ci",
            "line 4: the label ci stands twice",
        ),
        ("m=8,", "m=8,m=8,", "line 4: expected m=, t= and p="),
        ("m=8,", "m=08,", "line 4: expected m=, t= and p="),
        (
            "m=8,",
            "m=4294967296,",
            "line 4: memory of 4294967296 KiB is out of range 8-4294967295",
        ),
        (
            "salt=",
            "salt=AAAA",
            "line 4: expected salt= of 16 bytes in base64",
        ),
        (
            "hmac ",
            "hmac A",
            "line 5: expected hmac and 32 bytes in base64",
        ),
        ("a 1 ", "c 1 ", "line 7: b is not in the order of names"),
        ("a 1 ", "b 1 ", "line 7: b stands twice"),
        (
            "a 1 ",
            "a 01 ",
            "line 6: expected a name, version, date, type and base64, or the manifest",
        ),
        (
            " bytes ",
            " number ",
            "line 6: expected the type text or bytes",
        ),
        (
            "2026-11-20",
            "2026-13-20",
            "line 6: expected a name, version, date, type and base64, or the manifest",
        ),
        (
            "manifest 1",
            "manifest 0",
            "line 8: expected manifest, the generation and base64",
        ),
        (
            "\nid ",
            "\r\nid ",
            "line 1: a line does not end in one line feed",
        ),
        ("a 1 ", "ä 1 ", "line 6: a character that no vault has"),
    ];
    for (from, to, expected) in table {
        assert_eq!(wrong(from, to), expected, "{from} to {to}");
    }
    let longer = format!("{text}\n");
    let problem = Document::parse(longer.as_bytes()).unwrap_err().problem;
    assert_eq!(
        problem,
        FormatProblem::Expected("nothing after the manifest")
    );
}

#[test]
fn what_would_move_a_cursor_is_refused_in_lines_that_are_skipped() {
    let text = new_vault(&[]).finish().unwrap();
    for (line, expected) in [
        ("new\x1b[2J", "line 3: a character that no vault has"),
        ("new\x07 x", "line 3: a character that no vault has"),
        ("new\x7f", "line 3: a character that no vault has"),
        ("new\rslot", "line 3: a line does not end in one line feed"),
    ] {
        let changed = text.replacen("slot key", &format!("slot {line}\nslot key"), 1);
        let error = Document::parse(changed.as_bytes()).unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn hostile_heads_are_refused_before_any_work() {
    let text = new_vault(&[]).finish().unwrap();
    let costly = text.replace("m=8,t=1,p=1", "m=4294967295,t=1,p=1");
    let document = Document::parse(costly.as_bytes()).unwrap();
    let credentials = [Credential::Passphrase(b"correct horse")];
    let refused = OpenedVault::open(document, &credentials, &LIMITS);
    assert!(matches!(refused, Err(VaultError::Costs { .. })));
    let slot = text
        .lines()
        .find(|line| line.starts_with("slot key"))
        .unwrap();
    let labelled = |number: usize| slot.replace("label=ci", &format!("label=l{number}")) + "\n";
    let slots: String = (0..1024).map(labelled).collect();
    let many = text.replace(slot, &format!("{slots}{slot}"));
    let problem = Document::parse(many.as_bytes()).unwrap_err().to_string();
    assert_eq!(problem, "line 1027: more than 1,024 slots");
    let kind = "slot quantum whatever=it needs\nhmac ";
    let newer = text.replacen("hmac ", kind, 1);
    assert!(matches!(open(&newer), Err(VaultError::Head)));
}

#[test]
fn slots_are_added_under_labels_of_their_own() {
    let mut vault = new_vault(&[("a", b"one")]);
    assert!(matches!(
        vault.add_slot("ci", &NewSlot::Key(&key(3))),
        Err(VaultError::Slots(_))
    ));
    assert!(matches!(
        vault.add_slot("a b", &NewSlot::Key(&key(3))),
        Err(VaultError::Label)
    ));
    vault.add_slot("third", &NewSlot::Key(&key(3))).unwrap();
    let text = vault.finish().unwrap();
    let document = Document::parse(text.as_bytes()).unwrap();
    let vault = OpenedVault::open(document, &[Credential::Key(&key(3))], &LIMITS).unwrap();
    assert_eq!(*vault.get("a").unwrap(), b"one");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = Document::parse(&bytes);
        let _ = Document::parse(&[b"code-ops-vault/1\nid ", &bytes[..]].concat());
    }

    #[test]
    fn any_value_comes_back(
        values in prop::collection::btree_map("[A-Za-z0-9_][A-Za-z0-9_./-]{0,8}", prop::collection::vec(any::<u8>(), 0..200), 0..6),
    ) {
        let pairs: Vec<(&str, &[u8])> = values.iter().map(|(name, value)| (name.as_str(), value.as_slice())).collect();
        let text = new_vault(&pairs).finish().unwrap();
        let vault = open(&text).unwrap();
        for (name, expected) in pairs {
            let found = vault.get(name).unwrap();
            prop_assert_eq!(&**found, expected);
        }
    }
}
