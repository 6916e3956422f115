//! YAML 1.2.2 as a stream of events that borrow from the input.
//!
//! [`parse`] reads a whole stream of documents and drives an [`EventSink`]. It builds no tree, does
//! not recurse on the machine's stack and gives no meaning to scalars: what `no` or `1` is, which
//! keys are the same, and how much aliases may expand to is for the sink to say. Nothing here
//! prints, and nothing knows Python.

pub mod access;
mod block;
mod block_node;
mod block_scalar;
pub mod check;
pub mod convert;
mod cursor;
pub mod diff;
mod digest;
mod document;
mod emit;
mod error;
mod event;
pub mod files;
mod finding;
mod flow;
pub mod fmt;
mod input;
mod json;
mod limits;
pub mod lint;
pub mod merge;
mod parser;
mod places;
mod plain;
mod plain_text;
mod quoted;
mod resolve;
mod similar;
mod source;
mod tags;
mod timestamp;
pub mod tree;
mod values;

pub use emit::{Collection, Emitter};
pub use error::{ParseError, Position, SyntaxError, SyntaxErrorKind};
pub use event::{CollectionStyle, Event, EventSink, Properties, ScalarStyle, Span, Version};
pub use finding::{Finding, Level, LineColumn};
pub use limits::Limits;
pub use places::Places;
pub use plain_text::{Context, has_meaning, is_plain, push_quoted};
pub use resolve::{Integer, Resolved, Schema, resolve};
pub use source::{Place, Source};
pub use tags::Tag;
pub use timestamp::{Time, Timestamp, timestamp};

/// Parses a YAML stream in UTF-8, UTF-16 or UTF-32 and gives its events to the sink.
///
/// ```
/// use config::{Event, EventSink, Limits, ParseError, Span, parse};
///
/// #[derive(Default)]
/// struct Scalars(Vec<String>);
///
/// impl EventSink for Scalars {
///     type Error = std::convert::Infallible;
///     fn event(&mut self, event: Event<'_>, _: Span) -> Result<(), Self::Error> {
///         if let Event::Scalar { value, .. } = event {
///             self.0.push(value.into_owned());
///         }
///         Ok(())
///     }
/// }
///
/// let mut scalars = Scalars::default();
/// assert!(parse(b"ports: [22, 80]", &Limits::default(), &mut scalars).is_ok());
/// assert_eq!(scalars.0, ["ports", "22", "80"]);
///
/// let error = parse(b"a: b: c", &Limits::default(), &mut scalars).unwrap_err();
/// assert!(error.to_string().starts_with("1:5: a mapping cannot start here"));
/// ```
///
/// # Errors
/// [`ParseError::Syntax`] with the place where the input stops being YAML or goes past a limit;
/// events of what stands before may have been given. [`ParseError::Sink`] when the sink fails.
pub fn parse<S: EventSink>(
    input: &[u8],
    limits: &Limits,
    sink: &mut S,
) -> Result<(), ParseError<S::Error>> {
    Source::decode(input, limits)?.parse(limits, sink)
}
