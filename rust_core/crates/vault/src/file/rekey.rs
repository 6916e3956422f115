//! A new data key: for those who stay, and for nobody else.
//!
//! Owns that nothing is changed before everything can be: each slot that stays, and each value.

use subtle::ConstantTimeEq;

use super::age_slot::Recipient;
use super::document::Secret;
use super::opened::{OpenedVault, VaultError};
use super::slot::{Credential, NewSlot, Slot, SlotKind};
use super::unlock::{check_sum, opener, too_costly};
use crate::passwords::Limits;
use crate::seal::Key;

/// What keeps slots when the data key changes.
pub struct Keep<'a> {
    /// For the slots of keys and passphrases; each is tried on the old slot first.
    pub credentials: &'a [Credential<'a>],
    /// Plugins of age that may be started for the recipients they have in the vault.
    pub plugins: &'a [&'a str],
    /// Of what a passphrase may cost.
    pub limits: Limits,
}

impl OpenedVault {
    /// Makes a new data key, and seals all values and all slots with it, but for those of the
    /// labels, which are taken out. A slot without a label goes by its type.
    ///
    /// # Errors
    ///
    /// A label that no slot has, no slot that would be left, slots that cannot be kept, a value
    /// that is not what was signed. The vault is as it was then.
    pub fn rekey(&mut self, without: &[&str], keep: &Keep<'_>) -> Result<(), VaultError> {
        self.check_signed()?;
        let staying = self.staying(without)?;
        let data_key = Key::random()?;
        let slots = self.kept(&staying, keep, &data_key)?;
        let mut document = self.document.clone();
        document.secrets.clear();
        document.head.slots = slots;
        document.head.sign(&data_key)?;
        let mut vault = Self::with(document, data_key, Vec::new())?;
        let sealed = self.document.secrets.iter().map(|secret| {
            let Secret {
                name,
                version,
                date,
                kind,
                ..
            } = secret;
            vault.sealed(name, *version, date, *kind, &self.value(secret)?)
        });
        vault.document.secrets = sealed.collect::<Result<_, _>>()?;
        vault.has_changed = true;
        *self = vault;
        Ok(())
    }

    fn staying(&self, without: &[&str]) -> Result<Vec<&Slot>, VaultError> {
        let slots = &self.document.head.slots;
        for label in without {
            if !slots.iter().any(|slot| is_called(slot, label)) {
                return Err(VaultError::Slots(format!("there is no slot {label}")));
            }
        }
        let goes = |slot: &Slot| without.iter().any(|label| is_called(slot, label));
        let staying: Vec<_> = slots.iter().filter(|slot| !goes(slot)).collect();
        let knows = |slot: &&Slot| !matches!(slot.kind, SlotKind::Unknown(_));
        if !staying.iter().any(knows) {
            return Err(VaultError::Slots(
                "nothing would open the vault any more: one slot has to stay".to_owned(),
            ));
        }
        Ok(staying)
    }

    /// The slots with the new data key; all that cannot be had stand in one error.
    fn kept(
        &self,
        staying: &[&Slot],
        keep: &Keep<'_>,
        data_key: &Key,
    ) -> Result<Vec<Slot>, VaultError> {
        let is_passphrase = |slot: &&Slot| matches!(slot.kind, SlotKind::Passphrase { .. });
        if staying.iter().any(is_passphrase) {
            check_sum(&self.document.head.slots, None, &keep.limits)?;
        }
        let mut slots = Vec::with_capacity(staying.len());
        let mut unkept = Vec::new();
        for slot in staying {
            match self.again(slot, keep, data_key)? {
                Ok(slot) => slots.push(slot),
                Err(why) => unkept.push(format!("{}: {why}", opener(slot))),
            }
        }
        if unkept.is_empty() {
            return Ok(slots);
        }
        Err(VaultError::Unkept(format!(
            "these cannot be kept under a new data key: {}",
            unkept.join("; ")
        )))
    }

    /// A slot with the new data key, or why there is none.
    fn again(
        &self,
        slot: &Slot,
        keep: &Keep<'_>,
        data_key: &Key,
    ) -> Result<Result<Slot, String>, VaultError> {
        let id = &self.document.head.id;
        let create = |new: &NewSlot<'_>| Slot::create(id, &slot.label, new, data_key);
        match &slot.kind {
            SlotKind::Unknown(_) => Ok(Err("only a newer code-ops can".to_owned())),
            SlotKind::Age { recipient } => {
                let recipient = match Recipient::parse(recipient) {
                    Ok(recipient) => recipient,
                    Err(error) => return Ok(Err(error.to_string())),
                };
                if let Some(name) = recipient.plugin().filter(|name| !may_start(keep, name)) {
                    return Ok(Err(format!(
                        "the program age-plugin-{name} may not be started unless it is named"
                    )));
                }
                Ok(create(&NewSlot::Age(&recipient)).map_err(|error| error.to_string()))
            }
            SlotKind::Key { .. } => match self.opener_of(slot, keep)? {
                Some(Credential::Key(key)) => Ok(Ok(create(&NewSlot::Key(key))?)),
                _ => Ok(Err("its key is needed".to_owned())),
            },
            SlotKind::Passphrase { params, .. } => match self.opener_of(slot, keep)? {
                Some(Credential::Passphrase(word)) => {
                    Ok(Ok(create(&NewSlot::Passphrase(word, *params))?))
                }
                _ => Ok(Err("its passphrase is needed".to_owned())),
            },
        }
    }

    /// The credential that opens a slot, and finds this vault's data key there.
    fn opener_of<'a>(
        &self,
        slot: &Slot,
        keep: &'a Keep<'_>,
    ) -> Result<Option<&'a Credential<'a>>, VaultError> {
        let mut refused = None;
        for credential in keep.credentials {
            let is_passphrase = matches!(credential, Credential::Passphrase(_));
            let costs = too_costly(slot, &keep.limits).filter(|_| is_passphrase);
            if costs.is_some() {
                refused = costs;
                continue;
            }
            let found = slot.open(&self.document.head.id, credential)?;
            let is_own = |found: Key| bool::from(found.bytes().ct_eq(self.data_key.bytes()));
            if found.is_some_and(is_own) {
                return Ok(Some(credential));
            }
        }
        refused.map_or(Ok(None), Err)
    }
}

fn is_called(slot: &Slot, label: &str) -> bool {
    match &slot.kind {
        SlotKind::Unknown(kind) => kind == label,
        _ => slot.label == label,
    }
}

/// Whether a caller has named a plugin, or offers an identity of it.
fn may_start(keep: &Keep<'_>, name: &str) -> bool {
    let offers = |credential: &Credential<'_>| match credential {
        Credential::Identity(identity) => identity.plugins().any(|plugin| plugin.plugin() == name),
        _ => false,
    };
    keep.plugins.contains(&name) || keep.credentials.iter().any(offers)
}
