//! Sums of products on x86-64.

use std::arch::x86_64::*;

use super::{BLOCK, Fours, HalfBytes, Line, QUERIES, Signed, TILE, TILES, WIDE};

/// # Safety
/// The processor must have AVX2.
#[inline(always)]
pub(super) unsafe fn dot_half_bytes_avx2(halves: &[HalfBytes], query: &[Signed]) -> i32 {
    // SAFETY: the features are the caller's promise; all loads stay in their blocks.
    unsafe {
        let low = _mm256_set1_epi8(15);
        let ones = _mm256_set1_epi16(1);
        let mut sums = _mm256_setzero_si256();
        for (halves, Signed(query)) in halves.iter().zip(query) {
            // A pair of products is below 2 * 15 * 128, four of them fit in 16 bits.
            let mut pairs = _mm256_setzero_si256();
            for at in [0, 32] {
                let bytes = _mm256_loadu_si256(halves.as_ptr().add(at).cast());
                let first = _mm256_loadu_si256(query.as_ptr().add(at).cast());
                let second = _mm256_loadu_si256(query.as_ptr().add(BLOCK + at).cast());
                let upper = _mm256_and_si256(_mm256_srli_epi16::<4>(bytes), low);
                pairs = _mm256_add_epi16(pairs, _mm256_maddubs_epi16(_mm256_and_si256(bytes, low), first));
                pairs = _mm256_add_epi16(pairs, _mm256_maddubs_epi16(upper, second));
            }
            sums = _mm256_add_epi32(sums, _mm256_madd_epi16(pairs, ones));
        }
        added(sums)
    }
}

/// The sum of eight numbers.
///
/// # Safety
/// The processor must have AVX2.
#[inline(always)]
unsafe fn added(sums: __m256i) -> i32 {
    // SAFETY: as the caller promises.
    unsafe {
        let four = _mm_add_epi32(_mm256_castsi256_si128(sums), _mm256_extracti128_si256::<1>(sums));
        let two = _mm_add_epi32(four, _mm_shuffle_epi32::<0b00_00_11_10>(four));
        _mm_cvtsi128_si32(_mm_add_epi32(two, _mm_shuffle_epi32::<1>(two)))
    }
}

/// # Safety
/// The processor must have AVX2.
#[inline(always)]
pub(super) unsafe fn dot_bytes_avx2(high: &[HalfBytes], low: &[HalfBytes], query: &[Signed]) -> i32 {
    // SAFETY: the features are the caller's promise; all loads stay in their blocks.
    unsafe {
        let mask = _mm256_set1_epi8(15);
        let mut sums = _mm256_setzero_si256();
        for ((high, low), Signed(query)) in high.iter().zip(low).zip(query) {
            let mut high_pairs = _mm256_setzero_si256();
            let mut low_pairs = _mm256_setzero_si256();
            for at in [0, 32] {
                let first = _mm256_loadu_si256(query.as_ptr().add(at).cast());
                let second = _mm256_loadu_si256(query.as_ptr().add(BLOCK + at).cast());
                for (halves, pairs) in [(high, &mut high_pairs), (low, &mut low_pairs)] {
                    let bytes = _mm256_loadu_si256(halves.as_ptr().add(at).cast());
                    let upper = _mm256_and_si256(_mm256_srli_epi16::<4>(bytes), mask);
                    let lower = _mm256_and_si256(bytes, mask);
                    // As above: four pairs of products fit in 16 bits.
                    *pairs = _mm256_add_epi16(*pairs, _mm256_maddubs_epi16(lower, first));
                    *pairs = _mm256_add_epi16(*pairs, _mm256_maddubs_epi16(upper, second));
                }
            }
            sums = _mm256_add_epi32(sums, _mm256_madd_epi16(high_pairs, _mm256_set1_epi16(16)));
            sums = _mm256_add_epi32(sums, _mm256_madd_epi16(low_pairs, _mm256_set1_epi16(1)));
        }
        added(sums)
    }
}

