//! Which grams of words are stored: of every two words of a work the shortest that begins with one of them and is rare
//! enough (see `fingerprint::grams`).

use std::ops::Range;

use super::memory::Memory;
use super::parts::{Gram, Groups, PARTS, Parts, in_parallel, part_of, sort_pieces};
use super::seeds::{MAX_POSTINGS, MAX_WORKS, Posting, STRIDE, Seeds};
use super::works::Works;
use crate::fingerprint::{LONGEST, SHORTEST, SeedLengths, gram, gram_of};
use crate::text::Token;

/// The filter and the index of all works' seeds. Linear in the words; memory, besides what is made, is half a byte for
/// each.
pub(super) fn word_seeds(tokens: &[Token], works: &Works<'_>, least: &SeedLengths) -> (Memory, Memory) {
    let mut choice = Choice::new(tokens, works, least);
    choice.choose();
    choice.fill()
}

/// Words whose grams are in memory at once. Where there are more it takes a few passes, each over some of the parts.
const AT_ONCE: usize = 1 << 23;

/// A length that was chosen in the present round, and has not been looked at.
const FRESH: u8 = 0x80;
/// The words of a seed of this length.
#[inline(always)]
fn long(length: u8) -> usize {
    usize::from(length & !FRESH)
}

/// What is stored of a segment's works.
struct Choice<'a> {
    tokens: &'a [Token],
    works: &'a Works<'a>,
    least: &'a SeedLengths,
    pieces: Vec<Range<usize>>,
    /// Of each word the length of the seed that begins with it; 0 where there is none.
    lengths: Vec<u8>,
    /// Grams that are too common to be seeds, each once, by their parts.
    common: Vec<Vec<u64>>,
    /// The grams at hand.
    sorted: Vec<Parts<Gram>>,
}

impl<'a> Choice<'a> {
    /// Begins with the shortest grams that may be seeds.
    fn new(tokens: &'a [Token], works: &'a Works<'a>, least: &'a SeedLengths) -> Self {
        let pieces = works.pieces();
        let lengths = in_parallel(pieces.len(), Default::default, |(worth, all), at| {
            first_lengths(tokens, works, least, pieces[at].clone(), worth, all)
        });
        Self {
            tokens,
            works,
            least,
            lengths: lengths.concat(),
            common: (0..PARTS).map(|_| Vec::new()).collect(),
            sorted: pieces.iter().map(|_| Parts::default()).collect(),
            pieces,
        }
    }

    /// Goes on in rounds: of what turns out to be common, with grams that are a word longer. Ends, since every length
    /// grows, or begins anew with the first of the two words once.
    fn choose(&mut self) {
        for parts in self.passes() {
            self.sort(&parts, |length| length & FRESH == 0);
            self.judge(parts);
        }
        while self.lengths.iter().any(|length| length & FRESH != 0) {
            self.sort(&(0..PARTS), |length| length & FRESH != 0);
            self.settle();
            self.judge(0..PARTS);
        }
    }

    fn passes(&self) -> impl Iterator<Item = Range<usize>> + use<> {
        let passes = self.tokens.len().div_ceil(AT_ONCE).next_power_of_two().min(PARTS);
        (0..passes).map(move |pass| pass * PARTS / passes..(pass + 1) * PARTS / passes)
    }

    /// Sorts those grams of some parts whose lengths are `wanted` and that lie within a work.
    fn sort(&mut self, parts: &Range<usize>, wanted: impl Fn(u8) -> bool + Sync + Send) {
        let Self { tokens, works, pieces, lengths, sorted, .. } = self;
        sort_pieces(sorted, Vec::new, |grams: &mut Vec<Gram>, at, piece| {
            grams.clear();
            let words = works.range(pieces[at].end - 1).end - works.range(pieces[at].start).start;
            grams.resize(words + 1, Gram::default());
            let mut count = 0;
            for slot in pieces[at].clone() {
                let work = works.range(slot);
                for (word, &length) in work.clone().zip(&lengths[work.clone()]) {
                    let long = long(length);
                    if length != 0 && wanted(length) && word + long <= work.end {
                        let hash = match tokens[word..].first_chunk() {
                            Some(six) => gram_of(six, long),
                            None => gram(&tokens[word..word + long]),
                        };
                        grams[count] = Gram::new(hash, word as u32);
                        count += usize::from(parts.contains(&part_of(hash)));
                    }
                }
            }
            piece.sort(&grams[..count], |gram| part_of(gram.hash()));
        });
    }

    /// What was fresh is no more; where the work ends before the gram is long enough, there is none.
    fn settle(&mut self) {
        for slot in 0..self.works.ends.len() {
            let work = self.works.range(slot);
            for (word, length) in work.clone().zip(&mut self.lengths[work.clone()]) {
                if *length & FRESH != 0 {
                    *length &= !FRESH;
                    if word + long(*length) > work.end {
                        *length = 0;
                    }
                }
            }
        }
    }

    /// Of the sorted grams of some parts, leaves what is rare, and wants a word more where it is common.
    fn judge(&mut self, parts: Range<usize>) {
        let this = &*self;
        let judged = in_parallel(parts.len(), Buffers::default, |buffers, at| {
            this.gather(parts.start + at, &mut buffers.grams);
            this.judge_part(buffers)
        });
        for (part, Judged { common, changed }) in parts.zip(judged) {
            self.common[part].extend(common);
            changed.into_iter().for_each(|(word, length)| self.lengths[word as usize] = length);
        }
    }

    /// The sorted grams of a part.
    fn gather(&self, part: usize, grams: &mut Vec<Gram>) {
        grams.clear();
        self.sorted.iter().for_each(|piece| grams.extend_from_slice(piece.part(part)));
    }

