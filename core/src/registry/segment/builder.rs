//! Writes a segment: texts as they come, the index at the end.

use std::io::{Seek, Write};

use super::counts;
use super::layout::{self, LayoutWriter, Section};
use super::seeds::{MAX_POSTINGS, MAX_WORKS, Posting, STRIDE, Seeds};
use crate::error::{Error, Result};
use crate::fingerprint::{LONGEST, SHORTEST, SeedLengths, gram, pair, winnow};
use crate::text::{Folded, Token};

/// Words in one segment before a writer starts the next: with this many, building needs about a gigabyte.
pub(crate) const MAX_WORDS: u64 = (1 << 26) - (1 << 21);

/// Words that the format can number with a few bits to spare for fingerprints.
const LIMIT: usize = 1 << 29;

/// Builds a segment work by work. Texts go straight to `sink`; what stays in memory is about 8 bytes a word.
pub(crate) struct SegmentBuilder<W> {
    sink: W,
    folded: Folded,
    text_len: u64,
    text_ends: Vec<u64>,
    text_checks: Vec<u64>,
    word_ends: Vec<u32>,
    letter_counts: Vec<u32>,
    name_ends: Vec<u64>,
    names: String,
    tokens: Vec<Token>,
    /// Words of all works.
    words: u64,
    letter_grams: Vec<(u64, u32)>,
}

/// What a finished segment holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Summary {
    pub(crate) works: u32,
    pub(crate) words: u64,
    pub(crate) text_bytes: u64,
    pub(crate) file_bytes: u64,
    /// BLAKE3 of the header and section table, which hold the sections' own checksums.
    pub(crate) hash: [u8; 32],
}

impl<W: Write + Seek> SegmentBuilder<W> {
    /// Starts a segment.
    pub(crate) fn new(mut sink: W) -> Result<Self> {
        sink.write_all(&layout::header()).map_err(failed)?;
        Ok(Self {
            sink,
            folded: Folded::default(),
            text_len: 0,
            text_ends: Vec::new(),
            text_checks: Vec::new(),
            word_ends: Vec::new(),
            letter_counts: Vec::new(),
            name_ends: Vec::new(),
            names: String::new(),
            tokens: Vec::new(),
            words: 0,
            letter_grams: Vec::new(),
        })
    }

    /// Takes a work; gives its slot (0, 1, 2, … in the order of adding) and its number of words.
    pub(crate) fn add(&mut self, work_id: &str, title: Option<&str>, text: &str) -> Result<(u32, u32)> {
        self.folded.fold(text)?;
        let first = self.tokens.len().next_multiple_of(STRIDE);
        let count = self.folded.len();
        if first + count > LIMIT {
            return Err(Error::limit("a segment holds at most five hundred million words"));
        }
        // A work begins where a seed may begin.
        self.tokens.resize(first, 0);
        self.sink.write_all(text.as_bytes()).map_err(failed)?;
        self.text_len += text.len() as u64;
        self.text_ends.push(self.text_len);
        self.text_checks.push(layout::text_check(text.as_bytes()));
        self.tokens.extend_from_slice(self.folded.tokens());
        self.words += count as u64;
        self.word_ends.push(self.tokens.len() as u32);
        let letters = self.folded.letters();
        // Bytes that begin a code point.
        self.letter_counts.push(letters.iter().filter(|&&b| b & 0xC0 != 0x80).count() as u32);
        let ends = self.folded.letters_ends();
        let mut word = 0;
        winnow(letters, |at, hash| {
            while ends[word] as usize <= at {
                word += 1;
            }
            self.letter_grams.push((hash, (first + word) as u32));
        });
        for name in [work_id, title.unwrap_or_default()] {
            self.names.push_str(name);
            self.name_ends.push(self.names.len() as u64);
        }
        Ok((self.word_ends.len() as u32 - 1, count as u32))
    }

