//! Vectors as bytes: a byte a dimension, kept as an upper and a lower half.
//!
//! The upper halves alone say enough to walk the graph, and are half of what the processor has to fetch; with the lower halves
//! the byte is whole, which leaves few rows to look at in full precision.

use crate::simd::{self, HalfBytes, Kernel, Signed, WIDE};

/// How far the bytes reach, in standard deviations of a dimension (of a vector of length 1). Measured: 2.9 would be best for the
/// upper halves alone, by a hair; but it cuts off much, which exact search would have to grant.
const REACH: f32 = 3.8;

/// What a step of a byte is worth.
pub(super) fn step(dimensions: usize) -> f32 {
    REACH / (128.0 * (dimensions as f32).sqrt())
}

/// How many blocks of half bytes a row takes.
pub(super) fn blocks(dimensions: usize) -> usize {
    dimensions.div_ceil(WIDE)
}

/// The bytes of all rows.
#[derive(Clone, Copy)]
pub(super) struct Codes<'a> {
    high: &'a [HalfBytes],
    low: &'a [HalfBytes],
    blocks: usize,
}

impl<'a> Codes<'a> {
    pub(super) fn new(high: &'a [HalfBytes], low: &'a [HalfBytes], blocks: usize) -> Self {
        Self { high, low, blocks }
    }

    pub(super) fn blocks(&self) -> usize {
        self.blocks
    }

    #[inline(always)]
    pub(super) fn high(&self, point: u32) -> &'a [HalfBytes] {
        let at = point as usize * self.blocks;
        &self.high[at..at + self.blocks]
    }

    #[inline(always)]
    pub(super) fn low(&self, point: u32) -> &'a [HalfBytes] {
        let at = point as usize * self.blocks;
        &self.low[at..at + self.blocks]
    }

    #[inline(always)]
    pub(super) fn prefetch_high(&self, point: u32) {
        let at = point as usize * self.blocks;
        simd::prefetch_many(self.high, at, self.blocks);
        simd::read_ahead(self.high, at, self.blocks);
    }

    /// The sum of the products of a query with the whole bytes of a row.
    #[inline(always)]
    pub(super) fn dot<K: Kernel>(&self, kernel: K, query: &[K::Query], point: u32) -> i32 {
        kernel.dot_bytes(self.high(point), self.low(point), query)
    }

    /// A row's bytes as a query: 0 is the middle.
    pub(super) fn signed(&self, point: u32, signed: &mut [Signed]) {
        for ((high, low), Signed(signed)) in self.high(point).iter().zip(self.low(point)).zip(signed) {
            let (first, second) = signed.split_at_mut(high.len());
            for k in 0..high.len() {
                first[k] = (((high[k] & 15) << 4 | low[k] & 15) ^ 0x80).cast_signed();
                second[k] = ((high[k] & 0xf0 | low[k] >> 4) ^ 0x80).cast_signed();
            }
        }
    }
}

/// Appends the bytes of a row, and gives how far they are from it (as a length).
pub(super) fn encode(row: &[f32], step: f32, high: &mut Vec<HalfBytes>, low: &mut Vec<HalfBytes>) -> f32 {
    let mut missed = 0.0_f64;
    for block in row.chunks(WIDE) {
        // Dimensions that are not there: the middle, which a query's zeros make nothing of.
        let mut bytes = [0x80_u8; WIDE];
        for (byte, &number) in bytes.iter_mut().zip(block) {
            // Saturates, which is what is wanted.
            *byte = ((number / step).floor() + 128.0) as u8;
            let error = f64::from(number) - decoded(*byte, step);
            missed += error * error;
        }
        let (first, second) = bytes.split_at(WIDE / 2);
        high.push(std::array::from_fn(|k| first[k] >> 4 | second[k] & 0xf0));
        low.push(std::array::from_fn(|k| first[k] & 15 | second[k] << 4));
    }
    missed.sqrt() as f32
}

/// How many grades there are of being far from a row.
const GRADES: f32 = 255.0;

/// How far a row's bytes are from it, in grades of the farthest, rounded up.
pub(super) fn granted(missed: f32, most: f32) -> u8 {
    // Saturates, and is 0 where nothing is missed anywhere.
    (missed / most * GRADES).ceil() as u8
}

fn decoded(byte: u8, step: f32) -> f64 {
    (f64::from(byte) - 127.5) * f64::from(step)
}

/// A query as signed bytes.
pub(super) struct Query {
    pub(super) signed: Vec<Signed>,
    /// What a sum of products with a row's bytes is worth.
    unit: f32,
    /// What such a sum is where the similarity is 0.
    zero: f32,
    /// By how much a similarity may be wrong at most because of the query's bytes, not the row's.
    bound: f32,
    /// What a row's bytes may add to a sum for each unit of [`granted`].
    pub(super) weight: i32,
}

impl Query {
    /// Of a vector of length 1. `missed` is how far the bytes of any row are from it at most.
    pub(super) fn new(vector: &[f32], step: f32, missed: f32) -> Self {
        let largest = vector.iter().fold(0.0, |largest: f32, number| largest.max(number.abs()));
        let own = (largest / 127.0).max(f32::MIN_POSITIVE);
        let mut signed = vec![Signed([0; WIDE]); blocks(vector.len())];
        let (mut error, mut sum) = (0.0_f64, 0);
        for (Signed(signed), block) in signed.iter_mut().zip(vector.chunks(WIDE)) {
            for (signed, &number) in signed.iter_mut().zip(block) {
                *signed = (number / own).round() as i8;
                sum += i32::from(*signed);
                let off = f64::from(number) - f64::from(*signed) * f64::from(own);
                error += off * off;
            }
        }
        // |qx - q'x'| <= |q| |x - x'| + |q - q'| |x'|, a length of 1 being a thousandth longer at most; and what f32 rounds off.
        let bound = error.sqrt() as f32 * (1.002 + missed) + 1e-5;
        let unit = own * step;
        let weight = (missed / GRADES * 1.002 / unit).ceil() as i32;
        Self { signed, unit, zero: 127.5 * sum as f32, bound, weight }
    }

    /// The most similar that a row can be to whose sum was added what it is granted.
    pub(super) fn at_most(&self, dot: i32) -> f32 {
        (dot as f32 - self.zero) * self.unit + self.bound
    }

    /// By how much a sum may be wrong at most because of the query's bytes.
    pub(super) fn bound_of_sum(&self) -> i32 {
        (self.bound / self.unit).ceil() as i32 + 1
    }
}
