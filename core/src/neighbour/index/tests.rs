use super::*;
use crate::simd::InstructionSet;

/// Numbers without a pattern (SplitMix64: Steele, Lea, Flood 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// About normal: a sum of uniform numbers.
    fn normal(&mut self) -> f32 {
        (0..6).map(|_| (self.next() >> 40) as f32 / (1 << 24) as f32 - 0.5).sum()
    }

    fn vector(&mut self, dimensions: usize) -> Vec<f32> {
        (0..dimensions).map(|_| self.normal()).collect()
    }

    fn below(&mut self, count: usize) -> usize {
        (self.next() % count as u64) as usize
    }
}

fn normalised(vector: &[f32]) -> Vec<f32> {
    unit(vector).unwrap()
}

/// Vectors around some centres, as texts are around their subjects.
fn vectors(random: &mut Random, count: usize, dimensions: usize) -> Vec<Vec<f32>> {
    let centres: Vec<Vec<f32>> = (0..count / 40 + 1).map(|_| random.vector(dimensions)).collect();
    let around = |_| {
        let centre = &centres[random.below(centres.len())];
        normalised(&centre.iter().map(|number| number + random.normal()).collect::<Vec<_>>())
    };
    (0..count).map(around).collect()
}

fn builder(vectors: &[Vec<f32>], small: usize) -> IndexBuilder {
    let mut builder = IndexBuilder::new(vectors[0].len()).unwrap();
    builder.small = small;
    for (row, vector) in vectors.iter().enumerate() {
        assert_eq!(builder.push(vector).unwrap(), row as u32);
    }
    builder
}

/// With a graph, however small.
fn index(vectors: &[Vec<f32>]) -> VectorIndex<Vec<u8>> {
    VectorIndex::open(builder(vectors, 1).finish()).unwrap()
}

fn everything(_: u32) -> bool {
    true
}

/// The twin of all searches.
fn naive(vectors: &[Vec<f32>], query: &[f32], k: usize, wanted: impl Fn(u32) -> bool) -> Vec<Neighbour> {
    let query = normalised(query);
    let rows = (0..).zip(vectors).filter(|(row, _)| wanted(*row));
    let mut all: Vec<Neighbour> =
        rows.map(|(row, vector)| Neighbour { row, similarity: dot_in_lanes(&query, vector) }).collect();
    all.sort_by(|a, b| b.similarity.total_cmp(&a.similarity).then(a.row.cmp(&b.row)));
    all.truncate(k);
    all
}

fn dot_in_lanes(a: &[f32], b: &[f32]) -> f32 {
    let mut lanes = [0.0_f32; 64];
    for (k, (a, b)) in a.iter().zip(b).enumerate() {
        lanes[k % 64] += a * b;
    }
    let mut half = 32;
    while half > 0 {
        for k in 0..half {
            lanes[k] += lanes[k + half];
        }
        half /= 2;
    }
    lanes[0]
}

fn found(wanted: &[Neighbour], got: &[Neighbour]) -> usize {
    wanted.iter().filter(|wanted| got.contains(wanted)).count()
}