    /// Words taken so far: the caller finishes the segment at [`MAX_WORDS`].
    pub(crate) fn words(&self) -> u64 {
        self.words
    }

    /// Builds the index, writes it behind the texts and gives the sink back.
    pub(crate) fn finish(mut self) -> Result<(W, Summary)> {
        let mut layout = LayoutWriter::new(self.text_len);
        let letter_seeds = letter_seeds(std::mem::take(&mut self.letter_grams), self.tokens.len());
        let token_counts = token_counts(&self.tokens, &self.word_ends);
        let (word_filter, word_seeds) =
            word_seeds(&self.tokens, &self.word_ends, &SeedLengths::new(&token_counts));
        let gram_counts = counts::build(2 * self.tokens.len(), |each| {
            each_gram(&self.word_ends, 2, 1, |at, _| each(pair(self.tokens[at], self.tokens[at + 1])));
            each_gram(&self.word_ends, 3, 1, |at, _| each(gram(&self.tokens[at..at + 3])));
        });
        let sections: [(Section, &[u8]); 12] = [
            (Section::TextEnds, bytemuck::cast_slice(&self.text_ends)),
            (Section::TextChecks, bytemuck::cast_slice(&self.text_checks)),
            (Section::WordEnds, bytemuck::cast_slice(&self.word_ends)),
            (Section::LetterCounts, bytemuck::cast_slice(&self.letter_counts)),
            (Section::NameEnds, bytemuck::cast_slice(&self.name_ends)),
            (Section::Names, self.names.as_bytes()),
            (Section::Tokens, bytemuck::cast_slice(&self.tokens)),
            (Section::WordFilter, bytemuck::cast_slice(&word_filter)),
            (Section::WordSeeds, bytemuck::cast_slice(&word_seeds)),
            (Section::LetterSeeds, bytemuck::cast_slice(&letter_seeds)),
            (Section::TokenCounts, bytemuck::cast_slice(&token_counts)),
            (Section::GramCounts, bytemuck::cast_slice(&gram_counts)),
        ];
        for (section, bytes) in sections {
            layout.section(&mut self.sink, section, bytes).map_err(failed)?;
        }
        let works = self.word_ends.len() as u32;
        let (file_bytes, hash) = layout.finish(&mut self.sink, works).map_err(failed)?;
        self.sink.flush().map_err(failed)?;
        let summary = Summary { works, words: self.words, text_bytes: self.text_len, file_bytes, hash };
        Ok((self.sink, summary))
    }
}

fn failed(e: std::io::Error) -> Error {
    Error::io("write", std::path::Path::new("an index segment"), e)
}

/// Indexes every second position by the shortest gram that is rare enough (see `fingerprint::grams`).
fn word_seeds(tokens: &[Token], word_ends: &[u32], lengths: &SeedLengths) -> (Vec<u64>, Vec<u32>) {
    let Chosen { lengths, common } = choose(tokens, word_ends, lengths);
    let used = lengths.iter().filter(|&&length| length > 0).count();
    let mut seeds = Seeds::new(used + common.len(), tokens.len());
    // What is common comes first: it is the last to be left out where hashes crowd together.
    for &hash in &common {
        seeds.add(hash, Posting::Common);
    }
    for (position, &length) in lengths.iter().enumerate() {
        if length > 0 {
            seeds.add(gram(&tokens[position..position + length as usize]), Posting::Word(position as u32));
        }
    }
    seeds.finish()
}

/// The grams that are stored.
struct Chosen {
    /// For each position the length of its seed; 0 where it has none.
    lengths: Vec<u8>,
    /// Grams too common to be seeds, each once.
    common: Vec<u64>,
}

