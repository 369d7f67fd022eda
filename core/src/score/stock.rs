//! How long are the phrases that works of one registry share by convention?
//!
//! Nobody copies `if the cursor is at the end of the line`: manuals share such phrases as songs share none, and laws
//! share longer ones. What chance brings can be told from the words' frequencies; what convention brings only from
//! the works themselves. So a sample of their words is looked up in all other works.

use crate::fingerprint::{SHORTEST, mix};
use crate::registry::{Registry, View};
use crate::search::{FEWEST_STOCK_WORDS, Hit, LookUps, MOST_STOCK_WORDS, word_hits};
use crate::text::Token;

/// A phrase is stock where runs of its length begin at more than one word of so many.
const RARE: usize = 512;
/// So many runs may be of other causes: works that quote each other, versions of one work.
const QUOTED: usize = 8;
/// Runs of fewer words need not be told apart …
const FEWEST: usize = FEWEST_STOCK_WORDS as usize;
/// … nor runs of more: who shares these has copied, or both have.
const MOST: usize = MOST_STOCK_WORDS as usize;
/// Works that are looked into, and words of each at the least.
const WORKS: usize = 1024;
const WORDS: usize = 32;
/// Words around a run that are compared on either side.
const AROUND: usize = 8;

/// The length of run, in words, that works which have nothing else in common share at one word of [`RARE`] or fewer;
/// from [`FEWEST`] to [`MOST`]. Which words are looked at depends on the works alone, not on their order. A few
/// milliseconds.
pub(super) fn stock_words(registry: &Registry) -> u32 {
    // Words at which a run of this many or more begins.
    let mut begin = [0_usize; MOST + 1];
    let mut sampled = 0;
    let (mut hits, mut look_ups) = (Vec::new(), LookUps::default());
    for window in windows(registry) {
        sampled += window.len;
        let words = &window.work[window.start..window.start + window.len];
        // The longest run that begins at each word of the window.
        let mut longest = vec![0_usize; words.len()];
        for view in registry.views() {
            hits.clear();
            word_hits(&view.segment, words, &mut look_ups, &mut hits);
            // All but the shortest runs have two seeds: most hits stand alone and need no look.
            hits.sort_unstable_by_key(|hit| (hit.diagonal(), hit.index));
            for run in hits.chunk_by(|a, b| a.diagonal() == b.diagonal()).filter(|run| run.len() > 1) {
                for hit in run {
                    if let Some((start, length)) = window.run(view, *hit) {
                        longest[start] = longest[start].max(length);
                    }
                }
            }
        }
        for length in longest {
            begin[length.min(MOST)] += 1;
        }
    }
    for length in (0..MOST).rev() {
        begin[length] += begin[length + 1];
    }
    let is_rare = |length: &usize| begin[*length].saturating_sub(QUOTED) * RARE <= sampled;
    (FEWEST..MOST).find(is_rare).unwrap_or(MOST) as u32
}

/// A stretch of a work.
struct Window<'a> {
    work: &'a [Token],
    start: usize,
    len: usize,
}

/// The words that are looked at. Chosen by what works say, so that their order in the registry does not matter.
fn windows(registry: &Registry) -> Vec<Window<'_>> {
    let all = registry
        .views()
        .iter()
        .flat_map(|view| view.segment.sample().map(move |(hash, slot)| (hash, view, slot)));
    let mut sample: Vec<_> = all.collect();
    sample.sort_by_key(|&(hash, ..)| hash);
    sample.truncate(WORKS);
    let len = WORDS.max(WORKS * WORDS / sample.len().max(1));
    let windows = sample.into_iter().filter_map(|(hash, view, slot)| {
        let range = view.segment.word_range(slot);
        let work = view.segment.tokens().get(range.start as usize..range.end as usize)?;
        let len = len.min(work.len());
        let start = (mix(hash) % (work.len() - len + 1) as u64) as usize;
        (work.len() >= SHORTEST).then_some(Window { work, start, len })
    });
    windows.collect()
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
