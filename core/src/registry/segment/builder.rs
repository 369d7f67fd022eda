//! Writes a segment: texts as they come, the index at the end.

use std::borrow::Cow;

use super::chosen::{word_postings, word_seeds};
use super::counts;
#[cfg(feature = "store")]
use super::file::LayoutWriter;
use super::layout::{self, Layout, Section};
use super::memory::Memory;
use super::parts::{Crowd, Gram, PARTS, Parts};
use super::pieces::Waiting;
use super::seeds::{FILLED, FILLED_WITH_LETTERS, MAX_WORKS, Posting, STRIDE, Seeds};
use super::works::{self, Works};
use super::{Held, Seed, Segment, Sink, Statistics};
use crate::error::{Error, Result};
use crate::fingerprint::SeedLengths;
use crate::text::{Folded, Token};

/// Words in one segment before a writer starts the next. A registry of a million works of 1,000 characters has 170
/// million: in one segment each of an output's grams is looked up once. There must be room left for one large work more.
pub(crate) const MAX_WORDS: u64 = 3 << 26;

/// Bytes of text in one segment before a writer starts the next: whatever comes then ends before 4 GiB.
const MOST_TEXT: u64 = 3 << 30;

/// Words that can be numbered while an index is made, with a few bits to spare for fingerprints.
const LIMIT: u64 = 1 << 28;

/// Builds a segment work by work. Texts go straight to `sink`; what stays in memory is about 8 bytes a word, and
/// twice as much again while the index is made.
pub(crate) struct SegmentBuilder<W> {
    sink: W,
    content: Content,
}

/// All of a segment but its texts.
#[derive(Default)]
struct Content {
    waiting: Waiting,
    text_len: u64,
    text_ends: Vec<u32>,
    text_checks: Vec<u64>,
    word_ends: Vec<u32>,
    letter_counts: Vec<u32>,
    name_ends: Vec<u32>,
    names: String,
    /// Of each piece.
    tokens: Vec<Vec<Token>>,
    /// How many these are, and what fills the gaps between works.
    token_count: usize,
    /// Words of all works that were folded.
    words: u64,
    /// With the number of the first word of each piece.
    letter_grams: Vec<(u32, Parts)>,
}

/// What a finished segment holds.
#[cfg(feature = "store")]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Summary {
    pub(crate) works: u32,
    pub(crate) words: u64,
    pub(crate) text_bytes: u64,
    pub(crate) file_bytes: u64,
    /// BLAKE3 of the header and section table, which hold the sections' own checksums.
    pub(crate) hash: [u8; 32],
}

impl<W: Sink> SegmentBuilder<W> {
    /// Starts a segment.
    pub(crate) fn new(mut sink: W) -> Result<Self> {
        sink.begin(&layout::header()).map_err(failed)?;
        Ok(Self { sink, content: Content::default() })
    }

    /// Takes a work, with the BLAKE3 hash of its text; gives its slot: 0, 1, 2, … in the order of adding.
    pub(crate) fn add(
        &mut self,
        work_id: &str,
        title: Option<&str>,
        text: Cow<'_, str>,
        text_hash: &[u8; 32],
    ) -> Result<u32> {
        self.content.make_room(&text)?;
        let slot = self.content.add(work_id, title, &text, text_hash)?;
        self.sink.take(text).map_err(failed)?;
        Ok(slot)
    }

    /// Whether there are so many words, or more text than leaves room for a large work: then the caller finishes the
    /// segment. Which work makes it full does not depend on how many wait.
    pub(crate) fn is_full(&mut self, words: u64) -> Result<bool> {
        let content = &mut self.content;
        if content.words + content.waiting.most_words() >= words {
            content.fold()?;
        }
        Ok(content.words >= words || content.text_len >= MOST_TEXT)
    }
}

