//! The data key of a head, by what somebody has.
//!
//! Owns in which order that is tried: keys and identities, which cost nothing; then plugins, which
//! are programs; then passphrases, whose costs are looked at before the first is tried.

use super::age_slot::Recipient;
use super::head::Head;
use super::opened::VaultError;
use super::slot::{Credential, Slot, SlotKind};
use crate::passwords::{Limits, Params};
use crate::seal::Key;

pub(super) fn unlock(
    head: &Head,
    credentials: &[Credential<'_>],
    limits: &Limits,
) -> Result<Key, VaultError> {
    for credential in credentials {
        if matches!(credential, Credential::Passphrase(_)) {
            continue;
        }
        for slot in &head.slots {
            if let Some(data_key) = slot.open(&head.id, credential)? {
                return Ok(data_key);
            }
        }
    }
    let mut said = None;
    for credential in credentials {
        if let Credential::Identity(identity) = credential {
            for plugin in identity.plugins() {
                // The likely ones first: each may ask its user for something.
                let (likely, others): (Vec<_>, Vec<_>) =
                    head.slots.iter().partition(|slot| slot.names(plugin));
                for slot in likely.into_iter().chain(others) {
                    match slot.open_with(identity, plugin) {
                        Ok(Some(data_key)) => return Ok(data_key),
                        Ok(None) => {}
                        Err(words) => said = said.or(Some(words)),
                    }
                }
            }
        }
    }
    by_passphrase(head, credentials, limits)?.ok_or_else(|| {
        let openers = openers(head);
        VaultError::Closed(match said {
            Some(words) => format!("{openers}; {words}"),
            None => openers,
        })
    })
}

fn by_passphrase(
    head: &Head,
    credentials: &[Credential<'_>],
    limits: &Limits,
) -> Result<Option<Key>, VaultError> {
    let is_passphrase =
        |credential: &&Credential<'_>| matches!(credential, Credential::Passphrase(_));
    let mut words = credentials.iter().filter(is_passphrase).peekable();
    if words.peek().is_none() {
        return Ok(None);
    }
    let mut refused = None;
    check_sum(&head.slots, None, limits)?;
    for credential in words {
        for slot in &head.slots {
            match too_costly(slot, limits) {
                Some(costs) => refused = Some(costs),
                None => {
                    if let Some(data_key) = slot.open(&head.id, credential)? {
                        return Ok(Some(data_key));
                    }
                }
            }
        }
    }
    refused.map_or(Ok(None), Err)
}

/// What a slot costs more than the limits.
pub(super) fn too_costly(slot: &Slot, limits: &Limits) -> Option<VaultError> {
    let SlotKind::Passphrase { params, .. } = &slot.kind else {
        return None;
    };
    let refusal = limits.refuse(params)?;
    let label = slot.label.clone();
    Some(VaultError::Costs { label, refusal })
}

/// Refuses slots that cost more in sum than a single one may; those that cost too much alone are
/// not tried, and not counted. A new one that is counted has a label and costs.
pub(super) fn check_sum(
    slots: &[Slot],
    new: Option<(&str, &Params)>,
    limits: &Limits,
) -> Result<(), VaultError> {
    let all = slots.iter().filter_map(|slot| match &slot.kind {
        SlotKind::Passphrase { params, .. } => Some((slot.label.as_str(), params)),
        _ => None,
    });
    let tried: Vec<_> = all
        .chain(new)
        .filter(|(_, params)| limits.refuse(params).is_none())
        .collect();
    let cost = |(_, params): &(&str, &Params)| {
        u64::from(params.memory_kib()) * u64::from(params.iterations())
    };
    let sum: u64 = tried.iter().map(cost).sum();
    let most = u64::from(limits.memory_kib) * u64::from(limits.iterations);
    if sum <= most {
        return Ok(());
    }
    let labels: Vec<_> = tried.iter().map(|(label, _)| *label).collect();
    Err(VaultError::Costly {
        labels: labels.join(", "),
        cost_mib: sum.div_ceil(1024),
        most_mib: most / 1024,
    })
}

/// What a file opens with, for people.
fn openers(head: &Head) -> String {
    let told: Vec<String> = head.slots.iter().map(opener).collect();
    if told.is_empty() {
        return "nothing: it has no slots".to_owned();
    }
    told.join(", ")
}

/// What a slot opens with, for people.
pub(super) fn opener(slot: &Slot) -> String {
    let label = &slot.label;
    match &slot.kind {
        SlotKind::Passphrase { .. } => format!("the passphrase {label}"),
        SlotKind::Key { id } => format!("the key {id} ({label})"),
        SlotKind::Age { recipient } => {
            let plugin = Recipient::parse(recipient).ok();
            let plugin = plugin.as_ref().and_then(Recipient::plugin);
            match plugin {
                Some(name) => format!("the identity of age-plugin-{name} ({label})"),
                None if recipient.starts_with("ssh-") => format!("the SSH key {label}"),
                None => format!("the age identity of {recipient} ({label})"),
            }
        }
        SlotKind::Unknown(kind) => {
            format!("a slot of type {kind}, which a newer code-ops knows")
        }
    }
}
