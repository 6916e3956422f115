//! Why a batch cannot begin.

use super::PRESETS;

/// Costs or a budget that cannot be met, or a system that gives too little.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PasswordError {
    /// The name of settings that are not there.
    #[error("preset '{0}' is not one of {names}", names = PRESETS.map(|(name, _)| name).join(", "))]
    Preset(String),
    /// Lanes: `p` of RFC 9106.
    #[error("{0} lanes are out of range 1-16777215")]
    Lanes(i64),
    /// Passes: `t` of RFC 9106.
    #[error("{0} iterations are out of range 1-4294967295")]
    Iterations(i64),
    /// Memory: `m` of RFC 9106.
    #[error("memory of {memory_kib} KiB is out of range {least}-4294967295")]
    Memory {
        /// The wish.
        memory_kib: i64,
        /// Eight blocks a lane.
        least: i64,
    },
    /// How many threads.
    #[error("{0} threads are out of range 1-1024")]
    Threads(i64),
    /// One hash does not fit into the budget.
    #[error("a hash takes {need_kib} KiB of memory, the budget is {budget_kib} KiB")]
    Budget {
        /// What one hash takes.
        need_kib: u64,
        /// The budget, rounded down.
        budget_kib: u64,
    },
    /// The system gives no memory for one hash.
    #[error("a hash takes {0} KiB of memory; so much is not free")]
    OutOfMemory(u32),
    /// The system starts no thread.
    #[error("the system starts no thread")]
    NoThread,
    /// The system gives no random bytes for a salt.
    #[error("the system gives no random bytes")]
    NoRandomness,
    /// A salt of less than 8 bytes, or a passphrase of 4 GiB or more.
    #[error("no key can be made of this passphrase and salt")]
    NoKey,
    /// A password of 4 GiB or more, which RFC 9106 has no hash for.
    #[error("password {0} is longer than 4294967295 bytes")]
    TooLong(usize),
}
