//! One test of a field: its operator and what it is compared with.

use regex::bytes::RegexBuilder;

use super::error::{ExpressionError, Problem};
use super::evaluate::{Comparison, Constant, Test, TextConstant};
use super::lexer::{Case, Kind, Operator, Pattern};
use super::literal::{Quantity, boolean, duration_of, level, number};
use super::parser::Parser;
use super::tree::Sign;
use super::{DEPTH_LIMIT, REGEX_LIMIT};

type Read<T> = Result<T, ExpressionError>;

/// What the name of a field tells of its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Type {
    /// `time`: always a time.
    Time,
    /// `level`: always a level.
    Level,
    /// Another name that loggers give to levels.
    MaybeLevel,
    Any,
}

/// The names of levels beside `level`, in any case, also behind a dot.
const LEVEL_NAMES: [&str; 8] = [
    "level",
    "lvl",
    "severity",
    "severity_text",
    "severitytext",
    "levelname",
    "loglevel",
    "log_level",
];

fn type_of(name: &str) -> Type {
    let last = name.rsplit('.').next().unwrap_or(name);
    match name {
        "time" => Type::Time,
        "level" => Type::Level,
        _ if LEVEL_NAMES
            .iter()
            .any(|known| last.eq_ignore_ascii_case(known)) =>
        {
            Type::MaybeLevel
        }
        _ => Type::Any,
    }
}

/// The most memory of a compiled regular expression in bytes, and again of its cache.
const REGEX_SIZE: usize = 4 << 20;

/// What can stand beside `time`.
const VALUE_OF_TIME: &str = "a time in quotes, now, today, yesterday, or a duration ago, as -2h";

impl<'t> Parser<'t> {
    /// The name that a test begins with, and the test.
    pub(super) fn named_test(&mut self) -> Read<(&'t str, (Test, Sign))> {
        let name = match self.token.kind {
            Kind::Word(name) | Kind::Quoted(name) => name,
            Kind::True | Kind::False | Kind::Null | Kind::Operator(_)
                if self.source(&self.token).starts_with(char::is_alphabetic) =>
            {
                let word = self.source(&self.token).to_owned();
                return Err(self.error(Problem::Reserved { word }));
            }
            _ => return Err(self.expected("the name of a field")),
        };
        let token = self.advance()?;
        if self.token.kind == Kind::Open {
            let is_exists =
                matches!(token.kind, Kind::Word(word) if word.eq_ignore_ascii_case("exists"));
            if is_exists {
                return Ok((self.argument()?, (Test::Exists, Sign::Plain)));
            }
            let name = self.source(&token).to_owned();
            let problem = Problem::UnknownFunction { name };
            return Err(ExpressionError::new(problem, token.span));
        }
        Ok((name, self.comparison(name)?))
    }

