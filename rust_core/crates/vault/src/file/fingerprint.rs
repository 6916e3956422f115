//! What tells values apart without telling them: a MAC by a key that only who opens the vault has.

use std::fmt::Write;

use aws_lc_rs::hmac;

use super::opened::{OpenedVault, VaultError};

const PURPOSE: &str = "code-ops/vault/v1/fingerprint";
const BYTES: usize = 8;

impl OpenedVault {
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
        let mut digits = String::with_capacity(2 * BYTES);
        for byte in &tag.as_ref()[..BYTES] {
            let _ = write!(digits, "{byte:02x}");
        }
        Ok(digits)
    }
}
