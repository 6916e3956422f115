//! Recipients, identities and bodies of age as a hostile file or a mistaken user has them.

#![allow(clippy::unwrap_used)]

use age::secrecy::ExposeSecret;
use base64ct::{Base64, Encoding};
use proptest::prelude::*;
use vault::file::{
    Credential, Document, Identity, Keep, Kind, NewSlot, OpenedVault, Recipient, VaultError,
};
use vault::passwords::{Limits, Params};
use vault::seal::Key;

const TAG: &str = "age1tag1qt8lw0ual6avlwmwatk888yqnmdamm7xfd0wak53ut6elz5c4swx2yqdj4e";

fn identity() -> (Identity, Recipient) {
    let identity = age::x25519::Identity::generate();
    let text = format!("# made today\n\n{}\n", identity.to_string().expose_secret());
    let recipient = identity.to_public().to_string();
    let parsed = Identity::parse(&text).unwrap();
    (parsed, Recipient::parse(&recipient).unwrap())
}

fn key() -> Key {
    Key::from_bytes(&[1; 32]).unwrap()
}

fn open(text: &str, credential: Credential<'_>) -> Result<OpenedVault, VaultError> {
    let document = Document::parse(text.as_bytes())?;
    OpenedVault::open(document, &[credential], &Limits::OF_FILES)
}

/// A vault whose slot for age has this body.
fn with_body(recipient: &Recipient, body: &[u8]) -> String {
    let slots = [
        ("age", NewSlot::Age(recipient)),
        ("ci", NewSlot::Key(&key())),
    ];
    let text = OpenedVault::create(&slots).unwrap().finish().unwrap();
    let (start, rest) = text.split_once(" body=").unwrap();
    let (_, rest) = rest.split_once('\n').unwrap();
    format!("{start} body={}\n{rest}", Base64::encode_string(body))
}

fn encrypted(recipient: &dyn age::Recipient, content: &[u8]) -> Vec<u8> {
    let encryptor = age::Encryptor::with_recipients(std::iter::once(recipient)).unwrap();
    let mut body = Vec::new();
    let mut writer = encryptor.wrap_output(&mut body).unwrap();
    std::io::Write::write_all(&mut writer, content).unwrap();
    writer.finish().unwrap();
    body
}

#[test]
fn a_passphrase_is_no_recipient() {
    let (identity, recipient) = identity();
    let mut costly = age::scrypt::Recipient::new("horse".to_owned().into());
    costly.set_work_factor(1);
    let mut body = encrypted(&costly, &[7; 32]);
    // 2^63 rounds of work, if anybody did them.
    let place = body.windows(3).position(|bytes| bytes == b" 1\n").unwrap();
    body.splice(place..place + 3, *b" 63\n");
    let text = with_body(&recipient, &body);
    let closed = open(&text, Credential::Identity(&identity)).err().unwrap();
    assert!(matches!(closed, VaultError::Closed(_)), "{closed}");
    let closed = open(&text, Credential::Passphrase(b"horse")).err().unwrap();
    assert!(matches!(closed, VaultError::Closed(_)), "{closed}");
    // The body of the test is one that would open, were it the recipient's.
    let age_recipient: age::x25519::Recipient = recipient.word().parse().unwrap();
    let text = with_body(&recipient, &encrypted(&age_recipient, &[7; 32]));
    let opened = open(&text, Credential::Identity(&identity)).err().unwrap();
    assert!(matches!(opened, VaultError::Head), "{opened}");
}

#[test]
fn tagged_recipients_are_sealed_to_without_a_plugin() {
    let recipient = Recipient::parse(TAG).unwrap();
    assert_eq!((recipient.word(), recipient.plugin()), (TAG, None));
    let slots = [
        ("hardware", NewSlot::Age(&recipient)),
        ("ci", NewSlot::Key(&key())),
    ];
    let mut vault = OpenedVault::create(&slots).unwrap();
    let keep = Keep {
        credentials: &[Credential::Key(&key())],
        plugins: &[],
        limits: Limits::OF_FILES,
    };
    vault.rekey(&[], &keep).unwrap();
    assert_eq!(vault.document().head.slots.len(), 2);
}

#[test]
fn a_new_data_key_costs_all_lines_and_no_meaning() {
    let (identity, recipient) = identity();
    let cheap = Params::new(8, 1, 1).unwrap();
    let slots = [
        ("alice", NewSlot::Age(&recipient)),
        ("ci", NewSlot::Key(&key())),
        ("night", NewSlot::Passphrase(b"horse", cheap)),
    ];
    let mut vault = OpenedVault::create(&slots).unwrap();
    vault.set("one", b"1", Kind::Text, "2026-11-20").unwrap();
    vault.set("one", b"2", Kind::Text, "2026-11-21").unwrap();
    let before = vault.finish().unwrap();
    let credentials = [Credential::Key(&key()), Credential::Passphrase(b"horse")];
    let keep = Keep {
        credentials: &credentials,
        plugins: &[],
        limits: Limits::OF_FILES,
    };
    vault.rekey(&["alice"], &keep).unwrap();
    let after = vault.finish().unwrap();
    for credential in credentials {
        let vault = open(&after, credential).unwrap();
        assert_eq!(*vault.get("one").unwrap(), b"2");
        let document = vault.document();
        assert_eq!((document.generation, document.secrets[0].version), (2, 2));
    }
    assert!(matches!(
        open(&after, Credential::Identity(&identity)),
        Err(VaultError::Closed(_))
    ));
    let of = |text: &str| text.lines().skip(2).map(str::to_owned).collect::<Vec<_>>();
    assert!(of(&before).iter().all(|line| !of(&after).contains(line)));
}

proptest! {
    #[test]
    fn any_body_is_read_or_refused(body in prop::collection::vec(any::<u8>(), 0..300)) {
        let (identity, recipient) = identity();
        let mut begun = b"age-encryption.org/v1\n-> X25519 ".to_vec();
        begun.extend(&body);
        for body in [body, begun] {
            let text = with_body(&recipient, &body);
            prop_assert!(open(&text, Credential::Identity(&identity)).is_err());
        }
    }

    #[test]
    fn any_text_is_a_recipient_or_none(text in "(age1|ssh-ed25519 |ssh-rsa |age1x1)?\\PC{0,80}") {
        if let Ok(recipient) = Recipient::parse(&text) {
            prop_assert_eq!(recipient.word().split_whitespace().count(), 1);
        }
    }

    #[test]
    fn any_text_is_an_identity_or_none(text in "(AGE-SECRET-KEY-1|-----BEGIN OPENSSH PRIVATE KEY-----\n)?(\\PC|\n){0,200}") {
        prop_assert!(Identity::parse(&text).is_err());
    }
}
