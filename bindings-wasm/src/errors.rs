//! The one table of errors: what kind of trouble the library has, and what JavaScript calls it.

use wasm_bindgen::prelude::*;

#[wasm_bindgen(raw_module = "../error.js")]
extern "C" {
    /// JavaScript's error, which carries the kind.
    type NagalmError;

    #[wasm_bindgen(constructor)]
    fn new(kind: &str, message: &str) -> NagalmError;
}

/// Whether an error of the library is of a kind, and the kind's name.
type Row = (fn(&nagalm::Error) -> bool, &'static str);

const TABLE: [Row; 10] = [
    (nagalm::Error::is_input, "input"),
    (nagalm::Error::is_not_found, "not-found"),
    (nagalm::Error::is_exists, "exists"),
    (nagalm::Error::is_corrupt, "corrupt"),
    (nagalm::Error::is_version, "version"),
    (nagalm::Error::is_untrusted, "untrusted"),
    (nagalm::Error::is_locked, "locked"),
    (nagalm::Error::is_limit, "limit"),
    (nagalm::Error::is_model, "model"),
    (nagalm::Error::is_io, "io"),
];

/// The exception for an error of the library, with its message.
pub(crate) fn thrown(error: nagalm::Error) -> JsValue {
    let kind = TABLE.iter().find(|(is, _)| is(&error)).map_or("other", |(_, kind)| kind);
    NagalmError::new(kind, &error.to_string()).into()
}

/// The caller's input is wrong.
pub(crate) fn input(message: &str) -> JsValue {
    NagalmError::new("input", message).into()
}

/// There is no room for it.
pub(crate) fn limit(message: &str) -> JsValue {
    NagalmError::new("limit", message).into()
}
