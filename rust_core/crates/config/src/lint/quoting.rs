//! The rule quoted-strings.

use regex::Regex;

use super::configuration::Configuration;
use super::mark::Kind;
use super::report::Report;
use super::rule::Rule;
use super::scalars::{Scalar, Tagging};
use crate::resolve::{Resolved, Schema, resolve};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Quotes {
    Any,
    Single,
    Double,
    /// As the first in the file.
    Consistent(Option<u8>),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Required {
    Always,
    Never,
    WhenNeeded,
}

pub(crate) struct Quoting<'c> {
    quotes: Quotes,
    required: Required,
    extra_required: &'c [Regex],
    extra_allowed: &'c [Regex],
    allows_quoted_quotes: bool,
    keys: bool,
}

impl<'c> Quoting<'c> {
    pub(crate) fn new(configuration: &'c Configuration) -> Self {
        let setting = configuration.setting(Rule::QuotedStrings);
        Self {
            quotes: match setting.word("quote-type") {
                "single" => Quotes::Single,
                "double" => Quotes::Double,
                "consistent" => Quotes::Consistent(None),
                _ => Quotes::Any,
            },
            required: if setting.bool("required") {
                Required::Always
            } else if setting.word("required") == "only-when-needed" {
                Required::WhenNeeded
            } else {
                Required::Never
            },
            extra_required: setting.patterns("extra-required"),
            extra_allowed: setting.patterns("extra-allowed"),
            allows_quoted_quotes: setting.bool("allow-quoted-quotes"),
            keys: setting.bool("check-keys"),
        }
    }

    /// A scalar in quotes or plain, but no block scalar.
    pub(crate) fn scalar(&mut self, report: &mut Report<'_>, scalar: &Scalar<'_>) {
        let is_place = if scalar.is_key {
            self.keys
        } else {
            matches!(
                scalar.before,
                Kind::Hyphen | Kind::Colon | Kind::Comma | Kind::SequenceOpen | Kind::Tag
            )
        };
        let is_skipped = !is_place
            || scalar.tagging == Tagging::Core
            || scalar.is_plain && !is_text(scalar.value);
        if is_skipped {
            return;
        }
        let quote = if scalar.is_plain {
            None
        } else {
            report.text.as_bytes().get(scalar.token.start.at).copied()
        };
        if let (Quotes::Consistent(known @ None), Some(_)) = (&mut self.quotes, quote) {
            *known = quote;
        }
        let Some(problem) = self.problem(report.text, scalar, quote) else {
            return;
        };
        let node = if scalar.is_key { "key" } else { "value" };
        report.add_at(
            Rule::QuotedStrings,
            scalar.token.start,
            format!("string {node} is {problem}"),
        );
    }

    fn problem(&self, text: &str, scalar: &Scalar<'_>, quote: Option<u8>) -> Option<String> {
        let kind = self.kind();
        let matches = |patterns: &[Regex]| {
            patterns
                .iter()
                .any(|pattern| pattern.is_match(scalar.value))
        };
        let is_wrong = quote.is_some_and(|quote| !self.accepts(quote, scalar.value));
        match (self.required, quote) {
            (Required::Always, None) => Some(format!("not quoted with {kind} quotes")),
            (_, None) => matches(self.extra_required).then(|| "not quoted".to_owned()),
            (Required::WhenNeeded, Some(quote)) => {
                let is_wanted = matches(self.extra_required) || matches(self.extra_allowed);
                if !is_wanted && !needs_quotes(text, scalar, quote) {
                    return Some(format!("redundantly quoted with {kind} quotes"));
                }
                is_wrong.then(|| format!("not quoted with {kind} quotes"))
            }
            (_, Some(_)) => is_wrong.then(|| format!("not quoted with {kind} quotes")),
        }
    }

    fn kind(&self) -> &'static str {
        match self.quotes {
            Quotes::Any => "any",
            Quotes::Single => "single",
            Quotes::Double => "double",
            Quotes::Consistent(_) => "consistent",
        }
    }

    fn accepts(&self, quote: u8, value: &str) -> bool {
        let (is_right, other) = match self.quotes {
            Quotes::Any => return true,
            Quotes::Single => (quote == b'\'', '\''),
            Quotes::Double => (quote == b'"', '"'),
            Quotes::Consistent(known) => (
                known.is_none_or(|known| known == quote),
                if quote == b'\'' { '"' } else { '\'' },
            ),
        };
        is_right || self.allows_quoted_quotes && value.contains(other)
    }
}

/// Whether YAML 1.1 reads a plain scalar as text; yamllint counts `0o7` as a number besides.
fn is_text(value: &str) -> bool {
    let is_octal = |digits: &str| {
        !digits.is_empty() && digits.bytes().all(|digit| (b'0'..=b'7').contains(&digit))
    };
    resolve(value, Schema::Yaml11) == Resolved::Text
        && !matches!(value, "<<" | "=")
        && !value.strip_prefix("0o").is_some_and(is_octal)
}

/// Whether the value would be another one without its quotes.
fn needs_quotes(text: &str, scalar: &Scalar<'_>, quote: u8) -> bool {
    let value = scalar.value;
    let source = &text[scalar.token.start.at..scalar.token.end.at];
    let folds_escaped = quote == b'"' && (source.contains("\\\n") || source.contains("\\\r"));
    value.is_empty()
        || folds_escaped
        || !is_text(value)
        || value.starts_with([' ', '\t'])
        || value.ends_with([' ', ':'])
        || value.contains(['\n', '\t', '\r', '\u{85}', '\u{2028}', '\u{2029}'])
        || value.contains(": ")
        || value.contains(" #")
        || scalar.in_flow && value.contains([',', '[', ']', '{', '}'])
        || starts_like_yaml(value)
}

fn starts_like_yaml(value: &str) -> bool {
    let bytes = value.as_bytes();
    match bytes[0] {
        b'-' | b'?' | b':' => bytes.get(1).is_none_or(|next| matches!(next, b' ' | b'\t')),
        first => b",[]{}#&*!|>'\"%@`".contains(&first),
    }
}
