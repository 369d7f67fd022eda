//! One immutable index file over a batch of works: everything that scanning needs, and nothing else.
//!
//! `FORMAT.md` beside this folder draws the bytes. The file is written front to back by [`SegmentBuilder`] and read
//! by [`Segment`], which trusts no byte of it: sections are checked against their checksums on opening, and what
//! refers to another section is checked where it is used.

mod builder;
mod chosen;
mod counts;
#[cfg(feature = "store")]
mod file;
mod layout;
#[cfg(feature = "store")]
mod map;
mod memory;
mod parts;
mod pieces;
mod seeds;
mod texts;
mod works;

pub(crate) use builder::{MAX_WORDS, SegmentBuilder};
pub(crate) use counts::GramCounts;
#[cfg(feature = "store")]
pub(crate) use map::map;
pub(crate) use memory::Memory;
pub(crate) use seeds::{Found, HASHED, Posting, STRIDE, SeedIndex};

use std::borrow::Cow;

use layout::{Layout, Section};
pub(crate) use texts::{Held, Sink};
use texts::{Text, Texts};

use crate::error::{Error, Result};
use crate::fingerprint::SeedLengths;
use crate::logarithm::{BIT, exp2, log2};
use crate::text::Token;

/// A segment, opened for searching.
pub(crate) struct Segment {
    layout: Layout,
    texts: Texts,
    seed_lengths: SeedLengths,
}

/// What the index of a segment holds of one gram: one of its places, or that it is common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Seed {
    /// Whether it is a gram of letters.
    pub(crate) is_letters: bool,
    /// Of its hash the upper bits that are looked at.
    pub(crate) hash: u64,
    /// The work's slot, and the word of it at which the gram begins, or the word before. `None`: common.
    pub(crate) place: Option<(u32, u32)>,
}

/// What a segment counts, which a match's worth depends on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Statistics {
    pub(crate) token_counts: Vec<u32>,
    pub(crate) gram_counts: Vec<u32>,
    pub(crate) totals: Vec<u64>,
}

/// Words that are a binary search of their own when the work of a word is looked for.
const STRETCH: usize = 1 << 11;

/// Numbers in the section of totals: words, and letters of the shortest work.
const TOTALS: usize = 2;

impl Segment {
    /// A segment that was just made, with its texts.
    fn made(layout: Layout, texts: Held) -> Result<Self> {
        Self::new(layout, texts::Texts::Memory(texts))
    }

    /// Opens a segment file: reads the index into memory and compares its checksums, or maps it; leaves the texts on
    /// disk.
    #[cfg(feature = "store")]
    pub(crate) fn open(path: &std::path::Path, mapped: bool) -> Result<Self> {
        // What lies in mapped pages is checked where it is used, one by one, and nothing is gained by checking it before.
        Self::of_source(texts::Source::open(path)?, mapped, !mapped)
    }

    /// The same of a file's bytes in memory. Checks all of them, or no more than if they were mapped.
    #[cfg(feature = "store")]
    pub(crate) fn from_bytes(bytes: Vec<u8>, all: bool) -> Result<Self> {
        Self::of_source(texts::Source::Bytes(bytes), false, all)
    }

    #[cfg(feature = "store")]
    fn of_source(source: texts::Source, mapped: bool, all: bool) -> Result<Self> {
        let (layout, texts) = texts::open(source, mapped, all)?;
        let segment = Self::new(layout, texts)?;
        if all {
            segment.check_order()?;
        }
        Ok(segment)
    }

    /// Takes sections of the lengths that fit together.
    fn new(layout: Layout, texts: Texts) -> Result<Self> {
        let mut segment = Self { layout, texts, seed_lengths: SeedLengths::new(&[]) };
        let works = segment.works() as usize;
        let sound = segment.u32s(Section::TextEnds).len() == works
            && segment.u32s(Section::NameEnds).len() == 2 * works
            && segment.u64s(Section::TextChecks).len() == works
            && segment.u32s(Section::WordEnds).len() == works
            && segment.u32s(Section::LetterCounts).len() == works
            && segment.u32s(Section::TokenCounts).len() == 1 << 16
            && segment.u64s(Section::Totals).len() == TOTALS
            && segment.u32s(Section::Stretches).len() == segment.tokens().len().div_ceil(STRETCH) + 1
            && segment.u64s(Section::Sample).len().is_multiple_of(2)
            && segment.gram_counts().is_sound()
            && u64::from(segment.u32s(Section::TextEnds).last().copied().unwrap_or(0))
                == segment.layout.text_len()
            && segment.u32s(Section::NameEnds).last().copied().unwrap_or(0) as usize
                == segment.bytes(Section::Names).len()
            && segment.u32s(Section::WordEnds).last().copied().unwrap_or(0) as usize
                == segment.tokens().len()
            && segment.word_seeds().is_sound(segment.u32s(Section::WordSeeds).len())
            && segment.letter_seeds().is_sound(segment.u32s(Section::LetterSeeds).len());
        if !sound {
            return Err(Error::corrupt("the segment's sections do not fit together"));
        }
        segment.seed_lengths = SeedLengths::new(segment.token_counts());
        Ok(segment)
    }

