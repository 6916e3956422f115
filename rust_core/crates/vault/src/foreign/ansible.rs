//! ansible-vault's envelope, versions 1.1 and 1.2: AES-256-CTR under keys that PBKDF2 makes of a
//! passphrase, and an HMAC over the ciphertext, which is verified before anything is opened.

use std::num::NonZeroU32;

use aws_lc_rs::cipher::{
    AES_256, DecryptingKey, DecryptionContext, EncryptingKey, EncryptionContext, UnboundCipherKey,
};
use aws_lc_rs::hmac;
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::pbkdf2::{self, PBKDF2_HMAC_SHA256};
use zeroize::Zeroizing;

use super::ForeignError;

const ROUNDS: NonZeroU32 = NonZeroU32::new(10_000).unwrap();
const BLOCK: usize = 16;
/// Of a new envelope.
pub const SALT_BYTES: usize = 32;
/// Of the code over the ciphertext.
pub const MAC_BYTES: usize = 32;

/// What PBKDF2 makes: the cipher's key, the code's, and the first counter.
struct Keys(Zeroizing<[u8; 80]>);

impl Keys {
    fn derive(passphrase: &[u8], salt: &[u8]) -> Self {
        let mut keys = Zeroizing::new([0; 80]);
        pbkdf2::derive(
            PBKDF2_HMAC_SHA256,
            ROUNDS,
            salt,
            passphrase,
            keys.as_mut_slice(),
        );
        Self(keys)
    }

    fn cipher(&self) -> Result<UnboundCipherKey, ForeignError> {
        UnboundCipherKey::new(&AES_256, &self.0[..32]).map_err(|_| ForeignError::Unopened)
    }

    fn code(&self) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, &self.0[32..64])
    }

    fn counter(&self) -> FixedLength<BLOCK> {
        let mut counter = [0; BLOCK];
        counter.copy_from_slice(&self.0[64..]);
        FixedLength::from(counter)
    }
}

/// The content of an envelope.
///
/// # Errors
///
/// Another passphrase, or not what was sealed.
pub fn open(
    passphrase: &[u8],
    salt: &[u8],
    mac: &[u8],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, ForeignError> {
    let keys = Keys::derive(passphrase, salt);
    hmac::verify(&keys.code(), sealed, mac).map_err(|_| ForeignError::Unopened)?;
    let mut content = Zeroizing::new(sealed.to_vec());
    let key = DecryptingKey::ctr(keys.cipher()?).map_err(|_| ForeignError::Unopened)?;
    let context = DecryptionContext::Iv128(keys.counter());
    let opened = key.decrypt(&mut content, context);
    opened.map_err(|_| ForeignError::Unopened)?;
    let length = unpadded(&content).ok_or(ForeignError::Unopened)?;
    content.truncate(length);
    Ok(content)
}

/// The code and the ciphertext of a content.
///
/// # Errors
///
/// None that is known; the cipher could refuse its key.
pub fn seal(
    passphrase: &[u8],
    salt: &[u8],
    content: &[u8],
) -> Result<([u8; MAC_BYTES], Vec<u8>), ForeignError> {
    let keys = Keys::derive(passphrase, salt);
    let padding = BLOCK - content.len() % BLOCK;
    let mut sealed = Vec::with_capacity(content.len() + padding);
    sealed.extend_from_slice(content);
    sealed.resize(
        content.len() + padding,
        u8::try_from(padding).unwrap_or_default(),
    );
    let key = EncryptingKey::ctr(keys.cipher()?).map_err(|_| ForeignError::Unopened)?;
    // The counter is of these keys, which are of a salt that is used once.
    let context = EncryptionContext::Iv128(keys.counter());
    let done = key.less_safe_encrypt(&mut sealed, context);
    done.map_err(|_| ForeignError::Unopened)?;
    let mut mac = [0; MAC_BYTES];
    mac.copy_from_slice(hmac::sign(&keys.code(), &sealed).as_ref());
    Ok((mac, sealed))
}

/// The length without PKCS #7's padding (RFC 5652, section 6.3), which is verified by then.
fn unpadded(content: &[u8]) -> Option<usize> {
    let padding = usize::from(*content.last()?);
    let length = content.len().checked_sub(padding)?;
    let is_padding = (1..=BLOCK).contains(&padding)
        && content[length..]
            .iter()
            .all(|byte| usize::from(*byte) == padding);
    is_padding.then_some(length)
}
