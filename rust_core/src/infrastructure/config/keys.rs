//! Collections as keys: Python's dict wants values that cannot change.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyFrozenSet, PyList, PySet, PyTuple};

use super::tags;

/// Python hashes them down the machine's stack, and deeper ones are nobody's keys.
const KEY_DEPTH: usize = 100;

enum Step<'py> {
    Visit(Bound<'py, PyAny>, usize),
    Tuple(usize),
    FrozenSet(usize),
    Tagged(String),
}

/// The value itself, or a tuple for a list, a frozenset for a set, of pairs for a dict, all the way
/// down;
/// `None` when it is nested too deep for a key.
pub(crate) fn frozen<'py>(value: Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
    let py = value.py();
    let mut steps = vec![Step::Visit(value, 0)];
    let mut done: Vec<Bound<'py, PyAny>> = Vec::new();
    while let Some(step) = steps.pop() {
        match step {
            Step::Visit(_, depth) if depth > KEY_DEPTH => return Ok(None),
            Step::Visit(value, depth) => {
                if let Ok(list) = value.cast::<PyList>() {
                    steps.push(Step::Tuple(list.len()));
                    steps.extend(list.iter().rev().map(|item| Step::Visit(item, depth + 1)));
                } else if let Ok(dict) = value.cast::<PyDict>() {
                    steps.push(Step::FrozenSet(dict.len()));
                    for (key, item) in dict.iter() {
                        // Keys are frozen already.
                        steps.push(Step::Tuple(2));
                        steps.push(Step::Visit(item, depth + 1));
                        steps.push(Step::Visit(key, depth + 1));
                    }
                } else if let Ok(pair) = value.cast::<PyTuple>() {
                    // Of `!!omap` and `!!pairs`, or a key that is frozen already.
                    steps.push(Step::Tuple(pair.len()));
                    steps.extend(pair.iter().rev().map(|item| Step::Visit(item, depth + 1)));
                } else if let Ok(set) = value.cast::<PySet>() {
                    done.push(PyFrozenSet::new(py, set.iter())?.into_any());
                } else if let Some((tag, kept)) = tags::parts(&value)? {
                    steps.push(Step::Tagged(tag));
                    steps.push(Step::Visit(kept, depth + 1));
                } else {
                    done.push(value);
                }
            }
            Step::Tagged(tag) => {
                if let Some(kept) = done.pop() {
                    done.push(tags::tagged(py, &tag, &kept)?);
                }
            }
            Step::Tuple(length) => {
                let items = done.split_off(done.len() - length);
                done.push(PyTuple::new(py, items)?.into_any());
            }
            Step::FrozenSet(length) => {
                let items = done.split_off(done.len() - length);
                done.push(PyFrozenSet::new(py, items)?.into_any());
            }
        }
    }
    Ok(done.pop())
}
