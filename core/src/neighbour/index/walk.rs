//! Walks through the graph of neighbours: from the best known point to those linked to it, until none of the best is left
//! whose links were not followed.
//!
//! What a walk waits for is memory. So several go on in turns: each asks for what it wants next, and the others work while it
//! comes.

use super::codes::Codes;
use crate::simd::{self, Kernel, Query, Signed, Task};

/// No point.
pub(super) const NONE: u32 = u32::MAX;
/// Walks that take turns.
const AT_ONCE: usize = 5;

/// For each point those that its links lead to.
#[derive(Clone, Copy)]
pub(super) struct Graph<'a> {
    /// `degree` for each point; behind the last of them [`NONE`].
    pub(super) links: &'a [u32],
    pub(super) degree: usize,
    /// Where walks begin.
    pub(super) entries: &'a [u32],
}

impl<'a> Graph<'a> {
    #[inline(always)]
    fn links(&self, point: u32) -> &'a [u32] {
        let at = point as usize * self.degree;
        &self.links[at..at + self.degree]
    }

    #[inline(always)]
    fn prefetch(&self, point: u32) {
        let at = point as usize * self.degree;
        for line in (0..self.degree).step_by(simd::LINE) {
            simd::prefetch(self.links, at + line);
            simd::read_ahead(self.links, at + line, 1);
        }
    }
}

/// A point with the sum of products that says how near it is, as one number: the nearer, the smaller; then by the point. The
/// lowest bit says that its links were followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Seen(u64);

impl Seen {
    #[inline(always)]
    pub(super) fn new(dot: i32, point: u32) -> Self {
        Self(u64::from(!(dot.cast_unsigned() ^ 0x8000_0000)) << 32 | u64::from(point) << 1)
    }

    #[inline(always)]
    pub(super) fn point(self) -> u32 {
        self.0 as u32 >> 1
    }

    #[inline(always)]
    pub(super) fn dot(self) -> i32 {
        (!((self.0 >> 32) as u32) ^ 0x8000_0000).cast_signed()
    }

    #[inline(always)]
    fn followed(self) -> bool {
        self.0 & 1 == 1
    }
}

/// Of the entries so many, the best, are where a walk begins.
const BEGINNINGS: usize = 4;

/// When a walk ends before it has followed all links of the best: where so many steps did not change the foremost of them. (Teofili,
/// Lin: Patience in Proximity, ECIR 2025.)
#[derive(Clone, Copy)]
pub(super) struct Patience {
    pub(super) foremost: usize,
    pub(super) steps: usize,
}

impl Patience {
    /// Never before.
    pub(super) const ENDLESS: Self = Self { foremost: 0, steps: usize::MAX };
}

/// Memory of one walk.
struct Walker<Q> {
    /// Which of the queries.
    query: usize,
    /// What the kernel makes of it.
    ready: Vec<Q>,
    /// The best points so far, best first.
    pool: Vec<Seen>,
    /// The first of them whose links were not followed.
    next: usize,
    /// Points whose bytes were asked for.
    asked: Vec<u32>,
    /// A bit for each point that was seen.
    seen: Vec<u64>,
    /// All that were seen.
    trace: Vec<u32>,
    /// The point whose links were asked for.
    links_of: Option<u32>,
    /// Points whose links were followed.
    followed: usize,
    /// How many of them there were when the foremost of the best last changed.
    changed: usize,
}

impl<Q: Query> Walker<Q> {
    /// One that is at no query yet, for so many points.
    fn new(points: usize) -> Self {
        Self {
            query: usize::MAX,
            ready: Vec::new(),
            pool: Vec::new(),
            next: 0,
            asked: Vec::new(),
            seen: vec![0; points.div_ceil(64)],
            trace: Vec::new(),
            links_of: None,
            followed: 0,
            changed: 0,
        }
    }

    #[inline(always)]
    fn first_time(&mut self, point: u32) -> bool {
        let Some(word) = self.seen.get_mut(point as usize / 64) else { return false };
        let bit = 1 << (point % 64);
        let first = *word & bit == 0;
        *word |= bit;
        first
    }

    #[inline(always)]
    fn offer(&mut self, seen: Seen, width: usize, patience: Patience) {
        if self.pool.len() == width {
            if self.pool.last().is_some_and(|last| seen >= *last) {
                return;
            }
            self.pool.pop();
        }
        let at = self.pool.partition_point(|other| *other < seen);
        self.pool.insert(at, seen);
        self.next = self.next.min(at);
        if at < patience.foremost {
            self.changed = self.followed;
        }
    }