    /// Looks at every work: whether ends ascend, names are UTF-8, and totals are what they should be.
    #[cfg(feature = "store")]
    fn check_order(&self) -> Result<()> {
        let ends = self.u32s(Section::WordEnds);
        let sound = self.u32s(Section::TextEnds).is_sorted()
            && self.u32s(Section::NameEnds).is_sorted()
            // A work begins where a seed may begin.
            && ends.array_windows().all(|[before, end]| {
                before.checked_next_multiple_of(STRIDE as u32).is_some_and(|start| start <= *end)
            })
            && std::str::from_utf8(self.bytes(Section::Names)).is_ok()
            && self.u64s(Section::Totals) == works::totals(ends, self.u32s(Section::LetterCounts))
            && self.u32s(Section::Stretches) == works::stretches(ends);
        if sound { Ok(()) } else { Err(Error::corrupt("the segment's sections do not fit together")) }
    }

    fn bytes(&self, section: Section) -> &[u8] {
        self.layout.bytes(section)
    }

    fn u32s(&self, section: Section) -> &[u32] {
        self.layout.u32s(section)
    }

    fn u64s(&self, section: Section) -> &[u64] {
        self.layout.u64s(section)
    }

    /// The checksum in the file's footer, which stands for the whole index.
    #[cfg(feature = "store")]
    pub(crate) fn hash(&self) -> &[u8] {
        self.layout.hash()
    }

    /// Number of works, withdrawn ones included.
    pub(crate) fn works(&self) -> u32 {
        self.layout.works()
    }

    /// Number of words of all works; not of what fills the gaps between them: how many these are depends on the works'
    /// order.
    pub(crate) fn words(&self) -> u32 {
        self.u64s(Section::Totals)[0] as u32
    }

    /// Letters of the shortest work; of no work the most.
    pub(crate) fn fewest_letters(&self) -> u32 {
        self.u64s(Section::Totals)[1] as u32
    }

    /// A sample of the works that does not depend on their order: some slots in the order of a hash of their words,
    /// with that.
    pub(crate) fn sample(&self) -> impl Iterator<Item = (u64, u32)> {
        let (pairs, _) = self.u64s(Section::Sample).as_chunks();
        let slots = pairs.iter().map(|&[hash, slot]| (hash, u32::try_from(slot).unwrap_or(u32::MAX)));
        slots.filter(|&(_, slot)| slot < self.works())
    }

    fn name(&self, index: usize) -> &str {
        let ends = self.u32s(Section::NameEnds);
        let start = if index == 0 { 0 } else { ends[index - 1] };
        let name = self.bytes(Section::Names).get(start as usize..ends[index] as usize);
        name.and_then(|name| std::str::from_utf8(name).ok()).unwrap_or("\u{FFFD}")
    }

    /// Identifier of the work in `slot`.
    pub(crate) fn work_id(&self, slot: u32) -> &str {
        self.name(2 * slot as usize)
    }

    /// Its main title.
    pub(crate) fn title(&self, slot: u32) -> Option<&str> {
        Some(self.name(2 * slot as usize + 1)).filter(|title| !title.is_empty())
    }

