//! Which grams of words are stored: of each word of a work with which a seed begins, the shortest that is rare enough (see
//! `fingerprint::lengths`).

use std::ops::Range;

use super::memory::Memory;
use super::parts::{Crowd, Gram, PARTS, Parts, in_parallel, part_of, sort_pieces};
use super::seeds::{FILLED, MAX_POSTINGS, MAX_WORKS, Posting, STRIDE, Seeds};
use super::works::Works;
use crate::error::Result;
use crate::fingerprint::{LONGEST, SHORTEST, SeedLengths, gram, gram_of};
use crate::text::Token;

/// The filter and the index of all works' seeds. Linear in the words; memory, besides what is made, is five bytes for
/// each, and two more for each of those that are in memory at once.
///
/// `memory` is used for sorting; what it holds does not matter.
pub(super) fn word_seeds(
    tokens: &[Token],
    works: &Works<'_>,
    least: &SeedLengths,
    memory: Vec<Parts>,
) -> (Memory, Memory) {
    let mut choice = Choice::new(tokens, works, least);
    choice.choose(memory);
    choice.fill()
}

/// Gives what such an index would hold, in the order of the hashes' first bits.
pub(super) fn word_postings(
    tokens: &[Token],
    works: &Works<'_>,
    least: &SeedLengths,
    mut each: impl FnMut(u64, Posting) -> Result<()>,
) -> Result<()> {
    let mut choice = Choice::new(tokens, works, least);
    choice.choose(Vec::new());
    let parts = choice.kept.iter().zip(&choice.common).enumerate();
    parts
        .flat_map(|(part, (kept, common))| postings(part, kept, common))
        .try_for_each(|(hash, at)| each(hash, at))
}

/// What is stored of one part. What is common comes first: it is the last to be left out where hashes crowd together.
fn postings<'a>(
    part: usize,
    kept: &'a [Gram],
    common: &'a [Gram],
) -> impl Iterator<Item = (u64, Posting)> + 'a {
    let common = common.iter().map(move |gram| (gram.hash(part), Posting::Common));
    common.chain(kept.iter().map(move |gram| (gram.hash(part), Posting::Word(gram.place()))))
}

/// Words whose grams are sorted at once. Where there are more it takes a few passes, each over some of the parts.
const AT_ONCE: usize = 1 << 26;
/// Parts whose grams that were found to be common are put together as one piece.
const FRESH_PARTS: usize = 32;

/// What is chosen at a word: the length of the seed that begins with it, in the lower bits, and 0 where none does.
#[derive(Clone, Copy, Default)]
struct Chosen(u8);

impl Chosen {
    const LENGTH: u8 = 7;
    /// Above it: words of the work from this one on, as far as they matter.
    const ROOM_SHIFT: u32 = 4;
    const MOST_ROOM: usize = 15;

    #[inline(always)]
    fn new(length: u8, room: usize) -> Self {
        Self(length | (room.min(Self::MOST_ROOM) as u8) << Self::ROOM_SHIFT)
    }

    #[inline(always)]
    fn length(self) -> usize {
        usize::from(self.0 & Self::LENGTH)
    }

    /// Whether the seed ends within its work.
    #[inline(always)]
    fn fits(self) -> bool {
        self.length() <= usize::from(self.0 >> Self::ROOM_SHIFT)
    }

    /// The hash of the seed at a word; of one that does not fit any number.
    #[inline(always)]
    fn hash(self, tokens: &[Token], word: usize) -> u64 {
        let rest = tokens.get(word..).unwrap_or_default();
        match rest.first_chunk() {
            Some(six) => gram_of(six, self.length()),
            None => gram(&rest[..self.length().min(rest.len())]),
        }
    }

    /// What takes the place of a gram that is common: one with a word more.
    fn longer(self) -> Self {
        Self(self.0 + 1)
    }
}

/// What is stored of a segment's works.
struct Choice<'a> {
    tokens: &'a [Token],
    works: &'a Works<'a>,
    /// Of each word.
    chosen: Vec<Chosen>,
    /// Of each part the grams that are stored.
    kept: Vec<Vec<Gram>>,
    /// Of each part the grams that are too common to be seeds, each once.
    common: Vec<Vec<Gram>>,
}

impl<'a> Choice<'a> {
    /// Begins with the shortest grams that may be seeds.
    fn new(tokens: &'a [Token], works: &'a Works<'a>, least: &'a SeedLengths) -> Self {
        let pieces = works.pieces();
        let chosen = in_parallel(pieces.len(), Default::default, |(worth, all), at| {
            shortest(tokens, works, least, pieces[at].clone(), worth, all)
        });
        Self {
            tokens,
            works,
            chosen: chosen.concat(),
            kept: (0..PARTS).map(|_| Vec::new()).collect(),
            common: (0..PARTS).map(|_| Vec::new()).collect(),
        }
    }