/// # Safety
/// The processor must have AVX-512 F, BW and VNNI.
#[inline(always)]
pub(super) unsafe fn dot_bytes_avx512(high: &[HalfBytes], low: &[HalfBytes], query: &[Signed]) -> i32 {
    // SAFETY: the features are the caller's promise; all loads stay in their blocks.
    unsafe {
        let mask = _mm512_set1_epi8(15);
        let mut sums = [_mm512_setzero_si512(); 4];
        for ((high, low), Signed(query)) in high.iter().zip(low).zip(query) {
            let first = _mm512_loadu_si512(query.as_ptr().cast());
            let second = _mm512_loadu_si512(query.as_ptr().add(BLOCK).cast());
            let high = _mm512_loadu_si512(high.as_ptr().cast());
            let low = _mm512_loadu_si512(low.as_ptr().cast());
            sums[0] = _mm512_dpbusd_epi32(sums[0], _mm512_and_si512(high, mask), first);
            sums[2] = _mm512_dpbusd_epi32(sums[2], _mm512_and_si512(low, mask), first);
            let high = _mm512_and_si512(_mm512_srli_epi16::<4>(high), mask);
            let low = _mm512_and_si512(_mm512_srli_epi16::<4>(low), mask);
            sums[1] = _mm512_dpbusd_epi32(sums[1], high, second);
            sums[3] = _mm512_dpbusd_epi32(sums[3], low, second);
        }
        let high = _mm512_slli_epi32::<4>(_mm512_add_epi32(sums[0], sums[1]));
        _mm512_reduce_add_epi32(_mm512_add_epi32(high, _mm512_add_epi32(sums[2], sums[3])))
    }
}

/// # Safety
/// The processor must have AVX-512 F, BW and VNNI.
#[inline(always)]
pub(super) unsafe fn dot_half_bytes_avx512(halves: &[HalfBytes], query: &[Signed]) -> i32 {
    // SAFETY: the features are the caller's promise; all loads stay in their blocks.
    unsafe {
        let low = _mm512_set1_epi8(15);
        let mut sums = [_mm512_setzero_si512(); 2];
        for (halves, Signed(query)) in halves.iter().zip(query) {
            let bytes = _mm512_loadu_si512(halves.as_ptr().cast());
            let first = _mm512_loadu_si512(query.as_ptr().cast());
            let second = _mm512_loadu_si512(query.as_ptr().add(BLOCK).cast());
            let upper = _mm512_and_si512(_mm512_srli_epi16::<4>(bytes), low);
            sums[0] = _mm512_dpbusd_epi32(sums[0], _mm512_and_si512(bytes, low), first);
            sums[1] = _mm512_dpbusd_epi32(sums[1], upper, second);
        }
        _mm512_reduce_add_epi32(_mm512_add_epi32(sums[0], sums[1]))
    }
}

/// # Safety
/// The processor must have AVX-512 F and DQ.
#[inline(always)]
pub(super) unsafe fn dot_floats_avx512(a: &[f32], b: &[f32]) -> f32 {
    let len = a.len().min(b.len());
    // SAFETY: the features are the caller's promise; loads behind the rows' ends are masked.
    unsafe {
        let mut lanes = [_mm512_setzero_ps(); 4];
        let mut at = 0;
        while at + 64 <= len {
            for (k, lanes) in lanes.iter_mut().enumerate() {
                let a = _mm512_loadu_ps(a.as_ptr().add(at + 16 * k));
                let b = _mm512_loadu_ps(b.as_ptr().add(at + 16 * k));
                *lanes = _mm512_add_ps(*lanes, _mm512_mul_ps(a, b));
            }
            at += 64;
        }
        for lanes in &mut lanes {
            let left = (len - at).min(16);
            if left == 0 {
                break;
            }
            let mask = (u32::MAX >> (32 - left)) as u16;
            let a = _mm512_maskz_loadu_ps(mask, a.as_ptr().add(at));
            let b = _mm512_maskz_loadu_ps(mask, b.as_ptr().add(at));
            // A lane is never -0, so that the zeros under no bit of the mask change nothing.
            *lanes = _mm512_add_ps(*lanes, _mm512_mul_ps(a, b));
            at += left;
        }
        let [first, second, third, fourth] = lanes;
        let sixteen = _mm512_add_ps(_mm512_add_ps(first, third), _mm512_add_ps(second, fourth));
        let eight = _mm256_add_ps(_mm512_castps512_ps256(sixteen), _mm512_extractf32x8_ps::<1>(sixteen));
        let four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps::<1>(eight));
        let two = _mm_add_ps(four, _mm_movehl_ps(four, four));
        _mm_cvtss_f32(_mm_add_ss(two, _mm_shuffle_ps::<1>(two, two)))
    }
}

