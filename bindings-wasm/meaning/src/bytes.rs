//! Pieces of memory that come from JavaScript.

use js_sys::{Float32Array, Uint8Array};
use wasm_bindgen::prelude::*;

use crate::errors::{input, limit};

/// Bytes of a cache line, which is fetched as a whole.
const LINE: usize = 64;

/// Bytes that begin at a cache line: what lies side by side is then fetched with as few lines as can be.
pub(crate) struct Aligned {
    room: Vec<u8>,
    start: usize,
}

impl Aligned {
    /// Room for so many bytes.
    pub(crate) fn with_room(size: usize) -> Result<Self, JsValue> {
        let mut room: Vec<u8> = Vec::new();
        let none = |_| limit(&format!("there is no memory for {size} bytes"));
        room.try_reserve_exact(size.saturating_add(LINE)).map_err(none)?;
        let start = room.as_ptr().align_offset(LINE).min(LINE);
        room.resize(start, 0);
        Ok(Self { room, start })
    }

    pub(crate) fn len(&self) -> usize {
        self.room.len() - self.start
    }

    /// Appends what there is room for: more would move the others.
    pub(crate) fn append(&mut self, chunk: &Uint8Array) -> Result<(), JsValue> {
        let (from, length) = (self.room.len(), chunk.length() as usize);
        if length > self.room.capacity() - from {
            return Err(input("more bytes came than were announced"));
        }
        self.room.resize(from + length, 0);
        chunk.copy_to(&mut self.room[from..]);
        Ok(())
    }

    /// The same of bytes that are here already.
    pub(crate) fn copied(bytes: &[u8]) -> Result<Self, JsValue> {
        let mut aligned = Self::with_room(bytes.len())?;
        aligned.room.extend_from_slice(bytes);
        Ok(aligned)
    }
}

impl AsRef<[u8]> for Aligned {
    fn as_ref(&self) -> &[u8] {
        &self.room[self.start..]
    }
}

/// Numbers out of JavaScript's memory.
pub(crate) fn floats(numbers: &Float32Array) -> Result<Vec<f32>, JsValue> {
    let mut copied = Vec::new();
    let none = |_| limit(&format!("there is no memory for {} numbers", numbers.length()));
    copied.try_reserve_exact(numbers.length() as usize).map_err(none)?;
    copied.resize(numbers.length() as usize, 0.0);
    numbers.copy_to(&mut copied);
    Ok(copied)
}
