//! Merges of data keys and slots.

#![allow(clippy::unwrap_used)]

use super::*;

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

#[test]
fn a_data_key_that_was_replaced_does_not_come_back() {
    let mut start = vault(&[("a", "1")]);
    start.add_slot("gone", &NewSlot::Key(&key(9))).unwrap();
    let old = reopened(&mut start);
    let base = rotated(&old, &["ci"]);
    let new = changed(&base, set("b", "2"));
    for (ours, theirs, name) in [(&new, &old, "theirs"), (&old, &new, "ours")] {
        let refused = copy(ours).merge(Some(&base), theirs).unwrap_err();
        assert!(matches!(refused, VaultError::Merge(_)), "{refused}");
        assert!(refused.to_string().starts_with(name), "{refused}");
    }
}

#[test]
fn numbers_without_a_next_one_are_refused() {
    let mut last = vault(&[("a", "1")]);
    last.document.generation = u64::MAX;
    set("b", "2")(&mut last);
    assert!(matches!(last.finish(), Err(VaultError::Limit(_))));
    let mut last = vault(&[]);
    let secret = last.sealed("a", u64::MAX, DAY, Kind::Text, b"1").unwrap();
    last.document.secrets.push(secret);
    let refused = last.set("a", b"2", Kind::Text, DAY);
    assert!(matches!(refused, Err(VaultError::Limit(_))));
}
