//! The few works with which an output may have matches, so that the rule need not be followed for every pair of texts.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use rayon::prelude::*;

use super::{EDITS, KEPT};

/// Where four words of the outputs stand, by their hash: to find the few works that an output may have matches with.
///
/// Each edit needs two words in a row before it. So eight words begin with four in a row; or with two, an edit and two; or with
/// three, an edit and two, where the second to the fifth are two, an edit and two again. With the word at the edit left
/// out, on the side or sides that have one, all three are the same four words on both sides, and at least seven words go on from the
/// first of them.
pub(super) struct Seeds {
    /// Sorted by hash.
    seeds: Vec<Seed>,
    /// Where the seeds begin whose hashes begin with each number of so many bits; one more at the end.
    buckets: Vec<u32>,
    bits: u32,
}

struct Seed {
    hash: u64,
    output: u32,
    position: u32,
}

impl Seeds {
    pub(super) fn new(outputs: &[Vec<u32>]) -> Self {
        let seed = |output: usize, (position, hash): (usize, u64)| Seed {
            hash,
            output: output as u32,
            position: position as u32,
        };
        let mut seeds: Vec<Seed> = outputs
            .iter()
            .enumerate()
            .flat_map(|(output, words)| fours(words).map(move |four| seed(output, four)))
            .collect();
        seeds.par_sort_unstable_by_key(|seed| seed.hash);
        // About one seed in each.
        let bits = seeds.len().max(2).ilog2();
        let mut buckets = vec![0; (1 << bits) + 1];
        for seed in &seeds {
            buckets[bucket(seed.hash, bits) + 1] += 1;
        }
        for bucket in 1..buckets.len() {
            buckets[bucket] += buckets[bucket - 1];
        }
        Self { seeds, buckets, bits }
    }

