//! Which grams of words are stored: of every two words of a work the shortest that begins with one of them and is rare
//! enough (see `fingerprint::grams`). Fewer words are less often edited.

use std::ops::Range;

use super::parts::{Gram, Groups, PARTS, Parts, in_parallel, part_of, sort_pieces};
use super::seeds::{MAX_POSTINGS, MAX_WORKS, STRIDE};
use super::works::Works;
use crate::fingerprint::{LONGEST, SHORTEST, SeedLengths, gram, gram_of};
use crate::text::Token;

/// The grams that are stored, by their parts.
pub(super) struct Chosen {
    /// Each once: grams that are too common to be seeds.
    pub(super) common: Vec<Vec<u64>>,
    pub(super) kept: Vec<Vec<Gram>>,
}

impl Chosen {
    /// Entries that they make.
    pub(super) fn count(&self) -> usize {
        self.common.iter().map(Vec::len).sum::<usize>() + self.kept.iter().map(Vec::len).sum::<usize>()
    }
}

/// Words whose grams are in memory at once, besides those that are kept.
const AT_ONCE: usize = 1 << 24;

/// Chooses in rounds: first the shortest grams that may be seeds, then those a word longer of which the shorter ones
/// turned out to be common, and so on. Linear in the words; memory is 12 bytes for each gram that is kept.
pub(super) fn choose(tokens: &[Token], works: &Works<'_>, least: &SeedLengths) -> Chosen {
    let text = Text { tokens, works, least };
    let none = || (0..PARTS).map(|_| Vec::new()).collect();
    let mut chosen = Chosen { common: none(), kept: (0..PARTS).map(|_| Vec::new()).collect() };
    // For every two words the gram that is wanted next.
    let nothing = || vec![Wanted::NOTHING; tokens.len().div_ceil(STRIDE)];
    let mut longer = nothing();
    let pieces = works.pieces();
    let mut sorted: Vec<Parts<Gram>> = pieces.iter().map(|_| Parts::default()).collect();
    let by_hash = |gram: Gram| part_of(gram.hash());
    // Many grams take a few passes, each over some of the parts.
    let passes = tokens.len().div_ceil(AT_ONCE).next_power_of_two().min(PARTS);
    for pass in 0..passes {
        let parts = pass * PARTS / passes..(pass + 1) * PARTS / passes;
        sort_pieces(&mut sorted, Buffers::default, |buffers, at, piece| {
            text.first(pieces[at].clone(), parts.clone(), buffers);
            piece.sort(&buffers.grams, by_hash);
        });
        text.judge(&sorted, parts, 0, &mut chosen, &mut longer);
    }
    for round in 1..=LONGEST - SHORTEST {
        let wanted = std::mem::replace(&mut longer, nothing());
        sort_pieces(&mut sorted, Buffers::default, |buffers, at, piece| {
            text.longer(pieces[at].clone(), &wanted, buffers);
            piece.sort(&buffers.grams, by_hash);
        });
        if sorted.iter().all(|parts| parts.len() == 0) {
            break;
        }
        text.judge(&sorted, 0..PARTS, round, &mut chosen, &mut longer);
    }
    chosen
}

/// What one core needs.
#[derive(Default)]
struct Buffers {
    grams: Vec<Gram>,
    worth: Vec<u8>,
    lengths: Vec<u8>,
    groups: Groups,
    /// Of each group so many postings are kept, the last of them in this work.
    last: Vec<(u32, u32)>,
}

/// All words, and what they are worth.
struct Text<'a> {
    tokens: &'a [Token],
    works: &'a Works<'a>,
    least: &'a SeedLengths,
}

