//! From a record to a model's output.

use std::fmt::Display;
use std::path::Path;

use nagalm::Output;
use serde_json::{Map, Value};

use super::record::{Content, Place, Problem, Record, parse_object, utf8};

/// A plain text's identifier: its path.
pub(crate) fn text_name(path: &Path) -> String {
    path.display().to_string()
}

/// The output that a record holds, with where it stands.
pub(crate) fn output(record: Record) -> Result<(Place, Output), (Place, Problem)> {
    let Record { place, content } = record;
    let result = match content {
        Content::Refused(problem) => Err(problem),
        Content::Json(bytes) => parse_object(&bytes).and_then(|fields| from_fields(fields, &place)),
        Content::Fields(fields) => from_fields(fields, &place),
        Content::Text { name, bytes } => {
            utf8(&bytes).map(|text| Output { id: name, text: text.to_owned(), fields: Map::new() })
        }
    };
    match result {
        Ok(output) => Ok((place, output)),
        Err(problem) => Err((place, problem)),
    }
}

/// The output that named fields are; without an `id` it is called after its place.
pub(crate) fn from_fields(mut fields: Map<String, Value>, place: &impl Display) -> Result<Output, Problem> {
    let text = match fields.remove("text") {
        Some(Value::String(text)) => text,
        Some(Value::Null) | None => return Err(Problem::new("no text", "there is no \"text\" to scan")),
        Some(_) => return Err(Problem::new("wrong field", "\"text\" is not a string")),
    };
    let id = match fields.remove("id") {
        Some(Value::String(id)) if !id.is_empty() => id,
        Some(Value::Null | Value::String(_)) | None => place.to_string(),
        Some(id @ Value::Number(_)) => id.to_string(),
        Some(_) => return Err(Problem::new("wrong field", "\"id\" is neither a string nor a number")),
    };
    // A field that a report names itself goes under `input_<name>`.
    Ok(Output::new(id, text, fields))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn parse(value: Value) -> Result<Output, Problem> {
        let Value::Object(fields) = value else { unreachable!("tests pass objects") };
        from_fields(fields, &Place { file: "a.jsonl".into(), number: Some(7) })
    }

    #[test]
    fn fields_travel_and_clashes_are_renamed() {
        let output = parse(json!({
            "text": "la", "model": "m-1", "version": "theirs", "input_version": "older", "works": 3, "id": 5
        }))
        .unwrap();
        assert_eq!(output.id, "5");
        let expected = json!({
            "model": "m-1", "input_input_version": "theirs", "input_version": "older", "input_works": 3
        });
        assert_eq!(Value::Object(output.fields), expected);
    }

    #[test]
    fn the_place_stands_in_for_an_id() {
        assert_eq!(parse(json!({"text": "la"})).unwrap().id, "a.jsonl:7");
        assert_eq!(parse(json!({"text": "la", "id": null})).unwrap().id, "a.jsonl:7");
        assert_eq!(parse(json!({"id": "x"})).unwrap_err().kind, "no text");
    }
}