#[test]
fn exact_search_says_what_a_naive_one_does() {
    let mut random = Random(1);
    for (count, dimensions) in
        [(1, 1), (7, 3), (33, 64), (100, 65), (500, 100), (700, 128), (300, 384), (90, 1000)]
    {
        let mut vectors = vectors(&mut random, count, dimensions);
        // Equal rows, and such as differ in a single number.
        for _ in 0..count / 4 {
            let mut copy = vectors[random.below(count)].clone();
            if random.below(2) == 0 {
                copy[0] *= 1.000_001;
            }
            vectors.push(copy);
        }
        // Rows with nearly all of their length in one dimension: what bytes cut off most.
        let mut spike = vec![1e-3; dimensions];
        spike[dimensions / 2] = -1.0;
        vectors.push(normalised(&spike));
        for small in [1, usize::MAX] {
            let index = VectorIndex::open(builder(&vectors, small).finish()).unwrap();
            index.verify().unwrap();
            assert_eq!((index.len(), index.dimensions()), (vectors.len(), dimensions));
            let mut queries: Vec<Vec<f32>> = (0..8).map(|_| random.vector(dimensions)).collect();
            queries.push(vectors[0].clone());
            queries.push(vectors[vectors.len() - 1].iter().map(|number| number * 30.0).collect());
            queries.push(vectors[0].iter().map(|number| number * -1e-30).collect());
            let queries: Vec<&[f32]> = queries.iter().map(|query| &**query).collect();
            for k in [0, 1, 3, 10, vectors.len(), vectors.len() + 5, usize::MAX] {
                let modulus = [1, 2, 5, 1000][random.below(4)];
                let wanted = |row: u32| row.is_multiple_of(modulus);
                let batch = index.search_exact(&queries, k, &wanted).unwrap();
                for (query, got) in queries.iter().zip(&batch) {
                    assert_eq!(*got, naive(&vectors, query, k, wanted), "{count} x {dimensions}, k {k}");
                    assert_eq!(index.search_exact(&[query], k, &wanted).unwrap(), std::slice::from_ref(got));
                    // So few that the walk is left aside.
                    assert_eq!(index.search(query, k, &wanted).unwrap().len(), got.len());
                }
            }
        }
    }
}

#[test]
fn rows_are_given_back() {
    let vectors = vectors(&mut Random(2), 50, 10);
    let twice: Vec<Vec<f32>> = vectors.iter().chain(&vectors).cloned().collect();
    let index = index(&twice);
    for (row, vector) in (0..).zip(&twice) {
        assert_eq!(index.row(row), Some(&**vector));
    }
    assert_eq!(index.row(100), None);
}

#[test]
fn walks_miss_little() {
    let mut random = Random(3);
    let vectors = vectors(&mut random, 6000, 96);
    let index = index(&vectors);
    let queries: Vec<Vec<f32>> = (0..200)
        .map(|k| if k % 2 == 0 { vectors[random.below(6000)].clone() } else { random.vector(96) })
        .collect();
    let queries: Vec<&[f32]> = queries.iter().map(|query| &**query).collect();
    let exact = index.search_exact(&queries, 10, &everything).unwrap();
    let walked = index.search_batch(&queries, 10, &everything).unwrap();
    let hits: usize = exact.iter().zip(&walked).map(|(exact, walked)| found(exact, walked)).sum();
    assert!(hits > 1_900, "{hits} of 2,000");
    for ((query, walked), exact) in queries.iter().zip(&walked).zip(&exact) {
        // Alone as in company.
        assert_eq!(index.search(query, 10, &everything).unwrap(), *walked);
        assert!(walked.is_sorted_by(|a, b| a.similarity >= b.similarity));
        assert!(walked.iter().zip(exact).all(|(walked, exact)| walked.similarity <= exact.similarity));
    }
}

#[test]
fn every_row_finds_itself() {
    let vectors = vectors(&mut Random(4), 5000, 48);
    let index = index(&vectors);
    let queries: Vec<&[f32]> = vectors.iter().map(|vector| &**vector).collect();
    let found = index.search_batch(&queries, 1, &everything).unwrap();
    let missed = (0..).zip(&found).filter(|(row, found)| found[0].row != *row).count();
    assert!(missed <= 10, "{missed} of 5,000");
}

