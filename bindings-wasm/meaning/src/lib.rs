//! The npm package's second module, `nagalm/meaning`: neighbours in meaning. It turns JavaScript's values into the library's types
//! and back, and decides nothing.
//!
//! | file | job |
//! | --- | --- |
//! | `vectors` | vectors become an index, and queries their nearest rows |
//! | `model` | the files of a static embedding become a model |
//! | `neighbours` | works become vectors, and texts the passages of works that are nearest |
//! | `bytes` | pieces of memory that come from JavaScript |
//! | `../src/errors` | the one table of errors |

mod bytes;
#[path = "../../src/errors.rs"]
mod errors;
mod model;
mod neighbours;
mod vectors;

use wasm_bindgen::prelude::*;

/// Holds the vector kernels to their plain twins; traps where one says something else.
#[cfg(feature = "self-test")]
#[wasm_bindgen(js_name = selfTest)]
pub fn self_test() {
    nagalm::all_kernels_say_the_same(2_000);
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
