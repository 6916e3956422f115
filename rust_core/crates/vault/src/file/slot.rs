//! Slots: the data key, wrapped once for each who may open the file.

use std::fmt;

use age::plugin;

use super::MOST_SLOT_BYTES;
use super::age_slot::{Recipient, RecipientError};
use super::identity::Identity;
use super::lines::{FormatProblem, MOST_LABEL, base64, field, to_base64};
use crate::passwords::{Params, PasswordError, costs, derive_key};
use crate::seal::{Key, SealError, message_length, opened, sealed};

const PURPOSE: &str = "code-ops/vault/v1/slot";
const SALT_BYTES: usize = 16;

/// A line that wraps the data key.
#[derive(Clone, PartialEq, Eq)]
pub struct Slot {
    /// How it opens.
    pub kind: SlotKind,
    /// Whose it is; empty for a kind that is not known.
    pub label: String,
    /// The line without its end.
    pub line: String,
    body: Vec<u8>,
}

/// How a slot opens.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SlotKind {
    /// With a passphrase, by Argon2id.
    Passphrase {
        /// What that costs.
        params: Params,
        /// 16 bytes.
        salt: [u8; SALT_BYTES],
    },
    /// With the key of this id.
    Key {
        /// Eight hexadecimal digits.
        id: String,
    },
    /// With the identity of an age recipient.
    Age {
        /// The recipient as one word.
        recipient: String,
    },
    /// By means of a later version.
    Unknown(String),
}

