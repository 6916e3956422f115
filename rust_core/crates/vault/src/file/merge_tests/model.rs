//! Merges of any edits, against a model on maps.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;

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
