//! The vectors that are most like a query: an index that is made once, lies on disk, and is searched where it lies.
//!
//! Two ways lead to the same rows. *Exact* search compares the query with all of them, in bytes, and the few that could be among
//! the best in full precision; it misses none. The *walk* follows links between neighbours from the best of some entries and looks
//! at a few thousand rows only; it misses about one in a hundred. Small indexes are searched exactly, and so is what
//! a selective filter leaves.
//!
//! The similarity is the sum of products, which for vectors of length 1 is the cosine; it is computed in one order
//! everywhere, so that it is the same to the last bit on every machine.

mod codes;
mod exact;
mod graph;
mod layout;
#[cfg(test)]
mod tests;
mod walk;

use std::collections::HashMap;
use std::io::{self, Write};

use self::codes::{Codes, Query};
use self::exact::Scan;
use self::graph::Plan;
pub(super) use self::layout::HEADER;
use self::layout::{Header, Layout, MOST_DIMENSIONS, MOST_ROWS, Section};
use self::walk::{Graph, Patience, Seen, Sink, Walk};
use crate::error::{Error, Result};
use crate::simd::{self, BLOCK, HalfBytes, Kernel, Signed, Task, dispatch};

/// A row that is like a query.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Neighbour {
    /// Which row, in the order in which they were given.
    pub row: u32,
    /// How like the query it is: the cosine, up to 1.
    pub similarity: f32,
}

/// By how much the length of a vector may differ from 1.
const OFF: f32 = 1e-3;
/// Indexes of fewer different vectors have no graph: looking at all of them is as fast.
const SMALL: usize = 4096;

/// Collects vectors and makes an index of them.
pub struct IndexBuilder {
    dimensions: usize,
    /// The vectors that are not equal, one behind the other.
    vectors: Vec<f32>,
    /// Which of them each row is.
    owners: Vec<u32>,
    /// The vectors by their hashes.
    known: HashMap<[u8; 32], u32>,
    plan: Plan,
    small: usize,
}

impl IndexBuilder {
    /// For vectors of so many dimensions, 1 to 4,096.
    ///
    /// # Errors
    /// Another number of dimensions (`is_input`).
    pub fn new(dimensions: usize) -> Result<Self> {
        if !(1..=MOST_DIMENSIONS).contains(&dimensions) {
            return Err(Error::input(format!(
                "vectors have 1 to {MOST_DIMENSIONS} dimensions, not {dimensions}"
            )));
        }
        Ok(Self {
            dimensions,
            vectors: Vec::new(),
            owners: Vec::new(),
            known: HashMap::new(),
            plan: Plan::USUAL,
            small: SMALL,
        })
    }

    /// Adds a vector of length 1, and gives the number of its row: they are counted from 0.
    ///
    /// # Errors
    /// Other dimensions, a number that is none, a length that is not about 1 (`is_input`), or more rows than an
    /// index holds (`is_limit`).
    pub fn push(&mut self, vector: &[f32]) -> Result<u32> {
        checked(vector, self.dimensions)?;
        let length = dispatch(Product(vector, vector)).sqrt();
        if (length - 1.0).abs() > OFF {
            return Err(Error::input(format!("a vector must have length 1, not {length}")));
        }
        let row = self.owners.len();
        if row >= MOST_ROWS {
            return Err(Error::limit(format!("an index holds at most {MOST_ROWS} vectors")));
        }
        let start = self.vectors.len();
        // -0 becomes 0: equal vectors are to have equal bits.
        self.vectors.extend(vector.iter().map(|number| number + 0.0));
        let mut hasher = blake3::Hasher::new();
        self.vectors[start..].iter().for_each(|number| {
            hasher.update(&number.to_le_bytes());
        });
        let next = (start / self.dimensions) as u32;
        let point = *self.known.entry(*hasher.finalize().as_bytes()).or_insert(next);
        if point != next {
            self.vectors.truncate(start);
        }
        self.owners.push(point);
        Ok(row as u32)
    }

