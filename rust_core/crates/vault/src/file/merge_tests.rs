//! Merges of two forms of one vault, against tables and against a model on maps.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::passwords::{Limits, Params};
use crate::seal::Key;

const DAY: &str = "2026-11-20";
const LATER: &str = "2026-11-21";

type Values = BTreeMap<String, Vec<u8>>;

fn limits() -> Limits {
    Limits {
        memory_kib: 1 << 21,
        iterations: 16,
        lanes: 16,
    }
}

fn key(number: u8) -> Key {
    Key::from_bytes(&[number; 32]).unwrap()
}

fn vault(secrets: &[(&str, &str)]) -> OpenedVault {
    let mut vault = OpenedVault::create(&[("ci", NewSlot::Key(&key(1)))]).unwrap();
    for (name, value) in secrets {
        vault.set(name, value.as_bytes(), Kind::Text, DAY).unwrap();
    }
    reopened(&mut vault)
}

/// As it is read from its file again.
fn reopened(vault: &mut OpenedVault) -> OpenedVault {
    open(&vault.finish().unwrap())
}

fn open(text: &str) -> OpenedVault {
    let document = Document::parse(text.as_bytes()).unwrap();
    OpenedVault::open(document, &[Credential::Key(&key(1))], &limits()).unwrap()
}

fn copy(vault: &OpenedVault) -> OpenedVault {
    open(&vault.document().text())
}

fn changed(base: &OpenedVault, change: impl FnOnce(&mut OpenedVault)) -> OpenedVault {
    let mut side = copy(base);
    change(&mut side);
    reopened(&mut side)
}

fn set(name: &str, value: &str) -> impl FnOnce(&mut OpenedVault) {
    move |vault| {
        vault
            .set(name, value.as_bytes(), Kind::Text, LATER)
            .unwrap();
    }
}

/// The same vault with another data key, and slots of these labels.
fn rotated(vault: &OpenedVault, labels: &[&str]) -> OpenedVault {
    let mut new = OpenedVault::create(&[]).unwrap();
    new.document.head.id.clone_from(&vault.document.head.id);
    for label in labels {
        new.add_slot(label, &NewSlot::Key(&key(1))).unwrap();
    }
    for secret in &vault.document.secrets {
        let value = vault.value(secret).unwrap();
        let Secret {
            name,
            version,
            date,
            kind,
            ..
        } = secret;
        let sealed = new.sealed(name, *version, date, *kind, &value).unwrap();
        new.document.secrets.push(sealed);
    }
    new.document.generation = vault.document.generation;
    new.has_changed = true;
    reopened(&mut new)
}

/// The merged vault after it was written and read, and what is in conflict.
fn merged(
    base: Option<&OpenedVault>,
    ours: &OpenedVault,
    theirs: &OpenedVault,
) -> (OpenedVault, Vec<Conflict>) {
    let mut merged = copy(ours);
    let conflicts = merged.merge(base, theirs).unwrap();
    let merged = reopened(&mut merged);
    assert_eq!(merged.findings(), []);
    let generations = [ours, theirs].map(|side| side.document.generation);
    assert_eq!(
        merged.document.generation,
        generations.into_iter().max().unwrap() + 1
    );
    (merged, conflicts)
}

fn values(vault: &OpenedVault) -> Values {
    let names = vault.document.secrets.iter().map(|secret| &secret.name);
    names
        .map(|name| (name.clone(), vault.get(name).unwrap().to_vec()))
        .collect()
}

fn texts(vault: &OpenedVault) -> Vec<String> {
    let values = values(vault);
    let pair = |(name, value): (&String, &Vec<u8>)| {
        format!("{name}={}", std::str::from_utf8(value).unwrap())
    };
    values.iter().map(pair).collect()
}

fn line(vault: &OpenedVault, name: &str) -> String {
    let place = vault.document.place(name).unwrap();
    vault.document.secrets[place].line()
}

fn labels(vault: &OpenedVault) -> Vec<&str> {
    let slots = &vault.document.head.slots;
    slots.iter().map(|slot| slot.label.as_str()).collect()
}

fn told(conflicts: &[Conflict]) -> Vec<String> {
    conflicts.iter().map(ToString::to_string).collect()
}

