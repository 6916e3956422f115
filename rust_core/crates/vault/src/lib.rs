//! What keeps secrets: passwords stored as Argon2 hashes, and what is sealed.
//!
//! No primitive is written here. Argon2 is the crate of `RustCrypto`, vendored for one more
//! instruction set; AES-GCM and HKDF are those of AWS-LC, randomness is the system's, comparisons
//! are those of `subtle`, and what is wiped is wiped by `zeroize`.

pub mod child;
pub mod file;
pub mod foreign;
pub mod leaks;
pub mod passwords;
pub mod redact;
pub mod seal;
