//! Identities: what age and SSH keep to open with.
//!
//! Owns how their texts are read. No error repeats any of it.

use std::fmt;
use std::sync::Arc;

use age::secrecy::SecretString;
use age::{Callbacks, plugin, ssh, x25519};
use zeroize::Zeroizing;

use super::age_slot::{open_body, open_with_plugin, said, ssh_word};
use crate::seal::Key;

/// Of a text with identities.
pub const MOST_IDENTITY_BYTES: usize = 65_536;
const SSH_BEGINS: [&str; 2] = [
    "-----BEGIN OPENSSH PRIVATE KEY-----",
    "-----BEGIN RSA PRIVATE KEY-----",
];

/// The identities of one file, or an SSH key.
pub struct Identity {
    entries: Vec<Entry>,
    asked: Asked,
}

/// What a plugin wants of its user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// To be read; there is no answer.
    Tell,
    /// `yes` or `no`.
    Confirm,
    /// Anything.
    Public,
    /// Something like a PIN, which is not shown.
    Secret,
}

/// Somebody who answers plugins.
pub trait Ask: Send + Sync {
    /// The answer; none where there is nobody, or no answer is meant. The message is on one line.
    fn ask(&self, question: Question, message: &str) -> Option<Zeroizing<String>>;
}

/// Who is asked by plugins, where there is somebody.
#[derive(Clone)]
pub(super) struct Asked(Option<Arc<dyn Ask>>);

impl Asked {
    fn ask(&self, question: Question, message: &str) -> Option<Zeroizing<String>> {
        self.0.as_ref()?.ask(question, &said(message))
    }
}

impl Callbacks for Asked {
    fn display_message(&self, message: &str) {
        self.ask(Question::Tell, message);
    }

    fn confirm(&self, message: &str, yes: &str, no: Option<&str>) -> Option<bool> {
        let no = no.unwrap_or("no");
        let message = format!("{message} (yes: {yes}, no: {no})");
        let answer = self.ask(Question::Confirm, &message)?;
        Some(answer.trim() == "yes")
    }

    fn request_public_string(&self, description: &str) -> Option<String> {
        let answer = self.ask(Question::Public, description)?;
        Some(answer.to_string())
    }

    fn request_passphrase(&self, description: &str) -> Option<SecretString> {
        let answer = self.ask(Question::Secret, description)?;
        Some(SecretString::from(answer.to_string()))
    }
}

enum Entry {
    /// With the recipient's word.
    Own(Box<dyn age::Identity + Send + Sync>, String),
    /// An SSH key that is encrypted, with the recipient's word.
    Locked(ssh::EncryptedKey, String),
    Plugin(plugin::Identity),
}

/// Why a text holds no identity.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IdentityError {
    /// Too long to be one.
    #[error("a file with identities has at most 65,536 bytes")]
    TooLong,
    /// A line is none of such a file.
    #[error("line {0} is no age identity")]
    Line(usize),
    /// There is none in it.
    #[error("there is no identity in it")]
    Empty,
    /// A file that age has encrypted.
    #[error("the identity file is encrypted: `age -d` decrypts it, and --key-cmd can run that")]
    Encrypted,
    /// An identity of a later version of age.
    #[error("line {0} is an identity of a kind that this version does not know")]
    Later(usize),
    /// Begins as an SSH key and is none.
    #[error("the SSH key is damaged or cut")]
    Ssh,
    /// An SSH key that age does not take.
    #[error(
        "age opens with SSH keys of type ssh-ed25519 and ssh-rsa in the format of OpenSSH, not with this one"
    )]
    SshType,
    /// The passphrase is another one.
    #[error("the passphrase is not that of the SSH key")]
    Passphrase,
}

impl fmt::Debug for Identity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Identity")
    }
}