type Step = (&'static str, Option<&'static str>);
/// What ours did, what theirs did, what comes out, and the conflicts.
type Row = (
    &'static [Step],
    &'static [Step],
    &'static [&'static str],
    &'static [&'static str],
);

fn steps(vault: &mut OpenedVault, steps: &[Step]) {
    for (name, value) in steps {
        match value {
            Some(value) => set(name, value)(vault),
            None => vault.remove(name).unwrap(),
        }
    }
}

#[test]
fn secrets_by_what_each_side_did() {
    let table: [Row; 14] = [
        (&[], &[], &["a=1", "b=2"], &[]),
        (&[("a", Some("3"))], &[], &["a=3", "b=2"], &[]),
        (&[], &[("a", Some("3"))], &["a=3", "b=2"], &[]),
        (
            &[("a", Some("3"))],
            &[("b", Some("4"))],
            &["a=3", "b=4"],
            &[],
        ),
        (
            &[("a", Some("3"))],
            &[("a", Some("3"))],
            &["a=3", "b=2"],
            &[],
        ),
        (
            &[("c", Some("3"))],
            &[("d", Some("4"))],
            &["a=1", "b=2", "c=3", "d=4"],
            &[],
        ),
        (
            &[("c", Some("3"))],
            &[("c", Some("3"))],
            &["a=1", "b=2", "c=3"],
            &[],
        ),
        (&[("a", None)], &[("b", None)], &[], &[]),
        (&[("a", None)], &[("a", None)], &["b=2"], &[]),
        // Set, and set back.
        (
            &[("a", Some("3")), ("a", Some("1"))],
            &[("a", Some("4"))],
            &["a=4", "b=2"],
            &[],
        ),
        (
            &[("a", Some("3"))],
            &[("a", Some("4"))],
            &["a=3", "a.theirs=4", "b=2"],
            &["a: both sides set it, ours stays and theirs is a.theirs"],
        ),
        (
            &[("c", Some("3"))],
            &[("c", Some("4"))],
            &["a=1", "b=2", "c=3", "c.theirs=4"],
            &["c: both sides set it, ours stays and theirs is c.theirs"],
        ),
        (
            &[("a", None)],
            &[("a", Some("4"))],
            &["a.theirs=4", "b=2"],
            &["a: ours removed and theirs changed it, theirs is a.theirs"],
        ),
        (
            &[("a", Some("3"))],
            &[("a", None)],
            &["a=3", "b=2"],
            &["a: theirs removed and ours changed it, ours stays"],
        ),
    ];
    let base = vault(&[("a", "1"), ("b", "2")]);
    for (number, (by_ours, by_theirs, expected, conflicts)) in table.into_iter().enumerate() {
        let ours = changed(&base, |vault| steps(vault, by_ours));
        let theirs = changed(&base, |vault| steps(vault, by_theirs));
        let (whole, found) = merged(Some(&base), &ours, &theirs);
        assert_eq!(texts(&whole), expected, "row {number}");
        assert_eq!(told(&found), conflicts, "row {number}");
        // Lines of one data key are copied.
        for secret in &whole.document.secrets {
            let sides = [&ours, &theirs, &base];
            let is_copied = sides.iter().any(|side| {
                let place = side.document.place(&secret.name);
                place.is_ok_and(|place| side.document.secrets[place] == *secret)
            });
            assert_eq!(
                is_copied,
                !secret.name.ends_with(".theirs") && secret.version < 4,
                "row {number}: {}",
                secret.name
            );
        }
    }
}

#[test]
fn a_type_is_a_part_of_the_value() {
    let base = vault(&[("a", "1")]);
    let ours = changed(&base, |vault| {
        vault.set("a", b"1", Kind::Bytes, LATER).unwrap();
    });
    let theirs = changed(&base, set("a", "2"));
    let (_, conflicts) = merged(Some(&base), &ours, &theirs);
    assert_eq!(conflicts.len(), 1);
}

