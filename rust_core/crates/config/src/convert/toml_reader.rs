//! TOML text to tokens. The parser is the crate `toml`; its tree is walked without recursion.

use toml::Spanned;
use toml::de::{DeTable, DeValue};
use toml_parser::lexer::TokenKind;

use crate::Limits;
use crate::values::{Scalar, Stop, Token, ValueSink, decimal, number};

/// The parser's tree takes about 25 times the bytes of its text.
const TEXT_BYTES: usize = 64 << 20;

/// Gives the document to the sink.
pub(super) fn read<S: ValueSink>(text: &str, limits: &Limits, sink: &mut S) -> Result<(), Stop> {
    if text.len() > TEXT_BYTES {
        let problem = format!("TOML is longer than {TEXT_BYTES} bytes: write large data as NDJSON");
        return Err(Stop::unfit(problem, 0));
    }
    check_depth(text, limits.depth)?;
    let table = DeTable::parse(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        // The parser says what it expects even where that is nothing.
        Stop::unfit(error.message().trim_end_matches(", expected nothing"), at)
    })?;
    sink.start_document(0)?;
    walk(table.get_ref(), sink)?;
    sink.end_document()
}

/// Brackets and dotted keys in one another, before they become a tree: the parser bounds each of
/// them, but not both together.
fn check_depth(text: &str, limit: usize) -> Result<(), Stop> {
    let mut open: Vec<usize> = Vec::new();
    let (mut depth, mut dots) = (0, 0);
    for token in toml_parser::Source::new(text).lex() {
        match token.kind() {
            TokenKind::LeftSquareBracket | TokenKind::LeftCurlyBracket => {
                open.push(dots + 1);
                depth += dots + 1;
                dots = 0;
            }
            TokenKind::RightSquareBracket | TokenKind::RightCurlyBracket => {
                depth -= open.pop().unwrap_or(0);
                dots = 0;
            }
            TokenKind::Dot => dots += 1,
            TokenKind::Comma | TokenKind::Newline => dots = 0,
            _ => {}
        }
        if depth + dots > limit {
            let problem = format!("tables and lists are nested deeper than {limit} (limit depth)");
            return Err(Stop::unfit(problem, token.span().start()));
        }
    }
    Ok(())
}

/// What is left of an open collection.
enum Open<'t, 'i> {
    Table(<&'t DeTable<'i> as IntoIterator>::IntoIter),
    List(std::slice::Iter<'t, Spanned<DeValue<'i>>>),
}

fn walk<S: ValueSink>(root: &DeTable<'_>, sink: &mut S) -> Result<(), Stop> {
    sink.token(Token::MappingStart, 0)?;
    let mut stack = vec![Open::Table(root.into_iter())];
    let mut scratch = String::new();
    while let Some(open) = stack.last_mut() {
        let (next, end) = match open {
            Open::Table(entries) => {
                let next = entries.next().map(|(key, value)| (Some(key), value));
                (next, Token::MappingEnd)
            }
            Open::List(entries) => (
                entries.next().map(|value| (None, value)),
                Token::SequenceEnd,
            ),
        };
        let Some((key, value)) = next else {
            sink.token(end, 0)?;
            stack.pop();
            continue;
        };
        let at = value.span().start;
        if let Some(key) = key {
            sink.token(Token::Key(Scalar::Text(key.get_ref())), key.span().start)?;
        }
        match value.get_ref() {
            DeValue::Table(table) => {
                sink.token(Token::MappingStart, at)?;
                stack.push(Open::Table(table.into_iter()));
            }
            DeValue::Array(list) => {
                sink.token(Token::SequenceStart, at)?;
                stack.push(Open::List(list.iter()));
            }
            leaf => scalar(leaf, at, &mut scratch, sink)?,
        }
    }
    Ok(())
}

fn scalar<S: ValueSink>(
    value: &DeValue<'_>,
    at: usize,
    scratch: &mut String,
    sink: &mut S,
) -> Result<(), Stop> {
    let time;
    let value = match value {
        DeValue::Boolean(value) => Scalar::Bool(*value),
        DeValue::Float(float) => {
            let text = float.as_str();
            let value = text.parse().map_err(|_| Stop::unfit("no number", at))?;
            number(text, value, scratch)
        }
        DeValue::Integer(integer) => {
            let (is_negative, digits) = match integer.as_str().strip_prefix('-') {
                Some(digits) => (true, digits),
                None => (false, integer.as_str().trim_start_matches('+')),
            };
            // The reader lets what follows the digits through.
            let is_number = |digits: &str| digits.chars().all(|it| it.is_digit(integer.radix()));
            if digits.is_empty() || !is_number(digits) {
                return Err(Stop::unfit("invalid integer, expected digits", at));
            }
            let digits = decimal(digits, integer.radix())
                .ok_or_else(|| Stop::unfit("integer has too many digits to convert", at))?;
            scratch.clear();
            scratch.push_str(if is_negative { "-" } else { "" });
            scratch.push_str(&digits);
            Scalar::Integer(scratch)
        }
        DeValue::Datetime(value) => {
            let mut value = *value;
            // TOML 1.1 may leave seconds out, which older readers want.
            if let Some(time) = &mut value.time {
                time.second = time.second.or(Some(0));
            }
            time = value.to_string();
            Scalar::Time(&time)
        }
        DeValue::String(text) => Scalar::Text(text),
        // Collections are walked by the caller.
        DeValue::Array(_) | DeValue::Table(_) => return Ok(()),
    };
    sink.token(Token::Value(value), at)
}
