//! Whose data key a merged vault has, and who can open it.
//!
//! A slot goes only together with its data key. So where the data key is the same on both sides, all
//! slots stay; where one side has a new one, its slots are the merged vault's.

use super::head::Head;
use super::merge::{Conflict, is_same_key};
use super::opened::{OpenedVault, VaultError};
use super::slot::{Slot, SlotKind, slot_of};
use super::unlock::check_sum;
use super::{MOST_PASSPHRASES, MOST_SLOTS};
use crate::passwords::Limits;

/// The head of a merged vault.
pub(super) struct MergedHead<'a> {
    pub(super) head: Head,
    /// The one that has its data key.
    pub(super) keyed: &'a OpenedVault,
    pub(super) conflicts: Vec<Conflict>,
}

pub(super) fn merge_heads<'a>(
    base: Option<&OpenedVault>,
    ours: &'a OpenedVault,
    theirs: &'a OpenedVault,
) -> Result<MergedHead<'a>, VaultError> {
    let has_key_of = |side: &OpenedVault| base.is_some_and(|base| is_same_key(base, side));
    for (name, side) in [("ours", ours), ("theirs", theirs)] {
        check_newer(name, base.filter(|_| !has_key_of(side)), side)?;
    }
    let before = base.map_or(&[][..], slots);
    let (keyed, conflicts, merged) = if is_same_key(ours, theirs) {
        let (merged, conflicts) = united(before, slots(ours), slots(theirs));
        (ours, conflicts, merged)
    } else if has_key_of(theirs) {
        let conflicts = lost(before, slots(theirs), slots(ours));
        (ours, conflicts, slots(ours).to_vec())
    } else if has_key_of(ours) {
        let conflicts = lost(before, slots(ours), slots(theirs));
        (theirs, conflicts, slots(theirs).to_vec())
    } else {
        let conflicts = both_new(before, slots(ours), slots(theirs));
        (ours, conflicts, slots(ours).to_vec())
    };
    check_limits(&merged)?;
    let mut head = Head {
        slots: merged,
        ..keyed.document.head.clone()
    };
    head.sign(&keyed.data_key)?;
    Ok(MergedHead {
        head,
        keyed,
        conflicts,
    })
}

/// Refuses a data key that was replaced before what both sides came from: an old file that was
/// put back would let in again who was removed.
fn check_newer(
    name: &str,
    base: Option<&OpenedVault>,
    side: &OpenedVault,
) -> Result<(), VaultError> {
    let generation = side.document.generation;
    match base.map(|base| base.document.generation) {
        Some(before) if generation < before => Err(VaultError::Merge(format!(
            "{name} is of generation {generation} with another data key than base of generation \
             {before}: an old file was put back, which may open for who was removed since"
        ))),
        _ => Ok(()),
    }
}

fn slots(vault: &OpenedVault) -> &[Slot] {
    &vault.document.head.slots
}

/// Slots of one data key: those of both sides.
fn united(before: &[Slot], ours: &[Slot], theirs: &[Slot]) -> (Vec<Slot>, Vec<Conflict>) {
    let mut merged = Vec::new();
    let mut conflicts = Vec::new();
    for slot in ours {
        let taken = match named(theirs, slot) {
            Some(other) if other.line != slot.line => {
                let was = named(before, slot).map(|slot| &slot.line);
                let is_changed = was != Some(&slot.line) && was != Some(&other.line);
                // The same key or recipient let in by both is nobody's loss.
                if is_changed && other.kind != slot.kind {
                    conflicts.push(Conflict::SlotChanged(name(slot).to_owned()));
                }
                if was == Some(&slot.line) { other } else { slot }
            }
            _ => slot,
        };
        merged.push(taken.clone());
    }
    let added = theirs.iter().filter(|slot| named(ours, slot).is_none());
    merged.extend(added.cloned());
    (each_recipient_once(merged), conflicts)
}

/// Both sides may have let in the same one: all slots are of one data key, so that one is enough.
fn each_recipient_once(slots: Vec<Slot>) -> Vec<Slot> {
    let mut once: Vec<Slot> = Vec::with_capacity(slots.len());
    for slot in slots {
        let is_there = match &slot.kind {
            SlotKind::Age { recipient } => slot_of(&once, recipient).is_some(),
            _ => false,
        };
        if !is_there {
            once.push(slot);
        }
    }
    once
}

/// What a side with the old data key added or changed cannot be had under the new one, unless that
/// side has it too.
fn lost(before: &[Slot], old: &[Slot], new: &[Slot]) -> Vec<Conflict> {
    let changed = old
        .iter()
        .filter(|slot| named(before, slot).is_none_or(|was| was.line != slot.line));
    let missing = changed.filter(|slot| named(new, slot).is_none_or(|now| now.kind != slot.kind));
    missing
        .map(|slot| Conflict::SlotLost(name(slot).to_owned()))
        .collect()
}

fn both_new(before: &[Slot], ours: &[Slot], theirs: &[Slot]) -> Vec<Conflict> {
    let added = theirs.iter().filter(|slot| named(ours, slot).is_none());
    let added = added.filter(|slot| named(before, slot).is_none());
    let lost = added.map(|slot| Conflict::SlotLost(name(slot).to_owned()));
    let removed = ours.iter().filter(|slot| named(theirs, slot).is_none());
    let removed = removed.filter(|slot| named(before, slot).is_some());
    let stays = removed.map(|slot| Conflict::SlotStays(name(slot).to_owned()));
    std::iter::once(Conflict::DataKeys)
        .chain(lost)
        .chain(stays)
        .collect()
}

fn named<'a>(slots: &'a [Slot], wanted: &Slot) -> Option<&'a Slot> {
    slots.iter().find(|slot| name(slot) == name(wanted))
}

/// The label; the line itself of a kind that is not known.
fn name(slot: &Slot) -> &str {
    if slot.label.is_empty() {
        return &slot.line;
    }
    &slot.label
}

fn check_limits(slots: &[Slot]) -> Result<(), VaultError> {
    let is_passphrase = |slot: &&Slot| matches!(slot.kind, SlotKind::Passphrase { .. });
    if slots.len() > MOST_SLOTS {
        return Err(VaultError::Limit("a vault has 1,024 slots at most"));
    }
    if slots.iter().filter(is_passphrase).count() > MOST_PASSPHRASES {
        return Err(VaultError::Limit("a vault has 16 passphrases at most"));
    }
    check_sum(slots, None, &Limits::OF_FILES)
}
