//! Keys: 32 bytes, their text, and what is derived from them.

use std::fmt;

use aws_lc_rs::hkdf::{HKDF_SHA512, KeyType, Prk};
use bech32::primitives::decode::CheckedHrpstring;
use bech32::{Bech32, Hrp};
use memmap2::MmapMut;
use zeroize::{Zeroize, Zeroizing};

const PREFIX: Hrp = Hrp::parse_unchecked("cok");

/// 32 uniformly random bytes, in memory of their own: wiped when they go, never shown, kept out of
/// core dumps, and out of swap where the system allows it.
pub struct Key(MmapMut);

/// Why something is no key; it does not repeat it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// Bytes of another length.
    #[error("a key has 32 bytes, not {0}")]
    Length(usize),
    /// Not of the form at all.
    #[error("a key is `cok1` and 58 characters")]
    Form,
    /// One character or more is wrong.
    #[error("the key's checksum is wrong: a character was changed or lost")]
    Checksum,
    /// The system gives no memory, or no random bytes.
    #[error(transparent)]
    System(#[from] std::io::Error),
}

impl Drop for Key {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Key")
    }
}

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

impl Key {
    /// The length of every key.
    pub const BYTES: usize = 32;

    /// A new key, from the system.
    ///
    /// # Errors
    ///
    /// The system gives no random bytes.
    pub fn random() -> Result<Self, KeyError> {
        Self::filled(|bytes| {
            let filled = getrandom::fill(bytes);
            filled.map_err(|error| std::io::Error::other(error).into())
        })
    }

    /// A key of these bytes.
    ///
    /// # Errors
    ///
    /// There are not 32.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
        if bytes.len() != Self::BYTES {
            return Err(KeyError::Length(bytes.len()));
        }
        Self::filled(|key| {
            key.copy_from_slice(bytes);
            Ok(())
        })
    }

    fn filled(fill: impl FnOnce(&mut [u8]) -> Result<(), KeyError>) -> Result<Self, KeyError> {
        let mut memory = MmapMut::map_anon(Self::BYTES)?;
        // Both are wishes: a system that refuses them still keeps the key.
        let _ = memory.lock();
        #[cfg(target_os = "linux")]
        let _ = memory.advise(memmap2::Advice::DontDump);
        fill(&mut memory)?;
        Ok(Self(memory))
    }

    /// The key's bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Reads a key's text, with white space around it ignored.
    ///
    /// # Errors
    ///
    /// Tells a wrong character from what is no key at all.
    pub fn from_text(text: &str) -> Result<Self, KeyError> {
        let text = text.trim_ascii();
        let has_form = text.len() == 62 && text.starts_with("cok1");
        if !has_form {
            return Err(KeyError::Form);
        }
        let checked = CheckedHrpstring::new::<Bech32>(text).map_err(|_| KeyError::Checksum)?;
        let mut bytes = Zeroizing::new(Vec::with_capacity(Self::BYTES));
        bytes.extend(checked.byte_iter());
        let key = Self::from_bytes(&bytes)?;
        // Bits that fill the last character up are zero, so that a key has one text.
        if key.text().as_str() == text {
            Ok(key)
        } else {
            Err(KeyError::Checksum)
        }
    }

    /// The key's text.
    #[must_use]
    pub fn text(&self) -> Zeroizing<String> {
        // The form is one of any 32 bytes, so encoding cannot fail.
        Zeroizing::new(bech32::encode::<Bech32>(PREFIX, self.bytes()).unwrap_or_default())
    }

    /// What tells this key from others, and tells nothing of it.
    #[must_use]
    pub fn id(&self) -> String {
        let mut id = [0; 4];
        self.expand(&[b"code-ops/vault/v1/kid"], &mut id);
        format!("{:08x}", u32::from_be_bytes(id))
    }

    /// The key for one purpose.
    ///
    /// # Errors
    ///
    /// The system gives no memory.
    pub fn derive(&self, purpose: &str) -> Result<Self, KeyError> {
        Self::filled(|key| {
            self.expand(&[purpose.as_bytes()], key);
            Ok(())
        })
    }

    /// HKDF-Expand with SHA-512 (RFC 5869, section 2.3); `out` has fewer than 16,320 bytes.
    pub(super) fn expand(&self, info: &[&[u8]], out: &mut [u8]) {
        let key = Prk::new_less_safe(HKDF_SHA512, self.bytes());
        let length = Length(out.len());
        let filled = key.expand(info, length).and_then(|okm| okm.fill(out));
        // Nothing but a longer output can fail, and no caller has one.
        debug_assert!(filled.is_ok());
    }
}
