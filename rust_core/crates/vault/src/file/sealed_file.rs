//! Sealed files with slots: a head as of vaults, an empty line, and the sealed content.
//!
//! Owns reading the head within limits, and where content comes from and goes to: a path, or a
//! pipe that is open. Through paths the content goes at its places, through pipes in its order.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::FileTypeExt;
use std::path::Path;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags, open};

use super::head::{FileKind, Head};
use super::lines::{FormatError, FormatProblem, Lines, SLOT_TOO_LONG, TOO_MANY_SLOTS, plain};
use super::opened::{VaultError, add_slot};
use super::slot::{Credential, NewSlot};
use super::unlock::unlock;
use super::{MOST_HEAD_BYTES, MOST_SLOT_BYTES, MOST_SLOTS};
use crate::passwords::Limits;
use crate::seal::{
    Course, Existing, Key, Readers, SealError, fill, open_file, open_pipe, replace,
    seal_file as seal_at, seal_pipe, write,
};

const PURPOSE: &str = "code-ops/vault/v1/file";
const FIRST: &[u8] = b"code-ops-file/";
const NO_SEALED_FILE: FormatProblem =
    FormatProblem::Expected("`code-ops-file/1` as the first line: this is no sealed file");
const HEAD_TOO_LONG: FormatProblem = FormatProblem::Limit("a head of more than 8 MiB");
const NO_EMPTY_LINE: FormatProblem = FormatProblem::Expected("an empty line after the hmac");
const PIECE_BYTES: usize = 16_384;
/// How long a wait lasts at most before it is looked whether the work is to end.
const WAIT: Duration = Duration::from_millis(50);

/// Where content comes from.
#[derive(Debug)]
pub enum Source {
    /// A regular file, from its beginning.
    File(File),
    /// What an open descriptor still has.
    Stream(File),
}

