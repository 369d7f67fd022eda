//! One row of input before anybody knows whether it is a work or an output.

use std::fmt;
use std::sync::Arc;

use serde_json::{Map, Value};

/// Where a record stands: the file, and the line (text formats), the row (Parquet) or the item (JSON arrays) in it,
/// counted from 1. Written `file:number`, as compilers do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) file: Arc<str>,
    pub(crate) number: Option<u64>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        self.number.map_or(Ok(()), |number| write!(f, ":{number}"))
    }
}

/// Why a record was refused: the kind is counted, the message is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) kind: &'static str,
    pub(crate) message: String,
}

impl Problem {
    pub(crate) fn new(kind: &'static str, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }
}

/// What a reader found at one place.
#[derive(Debug)]
pub(crate) enum Content {
    /// The bytes of one JSON object, not yet parsed.
    Json(Vec<u8>),
    /// Named fields, as a table row gives them.
    Fields(Map<String, Value>),
    /// The bytes of a plain text, not yet checked, and the name that its file gives it.
    Text {
        name: String,
        bytes: Vec<u8>,
    },
    Refused(Problem),
}

#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) place: Place,
    pub(crate) content: Content,
}

/// The fields of a JSON object that stands on one line.
pub(crate) fn parse_object(bytes: &[u8]) -> Result<Map<String, Value>, Problem> {
    let text = utf8(bytes)?;
    serde_json::from_str(text).map_err(|e| {
        let where_ = format!("column {}", e.column());
        if e.is_eof() {
            Problem::new(
                "cut off",
                "the JSON object is cut off at the end of the line; is the file complete?",
            )
        } else if e.is_data() {
            Problem::new("not an object", "not a JSON object: each line must be one {…}")
        } else {
            Problem::new("not JSON", format!("not JSON at {where_}: {}", without_position(&e)))
        }
    })
}

/// `bytes` as text, or where they stop being UTF-8.
pub(crate) fn utf8(bytes: &[u8]) -> Result<&str, Problem> {
    std::str::from_utf8(bytes).map_err(|e| {
        let at = e.valid_up_to();
        Problem::new(
            "invalid UTF-8",
            format!(
                "invalid UTF-8: byte 0x{:02X} at position {at}; convert the file first \
                 (iconv -f WINDOWS-1252 -t UTF-8, say)",
                bytes[at]
            ),
        )
    })
}

/// serde_json ends its messages in "at line 1 column 7"; the line is always 1 here, and the place says the real one.
pub(crate) fn without_position(error: &serde_json::Error) -> String {
    let message = error.to_string();
    match message.rfind(" at line ") {
        Some(at) => message[..at].to_owned(),
        None => message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_say_what_is_wrong() {
        let kind = |bytes: &[u8]| parse_object(bytes).unwrap_err().kind;
        assert_eq!(kind(br#"{"text": "a"#), "cut off");
        assert_eq!(kind(br#"{"text" "a"}"#), "not JSON");
        assert_eq!(kind(b"[1]"), "not an object");
        assert_eq!(kind(b"{\"text\": \"caf\xE9\"}"), "invalid UTF-8");
        assert!(parse_object(b"{}").is_ok());
    }
}
