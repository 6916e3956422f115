//! Why a text is not YAML, as data; where, as a byte offset that becomes a position at the end.

use thiserror::Error;

/// What is wrong, with a way out in its words.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SyntaxErrorKind {
    /// The input is longer than the limit.
    #[error("input is longer than {limit} bytes (limit input_bytes)")]
    InputTooLong {
        /// The limit.
        limit: u64,
    },
    /// More collections are open than allowed.
    #[error("collections are nested deeper than {limit} (limit depth)")]
    TooDeep {
        /// The limit.
        limit: usize,
    },
    /// A scalar is longer than allowed.
    #[error("scalar is longer than {limit} bytes (limit scalar_bytes)")]
    ScalarTooLong {
        /// The limit.
        limit: usize,
    },
    /// Not UTF-8, or a broken UTF-16 or UTF-32 unit.
    #[error("invalid {encoding} at byte {byte}")]
    Encoding {
        /// The encoding the first bytes announce.
        encoding: &'static str,
        /// Offset in the input as given.
        byte: usize,
    },
    /// A character that YAML does not allow at this place.
    #[error("character U+{code:04X} is not allowed here")]
    Character {
        /// The code point.
        code: u32,
    },
    /// A tab where indentation is counted.
    #[error("tab in indentation")]
    Tab,
    /// A line is deeper than its collection and starts nothing.
    #[error("wrong indentation")]
    Indentation {
        /// The one-based column where an entry would have been right.
        expected: usize,
    },
    /// A continued flow node is not indented enough.
    #[error("not indented enough")]
    FlowIndentation {
        /// The first one-based column allowed.
        expected: usize,
    },
    /// `---` or `...` at the start of a line within quotes or brackets.
    #[error("document marker inside {inside}")]
    Marker {
        /// What is open.
        inside: &'static str,
    },
    /// The end of the input inside something.
    #[error("{what} is not closed")]
    Unclosed {
        /// What is open; the position is its start.
        what: &'static str,
    },
    /// Something else was expected.
    #[error("expected {expected}")]
    Expected {
        /// What would have been right.
        expected: &'static str,
    },
    /// `: ` where no mapping may start.
    #[error("a mapping cannot start here")]
    MappingHere,
    /// `- ` or `? ` where no block collection may start.
    #[error("a block collection cannot start here")]
    CollectionHere,
    /// A key without `? ` over several lines.
    #[error("a key without `? ` must stand on one line, with its `:`")]
    KeyLines,
    /// A key without `? ` over 1,024 characters.
    #[error("a key without `? ` has at most 1024 characters")]
    KeyTooLong,
    /// `#` directly after other text.
    #[error("a comment needs a space before `#`")]
    Comment,
    /// A node with two anchors or two tags.
    #[error("a second {what} on one node")]
    Twice {
        /// Anchor or tag.
        what: &'static str,
    },
    /// Anchor or tag before an alias.
    #[error("an alias takes no anchor and no tag")]
    AliasProperties,
    /// An alias without its anchor before it.
    #[error("alias `*{name}` has no anchor before it in this document")]
    UndefinedAlias {
        /// The name.
        name: String,
    },
    /// `!handle!` without `%TAG`.
    #[error("tag handle `{handle}` is not declared in this document")]
    UndefinedHandle {
        /// The handle with its marks.
        handle: String,
    },
    /// A tag that is none.
    #[error("invalid tag")]
    Tag,
    /// A wrong escape in double quotes.
    #[error("unknown escape in double quotes")]
    Escape,
    /// A directive out of shape or twice.
    #[error("invalid directive: {problem}")]
    Directive {
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A block scalar's header out of shape.
    #[error("invalid block scalar header")]
    BlockHeader,
    /// A blank line before a block scalar's text is deeper than the text.
    #[error("a blank line before the text is deeper than the text")]
    BlockBlank,
}

impl SyntaxErrorKind {
    /// Whether a limit was met, and not the grammar.
    #[must_use]
    pub fn is_limit(&self) -> bool {
        matches!(
            self,
            Self::InputTooLong { .. } | Self::TooDeep { .. } | Self::ScalarTooLong { .. }
        )
    }

