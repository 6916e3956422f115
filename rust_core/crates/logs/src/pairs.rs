//! `key=value` within a message, as many programs write what an event is about.

/// The value behind a key in a message: quoted, or up to a blank or what parts a list.
pub(crate) fn value_of<'m>(message: &'m [u8], key: &[u8]) -> Option<&'m [u8]> {
    let mut from = 0;
    while let Some(found) = memchr::memmem::find(message.get(from..)?, key) {
        let start = from + found;
        let end = start + key.len();
        from = start + 1;
        let opens = start == 0 || PARTS.contains(&message[start - 1]);
        if opens && message.get(end) == Some(&b'=') {
            return value(&message[end + 1..]);
        }
    }
    None
}

/// What stands before a key and behind a value that has no quotes.
const PARTS: &[u8] = b" \t,;()[]{}";

fn value(text: &[u8]) -> Option<&[u8]> {
    let value = if let Some(quoted) = text.strip_prefix(b"\"") {
        &quoted[..memchr::memchr(b'"', quoted)?]
    } else {
        let end = text.iter().position(|byte| PARTS.contains(byte));
        &text[..end.unwrap_or(text.len())]
    };
    (!value.is_empty()).then_some(value)
}