#[cfg(feature = "store")]
impl<W: Sink + std::io::Write> SegmentBuilder<W> {
    /// Builds the index, writes it behind the texts and gives the sink back.
    pub(crate) fn finish(mut self) -> Result<(W, Summary)> {
        let Self { sink, content } = &mut self;
        let mut layout = LayoutWriter::new(content.text_len);
        content.sections(|section, bytes| {
            let bytes = match &bytes {
                Bytes::Copied(bytes) => bytes,
                Bytes::Made(memory) => &memory[..],
            };
            layout.section(sink, section, bytes).map_err(failed)
        })?;
        let works = content.word_ends.len() as u32;
        let (file_bytes, hash) = layout.finish(sink, works).map_err(failed)?;
        sink.flush().map_err(failed)?;
        let (words, text_bytes) = (content.words, content.text_len);
        Ok((self.sink, Summary { works, words, text_bytes, file_bytes, hash }))
    }
}

impl SegmentBuilder<Held> {
    /// Builds the index; gives the segment and its number of words.
    pub(crate) fn finish_in_memory(self) -> Result<(Segment, u64)> {
        let Self { sink: texts, mut content } = self;
        let mut sections = Vec::new();
        let tokens = content.sections(|section, bytes| {
            sections.push(match bytes {
                // They come at the end, as they are.
                _ if section == Section::Tokens => Memory::zeroed(0),
                Bytes::Copied(bytes) => Memory::copied(bytes),
                Bytes::Made(memory) => memory,
            });
            Ok(())
        })?;
        sections[Section::Tokens as usize] = tokens;
        let layout = Layout::made(content.word_ends.len() as u32, content.text_len, sections)
            .ok_or_else(|| Error::corrupt("a section was not made"))?;
        Ok((Segment::made(layout, texts)?, content.words))
    }

    /// Gives what an index of the works would hold, instead of making it: see [`Seed`].
    pub(crate) fn seeds(self, mut each: impl FnMut(Seed) -> Result<()>) -> Result<()> {
        let mut content = self.content;
        content.fold()?;
        let memory = content.join_tokens();
        let (tokens, works): (&[Token], _) =
            (bytemuck::cast_slice(&memory), Works { ends: &content.word_ends });
        let seed = |is_letters, hash, posting| {
            let place = match posting {
                Posting::Common => None,
                Posting::Word(word) => {
                    let slot = works.slot_of(word);
                    Some((slot, word - works.range(slot as usize).start as u32))
                }
            };
            Seed { is_letters, hash, place }
        };
        let least = SeedLengths::new(&token_counts(tokens, &works));
        word_postings(tokens, &works, &least, |hash, posting| each(seed(false, hash, posting)))?;
        let mut gone_wrong = Ok(());
        letter_postings(&content.letter_grams, &works, |postings| {
            for &(hash, posting) in postings {
                if gone_wrong.is_ok() {
                    gone_wrong = each(seed(true, hash, posting));
                }
            }
        });
        gone_wrong
    }

    /// A segment of these works with the seeds that are given, and with the statistics of a whole of which they are a
    /// part: what is found in them is worth what it is worth there.
    pub(crate) fn finish_excerpt(self, statistics: &Statistics, seeds: &mut [Seed]) -> Result<Segment> {
        let Self { sink: texts, mut content } = self;
        content.fold()?;
        let tokens = content.join_tokens();
        let words = content.token_count;
        // In an order that does not depend on theirs.
        seeds.sort_unstable();
        let count = |is_letters| seeds.iter().filter(|seed| seed.is_letters == is_letters).count();
        let mut word_seeds = Seeds::new(count(false), words, FILLED, true);
        let mut letter_seeds = Seeds::new(count(true), words, FILLED_WITH_LETTERS, false);
        let works = Works { ends: &content.word_ends };
        for seed in seeds {
            let posting = match seed.place {
                None => Posting::Common,
                Some((slot, word)) => {
                    let range = works.ends.get(slot as usize).map_or(0..0, |_| works.range(slot as usize));
                    if word as usize >= range.len() {
                        return Err(Error::input(format!(
                            "a seed stands at word {word} of a work that has none"
                        )));
                    }
                    Posting::Word(range.start as u32 + word)
                }
            };
            let of_kind = if seed.is_letters { &mut letter_seeds } else { &mut word_seeds };
            of_kind.add(std::iter::once((seed.hash, posting)));
        }
        let (word_filter, word_seeds) = word_seeds.finish();
        let mut sections: Vec<Memory> =
            content.of_works().into_iter().map(|(_, bytes)| Memory::copied(bytes)).collect();
        let Statistics { token_counts, gram_counts, totals } = statistics;
        let copied = |numbers: &[u32]| Memory::copied(bytemuck::cast_slice(numbers));
        sections.extend([tokens, word_filter, word_seeds, letter_seeds.finish().1]);
        sections.extend([copied(token_counts), copied(gram_counts)]);
        sections.push(Memory::copied(bytemuck::cast_slice(totals)));
        sections.extend([copied(&works::stretches(&content.word_ends)), Memory::zeroed(0)]);
        let layout = Layout::made(content.word_ends.len() as u32, content.text_len, sections)
            .ok_or_else(|| Error::corrupt("a section was not made"))?;
        Segment::made(layout, texts)
    }
}

