//! Files that appear whole or not at all.

use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Who may read a new file, before the umask.
#[derive(Clone, Copy)]
pub(super) enum Readers {
    Owner,
    All,
}

/// Lets `write` fill a temporary file beside the target, which takes its place when all of it is
/// on the disk. After an error the target is as it was. A link's target is replaced, not the link;
/// a file that is there keeps its permissions.
pub(super) fn replace<T, E: From<io::Error>>(
    target: &Path,
    readers: Readers,
    write: impl FnOnce(&File) -> Result<T, E>,
) -> Result<T, E> {
    let place = fs::canonicalize(target).unwrap_or_else(|_| target.to_owned());
    let folder = match place.parent() {
        Some(folder) if folder.as_os_str().is_empty() => PathBuf::from("."),
        Some(folder) => folder.to_owned(),
        None => return Err(io::Error::from(io::ErrorKind::IsADirectory).into()),
    };
    let mode = match readers {
        Readers::Owner => 0o600,
        Readers::All => 0o666,
    };
    let temporary = tempfile::Builder::new()
        .prefix(".code-ops-")
        .permissions(Permissions::from_mode(mode))
        .tempfile_in(&folder)?;
    let done = write(temporary.as_file())?;
    if let Ok(before) = fs::metadata(&place) {
        temporary.as_file().set_permissions(before.permissions())?;
    }
    temporary.as_file().sync_all()?;
    temporary.persist(&place).map_err(|failed| failed.error)?;
    File::open(folder)?.sync_all()?;
    Ok(done)
}
