//! What other tools seal: ansible-vault's envelope, and sops's values under age.
//!
//! Owns their keys and ciphers. How their files are laid out, and which values they hold, is the
//! caller's.

pub mod ansible;
pub mod sops;

/// Why nothing was sealed or opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ForeignError {
    /// The wrong key or passphrase, or not what was sealed: one error for all.
    #[error("it cannot be opened with what was given")]
    Unopened,
    /// A text that holds no age identity.
    #[error("there is no age identity, and no SSH key without a passphrase, in what was given")]
    NoIdentity,
    /// A text that is no recipient; it is public.
    #[error("`{0}` is no recipient: expected age1... or an SSH public key")]
    NoRecipient(String),
    /// The system gives no random bytes.
    #[error("the system gives no random bytes")]
    NoRandomness,
}