#[test]
fn no_version_goes_back_and_the_higher_of_two_alike_stays() {
    let base = vault(&[("a", "1")]);
    let ours = changed(&base, |vault| {
        steps(vault, &[("a", Some("2")), ("a", Some("3"))]);
    });
    let theirs = changed(&base, set("a", "3"));
    for (one, other) in [(&ours, &theirs), (&theirs, &ours)] {
        let (whole, conflicts) = merged(Some(&base), one, other);
        assert_eq!((conflicts.len(), line(&whole, "a")), (0, line(&ours, "a")));
    }
    let back = changed(&ours, set("a", "1"));
    let (whole, _) = merged(Some(&base), &back, &theirs);
    assert!(line(&whole, "a").starts_with("a 5 2026-11-21 text "));
    assert_eq!(texts(&whole), ["a=3"]);
}

#[test]
fn their_name_is_free_and_no_longer_than_names_are() {
    let long = "x".repeat(255);
    let names = ["a", "a.theirs", "a.theirs2", long.as_str(), "x"];
    let pairs: Vec<(&str, &str)> = names.iter().map(|name| (*name, "0")).collect();
    let base = vault(&pairs);
    let set_all = |value: &'static str| {
        let long = long.clone();
        changed(&base, move |vault| {
            steps(vault, &[("a", Some(value)), ("x", Some(value))]);
            set(&long, value)(vault);
        })
    };
    let (whole, conflicts) = merged(Some(&base), &set_all("1"), &set_all("2"));
    let kept: Vec<&str> = conflicts
        .iter()
        .map(|conflict| match conflict {
            Conflict::Changed { kept, .. } => kept.as_str(),
            _ => panic!("{conflict}"),
        })
        .collect();
    let cut = format!("{}.theirs", "x".repeat(248));
    assert_eq!(kept, ["a.theirs3", "x.theirs", &cut]);
    for name in kept {
        assert_eq!(*whole.get(name).unwrap(), b"2");
    }
    assert_eq!(*whole.get("a.theirs").unwrap(), b"0");
}

#[test]
fn without_a_base_nothing_is_removed() {
    let base = vault(&[("a", "1"), ("b", "2")]);
    let ours = changed(&base, |vault| {
        steps(vault, &[("a", None), ("b", Some("3"))]);
    });
    let theirs = changed(&base, set("c", "4"));
    let unrelated = vault(&[("a", "1"), ("b", "2")]);
    for base in [None, Some(&unrelated)] {
        let (whole, conflicts) = merged(base, &ours, &theirs);
        assert_eq!(texts(&whole), ["a=1", "b=3", "b.theirs=2", "c=4"]);
        assert_eq!(conflicts.len(), 1);
    }
}

#[test]
fn what_is_refused_names_what_it_is() {
    let base = vault(&[("a", "1"), ("b", "2")]);
    let other = vault(&[("a", "1")]);
    let refused = |base: &OpenedVault, ours: &OpenedVault, theirs: &OpenedVault| {
        let mut ours = copy(ours);
        let before = ours.document().text();
        let error = ours.merge(Some(base), theirs).unwrap_err().to_string();
        assert_eq!(ours.document().text(), before);
        error
    };
    assert!(refused(&base, &base, &other).contains("two vaults are never one"));
    let text = base.document().text();
    let cut = open(&text.replace(&format!("{}\n", line(&base, "b")), ""));
    let unsigned = "the vault is not the one that was signed: ";
    for (name, [one, two, three]) in [
        ("base", [&cut, &base, &base]),
        ("ours", [&base, &cut, &base]),
        ("theirs", [&base, &base, &cut]),
    ] {
        let expected = format!("{unsigned}{name}: b: was signed and is gone");
        assert_eq!(refused(one, two, three), expected);
    }
}

fn with_slot(label: &'static str, number: u8) -> impl FnOnce(&mut OpenedVault) {
    move |vault| {
        vault.add_slot(label, &NewSlot::Key(&key(number))).unwrap();
    }
}

