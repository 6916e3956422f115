//! Merges by what each side did to secrets, and findings that are signed again.

#![allow(clippy::unwrap_used)]

use super::*;

/// What ours did, what theirs did, what comes out, and the conflicts.
type Row = (
    &'static [Step],
    &'static [Step],
    &'static [&'static str],
    &'static [&'static str],
);

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
