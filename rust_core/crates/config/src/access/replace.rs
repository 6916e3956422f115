//! A file that changes whole or not at all, whenever the program is ended.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::error::AccessError;
use crate::files::FileError;

const TRIES: u32 = 100;

/// A file as it was when it was read.
#[derive(Debug)]
pub struct Original {
    path: PathBuf,
    metadata: Metadata,
}

impl Original {
    /// Reads a file whole; a link leads to its file.
    ///
    /// # Errors
    /// What the system says, a file that is none, one longer than the limit.
    pub fn read(path: &Path, limit: u64) -> Result<(Self, Vec<u8>), AccessError> {
        let path = fs::canonicalize(path).map_err(FileError::from)?;
        let metadata = fs::metadata(&path).map_err(FileError::from)?;
        if !metadata.is_file() {
            return Err(AccessError::value(
                "only regular files are changed in place",
            ));
        }
        if metadata.len() > limit {
            return Err(FileError::TooLong { limit }.into());
        }
        // The size is known: growing step by step would take more than the file's.
        let bytes = fs::read(&path).map_err(FileError::from)?;
        if bytes.starts_with(&[0x1F, 0x8B]) || bytes.starts_with(&[0x28, 0xB5, 0x2F, 0xFD]) {
            return Err(AccessError::value(
                "compressed files are read but not changed",
            ));
        }
        Ok((Self { path, metadata }, bytes))
    }

    /// Puts the bytes in its place: a temporary file beside it that is written to the disk and
    /// then takes its name, with its permissions and, where the system lets it, its owner.
    ///
    /// # Errors
    /// What the system says, and [`AccessError::Changed`]; the file is then as it was.
    pub fn replace(&self, bytes: &[u8]) -> Result<(), AccessError> {
        let (temporary, file) = self.temporary().map_err(FileError::from)?;
        let written = self.write(file, bytes, &temporary);
        if written.is_err() {
            // Nothing is lost if it stays.
            let _ = fs::remove_file(&temporary);
        }
        written
    }

    fn write(&self, mut file: File, bytes: &[u8], temporary: &Path) -> Result<(), AccessError> {
        let write = |file: &mut File| -> io::Result<()> {
            file.write_all(bytes)?;
            #[cfg(unix)]
            {
                use std::os::unix::fs::{MetadataExt, fchown};
                // Before the permissions, which a new owner may take away.
                let _ = fchown(&*file, Some(self.metadata.uid()), Some(self.metadata.gid()));
            }
            file.set_permissions(self.metadata.permissions())?;
            file.sync_all()
        };
        write(&mut file).map_err(FileError::from)?;
        if !self.is_unchanged() {
            return Err(AccessError::Changed);
        }
        fs::rename(temporary, &self.path).map_err(FileError::from)?;
        if let Some(folder) = self.path.parent() {
            // The new name itself; not every system can.
            let _ = File::open(folder).and_then(|folder| folder.sync_all());
        }
        Ok(())
    }

    fn is_unchanged(&self) -> bool {
        fs::metadata(&self.path).is_ok_and(|now| {
            now.len() == self.metadata.len() && now.modified().ok() == self.metadata.modified().ok()
        })
    }

    fn temporary(&self) -> io::Result<(PathBuf, File)> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        let mut number = 0;
        loop {
            let name = format!(".code-ops-{}-{number}", std::process::id());
            let path = folder.join(name);
            let mut options = OpenOptions::new();
            options.write(true).create_new(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            match options.open(&path) {
                Ok(file) => return Ok((path, file)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && number < TRIES => {
                    number += 1;
                }
                Err(error) => return Err(error),
            }
        }
    }
}
