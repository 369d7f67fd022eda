//! From a record to a work: what tables write in one cell becomes lists, what is no number becomes text.

use std::path::Path;

use nagalm::Work;
use serde_json::{Map, Value, json};

use super::record::{Content, Problem, Record, parse_object, utf8};

/// A plain text's identifier: the file's name without its extension.
pub(crate) fn text_name(path: &Path) -> String {
    path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default()
}

/// The work that a record holds. With `first_line_title`, a plain text's first line is its title and not part of it.
pub(crate) fn work(record: Record, first_line_title: bool) -> Result<Work, Problem> {
    match record.content {
        Content::Refused(problem) => Err(problem),
        Content::Json(bytes) => from_fields(parse_object(&bytes)?),
        Content::Fields(fields) => from_fields(fields),
        Content::Text { name, bytes } => {
            let text = utf8(&bytes)?;
            let (title, text) = if first_line_title { split_title(text) } else { (None, text) };
            let work = Work { work_id: name, title, text: text.to_owned(), ..Work::default() };
            whole(work)
        }
    }
}

fn split_title(text: &str) -> (Option<String>, &str) {
    let text = text.trim_start();
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    (Some(first.trim().to_owned()).filter(|t| !t.is_empty()), rest.trim_start_matches(['\r', '\n']))
}

fn whole(work: Work) -> Result<Work, Problem> {
    if work.work_id.is_empty() {
        return Err(Problem::new("no work_id", "there is no \"work_id\", by which the work would be found"));
    }
    if work.text.trim().is_empty() {
        return Err(Problem::new("empty text", format!("work {:?} has no text", work.work_id)));
    }
    Ok(work)
}

const TEXTS: [&str; 10] =
    ["work_id", "title", "language", "iswc", "isbn", "isrc", "iscc", "society", "rights_holder", "text"];
const LISTS: [&str; 4] = ["other_titles", "creators", "licences", "reservations"];

/// The work that named fields are.
pub(crate) fn from_fields(mut fields: Map<String, Value>) -> Result<Work, Problem> {
    for name in TEXTS {
        match fields.get_mut(name) {
            // Databases export identifiers as numbers.
            Some(value @ Value::Number(_)) => *value = Value::String(value.to_string()),
            Some(Value::Null) => drop(fields.remove(name)),
            _ => {}
        }
    }
    for name in LISTS {
        if let Some(value) = fields.remove(name)
            && let Some(list) = list(name, value)?
        {
            fields.insert(name.to_owned(), list);
        }
    }
    // `extra` is where a table keeps the fields that have no column.
    if let Some(Value::String(extra)) = fields.get("extra")
        && let Ok(Value::Object(extra)) = serde_json::from_str(extra)
    {
        fields.remove("extra");
        for (name, value) in extra {
            fields.entry(name).or_insert(value);
        }
    }
    let work = serde_json::from_value(Value::Object(fields))
        .map_err(|e| Problem::new("wrong field", format!("a field is not what it should be: {e}")))?;
    whole(work)
}

/// A list that stands in one cell: as JSON, or its parts with `;` between.
fn list(name: &str, value: Value) -> Result<Option<Value>, Problem> {
    let parts = match value {
        Value::Null => return Ok(None),
        Value::String(text) if text.trim_start().starts_with('[') => {
            let parsed = serde_json::from_str(&text);
            return parsed
                .map(Some)
                .map_err(|e| Problem::new("wrong field", format!("{name} is not a JSON list: {e}")));
        }
        Value::String(text) => {
            text.split(';').map(str::trim).filter(|p| !p.is_empty()).map(|p| json!(p)).collect()
        }
        Value::Array(parts) => parts,
        other => return Ok(Some(other)),
    };
    let parts = parts.into_iter().map(|part| match (name, part) {
        ("creators", Value::String(part)) => json!({"name": part}),
        ("licences", Value::String(part)) => json!({"licensee": part}),
        ("reservations", Value::String(part)) => json!({"scheme": "text", "value": part}),
        (_, Value::Object(part)) => Value::Object(part.into_iter().filter(|(_, v)| !v.is_null()).collect()),
        (_, part) => part,
    });
    Ok(Some(parts.collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(value: Value) -> Result<Work, Problem> {
        let Value::Object(fields) = value else { unreachable!("tests pass objects") };
        from_fields(fields)
    }

    #[test]
    fn cells_become_lists() {
        let work = parse(json!({
            "work_id": 17, "text": "la la", "title": null, "creators": "Anna Vos; Jan de Boer;",
            "licences": "[{\"licensee\": \"Lab\", \"until\": \"2030-01-01\"}]",
            "extra": "{\"tempo\": 90}", "shelf": "B",
        }))
        .unwrap();
        assert_eq!(work.work_id, "17");
        assert_eq!(work.title, None);
        let names: Vec<_> = work.creators.iter().map(|c| c.name.as_str()).collect();
        assert_eq!(names, ["Anna Vos", "Jan de Boer"]);
        assert_eq!(work.licences[0].until.as_deref(), Some("2030-01-01"));
        assert_eq!(work.extra["tempo"], 90);
        assert_eq!(work.extra["shelf"], "B");
    }

    #[test]
    fn what_is_no_work_is_refused() {
        let kind = |value| parse(value).unwrap_err().kind;
        assert_eq!(kind(json!({"text": "la"})), "no work_id");
        assert_eq!(kind(json!({"work_id": "a"})), "empty text");
        assert_eq!(kind(json!({"work_id": "a", "text": " \n"})), "empty text");
        assert_eq!(kind(json!({"work_id": "a", "text": ["la"]})), "wrong field");
        assert_eq!(kind(json!({"work_id": "a", "text": "la", "creators": "[{]"})), "wrong field");
    }

    #[test]
    fn the_first_line_may_be_the_title() {
        assert_eq!(split_title("\nThe Mill\n\nTurn, turn"), (Some("The Mill".into()), "Turn, turn"));
        assert_eq!(split_title("Only"), (Some("Only".into()), ""));
    }
}
