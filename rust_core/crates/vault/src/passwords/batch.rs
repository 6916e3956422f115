//! Hashing and verifying, many at once.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use argon2::{Algorithm, Argon2, Block, Version};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::crew::{Crew, Resources};
use super::stored::{InvalidHash, Stored};
use super::{Params, PasswordError};
use crate::seal::Key;

const SALT_BYTES: usize = 16;
const TAG_BYTES: usize = 32;

/// How the caller and a running batch speak.
#[derive(Debug, Clone, Copy)]
pub struct Control<'a> {
    /// Set by the caller: what has begun is finished, the rest is left.
    pub cancelled: &'a AtomicBool,
    /// Counted up by the batch.
    pub done: &'a AtomicUsize,
}

impl Control<'_> {
    pub(super) fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    pub(super) fn count(&self, more: usize) {
        self.done.fetch_add(more, Ordering::Relaxed);
    }
}

/// What a stored hash may cost at most.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes.
    pub iterations: u32,
    /// Lanes.
    pub lanes: u32,
}

impl Limits {
    /// Those of docs/vault-format.md: 2 GiB, 16 passes, 16 lanes.
    pub const OF_FILES: Self = Self {
        memory_kib: 1 << 21,
        iterations: 16,
        lanes: 16,
    };

    /// Why these costs are refused, where one of them is above its limit.
    #[must_use]
    pub fn refuse(&self, params: &Params) -> Option<Refusal> {
        let most = [self.memory_kib, self.iterations, self.lanes];
        let costs = [params.memory_kib(), params.iterations(), params.lanes()];
        let is_over = costs.iter().zip(most).any(|(&cost, most)| cost > most);
        is_over.then_some(Refusal::Limits(*params, most))
    }
}

/// A stored hash, if it is text at all, and a password.
#[derive(Clone, Copy)]
pub struct Row<'a> {
    /// The hash's text.
    pub hash: Option<&'a str>,
    /// The password's bytes.
    pub password: &'a [u8],
}

/// What came of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The password is the hash's.
    Match,
    /// It is another.
    Mismatch,
    /// The hash cannot be read.
    Invalid(InvalidHash),
    /// The hash costs too much.
    Refused(Refusal),
}

/// Why a hash was not computed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// More than the limits.
    #[error(
        "costs m={}, t={}, p={}; the limits are m={}, t={}, p={}",
        .0.memory_kib(), .0.iterations(), .0.lanes(), .1[0], .1[1], .1[2]
    )]
    Limits(Params, [u32; 3]),
    /// More than the budget, in KiB.
    #[error("costs m={0}; the memory budget is {1} KiB")]
    Budget(u32, u64),
    /// More than the system has.
    #[error("costs m={0}; so much memory is not free")]
    Memory(u32),
}

/// The texts of new Argon2id hashes at their passwords' places; none of those left when cancelled.
///
/// # Errors
///
/// Nothing is hashed when one hash does not fit into the budget or into memory, when the system
/// gives no threads or no random bytes, or when a password is longer than RFC 9106 has it.
pub fn hash_batch<Password: AsRef<[u8]> + Sync>(
    passwords: &[Password],
    params: &Params,
    pepper: &[u8],
    resources: &Resources,
    control: &Control<'_>,
) -> Result<Vec<Option<String>>, PasswordError> {
    resources.check(params)?;
    check_lengths(passwords)?;
    let mut jobs = Vec::with_capacity(passwords.len());
    for password in passwords {
        let mut salt = [0; SALT_BYTES];
        getrandom::fill(&mut salt).map_err(|_| PasswordError::NoRandomness)?;
        jobs.push((password, salt));
    }
    if jobs.is_empty() {
        return Ok(Vec::new());
    }
    let mut crew = Crew::new(params, jobs.len(), resources)?;
    let hash = |(password, salt): &(&Password, [u8; SALT_BYTES]), blocks: &mut [Block]| {
        let mut stored = Stored {
            algorithm: Algorithm::Argon2id,
            version: Version::V0x13,
            params: *params,
            salt: salt.to_vec(),
            tag: vec![0; TAG_BYTES],
        };
        let tag = tag(&stored, password.as_ref(), pepper, blocks)?;
        stored.tag.copy_from_slice(&tag);
        Some(stored.text())
    };
    let results = crew.run(&jobs, control, hash);
    Ok(results.into_iter().map(Option::flatten).collect())
}

fn check_lengths<Password: AsRef<[u8]>>(passwords: &[Password]) -> Result<(), PasswordError> {
    let is_long = |password: &Password| password.as_ref().len() > argon2::MAX_PWD_LEN;
    match passwords.iter().position(is_long) {
        Some(index) => Err(PasswordError::TooLong(index)),
        None => Ok(()),
    }
}