/// What a slot is made for.
pub enum NewSlot<'a> {
    /// A passphrase, and what it shall cost.
    Passphrase(&'a [u8], Params),
    /// A key.
    Key(&'a Key),
    /// An age or SSH recipient, whose plugin is started where it has one.
    Age(&'a Recipient),
}

/// What somebody has to open a file with.
pub enum Credential<'a> {
    /// A passphrase, tried on each slot for one.
    Passphrase(&'a [u8]),
    /// A key, tried where its id stands.
    Key(&'a Key),
    /// Identities, tried where their recipients stand; those of plugins on each slot for age.
    Identity(&'a Identity),
}

impl fmt::Debug for Slot {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Slot")
            .field("kind", &self.kind)
            .field("label", &self.label)
            .finish_non_exhaustive()
    }
}

/// Whether a text can be a label.
pub(super) fn is_label(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"._@-".contains(&byte);
    !text.is_empty() && text.len() <= MOST_LABEL && text.bytes().all(fits)
}

impl Slot {
    pub(super) fn parse(line: &str) -> Result<Self, FormatProblem> {
        let mut words = line.split(' ');
        words.next();
        let kind = words.next().unwrap_or_default();
        let mut parsed = match kind {
            "passphrase" => passphrase(&mut words)?,
            "key" => key(&mut words)?,
            "age" => age(&mut words)?,
            _ => {
                return Ok(Self {
                    kind: SlotKind::Unknown(kind.to_owned()),
                    label: String::new(),
                    line: line.to_owned(),
                    body: Vec::new(),
                });
            }
        };
        let label = field(words.next(), "label").filter(|label| is_label(label));
        label
            .ok_or(FormatProblem::Expected(
                "label= of 1 to 64 letters, digits and ._@-",
            ))?
            .clone_into(&mut parsed.1);
        let body = field(words.next(), "body").and_then(base64);
        let body = body.ok_or(FormatProblem::Expected("body= in base64"))?;
        if words.next().is_some() {
            return Err(FormatProblem::Expected("nothing after body="));
        }
        Ok(Self {
            kind: parsed.0,
            label: parsed.1,
            line: line.to_owned(),
            body,
        })
    }

    /// A slot for somebody new.
    pub(super) fn create(
        id: &str,
        label: &str,
        new: &NewSlot<'_>,
        data_key: &Key,
    ) -> Result<Self, SlotError> {
        let (kind, fields, wrapping) = match new {
            NewSlot::Passphrase(passphrase, params) => {
                let mut salt = [0; SALT_BYTES];
                getrandom::fill(&mut salt).map_err(|_| SealError::NoRandomness)?;
                let wrapping = derive_key(passphrase, &salt, params)?;
                let fields = format!("slot passphrase {params} salt={}", to_base64(&salt));
                let params = *params;
                (
                    SlotKind::Passphrase { params, salt },
                    fields,
                    Wrapping::Key(wrapping),
                )
            }
            NewSlot::Key(key) => {
                let id = key.id();
                let fields = format!("slot key kid={id}");
                let wrapping = Wrapping::Key(key.derive(PURPOSE)?);
                (SlotKind::Key { id }, fields, wrapping)
            }
            NewSlot::Age(new) => {
                let recipient = new.word().to_owned();
                let fields = format!("slot age recipient={recipient}");
                let wrapping = Wrapping::Recipient(new);
                (SlotKind::Age { recipient }, fields, wrapping)
            }
        };
        let bound = format!("{fields} label={label}");
        let body = match wrapping {
            Wrapping::Key(key) => sealed(&key, &context(id, &bound), data_key.bytes())?,
            Wrapping::Recipient(recipient) => recipient.seal(data_key)?,
        };
        let line = format!("{bound} body={}", to_base64(&body));
        if line.len() > MOST_SLOT_BYTES {
            return Err(RecipientError::TooLong.into());
        }
        Ok(Self {
            kind,
            label: label.to_owned(),
            line,
            body,
        })
    }

    /// The data key, where the credential is the slot's; none where it is another's. No program
    /// is started.
    pub(super) fn open(
        &self,
        id: &str,
        credential: &Credential<'_>,
    ) -> Result<Option<Key>, SlotError> {
        if let (SlotKind::Age { recipient }, Credential::Identity(identity)) =
            (&self.kind, credential)
        {
            return Ok(identity.open(recipient, &self.body));
        }
        // What cannot hold a data key is not worth a passphrase's cost.
        if message_length(self.body.len() as u64) != Some(Key::BYTES as u64) {
            return Ok(None);
        }
        let wrapping = match (&self.kind, credential) {
            (SlotKind::Passphrase { params, salt }, Credential::Passphrase(passphrase)) => {
                derive_key(passphrase, salt, params)?
            }
            (SlotKind::Key { id }, Credential::Key(key)) if *id == key.id() => {
                key.derive(PURPOSE)?
            }
            _ => return Ok(None),
        };
        let bound = self.line.split(" body=").next().unwrap_or_default();
        match opened(&wrapping, &context(id, bound), &self.body) {
            Ok(data_key) => Ok(Some(Key::from_bytes(&data_key)?)),
            Err(_) => Ok(None),
        }
    }

    /// The data key as an age plugin finds it, which is started; its words where it failed.
    pub(super) fn open_with(
        &self,
        identity: &Identity,
        plugin: &plugin::Identity,
    ) -> Result<Option<Key>, String> {
        match self.kind {
            SlotKind::Age { .. } => identity.open_with(plugin, &self.body),
            _ => Ok(None),
        }
    }

    /// Whether a plugin's name stands in the recipient, so that it is most likely the one.
    pub(super) fn names(&self, plugin: &plugin::Identity) -> bool {
        let prefix = format!("age1{}1", plugin.plugin());
        matches!(&self.kind, SlotKind::Age { recipient } if recipient.starts_with(&prefix))
    }
}

/// The slot of a recipient. A file has one at most: an identity is not tried on 1,024.
pub(super) fn slot_of<'a>(slots: &'a [Slot], recipient: &str) -> Option<&'a Slot> {
    let is_own =
        |slot: &&Slot| matches!(&slot.kind, SlotKind::Age { recipient: own } if own == recipient);
    slots.iter().find(is_own)
}

/// What the data key is sealed with.
enum Wrapping<'a> {
    Key(Key),
    Recipient(&'a Recipient),
}

/// Why a slot was not made or tried.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SlotError {
    /// The costs of a passphrase cannot be met.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// A recipient cannot be sealed to.
    #[error(transparent)]
    Recipient(#[from] RecipientError),
    /// Sealing failed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The system gives no memory for a key.
    #[error(transparent)]
    Key(#[from] crate::seal::KeyError),
}

fn context(id: &str, bound: &str) -> Vec<u8> {
    format!("{PURPOSE}\0{id}\0{bound}").into_bytes()
}

type Parsed = Result<(SlotKind, String), FormatProblem>;

fn passphrase<'a>(words: &mut impl Iterator<Item = &'a str>) -> Parsed {
    let costs = words.next().and_then(costs);
    let costs = costs.ok_or(FormatProblem::Expected("m=, t= and p="))?;
    let params = Params::new(costs[0], costs[1], costs[2])
        .map_err(|error| FormatProblem::Costs(error.to_string()))?;
    let salt = field(words.next(), "salt").and_then(base64);
    let salt = salt.and_then(|salt| salt.try_into().ok());
    let salt = salt.ok_or(FormatProblem::Expected("salt= of 16 bytes in base64"))?;
    Ok((SlotKind::Passphrase { params, salt }, String::new()))
}

fn key<'a>(words: &mut impl Iterator<Item = &'a str>) -> Parsed {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    let id = field(words.next(), "kid");
    let id = id.filter(|id| id.len() == 8 && id.bytes().all(is_digit));
    let id = id.ok_or(FormatProblem::Expected("kid= of 8 hexadecimal digits"))?;
    Ok((SlotKind::Key { id: id.to_owned() }, String::new()))
}

fn age<'a>(words: &mut impl Iterator<Item = &'a str>) -> Parsed {
    let recipient = field(words.next(), "recipient").filter(|recipient| !recipient.is_empty());
    let recipient = recipient.ok_or(FormatProblem::Expected("recipient="))?;
    let recipient = recipient.to_owned();
    Ok((SlotKind::Age { recipient }, String::new()))
}
