//! What tags make of nodes: those of the core schema, those of YAML 1.1, and the others.

use config::{Integer, Resolved, Schema, Span, Tag, Timestamp, resolve, timestamp};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PySet, PyTuple};

use super::fault::Fault;
use super::mappings::shortened;
use super::options::{Options, Timestamps, UnknownTags};

const PREFIX: &str = "tag:yaml.org,2002:";

/// What a tagged scalar is.
pub(super) enum ScalarTag<'v> {
    Text,
    Meaning(Resolved<'v>),
    Date(Timestamp),
    Bytes,
    Merge,
    /// A tag to be kept beside the text.
    Kept(String),
}

pub(super) fn scalar<'v>(
    tag: &Tag<'_>,
    value: &'v str,
    options: &Options,
    span: Span,
) -> Result<ScalarTag<'v>, Fault> {
    let wrong = |name: &str| {
        let value = shortened(value);
        Fault::new(format!("`{value}` is not of its tag `!!{name}`"), span)
    };
    let is_yaml11 = options.schema == Schema::Yaml11;
    let schema = if is_yaml11 {
        Schema::Yaml11
    } else {
        Schema::Core
    };
    let resolved = || resolve(value, schema);
    let meaning = match tag.core_name() {
        Some("merge") => return Ok(ScalarTag::Merge),
        Some(name @ "null") => Some(resolved())
            .filter(|found| *found == Resolved::Null)
            .ok_or_else(|| wrong(name))?,
        Some(name @ "bool") => Some(resolved())
            .filter(|found| matches!(found, Resolved::Bool(_)))
            .ok_or_else(|| wrong(name))?,
        Some(name @ "int") => Some(resolved())
            .filter(|found| matches!(found, Resolved::Integer(_)))
            .ok_or_else(|| wrong(name))?,
        Some(name @ "float") => as_float(value, resolved()).ok_or_else(|| wrong(name))?,
        Some(name @ "timestamp") if options.timestamps == Timestamps::Datetime => {
            return timestamp(value)
                .map(ScalarTag::Date)
                .ok_or_else(|| wrong(name));
        }
        Some("binary") if is_yaml11 => return Ok(ScalarTag::Bytes),
        Some("str" | "timestamp" | "binary" | "value") => return Ok(ScalarTag::Text),
        Some(name @ ("seq" | "map" | "set" | "omap" | "pairs")) => {
            return Err(Fault::new(
                format!("tag `!!{name}` is not for a scalar"),
                span,
            ));
        }
        _ => {
            let name = tag.resolved();
            return match options.unknown_tags {
                _ if name == "!" => Ok(ScalarTag::Text),
                UnknownTags::Ignore => Ok(ScalarTag::Text),
                UnknownTags::Keep => Ok(ScalarTag::Kept(name.into_owned())),
                UnknownTags::Error => Err(unknown(&name, span)),
            };
        }
    };
    Ok(ScalarTag::Meaning(meaning))
}

fn as_float<'v>(value: &str, resolved: Resolved<'v>) -> Option<Resolved<'v>> {
    match resolved {
        Resolved::Float(_) => Some(resolved),
        // Digits alone, of which the nearest double is wanted.
        Resolved::Integer(Integer::Small(_) | Integer::Large { radix: 10, .. }) => {
            value.replace('_', "").parse().ok().map(Resolved::Float)
        }
        _ => None,
    }
}

fn unknown(name: &str, span: Span) -> Fault {
    Fault::with_hint(
        format!("unknown tag `{}`", shortened(name)),
        "choose `ignore` or `keep` for tags",
        span,
    )
}

/// The bytes that base 64 stands for (`!!binary` of YAML 1.1).
pub(super) fn bytes<'py>(
    py: Python<'py>,
    value: &str,
    span: Span,
) -> Result<Bound<'py, PyAny>, Fault> {
    let wrong = || Fault::new("`!!binary` is not followed by base 64".to_owned(), span);
    if !value.is_ascii() {
        return Err(wrong());
    }
    let decoded = py
        .import("base64")?
        .call_method1("decodebytes", (value.as_bytes(),));
    decoded.map_err(|_| wrong())
}

/// `code_ops.config.Tagged(tag, value)`; a plain pair where `code_ops` is missing.
pub(super) fn tagged<'py>(
    py: Python<'py>,
    tag: &str,
    value: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    match py
        .import("code_ops.config")
        .and_then(|module| module.getattr("Tagged"))
    {
        Ok(class) => class.call1((tag, value)),
        Err(_) => Ok((tag, value).into_pyobject(py)?.into_any()),
    }
}

/// Tag and value of what [`tagged`] made.
pub(super) fn parts<'py>(
    value: &Bound<'py, PyAny>,
) -> PyResult<Option<(String, Bound<'py, PyAny>)>> {
    if value.get_type().name()? != "Tagged" {
        return Ok(None);
    }
    Ok(Some((
        value.getattr("tag")?.extract()?,
        value.getattr("value")?,
    )))
}

/// A tagged collection.
pub(super) fn collection<'py>(
    value: Bound<'py, PyAny>,
    tag: &str,
    options: &Options,
    span: Span,
) -> Result<Bound<'py, PyAny>, Fault> {
    let is_mapping = value.is_instance_of::<PyDict>();
    let is_yaml11 = options.schema == Schema::Yaml11;
    let name = tag.strip_prefix(PREFIX);
    match (name, is_mapping) {
        (Some("set"), true) if is_yaml11 => {
            let keys = value.cast::<PyDict>().map_err(PyErr::from)?.keys();
            Ok(PySet::new(value.py(), keys)?.into_any())
        }
        (Some("omap" | "pairs"), false) if is_yaml11 => pairs(&value, span),
        (Some("map" | "set"), true) | (Some("seq" | "omap" | "pairs"), false) => Ok(value),
        (Some(name), _) if is_standard(name) => {
            let kind = if is_mapping { "mapping" } else { "sequence" };
            Err(Fault::new(
                format!("tag `!!{name}` is not for a {kind}"),
                span,
            ))
        }
        _ => match options.unknown_tags {
            _ if tag == "!" => Ok(value),
            UnknownTags::Ignore => Ok(value),
            UnknownTags::Keep => Ok(tagged(value.py(), tag, &value)?),
            UnknownTags::Error => Err(unknown(tag, span)),
        },
    }
}

fn is_standard(name: &str) -> bool {
    let names = [
        "map",
        "seq",
        "set",
        "omap",
        "pairs",
        "str",
        "null",
        "bool",
        "int",
        "float",
        "timestamp",
        "binary",
        "value",
        "merge",
    ];
    names.contains(&name)
}

/// A list of mappings of one key as a list of pairs, as PyYAML has `!!omap` and `!!pairs`.
fn pairs<'py>(value: &Bound<'py, PyAny>, span: Span) -> Result<Bound<'py, PyAny>, Fault> {
    let list = value.cast::<PyList>().map_err(PyErr::from)?;
    let pairs = PyList::empty(value.py());
    for item in list.iter() {
        let pair = item
            .cast::<PyDict>()
            .ok()
            .filter(|item| item.len() == 1)
            .and_then(|item| item.items().get_item(0).ok())
            .ok_or_else(|| {
                let message = "`!!omap` and `!!pairs` take mappings of one key";
                Fault::new(message.to_owned(), span)
            })?;
        pairs.append(pair.cast_into::<PyTuple>().map_err(PyErr::from)?)?;
    }
    Ok(pairs.into_any())
}
