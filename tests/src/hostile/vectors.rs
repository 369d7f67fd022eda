//! Any bytes in the place of some of a vector index's, its checksums put right.

use std::cell::RefCell;

use nagalm::{IndexBuilder, VectorIndex};

/// The header: checksums of what lies between it and the rows, of the rows, and of itself come last.
const HEADER: usize = 192;
/// The numbers of the header begin here: version, dimensions, rows, points, degree, entries, missed.
const NUMBERS: usize = 8;

/// An index that is searched row by row, with equal vectors, and one with a graph.
struct World([Vec<u8>; 2]);

/// Changes to a vector index, which is then opened and searched. The first byte says which, and whether checksums are put right;
/// each further five bytes are a change: the place (three bytes, counted from the end with the highest bit), and what is written
/// over two bytes there.
///
/// # Panics
/// Where the library does, and where a search finds what cannot be.
pub fn vectors(bytes: &[u8]) {
    thread_local! {
        static WORLD: RefCell<Option<World>> = const { RefCell::new(None) };
    }
    let Some((&first, changes)) = bytes.split_first() else { return };
    WORLD.with_borrow_mut(|world| world.get_or_insert_with(World::new).check(first, changes));
}

impl World {
    fn new() -> Self {
        // From 4,096 vectors on there is a graph.
        Self([index(60, 5, 7), index(4096, 3, 1)])
    }

    fn check(&self, first: u8, changes: &[u8]) {
        let mut image = self.0[usize::from(first & 1)].clone();
        for change in changes.chunks_exact(5).take(24) {
            let place =
                usize::from(change[0] & 0x7f) << 16 | usize::from(change[1]) << 8 | usize::from(change[2]);
            let place = place % image.len();
            let place = if change[0] & 0x80 == 0 { place } else { image.len() - 1 - place };
            image[place] = change[3];
            if let Some(next) = image.get_mut(place + 1) {
                *next = change[4];
            }
        }
        if first & 2 == 0 {
            repair(&mut image);
        }
        let Ok(index) = VectorIndex::open(image) else { return };
        let query: Vec<f32> = (0..index.dimensions()).map(|k| 1.0 - k as f32 / 3.0).collect();
        let _ = index.verify();
        let everything = |_: u32| true;
        let few = |row: u32| row % 50 == 1;
        for k in [1, 7] {
            let all = [index.search(&query, k, &everything), index.search(&query, k, &few)];
            let exact = index.search_exact(&[&*query; 5], k, &few).expect("a query that fits");
            for found in all.into_iter().map(|found| found.expect("a query that fits")).chain(exact) {
                assert!(found.len() <= k, "more than {k} neighbours");
                assert!(
                    found
                        .iter()
                        .all(|near| (near.row as usize) < index.len() && index.row(near.row).is_some())
                );
            }
        }
    }
}

/// An index of so many vectors, of which each so many are followed by one again.
fn index(count: usize, dimensions: usize, again: usize) -> Vec<u8> {
    let mut builder = IndexBuilder::new(dimensions).expect("so few dimensions");
    for number in 0..count {
        let number = number - usize::from(again > 1 && number % again == again - 1);
        let raw: Vec<f32> = (0..dimensions).map(|k| ((number * (k + 3)) as f32 * 0.7).sin() + 0.01).collect();
        let length = raw.iter().map(|number| number * number).sum::<f32>().sqrt();
        let vector: Vec<f32> = raw.iter().map(|number| number / length).collect();
        builder.push(&vector).expect("a vector of length 1");
    }
    builder.finish()
}

/// Puts the checksums right, as far as the header says where the rows are.
fn repair(image: &mut [u8]) {
    if image.len() < HEADER {
        return;
    }
    let number =
        |k: usize| u32::from_le_bytes(std::array::from_fn(|byte| image[NUMBERS + 4 * k + byte])) as usize;
    let rows = number(3).saturating_mul(number(1)).saturating_mul(4);
    let start = image.len().saturating_sub(rows).max(HEADER);
    for (at, of) in
        [(HEADER - 96, HEADER..start), (HEADER - 64, start..image.len()), (HEADER - 32, 0..HEADER - 32)]
    {
        let checksum = blake3::hash(&image[of]);
        image[at..at + 32].copy_from_slice(checksum.as_bytes());
    }
}
