//! The tokens of expressions. What may follow what is the parser's.

use std::ops::Range;

use super::error::{ExpressionError, Problem};
use super::literal::{Quantity, number_length, quantity};

/// A token and its place in bytes.
#[derive(Clone, Debug)]
pub(super) struct Token<'t> {
    pub(super) kind: Kind<'t>,
    pub(super) span: Range<usize>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind<'t> {
    /// A name or another word without quotes.
    Word(&'t str),
    /// A name in back quotes.
    Quoted(&'t str),
    Text(String),
    Quantity(Quantity),
    Pattern(Pattern<'t>),
    Operator(Operator),
    True,
    False,
    Null,
    And,
    Or,
    Not,
    Open,
    Close,
    Comma,
    End,
}

/// A regular expression as it stands in the text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Pattern<'t> {
    pub(super) source: &'t str,
    /// Where the source begins in the text.
    pub(super) start: usize,
    pub(super) case: Case,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Case {
    Sensitive,
    Ignored,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Match,
    NotMatch,
    In,
    Contains,
    StartsWith,
    EndsWith,
}

impl Operator {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Match => "~",
            Self::NotMatch => "!~",
            Self::In => "in",
            Self::Contains => "contains",
            Self::StartsWith => "startswith",
            Self::EndsWith => "endswith",
        }
    }

    /// Those that are words can be negated: `not in`.
    pub(super) const fn is_word(self) -> bool {
        matches!(
            self,
            Self::In | Self::Contains | Self::StartsWith | Self::EndsWith
        )
    }
}

/// The words of the language, in any case.
const WORDS: [(&str, Kind<'static>); 10] = [
    ("and", Kind::And),
    ("or", Kind::Or),
    ("not", Kind::Not),
    ("true", Kind::True),
    ("false", Kind::False),
    ("null", Kind::Null),
    ("in", Kind::Operator(Operator::In)),
    ("contains", Kind::Operator(Operator::Contains)),
    ("startswith", Kind::Operator(Operator::StartsWith)),
    ("endswith", Kind::Operator(Operator::EndsWith)),
];

/// Whether a regular expression may come next, which is not read as a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    Token,
    Pattern,
}

#[derive(Debug)]
pub(super) struct Lexer<'t> {
    text: &'t str,
    at: usize,
    next: Next,
}

