//! What keeps secrets: passwords stored as Argon2 hashes.
//!
//! No primitive is written here. Argon2 is the crate of `RustCrypto`, vendored for one more
//! instruction set; randomness is the system's, comparisons are those of `subtle`, and what is
//! wiped is wiped by `zeroize`.

pub mod passwords;
