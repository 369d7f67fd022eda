//! From a text to folded words that know where they came from.
//!
//! Two streams over one text: *words*, and *letters* with all separators gone. Both live in [`Folded`]: the letters
//! lie in one buffer, the words are ranges of it, each with its bytes in the original.

mod characters;
mod disguise;
mod fold;
mod reading;
mod simple;
mod split;
mod syllables;
mod tokens;

pub(crate) use characters::UNICODE_VERSION;
pub(crate) use disguise::{Disguise, readings};
pub(crate) use fold::Folded;
pub(crate) use reading::Reading;
pub(crate) use tokens::Token;
