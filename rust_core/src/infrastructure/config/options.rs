//! The options of a `ConfigParser`, from their names.

use config::{Limits, Schema};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::infrastructure::integer::Integer;

/// What a key that its mapping has already does.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum DuplicateKeys {
    Error,
    Last,
    First,
}

/// What a tag outside the schema does to its node.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum UnknownTags {
    Ignore,
    Error,
    Keep,
}

/// What `<<` is.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum MergeKeys {
    Apply,
    Keep,
}

/// What dates and times become.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Timestamps {
    Text,
    Datetime,
}

#[derive(Clone)]
pub(crate) struct Options {
    pub(crate) schema: Schema,
    pub(crate) duplicate_keys: DuplicateKeys,
    pub(crate) merge_keys: MergeKeys,
    pub(crate) timestamps: Timestamps,
    pub(crate) unknown_tags: UnknownTags,
    pub(crate) alias_nodes: u64,
    pub(crate) integer_digits: usize,
    pub(crate) limits: Limits,
}

/// What the constructor of `ConfigParser` takes, by name.
pub(crate) struct Names<'a> {
    pub(crate) schema: &'a str,
    pub(crate) duplicate_keys: &'a str,
    pub(crate) merge_keys: &'a str,
    pub(crate) timestamps: &'a str,
    pub(crate) tags: &'a str,
}

impl Options {
    pub(crate) fn of_names(names: &Names<'_>) -> PyResult<Self> {
        let schema = pick(
            "schema",
            names.schema,
            &[
                ("core", Schema::Core),
                ("json", Schema::Json),
                ("failsafe", Schema::Failsafe),
                ("yaml11", Schema::Yaml11),
            ],
        )?;
        let is_yaml11 = schema == Schema::Yaml11;
        let (merge_auto, time_auto) = if is_yaml11 {
            (MergeKeys::Apply, Timestamps::Datetime)
        } else {
            (MergeKeys::Keep, Timestamps::Text)
        };
        Ok(Self {
            schema,
            duplicate_keys: pick(
                "duplicate_keys",
                names.duplicate_keys,
                &[
                    ("error", DuplicateKeys::Error),
                    ("last", DuplicateKeys::Last),
                    ("first", DuplicateKeys::First),
                ],
            )?,
            merge_keys: pick(
                "merge_keys",
                names.merge_keys,
                &[
                    ("auto", merge_auto),
                    ("apply", MergeKeys::Apply),
                    ("keep", MergeKeys::Keep),
                ],
            )?,
            timestamps: pick(
                "timestamps",
                names.timestamps,
                &[
                    ("auto", time_auto),
                    ("text", Timestamps::Text),
                    ("datetime", Timestamps::Datetime),
                ],
            )?,
            unknown_tags: pick(
                "tags",
                names.tags,
                &[
                    ("ignore", UnknownTags::Ignore),
                    ("error", UnknownTags::Error),
                    ("keep", UnknownTags::Keep),
                ],
            )?,
            alias_nodes: 1_000_000,
            integer_digits: 1_000_000,
            limits: Limits::default(),
        })
    }
}

impl Options {
    /// JSON has neither tags nor merge keys nor times.
    pub(crate) fn for_json(&self) -> Self {
        Self {
            schema: Schema::Json,
            merge_keys: MergeKeys::Keep,
            timestamps: Timestamps::Text,
            ..self.clone()
        }
    }
}

pub(super) fn pick<T: Copy>(option: &str, name: &str, values: &[(&str, T)]) -> PyResult<T> {
    let found = values.iter().find(|(known, _)| *known == name);
    found.map(|(_, value)| *value).ok_or_else(|| {
        let names: Vec<&str> = values.iter().map(|(known, _)| *known).collect();
        let names = names.join(", ");
        PyValueError::new_err(format!("{option} '{name}' is not one of {names}"))
    })
}

/// A limit that Python gave, at least 1; beyond the machine's numbers it is none.
pub(crate) fn limit(name: &str, value: Option<Integer>, default: u64, most: u64) -> PyResult<u64> {
    let Some(value) = value else {
        return Ok(default);
    };
    let checked = value.value.and_then(|value| u64::try_from(value).ok());
    checked
        .filter(|value| (1..=most).contains(value))
        .ok_or_else(|| {
            let text = value.text;
            PyValueError::new_err(format!("{name} {text} is out of range 1-{most}"))
        })
}