    /// The outputs that may have a match with `work`; all that have are among them.
    pub(super) fn candidates(&self, outputs: &[Vec<u32>], work: &[u32]) -> Vec<usize> {
        let mut found = Vec::new();
        for (w, hash) in fours(work) {
            let bucket = bucket(hash, self.bits);
            let bucket = &self.seeds[self.buckets[bucket] as usize..self.buckets[bucket + 1] as usize];
            found.extend(bucket.iter().filter(|seed| seed.hash == hash).filter_map(|seed| {
                let (output, o) = (&outputs[seed.output as usize], seed.position as usize);
                // Hashes may be equal by chance, words may not.
                let begins = output[o] == work[w] && output[o + 1] == work[w + 1];
                let long = begins && goes_on(output, work, (o + 1, w + 1), true, KEPT - 3);
                long.then_some(seed.output as usize)
            }));
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

fn bucket(hash: u64, bits: u32) -> usize {
    (hash >> (u64::BITS - bits)) as usize
}

/// Each place of a text with a hash of the four words there, and with one that leaves out the word in their middle.
fn fours(words: &[u32]) -> impl Iterator<Item = (usize, u64)> {
    let hash = |four: [u32; 4]| {
        let mut hasher = DefaultHasher::new();
        four.hash(&mut hasher);
        hasher.finish()
    };
    let whole = words.windows(4).map(move |w| hash([w[0], w[1], w[2], w[3]]));
    let edited = words.windows(5).map(move |w| hash([w[0], w[1], w[3], w[4]]));
    whole.enumerate().chain(edited.enumerate())
}

/// Whether what ends with the equal words at `o` and `w`, `exact` if they came right after others, goes on for so many more.
fn goes_on(output: &[u32], work: &[u32], (o, w): (usize, usize), exact: bool, more: usize) -> bool {
    let equal = |o: usize, w: usize| o < output.len() && w < work.len() && output[o] == work[w];
    if more == 0 {
        return true;
    }
    if equal(o + 1, w + 1) {
        return goes_on(output, work, (o + 1, w + 1), true, more - 1);
    }
    let edited = |(of_output, of_work): (usize, usize)| {
        let (o, w) = (o + of_output, w + of_work);
        equal(o, w) && goes_on(output, work, (o, w), false, more - 1)
    };
    exact && EDITS.into_iter().any(edited)
}

#[cfg(test)]
mod tests {
    use nagalm_corpora::planted::Rng;

    use super::super::{matches, reuse};

    /// A text of a few different words, now and then with a piece of `other`, each word of it edited with a chance of a quarter.
    fn text(rng: &mut Rng, words: usize, other: &[u32]) -> Vec<u32> {
        let mut text = Vec::new();
        while text.len() < 40 {
            if !other.is_empty() && rng.chance(0.1) {
                let from = rng.below(other.len());
                for &word in other[from..].iter().take(4 + rng.below(20)) {
                    match rng.below(12) {
                        0 => text.push(rng.below(words) as u32),
                        1 => text.extend([word, rng.below(words) as u32]),
                        2 => {}
                        _ => text.push(word),
                    }
                }
            } else {
                text.push(rng.below(words) as u32);
            }
        }
        text
    }

    fn spelt(text: &[u32]) -> String {
        text.iter().map(|word| format!("w{word}")).collect::<Vec<_>>().join(" ")
    }

    /// The rule as it is written: whole matches grow pair by pair, and the parts of others are dropped in the end.
    fn grown(output: &[u32], work: &[u32]) -> Vec<usize> {
        type Pair = (usize, usize);
        let equal = |(o, w): Pair| output.get(o).is_some_and(|word| work.get(w) == Some(word));
        let mut open: Vec<Vec<Pair>> = Vec::new();
        for o in 0..output.len() {
            for w in 0..work.len() {
                if !equal((o, w)) {
                    continue;
                }
                let goes_on = |reach: Pair, exactly: bool| {
                    open.iter().find(|grown| {
                        let Some(&(to, tw)) = grown.last() else { return false };
                        let from = grown.len().checked_sub(2).map(|n| grown[n]);
                        (to + reach.0, tw + reach.1) == (o, w)
                            && (exactly || (from == Some((to.wrapping_sub(1), tw.wrapping_sub(1)))))
                            && (exactly || !equal((to + 1, tw + 1)))
                    })
                };
                let longer = goes_on((1, 1), true)
                    .or_else(|| goes_on((2, 2), false))
                    .or_else(|| goes_on((1, 2), false))
                    .or_else(|| goes_on((2, 1), false));
                let mut grown = longer.cloned().unwrap_or_default();
                grown.push((o, w));
                open.push(grown);
            }
        }
        let kept: Vec<&Vec<Pair>> = open.iter().filter(|grown| grown.len() >= 8).collect();
        let part =
            |one: &Vec<Pair>, of: &Vec<Pair>| one.len() < of.len() && one.iter().all(|p| of.contains(p));
        let whole = kept.iter().filter(|one| !kept.iter().any(|other| part(one, other)));
        // `w7` has one letter, and a space stands between words.
        whole.map(|grown| 2 * grown.len() - 1).collect()
    }

    #[test]
    fn matches_are_what_grows_by_the_rule() {
        let mut rng = Rng::new(8);
        let mut some = 0;
        for round in 0..600 {
            let words = [3, 6, 20][round % 3];
            let work = text(&mut rng, words, &[]);
            let output = text(&mut rng, words, &work);
            let (mut found, mut expected) = (matches(&output, &work, &[1; 20]), grown(&output, &work));
            found.sort_unstable();
            expected.sort_unstable();
            assert_eq!(found, expected, "{output:?} of {work:?}");
            some += usize::from(!found.is_empty());
        }
        assert!(some > 100, "the texts must have matches: {some}");
    }

    #[test]
    fn no_match_is_lost_by_looking_for_seeds() {
        let mut rng = Rng::new(160);
        let mut short = 0;
        for round in 0..60 {
            let words = [6, 12, 30][round % 3];
            let works: Vec<Vec<u32>> = (0..8).map(|_| text(&mut rng, words, &[])).collect();
            let outputs: Vec<Vec<u32>> = (0..8).map(|n| text(&mut rng, words, &works[n])).collect();
            let of = |output: &Vec<u32>| -> usize {
                works.iter().map(|work| matches(output, work, &[1; 30]).iter().sum()).max().unwrap_or(0)
            };
            let expected: Vec<usize> = outputs.iter().map(of).collect();
            let spell = |texts: &[Vec<u32>]| texts.iter().map(|text| spelt(text)).collect::<Vec<_>>();
            let (outputs, works) = (spell(&outputs), spell(&works));
            let outputs: Vec<&str> = outputs.iter().map(String::as_str).collect();
            let works: Vec<&str> = works.iter().map(String::as_str).collect();
            let found: Vec<usize> = reuse(&outputs, &works).iter().map(|reuse| reuse.characters).collect();
            assert_eq!(found, expected);
            // The shortest match that there is: where seeds could go missing.
            short += expected.iter().filter(|characters| **characters == 15).count();
        }
        assert!(short > 20, "there must be matches of just eight words: {short}");
    }
}
