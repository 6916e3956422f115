//! Files: a sample from all over them finds their formats, then they are read as a stream.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::analyze::{Analysis, Options, analyze_stream};
use crate::unpack::is_packed;

/// The places of the sample and the bytes that are read at each.
const PLACES: u64 = 16;
const PIECE: u64 = 32 << 10;

/// Analyzes a file; missing years are told from its last change.
///
/// # Errors
///
/// Those of opening and reading; [`io::ErrorKind::Interrupted`] when it was cancelled.
pub fn analyze_file(path: &Path, options: &Options, cancel: &AtomicBool) -> io::Result<Analysis> {
    let mut file = File::open(path)?;
    let metadata = file.metadata()?;
    let mut options = options.clone();
    let mut sampled = Vec::new();
    if metadata.is_file() {
        options.changed = metadata.modified().map_or(options.changed, seconds);
        if metadata.len() > PLACES * PIECE && !starts_packed(&mut file)? {
            sampled = sample(&mut file, metadata.len())?;
        }
    }
    analyze_stream(file, &sampled, &options, cancel)
}

fn seconds(time: SystemTime) -> i64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| {
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
    })
}

fn starts_packed(file: &mut File) -> io::Result<bool> {
    let mut head = Vec::new();
    file.by_ref().take(8).read_to_end(&mut head)?;
    file.rewind()?;
    Ok(is_packed(&head))
}

/// Pieces of the file at the same distances, whole lines each.
fn sample(file: &mut File, length: u64) -> io::Result<Vec<u8>> {
    let mut sampled = Vec::new();
    let mut piece = Vec::new();
    for place in 0..PLACES {
        file.seek(SeekFrom::Start((length - PIECE) / (PLACES - 1) * place))?;
        piece.clear();
        file.by_ref().take(PIECE).read_to_end(&mut piece)?;
        let start = match place {
            0 => 0,
            _ => memchr::memchr(b'\n', &piece).map_or(piece.len(), |end| end + 1),
        };
        let end = memchr::memrchr(b'\n', &piece).map_or(0, |end| end + 1);
        if start < end {
            sampled.extend_from_slice(&piece[start..end]);
        }
    }
    file.rewind()?;
    Ok(sampled)
}
