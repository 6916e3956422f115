//! Sealed data of docs/vault-format.md: what `SecureVault` makes and opens.

use std::fs::File;
use std::io::ErrorKind;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64};

use super::atomic::{Existing, Readers, replace};
use super::{Course, Key, KeyError, SealError, chunks, files, message_length, sealed_length};

const MAGIC: &[u8; 4] = b"COV1";
const PURPOSE: &str = "code-ops/vault/v1/data";

/// Seals and opens data and files with one key.
#[derive(Debug)]
pub struct SecureVault {
    key: Key,
}

impl SecureVault {
    /// A vault of this key.
    ///
    /// # Errors
    ///
    /// The system gives no memory.
    pub fn new(key: &Key) -> Result<Self, KeyError> {
        let key = key.derive(PURPOSE)?;
        Ok(Self { key })
    }

    /// How long the sealed form of so much data is; none where it is too much.
    #[must_use]
    pub fn sealed_length(data: usize) -> Option<usize> {
        let sealed = sealed_length(data as u64)?;
        usize::try_from(sealed).ok()?.checked_add(MAGIC.len())
    }

    /// How long the data in a sealed form of this length is; none where there is no such form.
    #[must_use]
    pub fn data_length(sealed: usize) -> Option<usize> {
        let chunks = sealed.checked_sub(MAGIC.len())?;
        usize::try_from(message_length(chunks as u64)?).ok()
    }

    /// Seals data; `out` has `sealed_length`.
    ///
    /// # Errors
    ///
    /// The system gives no random bytes, or there is too much data.
    pub fn encrypt(&self, data: &[u8], context: &[u8], out: &mut [u8]) -> Result<(), SealError> {
        let (magic, sealed) = out.split_first_chunk_mut().ok_or(SealError::TooLong)?;
        *magic = *MAGIC;
        chunks::seal(&self.key, &bound(context), data, sealed)
    }

    /// Opens data; `out` has `data_length`.
    ///
    /// # Errors
    ///
    /// One for all: another key, another context, changed data.
    pub fn decrypt(&self, sealed: &[u8], context: &[u8], out: &mut [u8]) -> Result<(), SealError> {
        let sealed = sealed.strip_prefix(MAGIC).ok_or(SealError::Unopened)?;
        chunks::open(&self.key, &bound(context), sealed, out)
    }

    /// Seals a file into another, which appears when it is whole; they may be the same.
    ///
    /// # Errors
    ///
    /// Reading or writing fails, the file changes meanwhile, or the work is cancelled.
    pub fn encrypt_file(
        &self,
        source: &Path,
        target: &Path,
        context: &[u8],
        threads: usize,
        cancelled: &AtomicBool,
    ) -> Result<u64, SealError> {
        let input = File::open(source).map_err(SealError::Read)?;
        replace(target, Readers::All, Existing::Replace, |output| {
            output.write_all_at(MAGIC, 0).map_err(SealError::Write)?;
            let to = (output, MAGIC.len() as u64);
            let sealed = files::seal_file(
                &self.key,
                &bound(context),
                (&input, 0),
                to,
                threads,
                &Course::new(cancelled, &AtomicU64::new(0)),
            )?;
            Ok(sealed + MAGIC.len() as u64)
        })
    }

    /// Opens a file into another, which appears when all of it has verified, for its owner alone
    /// where it is new; they may be the same.
    ///
    /// # Errors
    ///
    /// As `encrypt_file`, and whatever keeps it from opening.
    pub fn decrypt_file(
        &self,
        source: &Path,
        target: &Path,
        context: &[u8],
        threads: usize,
        cancelled: &AtomicBool,
    ) -> Result<u64, SealError> {
        let input = File::open(source).map_err(SealError::Read)?;
        let mut magic = [0; MAGIC.len()];
        input.read_exact_at(&mut magic, 0).map_err(|error| {
            if error.kind() == ErrorKind::UnexpectedEof {
                SealError::Unopened
            } else {
                SealError::Read(error)
            }
        })?;
        if magic != *MAGIC {
            return Err(SealError::Unopened);
        }
        replace(target, Readers::Owner, Existing::Replace, |output| {
            let from = (&input, MAGIC.len() as u64);
            files::open_file(
                &self.key,
                &bound(context),
                from,
                (output, 0),
                threads,
                &Course::new(cancelled, &AtomicU64::new(0)),
            )
        })
    }
}

fn bound(context: &[u8]) -> Vec<u8> {
    [PURPOSE.as_bytes(), &[0], context].concat()
}
