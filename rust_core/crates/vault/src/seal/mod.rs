//! The one construction that seals: C2SP chunked encryption, version 1, with AES-256-GCM
//! ("Cobblestone-256"). docs/vault-format.md specifies it.
//!
//! Owns keys and the layout of sealed data, in memory and in files. AES-GCM, HKDF and SHA-512 are
//! those of AWS-LC.

mod atomic;
mod chunks;
mod course;
mod data;
mod files;
mod key;
mod pipes;

pub use atomic::{Existing, Readers, replace};
pub use chunks::{Stream, message_length, open, opened, seal, sealed, sealed_length};
pub use course::Course;
pub use data::SecureVault;
pub use files::{open_file, seal_file};
pub use key::{Key, KeyError};
pub(crate) use pipes::{fill, write};
pub use pipes::{open_pipe, seal_pipe};

/// What sealed data has before its first chunk: salt and commitment.
pub const HEAD_BYTES: usize = 56;

/// Why nothing was sealed or opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// The wrong key, another context, or data that is not what was sealed: one error for all.
    #[error("the data cannot be opened with this key")]
    Unopened,
    /// More than 4 PiB - 1.
    #[error("a message of 4 PiB or more cannot be sealed")]
    TooLong,
    /// The system gives no random bytes for a salt.
    #[error("the system gives no random bytes")]
    NoRandomness,
    /// A file has become shorter while it was read.
    #[error("the file changed while it was read")]
    Changed,
    /// Reading failed.
    #[error(transparent)]
    Read(std::io::Error),
    /// Writing failed.
    #[error(transparent)]
    Write(std::io::Error),
    /// The work was cancelled.
    #[error("cancelled")]
    Cancelled,
}