    /// Goes on in rounds: of what turns out to be common, with grams that are a word longer.
    fn choose(&mut self, mut sorted: Vec<Parts>) {
        let passes = self.tokens.len().div_ceil(AT_ONCE).next_power_of_two().min(PARTS);
        let words: Vec<Range<usize>> =
            self.works.pieces().into_iter().map(|slots| words_of(self.works, slots)).collect();
        sorted.resize_with(words.len(), Parts::default);
        let mut fresh = Vec::new();
        for pass in 0..passes {
            let parts = pass * PARTS / passes..(pass + 1) * PARTS / passes;
            sort_pieces(&mut sorted, Buffers::default, |buffers, at, piece| {
                buffers.begin(words[at].len());
                let mut count = 0;
                for word in words[at].clone() {
                    let chosen = self.chosen[word];
                    if chosen.length() != 0 {
                        let hash = chosen.hash(self.tokens, word);
                        let part = part_of(hash);
                        buffers.parts[count] = part;
                        buffers.grams[count] = Gram::new(hash, word as u32).record();
                        count += usize::from(parts.contains(&usize::from(part)));
                    }
                }
                piece.sort(&buffers.grams[..count], &buffers.parts[..count]);
            });
            fresh.extend(self.judge(parts, &sorted));
        }
        drop(sorted);
        while fresh.iter().any(|piece: &Fresh| !piece.grams.is_empty()) {
            for &(word, chosen) in fresh.iter().flat_map(|piece| &piece.chosen) {
                self.chosen[word as usize] = chosen;
            }
            let sorted =
                in_parallel(fresh.len(), || (), |(), at| Parts::new(&fresh[at].grams, &fresh[at].parts));
            fresh = self.judge(0..PARTS, &sorted);
        }
    }

    /// Of the sorted grams of some parts, keeps what is rare, and gives what takes the place of what is common.
    fn judge(&mut self, parts: Range<usize>, sorted: &[Parts]) -> Vec<Fresh> {
        let this = &*self;
        let lots = parts.len().div_ceil(FRESH_PARTS);
        let lot = |at: usize| {
            let first = parts.start + at * FRESH_PARTS;
            first..(first + FRESH_PARTS).min(parts.end)
        };
        let judged = in_parallel(lots, Judging::default, |judging, at| {
            let mut fresh = Fresh::default();
            let judged = lot(at).map(|part| {
                let mut grams = Vec::with_capacity(sorted.iter().map(|piece| piece.part(part).len()).sum());
                sorted.iter().for_each(|piece| grams.extend(Gram::all(piece.part(part))));
                let common = this.judge_part(&mut grams, judging, &mut fresh);
                (grams, common)
            });
            (judged.collect::<Vec<_>>(), fresh)
        });
        let mut all = Vec::with_capacity(lots);
        for (at, (judged, fresh)) in judged.into_iter().enumerate() {
            for (part, (grams, common)) in lot(at).zip(judged) {
                append(&mut self.kept[part], grams);
                append(&mut self.common[part], common);
            }
            all.push(fresh);
        }
        all
    }

    /// Leaves what is kept of `grams`, those of one part, and gives what is common.
    fn judge_part(&self, grams: &mut Vec<Gram>, judging: &mut Judging, fresh: &mut Fresh) -> Vec<Gram> {
        let Judging { crowd, many, in_works } = judging;
        crowd.part(grams, MAX_POSTINGS as u8);
        many.clear();
        for group in crowd.groups() {
            let into = if group.len() <= MAX_POSTINGS { &mut *grams } else { &mut *many };
            into.extend_from_slice(group);
        }
        let mut common = Vec::new();
        // What stands at so many places all over the segment is waited for at once, not one place after another.
        let place = |gram: &Gram| gram.place() as usize;
        let before: Vec<Chosen> = many.iter().map(|gram| self.chosen[place(gram)]).collect();
        let hashes = before.iter().zip(&*many);
        let hashes = hashes.map(|(chosen, gram)| chosen.longer().hash(self.tokens, place(gram)));
        let hashes: Vec<u64> = hashes.collect();
        let mut last: Option<Gram> = None;
        for (at, &gram) in many.iter().enumerate() {
            let is_first = !last.is_some_and(|last| last.is_like(&gram));
            last = Some(gram);
            if before[at].length() < LONGEST {
                if is_first {
                    common.push(gram);
                }
                if before[at].longer().fits() {
                    fresh.push(hashes[at], gram.place(), before[at].longer());
                }
                continue;
            }
            // Common even at full length: one posting in each of the first works that hold it. Who copies it is shown
            // these.
            if is_first {
                in_works.clear();
            }
            if in_works.len() < MAX_WORKS {
                let work = self.works.slot_of(gram.place());
                if in_works.last() != Some(&work) {
                    in_works.push(work);
                    grams.push(gram);
                }
            }
        }
        common
    }

