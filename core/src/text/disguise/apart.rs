//! Words whose letters or syllables stand apart, so that it can be told where words end: `f.e.r.r.y c.o.i.n.s`,
//! `f e r r y   c o i n s`, `fer-ry-man`.

use std::collections::HashMap;

use super::Disguise;
use crate::text::fold::Folded;
use crate::text::reading::Reading;

/// So many gaps between letters must be alike.
const FEWEST: usize = 24;
/// Letters of a word on average, at the most: where every gap is the same, letters say more by themselves (see
/// `search/seeds.rs`).
const LONGEST_MEAN: usize = 12;
/// Bytes of a gap.
const LONGEST_GAP: usize = 4;

/// Of so many words in a row …
const WINDOW: usize = 32;
/// … so many go on behind a hyphen.
const FEWEST_HYPHENS: usize = 8;

/// The text with the letters of a word together.
pub(super) fn letters(text: &str, folded: &Folded) -> Option<Reading> {
    let is_single = |word: usize| folded.lengths()[word] == 1;
    // Words that are a letter and followed by another, with what lies between.
    let pairs = || {
        let both = (1..folded.len()).filter(|&word| is_single(word - 1) && is_single(word));
        both.map(|word| (word - 1, &text[folded.bytes(word - 1).end..folded.bytes(word).start]))
    };
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for (_, gap) in pairs().filter(|(_, gap)| gap.len() <= LONGEST_GAP) {
        *counts.entry(gap).or_default() += 1;
    }
    let (narrow, joined) = counts.into_iter().max_by_key(|&(gap, count)| (count, gap))?;
    let wide = pairs().filter(|&(_, gap)| gap != narrow).count();
    if joined < FEWEST || joined > LONGEST_MEAN * (wide + 1) {
        return None;
    }
    Some(joined_at(text, folded, pairs().filter(|&(_, gap)| gap == narrow).map(|(word, _)| word)))
}

/// The text with words together that nothing but a hyphen parts, where there are many.
pub(super) fn syllables(text: &str, folded: &Folded) -> Option<Reading> {
    let gaps = (1..folded.len()).map(|word| &text[folded.bytes(word - 1).end..folded.bytes(word).start]);
    let hyphens: Vec<usize> = gaps
        .enumerate()
        .filter(|(_, gap)| matches!(*gap, "-" | "\u{2010}" | "\u{2011}" | "·"))
        .map(|(word, _)| word)
        .collect();
    let many = hyphens.windows(FEWEST_HYPHENS).any(|some| some[FEWEST_HYPHENS - 1] - some[0] < WINDOW);
    many.then(|| joined_at(text, folded, hyphens.into_iter()))
}

/// The text without what lies behind these words, in ascending order.
fn joined_at(text: &str, folded: &Folded, words: impl Iterator<Item = usize>) -> Reading {
    let mut reading = Reading::new(Disguise::LettersApart);
    let mut kept = 0;
    for word in words {
        reading.keep(text, kept..folded.bytes(word).end);
        kept = folded.bytes(word + 1).start;
    }
    reading.keep(text, kept..text.len());
    reading
}

#[cfg(test)]
mod tests {
    use super::super::tests::read;

    #[test]
    fn letters_are_joined_where_words_can_be_told() {
        for text in [
            "So: t.h.e f.e.r.r.y.m.a.n c.o.u.n.t.s h.i.s c.o.i.n.s b.y t.h.e l.a.m.p",
            "So: t h e  f e r r y m a n  c o u n t s  h i s  c o i n s  b y  t h e  l a m p",
            "So: t-h-e f-e-r-r-y-m-a-n c-o-u-n-t-s h-i-s c-o-i-n-s b-y t-h-e l-a-m-p",
        ] {
            let readings = read(text);
            assert_eq!(readings.len(), 1, "{text}");
            let words: Vec<&str> = readings[0].text.split_whitespace().collect();
            assert_eq!(words.join(" "), "So: the ferryman counts his coins by the lamp");
            let at = readings[0].text.find("counts").expect("it is read");
            let from = &text[readings[0].original(at..at + 6)];
            assert!(from.starts_with('c') && from.ends_with('s') && from.len() == 11, "{from}");
        }
        let text = "the fer-ry-man counts his coins by the lan-tern light-ly, and e-ven so the ri-ver has no o-ther side \
                    to-night, nor has the vil-lage an-y oth-er";
        let readings = read(text);
        assert_eq!((readings.len(), readings[0].text.clone()), (1, text.replace('-', "")));
        // Where most parts are long it is the hyphens that show it.
        let text = "Un-til morn-ing bright-ens o-ver sleep-y wa-ter, hun-dred light-less ves-sels fol-low";
        assert_eq!(read(text).first().map(|r| r.text.clone()), Some(text.replace('-', "")));
        assert!(read("t h e f e r r y m a n c o u n t s h i s c o i n s b y t h e l a m p").is_empty());
    }
}
