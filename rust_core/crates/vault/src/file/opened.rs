//! A vault that is open: its values, and the changes that are made to it.

use zeroize::Zeroizing;

use super::document::{Document, Kind, Secret, is_date, is_name, padded, unpadded};
use super::head::{FileKind, Head};
use super::lines::FormatError;
use super::manifest::{Finding, compare, list};
use super::slot::{Credential, NewSlot, Slot, SlotError, SlotKind, is_label, slot_of};
use super::unlock::{check_sum, unlock};
use super::{MOST_LINE_BYTES, MOST_PASSPHRASES, MOST_SECRETS, MOST_SLOTS};
use crate::passwords::{Limits, Refusal};
use crate::seal::{Key, KeyError, SealError, opened, sealed};

pub(super) const VALUE: &str = "code-ops/vault/v1/value";
const MANIFEST: &str = "code-ops/vault/v1/manifest";

/// Why a vault does not open, or a change is not made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VaultError {
    /// The text is none of a vault.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// No slot is the credential's.
    #[error("no slot opens with what was given; it opens with {0}")]
    Closed(String),
    /// A passphrase's slot costs more than the limits.
    #[error("the slot {label} {refusal}")]
    Costs {
        /// Whose slot.
        label: String,
        /// What it costs, and what is allowed.
        refusal: Refusal,
    },
    /// The slots for passphrases cost more than the limit in sum.
    #[error(
        "the slots for passphrases ({labels}) cost {cost_mib} MiB times passes in sum, and the limit is {most_mib}"
    )]
    Costly {
        /// Whose slots.
        labels: String,
        /// MiB times passes.
        cost_mib: u64,
        /// MiB times passes.
        most_mib: u64,
    },
    /// Slots that cannot be sealed anew with what is given.
    #[error("{0}")]
    Unkept(String),
    /// The head is not the one that was signed.
    #[error("the head was changed: its hmac is wrong")]
    Head,
    /// The list is not one of this head and generation.
    #[error("the last line was changed, or belongs to another head or generation")]
    Manifest,
    /// A secret's line was changed, or made for another place.
    #[error("{0}: the line was changed, or comes from another vault, name or version")]
    Secret(String),
    /// A sealed file's content is not what was sealed.
    #[error("the content was changed or cut")]
    Content,
    /// The vault is not the one that was signed.
    #[error("the vault is not the one that was signed: {0}")]
    Unsigned(String),
    /// There is no such secret.
    #[error("there is no secret {0}")]
    Missing(String),
    /// A text that is no name.
    #[error(
        "a name has 1 to 255 letters, digits and _ . / -, and begins with a letter, a digit or _"
    )]
    Name,
    /// A text that is no label.
    #[error("a label has 1 to 64 letters, digits and . _ @ -")]
    Label,
    /// A label that another slot has, or that none has.
    #[error("{0}")]
    Slots(String),
    /// A text that is no day.
    #[error("a date is of the form 2026-11-20")]
    Date,
    /// A value of type text that is no UTF-8.
    #[error("the value is no UTF-8: its type is bytes")]
    NoText,
    /// More than the format allows.
    #[error("{0}")]
    Limit(&'static str),
    /// Two vaults that cannot be made into one.
    #[error("{0}")]
    Merge(String),
    /// A slot cannot be made or tried.
    #[error(transparent)]
    Slot(#[from] SlotError),
    /// Sealing failed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The system gives no memory for a key.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// What setting a value did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// The name is new.
    Added,
    /// The value is another one.
    Changed,
    /// The value was the same: its line stays.
    Same,
}

/// A vault with its data key.
pub struct OpenedVault {
    pub(super) document: Document,
    pub(super) values: Key,
    pub(super) lists: Key,
    pub(super) data_key: Key,
    pub(super) findings: Vec<Finding>,
    pub(super) has_changed: bool,
}

impl OpenedVault {
    /// A new vault without secrets.
    ///
    /// # Errors
    ///
    /// A label is none, or the system gives no memory or no random bytes.
    pub fn create(slots: &[(&str, NewSlot<'_>)]) -> Result<Self, VaultError> {
        let document = Document {
            head: Head::create(FileKind::Vault)?,
            secrets: Vec::new(),
            generation: 0,
            manifest: Vec::new(),
        };
        let mut vault = Self::with(document, Key::random()?, Vec::new())?;
        for (label, new) in slots {
            vault.add_slot(label, new)?;
        }
        Ok(vault)
    }

    pub(super) fn with(
        document: Document,
        data_key: Key,
        findings: Vec<Finding>,
    ) -> Result<Self, KeyError> {
        Ok(Self {
            document,
            values: data_key.derive(VALUE)?,
            lists: data_key.derive(MANIFEST)?,
            data_key,
            findings,
            has_changed: false,
        })
    }

    /// Opens a vault, and compares it with what was signed.
    ///
    /// # Errors
    ///
    /// No credential opens it, or its head or last line is not what was signed. Secrets that are not
    /// are findings.
    pub fn open(
        document: Document,
        credentials: &[Credential<'_>],
        limits: &Limits,
    ) -> Result<Self, VaultError> {
        let data_key = unlock(&document.head, credentials, limits)?;
        Self::verified(document, data_key)
    }

    /// A vault whose data key is known, compared with what was signed.
    pub(super) fn verified(document: Document, data_key: Key) -> Result<Self, VaultError> {
        if !document.head.is_signed(&data_key)? {
            return Err(VaultError::Head);
        }
        let mut vault = Self::with(document, data_key, Vec::new())?;
        let context = vault.list_context(vault.document.generation);
        let list = opened(&vault.lists, &context, &vault.document.manifest).ok();
        let findings = list.and_then(|list| compare(&list, &vault.document));
        vault.findings = findings.ok_or(VaultError::Manifest)?;
        Ok(vault)
    }

    /// The vault as it stands.
    #[must_use]
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// How the secrets differ from those that were signed.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// A secret's value.
    ///
    /// # Errors
    ///
    /// There is none of this name, or it is not what was signed.
    pub fn get(&self, name: &str) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        if let Some(finding) = self.findings.iter().find(|finding| finding.name() == name) {
            return Err(VaultError::Unsigned(finding.to_string()));
        }
        let place = self.document.place(name);
        let place = place.map_err(|_| VaultError::Missing(name.to_owned()))?;
        self.value(&self.document.secrets[place])
    }

    pub(super) fn value(&self, secret: &Secret) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let wrong = || VaultError::Secret(secret.name.clone());
        let context = secret.context(&self.document.head.id);
        let mut value = opened(&self.values, &context, &secret.sealed).map_err(|_| wrong())?;
        let length = unpadded(&value).ok_or_else(wrong)?;
        value.truncate(length);
        Ok(value)
    }

    /// Sets a secret; a line whose value and kind are the same stays as it is.
    ///
    /// # Errors
    ///
    /// The name, the date or the value is not as the format has it, or the vault is not the one
    /// that was signed.
    pub fn set(
        &mut self,
        name: &str,
        value: &[u8],
        kind: Kind,
        date: &str,
    ) -> Result<Change, VaultError> {
        self.check_signed()?;
        if !is_name(name) {
            return Err(VaultError::Name);
        }
        if !is_date(date) {
            return Err(VaultError::Date);
        }
        if kind == Kind::Text && std::str::from_utf8(value).is_err() {
            return Err(VaultError::NoText);
        }
        // In base64, with what stands around it.
        if value.len() > MOST_LINE_BYTES / 4 * 3 - 4096 {
            return Err(VaultError::Limit(
                "a value of more than 48 MiB belongs into a file",
            ));
        }
        let place = self.document.place(name);
        let version = match place {
            Ok(place) => {
                let before = &self.document.secrets[place];
                if before.kind == kind && *self.value(before)? == value {
                    return Ok(Change::Same);
                }
                next(before.version)?
            }
            Err(_) if self.document.secrets.len() == MOST_SECRETS => {
                return Err(VaultError::Limit("a vault has 100,000 secrets at most"));
            }
            Err(_) => 1,
        };
        let secret = self.sealed(name, version, date, kind, value)?;
        self.has_changed = true;
        match place {
            Ok(place) => {
                self.document.secrets[place] = secret;
                Ok(Change::Changed)
            }
            Err(place) => {
                self.document.secrets.insert(place, secret);
                Ok(Change::Added)
            }
        }
    }

    pub(super) fn sealed(
        &self,
        name: &str,
        version: u64,
        date: &str,
        kind: Kind,
        value: &[u8],
    ) -> Result<Secret, VaultError> {
        let mut secret = Secret {
            name: name.to_owned(),
            version,
            date: date.to_owned(),
            kind,
            sealed: Vec::new(),
        };
        let context = secret.context(&self.document.head.id);
        secret.sealed = sealed(&self.values, &context, &padded(value))?;
        Ok(secret)
    }

    /// Takes a secret out.
    ///
    /// # Errors
    ///
    /// There is none of this name, or the vault is not the one that was signed.
    pub fn remove(&mut self, name: &str) -> Result<(), VaultError> {
        self.check_signed()?;
        let place = self.document.place(name);
        let place = place.map_err(|_| VaultError::Missing(name.to_owned()))?;
        self.document.secrets.remove(place);
        self.has_changed = true;
        Ok(())
    }

    /// Lets somebody else open the vault.
    ///
    /// # Errors
    ///
    /// The label is none or is taken, there are too many slots, or the system gives too little.
    pub fn add_slot(&mut self, label: &str, new: &NewSlot<'_>) -> Result<(), VaultError> {
        self.check_signed()?;
        add_slot(&mut self.document.head, label, new, &self.data_key)?;
        self.has_changed = true;
        Ok(())
    }

    /// Signs the vault as it stands, findings and all.
    pub fn accept(&mut self) {
        self.has_changed |= !self.findings.is_empty();
        self.findings.clear();
    }

    /// The vault's text after the changes, a generation later; as it was where there are none.
    ///
    /// # Errors
    ///
    /// The system gives no random bytes.
    pub fn finish(&mut self) -> Result<String, VaultError> {
        if self.has_changed {
            let generation = next(self.document.generation)?;
            let context = self.list_context(generation);
            let list = list(&self.document);
            self.document.manifest = sealed(&self.lists, &context, list.as_bytes())?;
            self.document.generation = generation;
            self.has_changed = false;
        }
        Ok(self.document.text())
    }

    fn list_context(&self, generation: u64) -> Vec<u8> {
        let Head { id, mac, .. } = &self.document.head;
        format!("{MANIFEST}\0{id}\0{generation}\0{mac}").into_bytes()
    }

    pub(super) fn check_signed(&self) -> Result<(), VaultError> {
        let told: Vec<String> = self.findings.iter().map(ToString::to_string).collect();
        if told.is_empty() {
            return Ok(());
        }
        Err(VaultError::Unsigned(told.join("; ")))
    }
}

/// A generation or version after another; who can sign may have made it any number.
fn next(number: u64) -> Result<u64, VaultError> {
    let next = number.checked_add(1);
    next.ok_or(VaultError::Limit("there is no number above this one"))
}

/// Adds a slot to a head, and signs it.
pub(super) fn add_slot(
    head: &mut Head,
    label: &str,
    new: &NewSlot<'_>,
    data_key: &Key,
) -> Result<(), VaultError> {
    if !is_label(label) {
        return Err(VaultError::Label);
    }
    if head.slots.iter().any(|slot| slot.label == label) {
        return Err(VaultError::Slots(format!(
            "there is a slot {label} already"
        )));
    }
    if head.slots.len() == MOST_SLOTS {
        return Err(VaultError::Limit("a vault has 1,024 slots at most"));
    }
    let is_passphrase = |slot: &&Slot| matches!(slot.kind, SlotKind::Passphrase { .. });
    let passphrases = head.slots.iter().filter(is_passphrase).count();
    if matches!(new, NewSlot::Passphrase(..)) && passphrases == MOST_PASSPHRASES {
        return Err(VaultError::Limit("a vault has 16 passphrases at most"));
    }
    if let NewSlot::Passphrase(_, params) = new {
        check_sum(&head.slots, Some((label, params)), &Limits::OF_FILES)?;
    }
    if let NewSlot::Age(recipient) = new
        && let Some(other) = slot_of(&head.slots, recipient.word())
    {
        let taken = format!("{} is this recipient already", other.label);
        return Err(VaultError::Slots(taken));
    }
    head.slots
        .push(Slot::create(&head.id, label, new, data_key)?);
    head.sign(data_key)?;
    Ok(())
}
