//! What tells values apart without telling them: a MAC by a key that only who opens the vault has.

use std::fmt::Write;

use aws_lc_rs::hmac;

use super::opened::{OpenedVault, VaultError};

const PURPOSE: &str = "code-ops/vault/v1/fingerprint";
const MARK: &str = "code-ops/vault/v1/mark";
const BYTES: usize = 8;

impl OpenedVault {
    /// 16 hexadecimal digits that tell this data key from others, and nothing else of it.
    ///
    /// # Errors
    ///
    /// The system gives no memory for a key.
    pub fn data_key_mark(&self) -> Result<String, VaultError> {
        let key = self.data_key.derive(MARK)?;
        Ok(digits(key.bytes()))
    }

    /// 16 hexadecimal digits that are the same for the same value in this vault, as long as its
    /// data key is.
    ///
    /// # Errors
    ///
    /// Those of `get`.
    pub fn fingerprint(&self, name: &str) -> Result<String, VaultError> {
        let value = self.get(name)?;
        let key = self.data_key.derive(PURPOSE)?;
        let key = hmac::Key::new(hmac::HMAC_SHA256, key.bytes());
        let tag = hmac::sign(&key, &value);
        Ok(digits(tag.as_ref()))
    }
}

fn digits(bytes: &[u8]) -> String {
    let mut digits = String::with_capacity(2 * BYTES);
    for byte in &bytes[..BYTES] {
        let _ = write!(digits, "{byte:02x}");
    }
    digits
}
