//! What single scalars look like: truthy, octal-values, float-values, empty-values.

use super::configuration::Configuration;
use super::mark::{Kind, Mark, Token};
use super::report::Report;
use super::rule::Rule;
use crate::event::Version;

/// Whether a tag says what a scalar is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tagging {
    None,
    /// One of YAML's own, as `!!str`.
    Core,
    Other,
}

/// What the reader knows of a scalar.
pub(crate) struct Scalar<'a> {
    pub(crate) token: Token,
    /// The token before it.
    pub(crate) before: Kind,
    pub(crate) value: &'a str,
    pub(crate) is_plain: bool,
    pub(crate) tagging: Tagging,
    /// A key, directly after `?` or the start of its mapping's entry.
    pub(crate) is_key: bool,
    pub(crate) in_flow: bool,
}

struct Truthy {
    allowed: Vec<&'static str>,
    keys: bool,
    message: String,
    /// A directive says YAML 1.2 or later; it holds until another one.
    is_12: bool,
}

// They are the rule's options.
#[allow(clippy::struct_excessive_bools)]
struct Floats {
    decimal: bool,
    scientific: bool,
    nan: bool,
    infinite: bool,
}

/// Which kinds of collections must not have empty values.
pub(crate) struct Empty {
    pub(crate) block_mappings: bool,
    pub(crate) flow_mappings: bool,
    pub(crate) block_sequences: bool,
}

pub(crate) struct Scalars {
    truthy: Option<Truthy>,
    octal: Option<(bool, bool)>,
    floats: Option<Floats>,
    pub(crate) empty: Option<Empty>,
}

impl Scalars {
    pub(crate) fn new(configuration: &Configuration, report: &Report<'_>) -> Self {
        let octal = configuration.setting(Rule::OctalValues);
        let floats = configuration.setting(Rule::FloatValues);
        let empty = configuration.setting(Rule::EmptyValues);
        Self {
            truthy: report
                .is_on(Rule::Truthy)
                .then(|| Truthy::new(configuration)),
            octal: report.is_on(Rule::OctalValues).then(|| {
                (
                    octal.bool("forbid-implicit-octal"),
                    octal.bool("forbid-explicit-octal"),
                )
            }),
            floats: report.is_on(Rule::FloatValues).then(|| Floats {
                decimal: floats.bool("require-numeral-before-decimal"),
                scientific: floats.bool("forbid-scientific-notation"),
                nan: floats.bool("forbid-nan"),
                infinite: floats.bool("forbid-inf"),
            }),
            empty: report.is_on(Rule::EmptyValues).then(|| Empty {
                block_mappings: empty.bool("forbid-in-block-mappings"),
                flow_mappings: empty.bool("forbid-in-flow-mappings"),
                block_sequences: empty.bool("forbid-in-block-sequences"),
            }),
        }
    }

    pub(crate) fn version(&mut self, version: Option<Version>) {
        if let (Some(truthy), Some(version)) = (&mut self.truthy, version) {
            truthy.is_12 = version.minor >= 2;
        }
    }

    /// A scalar that is not empty.
    #[inline]
    pub(crate) fn scalar(&self, report: &mut Report<'_>, scalar: &Scalar<'_>) {
        if !scalar.is_plain || scalar.tagging != Tagging::None {
            return;
        }
        if let Some(truthy) = &self.truthy
            && scalar.value.len() <= 5
        {
            truthy.check(report, scalar);
        }
        let first = scalar.value.as_bytes().first().copied().unwrap_or(b'a');
        if first <= b'9' {
            self.number(report, scalar);
        }
    }

    fn number(&self, report: &mut Report<'_>, scalar: &Scalar<'_>) {
        if let Some((implicit, explicit)) = self.octal {
            octal(report, scalar, implicit, explicit);
        }
        if let Some(floats) = &self.floats {
            floats.check(report, scalar);
        }
    }
}

