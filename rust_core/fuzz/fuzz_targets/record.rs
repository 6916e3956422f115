//! A vault whose key is known and whose lines were changed: opening never panics, and a secret
//! gives the value that was set, or an error.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use vault::file::{Credential, Document, Kind, NewSlot, OpenedVault};
use vault::passwords::Limits;
use vault::seal::Key;

const LIMITS: Limits = Limits {
    memory_kib: 64,
    iterations: 1,
    lanes: 1,
};
const SECRETS: [(&str, &[u8]); 4] = [
    ("a", b""),
    ("b/long", &[b'x'; 100]),
    ("c", b"hunter2"),
    ("d", b"\xff\x00"),
];

fn key() -> Key {
    Key::from_bytes(&[7; Key::BYTES]).expect("it has the length of a key")
}

fn written(secrets: &[(&str, &[u8])]) -> Vec<Vec<u8>> {
    let mut vault = OpenedVault::create(&[("a", NewSlot::Key(&key()))]).expect("it is made");
    for (name, value) in secrets {
        let set = vault.set(name, value, Kind::Bytes, "2026-11-20");
        set.expect("the name and the value are fine");
    }
    let text = vault.finish().expect("there are random bytes");
    let lines = text.split_inclusive('\n');
    lines.map(|line| line.as_bytes().to_vec()).collect()
}

/// The lines of a vault, and those of another one with the same names.
static LINES: LazyLock<[Vec<Vec<u8>>; 2]> = LazyLock::new(|| {
    [
        written(&SECRETS),
        written(&SECRETS.map(|(name, _)| (name, &b"other"[..]))),
    ]
});

/// Five bytes are a change each: what it does, to which line, where, and a value.
fn change(lines: &mut Vec<Vec<u8>>, how: [u8; 5]) {
    let [kind, line, a, b, value] = how;
    let count = lines.len().max(1);
    let (line, other) = (usize::from(line) % count, usize::from(value) % count);
    if lines.is_empty() {
        return;
    }
    let place = usize::from(u16::from_le_bytes([a, b])) % lines[line].len().max(1);
    match kind % 7 {
        0 => lines.swap(line, other),
        1 => drop(lines.remove(line)),
        2 => lines.insert(line, LINES[1][usize::from(value) % LINES[1].len()].clone()),
        3 => lines[line].truncate(place),
        4 => lines[line].insert(place, value),
        5 => lines.insert(line, lines[other].clone()),
        _ => {
            if let Some(byte) = lines[line].get_mut(place) {
                *byte ^= value;
            }
        }
    }
}

fuzz_target!(|data: &[u8]| {
    let mut lines = LINES[0].clone();
    for how in data.as_chunks().0.iter().take(8) {
        change(&mut lines, *how);
    }
    let text = lines.concat();
    let Ok(document) = Document::parse(&text) else {
        return;
    };
    let has_changed = text != LINES[0].concat();
    let key = key();
    let Ok(vault) = OpenedVault::open(document, &[Credential::Key(&key)], &LIMITS) else {
        assert!(has_changed);
        return;
    };
    assert_eq!(vault.findings().is_empty(), !has_changed);
    for (name, value) in SECRETS {
        if let Ok(found) = vault.get(name) {
            assert_eq!(found.as_slice(), value);
        } else {
            assert!(has_changed);
        }
    }
});