/// What came of rows, at their places; none of those left when cancelled.
///
/// Rows of equal cost are computed together, the most costly first. Costs are looked at before
/// memory is taken, and tags are compared in constant time.
#[must_use]
pub fn verify_batch(
    rows: &[Row<'_>],
    pepper: &[u8],
    limits: &Limits,
    resources: &Resources,
    control: &Control<'_>,
) -> Vec<Option<Outcome>> {
    let mut outcomes: Vec<Option<Outcome>> = vec![None; rows.len()];
    let mut groups: BTreeMap<_, Vec<(usize, Stored)>> = BTreeMap::new();
    for (index, row) in rows.iter().enumerate() {
        match readable(row, limits, resources) {
            Ok(stored) => {
                let key = (Reverse(stored.params.memory_kib()), stored.params.lanes());
                groups.entry(key).or_default().push((index, stored));
            }
            Err(outcome) => {
                outcomes[index] = Some(outcome);
                control.count(1);
            }
        }
    }
    for group in groups.values() {
        let verify = |(index, stored): &(usize, Stored), blocks: &mut [Block]| {
            matches(stored, rows[*index].password, pepper, blocks)
        };
        match Crew::new(&group[0].1.params, group.len(), resources) {
            Ok(mut crew) => {
                let results = crew.run(group, control, verify);
                for ((index, _), result) in group.iter().zip(results) {
                    outcomes[*index] = result;
                }
            }
            Err(_) => {
                for (index, stored) in group {
                    let refusal = Refusal::Memory(stored.params.memory_kib());
                    outcomes[*index] = Some(Outcome::Refused(refusal));
                    control.count(1);
                }
            }
        }
    }
    outcomes
}

fn readable(row: &Row<'_>, limits: &Limits, resources: &Resources) -> Result<Stored, Outcome> {
    let read = row.hash.ok_or(InvalidHash::NoText).and_then(Stored::read);
    let stored = read.map_err(Outcome::Invalid)?;
    let params = stored.params;
    if let Some(refusal) = limits.refuse(&params) {
        return Err(Outcome::Refused(refusal));
    }
    match resources.exceeded_by(&params) {
        Some(bytes) => {
            let refusal = Refusal::Budget(params.memory_kib(), bytes / 1024);
            Err(Outcome::Refused(refusal))
        }
        None => Ok(stored),
    }
}

fn matches(stored: &Stored, password: &[u8], pepper: &[u8], blocks: &mut [Block]) -> Outcome {
    let tag = tag(stored, password, pepper, blocks);
    // What cannot be computed, such as a password of 4 GiB, has no hash that it could match.
    match tag {
        Some(tag) if bool::from(tag.ct_eq(&stored.tag)) => Outcome::Match,
        _ => Outcome::Mismatch,
    }
}

fn tag(
    stored: &Stored,
    password: &[u8],
    pepper: &[u8],
    blocks: &mut [Block],
) -> Option<Zeroizing<Vec<u8>>> {
    let mut tag = Zeroizing::new(vec![0; stored.tag.len()]);
    let params = stored.params.for_tag(tag.len()).ok()?;
    let argon2 = Argon2::new_with_secret(pepper, stored.algorithm, stored.version, params).ok()?;
    argon2
        .hash_password_into_with_memory(password, &stored.salt, &mut tag, blocks)
        .ok()?;
    Some(tag)
}

/// A key out of a passphrase: Argon2id of RFC 9106, version 0x13, without a secret.
///
/// # Errors
///
/// The system gives no memory or no thread, or the salt or the passphrase has a length that RFC
/// 9106 does not have.
pub fn derive_key(passphrase: &[u8], salt: &[u8], params: &Params) -> Result<Key, PasswordError> {
    let resources = Resources::new(None, None)?;
    let mut crew = Crew::new(params, 1, &resources)?;
    let (cancelled, done) = (AtomicBool::new(false), AtomicUsize::new(0));
    let control = Control {
        cancelled: &cancelled,
        done: &done,
    };
    let stored = Stored {
        algorithm: Algorithm::Argon2id,
        version: Version::V0x13,
        params: *params,
        salt: salt.to_vec(),
        tag: vec![0; Key::BYTES],
    };
    let work = |(): &(), blocks: &mut [Block]| tag(&stored, passphrase, b"", blocks);
    let derived = crew.run(&[()], &control, work).pop().flatten().flatten();
    let derived = derived.ok_or(PasswordError::NoKey)?;
    Key::from_bytes(&derived).map_err(|_| PasswordError::NoKey)
}