#[test]
fn one_row_two_thousand_times_hides_none() {
    let mut random = Random(5);
    let mut vectors = vectors(&mut random, 8000, 64);
    for _ in 0..2000 {
        let at = random.below(vectors.len());
        vectors.insert(at, vectors[0].clone());
    }
    let index = index(&vectors);
    let queries: Vec<&[f32]> = vectors.iter().map(|vector| &**vector).collect();
    let found = index.search_batch(&queries, 1, &everything).unwrap();
    let missed = found.iter().zip(&vectors).filter(|(found, vector)| index.row(found[0].row) != Some(vector));
    assert_eq!(missed.count(), 0, "the others' hits on themselves are all there");
    let copies: Vec<u32> =
        (0..).zip(&vectors).filter(|(_, vector)| **vector == vectors[0]).map(|(row, _)| row).collect();
    let best = index.search(&vectors[0], 30, &everything).unwrap();
    assert_eq!(best.iter().map(|best| best.row).collect::<Vec<_>>(), copies[..30]);
    let best = index.search(&vectors[0], 3, &|row| row > copies[1000]).unwrap();
    assert_eq!(best.iter().map(|best| best.row).collect::<Vec<_>>(), copies[1001..1004]);
}

#[test]
fn nothing_unwanted_is_found_and_nothing_rare_is_missed() {
    let mut random = Random(6);
    let vectors = vectors(&mut random, 6000, 64);
    let index = index(&vectors);
    for (share, least) in [(2, 0.97), (5, 0.97), (9, 1.0), (300, 1.0), (5000, 1.0), (7000, 1.0)] {
        let wanted = |row: u32| row % share == 1;
        let mut hits = (0, 0);
        for _ in 0..30 {
            let query = random.vector(64);
            let got = index.search(&query, 10, &wanted).unwrap();
            let expected = naive(&vectors, &query, 10, wanted);
            assert_eq!(got.len(), expected.len());
            assert!(got.iter().all(|got| wanted(got.row)));
            hits = (hits.0 + found(&expected, &got), hits.1 + expected.len());
        }
        assert!(hits.0 as f64 >= least * hits.1 as f64, "one of {share}: {hits:?}");
    }
    assert_eq!(index.search(&vectors[0], 10, &|_| false).unwrap(), []);
    // What is near the query is unwanted, most of the rest is wanted.
    let near: Vec<u32> =
        index.search(&vectors[0], 90, &everything).unwrap().iter().map(|found| found.row).collect();
    let got = index.search(&vectors[0], 10, &|row| !near.contains(&row)).unwrap();
    assert_eq!(got.len(), 10);
    assert!(got.iter().all(|got| !near.contains(&got.row)));
}

#[test]
fn the_same_vectors_make_the_same_bytes() {
    let vectors = vectors(&mut Random(7), 3000, 40);
    let image = builder(&vectors, 1).finish();
    let mut written = Vec::new();
    builder(&vectors, 1).write_to(&mut written).unwrap();
    assert!(written == image);
    #[cfg(feature = "parallel")]
    for threads in [1, 3] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        assert!(pool.install(|| builder(&vectors, 1).finish()) == image, "{threads} threads");
    }
    // And with no threads at all, and on every machine: these very bytes.
    let hash = blake3::hash(&image).to_hex();
    assert_eq!(&hash[..16], "2291c885bc926c99", "the index has changed: so must its version");
}

#[test]
fn all_instructions_find_the_same() {
    let vectors = vectors(&mut Random(8), 2500, 100);
    let queries: Vec<&[f32]> = vectors.iter().step_by(50).map(|vector| &**vector).collect();
    let mut all = Vec::new();
    for set in InstructionSet::ALL {
        set.limit();
        let index = index(&vectors);
        let exact = index.search_exact(&queries, 9, &everything).unwrap();
        let walked = index.search_batch(&queries, 9, &everything).unwrap();
        all.push((index.bytes, exact, walked));
    }
    InstructionSet::Avx512.limit();
    assert!(all.windows(2).all(|pair| pair[0] == pair[1]));
}

