//! Builds the graph of neighbours: the same graph every time, with however many threads.
//!
//! Points are added in an order that their numbers scatter, in batches that grow with the graph: a batch looks for its
//! neighbours in the graph of all before it, each point by itself, and is then linked in order (ParlayANN: Dobson et al.,
//! PPoPP 2024). Of what a point finds it keeps what no kept one is nearer to (Vamana: Subramanya et al., NeurIPS 2019).

use super::codes::Codes;
use super::walk::{Graph, NONE, Patience, Seen, Sink, Walk};
use crate::simd::{HalfBytes, Kernel, Query, Signed, Task, WIDE, dispatch};

/// Links of a point.
pub(super) const DEGREE: usize = 32;
/// Points where walks begin.
pub(super) const ENTRIES: usize = 256;
/// How many points a walk keeps that looks for the neighbours of a new one.
const WIDTH: usize = 144;
/// A new batch is at most so large a part of the graph.
const PART: usize = 50;
/// Points whose walks take turns on one thread.
const CHUNK: usize = 64;
/// A candidate is dropped where so many hundredths of its distance from a kept one are less than its distance from the point.
const DETOUR: i64 = 103;

/// The graph's settings: constants but for tests and measurements.
#[derive(Clone, Copy)]
pub(super) struct Plan {
    pub(super) degree: usize,
    pub(super) width: usize,
    pub(super) detour: i64,
    pub(super) entries: usize,
}

impl Plan {
    pub(super) const USUAL: Self = Self { degree: DEGREE, width: WIDTH, detour: DETOUR, entries: ENTRIES };
}

/// Links, `degree` for each point, and where walks begin.
pub(super) struct Built {
    pub(super) links: Vec<u32>,
    pub(super) entries: Vec<u32>,
}

/// Builds the graph of `points` points.
pub(super) fn build(codes: Codes<'_>, points: usize, step: f32, plan: Plan) -> Built {
    let mut order: Vec<u32> = (0..points as u32).collect();
    order.sort_unstable_by_key(|&point| scattered(point));
    // What the similarity of a point with itself is as a sum: (2 * 8 bits) * (4 bits, which are 16 steps each).
    let one = (1.0 / (8.0 * f64::from(step) * f64::from(step))) as i64;
    let mut growing = Growing {
        codes,
        plan,
        one,
        // What is above the degree saves choosing anew with every link that is added.
        room: plan.degree + plan.degree / 2,
        links: Vec::new(),
        nearness: Vec::new(),
        counts: vec![0; points],
    };
    growing.links = vec![NONE; points * growing.room];
    growing.nearness = vec![0; points * growing.room];
    let entries = &order[..plan.entries.min(points)];
    let mut done = usize::from(points > 0);
    while done < points {
        let batch = &order[done..points.min(done + (done / PART).clamp(1, 1 << 14))];
        let found = growing.look(batch, &entries[..entries.len().min(done)]);
        growing.link(batch, &found);
        done += batch.len();
    }
    let links = growing.finish();
    Built { links, entries: entries.to_vec() }
}

/// A number without a pattern for each point (the finaliser of MurmurHash3, a bijection).
fn scattered(point: u32) -> u32 {
    let x = (point ^ point >> 16).wrapping_mul(0x85eb_ca6b);
    let x = (x ^ x >> 13).wrapping_mul(0xc2b2_ae35);
    x ^ x >> 16
}

/// A link with how near what it leads to is.
type Link = (i32, u32);

struct Growing<'a> {
    codes: Codes<'a>,
    plan: Plan,
    one: i64,
    room: usize,
    links: Vec<u32>,
    nearness: Vec<i32>,
    counts: Vec<u8>,
}