#[test]
fn slots_of_one_data_key_are_united() {
    let base = vault(&[("a", "1")]);
    let ours = changed(&base, with_slot("me", 2));
    let theirs = changed(&base, with_slot("you", 3));
    let (whole, conflicts) = merged(Some(&base), &ours, &theirs);
    assert_eq!(
        (labels(&whole), conflicts.len()),
        (vec!["ci", "me", "you"], 0)
    );
    for (slot, side) in [(1, &ours), (2, &theirs)] {
        assert_eq!(
            whole.document.head.slots[slot].line,
            side.document.head.slots[1].line
        );
    }
    assert_eq!(line(&whole, "a"), line(&base, "a"));
    for number in [2, 3] {
        let document = Document::parse(whole.document().text().as_bytes()).unwrap();
        let key = key(number);
        assert!(OpenedVault::open(document, &[Credential::Key(&key)], &limits()).is_ok());
    }
    let theirs = changed(&base, with_slot("me", 3));
    let (whole, conflicts) = merged(Some(&base), &ours, &theirs);
    assert_eq!(labels(&whole), ["ci", "me"]);
    assert_eq!(
        told(&conflicts),
        ["the slot me: both sides changed it, ours stays"]
    );
}

/// Another slot of a label, with the same data key.
fn with_other_slot(label: &'static str, number: u8) -> impl FnOnce(&mut OpenedVault) {
    move |vault| {
        let slots = &mut vault.document.head.slots;
        slots.retain(|slot| slot.label != label);
        with_slot(label, number)(vault);
    }
}

#[test]
fn a_slot_that_one_side_changed_is_taken() {
    let mut start = vault(&[]);
    with_slot("me", 2)(&mut start);
    let base = reopened(&mut start);
    let same = changed(&base, set("a", "1"));
    let other = changed(&base, with_other_slot("me", 3));
    for (ours, theirs) in [(&same, &other), (&other, &same)] {
        let (whole, conflicts) = merged(Some(&base), ours, theirs);
        assert_eq!((labels(&whole), conflicts.len()), (vec!["ci", "me"], 0));
        let line = |vault: &OpenedVault| vault.document.head.slots[1].line.clone();
        assert_eq!(line(&whole), line(&other));
    }
    // Under a data key that the other side has replaced it cannot be had.
    let new = rotated(&base, &["ci", "me"]);
    let (_, conflicts) = merged(Some(&base), &new, &other);
    assert_eq!(conflicts, [Conflict::SlotLost("me".to_owned())]);
    assert_eq!(merged(Some(&base), &new, &same).1, []);
}

#[test]
fn the_same_key_let_in_by_both_is_no_conflict() {
    let base = vault(&[]);
    let ours = changed(&base, with_slot("me", 2));
    let theirs = changed(&base, with_slot("me", 2));
    let (whole, conflicts) = merged(Some(&base), &ours, &theirs);
    assert_eq!((labels(&whole), conflicts.len()), (vec!["ci", "me"], 0));
    // The key of `rotated` slots is 1.
    let old = changed(&base, with_slot("you", 1));
    let new = rotated(&base, &["ci", "you"]);
    assert_eq!(merged(Some(&base), &new, &old).1, []);
}

#[test]
fn too_many_slots_are_refused() {
    let cheap = Params::new(8, 1, 1).unwrap();
    let base = vault(&[]);
    let many = |name: &str| {
        changed(&base, |vault| {
            for number in 0..9 {
                let label = format!("{name}{number}");
                vault
                    .add_slot(&label, &NewSlot::Passphrase(b"word", cheap))
                    .unwrap();
            }
        })
    };
    let mut ours = many("me");
    let error = ours.merge(Some(&base), &many("you")).unwrap_err();
    assert_eq!(error.to_string(), "a vault has 16 passphrases at most");
}

#[test]
fn the_side_with_a_new_data_key_wins() {
    let mut start = vault(&[("a", "1"), ("b", "2"), ("c", "3")]);
    start.add_slot("gone", &NewSlot::Key(&key(9))).unwrap();
    let base = reopened(&mut start);
    let new = changed(&rotated(&base, &["ci"]), set("b", "4"));
    let old = changed(&base, |vault| {
        steps(vault, &[("a", Some("5")), ("c", None)]);
        with_slot("late", 7)(vault);
    });
    for (ours, theirs) in [(&new, &old), (&old, &new)] {
        let (whole, conflicts) = merged(Some(&base), ours, theirs);
        assert_eq!(texts(&whole), ["a=5", "b=4"]);
        assert_eq!(labels(&whole), ["ci"]);
        assert_eq!(line(&whole, "b"), line(&new, "b"));
        let line = line(&whole, "a");
        assert!(line.starts_with("a 2 2026-11-21 text "), "{line}");
        assert_eq!(
            told(&conflicts),
            ["the slot late: it wraps a data key that was replaced and is gone, add it again"]
        );
        assert!(super::merge::is_same_key(&whole, &new));
    }
}

