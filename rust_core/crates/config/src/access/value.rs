//! The new value: what a text given by its type is, as the events it will be, and its spelling.

use std::convert::Infallible;

use super::error::AccessError;
use super::reader::Format;
use crate::emit::is_literal;
use crate::{
    Collection, Context, Emitter, Event, EventSink, Limits, ParseError, Resolved, ScalarStyle,
    Schema, Source, Span, is_plain, push_quoted, resolve,
};

/// What the text of a new value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueType {
    /// Text where a quoted text is replaced; else as a plain scalar reads.
    Auto,
    /// Text.
    String,
    /// A whole number.
    Integer,
    /// A number.
    Float,
    /// `true` or `false`.
    Boolean,
    /// `null`; the text says nothing.
    Null,
    /// Any value, as JSON.
    Json,
}

/// A step of a new value; keys and values in turn within a mapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Open(Collection),
    Close(Collection),
    Text(String),
    /// A number, a boolean or null, as it is written.
    Word(String),
}

/// The parts of a text of this type, in the place of an old scalar of this style.
pub(crate) fn parts(
    text: &str,
    kind: ValueType,
    format: Format,
    old: Option<ScalarStyle>,
) -> Result<Vec<Part>, AccessError> {
    let schema = match format {
        Format::Yaml => Schema::Core,
        Format::Json => Schema::Json,
    };
    let meaning = resolve(text, schema);
    let is_right = match kind {
        ValueType::Json => return json(text),
        ValueType::String => false,
        ValueType::Null => return Ok(vec![Part::Word("null".to_owned())]),
        ValueType::Auto => {
            let was_quoted = old.is_some_and(|style| style != ScalarStyle::Plain);
            let is_text = text.is_empty() || was_quoted || meaning == Resolved::Text;
            !is_text && is_finite(meaning, format)
        }
        ValueType::Integer => matches!(meaning, Resolved::Integer(_)),
        ValueType::Float => {
            matches!(meaning, Resolved::Float(_) | Resolved::Integer(_))
                && is_finite(meaning, format)
        }
        ValueType::Boolean => matches!(meaning, Resolved::Bool(_)),
    };
    let (name, example) = match kind {
        ValueType::Integer => ("integer", "8080"),
        ValueType::Float => ("float", "0.5"),
        ValueType::Boolean => ("boolean", "true"),
        _ => ("", ""),
    };
    if is_right {
        Ok(vec![Part::Word(text.to_owned())])
    } else if name.is_empty() {
        Ok(vec![Part::Text(text.to_owned())])
    } else {
        let shown: String = text.chars().take(60).collect();
        let problem = format!("`{shown}` is no {name}, such as {example}");
        Err(AccessError::request(problem))
    }
}

fn is_finite(meaning: Resolved<'_>, format: Format) -> bool {
    format == Format::Yaml || !matches!(meaning, Resolved::Float(value) if !value.is_finite())
}

#[derive(Default)]
struct Parts {
    parts: Vec<Part>,
}

impl EventSink for Parts {
    type Error = Infallible;

    fn event(&mut self, event: Event<'_>, _: Span) -> Result<(), Infallible> {
        let part = match event {
            Event::MappingStart { .. } => Part::Open(Collection::Mapping),
            Event::SequenceStart { .. } => Part::Open(Collection::Sequence),
            Event::MappingEnd => Part::Close(Collection::Mapping),
            Event::SequenceEnd => Part::Close(Collection::Sequence),
            Event::Scalar {
                value,
                style: ScalarStyle::DoubleQuoted,
                ..
            } => Part::Text(value.into_owned()),
            Event::Scalar { value, .. } => Part::Word(value.into_owned()),
            _ => return Ok(()),
        };
        self.parts.push(part);
        Ok(())
    }
}

fn json(text: &str) -> Result<Vec<Part>, AccessError> {
    let limits = Limits::default();
    let mut parts = Parts::default();
    let parsed = Source::of_text(text, &limits).map_err(ParseError::from);
    let parsed = parsed.and_then(|source| source.parse_json(&limits, &mut parts));
    match parsed {
        Ok(()) => Ok(parts.parts),
        Err(ParseError::Syntax(error)) => Err(AccessError::request(format!(
            "the value is no JSON: {error}"
        ))),
        Err(ParseError::Sink(never)) => match never {},
    }
}