/// # Safety
/// The processor must have AVX-512 F and BW.
#[inline(always)]
pub(super) unsafe fn lay_tile_avx512(
    high: &[&[HalfBytes]; TILE],
    low: &[&[HalfBytes]; TILE],
    tile: &mut [Line],
) {
    let (tile, _) = tile.as_chunks_mut::<{ WIDE / 4 }>();
    let blocks = high.iter().chain(low).fold(tile.len(), |blocks, row| blocks.min(row.len()));
    // SAFETY: the features are the caller's promise; each row has so many blocks, and the tile room for them.
    unsafe {
        let mask = _mm512_set1_epi8(15);
        for (block, tile) in tile.iter_mut().enumerate().take(blocks) {
            // One half after the other: sixteen rows fit in the registers.
            let mut rows = [_mm512_setzero_si512(); TILE];
            for row in 0..TILE {
                let high = _mm512_loadu_si512(high[row].as_ptr().add(block).cast());
                let low = _mm512_loadu_si512(low[row].as_ptr().add(block).cast());
                let lifted = _mm512_slli_epi16::<4>(_mm512_and_si512(high, mask));
                rows[row] = _mm512_or_si512(lifted, _mm512_and_si512(low, mask));
            }
            let columns = transposed(rows);
            for k in 0..TILE {
                _mm512_store_si512(tile[k].0.as_mut_ptr().cast(), columns[k]);
            }
            for row in 0..TILE {
                let high = _mm512_loadu_si512(high[row].as_ptr().add(block).cast());
                let low = _mm512_loadu_si512(low[row].as_ptr().add(block).cast());
                let lowered = _mm512_and_si512(_mm512_srli_epi16::<4>(low), mask);
                rows[row] = _mm512_or_si512(_mm512_andnot_si512(mask, high), lowered);
            }
            let columns = transposed(rows);
            for k in 0..TILE {
                _mm512_store_si512(tile[TILE + k].0.as_mut_ptr().cast(), columns[k]);
            }
        }
    }
}

/// Sixteen columns of sixteen numbers of 32 bits, of as many rows.
///
/// # Safety
/// The processor must have AVX-512 F.
#[inline(always)]
unsafe fn transposed(rows: [__m512i; TILE]) -> [__m512i; TILE] {
    // SAFETY: as the caller promises.
    unsafe {
        let mut pairs = rows;
        for k in 0..TILE / 2 {
            pairs[2 * k] = _mm512_unpacklo_epi32(rows[2 * k], rows[2 * k + 1]);
            pairs[2 * k + 1] = _mm512_unpackhi_epi32(rows[2 * k], rows[2 * k + 1]);
        }
        // In quarter `q` of `fours[4 * g + c]`: column `4 * q + c` of rows `4 * g ..`.
        let mut fours = rows;
        for g in 0..TILE / 4 {
            let at = 4 * g;
            fours[at] = _mm512_unpacklo_epi64(pairs[at], pairs[at + 2]);
            fours[at + 1] = _mm512_unpackhi_epi64(pairs[at], pairs[at + 2]);
            fours[at + 2] = _mm512_unpacklo_epi64(pairs[at + 1], pairs[at + 3]);
            fours[at + 3] = _mm512_unpackhi_epi64(pairs[at + 1], pairs[at + 3]);
        }
        let mut columns = rows;
        for c in 0..4 {
            let (g0, g1, g2, g3) = (fours[c], fours[c + 4], fours[c + 8], fours[c + 12]);
            let low01 = _mm512_shuffle_i32x4::<0b01_00_01_00>(g0, g1);
            let high01 = _mm512_shuffle_i32x4::<0b11_10_11_10>(g0, g1);
            let low23 = _mm512_shuffle_i32x4::<0b01_00_01_00>(g2, g3);
            let high23 = _mm512_shuffle_i32x4::<0b11_10_11_10>(g2, g3);
            columns[c] = _mm512_shuffle_i32x4::<0b10_00_10_00>(low01, low23);
            columns[4 + c] = _mm512_shuffle_i32x4::<0b11_01_11_01>(low01, low23);
            columns[8 + c] = _mm512_shuffle_i32x4::<0b10_00_10_00>(high01, high23);
            columns[12 + c] = _mm512_shuffle_i32x4::<0b11_01_11_01>(high01, high23);
        }
        columns
    }
}

