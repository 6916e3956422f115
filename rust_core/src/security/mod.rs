//! The module `security`: passwords, and what is sealed.

mod batch;
mod foreign;
mod leaks;
mod openers;
mod passwords;
mod redact;
mod sealed_file;
mod vault;
mod vault_file;
mod vault_merge;

use pyo3::prelude::*;

/// Passwords stored as Argon2 hashes; data and files sealed with a key.
#[pymodule(submodule)]
pub(crate) mod security {
    use pyo3::prelude::*;

    #[pymodule_export]
    use super::foreign::{SopsKey, open_ansible, seal_ansible};

    #[pymodule_export]
    use super::leaks::{LeakSearch, fingerprint};

    #[pymodule_export]
    use super::openers::Identity;

    #[pymodule_export]
    use super::passwords::{derive_key, hash_passwords_batch, verify_batch};

    #[pymodule_export]
    use super::redact::Redactor;

    #[pymodule_export]
    use super::sealed_file::{SealedFile, seal_file};

    #[pymodule_export]
    use super::vault::{SecureVault, open_sealed, seal};

    #[pymodule_export]
    use super::vault_file::{VaultFile, read_vault};

    #[pymodule_export]
    use super::vault_merge::{merge_vaults, open_sibling, repair_vault, unopened};

    /// The system kills this process when the one that started it is gone.
    #[pyfunction]
    fn end_with_parent() -> PyResult<()> {
        Ok(::vault::child::end_with_parent()?)
    }

    /// The bytes of memory that are free for this process, in the machine, its control group and
    /// its limit of address space.
    #[pyfunction]
    fn available_memory() -> u64 {
        ::vault::passwords::available_memory()
    }
}
