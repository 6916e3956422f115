//! Reading of files, compressed ones too. The bytes after decompression count against the limit.

use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::Path;

use thiserror::Error;

/// Why a file gives no bytes.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FileError {
    /// The system refuses.
    #[error("{}", lowered(.0))]
    Io(#[from] io::Error),
    /// What follows the mark of a compressed file is none.
    #[error("damaged {format} data: {reason}")]
    Damaged {
        /// `gzip` or `zstd`.
        format: &'static str,
        /// In the words of the decoder.
        reason: String,
    },
    /// More bytes than allowed.
    #[error("input is longer than {limit} bytes (limit input_bytes)")]
    TooLong {
        /// The limit.
        limit: u64,
    },
}

fn lowered(error: &io::Error) -> String {
    // The number in brackets helps nobody who reads the words before it.
    let text = error.to_string();
    text.split(" (os error")
        .next()
        .unwrap_or(&text)
        .to_lowercase()
}

const GZIP: [u8; 2] = [0x1F, 0x8B];
const ZSTD: [u8; 4] = [0x28, 0xB5, 0x2F, 0xFD];

/// The bytes of a file; those of gzip and zstd files decompressed, told by their first bytes.
///
/// # Errors
/// See [`FileError`].
pub fn read(path: &Path, limit: u64) -> Result<Vec<u8>, FileError> {
    let mut file = File::open(path)?;
    if file.metadata()?.is_dir() {
        return Err(io::Error::from(io::ErrorKind::IsADirectory).into());
    }
    let size = file.metadata()?.len();
    if size > limit {
        return Err(FileError::TooLong { limit });
    }
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0) + 1);
    file.by_ref()
        .take(limit.saturating_add(1))
        .read_to_end(&mut bytes)?;
    decompressed(bytes, limit)
}

/// The bytes themselves, or what is in them when they are a gzip or zstd file.
///
/// # Errors
/// See [`FileError`].
pub fn decompressed(bytes: Vec<u8>, limit: u64) -> Result<Vec<u8>, FileError> {
    if bytes.starts_with(&GZIP) {
        let decoder = flate2::read::MultiGzDecoder::new(bytes.as_slice());
        return drain(decoder, "gzip", limit);
    }
    if bytes.starts_with(&ZSTD) {
        return zstd(&bytes, limit);
    }
    if u64::try_from(bytes.len()).is_ok_and(|length| length > limit) {
        return Err(FileError::TooLong { limit });
    }
    Ok(bytes)
}

/// A zstd file is a chain of frames.
fn zstd(bytes: &[u8], limit: u64) -> Result<Vec<u8>, FileError> {
    let mut rest = Cursor::new(bytes);
    let mut text = Vec::new();
    while usize::try_from(rest.position()).is_ok_and(|at| at < bytes.len()) {
        let damaged = |error: &dyn std::fmt::Display| FileError::Damaged {
            format: "zstd",
            reason: error.to_string(),
        };
        let left = limit - text.len() as u64;
        let decoder =
            ruzstd::decoding::StreamingDecoder::new(&mut rest).map_err(|error| damaged(&error))?;
        text.extend(drain(decoder, "zstd", left).map_err(|error| match error {
            FileError::TooLong { .. } => FileError::TooLong { limit },
            other => other,
        })?);
    }
    Ok(text)
}

fn drain(decoder: impl Read, format: &'static str, limit: u64) -> Result<Vec<u8>, FileError> {
    let mut text = Vec::new();
    decoder
        .take(limit.saturating_add(1))
        .read_to_end(&mut text)
        .map_err(|error| FileError::Damaged {
            format,
            reason: error.to_string(),
        })?;
    if text.len() as u64 > limit {
        return Err(FileError::TooLong { limit });
    }
    Ok(text)
}