/// Text as a scalar on one line, in the style of the old one where that can be.
pub(crate) fn inline(
    text: &str,
    format: Format,
    context: Context,
    old: Option<ScalarStyle>,
) -> String {
    let has_odd = text.chars().any(crate::plain_text::needs_escape);
    if format == Format::Yaml && !has_odd {
        if old == Some(ScalarStyle::SingleQuoted) {
            return format!("'{}'", text.replace('\'', "''"));
        }
        if old != Some(ScalarStyle::DoubleQuoted) && is_plain(text, context) {
            return text.to_owned();
        }
    }
    let mut out = String::with_capacity(text.len() + 2);
    push_quoted(&mut out, text);
    out
}

/// Whether the value is a text that stands as a literal block where blocks may stand.
pub(crate) fn is_block_text(parts: &[Part]) -> bool {
    matches!(parts, [Part::Text(text)] if is_literal(text))
}

/// The parts on one line.
pub(crate) fn flow(parts: &[Part], format: Format) -> String {
    let mut out = String::new();
    // For each open collection what it is, and how many parts it has so far.
    let mut open: Vec<(Collection, usize)> = Vec::new();
    for part in parts {
        if let Part::Close(kind) = part {
            open.pop();
            out.push(if *kind == Collection::Mapping {
                '}'
            } else {
                ']'
            });
            continue;
        }
        if let Some((kind, count)) = open.last_mut() {
            let is_value = *kind == Collection::Mapping && *count % 2 == 1;
            out.push_str(match (is_value, *count) {
                (true, _) => ": ",
                (false, 0) => "",
                (false, _) => ", ",
            });
            *count += 1;
        }
        match part {
            Part::Open(kind) => {
                open.push((*kind, 0));
                out.push(if *kind == Collection::Mapping {
                    '{'
                } else {
                    '['
                });
            }
            Part::Text(text) => out.push_str(&inline(text, format, Context::Flow, None)),
            Part::Word(word) => out.push_str(word),
            Part::Close(_) => {}
        }
    }
    out
}

/// The parts as a block with its first entry in column 0, each line with its end.
pub(crate) fn block(parts: &[Part]) -> String {
    let mut emitter = Emitter::default();
    for (number, part) in parts.iter().enumerate() {
        match part {
            Part::Open(kind) => {
                let is_empty = matches!(parts.get(number + 1), Some(Part::Close(_)));
                emitter.start(*kind, is_empty, "");
            }
            Part::Close(_) => {
                let was_empty = matches!(parts.get(number.wrapping_sub(1)), Some(Part::Open(_)));
                if !was_empty {
                    emitter.end();
                }
            }
            Part::Text(text) => emitter.text(text, ""),
            Part::Word(word) => emitter.scalar(word, ""),
        }
    }
    emitter.into_text()
}

/// A literal block: its header, and its lines indented.
pub(crate) fn literal(text: &str, indent: usize, step: usize) -> (String, String) {
    let mut header = String::from("|");
    if text.trim_start_matches('\n').starts_with(' ') {
        header.push_str(&step.to_string());
    }
    let body = text.trim_end_matches('\n');
    match text.len() - body.len() {
        0 => header.push('-'),
        1 => {}
        _ => header.push('+'),
    }
    let mut lines = String::new();
    for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
        if !line.is_empty() {
            lines.extend(std::iter::repeat_n(' ', indent));
            lines.push_str(line);
        }
        lines.push('\n');
    }
    (header, lines)
}

/// Lines moved to a column, the first one apart.
pub(crate) fn indented(block: &str, column: usize) -> String {
    let mut out = String::with_capacity(block.len() * 2);
    for (number, line) in block.split_inclusive('\n').enumerate() {
        if number > 0 && !line.trim_end_matches('\n').is_empty() {
            out.extend(std::iter::repeat_n(' ', column));
        }
        out.push_str(line);
    }
    out
}