    /// The index, as [`VectorIndex::open`] reads it. The same vectors in the same order give the same bytes, with however
    /// many threads they are made.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        let (mut image, rows) = self.image();
        image.extend(rows.iter().flat_map(|number| number.to_le_bytes()));
        image
    }

    /// Writes what [`finish`](Self::finish) gives.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write_to(self, mut to: impl Write) -> io::Result<()> {
        let (image, rows) = self.image();
        to.write_all(&image)?;
        for rows in rows.chunks(1 << 14) {
            let bytes: Vec<u8> = rows.iter().flat_map(|number| number.to_le_bytes()).collect();
            to.write_all(&bytes)?;
        }
        Ok(())
    }

    /// All but the rows, and these.
    fn image(self) -> (Vec<u8>, Vec<f32>) {
        let Self { dimensions, vectors, owners, known, plan, small } = self;
        drop(known);
        let points = vectors.len() / dimensions;
        let (step, blocks) = (codes::step(dimensions), codes::blocks(dimensions));
        let (mut high, mut low) = (Vec::with_capacity(points * blocks), Vec::with_capacity(points * blocks));
        let rows = vectors.chunks_exact(dimensions);
        let missed: Vec<f32> = rows.map(|row| codes::encode(row, step, &mut high, &mut low)).collect();
        // A little more: it was rounded.
        let most = missed.iter().fold(0.0_f32, |most, &missed| most.max(missed)) * 1.000_01;
        let with_graph = points >= small;
        let header = Header {
            dimensions: dimensions as u32,
            rows: owners.len() as u32,
            points: points as u32,
            degree: if with_graph { plan.degree as u32 } else { 0 },
            entries: if with_graph { plan.entries.min(points) as u32 } else { 0 },
            missed: most,
        };
        // An index that is larger than memory could not be in it.
        let Some(layout) = Layout::new(header) else { return (Vec::new(), Vec::new()) };
        let mut image = vec![0; layout.rows_start];
        image[layout.section(Section::High)].copy_from_slice(high.as_flattened());
        image[layout.section(Section::Low)].copy_from_slice(low.as_flattened());
        for (to, &missed) in image[layout.section(Section::Granted)].iter_mut().zip(&missed) {
            *to = codes::granted(missed, most);
        }
        let mut put = |section: Section, numbers: &mut dyn Iterator<Item = u32>| {
            for (to, number) in image[layout.section(section)].chunks_exact_mut(4).zip(numbers) {
                to.copy_from_slice(&number.to_le_bytes());
            }
        };
        if with_graph {
            let built = graph::build(Codes::new(&high, &low, blocks), points, step, plan);
            put(Section::Links, &mut built.links.iter().copied());
            put(Section::Entries, &mut built.entries.iter().copied());
        }
        if header.rows != header.points {
            let mut members: Vec<u32> = (0..header.rows).collect();
            members.sort_by_key(|&row| owners[row as usize]);
            let mut ends = vec![0; points];
            for (place, &row) in (1..).zip(&members) {
                ends[owners[row as usize] as usize] = place;
            }
            put(Section::Owners, &mut owners.iter().copied());
            put(Section::Ends, &mut ends.iter().copied());
            put(Section::Members, &mut members.iter().copied());
        }
        let mut hasher = blake3::Hasher::new();
        for rows in vectors.chunks(1 << 16) {
            let bytes: Vec<u8> = rows.iter().flat_map(|number| number.to_le_bytes()).collect();
            hasher.update(&bytes);
        }
        let header = layout.header_bytes(&image[HEADER..], *hasher.finalize().as_bytes());
        image[..HEADER].copy_from_slice(&header);
        (image, vectors)
    }
}

/// An index in memory or in a mapped file.
pub struct VectorIndex<B> {
    bytes: B,
    layout: Layout,
    step: f32,
    width: usize,
}

/// How many of the best points a walk keeps where there are up to 2^18 of them, and how many more with each doubling. Measured:
/// see `core/ARCHITECTURE.md`.
const WIDTH: usize = 100;
const WIDER: usize = 14;
/// A walk ends after so many steps that did not change the foremost of what it keeps, as a part of how many it keeps.
const PATIENCE: usize = 2;
/// How many of these are compared in full precision, beyond one and a half times those that are asked for.
const LOOKED_AT: usize = 10;
/// Queries that exact search takes together at most: as many as fit in the processor's second cache.
const TOGETHER: usize = 340 * simd::QUERIES;
/// Rows that are asked whether they are wanted, to know how many are.
const SAMPLE: usize = 256;
/// Where fewer than one of so many rows are wanted, all that are wanted are looked at.
const RARE: usize = 8;

