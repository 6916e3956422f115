//! YAML text from tokens, in the style of the [`Emitter`]. Numbers are written so that readers of
//! YAML 1.1 and 1.2 take them for the same.

use crate::values::{Scalar, Token};
use crate::{Collection, Emitter};

#[derive(Default)]
pub(super) struct YamlWriter {
    emitter: Emitter,
    /// A collection that has begun, and may be empty.
    begun: Option<Collection>,
    has_documents: bool,
}

impl YamlWriter {
    pub(super) fn start_document(&mut self) {
        if std::mem::replace(&mut self.has_documents, true) {
            self.emitter.start_document();
        }
    }

    pub(super) fn into_text(self) -> String {
        self.emitter.into_text()
    }

    #[inline]
    pub(super) fn token(&mut self, token: Token<'_>) {
        let is_end = matches!(token, Token::MappingEnd | Token::SequenceEnd);
        if let Some(kind) = self.begun.take() {
            self.emitter.start(kind, is_end, "");
            if is_end {
                return;
            }
        }
        match token {
            Token::MappingStart => self.begun = Some(Collection::Mapping),
            Token::SequenceStart => self.begun = Some(Collection::Sequence),
            Token::MappingEnd | Token::SequenceEnd => self.emitter.end(),
            Token::Key(value) | Token::Value(value) => self.scalar(value),
        }
    }

    fn scalar(&mut self, value: Scalar<'_>) {
        let written = match value {
            Scalar::Text(text) | Scalar::Time(text) => return self.emitter.text(text, ""),
            Scalar::Null => "null",
            Scalar::Bool(true) => "true",
            Scalar::Bool(false) => "false",
            Scalar::Special(special) => special.yaml(),
            Scalar::Integer(digits) => digits,
            Scalar::Float(digits) => return self.emitter.scalar(&float(digits), ""),
        };
        self.emitter.scalar(written, "");
    }
}

/// YAML 1.1 wants a point in a float, and a sign in its exponent.
fn float(digits: &str) -> String {
    let Some(at) = digits.find(['e', 'E']) else {
        return digits.to_owned();
    };
    let (mantissa, exponent) = digits.split_at(at);
    let point = if mantissa.contains('.') { "" } else { ".0" };
    let (letter, power) = exponent.split_at(1);
    let sign = if power.starts_with(['+', '-']) {
        ""
    } else {
        "+"
    };
    [mantissa, point, letter, sign, power].concat()
}