impl Content {
    /// The sections that say what works there are, in their order.
    fn of_works(&self) -> [(Section, &[u8]); 6] {
        use Section::*;
        [
            (TextEnds, bytemuck::cast_slice(&self.text_ends)),
            (TextChecks, bytemuck::cast_slice(&self.text_checks)),
            (WordEnds, bytemuck::cast_slice(&self.word_ends)),
            (LetterCounts, bytemuck::cast_slice(&self.letter_counts)),
            (NameEnds, bytemuck::cast_slice(&self.name_ends)),
            (Names, self.names.as_bytes()),
        ]
    }

    /// Refuses a text that would go beyond what a segment can number.
    fn make_room(&mut self, text: &str) -> Result<()> {
        if self.text_len + text.len() as u64 > u64::from(u32::MAX) {
            return Err(Error::limit("a segment holds at most 4 GiB of text"));
        }
        if self.token_count as u64 + self.waiting.most_words() + text.len() as u64 / 2 + 2 > LIMIT {
            self.fold()?;
            let words = Folded::new(text)?.len() as u64;
            if self.token_count as u64 + words + 2 > LIMIT {
                return Err(Error::limit("a segment holds at most 268 million words"));
            }
        }
        Ok(())
    }

    fn add(&mut self, work_id: &str, title: Option<&str>, text: &str, text_hash: &[u8; 32]) -> Result<u32> {
        self.text_len += text.len() as u64;
        // As `make_room` has seen to.
        self.text_ends.push(self.text_len as u32);
        self.text_checks.push(layout::text_check(text_hash));
        for name in [work_id, title.unwrap_or_default()] {
            self.names.push_str(name);
            let end = u32::try_from(self.names.len());
            self.name_ends.push(end.map_err(|_| Error::limit("a segment holds at most 4 GiB of titles"))?);
        }
        self.waiting.add(text);
        if self.waiting.are_many() {
            self.fold()?;
        }
        Ok(self.text_ends.len() as u32 - 1)
    }

    /// Folds the works that wait.
    fn fold(&mut self) -> Result<()> {
        for piece in self.waiting.fold()? {
            let first = self.token_count.next_multiple_of(STRIDE) as u32;
            self.token_count = first as usize + piece.tokens.len();
            self.tokens.push(piece.tokens);
            for (end, letters) in piece.works {
                self.word_ends.push(first + end);
                self.letter_counts.push(letters);
                let slot = self.word_ends.len() - 1;
                self.words += Works { ends: &self.word_ends }.range(slot).len() as u64;
            }
            self.letter_grams.push((first, piece.letter_grams));
        }
        Ok(())
    }

    /// All tokens, one behind another; each piece begins where a seed may begin.
    fn join_tokens(&mut self) -> Memory {
        let mut memory = Memory::zeroed(size_of::<Token>() * self.token_count);
        let all: &mut [Token] = bytemuck::cast_slice_mut(memory.make_mut());
        let mut first: usize = 0;
        for piece in std::mem::take(&mut self.tokens) {
            first = first.next_multiple_of(STRIDE);
            all[first..first + piece.len()].copy_from_slice(&piece);
            first += piece.len();
        }
        memory
    }