/// Where content goes.
#[derive(Debug)]
pub enum Target<'a> {
    /// A file, which appears when it is whole.
    Path(&'a Path, Existing),
    /// An open descriptor; one that does not block is waited for.
    Stream(&'a File),
}

/// Seals content for everybody who has a slot; returns the bytes written.
///
/// # Errors
///
/// A label is none, there are no slots, reading or writing fails, or the work is cancelled.
pub fn seal_file(
    source: &Source,
    target: &Target<'_>,
    slots: &[(String, NewSlot<'_>)],
    threads: usize,
    course: &Course<'_>,
) -> Result<u64, VaultError> {
    if slots.is_empty() {
        return Err(VaultError::Slots("nothing would open it".to_owned()));
    }
    let mut head = Head::create(FileKind::File)?;
    let data_key = Key::random()?;
    for (label, new) in slots {
        add_slot(&mut head, label, new, &data_key)?;
    }
    let key = data_key.derive(PURPOSE)?;
    let context = context(&head);
    let text = head.text() + "\n";
    let written = match target {
        Target::Path(path, existing) => replace(path, Readers::All, *existing, |mut output| {
            let at = text.len() as u64;
            output
                .write_all(text.as_bytes())
                .map_err(SealError::Write)?;
            match source {
                Source::File(input) => {
                    seal_at(&key, &context, (input, 0), (output, at), threads, course)
                }
                Source::Stream(input) => {
                    seal_pipe(&key, &context, &mut Waiting(input), &mut output, course)
                }
            }
        }),
        Target::Stream(output) => {
            let mut output = Waiting(output);
            write(&mut output, text.as_bytes(), course).and_then(|()| {
                let (Source::File(input) | Source::Stream(input)) = source;
                seal_pipe(&key, &context, &mut Waiting(input), &mut output, course)
            })
        }
    };
    Ok(written? + text.len() as u64)
}

/// A sealed file whose head was read.
#[derive(Debug)]
pub struct SealedFile {
    head: Head,
    source: Source,
    /// How long the head is, with the empty line.
    start: u64,
    /// What was read of the content with the head.
    read: Vec<u8>,
}

impl SealedFile {
    /// Reads the head, and no more than it may have.
    ///
    /// # Errors
    ///
    /// Reading fails, or the first line that is not as the format has it.
    pub fn read(source: Source, course: &Course<'_>) -> Result<Self, VaultError> {
        let (Source::File(input) | Source::Stream(input)) = &source;
        let mut bytes = Vec::new();
        let end = end_of_head(&mut Waiting(input), &mut bytes, course)?;
        let head = parsed(&bytes[..end])?;
        let start = end + 1;
        Ok(Self {
            head,
            source,
            start: start as u64,
            read: bytes.split_off(start),
        })
    }

    /// Who can open it; not verified before `open` has come back.
    #[must_use]
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// Opens the content; returns its length. A stream gets what has verified, and has all of it
    /// only when this has come back without an error.
    ///
    /// # Errors
    ///
    /// No credential opens it, the head or the content is not what was sealed, reading or writing
    /// fails, or the work is cancelled.
    pub fn open(
        &self,
        credentials: &[Credential<'_>],
        limits: &Limits,
        target: &Target<'_>,
        threads: usize,
        course: &Course<'_>,
    ) -> Result<u64, VaultError> {
        let data_key = unlock(&self.head, credentials, limits)?;
        if !self.head.is_signed(&data_key)? {
            return Err(VaultError::Head);
        }
        let key = data_key.derive(PURPOSE)?;
        let opened = match (target, &self.source) {
            (Target::Path(path, existing), source) => {
                replace(path, Readers::Owner, *existing, |mut output| match source {
                    Source::File(input) => {
                        let from = (input, self.start);
                        open_file(
                            &key,
                            &context(&self.head),
                            from,
                            (output, 0),
                            threads,
                            course,
                        )
                    }
                    Source::Stream(input) => self.streamed(&key, input, &mut output, course),
                })
            }
            (Target::Stream(output), Source::File(input) | Source::Stream(input)) => {
                self.streamed(&key, input, &mut Waiting(output), course)
            }
        };
        opened.map_err(|error| match error {
            // The head has shown that the key is the right one.
            SealError::Unopened => VaultError::Content,
            other => other.into(),
        })
    }

    fn streamed(
        &self,
        key: &Key,
        input: &File,
        output: &mut impl Write,
        course: &Course<'_>,
    ) -> Result<u64, SealError> {
        let mut input = self.read.chain(Waiting(input));
        open_pipe(key, &context(&self.head), &mut input, output, course)
    }
}

/// A pipe opened once more so that it does not block, which others who have it do not notice:
/// where nobody reads, the work can still end. All else stays as it is.
///
/// # Errors
///
/// The system does not tell what it is.
pub fn not_blocking(output: File) -> io::Result<File> {
    if !output.metadata()?.file_type().is_fifo() {
        return Ok(output);
    }
    let path = format!("/dev/fd/{}", output.as_raw_fd());
    let again = open(
        path,
        OFlags::WRONLY | OFlags::NONBLOCK | OFlags::CLOEXEC,
        Mode::empty(),
    );
    Ok(again.map_or(output, File::from))
}

fn context(head: &Head) -> Vec<u8> {
    format!("{PURPOSE}\0{}", head.id).into_bytes()
}

/// Reads up to the empty line, and tells where that is. What breaks a limit is not read on.
fn end_of_head(
    input: &mut impl Read,
    bytes: &mut Vec<u8>,
    course: &Course<'_>,
) -> Result<usize, VaultError> {
    let (mut start, mut line) = (0, 1);
    let wrong = |line, problem| Err(FormatError { line, problem }.into());
    loop {
        while let Some(length) = bytes[start..].iter().position(|&byte| byte == b'\n') {
            if length == 0 {
                return Ok(start);
            }
            // The one before is no hmac, and cannot be a slot.
            if line > MOST_SLOTS + 3 {
                return wrong(line - 1, TOO_MANY_SLOTS);
            }
            (start, line) = (start + length + 1, line + 1);
        }
        if !bytes.starts_with(&FIRST[..bytes.len().min(FIRST.len())]) {
            return wrong(1, NO_SEALED_FILE);
        }
        if bytes.len() - start > MOST_SLOT_BYTES {
            return wrong(line, SLOT_TOO_LONG);
        }
        if bytes.len() > MOST_HEAD_BYTES {
            return wrong(line, HEAD_TOO_LONG);
        }
        let before = bytes.len();
        bytes.resize(before + PIECE_BYTES, 0);
        let filled = fill(input, &mut bytes[before..], course)?;
        bytes.truncate(before + filled);
        if filled == 0 {
            parsed(bytes)?;
            return wrong(line, NO_EMPTY_LINE);
        }
    }
}

fn parsed(bytes: &[u8]) -> Result<Head, VaultError> {
    if !bytes.starts_with(FIRST) {
        let problem = NO_SEALED_FILE;
        return Err(FormatError { line: 1, problem }.into());
    }
    let mut lines = Lines::new(plain(bytes)?);
    let head = Head::parse(FileKind::File, &mut lines)?;
    if lines.next()?.is_some() {
        return Err(lines.wrong(NO_EMPTY_LINE).into());
    }
    Ok(head)
}

/// A descriptor whose turns end after a while with `Interrupted`, so that the work can end.
struct Waiting<'a>(&'a File);

impl Waiting<'_> {
    fn wait(&self, flags: PollFlags) -> io::Result<()> {
        let timeout = Timespec::try_from(WAIT).map_err(io::Error::other)?;
        let mut descriptors = [PollFd::new(self.0, flags)];
        match poll(&mut descriptors, Some(&timeout))? {
            0 => Err(ErrorKind::Interrupted.into()),
            _ => Ok(()),
        }
    }
}

impl Read for Waiting<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.wait(PollFlags::IN)?;
        let mut file = self.0;
        file.read(buffer).map_err(again)
    }
}

impl Write for Waiting<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.wait(PollFlags::OUT)?;
        let mut file = self.0;
        file.write(bytes).map_err(again)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Somebody else was faster: there is nothing to read, or no room, after all.
fn again(error: io::Error) -> io::Error {
    match error.kind() {
        ErrorKind::WouldBlock => ErrorKind::Interrupted.into(),
        _ => error,
    }
}
