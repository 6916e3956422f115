//! Two changed forms of one vault, and the one that both came from, made into one.
//!
//! Owns the rules of docs/vault.md, "In git", for secrets. What one side alone changed is taken, and
//! its line stays as it is wherever the data key does. What both changed differently is a conflict:
//! the merged vault is whole and holds both values, so that none is lost.

use std::collections::{BTreeMap, BTreeSet};

use subtle::ConstantTimeEq;

use super::document::{Document, MOST_NAME, Secret};
use super::merge_head::merge_heads;
use super::opened::{OpenedVault, VaultError};
use super::{MOST_SECRETS, manifest::Finding};
use crate::seal::Key;

/// What both sides changed, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Conflict {
    /// Both set another value, or added the name with different ones.
    #[error("{name}: both sides set it, ours stays and theirs is {kept}")]
    Changed {
        /// The secret, with our value.
        name: String,
        /// The secret with theirs.
        kept: String,
    },
    /// We removed what they changed.
    #[error("{name}: ours removed and theirs changed it, theirs is {kept}")]
    RemovedByOurs {
        /// The secret, which is not there.
        name: String,
        /// The secret with their value.
        kept: String,
    },
    /// They removed what we changed.
    #[error("{0}: theirs removed and ours changed it, ours stays")]
    RemovedByTheirs(String),
    /// Both made a slot of this label, or changed it.
    #[error("the slot {0}: both sides changed it, ours stays")]
    SlotChanged(String),
    /// A slot that wraps a data key which is no longer the vault's.
    #[error("the slot {0}: it wraps a data key that was replaced and is gone, add it again")]
    SlotLost(String),
    /// A slot that they removed, of a vault whose data key is ours.
    #[error("the slot {0}: theirs removed it and it still opens, remove it again")]
    SlotStays(String),
    /// Both made a new data key.
    #[error("the data key: both sides made a new one and ours stays, make another")]
    DataKeys,
}

impl OpenedVault {
    /// Another form of this vault, opened without credentials where its data key is the same.
    ///
    /// # Errors
    ///
    /// Its last line was changed.
    pub fn open_sibling(&self, document: Document) -> Result<Option<Self>, VaultError> {
        let is_same =
            document.head.id == self.document.head.id && document.head.is_signed(&self.data_key)?;
        if !is_same {
            return Ok(None);
        }
        let data_key = Key::from_bytes(self.data_key.bytes())?;
        Self::verified(document, data_key).map(Some)
    }

    /// Makes this vault, ours, into one with what theirs changed since base.
    ///
    /// # Errors
    ///
    /// One of them is not as it was signed, they are different vaults, or what comes out has more
    /// than a vault may; then this one is as it was.
    pub fn merge(
        &mut self,
        base: Option<&Self>,
        theirs: &Self,
    ) -> Result<Vec<Conflict>, VaultError> {
        for (name, vault) in [("ours", &*self), ("theirs", theirs)]
            .into_iter()
            .chain(base.map(|base| ("base", base)))
        {
            check_signed(name, &vault.findings)?;
        }
        let id = &self.document.head.id;
        if *id != theirs.document.head.id {
            return Err(VaultError::Merge(format!(
                "ours is the vault {id} and theirs is {}: two vaults are never one",
                theirs.document.head.id
            )));
        }
        // A vault that had been in this place before tells nothing.
        let base = base.filter(|base| base.document.head.id == *id);
        let head = merge_heads(base, self, theirs)?;
        let mut merging = Merging::new(base, self, theirs, head.keyed);
        for name in merging.names.clone() {
            merging.merge(name)?;
        }
        let secrets = merging.secrets;
        if secrets.len() > MOST_SECRETS {
            return Err(VaultError::Limit("a vault has 100,000 secrets at most"));
        }
        let mut conflicts = head.conflicts;
        conflicts.extend(merging.conflicts);
        let data_key = Key::from_bytes(head.keyed.data_key.bytes())?;
        let document = Document {
            head: head.head,
            secrets: secrets.into_values().collect(),
            generation: self.document.generation.max(theirs.document.generation),
            manifest: Vec::new(),
        };
        *self = Self::with(document, data_key, Vec::new())?;
        self.has_changed = true;
        Ok(conflicts)
    }
}

fn check_signed(name: &str, findings: &[Finding]) -> Result<(), VaultError> {
    if findings.is_empty() {
        return Ok(());
    }
    let told: Vec<String> = findings.iter().map(ToString::to_string).collect();
    Err(VaultError::Unsigned(format!("{name}: {}", told.join("; "))))
}

pub(super) fn is_same_key(one: &OpenedVault, other: &OpenedVault) -> bool {
    let is_same = one.data_key.bytes().ct_eq(other.data_key.bytes());
    bool::from(is_same)
}

/// A secret in one of the three.
#[derive(Clone, Copy)]
struct Record<'a> {
    vault: &'a OpenedVault,
    secret: &'a Secret,
}

impl<'a> Record<'a> {
    fn of(vault: &'a OpenedVault, name: &str) -> Option<Self> {
        let place = vault.document.place(name).ok()?;
        let secret = &vault.document.secrets[place];
        Some(Self { vault, secret })
    }