impl Text<'_> {
    /// Of some works in a row the grams with which the choice begins, those of some parts.
    fn first(&self, slots: Range<usize>, parts: Range<usize>, buffers: &mut Buffers) {
        let Buffers { grams, worth, lengths, .. } = buffers;
        let all = self.works.range(slots.start).start..self.works.range(slots.end - 1).end;
        self.least.of_all(&self.tokens[all.clone()], worth, lengths);
        grams.clear();
        grams.resize(all.len().div_ceil(STRIDE) + 1, Gram::default());
        let mut count = 0;
        for slot in slots {
            let work = self.works.range(slot);
            // Nothing where the work ends before the gram is long enough; what is looked up behind its end makes no
            // other length than one that is beyond it.
            let length_at = |word: usize| match lengths.get(word - all.start) {
                Some(&length) => usize::from(length),
                None => self.least.of(&self.tokens[word.min(work.end)..work.end]),
            };
            for word in work.clone().step_by(STRIDE).take_while(|word| word + SHORTEST <= work.end) {
                let (here, next) = (length_at(word), length_at(word + 1));
                // Without a branch: which is shorter follows no pattern.
                let second = usize::from(next < here && word + 1 + next <= work.end);
                let (word, length) = (word + second, if second == 1 { next } else { here });
                if word + length <= work.end {
                    let hash = self.hash(word, length);
                    grams[count] = Gram::new(hash, word as u32);
                    count += usize::from(parts.contains(&part_of(hash)));
                }
            }
        }
        grams.truncate(count);
    }

    /// Of some works in a row the grams that are wanted because a shorter one is common.
    fn longer(&self, slots: Range<usize>, wanted: &[Wanted], buffers: &mut Buffers) {
        buffers.grams.clear();
        for slot in slots {
            let work = self.works.range(slot);
            let wanted = &wanted[work.start / STRIDE..work.end.div_ceil(STRIDE)];
            for (at, &wanted) in wanted.iter().enumerate().filter(|(_, wanted)| **wanted != Wanted::NOTHING) {
                let (word, length) = wanted.of(work.start + at * STRIDE);
                if word + length <= work.end {
                    buffers.grams.push(Gram::new(self.hash(word, length), word as u32));
                }
            }
        }
    }

    #[inline(always)]
    fn hash(&self, word: usize, length: usize) -> u64 {
        match self.tokens[word..].first_chunk() {
            Some(six) => gram_of(six, length),
            None => gram(&self.tokens[word..word + length]),
        }
    }

    /// Keeps what is rare of the grams of some parts, and wants longer grams where they are common.
    fn judge(
        &self,
        sorted: &[Parts<Gram>],
        parts: Range<usize>,
        round: usize,
        chosen: &mut Chosen,
        longer: &mut [Wanted],
    ) {
        let judged = in_parallel(parts.len(), Buffers::default, |buffers, at| {
            buffers.grams.clear();
            sorted.iter().for_each(|piece| buffers.grams.extend_from_slice(piece.part(parts.start + at)));
            self.judge_part(round, buffers)
        });
        for (part, Judged { common, kept, wanted }) in parts.zip(judged) {
            chosen.common[part].extend(common);
            if round == 0 {
                chosen.kept[part] = kept;
            } else {
                chosen.kept[part].extend(kept);
            }
            wanted.into_iter().for_each(|(word, length)| longer[word / STRIDE] = Wanted::new(word, length));
        }
    }

    fn judge_part(&self, round: usize, buffers: &mut Buffers) -> Judged {
        let Buffers { grams, groups, last, .. } = buffers;
        groups.find(grams);
        last.clear();
        let mut judged =
            Judged { common: Vec::new(), kept: Vec::with_capacity(grams.len()), wanted: Vec::new() };
        for (at, gram) in grams.iter().enumerate() {
            if groups.count(at) <= MAX_POSTINGS {
                judged.kept.push(*gram);
                continue;
            }
            let word = gram.word as usize;
            let length = self.least.of(&self.tokens[word..]) + round;
            if length < LONGEST {
                if groups.first(at) == at {
                    judged.common.push(gram.hash());
                }
                judged.wanted.push((word, length + 1));
                continue;
            }
            // Common even at full length: one posting in each of the first works that hold it. Who copies it is
            // shown these.
            last.resize(grams.len(), (0, u32::MAX));
            let (count, work) = &mut last[groups.first(at)];
            if (*count as usize) < MAX_WORKS {
                let this = self.works.slot_of(gram.word);
                if *work != this {
                    (*count, *work) = (*count + 1, this);
                    judged.kept.push(*gram);
                }
            }
        }
        judged
    }
}

/// What becomes of the grams of a part.
struct Judged {
    common: Vec<u64>,
    kept: Vec<Gram>,
    /// Words at which longer grams are wanted, and how long.
    wanted: Vec<(usize, usize)>,
}

/// A gram that begins with one of [`STRIDE`] words: its length times [`STRIDE`], and which of them.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Wanted(u8);

impl Wanted {
    const NOTHING: Self = Self(0);

    /// The gram of so many words that begins with `word`.
    fn new(word: usize, length: usize) -> Self {
        Self((length * STRIDE + word % STRIDE) as u8)
    }

    /// The word that it begins with, one of those from `first` on, and its length.
    fn of(self, first: usize) -> (usize, usize) {
        (first + usize::from(self.0) % STRIDE, usize::from(self.0) / STRIDE)
    }
}
