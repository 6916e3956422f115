//! Slots for age: the data key in an age file, to one recipient.
//!
//! Owns which recipients there are, and what a body has to be. Programs, the plugins of age, are
//! started here and nowhere else: for a recipient that a caller hands in, and for an identity that
//! a caller offers. What stands in a vault never starts one.

use std::fmt;
use std::io::{Read, Write};
use std::iter;

use age::plugin::{IdentityPluginV1, RecipientPluginV1, ResolveError};
use age::ssh::ParseRecipientKeyError;
use age::{Callbacks, DecryptError, Decryptor, EncryptError, Encryptor, NoCallbacks, plugin, ssh};
use zeroize::Zeroizing;

use crate::seal::Key;

const FIRST_LINE: &[u8] = b"age-encryption.org/v1\n";
/// Of a body: one for its recipient, some that mean nothing, and those of a plugin.
const MOST_STANZAS: usize = 32;
/// Of what a plugin says.
const MOST_SAID: usize = 300;

/// Somebody who can be let in: the public half of an age identity or of an SSH key.
pub struct Recipient {
    word: String,
    kind: RecipientKind,
}

enum RecipientKind {
    /// What this program seals to by itself.
    Own(Box<dyn age::Recipient + Send + Sync>),
    /// What a program of its own seals to.
    Plugin(plugin::Recipient),
}

/// Why a text is no recipient, or cannot be sealed to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecipientError {
    /// Not of the form at all.
    #[error("a recipient is age1..., ssh-ed25519 AAAA... or ssh-rsa AAAA...")]
    Form,
    /// A character is wrong.
    #[error("the recipient is mistyped or cut: {0}")]
    Mistyped(&'static str),
    /// An SSH key that age does not take.
    #[error("age takes SSH keys of type ssh-ed25519 and ssh-rsa, not {0}")]
    SshType(String),
    /// An RSA key that is too short or too long.
    #[error("an RSA key has 2048 to 4096 bits")]
    Modulus,
    /// A recipient of a later version of age.
    #[error("age1{0}1... is a recipient of a kind that this version cannot seal to")]
    Later(String),
    /// The text is an identity: it opens, and is nobody else's.
    #[error("this is an identity, which is secret: a recipient is its public half")]
    Secret,
    /// A plugin is not there, or failed.
    #[error("{0}")]
    Plugin(String),
    /// What the plugin made does not fit into a slot.
    #[error("the recipient's stanzas do not fit into a slot")]
    TooLong,
}

impl fmt::Debug for Recipient {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.word)
    }
}

impl Recipient {
    /// Reads a recipient as age and SSH write it, or as it stands in a slot; what follows an SSH
    /// key is its comment.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, RecipientError> {
        let text = text.trim_ascii();
        let parted = text.starts_with("ssh-").then(|| text.replacen('_', " ", 1));
        let mut words = parted.as_deref().unwrap_or(text).split_ascii_whitespace();
        let first = words.next().unwrap_or_default();
        if first.starts_with("age1") {
            return match words.next() {
                None => age_recipient(first),
                Some(_) => Err(RecipientError::Form),
            };
        }
        if first.starts_with("AGE-") || first.starts_with("-----BEGIN") {
            return Err(RecipientError::Secret);
        }
        let key = words.next().ok_or(RecipientError::Form)?;
        ssh_recipient(first, key)
    }

    /// The recipient as one word, as it stands in a slot.
    #[must_use]
    pub fn word(&self) -> &str {
        &self.word
    }

    /// The plugin that seals to it, where one is needed.
    #[must_use]
    pub fn plugin(&self) -> Option<&str> {
        match &self.kind {
            RecipientKind::Plugin(recipient) => Some(recipient.plugin()),
            RecipientKind::Own(_) => None,
        }
    }

    /// An age file that holds the data key; starts the plugin of a recipient that has one.
    pub(crate) fn seal(&self, data_key: &Key) -> Result<Vec<u8>, RecipientError> {
        let body = match &self.kind {
            RecipientKind::Own(recipient) => encrypted(recipient.as_ref(), data_key),
            RecipientKind::Plugin(recipient) => {
                let found = RecipientPluginV1::new(
                    recipient.plugin(),
                    std::slice::from_ref(recipient),
                    &[],
                    NoCallbacks,
                );
                let plugin = found.map_err(|error| RecipientError::Plugin(unresolved(&error)))?;
                encrypted(&plugin, data_key)
            }
        };
        let body = body.map_err(|error| match error {
            EncryptError::Plugin(errors) => {
                let told: Vec<_> = errors.iter().map(ToString::to_string).collect();
                RecipientError::Plugin(said(&told.join("; ")))
            }
            EncryptError::Io(_) => RecipientError::Plugin(died(self.plugin().unwrap_or_default())),
            _ => RecipientError::Form,
        })?;
        is_body(&body)
            .then_some(body)
            .ok_or(RecipientError::TooLong)
    }
}

