//! sops: values sealed by AES-256-GCM with nonces of 32 bytes, under a data key that age seals.

use std::io::{Read, Write};

use aes_gcm::aead::consts::U32;
use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::aes::Aes256;
use aes_gcm::{AesGcm, Nonce};
use age::armor::{ArmoredReader, ArmoredWriter, Format};
use zeroize::Zeroizing;

use super::ForeignError;
use crate::file::{Identity, Recipient, open_body};
use crate::seal::Key;

type Cipher = AesGcm<Aes256, U32>;

/// Of an age file that holds a data key.
const MOST_ARMORED_BYTES: u64 = 65_536;
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
pub struct DataKey(Key);

impl DataKey {
    /// A new one, from the system.
    ///
    /// # Errors
    ///
    /// The system gives no random bytes, or no memory.
    pub fn random() -> Result<Self, ForeignError> {
        Ok(Self(Key::random()?))
    }

    /// The key in an armored age file; no plugin is asked.
    ///
    /// # Errors
    ///
    /// No identity opens it.
    pub fn open(armored: &[u8], identities: &[&Identity]) -> Result<Self, ForeignError> {
        let mut body = Vec::new();
        let mut reader = ArmoredReader::new(armored).take(MOST_ARMORED_BYTES);
        let read = reader.read_to_end(&mut body);
        read.map_err(|_| ForeignError::Unopened)?;
        let own = identities.iter().flat_map(|identity| identity.own());
        let opened = own.map(|identity| open_body(&body, identity).ok().flatten());
        let key = opened.flatten().next();
        key.map(Self).ok_or(ForeignError::Unopened)
    }

    /// The key in an armored age file to one recipient.
    ///
    /// # Errors
    ///
    /// The text is no recipient, or one of a plugin.
    pub fn seal(&self, recipient: &str) -> Result<String, ForeignError> {
        let recipient = Recipient::parse(recipient)?;
        if let Some(plugin) = recipient.plugin() {
            return Err(ForeignError::Plugin(plugin.to_owned()));
        }
        let body = recipient.seal(&self.0)?;
        let armored = || -> std::io::Result<Vec<u8>> {
            let mut writer = ArmoredWriter::wrap_output(Vec::new(), Format::AsciiArmor)?;
            writer.write_all(&body)?;
            writer.finish()
        };
        // Writing to memory does not fail, and armor is ASCII.
        let armored = armored().unwrap_or_default();
        Ok(String::from_utf8(armored).unwrap_or_default())
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
        Cipher::new(self.0.bytes().into())
    }
}