    /// Its text; read from disk, it is checked against its checksum.
    pub(crate) fn text(&self, slot: u32) -> Result<Cow<'_, str>> {
        let ends = self.u32s(Section::TextEnds);
        let before = if slot == 0 { 0 } else { ends[slot as usize - 1] };
        let (start, end) = (u64::from(before), u64::from(ends[slot as usize]));
        if start > end || end > self.layout.text_len() {
            return Err(Error::corrupt(format!("the text of work {:?} lies nowhere", self.work_id(slot))));
        }
        match self.texts.read(slot, start, (end - start) as usize)? {
            Text::Held(text) => Ok(Cow::Borrowed(text)),
            #[cfg(feature = "store")]
            Text::Read(bytes) => {
                let wrong =
                    |what| Error::corrupt(format!("the text of work {:?} is {what}", self.work_id(slot)));
                let check = layout::text_check(blake3::hash(&bytes).as_bytes());
                if check != self.u64s(Section::TextChecks)[slot as usize] {
                    return Err(wrong("damaged"));
                }
                String::from_utf8(bytes).map(Cow::Owned).map_err(|_| wrong("not UTF-8"))
            }
        }
    }

    /// The work's words, as a range of positions in [`tokens`](Self::tokens); it lies within them.
    pub(crate) fn word_range(&self, slot: u32) -> std::ops::Range<u32> {
        let ends = self.u32s(Section::WordEnds);
        let before =
            if slot == 0 { Some(0) } else { ends[slot as usize - 1].checked_next_multiple_of(STRIDE as u32) };
        let end = ends[slot as usize].min(self.tokens().len() as u32);
        before.unwrap_or(end).min(end)..end
    }

    /// The slot of the work that holds word `position`.
    pub(crate) fn slot_of(&self, position: u32) -> Option<u32> {
        let stretch = position as usize / STRETCH;
        let stretches = self.u32s(Section::Stretches);
        let (&first, &next) = (stretches.get(stretch)?, stretches.get(stretch + 1)?);
        let ends = self.u32s(Section::WordEnds).get(first as usize..)?;
        let near = &ends[..ends.len().min(next.saturating_sub(first) as usize + 1)];
        let slot = first + near.partition_point(|&end| end <= position) as u32;
        (slot < self.works() && self.word_range(slot).contains(&position)).then_some(slot)
    }

    /// Words of the work.
    pub(crate) fn work_words(&self, slot: u32) -> u32 {
        let range = self.word_range(slot);
        range.end - range.start
    }

    /// Letters (code points, folded) of the work.
    pub(crate) fn work_letters(&self, slot: u32) -> u32 {
        self.u32s(Section::LetterCounts)[slot as usize]
    }

    /// The tokens of all words of all works, one work behind another.
    pub(crate) fn tokens(&self) -> &[Token] {
        self.layout.u16s(Section::Tokens)
    }

    /// Word grams of adaptive length.
    #[inline]
    pub(crate) fn word_seeds(&self) -> SeedIndex<'_> {
        SeedIndex::new(self.u64s(Section::WordFilter), self.u32s(Section::WordSeeds), self.tokens().len())
    }

    /// How many words the seeds have.
    pub(crate) fn seed_lengths(&self) -> &SeedLengths {
        &self.seed_lengths
    }

    /// Winnowed letter grams; their positions are those of the word in which they begin.
    #[inline]
    pub(crate) fn letter_seeds(&self) -> SeedIndex<'_> {
        SeedIndex::new(&[], self.u32s(Section::LetterSeeds), self.tokens().len())
    }

    /// How often each token stands in this segment.
    pub(crate) fn token_counts(&self) -> &[u32] {
        self.u32s(Section::TokenCounts)
    }

    /// How often two or three tokens stand side by side, where they do so often.
    pub(crate) fn gram_counts(&self) -> GramCounts<'_> {
        GramCounts(self.u32s(Section::GramCounts))
    }

    /// All that is counted.
    pub(crate) fn statistics(&self) -> Statistics {
        Statistics {
            token_counts: self.token_counts().to_vec(),
            gram_counts: self.u32s(Section::GramCounts).to_vec(),
            totals: self.u64s(Section::Totals).to_vec(),
        }
    }

    /// Whether a work, one of those `withdrawn` (sorted), holds a gram of which the index has no places but in withdrawn
    /// works, and might have others if it were made without these. Linear in the work.
    #[cfg(feature = "store")]
    pub(crate) fn hides(&self, slot: u32, withdrawn: &[u32]) -> Result<bool> {
        use crate::fingerprint::{LONGEST, gram_of, winnow};
        use crate::text::Folded;
        let all_gone = |seeds: SeedIndex<'_>, hash: u64, is_it: &dyn Fn(u32) -> bool| {
            let (mut places, mut living) = (0, 0);
            let _ = seeds.postings(hash, |posting| {
                if let Posting::Word(word) = posting
                    && is_it(word)
                    && let Some(slot) = self.slot_of(word).or_else(|| self.slot_of(word + 1))
                {
                    places += 1;
                    living += usize::from(withdrawn.binary_search(&slot).is_err());
                }
            });
            places >= seeds::MAX_WORKS && living == 0
        };
        let tokens = self.tokens();
        let range = self.word_range(slot);
        let work = &tokens[range.start as usize..range.end as usize];
        let hides = work.array_windows().any(|six: &[Token; LONGEST]| {
            let stands = |word: u32| {
                let two = tokens.get(word as usize..).unwrap_or_default();
                two.array_windows().take(STRIDE).any(|other| other == six)
            };
            all_gone(self.word_seeds(), gram_of(six, LONGEST), &stands)
        });
        if hides {
            return Ok(true);
        }
        let mut hides = false;
        winnow(Folded::new(&self.text(slot)?)?.letters(), |_, hash| {
            hides = hides || all_gone(self.letter_seeds(), hash, &|_| true);
        });
        Ok(hides)
    }

    /// Bytes of the file without the texts.
    pub(crate) fn index_bytes(&self) -> u64 {
        self.layout.index_bytes()
    }

    /// Reads every text and compares every checksum of theirs; the index was checked on opening, unless it is mapped.
    #[cfg(feature = "store")]
    pub(crate) fn verify(&self) -> Result<()> {
        (0..self.works()).try_for_each(|slot| self.text(slot).map(drop))
    }
}

/// A count on a logarithmic scale of quarter powers of two, as counts of grams are stored.
pub(crate) fn encode_count(count: u32) -> u8 {
    ((4 * log2(f64::from(count) + 1.0) + BIT / 2) / BIT) as u8
}

/// The count that [`encode_count`] rounded.
pub(crate) fn decode_count(code: u8) -> f64 {
    static COUNTS: std::sync::OnceLock<[f64; 256]> = std::sync::OnceLock::new();
    COUNTS.get_or_init(|| std::array::from_fn(|code| exp2(code as i32 * BIT / 4) - 1.0))[usize::from(code)]
}
