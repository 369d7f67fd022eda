//! Python's objects as JSON, and back.

use pyo3::exceptions::{PyOverflowError, PyRecursionError, PyTypeError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyMapping, PyString, PyTuple};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::errors;

/// How deep objects may be nested: JSON that is deeper is not read back, and a circle has no end.
const DEEPEST: usize = 100;

/// The fields of a mapping or a dataclass.
pub(crate) fn fields(object: &Bound<'_, PyAny>) -> PyResult<Map<String, Value>> {
    match object_fields(object, 0)? {
        Some(fields) => Ok(fields),
        None => Err(PyTypeError::new_err(format!(
            "a mapping or a dataclass is wanted, not {}",
            type_name(object)
        ))),
    }
}

/// An object as JSON: `None`, `bool`, `int`, `float`, `str`, lists and tuples, mappings, dataclasses, dates (ISO 8601), and
/// what NumPy makes of these. A float that is no number becomes null, as Python's tables say that nothing is there.
pub(crate) fn value(object: &Bound<'_, PyAny>) -> PyResult<Value> {
    nested(object, 0)
}

fn nested(object: &Bound<'_, PyAny>, depth: usize) -> PyResult<Value> {
    if depth > DEEPEST {
        return Err(PyRecursionError::new_err(format!("nested deeper than {DEEPEST}, or a circle")));
    }
    if object.is_none() {
        return Ok(Value::Null);
    }
    if let Ok(text) = object.cast::<PyString>() {
        return Ok(Value::String(text.to_str()?.to_owned()));
    }
    if let Ok(yes) = object.cast::<PyBool>() {
        return Ok(Value::Bool(yes.is_true()));
    }
    if object.is_instance_of::<PyInt>() {
        return integer(object);
    }
    if let Ok(number) = object.cast::<PyFloat>() {
        return Ok(Value::from(number.value()));
    }
    if let Ok(list) = object.cast::<PyList>() {
        return list.iter().map(|item| nested(&item, depth + 1)).collect::<PyResult<_>>().map(Value::Array);
    }
    if let Ok(tuple) = object.cast::<PyTuple>() {
        return tuple.iter().map(|item| nested(&item, depth + 1)).collect::<PyResult<_>>().map(Value::Array);
    }
    if let Some(fields) = object_fields(object, depth)? {
        return Ok(Value::Object(fields));
    }
    let py = object.py();
    // Dates and times.
    if let Some(method) = object.getattr_opt(intern!(py, "isoformat"))? {
        return nested(&method.call0()?.cast_into::<PyString>()?.into_any(), depth + 1);
    }
    // NumPy's arrays and scalars.
    if let Some(method) = object.getattr_opt(intern!(py, "tolist"))? {
        return nested(&method.call0()?, depth + 1);
    }
    Err(PyTypeError::new_err(format!("{} cannot be written as JSON", type_name(object))))
}

fn integer(object: &Bound<'_, PyAny>) -> PyResult<Value> {
    if let Ok(number) = object.extract::<i64>() {
        return Ok(Value::from(number));
    }
    match object.extract::<u64>() {
        Ok(number) => Ok(Value::from(number)),
        Err(_) => {
            Err(PyOverflowError::new_err("an integer that 64 bits do not hold cannot be written as JSON"))
        }
    }
}

/// The fields of an object that has named ones.
fn object_fields(object: &Bound<'_, PyAny>, depth: usize) -> PyResult<Option<Map<String, Value>>> {
    let py = object.py();
    if let Ok(dict) = object.cast::<PyDict>() {
        // A list of its own: what is asked of the items may change the dictionary.
        return pairs(&dict.items(), depth).map(Some);
    }
    if object.is_instance_of::<pyo3::types::PyType>() {
        return Ok(None);
    }
    if let Some(names) = object.getattr_opt(intern!(py, "__dataclass_fields__"))? {
        let mut fields = Map::new();
        for name in names.try_iter()? {
            let name = name?.cast_into::<PyString>()?;
            let (key, item) = field(name.as_any(), &object.getattr(&name)?, depth)?;
            fields.insert(key, item);
        }
        return Ok(Some(fields));
    }
    if let Ok(mapping) = object.cast::<PyMapping>() {
        return pairs(&mapping.items()?, depth).map(Some);
    }
    Ok(None)
}

fn pairs(items: &Bound<'_, PyList>, depth: usize) -> PyResult<Map<String, Value>> {
    let mut fields = Map::new();
    for pair in items {
        let (key, item): (Bound<'_, PyAny>, Bound<'_, PyAny>) = pair.extract()?;
        let (key, item) = field(&key, &item, depth)?;
        fields.insert(key, item);
    }
    Ok(fields)
}

fn field(key: &Bound<'_, PyAny>, item: &Bound<'_, PyAny>, depth: usize) -> PyResult<(String, Value)> {
    let key = key
        .cast::<PyString>()
        .map_err(|_| PyTypeError::new_err(format!("field names are strings, not {}", type_name(key))))?;
    Ok((key.to_str()?.to_owned(), nested(item, depth + 1)?))
}

pub(crate) fn type_name(object: &Bound<'_, PyAny>) -> String {
    object.get_type().name().map_or_else(|_| "this".to_owned(), |name| name.to_string())
}

/// What serialises, as Python's objects, in the order of its JSON.
pub(crate) fn read<'py>(py: Python<'py>, written: &impl Serialize) -> PyResult<Bound<'py, PyAny>> {
    let json = json(written)?;
    py.import(intern!(py, "json"))?.getattr(intern!(py, "loads"))?.call1((json,))
}

/// What serialises, as JSON.
pub(crate) fn json(written: &impl Serialize) -> PyResult<String> {
    serde_json::to_string(written).map_err(|e| errors::other(e.to_string()))
}

/// JSON as Python's objects.
fn object<'py>(py: Python<'py>, value: &Value) -> PyResult<Bound<'py, PyAny>> {
    Ok(match value {
        Value::Null => py.None().into_bound(py),
        Value::Bool(yes) => PyBool::new(py, *yes).to_owned().into_any(),
        Value::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
            (Some(number), _, _) => number.into_pyobject(py)?.into_any(),
            (_, Some(number), _) => number.into_pyobject(py)?.into_any(),
            (_, _, number) => number.into_pyobject(py)?.into_any(),
        },
        Value::String(text) => PyString::new(py, text).into_any(),
        Value::Array(items) => {
            let items = items.iter().map(|item| object(py, item)).collect::<PyResult<Vec<_>>>()?;
            PyList::new(py, items)?.into_any()
        }
        Value::Object(fields) => dict(py, fields)?.into_any(),
    })
}

/// Fields as a dictionary.
pub(crate) fn dict<'py>(py: Python<'py>, fields: &Map<String, Value>) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    for (key, item) in fields {
        dict.set_item(key, object(py, item)?)?;
    }
    Ok(dict)
}