    /// Makes the sections of the index and gives them to `each` in their order: one after the other, so that who
    /// writes them can let go of each. Gives the tokens, which are needed to the end.
    fn sections(&mut self, mut each: impl FnMut(Section, Bytes<'_>) -> Result<()>) -> Result<Memory> {
        use Bytes::{Copied, Made};
        use Section::*;
        self.fold()?;
        // First, since what it is made of takes more room than it does.
        let letter_grams = std::mem::take(&mut self.letter_grams);
        let letter_seeds = letter_seeds(letter_grams, &Works { ends: &self.word_ends }, self.token_count);
        let memory = self.join_tokens();
        let (tokens, works): (&[Token], _) = (bytemuck::cast_slice(&memory), Works { ends: &self.word_ends });
        for (section, bytes) in self.of_works() {
            each(section, Copied(bytes))?;
        }
        each(Tokens, Copied(bytemuck::cast_slice(tokens)))?;
        let token_counts = token_counts(tokens, &works);
        let (gram_counts, sorted) = counts::build(tokens, &works);
        let (filter, seeds) = word_seeds(tokens, &works, &SeedLengths::new(&token_counts), sorted);
        each(WordFilter, Made(filter))?;
        each(WordSeeds, Made(seeds))?;
        each(LetterSeeds, Made(letter_seeds))?;
        each(TokenCounts, Copied(bytemuck::cast_slice(&token_counts)))?;
        each(GramCounts, Copied(bytemuck::cast_slice(&gram_counts)))?;
        each(Totals, Copied(bytemuck::cast_slice(&works::totals(works.ends, &self.letter_counts))))?;
        each(Stretches, Copied(bytemuck::cast_slice(&works::stretches(works.ends))))?;
        each(Sample, Copied(bytemuck::cast_slice(&works::sample(tokens, works.ends, &self.letter_counts))))?;
        Ok(memory)
    }
}

/// A section, as it is at hand.
enum Bytes<'a> {
    Copied(&'a [u8]),
    Made(Memory),
}

fn failed(e: std::io::Error) -> Error {
    Error::io("write", std::path::Path::new("an index segment"), e)
}

fn letter_seeds(pieces: Vec<(u32, Parts)>, works: &Works<'_>, words: usize) -> Memory {
    let count = pieces.iter().map(|(_, piece)| piece.len()).sum();
    let mut seeds = Seeds::new(count, words, FILLED_WITH_LETTERS, false);
    letter_postings(&pieces, works, |postings| seeds.add(postings.iter().copied()));
    drop(pieces);
    seeds.finish().1
}

/// Gives the letter grams that are stored, those of one part at a time.
fn letter_postings(pieces: &[(u32, Parts)], works: &Works<'_>, mut each: impl FnMut(&[(u64, Posting)])) {
    let (mut grams, mut crowd, mut postings) = (Vec::new(), Crowd::default(), Vec::new());
    let word = |gram: &Gram| gram.place() * STRIDE as u32;
    for part in 0..PARTS {
        grams.clear();
        for (first, piece) in pieces {
            grams.extend(Gram::all(piece.part(part)).map(|gram| gram.moved(first / STRIDE as u32)));
        }
        crowd.part(&mut grams, MAX_WORKS as u8);
        for group in crowd.groups() {
            if group.len() <= MAX_WORKS {
                grams.extend(group);
            } else {
                // As of grams of words: one in each of the first works.
                let of_works =
                    group.chunk_by(|one, next| works.slot_of(word(one)) == works.slot_of(word(next)));
                grams.extend(of_works.filter_map(|places| places.first()).take(MAX_WORKS));
            }
        }
        postings.clear();
        postings.extend(grams.iter().map(|gram| (gram.hash(part), Posting::Word(word(gram)))));
        each(&postings);
    }
}

/// How often each token stands.
fn token_counts(tokens: &[Token], works: &Works<'_>) -> Vec<u32> {
    let mut counts = vec![0_u32; 1 << 16];
    for slot in 0..works.ends.len() {
        tokens[works.range(slot)].iter().for_each(|&token| counts[usize::from(token)] += 1);
    }
    counts
}