impl<'t> Lexer<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self {
            text,
            at: 0,
            next: Next::Token,
        }
    }

    /// The next token; the end again and again.
    pub(super) fn token(&mut self) -> Result<Token<'t>, ExpressionError> {
        let rest = self.rest();
        let start = self.at + rest.len() - rest.trim_start().len();
        self.at = start;
        let next = std::mem::replace(&mut self.next, Next::Token);
        let kind = match self.rest().chars().next() {
            None => Kind::End,
            Some(delimiter @ ('"' | '\'' | '/')) if next == Next::Pattern => {
                self.pattern(delimiter)?
            }
            Some(delimiter @ ('"' | '\'')) => self.text(delimiter)?,
            Some(first) => self.plain(first)?,
        };
        if matches!(kind, Kind::Operator(Operator::Match | Operator::NotMatch)) {
            self.next = Next::Pattern;
        }
        let span = match kind {
            // Behind the last token, whatever blanks and lines follow.
            Kind::End => {
                let end = self.text.trim_end().len();
                end..end
            }
            _ => start..self.at,
        };
        Ok(Token { kind, span })
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// The characters from here on for which it holds; they are read.
    fn run(&mut self, holds: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let run = &rest[..rest.find(|next| !holds(next)).unwrap_or(rest.len())];
        self.at += run.len();
        run
    }

    fn plain(&mut self, first: char) -> Result<Kind<'t>, ExpressionError> {
        let start = self.at;
        let second = self.rest().chars().nth(1);
        match first {
            '(' | ')' | ',' => {
                self.at += 1;
                Ok(match first {
                    '(' => Kind::Open,
                    ')' => Kind::Close,
                    _ => Kind::Comma,
                })
            }
            '`' => self.quoted(),
            '=' | '!' | '<' | '>' | '~' | '&' | '|' => self.operator(),
            '0'..='9' => self.number(),
            '-' if second.is_some_and(|next| next.is_ascii_digit()) => self.number(),
            _ if first.is_alphabetic() || matches!(first, '_' | '@' | '$') => {
                let word = self.run(is_of_name);
                let known = WORDS
                    .iter()
                    .find(|(name, _)| word.eq_ignore_ascii_case(name));
                Ok(known.map_or(Kind::Word(word), |(_, kind)| kind.clone()))
            }
            '“' | '”' | '„' | '‟' | '‘' | '’' | '‚' | '‛' | '«' | '»' | '‹' | '›' | '´' | '′'
            | '″' | '＂' | '＇' => Err(ExpressionError::new(
                Problem::TypographicQuote { found: first },
                start..start + first.len_utf8(),
            )),
            _ => Err(ExpressionError::new(
                Problem::UnknownCharacter { found: first },
                start..start + first.len_utf8(),
            )),
        }
    }

    fn operator(&mut self) -> Result<Kind<'t>, ExpressionError> {
        let start = self.at;
        let run = self.run(|next| matches!(next, '=' | '!' | '<' | '>' | '~' | '&' | '|'));
        let operator = match run {
            "==" | "=" => Operator::Equal,
            "!=" => Operator::NotEqual,
            "<" => Operator::Less,
            "<=" => Operator::LessOrEqual,
            ">" => Operator::Greater,
            ">=" => Operator::GreaterOrEqual,
            "~" => Operator::Match,
            "!~" => Operator::NotMatch,
            _ => {
                // These stand right before a `!`, as in `a&&!b`.
                let (kind, length) = match run.trim_end_matches('!') {
                    "&&" => (Kind::And, 2),
                    "||" => (Kind::Or, 2),
                    "" => (Kind::Not, 1),
                    _ => {
                        let found = run.to_owned();
                        let problem = Problem::UnknownOperator { found };
                        return Err(ExpressionError::new(problem, start..self.at));
                    }
                };
                self.at = start + length;
                return Ok(kind);
            }
        };
        Ok(Kind::Operator(operator))
    }

    fn number(&mut self) -> Result<Kind<'t>, ExpressionError> {
        let start = self.at;
        self.run(is_of_name);
        let mut run = &self.text[start..self.at];
        // The plus of an exponent is of no name.
        if run.ends_with(['e', 'E']) && self.rest().starts_with('+') {
            let exponent = self.at;
            self.at += 1;
            self.run(is_of_name);
            if number_length(&self.text.as_bytes()[start..]) > exponent - start {
                run = &self.text[start..self.at];
            } else {
                self.at = exponent;
            }
        }
        quantity(run)
            .map(Kind::Quantity)
            .map_err(|problem| ExpressionError::new(problem, start..self.at))
    }

    fn quoted(&mut self) -> Result<Kind<'t>, ExpressionError> {
        let start = self.at;
        let name = self.text[start + 1..].split_once('`').map(|(name, _)| name);
        let Some(name) = name else {
            return Err(unclosed('`', start));
        };
        self.at += name.len() + 2;
        if name.is_empty() {
            return Err(ExpressionError::new(Problem::EmptyName, start..self.at));
        }
        Ok(Kind::Quoted(name))
    }

    /// A text in quotes, with its escapes decoded.
    fn text(&mut self, delimiter: char) -> Result<Kind<'t>, ExpressionError> {
        let start = self.at;
        self.at += 1;
        let mut text = String::new();
        loop {
            text.push_str(self.run(|next| next != delimiter && next != '\\'));
            match self.rest().chars().next() {
                None => return Err(unclosed(delimiter, start)),
                Some('\\') => text.push(self.escape().ok_or_else(|| {
                    let written = self.rest().chars().take(2);
                    let found: String = written.collect();
                    if found == "\\" {
                        return unclosed(delimiter, start);
                    }
                    let span = self.at..self.at + found.len();
                    ExpressionError::new(Problem::UnknownEscape { found }, span)
                })?),
                Some(_) => {
                    self.at += 1;
                    return Ok(Kind::Text(text));
                }
            }
        }
    }

    /// The character of an escape, which is read; `None` where none stands.
    fn escape(&mut self) -> Option<char> {
        let (character, length) = match self.rest().as_bytes().get(1)? {
            b'n' => ('\n', 2),
            b't' => ('\t', 2),
            b'r' => ('\r', 2),
            b'\\' => ('\\', 2),
            b'"' => ('"', 2),
            b'\'' => ('\'', 2),
            b'u' => {
                let (digits, _) = self.rest().get(2..)?.strip_prefix('{')?.split_once('}')?;
                let is_number =
                    digits.len() <= 6 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
                let code = u32::from_str_radix(digits, 16).ok().filter(|_| is_number)?;
                (char::from_u32(code)?, digits.len() + 4)
            }
            _ => return None,
        };
        self.at += length;
        Some(character)
    }

    /// A regular expression; a backslash stays, with what follows it.
    fn pattern(&mut self, delimiter: char) -> Result<Kind<'t>, ExpressionError> {
        let opening = self.at;
        let start = opening + 1;
        self.at = start;
        loop {
            self.run(|next| next != delimiter && next != '\\');
            let mut ahead = self.rest().chars();
            match (ahead.next(), ahead.next()) {
                (Some('\\'), Some(escaped)) => self.at += 1 + escaped.len_utf8(),
                (Some(closing), _) if closing == delimiter => break,
                _ => return Err(unclosed(delimiter, opening)),
            }
        }
        let source = &self.text[start..self.at];
        self.at += 1;
        let flags_start = self.at;
        let flags = match delimiter {
            '/' => self.run(is_of_name),
            _ => "",
        };
        let case = match flags {
            "" => Case::Sensitive,
            "i" => Case::Ignored,
            _ => {
                let found = flags.to_owned();
                let problem = Problem::UnknownFlag { found };
                return Err(ExpressionError::new(problem, flags_start..self.at));
            }
        };
        Ok(Kind::Pattern(Pattern {
            source,
            start,
            case,
        }))
    }
}

fn unclosed(delimiter: char, start: usize) -> ExpressionError {
    ExpressionError::new(Problem::Unclosed { delimiter }, start..start + 1)
}

fn is_of_name(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '.' | '-' | '@' | '/' | '$')
}
