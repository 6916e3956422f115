//! Python objects to YAML text.

use config::{Collection, Context, Emitter, Position, is_plain, push_quoted};
use pyo3::prelude::*;
use pyo3::types::{
    PyBool, PyBytes, PyDate, PyDict, PyFloat, PyFrozenSet, PyInt, PyList, PySet, PyString, PyTuple,
};

use super::fault::config_error;

const DEPTH: usize = 1_000;
/// Collections within a key; deeper ones are nobody's keys.
const KEY_DEPTH: usize = 100;

/// A collection that is being written: what of it is left, in reverse.
enum Open<'py> {
    Items(Vec<Bound<'py, PyAny>>),
    Pairs(Vec<(Bound<'py, PyAny>, Bound<'py, PyAny>)>),
}

/// What a scalar is in YAML: text to be quoted where needed, or its final spelling with a tag.
enum Written {
    Text(String),
    Final(String, &'static str),
}

/// The text of documents, each begun with `---` when there can be several.
pub(super) fn dump<'py>(
    py: Python<'py>,
    documents: impl Iterator<Item = PyResult<Bound<'py, PyAny>>>,
    is_stream: bool,
) -> PyResult<String> {
    let mut emitter = Emitter::default();
    for document in documents {
        if is_stream {
            emitter.start_document();
        }
        write(py, &mut emitter, document?)?;
    }
    Ok(emitter.into_text())
}

fn write<'py>(py: Python<'py>, emitter: &mut Emitter, document: Bound<'py, PyAny>) -> PyResult<()> {
    let mut open: Vec<Open<'py>> = Vec::new();
    let mut next = Some(document);
    loop {
        if let Some(value) = next.take()
            && let Some(collection) = node(emitter, &value)?
        {
            if open.len() >= DEPTH {
                let message = "collections are nested deeper than 1000, or contain themselves";
                return Err(error(py, message));
            }
            open.push(collection);
        }
        match open.last_mut() {
            None => return Ok(()),
            Some(Open::Items(items)) => next = items.pop(),
            Some(Open::Pairs(pairs)) => {
                if let Some((key, value)) = pairs.pop() {
                    write_key(emitter, &key)?;
                    next = Some(value);
                }
            }
        }
        if next.is_none() {
            open.pop();
            emitter.end();
            py.check_signals()?;
        }
    }
}

/// Writes a scalar or an empty collection, or the start of a collection that it returns.
fn node<'py>(emitter: &mut Emitter, value: &Bound<'py, PyAny>) -> PyResult<Option<Open<'py>>> {
    let (value, tag) = untagged(value)?;
    if let Some(written) = scalar(&value)? {
        match written {
            Written::Text(text) => emitter.text(&text, &tag),
            Written::Final(text, own) if tag.is_empty() => emitter.scalar(&text, own),
            Written::Final(text, _) => emitter.scalar(&text, &tag),
        }
        return Ok(None);
    }
    let open = if let Some(mut pairs) = pairs(&value)? {
        let is_set = !value.is_instance_of::<PyDict>();
        let tag = if is_set && tag.is_empty() {
            "!!set"
        } else {
            &tag
        };
        emitter.start(Collection::Mapping, pairs.is_empty(), tag);
        pairs.reverse();
        Open::Pairs(pairs)
    } else {
        let mut items = items(&value)?;
        emitter.start(Collection::Sequence, items.is_empty(), &tag);
        items.reverse();
        Open::Items(items)
    };
    let is_empty = match &open {
        Open::Items(items) => items.is_empty(),
        Open::Pairs(pairs) => pairs.is_empty(),
    };
    Ok((!is_empty).then_some(open))
}

/// A `Tagged` taken apart; other values have no tag.
fn untagged<'py>(value: &Bound<'py, PyAny>) -> PyResult<(Bound<'py, PyAny>, String)> {
    let class = value.get_type();
    if class.name()? != "Tagged" || class.module()? != "code_ops.config" {
        return Ok((value.clone(), String::new()));
    }
    let tag: String = value.getattr("tag")?.extract()?;
    Ok((value.getattr("value")?, written_tag(value.py(), &tag)?))
}

fn written_tag(py: Python<'_>, tag: &str) -> PyResult<String> {
    let is_uri = |text: &str| {
        let marks = b"-#;/?:@&=+$_.~*'()%";
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || marks.contains(&byte);
        !text.is_empty() && text.bytes().all(fits)
    };
    if let Some(name) = tag
        .strip_prefix("tag:yaml.org,2002:")
        .filter(|name| is_uri(name))
    {
        return Ok(format!("!!{name}"));
    }
    if tag == "!" || tag.strip_prefix('!').is_some_and(is_uri) {
        return Ok(tag.to_owned());
    }
    if is_uri(&tag.replace([',', '!', '[', ']'], "_")) && tag.contains(':') {
        return Ok(format!("!<{tag}>"));
    }
    Err(error(py, &format!("`{tag}` is no tag")))
}