fn choose(tokens: &[Token], word_ends: &[u32], least: &SeedLengths) -> Chosen {
    let mut lengths = vec![0_u8; tokens.len()];
    let mut common = Vec::new();
    // Most grams are rare: an array of saturating counters, addressed by hash, tells which may not be. Only those
    // are then sorted and counted exactly.
    let mut counters = vec![0_u8; (2 * tokens.len()).next_power_of_two().max(64)];
    let mask = counters.len() - 1;
    let hash_of = |position: usize, length: usize| gram(&tokens[position..position + length]);
    each_gram(word_ends, SHORTEST, STRIDE, |position, end| {
        let length = least.of(&tokens[position..end]);
        // Nothing where the work ends before the seed is long enough.
        if position + length <= end {
            lengths[position] = length as u8;
            let counter = &mut counters[hash_of(position, length) as usize & mask];
            *counter = counter.saturating_add(1);
        }
    });
    let mut open: Vec<(u32, u32)> = Vec::new();
    each_gram(word_ends, SHORTEST, STRIDE, |position, end| {
        let length = usize::from(lengths[position]);
        if length > 0 && usize::from(counters[hash_of(position, length) as usize & mask]) > MAX_POSTINGS {
            open.push((position as u32, end as u32));
        }
    });
    drop(counters);
    for length in SHORTEST..=LONGEST {
        let mut grams: Vec<(u64, u32)> = Vec::new();
        for &(position, end) in &open {
            let wanted = &mut lengths[position as usize];
            if usize::from(*wanted) == length {
                if position as usize + length <= end as usize {
                    grams.push((hash_of(position as usize, length), position));
                } else {
                    *wanted = 0;
                }
            }
        }
        sort(&mut grams);
        for same in grams.chunk_by(|a, b| a.0 == b.0) {
            if same.len() > MAX_POSTINGS && length < LONGEST {
                common.push(same[0].0);
                same.iter().for_each(|&(_, position)| lengths[position as usize] += 1);
            } else if same.len() > MAX_POSTINGS {
                keep_first_works(same, word_ends, &mut lengths);
            }
        }
    }
    Chosen { lengths, common }
}

/// Of a gram that is common even at full length, keeps one posting in each of the first works that hold it: who
/// copies it is shown these.
fn keep_first_works(same: &[(u64, u32)], word_ends: &[u32], lengths: &mut [u8]) {
    let mut kept = 0;
    let mut last = None;
    for &(_, position) in same {
        let work = word_ends.partition_point(|&end| end <= position);
        let keep = kept < MAX_WORKS && last != Some(work);
        lengths[position as usize] = if keep { LONGEST as u8 } else { 0 };
        if keep {
            kept += 1;
            last = Some(work);
        }
    }
}

/// Calls `each` with every `stride`th position of a work at which a gram of `length` words lies within it, and with the
/// work's end.
fn each_gram(word_ends: &[u32], length: usize, stride: usize, mut each: impl FnMut(usize, usize)) {
    let mut start = 0;
    for &end in word_ends {
        let end = end as usize;
        for position in (start..(end + 1).saturating_sub(length).max(start)).step_by(stride) {
            each(position, end);
        }
        start = end.next_multiple_of(STRIDE);
    }
}

fn letter_seeds(mut grams: Vec<(u64, u32)>, words: usize) -> Vec<u32> {
    sort(&mut grams);
    let mut seeds = Seeds::new(grams.len(), words);
    for same in grams.chunk_by(|a, b| a.0 == b.0) {
        same.iter().take(MAX_WORKS).for_each(|&(hash, word)| seeds.add(hash, Posting::Word(word)));
    }
    seeds.finish().1
}

/// Sorts by hash, then by position: the same order on any number of cores.
fn sort(grams: &mut [(u64, u32)]) {
    #[cfg(feature = "parallel")]
    rayon::slice::ParallelSliceMut::par_sort_unstable(grams);
    #[cfg(not(feature = "parallel"))]
    grams.sort_unstable();
}

/// How often each token stands.
fn token_counts(tokens: &[Token], word_ends: &[u32]) -> Vec<u32> {
    let mut counts = vec![0_u32; 1 << 16];
    each_gram(word_ends, 1, 1, |position, _| counts[tokens[position] as usize] += 1);
    counts
}