    /// A name in parentheses.
    fn argument(&mut self) -> Read<&'t str> {
        self.advance()?;
        let (Kind::Word(name) | Kind::Quoted(name)) = self.token.kind else {
            return Err(self.expected("the name of a field"));
        };
        self.advance()?;
        if self.token.kind != Kind::Close {
            return Err(self.expected("`)`"));
        }
        self.advance()?;
        Ok(name)
    }

    /// What stands behind a name.
    fn comparison(&mut self, name: &str) -> Read<(Test, Sign)> {
        let mut sign = Sign::Plain;
        let operator = match self.token.kind {
            Kind::Operator(operator) => operator,
            Kind::Not => {
                self.advance()?;
                sign = Sign::Negated;
                match self.token.kind {
                    Kind::Operator(operator) if operator.is_word() => operator,
                    _ => return Err(self.expected("in, contains, startswith or endswith")),
                }
            }
            _ => return Ok((Test::IsTrue, sign)),
        };
        let reads_text = !matches!(operator, Operator::In) && comparison_of(operator).is_none();
        if reads_text && type_of(name) == Type::Time {
            let operator = operator.name();
            let name = name.to_owned();
            return Err(self.error(Problem::NoText { operator, name }));
        }
        self.advance()?;
        let test = self.right_side(name, operator)?;
        if matches!(operator, Operator::NotEqual | Operator::NotMatch) {
            sign = Sign::Negated;
        }
        match self.token.kind {
            Kind::Operator(_) => Err(self.error(Problem::Chained)),
            _ => Ok((test, sign)),
        }
    }

    fn right_side(&mut self, name: &str, operator: Operator) -> Read<Test> {
        if let Some(comparison) = comparison_of(operator) {
            if self.token.kind == Kind::Null && comparison != Comparison::Equal {
                let operator = operator.name();
                return Err(self.error(Problem::Unordered { operator }));
            }
            return Ok(Test::Compare(comparison, self.constant(name)?));
        }
        Ok(match operator {
            Operator::Match | Operator::NotMatch => self.regex()?,
            Operator::Contains => {
                let finder = memchr::memmem::Finder::new(&self.fragment()?).into_owned();
                Test::Contains(Box::new(finder))
            }
            Operator::StartsWith => Test::StartsWith(self.fragment()?.into()),
            Operator::EndsWith => Test::EndsWith(self.fragment()?.into()),
            _ => Test::In(self.list(name)?),
        })
    }

    /// A text in quotes.
    fn fragment(&mut self) -> Read<Vec<u8>> {
        let Kind::Text(text) = &mut self.token.kind else {
            return Err(self.expected("a text in quotes"));
        };
        let text = std::mem::take(text);
        self.advance()?;
        Ok(text.into_bytes())
    }

    fn list(&mut self, name: &str) -> Read<Box<[Constant]>> {
        if self.token.kind != Kind::Open {
            return Err(self.expected("a list of values in parentheses"));
        }
        let opening = self.advance()?.span;
        let mut constants = Vec::new();
        loop {
            self.count()?;
            constants.push(self.constant(name)?);
            match self.token.kind {
                Kind::Comma => self.advance()?,
                Kind::Close => {
                    self.advance()?;
                    return Ok(constants.into());
                }
                Kind::End => {
                    let problem = Problem::UnclosedParenthesis;
                    return Err(ExpressionError::new(problem, opening));
                }
                _ => return Err(self.expected("`,` or `)`")),
            };
        }
    }

    /// A literal beside a field.
    fn constant(&mut self, name: &str) -> Read<Constant> {
        let field = type_of(name);
        let found = match &self.token.kind {
            Kind::Null => Ok(Constant::Null),
            Kind::Quantity(quantity) => self.quantity(name, *quantity)?,
            Kind::Text(text) => self.text(field, text),
            Kind::Word(word) => self.word(field, word),
            Kind::Quoted(word) => Err(Problem::Unquoted {
                word: (*word).to_owned(),
            }),
            Kind::True | Kind::False if matches!(field, Type::Any | Type::MaybeLevel) => {
                Ok(Constant::Bool(self.token.kind == Kind::True))
            }
            _ => return Err(self.expected(expected_by(field))),
        };
        let constant = found.map_err(|problem| self.error(problem))?;
        self.advance()?;
        Ok(constant)
    }

    fn quantity(&self, name: &str, quantity: Quantity) -> Read<Result<Constant, Problem>> {
        let field = type_of(name);
        Ok(match (field, quantity) {
            (Type::Time, Quantity::Duration { nanoseconds }) => {
                let text = self.source(&self.token).to_owned();
                let time = self.now.ago(nanoseconds).map(Constant::Time);
                time.ok_or(Problem::UnknownTime { text })
            }
            (Type::Time | Type::Level, _) => return Err(self.expected(expected_by(field))),
            (_, Quantity::Number(number)) => Ok(Constant::Number(number)),
            (_, Quantity::Duration { nanoseconds }) => {
                duration_of(name, nanoseconds).map(Constant::Number)
            }
        })
    }

    /// A text in quotes beside a field.
    fn text(&self, field: Type, text: &str) -> Result<Constant, Problem> {
        let found = level(text.as_bytes());
        match field {
            Type::Time => self.time(self.now.text(text).or_else(|| self.now.word(text))),
            Type::Level => found
                .map(Constant::Level)
                .ok_or_else(|| Problem::UnknownLevel {
                    word: self.source(&self.token).to_owned(),
                }),
            Type::MaybeLevel | Type::Any => Ok(match found {
                Some(level) if field == Type::MaybeLevel => Constant::Level(level),
                _ => Constant::Text(Box::new(TextConstant {
                    bytes: text.as_bytes().to_vec(),
                    number: number(text.as_bytes()),
                    boolean: boolean(text.as_bytes()),
                    level: found,
                    time: self.now.text(text),
                })),
            }),
        }
    }

    /// A word without quotes beside a field.
    fn word(&self, field: Type, word: &str) -> Result<Constant, Problem> {
        let written = || self.source(&self.token).to_owned();
        let level = || level(word.as_bytes()).map(Constant::Level);
        match field {
            Type::Time => self.time(self.now.word(word)),
            Type::Level => level().ok_or_else(|| Problem::UnknownLevel { word: written() }),
            Type::MaybeLevel => level().ok_or_else(|| Problem::Unquoted { word: written() }),
            Type::Any => Err(Problem::Unquoted { word: written() }),
        }
    }

    fn time(&self, time: Option<i64>) -> Result<Constant, Problem> {
        time.map(Constant::Time)
            .ok_or_else(|| Problem::UnknownTime {
                text: self.source(&self.token).to_owned(),
            })
    }

    fn regex(&mut self) -> Read<Test> {
        let Kind::Pattern(pattern) = &self.token.kind else {
            return Err(self.expected("a regular expression in quotes or slashes"));
        };
        let pattern = pattern.clone();
        if self.regexes == REGEX_LIMIT {
            return Err(self.error(Problem::TooManyRegexes));
        }
        self.regexes += 1;
        let built = RegexBuilder::new(pattern.source)
            .case_insensitive(pattern.case == Case::Ignored)
            .nest_limit(NEST_LIMIT)
            .size_limit(REGEX_SIZE)
            .dfa_size_limit(REGEX_SIZE)
            .build();
        let regex = built.map_err(|error| self.regex_error(&error, &pattern))?;
        self.advance()?;
        Ok(Test::Matches(regex))
    }

    /// The place within the regular expression, which only its parser tells.
    fn regex_error(&self, error: &regex::Error, pattern: &Pattern<'_>) -> ExpressionError {
        let parsed = regex_syntax::ParserBuilder::new()
            .case_insensitive(pattern.case == Case::Ignored)
            .nest_limit(NEST_LIMIT)
            .utf8(false)
            .build()
            .parse(pattern.source);
        let (message, span) = match parsed {
            Err(regex_syntax::Error::Parse(error)) => (error.kind().to_string(), *error.span()),
            Err(regex_syntax::Error::Translate(error)) => (error.kind().to_string(), *error.span()),
            _ if matches!(error, regex::Error::CompiledTooBig(_)) => {
                return self.error(Problem::RegexSize);
            }
            _ => {
                let message = error.to_string();
                return self.error(Problem::Regex { message });
            }
        };
        let place = pattern.start + span.start.offset..pattern.start + span.end.offset;
        ExpressionError::new(Problem::Regex { message }, place)
    }
}

#[allow(clippy::cast_possible_truncation)]
const NEST_LIMIT: u32 = DEPTH_LIMIT as u32;

fn expected_by(field: Type) -> &'static str {
    match field {
        Type::Time => VALUE_OF_TIME,
        Type::Level => "a level, such as warning",
        Type::MaybeLevel | Type::Any => "a value: a number, a text in quotes, true, false or null",
    }
}

/// Those that compare with one value.
const fn comparison_of(operator: Operator) -> Option<Comparison> {
    Some(match operator {
        Operator::Equal | Operator::NotEqual => Comparison::Equal,
        Operator::Less => Comparison::Less,
        Operator::LessOrEqual => Comparison::LessOrEqual,
        Operator::Greater => Comparison::Greater,
        Operator::GreaterOrEqual => Comparison::GreaterOrEqual,
        _ => return None,
    })
}