    fn judge_part(&self, Buffers { grams, groups, last }: &mut Buffers) -> Judged {
        groups.find(grams);
        last.clear();
        let mut judged = Judged::default();
        for (at, gram) in grams.iter().enumerate() {
            if groups.count(at) <= MAX_POSTINGS {
                continue;
            }
            let length = self.lengths[gram.word as usize];
            if long(length) < LONGEST {
                if groups.first(at) == at {
                    judged.common.push(gram.hash());
                }
                judged.changed.push((gram.word, length + 1 | FRESH));
                continue;
            }
            // Common even at full length: one posting in each of the first works that hold it. Who copies it is
            // shown these.
            last.resize(grams.len(), (0, u32::MAX));
            let (count, work) = &mut last[groups.first(at)];
            let next = if (*count as usize) < MAX_WORKS { self.works.slot_of(gram.word) } else { *work };
            if *work == next {
                judged.changed.push((gram.word, 0));
            } else {
                (*count, *work) = (*count + 1, next);
            }
        }
        judged
    }

    /// Makes the index of what was chosen.
    fn fill(mut self) -> (Memory, Memory) {
        let kept = self.lengths.iter().filter(|&&length| length != 0).count();
        let common = self.common.iter().map(Vec::len).sum::<usize>();
        let mut seeds = Seeds::new(kept + common, self.tokens.len());
        let mut grams = Vec::new();
        for parts in self.passes() {
            self.sort(&parts, |_| true);
            for part in parts {
                // What is common comes first: it is the last to be left out where hashes crowd together.
                seeds.add(self.common[part].iter().map(|&hash| (hash, Posting::Common)));
                self.gather(part, &mut grams);
                seeds.add(grams.iter().map(|gram| (gram.hash(), Posting::Word(gram.word))));
            }
        }
        drop(self);
        seeds.finish()
    }
}

/// What one core needs.
#[derive(Default)]
struct Buffers {
    grams: Vec<Gram>,
    groups: Groups,
    /// Of each group so many postings are kept, the last of them in this work.
    last: Vec<(u32, u32)>,
}

/// What becomes of the grams of a part.
#[derive(Default)]
struct Judged {
    common: Vec<u64>,
    /// Words at which the gram is not kept, and the length that is wanted instead.
    changed: Vec<(u32, u8)>,
}

/// Of some works in a row, for each word, the length of the seed that begins with it: none where the work ends before.
fn first_lengths(
    tokens: &[Token],
    works: &Works<'_>,
    least: &SeedLengths,
    slots: Range<usize>,
    worth: &mut Vec<u8>,
    all: &mut Vec<u8>,
) -> Vec<u8> {
    let words = works.range(slots.start).start..works.range(slots.end - 1).end;
    least.of_all(&tokens[words.clone()], worth, all);
    let mut lengths = vec![0; words.len().next_multiple_of(STRIDE)];
    for slot in slots {
        let work = works.range(slot);
        let text = &tokens[work.clone()];
        for word in work.clone().take((work.len() + 1).saturating_sub(SHORTEST)) {
            // The first two words know nothing of what stands before the work.
            let length = match all.get(word - words.start) {
                Some(&length) if word >= work.start + 2 => length,
                _ => least.at(text, word - work.start) as u8,
            };
            if word + usize::from(length) <= work.end {
                lengths[word - words.start] = length;
            }
        }
    }
    lengths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_eight_words_have_a_seed_unless_their_grams_are_common() {
        let mut state = 1_u64;
        // Knuth's generator (The Art of Computer Programming, volume 2, 3.3.4).
        let mut number = move |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        for words in [2, 3, 5, 40] {
            // Some words are rare, most are not: seeds of all lengths. And phrases make long ones common.
            let word = |number: &mut dyn FnMut(u64) -> u64| match number(3) {
                0 => 100 + number(300) as Token,
                _ => 1 + number(words) as Token,
            };
            let phrases: Vec<Vec<Token>> =
                (0..8).map(|_| (0..4 + number(8)).map(|_| word(&mut number)).collect()).collect();
            let (mut tokens, mut ends, mut counts) = (Vec::<Token>::new(), Vec::new(), vec![0; 1 << 16]);
            for _ in 0..60 {
                tokens.resize(tokens.len().next_multiple_of(STRIDE), 0);
                for _ in 0..number(8) {
                    if number(2) == 0 {
                        tokens.extend_from_slice(&phrases[number(phrases.len() as u64) as usize]);
                    } else {
                        tokens.push(word(&mut number));
                    }
                }
                ends.push(tokens.len() as u32);
            }
            tokens.iter().for_each(|&token| counts[usize::from(token)] += 1_u32);
            let works = Works { ends: &ends };
            let least = SeedLengths::new(&counts);
            let mut choice = Choice::new(&tokens, &works, &least);
            choice.choose();
            let mut seen = [0; LONGEST + 1];
            for slot in 0..ends.len() as u32 {
                let work = works.range(slot as usize);
                for first in work.clone().take_while(|first| first + LONGEST + 2 <= work.end) {
                    // One of three words in a row begins a seed, unless six words from there on stand too often.
                    let is_left_out = |word: usize| {
                        let six = &tokens[word..word + LONGEST];
                        tokens.windows(LONGEST).filter(|other| *other == six).count() > MAX_POSTINGS
                    };
                    let lengths = &choice.lengths[first..first + 3];
                    lengths.iter().for_each(|&length| seen[usize::from(length)] += 1);
                    let some = lengths.iter().any(|&length| length > 0);
                    assert!(some || (first..first + 3).any(is_left_out), "no seed at {first}");
                }
            }
            assert!(seen[3] > 0, "{seen:?}");
        }
    }
}