/// # Safety
/// The processor must have AVX-512 F and VNNI.
#[inline(always)]
pub(super) unsafe fn dot_tiles_avx512(
    tiles: [&[Line]; TILES],
    queries: &[Fours],
    start: &[i32; TILES * TILE],
    least: &[i32; QUERIES],
    sums: &mut [[i32; TILES * TILE]; QUERIES],
) -> [u64; QUERIES] {
    let steps = tiles.iter().fold(queries.len(), |steps, tile| steps.min(tile.len()));
    let mut masks = [0; QUERIES];
    // SAFETY: the features are the caller's promise; each tile and query is as long as that many steps.
    unsafe {
        let mut begun = [_mm512_setzero_si512(); TILES];
        for (tile, begun) in begun.iter_mut().enumerate() {
            *begun = _mm512_loadu_si512(start.as_ptr().add(tile * TILE).cast());
        }
        let mut lanes = [begun; QUERIES];
        for step in 0..steps {
            let rows: [__m512i; TILES] = [
                _mm512_load_si512(tiles[0].as_ptr().add(step).cast()),
                _mm512_load_si512(tiles[1].as_ptr().add(step).cast()),
                _mm512_load_si512(tiles[2].as_ptr().add(step).cast()),
                _mm512_load_si512(tiles[3].as_ptr().add(step).cast()),
            ];
            let fours = &*queries.as_ptr().add(step);
            // The queries that come next lie behind these: from the second cache they come while these are multiplied. To ask
            // for a place where there is nothing does nothing.
            _mm_prefetch::<_MM_HINT_T0>(queries.as_ptr().wrapping_add(steps + step).cast());
            for k in 0..QUERIES {
                let four = _mm512_set1_epi32(fours[k]);
                for tile in 0..TILES {
                    lanes[k][tile] = _mm512_dpbusd_epi32(lanes[k][tile], rows[tile], four);
                }
            }
        }
        for k in 0..QUERIES {
            let least = _mm512_set1_epi32(least[k]);
            let [first, second, third, fourth] = lanes[k];
            let highest = _mm512_max_epi32(_mm512_max_epi32(first, second), _mm512_max_epi32(third, fourth));
            if _mm512_cmpge_epi32_mask(highest, least) != 0 {
                for (tile, &lanes) in lanes[k].iter().enumerate() {
                    let reached = _mm512_cmpge_epi32_mask(lanes, least);
                    masks[k] |= u64::from(reached) << (tile * TILE);
                    _mm512_storeu_si512(sums[k].as_mut_ptr().add(tile * TILE).cast(), lanes);
                }
            }
        }
    }
    masks
}

/// # Safety
/// The processor must have AVX-512 F and VNNI.
#[inline(always)]
pub(super) unsafe fn multiply_add_avx512(rounds: u64) -> (u64, i32) {
    const REGISTERS: usize = 16;
    // SAFETY: as the caller promises.
    unsafe {
        let bytes = _mm512_set1_epi8(3);
        let mut lanes = [_mm512_setzero_si512(); REGISTERS];
        for round in 0..rounds {
            let factor = _mm512_set1_epi32(round as i32);
            for lanes in &mut lanes {
                *lanes = _mm512_dpbusd_epi32(*lanes, bytes, factor);
            }
        }
        let sum = lanes.into_iter().fold(_mm512_setzero_si512(), |sum, lanes| _mm512_add_epi32(sum, lanes));
        (rounds * (REGISTERS * BLOCK) as u64, _mm512_reduce_add_epi32(sum))
    }
}
