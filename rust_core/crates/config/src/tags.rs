//! Tags: their scanning, the handles a document declares, and what a tag resolves to.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::cursor::{Cursor, is_blank, is_flow};
use crate::error::{Fault, Scan, SyntaxErrorKind};

const CORE_PREFIX: &str = "tag:yaml.org,2002:";

/// A tag as the prefix its handle stands for and the rest of it. The two are never joined while
/// parsing: a long prefix used a million times would cost its length each time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tag<'i> {
    prefix: &'i str,
    suffix: &'i str,
    escaped: bool,
}

impl<'i> Tag<'i> {
    /// The whole tag with its `%` escapes decoded: `!` when non-specific, `!local`, or a URI.
    #[must_use]
    pub fn resolved(&self) -> Cow<'i, str> {
        if self.escaped {
            let raw = [self.prefix, self.suffix].concat();
            return Cow::Owned(unescape(&raw).unwrap_or(raw));
        }
        if self.prefix.is_empty() {
            Cow::Borrowed(self.suffix)
        } else {
            Cow::Owned([self.prefix, self.suffix].concat())
        }
    }

    /// The name in the core namespace: `str` for `!!str` and `!<tag:yaml.org,2002:str>`.
    #[must_use]
    pub fn core_name(&self) -> Option<&'i str> {
        if self.escaped {
            None
        } else if self.prefix == CORE_PREFIX {
            Some(self.suffix)
        } else if self.prefix.is_empty() {
            self.suffix.strip_prefix(CORE_PREFIX)
        } else {
            None
        }
    }

    fn whole(text: &'i str) -> Self {
        Self {
            prefix: "",
            suffix: text,
            escaped: false,
        }
    }
}

/// The `%TAG` directives of one document.
#[derive(Default)]
pub(crate) struct Handles<'i> {
    // Handle to prefix, and whether the prefix has escapes: it is looked at once.
    declared: HashMap<&'i str, (&'i str, bool)>,
    pub(crate) list: Vec<(&'i str, &'i str)>,
}

impl<'i> Handles<'i> {
    /// False when the handle was declared before.
    pub(crate) fn declare(&mut self, handle: &'i str, prefix: &'i str) -> bool {
        self.list.push((handle, prefix));
        self.declared
            .insert(handle, (prefix, prefix.contains('%')))
            .is_none()
    }

    fn prefix(&self, handle: &str) -> Option<(&'i str, bool)> {
        let declared = if self.declared.is_empty() {
            None
        } else {
            self.declared.get(handle).copied()
        };
        declared.or(match handle {
            "!" => Some(("!", false)),
            "!!" => Some((CORE_PREFIX, false)),
            _ => None,
        })
    }
}

/// Decodes `%41` and the like; `None` when the bytes are not UTF-8 or an escape is cut off.
pub(crate) fn unescape(raw: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(raw.len());
    let mut rest = raw.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        if *first == b'%' {
            let high = char::from(*tail.first()?).to_digit(16)?;
            let low = char::from(*tail.get(1)?).to_digit(16)?;
            bytes.push(u8::try_from(high * 16 + low).ok()?);
            rest = &tail[2..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).ok()
}

pub(crate) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-'
}

pub(crate) fn is_uri(byte: u8) -> bool {
    is_word(byte) || b"%#;/?:@&=+$,_.!~*'()[]".contains(&byte)
}

/// A character of a shorthand's name: those that could be a handle or a flow indicator are out.
pub(crate) fn is_tag_character(byte: u8) -> bool {
    is_uri(byte) && byte != b'!' && !is_flow(byte)
}

impl<'i> Cursor<'i> {
    /// Reads the tag at the cursor, which stands on `!`.
    pub(crate) fn tag(&mut self, handles: &Handles<'i>, in_flow: bool) -> Scan<Tag<'i>> {
        let start = self.pos;
        let tag = if self.byte(start + 1) == b'<' {
            self.verbatim_tag()?
        } else {
            self.shorthand_tag(handles)?
        };
        let next = self.peek();
        if !(is_blank(next) || in_flow && is_flow(next)) {
            return Err(Fault::new(SyntaxErrorKind::Tag, start));
        }
        Ok(tag)
    }

    fn verbatim_tag(&mut self) -> Scan<Tag<'i>> {
        let start = self.pos;
        self.pos += 2;
        let from = self.pos;
        self.skip_while(is_uri);
        let uri = &self.text[from..self.pos];
        // Specification 6.9.1: neither the bare `!` nor something that is no URI and not local.
        let first = uri.as_bytes().first().copied().unwrap_or(0);
        let is_valid = if first == b'!' {
            uri.len() > 1
        } else {
            first != 0 && has_scheme(uri)
        };
        if self.peek() != b'>' || !is_valid || uri.contains('%') && unescape(uri).is_none() {
            return Err(Fault::new(SyntaxErrorKind::Tag, start));
        }
        self.pos += 1;
        Ok(Tag::whole(uri))
    }

    fn shorthand_tag(&mut self, handles: &Handles<'i>) -> Scan<Tag<'i>> {
        let start = self.pos;
        self.pos += 1;
        self.skip_while(is_word);
        if self.peek() == b'!' {
            self.pos += 1;
        } else {
            self.pos = start + 1;
        }
        let handle = &self.text[start..self.pos];
        let from = self.pos;
        self.skip_while(is_tag_character);
        let suffix = &self.text[from..self.pos];
        if suffix.is_empty() {
            let invalid = || Fault::new(SyntaxErrorKind::Tag, start);
            return if handle == "!" {
                Ok(Tag::whole(handle))
            } else {
                Err(invalid())
            };
        }
        let (prefix, escaped) = handles.prefix(handle).ok_or_else(|| {
            Fault::new(
                SyntaxErrorKind::UndefinedHandle {
                    handle: handle.to_owned(),
                },
                start,
            )
        })?;
        if suffix.contains('%') && unescape(suffix).is_none() {
            return Err(Fault::new(SyntaxErrorKind::Tag, from));
        }
        Ok(Tag {
            prefix,
            suffix,
            escaped: suffix.contains('%') || escaped,
        })
    }
}

fn has_scheme(uri: &str) -> bool {
    let (scheme, _) = uri.split_once(':').unwrap_or(("", ""));
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}