    /// Makes the index of what was chosen.
    fn fill(self) -> (Memory, Memory) {
        let Self { tokens, chosen, kept, common, .. } = self;
        drop(chosen);
        let count = kept.iter().chain(&common).map(Vec::len).sum();
        let mut seeds = Seeds::new(count, tokens.len(), FILLED, true);
        for (part, (kept, common)) in kept.into_iter().zip(common).enumerate() {
            seeds.add(postings(part, &kept, &common));
        }
        seeds.finish()
    }
}

/// Puts some behind others, without room for more.
fn append(all: &mut Vec<Gram>, mut more: Vec<Gram>) {
    if all.is_empty() {
        more.shrink_to_fit();
        *all = more;
    } else {
        all.reserve_exact(more.len());
        all.append(&mut more);
    }
}

/// What one core needs.
#[derive(Default)]
struct Buffers {
    grams: Vec<u64>,
    parts: Vec<u16>,
}

impl Buffers {
    /// Room for so many grams.
    fn begin(&mut self, grams: usize) {
        self.grams.resize(self.grams.len().max(grams + 1), 0);
        self.parts.resize(self.parts.len().max(grams + 1), 0);
    }
}

/// Grams that are to take the place of others.
#[derive(Default)]
struct Fresh {
    grams: Vec<u64>,
    parts: Vec<u16>,
    /// What is chosen where these begin from now on.
    chosen: Vec<(u32, Chosen)>,
}

impl Fresh {
    fn push(&mut self, hash: u64, place: u32, chosen: Chosen) {
        self.grams.push(Gram::new(hash, place).record());
        self.parts.push(part_of(hash));
        self.chosen.push((place, chosen));
    }
}

/// What one core needs to judge.
#[derive(Default)]
struct Judging {
    crowd: Crowd,
    many: Vec<Gram>,
    in_works: Vec<u32>,
}

/// The words of some works in a row.
fn words_of(works: &Works<'_>, slots: Range<usize>) -> Range<usize> {
    works.range(slots.start).start..works.range(slots.end - 1).end.next_multiple_of(STRIDE)
}

/// Of some works in a row, for each word, the gram with which the choice begins: none where the work ends before.
fn shortest(
    tokens: &[Token],
    works: &Works<'_>,
    least: &SeedLengths,
    slots: Range<usize>,
    worth: &mut Vec<u8>,
    all: &mut Vec<u8>,
) -> Vec<Chosen> {
    let words = words_of(works, slots.clone());
    least.of_all(&tokens[words.start..words.end.min(tokens.len())], worth, all);
    let mut chosen = vec![Chosen::default(); words.len()];
    for slot in slots {
        let work = works.range(slot);
        for word in work.clone().take((work.len() + 1).saturating_sub(SHORTEST)) {
            // The first two words know nothing of what stands before the work.
            let length = match all.get(word - words.start) {
                Some(&length) if word >= work.start + 2 => length,
                _ => least.at(&tokens[work.clone()], word - work.start) as u8,
            };
            let one = Chosen::new(length, work.end - word);
            chosen[word - words.start] = if one.fits() { one } else { Chosen::default() };
        }
    }
    chosen
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
            choice.choose(Vec::new());
            let mut seen = [0; LONGEST + 1];
            for slot in 0..ends.len() as u32 {
                let work = works.range(slot as usize);
                for first in work.clone().take_while(|first| first + LONGEST + 2 <= work.end) {
                    // One of three words in a row begins a seed, unless six words from there on stand too often.
                    let length = |word: usize| {
                        let mut kept = choice.kept.iter().flatten();
                        let is_kept = kept.any(|gram| gram.place() as usize == word);
                        if is_kept { choice.chosen[word].length() } else { 0 }
                    };
                    let is_common = |word: usize| {
                        let six = &tokens[word..word + LONGEST];
                        tokens.windows(LONGEST).filter(|other| *other == six).count() > MAX_POSTINGS
                    };
                    seen[length(first)] += 1;
                    let mut three = first..first + 3;
                    assert!(three.any(|word| length(word) > 0 || is_common(word)), "no seed at {first}");
                }
            }
            assert!(seen[3] > 0, "{seen:?}");
        }
    }
}
