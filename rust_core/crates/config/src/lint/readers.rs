//! The rule two-readers: plain scalars that YAML 1.1 (PyYAML, Ansible) and the core schema of
//! YAML 1.2 (yq, Kubernetes) read as different values, with a spelling that both read alike.

use super::report::{Purpose, Report};
use super::rule::Rule;
use super::scalars::{Scalar, Tagging};
use crate::finding::LineColumn;
use crate::resolve::{Integer, Resolved, Schema, resolve};

/// Looks at an untagged plain scalar.
#[inline]
pub(crate) fn check(report: &mut Report<'_>, scalar: &Scalar<'_>) {
    if !scalar.is_plain || scalar.tagging != Tagging::None || scalar.value.len() > 128 {
        return;
    }
    // Nothing else begins a word that means something in either reading.
    let first = scalar.value.as_bytes().first().copied().unwrap_or(b' ');
    if !matches!(
        first,
        b'0'..=b'9' | b'+' | b'-' | b'.' | b'<' | b'=' | b'y' | b'Y' | b'n' | b'N' | b'o' | b'O'
    ) {
        return;
    }
    look(report, scalar);
}

fn look(report: &mut Report<'_>, scalar: &Scalar<'_>) {
    let value = scalar.value;
    let special = match value {
        // A merge key says so only as a key; elsewhere PyYAML fails on it, as on `=`.
        "<<" if scalar.is_key => Some("a merge key"),
        "<<" | "=" => Some("no plain value"),
        _ => None,
    };
    let old = resolve(value, Schema::Yaml11);
    let new = resolve(value, Schema::Core);
    if special.is_none() && is_same(old, new) {
        return;
    }
    let old_name = special.map_or_else(|| describe(old), str::to_owned);
    let message = format!(
        "YAML 1.1 reads `{value}` as {old_name}, YAML 1.2 as {}",
        describe(new)
    );
    report.add_at(Rule::TwoReaders, scalar.token.start, message);
    let column = report.columns.of(scalar.token.end) + 1;
    let end = LineColumn {
        line: scalar.token.end.line,
        column: u32::try_from(column).unwrap_or(u32::MAX),
    };
    report.with(Some(end), hint(scalar, old, new));
    quote_text(report, Rule::TwoReaders, scalar);
}

/// A way to write it that both read alike.
fn hint(scalar: &Scalar<'_>, old: Resolved<'_>, new: Resolved<'_>) -> String {
    let value = scalar.value;
    if value == "<<" && scalar.is_key {
        return "write the merged keys out: YAML 1.2 has no merge keys".to_owned();
    }
    let text = format!("'{value}'");
    let meant = |resolved: Resolved<'_>| match resolved {
        Resolved::Bool(value) => Some(value.to_string()),
        Resolved::Integer(Integer::Small(number)) => Some(number.to_string()),
        Resolved::Float(number) => spelled(number),
        _ => None,
    };
    let mut ways = vec![format!("`{text}` for the text")];
    for way in [meant(old), meant(new)].into_iter().flatten() {
        let way = format!("`{way}`");
        if !ways.contains(&way) {
            ways.push(way);
        }
    }
    format!("write {}", ways.join(" or "))
}

/// A double as both versions read it: with a point, and with a sign in the exponent.
fn spelled(number: f64) -> Option<String> {
    if !number.is_finite() {
        return None;
    }
    let text = format!("{number:?}");
    Some(match text.split_once('e') {
        Some((mantissa, power)) => {
            let point = if mantissa.contains('.') { "" } else { ".0" };
            let sign = if power.starts_with('-') { "" } else { "+" };
            format!("{mantissa}{point}e{sign}{power}")
        }
        None => text,
    })
}

fn is_same(old: Resolved<'_>, new: Resolved<'_>) -> bool {
    match (old, new) {
        (Resolved::Float(old), Resolved::Float(new)) => {
            old.to_bits() == new.to_bits() || old.is_nan() && new.is_nan()
        }
        (old, new) => old == new,
    }
}

fn describe(resolved: Resolved<'_>) -> String {
    match resolved {
        Resolved::Null => "null".to_owned(),
        Resolved::Bool(value) => value.to_string(),
        Resolved::Integer(Integer::Small(number)) => format!("the number {number}"),
        Resolved::Integer(Integer::Large { .. }) => "a whole number".to_owned(),
        Resolved::Float(number) => format!("the number {number:?}"),
        Resolved::Timestamp(_) => "a date or time".to_owned(),
        Resolved::Text => "text".to_owned(),
    }
}

/// Puts quotes around a plain scalar that is text in YAML 1.2 already: its value there stays, and
/// YAML 1.1 comes to read the same. Other values are for people to decide.
pub(crate) fn quote_text(report: &mut Report<'_>, rule: Rule, scalar: &Scalar<'_>) {
    let is_merge = scalar.value == "<<";
    if report.purpose == Purpose::Fix
        && !is_merge
        && scalar.token.start.line == scalar.token.end.line
        && !scalar.value.contains('\'')
        && resolve(scalar.value, Schema::Core) == Resolved::Text
    {
        let range = (scalar.token.start.at, scalar.token.end.at);
        report.edit(rule, range, format!("'{}'", scalar.value));
    }
}