    #[inline(always)]
    fn begin<K: Kernel<Query = Q>>(&mut self, kernel: K, walk: &Walk<'_, impl Sink>, query: usize) {
        for point in self.trace.drain(..) {
            self.seen[point as usize / 64] = 0;
        }
        self.query = query;
        self.pool.clear();
        self.asked.clear();
        self.next = 0;
        self.followed = 0;
        self.changed = 0;
        Q::ready(walk.queries[query], &mut self.ready);
        let width = BEGINNINGS.min(walk.width);
        for &entry in walk.graph.entries {
            let ready = Q::again(walk.queries[query], &self.ready);
            let dot = kernel.dot_half_bytes(walk.codes.high(entry), ready);
            self.offer(Seen::new(dot, entry), width, walk.patience);
        }
        for k in 0..self.pool.len() {
            let point = self.pool[k].point();
            self.first_time(point);
            self.trace.push(point);
        }
        self.next = 0;
        self.ask_for_links(walk);
    }

    /// Asks for the links of the best point whose links were not followed.
    #[inline(always)]
    fn ask_for_links(&mut self, walk: &Walk<'_, impl Sink>) {
        self.links_of = None;
        if self.followed - self.changed > walk.patience.steps {
            return;
        }
        self.followed += 1;
        while self.pool.get(self.next).is_some_and(|seen| seen.followed()) {
            self.next += 1;
        }
        self.links_of = self.pool.get_mut(self.next).map(|seen| {
            seen.0 |= 1;
            seen.point()
        });
        if let Some(point) = self.links_of {
            walk.graph.prefetch(point);
        }
    }

    /// Takes one turn.
    #[inline(always)]
    fn turn<K: Kernel<Query = Q>>(&mut self, kernel: K, walk: &Walk<'_, impl Sink>) {
        if let Some(point) = self.links_of.take() {
            for &point in walk.graph.links(point) {
                if point == NONE {
                    break;
                }
                if self.first_time(point) {
                    self.asked.push(point);
                    self.trace.push(point);
                }
            }
            // One right behind the other: so as many lines as can be are on their way at once.
            for &point in &self.asked {
                walk.codes.prefetch_high(point);
            }
            return;
        }
        for k in 0..self.asked.len() {
            let point = self.asked[k];
            let ready = Q::again(walk.queries[self.query], &self.ready);
            let dot = kernel.dot_half_bytes(walk.codes.high(point), ready);
            self.offer(Seen::new(dot, point), walk.width, walk.patience);
        }
        self.asked.clear();
        self.ask_for_links(walk);
    }

    fn is_done(&self) -> bool {
        self.links_of.is_none() && self.asked.is_empty()
    }
}

/// Takes what a walk found, best first.
pub(super) trait Sink {
    fn take<K: Kernel>(&mut self, kernel: K, query: usize, found: &[Seen]);
}

/// Walks for some queries.
pub(super) struct Walk<'a, S> {
    pub(super) graph: Graph<'a>,
    pub(super) codes: Codes<'a>,
    pub(super) points: usize,
    pub(super) queries: &'a [&'a [Signed]],
    /// How many of the best points are kept, and their links followed.
    pub(super) width: usize,
    pub(super) patience: Patience,
    pub(super) sink: S,
}

impl<S: Sink> Task for Walk<'_, S> {
    type Answer = S;

    #[inline(always)]
    fn run<K: Kernel>(mut self, kernel: K) -> S {
        let mut walkers: Vec<Walker<K::Query>> = Vec::new();
        walkers.resize_with(AT_ONCE.min(self.queries.len()), || Walker::new(self.points));
        let mut next = 0;
        while !walkers.is_empty() {
            let mut k = 0;
            while let Some(walker) = walkers.get_mut(k) {
                if walker.is_done() {
                    if walker.query < self.queries.len() {
                        self.sink.take(kernel, walker.query, &walker.pool);
                    }
                    if next == self.queries.len() {
                        walkers.swap_remove(k);
                        continue;
                    }
                    walker.begin(kernel, &self, next);
                    next += 1;
                }
                walker.turn(kernel, &self);
                k += 1;
            }
        }
        self.sink
    }
}
