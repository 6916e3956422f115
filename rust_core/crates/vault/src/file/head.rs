//! The head that files and vaults begin with: who can open, signed with the data key.

use aws_lc_rs::hmac;
use base32ct::{Base32Unpadded, Encoding};

use super::lines::{
    FormatError, FormatProblem, Lines, SLOT_TOO_LONG, TOO_MANY_PASSPHRASES, TOO_MANY_SLOTS, base64,
    to_base64,
};
use super::slot::{Slot, SlotKind, slot_of};
use super::{MOST_PASSPHRASES, MOST_SLOT_BYTES, MOST_SLOTS};
use crate::seal::{Key, KeyError, SealError};

const PURPOSE: &str = "code-ops/vault/v1/header";
const ID_BYTES: usize = 16;
const MAC_BYTES: usize = 32;

/// What a head stands before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// Secrets, a line each.
    Vault,
    /// The content of one file.
    File,
}

impl FileKind {
    fn first_line(self) -> &'static str {
        match self {
            Self::Vault => "code-ops-vault/1",
            Self::File => "code-ops-file/1",
        }
    }

    fn check(self, line: &str) -> Result<(), FormatProblem> {
        let ours = self.first_line();
        if line == ours {
            return Ok(());
        }
        let name = ours.split('/').next().unwrap_or_default();
        match line
            .strip_prefix(name)
            .and_then(|rest| rest.strip_prefix('/'))
        {
            Some(version) if version.len() <= 10 && version.bytes().all(|b| b.is_ascii_digit()) => {
                Err(FormatProblem::Version(line.to_owned(), ours))
            }
            _ => Err(FormatProblem::NoVault(ours)),
        }
    }
}

/// The head of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Which form.
    pub kind: FileKind,
    /// 26 characters that no other file has.
    pub id: String,
    /// Who can open it.
    pub slots: Vec<Slot>,
    /// The signature as it stands in the text.
    pub(super) mac: String,
}

impl Head {
    /// A new head without slots and signature.
    pub(super) fn create(kind: FileKind) -> Result<Self, SealError> {
        let mut id = [0; ID_BYTES];
        getrandom::fill(&mut id).map_err(|_| SealError::NoRandomness)?;
        Ok(Self {
            kind,
            id: Base32Unpadded::encode_string(&id),
            slots: Vec::new(),
            mac: String::new(),
        })
    }

    pub(super) fn parse(kind: FileKind, lines: &mut Lines<'_>) -> Result<Self, FormatError> {
        let first = lines.expect(kind.first_line())?;
        kind.check(first).map_err(|problem| lines.wrong(problem))?;
        let id = lines.expect("the file's id")?;
        let id = id.strip_prefix("id ").filter(|id| is_id(id));
        let wrong = FormatProblem::Expected("id and 26 characters of base32");
        let id = id.ok_or_else(|| lines.wrong(wrong))?.to_owned();
        let mut slots: Vec<Slot> = Vec::new();
        loop {
            let line = lines.expect("a slot or the hmac")?;
            if let Some(mac) = line.strip_prefix("hmac ") {
                let is_mac = base64(mac).is_some_and(|mac| mac.len() == MAC_BYTES);
                let wrong = FormatProblem::Expected("hmac and 32 bytes in base64");
                let mac = is_mac
                    .then(|| mac.to_owned())
                    .ok_or_else(|| lines.wrong(wrong))?;
                return Ok(Self {
                    kind,
                    id,
                    slots,
                    mac,
                });
            }
            let slot = Self::slot(line, &slots).map_err(|problem| lines.wrong(problem))?;
            slots.push(slot);
        }
    }

    fn slot(line: &str, before: &[Slot]) -> Result<Slot, FormatProblem> {
        if !line.starts_with("slot ") {
            return Err(FormatProblem::Expected("a slot or the hmac"));
        }
        if line.len() > MOST_SLOT_BYTES {
            return Err(SLOT_TOO_LONG);
        }
        if before.len() == MOST_SLOTS {
            return Err(TOO_MANY_SLOTS);
        }
        let slot = Slot::parse(line)?;
        let is_passphrase = |slot: &Slot| matches!(slot.kind, SlotKind::Passphrase { .. });
        let passphrases = before.iter().filter(|slot| is_passphrase(slot)).count();
        if is_passphrase(&slot) && passphrases == MOST_PASSPHRASES {
            return Err(TOO_MANY_PASSPHRASES);
        }
        let is_taken = |other: &Slot| other.label == slot.label && !slot.label.is_empty();
        if before.iter().any(is_taken) {
            return Err(FormatProblem::Twice(format!("the label {}", slot.label)));
        }
        if let SlotKind::Age { recipient } = &slot.kind
            && let Some(other) = slot_of(before, recipient)
        {
            let both = format!("the recipient of {} and {}", other.label, slot.label);
            return Err(FormatProblem::Twice(both));
        }
        Ok(slot)
    }

    /// The lines that are signed.
    fn signed(&self) -> String {
        let mut text = format!("{}\nid {}\n", self.kind.first_line(), self.id);
        for slot in &self.slots {
            text.push_str(&slot.line);
            text.push('\n');
        }
        text
    }

    pub(super) fn text(&self) -> String {
        format!("{}hmac {}\n", self.signed(), self.mac)
    }

    pub(super) fn sign(&mut self, data_key: &Key) -> Result<(), KeyError> {
        let tag = hmac::sign(&signing_key(data_key)?, self.signed().as_bytes());
        self.mac = to_base64(tag.as_ref());
        Ok(())
    }

    /// Whether the head is the one that was signed with this key.
    pub(super) fn is_signed(&self, data_key: &Key) -> Result<bool, KeyError> {
        let mac = base64(&self.mac).unwrap_or_default();
        let verified = hmac::verify(&signing_key(data_key)?, self.signed().as_bytes(), &mac);
        Ok(verified.is_ok())
    }
}

fn signing_key(data_key: &Key) -> Result<hmac::Key, KeyError> {
    let key = data_key.derive(PURPOSE)?;
    Ok(hmac::Key::new(hmac::HMAC_SHA256, key.bytes()))
}

fn is_id(text: &str) -> bool {
    Base32Unpadded::decode_vec(text).is_ok_and(|id| id.len() == ID_BYTES)
}
