//! A text in one style: indentation, spaces and empty lines anew, everything else as it is.
//!
//! Comments, anchors, tags, quotes and the order of keys stay. The new text is read again: it must
//! have the same events and the same comments.

pub(crate) mod builder;
mod json;
pub(crate) mod node;
pub(crate) mod print;
pub(crate) mod scalar;

use std::convert::Infallible;
use std::hash::{BuildHasher, Hasher};

use foldhash::quality::{FixedState, FoldHasher};
use thiserror::Error;

use builder::Builder;

use crate::digest::hash_event;
use crate::error::{ParseError, SyntaxError};
use crate::event::{Event, EventSink, Span};
use crate::limits::Limits;
use crate::source::Source;

/// Where sequences in mappings stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sequences {
    /// Deeper than their key.
    #[default]
    Indent,
    /// Below their key's first letter.
    Flush,
}

/// How a text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Spaces for each collection in a mapping, from 2 to 8.
    pub indent: usize,
    /// Of blocks.
    pub sequences: Sequences,
}

impl Default for Style {
    fn default() -> Self {
        Self {
            indent: 2,
            sequences: Sequences::default(),
        }
    }
}

/// What a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// A stream of documents.
    Yaml,
    /// One value.
    Json,
}

/// Why a text has no new form.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FormatError {
    /// It is no YAML or JSON, or past a limit.
    #[error(transparent)]
    Syntax(#[from] Box<SyntaxError>),
    /// Only UTF-8 is written.
    #[error("the text is in UTF-16 or UTF-32, and only UTF-8 is formatted: convert it first")]
    Encoding,
    /// The new form would say something else.
    #[error(
        "the text would not say the same in the new form, which is a defect: it stays as it is"
    )]
    Check,
}

const MARK: &[u8] = b"\xEF\xBB\xBF";

/// The text in the style; with its byte order mark, and lines that end as its first one does.
///
/// # Errors
/// See [`FormatError`].
pub fn format(
    bytes: &[u8],
    language: Language,
    style: Style,
    limits: &Limits,
) -> Result<Vec<u8>, FormatError> {
    let is_wide = bytes.iter().take(4).any(|byte| *byte == 0);
    if is_wide || bytes.starts_with(&[0xFE, 0xFF]) || bytes.starts_with(&[0xFF, 0xFE]) {
        return Err(FormatError::Encoding);
    }
    let source = Source::decode(bytes, limits).map_err(Box::new)?;
    let (new, meaning) = match language {
        Language::Yaml => {
            let mut builder = Builder::new(source.text());
            built(source.parse(limits, &mut builder))?;
            (print::print(&builder.stream, style), builder.digest())
        }
        Language::Json => {
            let mut writer = json::Writer::new(source.text(), style.indent);
            built(source.parse_json(limits, &mut writer))?;
            writer.out.push('\n');
            (writer.out, (digest_json(&source, limits)?, 0))
        }
    };
    let new = with_breaks_of(source.text(), new);
    if meaning_of(&new, language, limits) != Some(meaning) {
        return Err(FormatError::Check);
    }
    let mark = if bytes.starts_with(MARK) { MARK } else { b"" };
    Ok([mark, new.as_bytes()].concat())
}

fn meaning_of(text: &str, language: Language, limits: &Limits) -> Option<(u64, u64)> {
    let source = Source::of_text(text, limits).ok()?;
    match language {
        Language::Yaml => {
            let mut builder = Builder::new(source.text());
            source.parse(limits, &mut builder).ok()?;
            Some(builder.digest())
        }
        Language::Json => Some((digest_json(&source, limits).ok()?, 0)),
    }
}

fn digest_json(source: &Source<'_>, limits: &Limits) -> Result<u64, FormatError> {
    struct Digest(FoldHasher<'static>);

    impl EventSink for Digest {
        type Error = Infallible;

        fn event(&mut self, event: Event<'_>, _: Span) -> Result<(), Infallible> {
            hash_event(&event, &mut self.0);
            Ok(())
        }
    }

    static STATE: FixedState = FixedState::with_seed(0);
    let mut digest = Digest(STATE.build_hasher());
    built(source.parse_json(limits, &mut digest))?;
    Ok(digest.0.finish())
}

fn built(parsed: Result<(), ParseError<Infallible>>) -> Result<(), FormatError> {
    parsed.map_err(|error| match error {
        ParseError::Syntax(error) => FormatError::Syntax(error),
        ParseError::Sink(never) => match never {},
    })
}

fn with_breaks_of(text: &str, new: String) -> String {
    let first = memchr::memchr(b'\n', text.as_bytes());
    if first.is_some_and(|at| text[..at].ends_with('\r')) {
        new.replace('\n', "\r\n")
    } else {
        new
    }
}
