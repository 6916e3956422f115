//! `config_diff` and `config_patch`: what is different in two texts.

use config::access::{AccessError, MergeKeys, Path, Reader};
use config::diff::{Change, Kind, Options, Side, diff, patch};
use config::{Limits, Source};
use pyo3::prelude::*;

use super::access::{format_of, merge_keys_of, raised};
use super::input::Input;
use crate::waiting::interruptible;

/// A source with its name, and whether it is JSON.
type Named = (Input, String, bool);

type SideTuple = (usize, String, String, Option<String>, usize, usize);
type ChangeTuple = (
    &'static str,
    Option<String>,
    String,
    Option<String>,
    Option<SideTuple>,
    Option<SideTuple>,
);

/// Kind, document, path, new path, and both sides of each difference.
#[pyfunction]
#[pyo3(signature = (old, new, *, ignore_order=false, ignore=None, document=None, merge_keys="keep"))]
pub(crate) fn config_diff(
    py: Python<'_>,
    old: Named,
    new: Named,
    ignore_order: bool,
    ignore: Option<Vec<String>>,
    document: Option<usize>,
    merge_keys: &str,
) -> PyResult<Vec<ChangeTuple>> {
    let ignore = ignore.unwrap_or_default();
    let ignored: Result<Vec<Path>, _> = ignore.iter().map(|path| Path::parse(path)).collect();
    let options = Options {
        ignores_order: ignore_order,
        ignored: ignored.map_err(|error| raised(py, error.into(), ""))?,
        document,
    };
    let changes = compared(py, old, new, options, merge_keys, diff)?;
    Ok(changes.into_iter().map(tuple).collect())
}

/// A JSON Patch (RFC 6902) from one text's value to the other's.
#[pyfunction]
#[pyo3(signature = (old, new, *, document=None, merge_keys="keep"))]
pub(crate) fn config_patch(
    py: Python<'_>,
    old: Named,
    new: Named,
    document: Option<usize>,
    merge_keys: &str,
) -> PyResult<String> {
    let options = Options {
        document,
        ..Options::default()
    };
    compared(py, old, new, options, merge_keys, patch)
}

type Work<T> = fn(&Reader<'_>, &Reader<'_>, &Options) -> Result<T, (AccessError, bool)>;

fn compared<T: Send + 'static>(
    py: Python<'_>,
    old: Named,
    new: Named,
    options: Options,
    merge_keys: &str,
    work: Work<T>,
) -> PyResult<T> {
    let merge_keys: MergeKeys = merge_keys_of(merge_keys)?;
    let names = [old.1.clone(), new.1.clone()];
    let result = interruptible(py, move |_| {
        let limits = Limits::default();
        let before = old
            .0
            .bytes(&limits)
            .map_err(|error| (error.into(), false))?;
        let after = new.0.bytes(&limits).map_err(|error| (error.into(), true))?;
        let first = Source::decode(&before, &limits).map_err(|error| (error.into(), false))?;
        let second = Source::decode(&after, &limits).map_err(|error| (error.into(), true))?;
        let first = Reader::new(&first, format_of(old.2), limits, merge_keys);
        let second = Reader::new(&second, format_of(new.2), limits, merge_keys);
        work(&first, &second, &options)
    })?;
    result.map_err(|(error, is_new)| raised(py, error, &names[usize::from(is_new)]))
}

fn tuple(change: Change) -> ChangeTuple {
    let kind = match change.kind {
        Kind::Added => "added",
        Kind::Removed => "removed",
        Kind::Changed => "changed",
        Kind::Moved => "moved",
        Kind::Renamed => "renamed",
    };
    let side = |side: Side| {
        let Side {
            document,
            pointer,
            json,
            text,
            line,
            column,
        } = side;
        (document, pointer, json, text, line, column)
    };
    (
        kind,
        change.document,
        change.path,
        change.new_path,
        change.old.map(side),
        change.new.map(side),
    )
}