impl Growing<'_> {
    /// What the points of a batch are to be linked to.
    fn look(&self, batch: &[u32], entries: &[u32]) -> Vec<Vec<Link>> {
        let look = |chunk: &[u32]| {
            let blocks = self.codes.blocks();
            let mut signed = vec![Signed([0; WIDE]); chunk.len() * blocks];
            for (&point, signed) in chunk.iter().zip(signed.chunks_mut(blocks)) {
                self.codes.signed(point, signed);
            }
            let queries: Vec<&[Signed]> = signed.chunks(blocks).collect();
            let graph = Graph { links: &self.links, degree: self.room, entries };
            let sink = Choose { growing: self, queries: &queries, chosen: vec![Vec::new(); chunk.len()] };
            let width = self.plan.width;
            let points = self.counts.len();
            dispatch(Walk {
                graph,
                codes: self.codes,
                points,
                queries: &queries,
                width,
                patience: Patience::ENDLESS,
                sink,
            })
            .chosen
        };
        #[cfg(feature = "parallel")]
        {
            use rayon::prelude::*;
            batch.par_chunks(CHUNK).flat_map_iter(look).collect()
        }
        #[cfg(not(feature = "parallel"))]
        batch.chunks(CHUNK).flat_map(look).collect()
    }

    /// Links the points of a batch to what was chosen for them, and that to them.
    fn link(&mut self, batch: &[u32], found: &[Vec<Link>]) {
        let mut back: Vec<(u32, u32, i32)> = Vec::new();
        for (&point, chosen) in batch.iter().zip(found) {
            back.extend(chosen.iter().map(|&(near, target)| (target, point, near)));
            self.set(point, chosen);
        }
        back.sort_unstable();
        let groups: Vec<&[(u32, u32, i32)]> = back.chunk_by(|a, b| a.0 == b.0).collect();
        let relink = |group: &&[(u32, u32, i32)]| {
            let target = group.first().map_or(0, |link| link.0);
            let mut links = self.get(target);
            links.extend(group.iter().map(|&(_, point, near)| (near, point)));
            if links.len() > self.room { self.thinned(target, links) } else { links }
        };
        #[cfg(feature = "parallel")]
        let relinked: Vec<Vec<Link>> = {
            use rayon::prelude::*;
            groups.par_iter().with_min_len(CHUNK).map(relink).collect()
        };
        #[cfg(not(feature = "parallel"))]
        let relinked: Vec<Vec<Link>> = groups.iter().map(relink).collect();
        for (group, links) in groups.iter().zip(&relinked) {
            self.set(group.first().map_or(0, |link| link.0), links);
        }
    }

    fn get(&self, point: u32) -> Vec<Link> {
        let at = point as usize * self.room;
        let count = usize::from(self.counts[point as usize]);
        let near = self.nearness[at..at + count].iter().copied();
        near.zip(self.links[at..at + count].iter().copied()).collect()
    }

    fn set(&mut self, point: u32, links: &[Link]) {
        let at = point as usize * self.room;
        self.links[at..at + self.room].fill(NONE);
        for (k, &(near, other)) in links.iter().enumerate().take(self.room) {
            (self.nearness[at + k], self.links[at + k]) = (near, other);
        }
        self.counts[point as usize] = links.len().min(self.room) as u8;
    }

    /// The links that are worth keeping.
    fn thinned(&self, point: u32, mut links: Vec<Link>) -> Vec<Link> {
        links.sort_unstable_by_key(|&(near, other)| (std::cmp::Reverse(near), other));
        links.dedup_by_key(|&mut (_, other)| other);
        dispatch(Thin { growing: self, point, links: &links })
    }

    /// All links, no more than the plan allows.
    fn finish(self) -> Vec<u32> {
        let degree = self.plan.degree;
        let finish = |point: u32| {
            let links = self.get(point);
            let links = if links.len() > degree { self.thinned(point, links) } else { links };
            let mut row = vec![NONE; degree];
            for (to, (_, other)) in row.iter_mut().zip(links) {
                *to = other;
            }
            row
        };
        let points = self.counts.len() as u32;
        #[cfg(feature = "parallel")]
        {
            use rayon::prelude::*;
            (0..points).into_par_iter().with_min_len(CHUNK).flat_map_iter(finish).collect()
        }
        #[cfg(not(feature = "parallel"))]
        (0..points).flat_map(finish).collect()
    }

    /// What a sum of products says of nearness, where the query is a point's own bytes.
    #[inline(always)]
    fn near(dot: i32, sum: i32) -> i32 {
        2 * dot - 15 * sum
    }

    /// Chooses among candidates, the nearest first: each that no chosen one is nearer to.
    #[inline(always)]
    fn choose<K: Kernel>(&self, kernel: K, point: u32, candidates: impl Iterator<Item = Link>) -> Vec<Link> {
        let blocks = self.codes.blocks();
        let mut chosen: Vec<Link> = Vec::with_capacity(self.plan.degree);
        let mut signed = vec![Signed([0; WIDE]); self.plan.degree * blocks];
        let mut ready: Vec<Vec<K::Query>> = Vec::new();
        ready.resize_with(self.plan.degree, Vec::new);
        let mut sums: Vec<i32> = Vec::with_capacity(self.plan.degree);
        for (near, other) in candidates {
            if chosen.len() == self.plan.degree {
                break;
            }
            if other == point {
                continue;
            }
            let high: &[HalfBytes] = self.codes.high(other);
            let far = (self.one - i64::from(near)).max(1) * 100;
            let mut hidden = false;
            // A loop, since closures are not compiled for the kernel's processor.
            for ((kept, ready), &sum) in signed.chunks(blocks).zip(&ready).zip(&sums) {
                let kept = <K::Query as Query>::again(kept, ready);
                let near = Self::near(kernel.dot_half_bytes(high, kept), sum);
                hidden = (self.one - i64::from(near)).max(1) * self.plan.detour < far;
                if hidden {
                    break;
                }
            }
            if !hidden {
                let room = &mut signed[chosen.len() * blocks..][..blocks];
                self.codes.signed(other, room);
                <K::Query as Query>::ready(room, &mut ready[chosen.len()]);
                sums.push(sum(room));
                chosen.push((near, other));
            }
        }
        chosen
    }
}

#[inline(always)]
fn sum(signed: &[Signed]) -> i32 {
    signed.iter().flat_map(|Signed(block)| block).map(|&byte| i32::from(byte)).sum()
}

/// Chooses the links of new points among what their walks found.
struct Choose<'a> {
    growing: &'a Growing<'a>,
    queries: &'a [&'a [Signed]],
    chosen: Vec<Vec<Link>>,
}

impl Sink for Choose<'_> {
    #[inline(always)]
    fn take<K: Kernel>(&mut self, kernel: K, query: usize, found: &[Seen]) {
        let sum = sum(self.queries[query]);
        let candidates = found.iter().map(|seen| (Growing::near(seen.dot(), sum), seen.point()));
        self.chosen[query] = self.growing.choose(kernel, NONE, candidates);
    }
}

struct Thin<'a> {
    growing: &'a Growing<'a>,
    point: u32,
    links: &'a [Link],
}

impl Task for Thin<'_> {
    type Answer = Vec<Link>;

    #[inline(always)]
    fn run<K: Kernel>(self, kernel: K) -> Vec<Link> {
        self.growing.choose(kernel, self.point, self.links.iter().copied())
    }
}
