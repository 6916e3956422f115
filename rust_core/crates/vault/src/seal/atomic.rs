//! Files that appear whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rustix::io::Errno;
use tempfile::{Builder, NamedTempFile};

use super::SealError;

/// Who may read a new file, before the umask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readers {
    /// Its owner alone.
    Owner,
    /// Everybody.
    All,
}

/// What becomes of a file that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// It stays, and that is an error.
    Keep,
    /// The new one takes its place.
    Replace,
}

/// Lets `write` fill a temporary file beside the target, which takes its place when all of it is
/// on the disk. After an error the target is as it was. A link's target is replaced, not the link;
/// a file that is there keeps its permissions.
///
/// # Errors
///
/// Those of `write`, EEXIST, and whatever keeps the file from being made.
pub fn replace<T>(
    target: &Path,
    readers: Readers,
    existing: Existing,
    write: impl FnOnce(&File) -> Result<T, SealError>,
) -> Result<T, SealError> {
    if existing == Existing::Keep && fs::symlink_metadata(target).is_ok() {
        return Err(SealError::Write(Errno::EXIST.into()));
    }
    let place = fs::canonicalize(target).unwrap_or_else(|_| target.to_owned());
    let folder = match place.parent() {
        Some(folder) if folder.as_os_str().is_empty() => PathBuf::from("."),
        Some(folder) => folder.to_owned(),
        None => return Err(SealError::Write(io::ErrorKind::IsADirectory.into())),
    };
    let temporary = temporary(&folder, readers).map_err(SealError::Write)?;
    let done = write(temporary.as_file())?;
    finish(temporary, &place, &folder, existing)?;
    Ok(done)
}

fn temporary(folder: &Path, readers: Readers) -> io::Result<NamedTempFile> {
    let mode = match readers {
        Readers::Owner => 0o600,
        Readers::All => 0o666,
    };
    // By hand, since the crate's own opening puts the temporary name into the system's error.
    Builder::new().prefix(".code-ops-").make_in(folder, |path| {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true).mode(mode);
        options.open(path)
    })
}

fn finish(
    temporary: NamedTempFile,
    place: &Path,
    folder: &Path,
    existing: Existing,
) -> Result<(), SealError> {
    let file = temporary.as_file();
    if existing == Existing::Replace
        && let Ok(before) = fs::metadata(place)
    {
        let kept = file.set_permissions(before.permissions());
        kept.map_err(SealError::Write)?;
    }
    file.sync_all().map_err(SealError::Write)?;
    match existing {
        Existing::Replace => temporary.persist(place),
        Existing::Keep => temporary.persist_noclobber(place),
    }
    .map_err(|failed| SealError::Write(failed.error))?;
    let folder = File::open(folder).and_then(|folder| folder.sync_all());
    folder.map_err(SealError::Write)
}
