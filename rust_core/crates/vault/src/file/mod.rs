//! The vault file of docs/vault-format.md: a text of lines, made for git; and sealed files, which
//! begin with the same head.
//!
//! Owns the text, its slots and secrets, and what is signed. Of a vault it reads and writes no file:
//! a text comes in, a text goes out.

mod age_slot;
mod document;
mod fingerprint;
mod head;
mod identity;
mod lines;
mod manifest;
mod merge;
mod merge_head;
#[cfg(test)]
mod merge_tests;
mod opened;
mod rekey;
mod repair;
mod sealed_file;
mod slot;
mod unlock;

pub(crate) use age_slot::open_body;
pub use age_slot::{Recipient, RecipientError};
pub use document::{Document, Kind, Secret};
pub use head::{FileKind, Head};
pub use identity::{Ask, Identity, IdentityError, MOST_IDENTITY_BYTES, Question};
pub use lines::{FormatError, FormatProblem};
pub use manifest::Finding;
pub use merge::Conflict;
pub use opened::{Change, OpenedVault, VaultError};
pub use rekey::Keep;
pub use sealed_file::{SealedFile, Source, Target, not_blocking, seal_file};
pub use slot::{Credential, NewSlot, Slot, SlotError, SlotKind};

/// Limits of what is read.
pub const MOST_BYTES: usize = 256 << 20;
/// Of a line with a secret.
pub const MOST_LINE_BYTES: usize = 64 << 20;
/// Of a line with a slot.
pub const MOST_SLOT_BYTES: usize = 65_536;
/// Of slots in a file.
pub const MOST_SLOTS: usize = 1024;
/// Of the head of a sealed file.
pub const MOST_HEAD_BYTES: usize = 8 << 20;
/// Of slots for passphrases, since each is tried at its cost.
pub const MOST_PASSPHRASES: usize = 16;
/// Of secrets in a vault.
pub const MOST_SECRETS: usize = 100_000;