#[test]
fn what_is_no_vector_is_refused() {
    assert!(IndexBuilder::new(0).err().unwrap().is_input());
    assert!(IndexBuilder::new(4097).err().unwrap().is_input());
    let mut builder = IndexBuilder::new(3).unwrap();
    let wrong: [&[f32]; 7] = [
        &[],
        &[1.0, 0.0],
        &[1.0, 0.0, 0.0, 0.0],
        &[0.0, 0.0, 0.0],
        &[f32::NAN, 1.0, 0.0],
        &[f32::INFINITY, 1.0, 0.0],
        &[1.0, 1.0, 0.0],
    ];
    for wrong in wrong {
        assert!(builder.push(wrong).unwrap_err().is_input(), "{wrong:?}");
    }
    assert_eq!(builder.push(&[0.0, 1.0, -0.0]).unwrap(), 0);
    assert_eq!(builder.push(&[0.0, 1.0, 0.0]).unwrap(), 1);
    let index = VectorIndex::open(builder.finish()).unwrap();
    // Of any length, but none without one.
    for query in &wrong[..6] {
        assert!(index.search(query, 1, &everything).unwrap_err().is_input(), "{query:?}");
        assert!(index.search_exact(&[query], 1, &everything).unwrap_err().is_input(), "{query:?}");
    }
    let near = index.search(&[1e30, 1e30, 0.0], 5, &everything).unwrap();
    assert_eq!(near.iter().map(|near| near.row).collect::<Vec<_>>(), [0, 1]);
}

#[test]
fn an_empty_index_finds_nothing() {
    let index = VectorIndex::open(IndexBuilder::new(5).unwrap().finish()).unwrap();
    assert!(index.is_empty());
    assert_eq!(index.search(&[1.0; 5], 3, &everything).unwrap(), []);
    assert_eq!(index.search_batch(&[&[1.0_f32; 5][..]; 3], 3, &everything).unwrap(), vec![vec![]; 3]);
    assert!(index.search_batch(&[], 3, &everything).unwrap().is_empty());
}

/// Does with an index whatever can be done, unless it is refused.
fn try_all(bytes: Vec<u8>, query: &[f32]) -> bool {
    let Ok(index) = VectorIndex::open(bytes) else { return false };
    let query = &query.iter().copied().cycle().take(index.dimensions()).collect::<Vec<_>>();
    for k in [1, 3] {
        let _ = index.search(query, k, &everything).unwrap();
        let _ = index.search_exact(&[&**query; 5], k, &|row| row != 2).unwrap();
    }
    (0..index.len() as u32).for_each(|row| assert!(index.row(row).is_some()));
    index.verify().is_ok()
}

/// The image with the checksums that its bytes ask for.
fn repaired(mut image: Vec<u8>) -> Vec<u8> {
    let rows = 4096.min(image.len());
    let resident = layout::checksum(&image[layout::HEADER..rows]);
    image[layout::HEADER - 96..layout::HEADER - 64].copy_from_slice(&resident);
    let rows = layout::checksum(&image[rows..]);
    image[layout::HEADER - 64..layout::HEADER - 32].copy_from_slice(&rows);
    let header = layout::checksum(&image[..layout::HEADER - 32]);
    image[layout::HEADER - 32..layout::HEADER].copy_from_slice(&header);
    image
}

