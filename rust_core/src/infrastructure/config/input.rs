//! What the functions take: files, or bytes that were read.

use std::path::PathBuf;

use config::Limits;
use config::files::{FileError, decompressed, read};
use pyo3::prelude::*;

/// A file, or bytes that were read.
#[derive(FromPyObject)]
pub(crate) enum Input {
    #[pyo3(transparent)]
    Bytes(Vec<u8>),
    #[pyo3(transparent)]
    File(PathBuf),
}

impl Input {
    /// All bytes, those of compressed files decompressed.
    pub(super) fn bytes(self, limits: &Limits) -> Result<Vec<u8>, FileError> {
        match self {
            Self::Bytes(bytes) => decompressed(bytes, limits.input_bytes),
            Self::File(path) => read(&path, limits.input_bytes),
        }
    }
}