impl<B: AsRef<[u8]>> VectorIndex<B> {
    /// Opens an index. Its bytes must begin at a multiple of four, as allocated and mapped memory does, and are best at one of 64.
    ///
    /// All but the rows is read and held to its checksum; the rows are by [`verify`](Self::verify).
    ///
    /// # Errors
    /// Bytes that are no index, or a damaged one (`is_corrupt`), or one of another version (`is_version`).
    pub fn open(bytes: B) -> Result<Self> {
        let all = bytes.as_ref();
        if all.get(..4).is_some_and(|four| bytemuck::try_cast_slice::<u8, u32>(four).is_err()) {
            return Err(Error::input(
                "the bytes of a vector index must begin at a multiple of four in memory",
            ));
        }
        let layout = Layout::read(all)?;
        let step = codes::step(layout.header.dimensions as usize);
        let doublings = layout.header.points.checked_ilog2().unwrap_or(0).saturating_sub(17) as usize;
        let index = Self { bytes, layout, step, width: WIDTH + WIDER * doublings };
        let maps = [Section::Owners, Section::Ends, Section::Members].map(|section| index.numbers(section));
        let (links, entries) = (index.numbers(Section::Links), index.numbers(Section::Entries));
        layout::check_numbers(layout.header, links, entries, maps)?;
        Ok(index)
    }