#[test]
fn damaged_bytes_are_refused_or_harmless() {
    let mut vectors = vectors(&mut Random(9), 6, 3);
    vectors.push(vectors[2].clone());
    // With a graph even where there are few points: all that is resident fits before the first page ends.
    let mut builder = builder(&vectors, 1);
    builder.plan.degree = 4;
    let image = builder.finish();
    assert_eq!(VectorIndex::open(&image[..]).unwrap().resident_bytes(), 4096, "as `repaired` thinks");
    assert!(repaired(image.clone()) == image);
    let query = &vectors[1];
    assert!(try_all(image.clone(), query));
    for len in 0..image.len() {
        assert!(!try_all(image[..len].to_vec(), query), "{len} bytes");
    }
    assert!(!try_all([&*image, &[0]].concat(), query));
    let mut random = Random(10);
    for at in 0..image.len() {
        // The long zeros before the rows only now and then.
        if image[at] == 0 && at > 1024 && random.below(16) > 0 {
            continue;
        }
        for change in [1, 0x80, 0xff, random.next() as u8 | 2] {
            let mut changed = image.clone();
            changed[at] ^= change;
            assert!(!try_all(changed.clone(), query), "byte {at} ^ {change}");
            try_all(repaired(changed), query);
        }
    }
    for _ in 0..3000 {
        let mut changed = image.clone();
        for _ in 0..=random.below(6) {
            let at = if random.below(3) == 0 { 8 + random.below(28) } else { random.below(1200) };
            changed[at] = [0, 1, 0xff, random.next() as u8][random.below(4)];
        }
        try_all(repaired(changed), query);
    }
}

#[test]
fn bytes_that_begin_where_no_number_can_are_refused() {
    let image = builder(&vectors(&mut Random(11), 9, 5), 1).finish();
    let mut moved = vec![0; image.len() + 8];
    let off = moved.as_ptr().align_offset(8) + 1;
    moved[off..off + image.len()].copy_from_slice(&image);
    assert!(VectorIndex::open(&moved[off..off + image.len()]).err().unwrap().is_input());
}

/// Vectors in bundles, the same as `bindings-wasm/tests/node/meaning.test.mjs` makes, by the same few operations.
fn in_bundles(count: usize, dimensions: usize) -> Vec<f32> {
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state >> 8) - 8_388_607.5
    };
    let centres: Vec<f64> = (0..64 * dimensions).map(|_| next()).collect();
    let mut all = Vec::with_capacity(count * dimensions);
    for row in 0..count {
        let centre = &centres[row % 64 * dimensions..][..dimensions];
        let vector: Vec<f64> = centre.iter().map(|centre| centre + next()).collect();
        let length = vector.iter().fold(0.0, |sum, x| sum + x * x).sqrt();
        all.extend(vector.iter().map(|x| (x / length) as f32));
    }
    all
}

#[test]
fn the_same_bytes_in_browsers() {
    use sha2::{Digest, Sha256};
    let dimensions = 100;
    let rows = in_bundles(5000, dimensions);
    let mut builder = IndexBuilder::new(dimensions).unwrap();
    rows.chunks_exact(dimensions).for_each(|row| assert!(builder.push(row).is_ok()));
    let index = VectorIndex::open(builder.finish()).unwrap();
    let wobble = |(k, &x): (usize, &f32)| (f64::from(x) + (k % 7) as f64 / 100.0) as f32;
    let queries: Vec<f32> = rows[..50 * dimensions].iter().enumerate().map(wobble).collect();
    let queries: Vec<&[f32]> = queries.chunks_exact(dimensions).collect();
    let hex = |hash: Sha256| hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let told = |found: Vec<Vec<Neighbour>>| {
        let mut hash = Sha256::new();
        found.iter().flatten().for_each(|near| hash.update(near.row.to_le_bytes()));
        found.iter().flatten().for_each(|near| hash.update(near.similarity.to_le_bytes()));
        hex(hash)
    };
    let all = |_: u32| true;
    assert_eq!(
        [
            hex(Sha256::new_with_prefix(index.bytes())),
            told(index.search_batch(&queries, 10, &all).unwrap()),
            told(index.search_exact(&queries, 10, &all).unwrap()),
        ],
        // `bindings-wasm/tests/node/meaning.test.mjs` has these, too.
        [
            "db561fba162f77be33eac305ccc3dd0a3d55568ab2bc9d7be7655c8e132e9eb2",
            "ccfb2f87c118cce20afe27053f2e0f367581f0f8dc756df326ff44745f28e12c",
            "e3561fc70d100bd7f0b21db00e2ad4789e57ce906874305dec81b2deabe1acbb"
        ]
    );
}
