//! The text of a vault: any bytes are one or are not, never a panic; what is one is written as it
//! stood, and read without a change. Nothing that was not signed with the key opens.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vault::file::{Credential, Document, OpenedVault};
use vault::passwords::Limits;
use vault::seal::Key;

/// Costs that a fuzzer can pay.
const LIMITS: Limits = Limits {
    memory_kib: 64,
    iterations: 1,
    lanes: 1,
};

fuzz_target!(|data: &[u8]| {
    let Ok(document) = Document::parse(data) else {
        return;
    };
    let text = document.text();
    assert_eq!(text.as_bytes(), data);
    assert_eq!(Document::parse(text.as_bytes()).as_ref(), Ok(&document));
    let key = Key::from_bytes(&[7; Key::BYTES]).expect("it has the length of a key");
    let credentials = [Credential::Key(&key), Credential::Passphrase(b"word")];
    assert!(OpenedVault::open(document, &credentials, &LIMITS).is_err());
});
