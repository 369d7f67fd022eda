//! The npm package's native half: it turns JavaScript's values into the library's types and back, and decides nothing.
//!
//! | file | job |
//! | --- | --- |
//! | `registry` | works, bytes and streams become registries |
//! | `scanner` | texts become reports |
//! | `errors` | the one table of errors |
//!
//! What is structured crosses the border as JSON: browsers read it faster than a foreign function could build objects, and the
//! report's form stays defined in one place. The classes that users see are JavaScript's (`package/`), around these.

mod errors;
mod registry;
mod scanner;

use wasm_bindgen::prelude::*;

/// Holds the vector kernels to their plain twins; traps where one says something else.
#[cfg(feature = "self-test")]
#[wasm_bindgen(js_name = selfTest)]
pub fn self_test() {
    nagalm::all_kernels_say_the_same(20_000);
}

/// Bytes of this module's memory.
#[wasm_bindgen(js_name = memoryBytes)]
#[must_use]
pub fn memory_bytes() -> f64 {
    #[cfg(target_arch = "wasm32")]
    return core::arch::wasm32::memory_size::<0>() as f64 * 65536.0;
    #[cfg(not(target_arch = "wasm32"))]
    0.0
}