    /// Holds the rows to their checksum: reads all of them.
    ///
    /// # Errors
    /// Damaged rows (`is_corrupt`).
    pub fn verify(&self) -> Result<()> {
        self.layout.verify_rows(self.bytes.as_ref())
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.layout.header.rows as usize
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many numbers a vector has.
    pub fn dimensions(&self) -> usize {
        self.layout.header.dimensions as usize
    }

    /// Bytes that a search reads apart from the rows: what is best kept in memory.
    pub fn resident_bytes(&self) -> usize {
        self.layout.rows_start
    }

    /// All its bytes, as [`open`](Self::open) takes them.
    pub fn bytes(&self) -> &[u8] {
        self.bytes.as_ref()
    }

    /// The vector of a row; `None` where there is no such row.
    pub fn row(&self, row: u32) -> Option<&[f32]> {
        if row as usize >= self.len() {
            return None;
        }
        Some(self.vector(self.numbers(Section::Owners).get(row as usize).copied().unwrap_or(row)))
    }

    /// Sets how many of the best a walk keeps, by default 100, and 14 more for each doubling from 2^18 rows on: more of them miss less, and take longer.
    pub fn set_width(&mut self, width: usize) {
        self.width = width.max(1);
    }

    /// The `k` rows most like the query among those that are wanted, best first; of rows that are as like, the first.
    ///
    /// # Errors
    /// A query of other dimensions, with a number that is none, or without a length (`is_input`).
    pub fn search(&self, query: &[f32], k: usize, wanted: &dyn Fn(u32) -> bool) -> Result<Vec<Neighbour>> {
        Ok(self.search_batch(&[query], k, wanted)?.pop().unwrap_or_default())
    }

    /// The same for many queries: one walk's wait is another's turn.
    ///
    /// # Errors
    /// As of [`search`](Self::search); none is answered then.
    pub fn search_batch(
        &self,
        queries: &[&[f32]],
        k: usize,
        wanted: &dyn Fn(u32) -> bool,
    ) -> Result<Vec<Vec<Neighbour>>> {
        let Some(width) = self.width_for(k, wanted) else { return self.search_exact(queries, k, wanted) };
        let queries = self.prepared(queries)?;
        let signed: Vec<&[Signed]> = queries.iter().map(|query| &*query.codes.signed).collect();
        let looked_at = LOOKED_AT + k + k / 2;
        let sink = Compare {
            index: self,
            queries: &queries,
            k,
            looked_at,
            wanted,
            found: vec![None; queries.len()],
        };
        let graph = self.graph();
        let points = self.layout.header.points as usize;
        let patience = Patience { foremost: k + k / 2 + 1, steps: width / PATIENCE };
        let walk = Walk { graph, codes: self.codes(), points, queries: &signed, width, patience, sink };
        let found = dispatch(walk).found;
        // A walk that did not come by enough of what is wanted proves nothing.
        let missed: Vec<usize> = (0..queries.len()).filter(|&query| found[query].is_none()).collect();
        let few: Vec<&Prepared> = missed.iter().map(|&query| &queries[query]).collect();
        let mut exact = self.exact(&few, k, wanted).into_iter();
        Ok(found.into_iter().map(|found| found.or_else(|| exact.next()).unwrap_or_default()).collect())
    }

    /// The same, missing nothing.
    ///
    /// # Errors
    /// As of [`search_batch`](Self::search_batch).
    pub fn search_exact(
        &self,
        queries: &[&[f32]],
        k: usize,
        wanted: &dyn Fn(u32) -> bool,
    ) -> Result<Vec<Vec<Neighbour>>> {
        let queries = self.prepared(queries)?;
        Ok(self.exact(&queries.iter().collect::<Vec<_>>(), k, wanted))
    }

    fn exact(&self, queries: &[&Prepared], k: usize, wanted: &dyn Fn(u32) -> bool) -> Vec<Vec<Neighbour>> {
        let points = self.layout.header.points as usize;
        let k = k.min(self.len());
        let mut found = Vec::with_capacity(queries.len());
        // In parts of about the same size: small ones cost more than they save.
        let part = queries.len().div_ceil(queries.len().div_ceil(TOGETHER).max(1)).max(1);
        for queries in queries.chunks(part.next_multiple_of(simd::QUERIES)) {
            if k == 0 || points == 0 {
                found.resize(found.len() + queries.len(), Vec::new());
                continue;
            }
            let codes: Vec<&Query> = queries.iter().map(|query| &query.codes).collect();
            let no_equals = self.layout.header.rows == self.layout.header.points;
            let is_wanted =
                |point: u32| if no_equals { wanted(point) } else { self.members(point).any(wanted) };
            let granted = &self.bytes.as_ref()[self.layout.section(Section::Granted)];
            let scan = Scan { codes: self.codes(), granted, queries: &codes, k, wanted: is_wanted };
            let candidates = dispatch(scan);
            found.extend(queries.iter().zip(candidates).map(|(query, candidates)| {
                let near = dispatch(Nearest { index: self, query, candidates: &candidates, k });
                self.rows_of(near, k, wanted)
            }));
        }
        found
    }

    /// How many points a walk must keep; `None` where it is better to look at all that are wanted.
    fn width_for(&self, k: usize, wanted: &dyn Fn(u32) -> bool) -> Option<usize> {
        let rows = self.len();
        if self.layout.header.degree == 0 || k == 0 || k >= rows / 64 {
            return None;
        }
        let sampled = (0..SAMPLE).filter(|&k| wanted((k * rows / SAMPLE) as u32)).count();
        if sampled * RARE < SAMPLE {
            return None;
        }
        Some((self.width.max(2 * k)) * SAMPLE / sampled)
    }

    fn prepared(&self, queries: &[&[f32]]) -> Result<Vec<Prepared>> {
        let missed = self.layout.header.missed;
        let prepare = |query: &&[f32]| {
            checked(query, self.dimensions())?;
            let vector = unit(query)?;
            let codes = Query::new(&vector, self.step, missed);
            Ok(Prepared { vector, codes })
        };
        queries.iter().map(prepare).collect()
    }

    /// The rows of points, which are sorted.
    fn rows_of(&self, near: Vec<(f32, u32)>, k: usize, wanted: &dyn Fn(u32) -> bool) -> Vec<Neighbour> {
        let mut rows: Vec<Neighbour> = Vec::with_capacity(k.min(self.len()));
        for (similarity, point) in near {
            if rows.len() >= k && rows.last().is_some_and(|last| last.similarity > similarity) {
                break;
            }
            let members = self.members(point).filter(|&row| wanted(row)).take(k);
            rows.extend(members.map(|row| Neighbour { row, similarity }));
        }
        rows.sort_by(|a, b| b.similarity.total_cmp(&a.similarity).then(a.row.cmp(&b.row)));
        rows.truncate(k);
        rows
    }

    /// The rows of a point, ascending.
    fn members(&self, point: u32) -> impl Iterator<Item = u32> {
        let ends = self.numbers(Section::Ends);
        let end = ends.get(point as usize).copied();
        let start = (point as usize).checked_sub(1).and_then(|before| ends.get(before)).copied().unwrap_or(0);
        let several = self.numbers(Section::Members).get(start as usize..end.unwrap_or(0) as usize);
        let one = end.is_none().then_some(point);
        several.unwrap_or_default().iter().copied().chain(one)
    }

    fn graph(&self) -> Graph<'_> {
        let degree = self.layout.header.degree as usize;
        Graph { links: self.numbers(Section::Links), degree, entries: self.numbers(Section::Entries) }
    }

    fn codes(&self) -> Codes<'_> {
        let (high, low) = (self.halves(Section::High), self.halves(Section::Low));
        Codes::new(high, low, codes::blocks(self.dimensions()))
    }

    fn halves(&self, section: Section) -> &[HalfBytes] {
        self.bytes.as_ref()[self.layout.section(section)].as_chunks::<BLOCK>().0
    }

    fn numbers(&self, section: Section) -> &[u32] {
        bytemuck::cast_slice(&self.bytes.as_ref()[self.layout.section(section)])
    }

    #[inline(always)]
    fn vector(&self, point: u32) -> &[f32] {
        let dimensions = self.dimensions();
        let rows: &[f32] =
            bytemuck::cast_slice(&self.bytes.as_ref()[self.layout.rows_start..self.layout.rows_end]);
        &rows[point as usize * dimensions..][..dimensions]
    }
}

