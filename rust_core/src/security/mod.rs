//! The module `security`: passwords.

mod batch;
mod passwords;

use pyo3::prelude::*;

/// Passwords stored as Argon2 hashes.
#[pymodule(submodule)]
pub(crate) mod security {
    use pyo3::prelude::*;

    #[pymodule_export]
    use super::passwords::{hash_passwords_batch, verify_batch};

    /// The bytes of memory that are free for this process, in the machine, its control group and
    /// its limit of address space.
    #[pyfunction]
    fn available_memory() -> u64 {
        vault::passwords::available_memory()
    }
}
