//! The vendored Argon2 against RFC 9106 and against the crate as it is published.

#![allow(clippy::unwrap_used)]

use argon2::{Algorithm, Argon2, AssociatedData, Blocks, ParamsBuilder, Version};
use proptest::prelude::*;

/// RFC 9106, section 5: the three variants on one input; those of version 0x10 are the known
/// answers of the reference implementation on the same input.
#[test]
fn known_answers() {
    let vectors = [
        (
            Algorithm::Argon2d,
            Version::V0x10,
            "96a9d4e5a1734092c85e29f410a45914a5dd1f5cbf08b2670da68a0285abf32b",
        ),
        (
            Algorithm::Argon2i,
            Version::V0x10,
            "87aeedd6517ab830cd9765cd8231abb2e647a5dee08f7c05e02fcb763335d0fd",
        ),
        (
            Algorithm::Argon2id,
            Version::V0x10,
            "b64615f07789b66b645b67ee9ed3b377ae350b6bfcbb0fc95141ea8f322613c0",
        ),
        (
            Algorithm::Argon2d,
            Version::V0x13,
            "512b391b6f1162975371d30919734294f868e3be3984f3c1a13a4db9fabe4acb",
        ),
        (
            Algorithm::Argon2i,
            Version::V0x13,
            "c814d9d1dc7f37aa13f0d77f2494bda1c8de6b016dd388d29952a4c4672b6ce8",
        ),
        (
            Algorithm::Argon2id,
            Version::V0x13,
            "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659",
        ),
    ];
    for (algorithm, version, expected) in vectors {
        let params = ParamsBuilder::new()
            .m_cost(32)
            .t_cost(3)
            .p_cost(4)
            .data(AssociatedData::new(&[4; 12]).unwrap())
            .build()
            .unwrap();
        let secret = [3; 8];
        let argon2 = Argon2::new_with_secret(&secret, algorithm, version, params).unwrap();
        let mut tag = [0; 32];
        argon2
            .hash_password_into(&[1; 32], &[2; 16], &mut tag)
            .unwrap();
        assert_eq!(tag, bytes(expected), "{algorithm}");
    }
}

fn bytes(hex: &str) -> [u8; 32] {
    let byte = |index: usize| u8::from_str_radix(&hex[2 * index..2 * index + 2], 16);
    std::array::from_fn(|index| byte(index).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Also with memory that another hash has used before, and more of it than is needed.
    #[test]
    fn equals_the_published_crate(
        (algorithm, version) in (0_usize..3, 0_usize..2),
        (memory, iterations, lanes) in (8_u32..200, 1_u32..4, 1_u32..5),
        password in prop::collection::vec(any::<u8>(), 0..200),
        salt in prop::collection::vec(any::<u8>(), 8..40),
        secret in prop::collection::vec(any::<u8>(), 0..40),
        length in 4_usize..100,
    ) {
        let memory = memory.max(8 * lanes);
        let mut tags = [vec![0; length], vec![0; length]];
        let mut blocks = Blocks::new(256).unwrap();
        blocks.as_slice()[0].as_mut().fill(7);

        let algorithms = [Algorithm::Argon2d, Algorithm::Argon2i, Algorithm::Argon2id];
        let versions = [Version::V0x10, Version::V0x13];
        let params = argon2::Params::new(memory, iterations, lanes, Some(length)).unwrap();
        Argon2::new_with_secret(&secret, algorithms[algorithm], versions[version], params)
            .unwrap()
            .hash_password_into_with_memory(&password, &salt, &mut tags[0], blocks.as_slice())
            .unwrap();

        let algorithms = [
            published::Algorithm::Argon2d,
            published::Algorithm::Argon2i,
            published::Algorithm::Argon2id,
        ];
        let versions = [published::Version::V0x10, published::Version::V0x13];
        let params = published::Params::new(memory, iterations, lanes, Some(length)).unwrap();
        published::Argon2::new_with_secret(
            &secret,
            algorithms[algorithm],
            versions[version],
            params,
        )
        .unwrap()
        .hash_password_into(&password, &salt, &mut tags[1])
        .unwrap();

        prop_assert_eq!(&tags[0], &tags[1]);
    }
}