/// A query of length 1.
struct Prepared {
    vector: Vec<f32>,
    codes: Query,
}

fn checked(vector: &[f32], dimensions: usize) -> Result<()> {
    if vector.len() != dimensions {
        let message = format!("a vector has {} dimensions where the index has {dimensions}", vector.len());
        return Err(Error::input(message));
    }
    if !vector.iter().all(|number| number.is_finite()) {
        return Err(Error::input("a vector has an infinite number in it, or one that is none"));
    }
    Ok(())
}

/// The vector with length 1. One that has it stays as it is.
fn unit(vector: &[f32]) -> Result<Vec<f32>> {
    // By the largest first, so that no square is too large or too small.
    let largest = vector.iter().fold(0.0, |largest: f32, number| largest.max(number.abs()));
    if largest == 0.0 {
        return Err(Error::input("a query of zeros is like nothing"));
    }
    let scaled: Vec<f64> = vector.iter().map(|&number| f64::from(number) / f64::from(largest)).collect();
    let length = scaled.iter().map(|number| number * number).sum::<f64>().sqrt();
    if (length * f64::from(largest) - 1.0).abs() < 1e-6 {
        return Ok(vector.to_vec());
    }
    Ok(scaled.iter().map(|number| (number / length) as f32).collect())
}

struct Product<'a>(&'a [f32], &'a [f32]);

impl Task for Product<'_> {
    type Answer = f32;

    #[inline(always)]
    fn run<K: Kernel>(self, kernel: K) -> f32 {
        kernel.dot_floats(self.0, self.1)
    }
}

/// The points that are nearest to a query, of candidates that are sorted by their bytes.
struct Nearest<'a, B> {
    index: &'a VectorIndex<B>,
    query: &'a Prepared,
    candidates: &'a [(i32, u32)],
    k: usize,
}

impl<B: AsRef<[u8]>> Task for Nearest<'_, B> {
    type Answer = Vec<(f32, u32)>;

    #[inline(always)]
    fn run<K: Kernel>(self, kernel: K) -> Self::Answer {
        let mut near: Vec<(f32, u32)> = Vec::with_capacity(self.candidates.len());
        // The similarities of the k best so far, the best first.
        let mut best: Vec<f32> = Vec::with_capacity(self.k.min(self.candidates.len()) + 1);
        for &(sum, point) in self.candidates {
            // None that follows can be as near as the k-th.
            let may_reach = self.query.codes.at_most(sum);
            if best.len() == self.k && best.last().is_some_and(|&kth| may_reach < kth) {
                break;
            }
            let similarity = kernel.dot_floats(&self.query.vector, self.index.vector(point));
            near.push((similarity, point));
            best.insert(best.partition_point(|&other| other >= similarity), similarity);
            best.truncate(self.k);
        }
        sort(&mut near);
        near
    }
}

fn sort(near: &mut [(f32, u32)]) {
    near.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
}

/// Compares the best that a walk found in full precision.
struct Compare<'a, B> {
    index: &'a VectorIndex<B>,
    queries: &'a [Prepared],
    k: usize,
    looked_at: usize,
    wanted: &'a dyn Fn(u32) -> bool,
    /// `None` where too few of those that were found are wanted.
    found: Vec<Option<Vec<Neighbour>>>,
}

impl<B: AsRef<[u8]>> Sink for Compare<'_, B> {
    #[inline(always)]
    fn take<K: Kernel>(&mut self, kernel: K, query: usize, found: &[Seen]) {
        let prepared = &self.queries[query];
        let mut near: Vec<(f32, u32)> = Vec::with_capacity(self.looked_at);
        for seen in found {
            let point = seen.point();
            if self.index.members(point).any(self.wanted) {
                simd::prefetch(self.index.vector(point), 0);
                simd::read_ahead(self.index.vector(point), 0, 1);
                near.push((0.0, point));
                if near.len() == self.looked_at {
                    break;
                }
            }
        }
        // A loop, since closures are not compiled for the kernel's processor.
        for (similarity, point) in &mut near {
            *similarity = kernel.dot_floats(&prepared.vector, self.index.vector(*point));
        }
        sort(&mut near);
        let rows = self.index.rows_of(near, self.k, self.wanted);
        self.found[query] = (rows.len() == self.k).then_some(rows);
    }
}
