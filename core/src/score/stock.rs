//! How long are the phrases that works of one registry share by convention?
//!
//! Nobody copies `if the cursor is at the end of the line`: manuals share such phrases as songs share none, and laws
//! share longer ones. What chance brings can be told from the words' frequencies; what convention brings only from
//! the works themselves. So a sample of their words is looked up in all other works.

use crate::registry::{EXTEND, Registry, View};
use crate::search::{Hit, word_hits};
use crate::text::Token;

/// A phrase is stock where runs of its length begin at more than one word of so many.
const RARE: usize = 512;
/// So many runs may be of other causes: works that quote each other, versions of one work.
const QUOTED: usize = 8;
/// Runs of fewer words need not be told apart …
const FEWEST: usize = 6;
/// … nor runs of more: who shares these has copied, or both have.
const MOST: usize = 18;
/// Stretches of works that are looked at, about, and words of each; of a small registry one word of so many.
const WINDOWS: usize = 1024;
const WORDS: usize = 32;
const SHARE: usize = 2;
/// Stretches that begin in one bucket of the index, about.
const IN_BUCKET: usize = 16;
/// Words around a run that are compared on either side.
const AROUND: usize = 8;

/// The length of run, in words, that works which have nothing else in common share at one word of [`RARE`] or fewer;
/// from [`FEWEST`] to [`MOST`]. Which words are looked at depends on the works alone, not on their order. A few
/// milliseconds, whatever the registry's size.
pub(super) fn stock_words(registry: &Registry) -> u32 {
    // Words at which a run of this many or more begins.
    let mut begin = [0_usize; MOST + 1];
    let mut sampled = 0;
    let mut hits = Vec::new();
    for window in windows(registry) {
        sampled += window.len;
        let words = &window.work[window.start..window.start + window.len];
        // The longest run that begins at each word of the window.
        let mut longest = [0_usize; WORDS];
        for view in registry.views() {
            hits.clear();
            word_hits(view.segment.word_seeds(), words, &mut hits);
            // All but the shortest runs have two seeds: most hits stand alone and need no look.
            hits.sort_unstable_by_key(|hit| (diagonal(hit), hit.index));
            for run in hits.chunk_by(|a, b| diagonal(a) == diagonal(b)).filter(|run| run.len() > 1) {
                for hit in run {
                    if let Some((start, length)) = window.run(view, *hit) {
                        longest[start] = longest[start].max(length);
                    }
                }
            }
        }
        for length in &longest[..window.len] {
            begin[(*length).min(MOST)] += 1;
        }
    }
    for length in (0..MOST).rev() {
        begin[length] += begin[length + 1];
    }
    let is_rare = |length: &usize| begin[*length].saturating_sub(QUOTED) * RARE <= sampled;
    (FEWEST..MOST).find(is_rare).unwrap_or(MOST) as u32
}

fn diagonal(hit: &Hit) -> u32 {
    hit.position.wrapping_sub(hit.index)
}

/// A stretch of a work.
struct Window<'a> {
    work: &'a [Token],
    start: usize,
    len: usize,
}

/// The words that are looked at. Chosen by the hashes of the grams that they begin with, so that the works' order does
/// not matter.
fn windows(registry: &Registry) -> Vec<Window<'_>> {
    let words: usize = registry.views().iter().map(|view| view.segment.words() as usize).sum();
    let wanted = WINDOWS.min(words / (SHARE * WORDS));
    let mut windows = Vec::new();
    for view in registry.views() {
        let tokens = view.segment.tokens();
        let buckets = (wanted * tokens.len()).div_ceil(words.max(1) * IN_BUCKET) as u64;
        // The high half of a hash chooses the bucket, the lowest byte its postings: some buckets, all of their postings.
        let high = (0..buckets).map(|bucket| ((bucket << 32) / buckets) << 32);
        for hash in high.flat_map(|high| (0..256).map(move |low| high | low)) {
            view.segment.word_seeds().postings(hash, |position| {
                let Some(slot) = view.segment.slot_of(position).filter(|_| position < EXTEND) else { return };
                let range = view.segment.word_range(slot);
                let work = &tokens[range.start as usize..range.end as usize];
                let start = (position - range.start) as usize;
                windows.push(Window { work, start, len: WORDS.min(work.len() - start) });
            });
        }
    }
    windows
}

impl Window<'_> {
    /// The run of equal words around a hit: its first word in the window, and its length. None where it begins before
    /// the window, lies in the same work, or where both works go on alike: there it is one passage in two works.
    fn run(&self, view: &View, hit: Hit) -> Option<(usize, usize)> {
        let range = view.segment.word_range(view.segment.slot_of(hit.position)?);
        let other = &view.segment.tokens()[range.start as usize..range.end as usize];
        if std::ptr::eq(other, self.work) {
            return None;
        }
        let (here, there) = (self.start + hit.index as usize, (hit.position - range.start) as usize);
        let before = self.work[..here].iter().rev().zip(other[..there].iter().rev());
        let back = before.take_while(|(a, b)| a == b).count();
        let forth = self.work[here..].iter().zip(&other[there..]).take_while(|(a, b)| a == b).count();
        let (start, length) = (here.checked_sub(back + self.start)?, back + forth);
        let alike = |mine: Option<&Token>, theirs: Option<&Token>| mine.is_some() && mine == theirs;
        let agreeing = (1..=AROUND)
            .map(|k| {
                let behind = alike(self.work.get(here + forth + k), other.get(there + forth + k));
                let at = |words: &[Token], from: usize| from.checked_sub(back + 1 + k).map(|at| words[at]);
                let before = alike(at(self.work, here).as_ref(), at(other, there).as_ref());
                usize::from(behind) + usize::from(before)
            })
            .sum::<usize>();
        (2 * agreeing < AROUND).then_some((start, length))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fingerprint::mix;
    use crate::registry::Work;

    /// Works of words of their own, each with the same `phrase` in it, in the order of `numbers`.
    fn registry(phrase: &str, numbers: impl Iterator<Item = usize>) -> Registry {
        let own = |n: usize| {
            (0..120).map(|k| format!("{:x}", mix((n * 1000 + k) as u64))).collect::<Vec<_>>().join(" ")
        };
        let work = |n: usize| Work {
            work_id: n.to_string(),
            text: format!("{} {phrase} {}", own(2 * n), own(2 * n + 1)),
            ..Work::default()
        };
        Registry::from_works(numbers.map(work)).unwrap()
    }

    #[test]
    fn a_phrase_in_all_works_is_as_long_as_it_is() {
        let phrase = "if the cursor is at the end of the line";
        assert_eq!(stock_words(&registry("", 0..200)), FEWEST as u32);
        assert_eq!(stock_words(&registry(phrase, 0..200)), 11);
        assert_eq!(stock_words(&registry(&[phrase; 3].join(" then "), 0..200)), MOST as u32);
    }

    #[test]
    fn the_order_of_works_does_not_matter() {
        let phrase = "the value must be one of the values that stand in the table below";
        assert_eq!(stock_words(&registry(phrase, 0..300)), stock_words(&registry(phrase, (0..300).rev())));
    }
}