impl Identity {
    /// Reads a file of age identities, or an SSH private key.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, IdentityError> {
        if text.len() > MOST_IDENTITY_BYTES {
            return Err(IdentityError::TooLong);
        }
        let begins = text.trim_ascii_start();
        if SSH_BEGINS.iter().any(|begin| begins.starts_with(begin)) {
            return Ok(Self::of(vec![ssh_entry(begins)?]));
        }
        if begins.starts_with("age-encryption.org/") || begins.starts_with("-----BEGIN AGE ") {
            return Err(IdentityError::Encrypted);
        }
        let lines = text.lines().map(str::trim_ascii).enumerate();
        let lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
        let entries = lines.map(|(place, line)| age_entry(line, place + 1));
        let entries: Vec<_> = entries.collect::<Result<_, _>>()?;
        if entries.is_empty() {
            return Err(IdentityError::Empty);
        }
        Ok(Self::of(entries))
    }

    fn of(entries: Vec<Entry>) -> Self {
        let asked = Asked(None);
        Self { entries, asked }
    }

    /// Names who answers the plugins of these identities; without, they get no answer.
    pub fn answered_by(&mut self, asked: Arc<dyn Ask>) {
        self.asked = Asked(Some(asked));
    }

    /// Whether an SSH key is encrypted, and opens nothing before it is unlocked.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        let is_locked = |entry: &Entry| matches!(entry, Entry::Locked(..));
        self.entries.iter().any(is_locked)
    }

    /// Decrypts an SSH key that is encrypted.
    ///
    /// # Errors
    ///
    /// The passphrase is another one.
    pub fn unlock(&mut self, passphrase: &str) -> Result<(), IdentityError> {
        for entry in &mut self.entries {
            if let Entry::Locked(key, word) = entry {
                let key = key.decrypt(SecretString::from(passphrase.to_owned()));
                let key = key.map_err(|_| IdentityError::Passphrase)?;
                *entry = Entry::Own(Box::new(ssh::Identity::from(key)), std::mem::take(word));
            }
        }
        Ok(())
    }

    /// The recipients as words; a plugin's identity has its plugin's name, `age-plugin-NAME`.
    #[must_use]
    pub fn recipients(&self) -> Vec<String> {
        let words = self.entries.iter().map(|entry| match entry {
            Entry::Own(_, word) | Entry::Locked(_, word) => word.clone(),
            Entry::Plugin(identity) => format!("age-plugin-{}", identity.plugin()),
        });
        words.collect()
    }

    /// What opens age files by itself: no plugin, and nothing that is locked.
    pub(crate) fn own(&self) -> impl Iterator<Item = &dyn age::Identity> {
        self.entries.iter().filter_map(|entry| match entry {
            Entry::Own(identity, _) => Some(identity.as_ref() as &dyn age::Identity),
            _ => None,
        })
    }

    pub(super) fn plugins(&self) -> impl Iterator<Item = &plugin::Identity> {
        self.entries.iter().filter_map(|entry| match entry {
            Entry::Plugin(identity) => Some(identity),
            _ => None,
        })
    }

    /// The data key as one of the plugins finds it, which is started; its words where it failed.
    pub(super) fn open_with(
        &self,
        plugin: &plugin::Identity,
        body: &[u8],
    ) -> Result<Option<Key>, String> {
        open_with_plugin(body, plugin, self.asked.clone())
    }

    /// The data key of a slot whose recipient is one of these; no plugin is asked.
    pub(super) fn open(&self, recipient: &str, body: &[u8]) -> Option<Key> {
        self.entries.iter().find_map(|entry| match entry {
            Entry::Own(identity, word) if word == recipient => {
                open_body(body, identity.as_ref()).ok().flatten()
            }
            _ => None,
        })
    }
}

fn age_entry(line: &str, number: usize) -> Result<Entry, IdentityError> {
    if let Ok(identity) = line.parse::<x25519::Identity>() {
        let word = identity.to_public().to_string();
        return Ok(Entry::Own(Box::new(identity), word));
    }
    if let Ok(identity) = line.parse::<plugin::Identity>() {
        return Ok(Entry::Plugin(identity));
    }
    if line.starts_with("AGE-SECRET-KEY-") && !line.starts_with("AGE-SECRET-KEY-1") {
        return Err(IdentityError::Later(number));
    }
    Err(IdentityError::Line(number))
}

fn ssh_entry(text: &str) -> Result<Entry, IdentityError> {
    let identity = ssh::Identity::from_buffer(text.as_bytes(), None);
    let identity = identity.map_err(|_| IdentityError::Ssh)?;
    let recipient = ssh::Recipient::try_from(identity.clone());
    let word = ssh_word(&recipient.map_err(|_| IdentityError::SshType)?);
    match identity {
        ssh::Identity::Unencrypted(key) => Ok(Entry::Own(Box::new(ssh::Identity::from(key)), word)),
        ssh::Identity::Encrypted(key) => Ok(Entry::Locked(key, word)),
        ssh::Identity::Unsupported(_) => Err(IdentityError::SshType),
    }
}