impl Truthy {
    fn new(configuration: &Configuration) -> Self {
        let setting = configuration.setting(Rule::Truthy);
        let mut allowed = setting.words("allowed-values").to_vec();
        allowed.sort_unstable();
        Self {
            message: format!("truthy value should be one of [{}]", allowed.join(", ")),
            allowed,
            keys: setting.bool("check-keys"),
            is_12: false,
        }
    }

    fn check(&self, report: &mut Report<'_>, scalar: &Scalar<'_>) {
        let is_truthy = match scalar.value {
            "true" | "True" | "TRUE" | "false" | "False" | "FALSE" => true,
            "yes" | "Yes" | "YES" | "no" | "No" | "NO" | "on" | "On" | "ON" | "off" | "Off"
            | "OFF" => !self.is_12,
            _ => false,
        };
        if !is_truthy || scalar.is_key && !self.keys || self.allowed.contains(&scalar.value) {
            return;
        }
        report.add_at(Rule::Truthy, scalar.token.start, self.message.clone());
        super::readers::quote_text(report, Rule::Truthy, scalar);
    }
}

fn octal(report: &mut Report<'_>, scalar: &Scalar<'_>, implicit: bool, explicit: bool) {
    let is_octal = |digits: &str| {
        !digits.is_empty() && digits.bytes().all(|digit| (b'0'..=b'7').contains(&digit))
    };
    let value = scalar.value;
    let kind = match value.strip_prefix('0') {
        Some(rest) if implicit && is_octal(rest) => "implicit",
        Some(rest) if explicit && rest.strip_prefix('o').is_some_and(is_octal) => "explicit",
        _ => return,
    };
    let message = format!("forbidden {kind} octal value \"{value}\"");
    report.add_at(Rule::OctalValues, scalar.token.end, message);
}

impl Floats {
    fn check(&self, report: &mut Report<'_>, scalar: &Scalar<'_>) {
        let value = scalar.value;
        let unsigned = value.strip_prefix(['+', '-']).unwrap_or(value);
        let mut add = |problem: &str| {
            let message = format!("forbidden {problem} \"{value}\"");
            report.add_at(Rule::FloatValues, scalar.token.start, message);
        };
        if self.nan && matches!(value, ".nan" | ".NaN" | ".NAN") {
            add("not a number value");
        }
        if self.infinite && matches!(unsigned, ".inf" | ".Inf" | ".INF") {
            add("infinite value");
        }
        let Some(parts) = Parts::of(unsigned) else {
            return;
        };
        if self.scientific && parts.has_exponent {
            add("scientific notation");
        }
        if self.decimal && parts.starts_with_point {
            add("decimal missing 0 prefix");
        }
    }
}

/// A number with a point or an exponent.
struct Parts {
    starts_with_point: bool,
    has_exponent: bool,
}

impl Parts {
    fn of(unsigned: &str) -> Option<Self> {
        let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        let whole = digits(unsigned);
        let mut rest = &unsigned[whole..];
        let mut fraction = 0;
        if let Some(after) = rest.strip_prefix('.') {
            fraction = digits(after);
            rest = &after[fraction..];
        }
        if whole + fraction == 0 {
            return None;
        }
        let mut has_exponent = false;
        if let Some(after) = rest.strip_prefix(['e', 'E']) {
            let power = after.strip_prefix(['+', '-']).unwrap_or(after);
            has_exponent = true;
            if power.is_empty() || digits(power) < power.len() {
                return None;
            }
        } else if !rest.is_empty() {
            return None;
        }
        Some(Self {
            starts_with_point: whole == 0,
            has_exponent,
        })
    }
}

/// The message for an empty value after the indicator that ends at `end`.
pub(crate) fn empty_value(report: &mut Report<'_>, end: Mark, place: &str) {
    let message = format!("empty value in {place}");
    report.add_at(Rule::EmptyValues, end, message);
}
