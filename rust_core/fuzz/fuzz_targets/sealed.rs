//! Sealed data: any bytes open or do not, never a panic; of what was sealed and then changed,
//! nothing opens.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vault::seal::{Key, SecureVault};

fn opened(vault: &SecureVault, context: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let mut data = vec![0xA5; SecureVault::data_length(sealed.len())?];
    match vault.decrypt(sealed, context, &mut data) {
        Ok(()) => Some(data),
        Err(_) => {
            // The buffer is as it was where the head is refused, and wiped where a chunk is.
            assert!(data.iter().all(|&byte| byte == 0xA5) || data.iter().all(|&byte| byte == 0));
            None
        }
    }
}

/// A message of up to four chunks from two bytes for its length and the rest over and over.
fn message(data: &[u8]) -> Vec<u8> {
    let Some((length, rest)) = data.split_first_chunk() else {
        return Vec::new();
    };
    let length = usize::from(u16::from_le_bytes(*length));
    rest.iter().copied().cycle().take(length).collect()
}

/// Six bytes are a change each: what it does, where, and a value.
fn change(sealed: &mut Vec<u8>, how: &[u8; 6]) {
    let [kind, a, b, c, d, value] = *how;
    let place = u32::from_le_bytes([a, b, c, d]) as usize % (sealed.len() + 1);
    match kind % 6 {
        0 => sealed.truncate(place),
        1 => sealed.insert(place, value),
        2 if place < sealed.len() => drop(sealed.remove(place)),
        3 => sealed.extend_from_within(place..),
        4 => sealed.rotate_left(place),
        _ => {
            if let Some(byte) = sealed.get_mut(place) {
                *byte ^= value;
            }
        }
    }
}

fuzz_target!(|data: &[u8]| {
    let key = Key::from_bytes(&[7; Key::BYTES]).expect("it has the length of a key");
    let vault = SecureVault::new(&key).expect("there is memory");
    let _ = opened(&vault, b"", data);

    let (changes, text) = data.split_at(data.len().min(24));
    let message = message(text);
    let length = SecureVault::sealed_length(message.len()).expect("it is short");
    let mut sealed = vec![0; length];
    vault.encrypt(&message, b"fuzz", &mut sealed).expect("it is short");
    let whole = sealed.clone();
    assert_eq!(opened(&vault, b"fuzz", &whole), Some(message));
    assert_eq!(opened(&vault, b"", &whole), None);

    for how in changes.as_chunks().0 {
        change(&mut sealed, how);
        if sealed != whole {
            assert_eq!(opened(&vault, b"fuzz", &sealed), None);
        }
    }
});
