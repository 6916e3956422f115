//! Merges of two forms of one vault, against tables and against a model on maps.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

mod heads;
mod model;
mod secrets;

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
fn steps(vault: &mut OpenedVault, steps: &[Step]) {
    for (name, value) in steps {
        match value {
            Some(value) => set(name, value)(vault),
            None => vault.remove(name).unwrap(),
        }
    }
}