    /// Whether type and value are the same.
    fn is_like(self, other: Self) -> Result<bool, VaultError> {
        if is_same_key(self.vault, other.vault) && self.secret == other.secret {
            return Ok(true);
        }
        if self.secret.kind != other.secret.kind {
            return Ok(false);
        }
        let value = self.vault.value(self.secret)?;
        Ok(*value == *other.vault.value(other.secret)?)
    }
}

fn are_like(one: Option<Record<'_>>, other: Option<Record<'_>>) -> Result<bool, VaultError> {
    match (one, other) {
        (None, None) => Ok(true),
        (Some(one), Some(other)) => one.is_like(other),
        _ => Ok(false),
    }
}

struct Merging<'a> {
    base: Option<&'a OpenedVault>,
    ours: &'a OpenedVault,
    theirs: &'a OpenedVault,
    /// The one whose data key the merged vault has.
    keyed: &'a OpenedVault,
    /// Of all three.
    names: BTreeSet<&'a str>,
    secrets: BTreeMap<String, Secret>,
    conflicts: Vec<Conflict>,
}

impl<'a> Merging<'a> {
    fn new(
        base: Option<&'a OpenedVault>,
        ours: &'a OpenedVault,
        theirs: &'a OpenedVault,
        keyed: &'a OpenedVault,
    ) -> Self {
        let vaults = [Some(ours), Some(theirs), base].into_iter().flatten();
        let secrets = vaults.flat_map(|vault| &vault.document.secrets);
        Self {
            base,
            ours,
            theirs,
            keyed,
            names: secrets.map(|secret| secret.name.as_str()).collect(),
            secrets: BTreeMap::new(),
            conflicts: Vec::new(),
        }
    }

    fn merge(&mut self, name: &str) -> Result<(), VaultError> {
        let base = self.base.and_then(|base| Record::of(base, name));
        let ours = Record::of(self.ours, name);
        let theirs = Record::of(self.theirs, name);
        if are_like(ours, theirs)? {
            return match (ours, theirs) {
                (Some(ours), Some(theirs)) => self.take_newer(ours, theirs),
                _ => Ok(()),
            };
        }
        if are_like(ours, base)? {
            return theirs.map_or(Ok(()), |theirs| self.take(theirs, ours));
        }
        if are_like(theirs, base)? {
            return ours.map_or(Ok(()), |ours| self.take(ours, theirs));
        }
        self.keep_both(name, ours, theirs)
    }

    /// Of two with the same value: the one that was set more often, else the one that can stay.
    fn take_newer(&mut self, ours: Record<'a>, theirs: Record<'a>) -> Result<(), VaultError> {
        let is_kept = |record: &Record<'_>| is_same_key(record.vault, self.keyed);
        let rank = |record: &Record<'_>| (record.secret.version, is_kept(record));
        let (newer, other) = if rank(&theirs) > rank(&ours) {
            (theirs, ours)
        } else {
            (ours, theirs)
        };
        self.take(newer, Some(other))
    }

    /// A side's secret, with its line where that has the merged vault's data key.
    fn take(&mut self, record: Record<'a>, other: Option<Record<'a>>) -> Result<(), VaultError> {
        let Record { vault, secret } = record;
        // Who set it and set it back has used up versions: none comes twice with another value.
        let version = match other {
            Some(other) if other.secret.version > secret.version => {
                other.secret.version.saturating_add(1)
            }
            _ => secret.version,
        };
        let taken = if version == secret.version && is_same_key(vault, self.keyed) {
            secret.clone()
        } else {
            self.sealed_as(&secret.name, version, record)?
        };
        self.secrets.insert(taken.name.clone(), taken);
        Ok(())
    }

    fn sealed_as(
        &self,
        name: &str,
        version: u64,
        record: Record<'_>,
    ) -> Result<Secret, VaultError> {
        let Record { vault, secret } = record;
        let value = vault.value(secret)?;
        self.keyed
            .sealed(name, version, &secret.date, secret.kind, &value)
    }

    fn keep_both(
        &mut self,
        name: &str,
        ours: Option<Record<'a>>,
        theirs: Option<Record<'a>>,
    ) -> Result<(), VaultError> {
        if let Some(ours) = ours {
            self.take(ours, None)?;
        }
        let name = name.to_owned();
        let Some(theirs) = theirs else {
            self.conflicts.push(Conflict::RemovedByTheirs(name));
            return Ok(());
        };
        let kept = self.free_name(&name);
        let secret = self.sealed_as(&kept, theirs.secret.version, theirs)?;
        self.secrets.insert(kept.clone(), secret);
        self.conflicts.push(if ours.is_some() {
            Conflict::Changed { name, kept }
        } else {
            Conflict::RemovedByOurs { name, kept }
        });
        Ok(())
    }

    /// A name for their value, which none of the three has.
    fn free_name(&self, name: &str) -> String {
        let mut number = 1;
        loop {
            let suffix = match number {
                1 => ".theirs".to_owned(),
                _ => format!(".theirs{number}"),
            };
            let length = name.len().min(MOST_NAME - suffix.len());
            let free = format!("{}{suffix}", &name[..length]);
            if !self.names.contains(free.as_str()) && !self.secrets.contains_key(&free) {
                return free;
            }
            number += 1;
        }
    }
}
