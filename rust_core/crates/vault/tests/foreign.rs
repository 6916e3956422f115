//! What other tools seal: both ways, and nothing that was changed. The programs themselves, and
//! vectors they made, are compared with in the Python tests.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use vault::file::Identity;
use vault::foreign::sops::DataKey;
use vault::foreign::{ForeignError, ansible};

const IDENTITY: &str =
    "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX\n";
const RECIPIENT: &str = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn an_envelope_opens_as_it_was_sealed(
        content in proptest::collection::vec(any::<u8>(), 0..100),
        salt in proptest::collection::vec(any::<u8>(), 0..40),
        place: prop::sample::Index,
        bit in 0..8u8,
    ) {
        let (mac, sealed) = ansible::seal(b"pass", &salt, &content).unwrap();
        let opened = ansible::open(b"pass", &salt, &mac, &sealed).unwrap();
        prop_assert_eq!(opened.as_slice(), content.as_slice());
        let mut changed = [mac.as_slice(), &sealed].concat();
        let place = place.index(changed.len());
        changed[place] ^= 1 << bit;
        let (mac, sealed) = changed.split_at(32);
        prop_assert!(ansible::open(b"pass", &salt, mac, sealed).is_err());
        prop_assert!(ansible::open(b"pass", &salt, mac, &sealed[1..]).is_err());
    }

    #[test]
    fn a_value_opens_at_its_place_alone(
        value in proptest::collection::vec(any::<u8>(), 0..100),
        context in proptest::collection::vec(any::<u8>(), 0..20),
        place: prop::sample::Index,
        bit in 0..8u8,
    ) {
        let key = DataKey::random().unwrap();
        let made = key.seal_value(&value, &context).unwrap();
        let open = |sealed: &[u8], tag: &[u8], context: &[u8]| {
            key.open_value(&made.nonce, sealed, tag, context).map(|value| value.to_vec())
        };
        prop_assert_eq!(open(&made.sealed, &made.tag, &context).unwrap(), value);
        let elsewhere = [context.as_slice(), b":"].concat();
        prop_assert!(open(&made.sealed, &made.tag, &elsewhere).is_err());
        let mut changed = [made.sealed.as_slice(), &made.tag].concat();
        let place = place.index(changed.len());
        changed[place] ^= 1 << bit;
        let (sealed, tag) = changed.split_at(made.sealed.len());
        prop_assert!(open(sealed, tag, &context).is_err());
        prop_assert!(open(sealed, &tag[1..], &context).is_err());
    }

    #[test]
    fn no_armor_opens_or_panics(text in any::<Vec<u8>>()) {
        let identity = Identity::parse(IDENTITY).unwrap();
        prop_assert!(DataKey::open(&text, &[&identity]).is_err());
    }
}

#[test]
fn a_data_key_opens_for_its_recipient_alone() {
    let key = DataKey::random().unwrap();
    let armored = key.seal(RECIPIENT).unwrap();
    let identity = Identity::parse(IDENTITY).unwrap();
    let open = |armored: &str| DataKey::open(armored.as_bytes(), &[&identity]);
    let made = key.seal_value(b"hunter2", b"a:").unwrap();
    let again = open(&armored).unwrap();
    let value = again.open_value(&made.nonce, &made.sealed, &made.tag, b"a:");
    assert_eq!(value.unwrap().as_slice(), b"hunter2");
    for end in 0..armored.len() - 1 {
        assert!(matches!(open(&armored[..end]), Err(ForeignError::Unopened)));
    }
    assert!(matches!(
        key.seal("hunter2"),
        Err(ForeignError::Recipient(_))
    ));
}