    /// What would help, where something can be said.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let text = match self {
            Self::InputTooLong { .. } | Self::TooDeep { .. } | Self::ScalarTooLong { .. } => {
                "raise the limit if the input is to be trusted"
            }
            Self::Encoding { .. } => "save the file as UTF-8",
            Self::Character { .. } => "write it as an escape in double quotes",
            Self::Tab => "indent with spaces",
            Self::Indentation { expected } => {
                return Some(format!(
                    "the enclosing collection's entries are at column {expected}"
                ));
            }
            Self::FlowIndentation { expected } => {
                return Some(format!(
                    "inside this node a line starts at column {expected} or later"
                ));
            }
            Self::Marker { .. } => "indent the line or close it first",
            Self::MappingHere => "put it on a line of its own, or quote the text before `: `",
            Self::CollectionHere => "put it on a line of its own",
            Self::KeyLines | Self::KeyTooLong => "write `? ` before the key",
            Self::UndefinedHandle { handle } => return Some(format!("add `%TAG {handle} prefix`")),
            Self::Tag => "write `!name`, `!!name`, `!handle!name` or `!<uri>`",
            Self::Escape => "write `\\\\` for a backslash",
            Self::BlockHeader => "after `|` or `>` come one digit 1-9, one of + -, and a comment",
            Self::BlockBlank => "give the indentation, as in `|2`",
            _ => return None,
        };
        Some(text.to_owned())
    }
}

/// A place in a text, for people: both numbers start at one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The character in the line.
    pub column: usize,
    /// The line's text around the place, at most 120 characters.
    pub excerpt: String,
}

impl Position {
    /// Finds the line and column of a byte offset. It walks the text up to there.
    #[must_use]
    pub fn of(text: &str, offset: usize) -> Self {
        let mut offset = offset.min(text.len());
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        let (mut line, mut line_start) = (1, 0);
        let bytes = text.as_bytes();
        for at in memchr::memchr2_iter(b'\n', b'\r', &bytes[..offset]) {
            if bytes[at] == b'\n' || bytes.get(at + 1) != Some(&b'\n') {
                line += 1;
                line_start = at + 1;
            }
        }
        let column = text[line_start..offset].chars().count() + 1;
        let line_end =
            memchr::memchr2(b'\n', b'\r', &bytes[offset..]).map_or(text.len(), |n| offset + n);
        let excerpt = text[line_start..line_end.max(line_start)]
            .chars()
            .skip(column.saturating_sub(60))
            .take(120);
        Self {
            line,
            column,
            excerpt: excerpt.collect(),
        }
    }
}

/// What is wrong and where.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{}:{}: {kind}", position.line, position.column)]
pub struct SyntaxError {
    /// What is wrong.
    pub kind: SyntaxErrorKind,
    /// Byte offset into the parsed text, see [`Span`](crate::Span).
    pub offset: usize,
    /// The same as line and column.
    pub position: Position,
}

/// Why parsing ended early.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ParseError<E> {
    /// The input is not YAML or past a limit.
    #[error(transparent)]
    Syntax(Box<SyntaxError>),
    /// The sink wanted no more.
    #[error("stopped by the receiver")]
    Sink(E),
}

impl<E> From<SyntaxError> for ParseError<E> {
    fn from(error: SyntaxError) -> Self {
        Self::Syntax(Box::new(error))
    }
}

/// A syntax error before its position is known. Boxed, so that the results on the hot path stay
/// small.
#[derive(Debug)]
pub(crate) struct Fault(Box<(SyntaxErrorKind, usize)>);

impl Fault {
    #[cold]
    pub(crate) fn new(kind: SyntaxErrorKind, offset: usize) -> Self {
        Self(Box::new((kind, offset)))
    }

    #[cold]
    pub(crate) fn expected(expected: &'static str, offset: usize) -> Self {
        Self::new(SyntaxErrorKind::Expected { expected }, offset)
    }

    pub(crate) fn kind(&self) -> &SyntaxErrorKind {
        &self.0.0
    }

    pub(crate) fn locate(self, text: &str) -> SyntaxError {
        let (kind, offset) = *self.0;
        SyntaxError {
            kind,
            offset,
            position: Position::of(text, offset),
        }
    }
}

pub(crate) type Scan<T> = Result<T, Fault>;

/// Either way the parser can stop; `?` turns a fault into it.
pub(crate) enum Stop<E> {
    Fault(Fault),
    Sink(E),
}

impl<E> From<Fault> for Stop<E> {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}
