//! How text is written so that every reader takes it for that text: YAML 1.2, and YAML 1.1 with its
//! many words and numbers.

use crate::resolve::{Resolved, Schema, resolve};
use crate::timestamp::timestamp;

/// Where a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Context {
    /// In a block collection or alone.
    Block,
    /// Within brackets or braces.
    Flow,
}

/// Whether text stays that text without quotes, for readers of YAML 1.1 and 1.2.
#[must_use]
pub fn is_plain(text: &str, context: Context) -> bool {
    has_plain_shape(text, context) && !has_meaning(text)
}

/// Whether some reader takes the plain scalar for something else than text.
#[must_use]
pub fn has_meaning(text: &str) -> bool {
    // PyYAML fails at `=` and at a number without digits, ruamel.yaml at `._`; older readers know
    // `y` and `n`.
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    matches!(text, "" | "=" | "<<" | "y" | "Y" | "n" | "N")
        || unsigned.starts_with("0b")
        || unsigned.starts_with("0x")
        || unsigned.starts_with("._")
        || resolve(text, Schema::Core) != Resolved::Text
        || resolve(text, Schema::Yaml11) != Resolved::Text
        || timestamp(text).is_some()
}

/// Whether the parser takes the text for one plain scalar of one line.
fn has_plain_shape(text: &str, context: Context) -> bool {
    let bytes = text.as_bytes();
    let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else {
        return false;
    };
    let is_indicator = match first {
        b'-' | b'?' | b':' => bytes.get(1).is_none_or(|next| b" ,[]{}".contains(next)),
        first => b" ,[]{}#&*!|>'\"%@`".contains(first),
    };
    if is_indicator
        || matches!(last, b' ' | b':')
        || text.starts_with("---")
        || text.starts_with("...")
    {
        return false;
    }
    let has_mark = bytes.windows(2).any(|pair| pair == b": " || pair == b" #");
    // PyYAML takes `?` for the end of a plain scalar there.
    let is_flow_safe =
        context == Context::Block || !bytes.iter().any(|byte| b",?[]{}".contains(byte));
    !has_mark && is_flow_safe && text.chars().all(|character| !needs_escape(character))
}

/// Characters that only double quotes can show, and line breaks of any reader.
#[must_use]
pub(crate) fn needs_escape(character: char) -> bool {
    matches!(
        character,
        '\0'..='\x1F' | '\x7F'..='\u{9F}' | '\u{2028}' | '\u{2029}' | '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}'
    )
}

/// First bytes of the characters that may stand in double quotes only as escapes.
static MAY_NEED_ESCAPE: [bool; 256] = {
    let mut table = [false; 256];
    let mut at = 0;
    while at < 0x20 {
        table[at] = true;
        at += 1;
    }
    let others = b"\"\\\x7F\xC2\xE2\xEF";
    at = 0;
    while at < others.len() {
        table[others[at] as usize] = true;
        at += 1;
    }
    table
};

/// Appends text in double quotes; also right as JSON but for what JSON has no name for.
pub fn push_quoted(out: &mut String, text: &str) {
    let bytes = text.as_bytes();
    out.push('"');
    // What needs no escape goes in one piece.
    let (mut from, mut at) = (0, 0);
    while let Some(count) = bytes[at..]
        .iter()
        .position(|byte| MAY_NEED_ESCAPE[usize::from(*byte)])
    {
        at += count;
        let Some(character) = text[at..].chars().next() else {
            break;
        };
        let end = at + character.len_utf8();
        if needs_escape(character) || matches!(character, '"' | '\\') {
            out.push_str(&text[from..at]);
            push_escape(out, character);
            from = end;
        }
        at = end;
    }
    out.push_str(&text[from..]);
    out.push('"');
}

fn push_escape(out: &mut String, character: char) {
    use std::fmt::Write;

    match character {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        character => {
            // A String takes everything.
            let _ = write!(out, "\\u{:04x}", u32::from(character));
        }
    }
}