fn age_recipient(text: &str) -> Result<Recipient, RecipientError> {
    let own = |recipient: Box<dyn age::Recipient + Send + Sync>, word: String| {
        let kind = RecipientKind::Own(recipient);
        Ok(Recipient { word, kind })
    };
    if let Ok(recipient) = text.parse::<age::x25519::Recipient>() {
        let word = recipient.to_string();
        return own(Box::new(recipient), word);
    }
    // Ahead of plugins, which these two look like.
    if let Ok(recipient) = text.parse::<age::tag::Recipient>() {
        let word = recipient.to_string();
        return own(Box::new(recipient), word);
    }
    if let Ok(recipient) = text.parse::<age::tagpq::Recipient>() {
        let word = recipient.to_string();
        return own(Box::new(recipient), word);
    }
    let recipient: plugin::Recipient = text
        .parse()
        .map_err(|_| RecipientError::Mistyped("its checksum is wrong"))?;
    let name = recipient.plugin();
    if matches!(name, "tag" | "tagpq") {
        return Err(RecipientError::Mistyped("it holds no public key"));
    }
    if name == "pq" {
        return Err(RecipientError::Later(name.to_owned()));
    }
    let word = text.to_owned();
    let kind = RecipientKind::Plugin(recipient);
    Ok(Recipient { word, kind })
}

fn ssh_recipient(kind: &str, key: &str) -> Result<Recipient, RecipientError> {
    let text = format!("{kind} {key}");
    let recipient = text
        .parse::<ssh::Recipient>()
        .map_err(|error| match error {
            ParseRecipientKeyError::RsaModulusTooLarge
            | ParseRecipientKeyError::RsaModulusTooSmall => RecipientError::Modulus,
            ParseRecipientKeyError::Unsupported(kind) => RecipientError::SshType(said(&kind)),
            _ if kind.starts_with("ssh-") => RecipientError::Mistyped("it is no SSH public key"),
            _ => RecipientError::Form,
        })?;
    // The crate reads no further than it must.
    if recipient.to_string() != text {
        return Err(RecipientError::Mistyped("it is no SSH public key"));
    }
    let word = ssh_word(&recipient);
    let kind = RecipientKind::Own(Box::new(recipient));
    Ok(Recipient { word, kind })
}

/// An SSH public key as one word.
pub(super) fn ssh_word(recipient: &ssh::Recipient) -> String {
    recipient.to_string().replacen(' ', "_", 1)
}

fn encrypted(recipient: &dyn age::Recipient, data_key: &Key) -> Result<Vec<u8>, EncryptError> {
    let encryptor = Encryptor::with_recipients(iter::once(recipient))?;
    let mut body = Vec::new();
    let mut writer = encryptor.wrap_output(&mut body)?;
    writer.write_all(data_key.bytes())?;
    writer.finish()?;
    Ok(body)
}

/// Whether a body can be an age file that is worth trying: of a binary form, and with few stanzas.
fn is_body(body: &[u8]) -> bool {
    let Some(rest) = body.strip_prefix(FIRST_LINE) else {
        return false;
    };
    let lines = rest.split(|&byte| byte == b'\n');
    let head = lines.take_while(|line| !line.starts_with(b"---"));
    let stanzas = head.filter(|line| line.starts_with(b"-> ")).count();
    (1..=MOST_STANZAS).contains(&stanzas)
}

/// The data key in a body that the identity opens; none where it is another's, or holds none.
pub(crate) fn open_body(
    body: &[u8],
    identity: &dyn age::Identity,
) -> Result<Option<Key>, DecryptError> {
    if !is_body(body) {
        return Ok(None);
    }
    let opened = (|| {
        let decryptor = Decryptor::new_buffered(body)?;
        // A passphrase's cost would be the file's to choose.
        if decryptor.is_scrypt() {
            return Ok(None);
        }
        let mut content = Zeroizing::new(Vec::with_capacity(Key::BYTES + 1));
        let reader = decryptor.decrypt(iter::once(identity))?;
        let most = Key::BYTES as u64 + 1;
        reader.take(most).read_to_end(&mut content)?;
        Ok(Key::from_bytes(&content).ok())
    })();
    match opened {
        Err(error @ (DecryptError::Plugin(_) | DecryptError::Io(_))) => Err(error),
        Err(_) => Ok(None),
        Ok(found) => Ok(found),
    }
}

/// The same with a plugin, which is started; its words where it failed.
pub(super) fn open_with_plugin(
    body: &[u8],
    identity: &plugin::Identity,
    asked: impl Callbacks,
) -> Result<Option<Key>, String> {
    let name = identity.plugin();
    let found = IdentityPluginV1::new(name, std::slice::from_ref(identity), asked);
    let plugin = found.map_err(|error| unresolved(&error))?;
    open_body(body, &plugin).map_err(|error| match error {
        DecryptError::Plugin(errors) => {
            let told: Vec<_> = errors.iter().map(ToString::to_string).collect();
            said(&told.join("; "))
        }
        _ => died(name),
    })
}

fn died(plugin: &str) -> String {
    format!("the program age-plugin-{plugin} ended before it was done")
}

fn unresolved(error: &ResolveError) -> String {
    match error {
        ResolveError::MissingPlugin { binary_name } => {
            format!("the program {binary_name} is not on the path")
        }
        _ => "the plugin has no valid name".to_owned(),
    }
}

/// Somebody else's words, on one line of bounded length and without what moves a cursor.
pub(super) fn said(text: &str) -> String {
    let shown = text
        .chars()
        .map(|each| if each.is_whitespace() { ' ' } else { each });
    // Marks of direction are no control characters.
    let is_mark = |each: char| ('\u{2066}'..='\u{2069}').contains(&each);
    let shown: String = shown
        .filter(|&each| !each.is_control() && !is_mark(each))
        .take(MOST_SAID)
        .collect();
    shown.split_whitespace().collect::<Vec<_>>().join(" ")
}
