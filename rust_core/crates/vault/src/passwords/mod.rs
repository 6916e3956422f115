//! Passwords stored as Argon2 hashes, many at once within a budget of memory.
//!
//! Owns the text form of a hash, what may run at once, and the wiping of what it computed.
//! Passwords are borrowed and stay the caller's.

mod batch;
mod crew;
mod error;
mod free;
mod params;
mod stored;

pub use batch::{Control, Limits, Outcome, Refusal, Row, derive_key, hash_batch, verify_batch};
pub use crew::{Budget, Resources};
pub use error::PasswordError;
pub use free::available_memory;
pub use params::{PRESETS, Params};
pub(crate) use params::{costs, number};
pub use stored::{InvalidHash, Stored};
