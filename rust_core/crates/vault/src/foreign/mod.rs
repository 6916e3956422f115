//! What other tools seal: ansible-vault's envelope, and sops's values under age.
//!
//! Owns their keys and ciphers. How their files are laid out, and which values they hold, is the
//! caller's.

pub mod ansible;
pub mod sops;

use crate::file::RecipientError;
use crate::seal::KeyError;

/// Why nothing was sealed or opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ForeignError {
    /// The wrong key or passphrase, or not what was sealed: one error for all.
    #[error("it cannot be opened with what was given")]
    Unopened,
    /// A text that is no recipient.
    #[error(transparent)]
    Recipient(#[from] RecipientError),
    /// Sealing would start a program.
    #[error("sops's files are sealed to no recipients of plugins, such as {0}'s")]
    Plugin(String),
    /// The system gives no memory, or no random bytes.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The system gives no random bytes.
    #[error("the system gives no random bytes")]
    NoRandomness,
}
