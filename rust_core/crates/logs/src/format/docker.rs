//! Docker's json-file: messages of more than 16 KiB are cut, and only the last part ends with an
//! end of line.

/// The least a part that is not the last has, in bytes.
const LEAST: usize = 16 << 10;
/// How far from its end a line is searched for the stream.
const LONGEST_END: usize = 400;
const OPENS: &[u8] = b"{\"log\":\"";

/// The number of the stream that a line names and where its text ends.
pub(crate) fn stream(line: &[u8]) -> Option<(usize, usize)> {
    if !line.starts_with(OPENS) {
        return None;
    }
    let start = line.len().saturating_sub(LONGEST_END).max(OPENS.len());
    let mark = b"\",\"stream\":\"std";
    let end = start + memchr::memmem::rfind(line.get(start..)?, mark)?;
    match line.get(end + mark.len()..)?.first()? {
        b'o' => Some((0, end)),
        b'e' => Some((1, end)),
        _ => None,
    }
}

/// Whether the text goes on in a later line of the stream.
pub(crate) fn is_partial(line: &[u8]) -> bool {
    line.len() >= LEAST && stream(line).is_some_and(|(_, end)| !line[..end].ends_with(b"\\n"))
}

/// The texts behind a partial one, up to the last of its stream.
pub(crate) fn parts(line: &[u8], rest: &[u8], out: &mut Vec<u8>) {
    let own = stream(line).map(|(number, _)| number);
    for line in rest.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let Some((number, end)) = stream(line) else {
            return;
        };
        if Some(number) == own {
            out.extend_from_slice(&line[OPENS.len()..end]);
            if !is_partial(line) {
                return;
            }
        }
    }
}
