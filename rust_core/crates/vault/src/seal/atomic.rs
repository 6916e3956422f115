//! Files that appear whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

use super::SealError;

/// Who may read a new file, before the umask.
#[derive(Clone, Copy)]
pub(super) enum Readers {
    Owner,
    All,
}

/// Lets `write` fill a temporary file beside the target, which takes its place when all of it is
/// on the disk. After an error the target is as it was. A link's target is replaced, not the link;
/// a file that is there keeps its permissions.
pub(super) fn replace<T>(
    target: &Path,
    readers: Readers,
    write: impl FnOnce(&File) -> Result<T, SealError>,
) -> Result<T, SealError> {
    let place = fs::canonicalize(target).unwrap_or_else(|_| target.to_owned());
    let folder = match place.parent() {
        Some(folder) if folder.as_os_str().is_empty() => PathBuf::from("."),
        Some(folder) => folder.to_owned(),
        None => return Err(SealError::Write(io::ErrorKind::IsADirectory.into())),
    };
    let temporary = temporary(&folder, readers).map_err(SealError::Write)?;
    let done = write(temporary.as_file())?;
    finish(temporary, &place, &folder).map_err(SealError::Write)?;
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

fn finish(temporary: NamedTempFile, place: &Path, folder: &Path) -> io::Result<()> {
    let file = temporary.as_file();
    if let Ok(before) = fs::metadata(place) {
        file.set_permissions(before.permissions())?;
    }
    file.sync_all()?;
    temporary.persist(place).map_err(|failed| failed.error)?;
    File::open(folder)?.sync_all()
}
