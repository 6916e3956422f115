//! `config_convert`: documents of files or bytes in another format.

use std::sync::atomic::AtomicBool;

use config::Limits;
use config::access::{AccessError, MergeKeys};
use config::convert::{
    Converter, Documents, InputFormat, Nulls, OutputFormat, Request, SpecialFloats,
};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use super::access::raised;
use super::input::Input;
use super::options::pick;
use crate::waiting::interruptible;

const INPUT_FORMATS: [(&str, InputFormat); 4] = [
    ("yaml", InputFormat::Yaml),
    ("json", InputFormat::Json),
    ("ndjson", InputFormat::Ndjson),
    ("toml", InputFormat::Toml),
];
const OUTPUT_FORMATS: [(&str, OutputFormat); 4] = [
    ("yaml", OutputFormat::Yaml),
    ("json", OutputFormat::Json),
    ("ndjson", OutputFormat::Ndjson),
    ("toml", OutputFormat::Toml),
];
const SPECIAL_FLOATS: [(&str, SpecialFloats); 3] = [
    ("error", SpecialFloats::Refuse),
    ("null", SpecialFloats::Null),
    ("string", SpecialFloats::Text),
];
const MERGE_KEYS: [(&str, MergeKeys); 2] = [("apply", MergeKeys::Apply), ("keep", MergeKeys::Keep)];

type Named = (Input, String, InputFormat);

/// The documents of sources, each with its name and format, in one text of another format.
#[pyfunction]
#[pyo3(signature = (
    sources, output_format, *, indent=2, document=None, array=false, merge_keys="keep",
    special_floats="error", drop_nulls=false
))]
// Python's keywords.
#[allow(clippy::too_many_arguments)]
pub(crate) fn config_convert<'py>(
    py: Python<'py>,
    sources: Vec<(Input, String, String)>,
    output_format: &str,
    indent: usize,
    document: Option<usize>,
    array: bool,
    merge_keys: &str,
    special_floats: &str,
    drop_nulls: bool,
) -> PyResult<Bound<'py, PyBytes>> {
    let request = Request {
        to: pick("output_format", output_format, &OUTPUT_FORMATS)?,
        documents: match (document, array) {
            (None, false) => Documents::All,
            (None, true) => Documents::Array,
            (Some(number), false) => Documents::One(number),
            (Some(_), true) => return Err(PyValueError::new_err("document excludes array")),
        },
        indent,
        merge_keys: pick("merge_keys", merge_keys, &MERGE_KEYS)?,
        special_floats: pick("special_floats", special_floats, &SPECIAL_FLOATS)?,
        nulls: if drop_nulls {
            Nulls::Drop
        } else {
            Nulls::Refuse
        },
    };
    let named = |(input, name, format): (Input, String, String)| {
        let format = pick("input_format", &format, &INPUT_FORMATS)?;
        Ok((input, name, format))
    };
    let sources: PyResult<Vec<Named>> = sources.into_iter().map(named).collect();
    let sources = sources?;
    let text = interruptible(py, move |is_cancelled| {
        converted(sources, request, is_cancelled)
    })?;
    let text = text.map_err(|(error, name)| raised(py, error, &name))?;
    Ok(PyBytes::new(py, text.as_bytes()))
}

/// The text, or what is wrong in which source.
fn converted(
    sources: Vec<Named>,
    request: Request,
    is_cancelled: &AtomicBool,
) -> Result<String, (AccessError, String)> {
    let limits = Limits::default();
    let mut converter = Converter::new(request, limits, is_cancelled);
    let mut last_name = String::new();
    for (input, name, format) in sources {
        let bytes = input.bytes(&limits).map_err(AccessError::from);
        let read = bytes.and_then(|bytes| converter.read(&bytes, format));
        read.map_err(|error| (error, name.clone()))?;
        last_name = name;
    }
    converter.finish().map_err(|error| (error, last_name))
}
