//! sops: values sealed by AES-256-GCM with nonces of 32 bytes, under a data key that age seals.

use std::io::{Read, Write};

use aes_gcm::aead::consts::U32;
use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::aes::Aes256;
use aes_gcm::{AesGcm, Nonce};
use age::armor::{ArmoredReader, ArmoredWriter, Format};
use age::{Decryptor, Encryptor, IdentityFile, Recipient, ssh, x25519};
use zeroize::Zeroizing;

use super::ForeignError;

type Cipher = AesGcm<Aes256, U32>;

/// Of a data key.
pub const KEY_BYTES: usize = 32;
/// Of a value's nonce.
pub const NONCE_BYTES: usize = 32;
/// Of a value's tag.
pub const TAG_BYTES: usize = 16;

/// A value that was sealed.
pub struct Sealed {
    /// New for each value.
    pub nonce: [u8; NONCE_BYTES],
    /// As long as the value.
    pub sealed: Vec<u8>,
    /// What verifies it and its place.
    pub tag: Vec<u8>,
}

/// A data key that opens and seals values.
pub struct DataKey(Zeroizing<[u8; KEY_BYTES]>);

impl DataKey {
    /// A new one, from the system.
    ///
    /// # Errors
    ///
    /// The system gives no random bytes.
    pub fn random() -> Result<Self, ForeignError> {
        let mut key = Zeroizing::new([0; KEY_BYTES]);
        getrandom::fill(key.as_mut_slice()).map_err(|_| ForeignError::NoRandomness)?;
        Ok(Self(key))
    }

    /// The key in an armored age file, for one of the identities in the texts: files of age, or SSH
    /// private keys that are not encrypted.
    ///
    /// # Errors
    ///
    /// There is no identity, or none opens it.
    pub fn open(armored: &[u8], identities: &[Zeroizing<Vec<u8>>]) -> Result<Self, ForeignError> {
        let mut found: Vec<Box<dyn age::Identity>> = Vec::new();
        for text in identities {
            read_identities(text, &mut found)?;
        }
        let file = Decryptor::new_buffered(ArmoredReader::new(armored));
        let file = file.map_err(|_| ForeignError::Unopened)?;
        let content = file.decrypt(found.iter().map(AsRef::as_ref));
        let content = content.map_err(|_| ForeignError::Unopened)?;
        let mut key = Zeroizing::new(Vec::with_capacity(KEY_BYTES + 1));
        let most = u64::try_from(KEY_BYTES + 1).unwrap_or_default();
        let read = content.take(most).read_to_end(&mut key);
        read.map_err(|_| ForeignError::Unopened)?;
        let key = <[u8; KEY_BYTES]>::try_from(key.as_slice());
        Ok(Self(Zeroizing::new(
            key.map_err(|_| ForeignError::Unopened)?,
        )))
    }

    /// The key in an armored age file to one recipient.
    ///
    /// # Errors
    ///
    /// The text is no recipient.
    pub fn seal(&self, recipient: &str) -> Result<String, ForeignError> {
        let no_recipient = || ForeignError::NoRecipient(recipient.to_owned());
        let own: Box<dyn Recipient> = match recipient.parse::<x25519::Recipient>() {
            Ok(own) => Box::new(own),
            Err(_) => Box::new(
                recipient
                    .parse::<ssh::Recipient>()
                    .map_err(|_| no_recipient())?,
            ),
        };
        let file = Encryptor::with_recipients(std::iter::once(own.as_ref()));
        let file = file.map_err(|_| no_recipient())?;
        let armored = || -> std::io::Result<Vec<u8>> {
            let writer = ArmoredWriter::wrap_output(Vec::new(), Format::AsciiArmor)?;
            let mut writer = file.wrap_output(writer)?;
            writer.write_all(self.0.as_slice())?;
            writer.finish()?.finish()
        };
        let armored = armored().map_err(|_| no_recipient())?;
        String::from_utf8(armored).map_err(|_| no_recipient())
    }

    /// A value; `context` is the path that it stands at.
    ///
    /// # Errors
    ///
    /// Another key or place, or not what was sealed.
    pub fn open_value(
        &self,
        nonce: &[u8],
        sealed: &[u8],
        tag: &[u8],
        context: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, ForeignError> {
        if nonce.len() != NONCE_BYTES || tag.len() != TAG_BYTES {
            return Err(ForeignError::Unopened);
        }
        let payload = Payload {
            msg: &[sealed, tag].concat(),
            aad: context,
        };
        let opened = self.cipher().decrypt(Nonce::from_slice(nonce), payload);
        opened
            .map(Zeroizing::new)
            .map_err(|_| ForeignError::Unopened)
    }

    /// A sealed value; `context` is the path that it will stand at.
    ///
    /// # Errors
    ///
    /// The system gives no random bytes.
    pub fn seal_value(&self, value: &[u8], context: &[u8]) -> Result<Sealed, ForeignError> {
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(|_| ForeignError::NoRandomness)?;
        let payload = Payload {
            msg: value,
            aad: context,
        };
        let sealed = self.cipher().encrypt(Nonce::from_slice(&nonce), payload);
        let mut sealed = sealed.map_err(|_| ForeignError::Unopened)?;
        let tag = sealed.split_off(value.len());
        Ok(Sealed { nonce, sealed, tag })
    }

    fn cipher(&self) -> Cipher {
        Cipher::new(self.0.as_slice().into())
    }
}

fn read_identities(
    text: &[u8],
    found: &mut Vec<Box<dyn age::Identity>>,
) -> Result<(), ForeignError> {
    if text.trim_ascii_start().starts_with(b"-----BEGIN ") {
        let identity = ssh::Identity::from_buffer(text, None);
        if let Ok(ssh::Identity::Unencrypted(key)) = identity {
            found.push(Box::new(ssh::Identity::from(key)));
            return Ok(());
        }
        return Err(ForeignError::NoIdentity);
    }
    let file = IdentityFile::from_buffer(text).map_err(|_| ForeignError::NoIdentity)?;
    let identities = file
        .into_identities()
        .map_err(|_| ForeignError::NoIdentity)?;
    if identities.is_empty() {
        return Err(ForeignError::NoIdentity);
    }
    for identity in identities {
        found.push(identity);
    }
    Ok(())
}