#[test]
fn two_new_data_keys_are_a_conflict_that_names_who_is_concerned() {
    let mut start = vault(&[("a", "1"), ("b", "2")]);
    start.add_slot("one", &NewSlot::Key(&key(8))).unwrap();
    start.add_slot("two", &NewSlot::Key(&key(9))).unwrap();
    let base = reopened(&mut start);
    let ours = changed(&rotated(&base, &["ci", "one", "mine"]), set("a", "3"));
    let theirs = changed(&rotated(&base, &["ci", "two", "new"]), set("b", "4"));
    let (whole, conflicts) = merged(Some(&base), &ours, &theirs);
    assert_eq!(texts(&whole), ["a=3", "b=4"]);
    assert_eq!(
        conflicts,
        [
            Conflict::DataKeys,
            Conflict::SlotLost("new".to_owned()),
            Conflict::SlotStays("one".to_owned()),
        ]
    );
    assert!(super::merge::is_same_key(&whole, &ours));
}

#[test]
fn a_form_of_the_same_data_key_opens_without_credentials() {
    let base = vault(&[("a", "1")]);
    let side = changed(&base, with_slot("me", 2));
    let sibling = |other: &OpenedVault| base.open_sibling(other.document().clone()).unwrap();
    assert_eq!(texts(&sibling(&side).unwrap()), ["a=1"]);
    assert!(sibling(&rotated(&base, &["ci"])).is_none());
    assert!(sibling(&vault(&[])).is_none());
}

#[test]
fn only_lines_that_open_are_signed_again() {
    let base = vault(&[("a", "1"), ("b", "2")]);
    let text = base.document().text();
    let older = line(&base, "a");
    let newer = changed(&base, |vault| {
        steps(vault, &[("a", Some("3")), ("c", Some("4"))]);
    });
    let foreign = line(&vault(&[("d", "1")]), "d");
    let mixed = newer.document().text();
    let mixed = mixed.replace(&line(&newer, "a"), &older);
    let mixed = mixed.replace(&format!("{}\n", line(&newer, "b")), "");
    let mixed = mixed.replace("manifest ", &format!("{foreign}\nmanifest "));
    let mut mixed = open(&mixed);
    assert_eq!(mixed.findings().len(), 3);
    assert_eq!(mixed.unopened(), ["d"]);
    let refused = mixed.repair(&[]).unwrap_err();
    assert!(matches!(refused, VaultError::Secret(name) if name == "d"));
    assert!(mixed.repair(&["c", "d"]).is_err());
    mixed.repair(&["d"]).unwrap();
    assert_eq!(texts(&reopened(&mut mixed)), ["a=1", "c=4"]);
    let mut whole = open(&text);
    whole.repair(&[]).unwrap();
    assert_eq!(whole.finish().unwrap(), text);
}

#[derive(Debug, Clone)]
enum Edit {
    Set(usize, u8),
    Remove(usize),
    Rotate,
}

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        6 => (0..5_usize, 0..4_u8).prop_map(|(name, value)| Edit::Set(name, value)),
        3 => (0..5_usize).prop_map(Edit::Remove),
        1 => Just(Edit::Rotate),
    ]
}

const NAMES: [&str; 5] = ["a", "a.theirs", "b", "c", "d/e"];

fn edited(base: &OpenedVault, edits: &[Edit]) -> (OpenedVault, bool) {
    let mut side = copy(base);
    let mut is_rotated = false;
    for edit in edits {
        match edit {
            Edit::Set(name, value) => {
                side.set(NAMES[*name], &[*value], Kind::Bytes, LATER)
                    .unwrap();
            }
            Edit::Remove(name) => drop(side.remove(NAMES[*name])),
            Edit::Rotate => {
                side = rotated(&reopened(&mut side), &["ci"]);
                is_rotated = true;
            }
        }
    }
    (reopened(&mut side), is_rotated)
}