fn scalar(value: &Bound<'_, PyAny>) -> PyResult<Option<Written>> {
    let py = value.py();
    let plain = |text: &str| Some(Written::Final(text.to_owned(), ""));
    Ok(if value.is_none() {
        plain("null")
    } else if let Ok(text) = value.cast::<PyString>() {
        Some(Written::Text(text.to_str()?.to_owned()))
    } else if let Ok(truth) = value.cast::<PyBool>() {
        plain(if truth.is_true() { "true" } else { "false" })
    } else if let Ok(number) = value.cast::<PyInt>() {
        plain(&integer(number)?)
    } else if let Ok(number) = value.cast::<PyFloat>() {
        plain(&float(py, number.value())?)
    } else if let Ok(bytes) = value.cast::<PyBytes>() {
        let encoded = py
            .import("base64")?
            .call_method1("b64encode", (bytes,))?
            .call_method0("decode")?;
        Some(Written::Final(format!("\"{encoded}\""), "!!binary"))
    } else if value.is_instance_of::<PyDate>() {
        plain(&value.call_method0("isoformat")?.to_string())
    } else {
        None
    })
}

fn integer(number: &Bound<'_, PyInt>) -> PyResult<String> {
    if let Ok(small) = number.extract::<i64>() {
        return Ok(small.to_string());
    }
    // Not str(), which a subclass can change.
    let text = number
        .py()
        .get_type::<PyInt>()
        .call_method1("__repr__", (number,));
    let text = text.map_err(|_| {
        let message = "an integer has more digits than sys.set_int_max_str_digits allows";
        error(number.py(), message)
    })?;
    Ok(text.to_string())
}

/// As Python writes it, with the point that YAML 1.1 wants.
fn float(py: Python<'_>, value: f64) -> PyResult<String> {
    if value.is_nan() {
        return Ok(".nan".to_owned());
    }
    if value.is_infinite() {
        let text = if value > 0.0 { ".inf" } else { "-.inf" };
        return Ok(text.to_owned());
    }
    let text = PyFloat::new(py, value).repr()?.to_string();
    Ok(match text.split_once('e') {
        Some((mantissa, exponent)) if !mantissa.contains('.') => format!("{mantissa}.0e{exponent}"),
        _ => text,
    })
}

type Pair<'py> = (Bound<'py, PyAny>, Bound<'py, PyAny>);

/// The pairs of a dict, and of a set with None for values; None for what is neither.
fn pairs<'py>(value: &Bound<'py, PyAny>) -> PyResult<Option<Vec<Pair<'py>>>> {
    let none = || value.py().None().into_bound(value.py());
    if let Ok(dict) = value.cast::<PyDict>() {
        return Ok(Some(dict.iter().collect()));
    }
    if value.is_instance_of::<PySet>() || value.is_instance_of::<PyFrozenSet>() {
        let mut keys = Vec::new();
        for key in value.try_iter()? {
            let key = key?;
            keys.push((flow(&key, 0)?, key));
        }
        // A set has no order of its own.
        keys.sort_by(|left, right| left.0.cmp(&right.0));
        return Ok(Some(
            keys.into_iter().map(|(_, key)| (key, none())).collect(),
        ));
    }
    Ok(None)
}

fn items<'py>(value: &Bound<'py, PyAny>) -> PyResult<Vec<Bound<'py, PyAny>>> {
    if let Ok(list) = value.cast::<PyList>() {
        return Ok(list.iter().collect());
    }
    if let Ok(tuple) = value.cast::<PyTuple>() {
        return Ok(tuple.iter().collect());
    }
    let name = value.get_type().name()?;
    Err(error(
        value.py(),
        &format!("a value of type `{name}` cannot be written as YAML"),
    ))
}

fn write_key(emitter: &mut Emitter, key: &Bound<'_, PyAny>) -> PyResult<()> {
    match scalar(key)? {
        Some(Written::Text(text)) => emitter.text(&text, ""),
        Some(Written::Final(text, tag)) => emitter.scalar(&text, tag),
        None => emitter.flow_key(&flow(key, 0)?),
    }
    Ok(())
}

/// A value in flow style, for keys.
fn flow(value: &Bound<'_, PyAny>, depth: usize) -> PyResult<String> {
    if depth > KEY_DEPTH {
        return Err(error(value.py(), "a key is nested deeper than 100"));
    }
    match scalar(value)? {
        Some(Written::Text(text)) if is_plain(&text, Context::Flow) => return Ok(text),
        Some(Written::Text(text)) => {
            let mut quoted = String::new();
            push_quoted(&mut quoted, &text);
            return Ok(quoted);
        }
        Some(Written::Final(text, "")) => return Ok(text),
        Some(Written::Final(text, tag)) => return Ok(format!("{tag} {text}")),
        None => {}
    }
    if !value.is_instance_of::<PyFrozenSet>() {
        let items = items(value)?;
        let items: PyResult<Vec<String>> = items.iter().map(|item| flow(item, depth + 1)).collect();
        return Ok(format!("[{}]", items?.join(", ")));
    }
    // What reading makes of a mapping that is a key.
    let mut pairs = Vec::new();
    for pair in value.try_iter()? {
        let pair = pair?;
        let (key, item) = pair.extract::<Pair<'_>>().map_err(|_| {
            error(
                value.py(),
                "a set in a key that is not of pairs cannot be written as YAML",
            )
        })?;
        pairs.push(format!(
            "{}: {}",
            flow(&key, depth + 1)?,
            flow(&item, depth + 1)?
        ));
    }
    pairs.sort();
    Ok(format!("{{{}}}", pairs.join(", ")))
}

fn error(py: Python<'_>, message: &str) -> PyErr {
    let nowhere = Position {
        line: 0,
        column: 0,
        excerpt: String::new(),
    };
    config_error(py, message, "", &nowhere, None)
}