/// Three-way merge on maps: what is there under each name, and the names in conflict.
fn model(base: &Values, ours: &Values, theirs: &Values) -> (Values, Vec<String>) {
    let mut whole = Values::new();
    let mut conflicts = Vec::new();
    for name in NAMES {
        let (b, o, t) = (base.get(name), ours.get(name), theirs.get(name));
        let taken = if o == t || t == b { o } else { t };
        if o != t && o != b && t != b {
            conflicts.push(name.to_owned());
            whole.extend(o.map(|value| (name.to_owned(), value.clone())));
        } else {
            whole.extend(taken.map(|value| (name.to_owned(), value.clone())));
        }
    }
    (whole, conflicts)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn merges_are_those_of_a_model(
        start in prop::collection::vec((0..5_usize, 0..4_u8), 0..5),
        by_ours in prop::collection::vec(edit(), 0..6),
        by_theirs in prop::collection::vec(edit(), 0..6),
    ) {
        let first: Vec<Edit> = start.iter().map(|(name, value)| Edit::Set(*name, *value)).collect();
        let (base, _) = edited(&vault(&[]), &first);
        let (ours, is_ours_new) = edited(&base, &by_ours);
        let (theirs, is_theirs_new) = edited(&base, &by_theirs);
        let (expected, names) = model(&values(&base), &values(&ours), &values(&theirs));
        let (whole, conflicts) = merged(Some(&base), &ours, &theirs);
        let mut found = values(&whole);
        let mut named = Vec::new();
        for conflict in &conflicts {
            match conflict {
                Conflict::Changed { name, kept } | Conflict::RemovedByOurs { name, kept } => {
                    named.push(name.clone());
                    prop_assert_eq!(found.remove(kept), values(&theirs).get(name).cloned());
                }
                Conflict::RemovedByTheirs(name) => named.push(name.clone()),
                Conflict::DataKeys => prop_assert!(is_ours_new && is_theirs_new),
                _ => prop_assert!(false, "{}", conflict),
            }
        }
        prop_assert_eq!(conflicts.contains(&Conflict::DataKeys), is_ours_new && is_theirs_new);
        prop_assert_eq!(&named, &names);
        prop_assert_eq!(found, expected);
        for secret in &whole.document.secrets {
            for side in [&ours, &theirs] {
                let before = side.document.place(&secret.name);
                let before = before.map_or(0, |place| side.document.secrets[place].version);
                let is_named = conflicts.iter().any(|conflict| {
                    conflict.to_string().starts_with(&format!("{}: ", secret.name))
                });
                prop_assert!(secret.version >= before || is_named);
            }
        }
        if !is_ours_new && !is_theirs_new {
            let (other_way, _) = merged(Some(&base), &theirs, &ours);
            if named.is_empty() {
                prop_assert_eq!(values(&other_way), values(&whole));
            }
        }
    }
}

#[test]
fn the_same_recipient_on_both_sides_stands_once() {
    let recipient = age::x25519::Identity::generate().to_public();
    let recipient = Recipient::parse(&recipient.to_string()).unwrap();
    let base = vault(&[("a", "1")]);
    let [ours, theirs] = ["alice", "her"].map(|label| {
        changed(&base, |side| {
            side.add_slot(label, &NewSlot::Age(&recipient)).unwrap();
        })
    });
    let (merged, conflicts) = merged(Some(&base), &ours, &theirs);
    assert_eq!(labels(&merged), ["ci", "alice"]);
    assert_eq!(conflicts, []);
}

#[test]
fn passphrases_of_both_sides_have_a_limit_of_cost_in_sum() {
    let base = vault(&[("a", "1")]);
    let [ours, theirs] = ["day", "night"].map(|label| {
        changed(&base, |side| {
            let cheap = Params::new(8, 1, 1).unwrap();
            side.add_slot(label, &NewSlot::Passphrase(b"horse", cheap))
                .unwrap();
            let slot = side.document.head.slots.last_mut().unwrap();
            // As after more memory and passes than a test has.
            slot.line = slot.line.replace("m=8,t=1", "m=2097152,t=16");
            side.document.head.sign(&side.data_key).unwrap();
        })
    });
    let refused = copy(&ours).merge(Some(&base), &theirs).unwrap_err();
    assert!(matches!(refused, VaultError::Costly { .. }), "{refused}");
}
