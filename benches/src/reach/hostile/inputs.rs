//! The inputs: works to register and an output of about so many bytes.

mod flood;

use nagalm::Work;
use nagalm_corpora::planted::Rng;

use crate::scan::work;

/// One of them.
pub(super) struct Input {
    pub(super) name: &'static str,
    /// Works, and an output of so many bytes.
    pub(super) make: fn(usize) -> (Vec<Work>, String),
}

/// Ordinary ones first.
pub(super) const INPUTS: &[Input] = &[
    Input { name: "unrelated text", make: |size| (ordinary(), text(99, size)) },
    Input { name: "works copied one behind the other", make: |size| (ordinary(), copies(&ordinary(), size)) },
    Input { name: "works copied, one word in ten changed", make: |size| (ordinary(), edited(size, 10)) },
    Input {
        name: "one work of that size, copied",
        make: |size| (vec![work("a", text(5, size))], text(5, size)),
    },
    Input { name: "every word of a work changed slightly", make: slightly },
    Input { name: "one word of two changed", make: |size| (ordinary(), edited(size, 2)) },
    Input { name: "works without a word between, eight of each", make: excerpts },
    Input { name: "eight words of every 48 of a long work", make: |size| pieces(size, 8, 40, size) },
    Input { name: "eight words of every 16 of a long work", make: |size| pieces(size, 8, 8, size) },
    Input {
        name: "eight words here and there of a work of 2 MB",
        make: |size| pieces(size, 8, 8, 2_000_000),
    },
    Input { name: "one word again and again", make: |size| (stuck(), repeat("la ", size)) },
    Input {
        name: "a refrain, against works that are one",
        make: |size| (refrains(), repeat("na na na hey ", size)),
    },
    Input { name: "a line of eight words, against works that repeat it", make: lines },
    Input {
        name: "copies of 10,000 works that are nearly the same",
        make: |size| near_identical(size, false),
    },
    Input { name: "the same, edited", make: |size| near_identical(size, true) },
    Input { name: "one verse of 10,000 works, again and again", make: shared_verse },
    Input { name: "combining marks", make: |size| (ordinary(), repeat("\u{301}", size)) },
    Input { name: "a letter with combining marks", make: marks },
    Input { name: "nothing to be seen between letters", make: unseen },
    Input { name: "one word", make: |size| (one_word(size), repeat("unterdessen", size)) },
    Input {
        name: "one word, registered",
        make: |size| (vec![work("a", repeat("ab", size))], repeat("abb", size)),
    },
    Input { name: "words of a thousand letters", make: long_words },
    Input { name: "letters with spaces between", make: spaced },
    Input { name: "a copy without any spaces", make: glued },
    Input { name: "syllables: a -- a -- a", make: |size| (syllables(), repeat("a -- ", size)) },
    Input { name: "a copy split to syllables", make: split },
    Input { name: "hyphens", make: |size| (ordinary(), repeat("-", size)) },
    Input { name: "ideographs", make: ideographs },
    Input { name: "grams that share a line of the index", make: flood::flood },
];

fn repeat(part: &str, size: usize) -> String {
    part.repeat(size.div_ceil(part.len()))
}

/// Words as frequent as words of their rank are in a language, and in sentences.
fn text(seed: u64, size: usize) -> String {
    let words = vocabulary();
    let mut rng = Rng::new(seed);
    let mut text = String::with_capacity(size + 16);
    while text.len() < size {
        let rank = (words.len() as f64).powf(rng.unit()) as usize;
        text.push_str(&words[rank.clamp(1, words.len()) - 1]);
        text.push_str(if rng.below(12) == 0 { ".\n" } else { " " });
    }
    text
}

/// Made once: some inputs are of twenty thousand texts.
fn vocabulary() -> &'static [String] {
    static WORDS: std::sync::OnceLock<Vec<String>> = std::sync::OnceLock::new();
    const PARTS: [&str; 24] = [
        "ba", "de", "fi", "go", "hu", "ka", "le", "mi", "no", "pu", "ra", "se", "ti", "vo", "wu", "an", "en",
        "in", "on", "un", "sta", "gre", "bli", "dro",
    ];
    WORDS.get_or_init(|| {
        let mut rng = Rng::new(1);
        let mut word = || (0..rng.between((1, 4))).map(|_| PARTS[rng.below(PARTS.len())]).collect();
        (0..20_000).map(|_| word()).collect()
    })
}

/// Two thousand works of a thousand bytes.
fn ordinary() -> Vec<Work> {
    let all = text(7, 2_000_000);
    let bytes = all.as_bytes();
    bytes
        .chunks(1000)
        .enumerate()
        .map(|(k, part)| work(k.to_string(), String::from_utf8_lossy(part)))
        .collect()
}

/// Works one behind the other, from the beginning again where there are no more.
fn copies(works: &[Work], size: usize) -> String {
    let mut text = String::new();
    for work in works.iter().cycle() {
        text.push_str(&work.text);
        text.push(' ');
        if text.len() >= size {
            return text;
        }
    }
    text
}

/// Copies with one word of so many exchanged for another.
fn edited(size: usize, each: usize) -> String {
    let text = copies(&ordinary(), size);
    let change = |(k, word): (usize, &str)| if k % each == 3 % each { format!("xo{k}") } else { word.into() };
    text.split(' ').enumerate().map(change).collect::<Vec<String>>().join(" ")
}

/// All words nearly equal, so that each is compared letter by letter with many; and a run here and there, so that they
/// are.
fn slightly(size: usize) -> (Vec<Work>, String) {
    let works = ordinary();
    let change = |(k, word): (usize, &str)| if k % 24 < 8 { word.into() } else { format!("{word}n") };
    let text = copies(&works, size).split(' ').enumerate().map(change).collect::<Vec<String>>().join(" ");
    (works, text)
}

/// Eight words of each work behind eight of the one before it.
fn excerpts(size: usize) -> (Vec<Work>, String) {
    let works: Vec<Work> = (0..size / 50).map(|k| work(k.to_string(), text(1000 + k as u64, 400))).collect();
    let mut text = String::new();
    for (k, work) in works.iter().enumerate() {
        let words = work.text.split_whitespace().skip(k % 30).take(8);
        words.for_each(|word| text += &format!("{word} "));
    }
    (works, text)
}

/// So many words of a long work as they stand, then so many others, on and on.
fn pieces(size: usize, kept: usize, others: usize, work_size: usize) -> (Vec<Work>, String) {
    // Words that are all as rare as any can be: no piece is worth more than another.
    let word = |k: usize| format!("{}{}", ["ka", "lo", "mi", "nu"][k % 4], letters(k));
    let of_work: Vec<String> = (0..work_size / 8).map(word).collect();
    let (mut text, mut at) = (String::new(), 0);
    let step = (of_work.len() * 8 / size).max(1) * (kept + others);
    let mut k = 0;
    while text.len() < size {
        of_work[at % of_work.len()..].iter().take(kept).for_each(|word| text += &format!("{word} "));
        (0..others).for_each(|j| text += &format!("{} ", letters(7_000_000 + k * others + j)));
        at += step;
        k += 1;
    }
    (vec![work("a", of_work.join(" "))], text)
}

/// A number as a word.
fn letters(mut number: usize) -> String {
    let mut word = String::new();
    loop {
        word.push((b'a' + (number % 26) as u8) as char);
        number /= 26;
        if number == 0 {
            return word;
        }
    }
}

fn stuck() -> Vec<Work> {
    let mut works = vec![work("la", repeat("la ", 60_000)), work("la di", repeat("la di da ", 60_000))];
    works.extend(ordinary());
    works
}

fn refrains() -> Vec<Work> {
    let mut works: Vec<Work> =
        (0..200).map(|k| work(k.to_string(), repeat("na na na hey ", 200 + k))).collect();
    works.extend(ordinary());
    works
}

fn lines(size: usize) -> (Vec<Work>, String) {
    let line = "kabo dun lermi grestan volin husta tidre wumon\n";
    let mut works: Vec<Work> = (0..100).map(|k| work(k.to_string(), repeat(line, 5_000 + k))).collect();
    works.extend(ordinary());
    (works, repeat(line, size))
}

/// Versions of one text, each with other words exchanged; the output goes through them all.
fn near_identical(size: usize, edit: bool) -> (Vec<Work>, String) {
    let original = text(3, 1000);
    let words: Vec<&str> = original.split(' ').collect();
    let version = |k: usize| {
        let mut version: Vec<String> = words.iter().map(|&word| word.into()).collect();
        for j in 0..3 {
            let at = (k * 7 + j * 41) % version.len();
            version[at] = letters(1000 * k + j);
        }
        version.join(" ")
    };
    let works: Vec<Work> = (0..10_000).map(|k| work(k.to_string(), version(k))).collect();
    let mut text = copies(&works, size);
    if edit {
        let change = |(k, word): (usize, &str)| if k % 9 == 3 { letters(k) } else { word.into() };
        text = text.split(' ').enumerate().map(change).collect::<Vec<String>>().join(" ");
    }
    (works, text)
}

fn shared_verse(size: usize) -> (Vec<Work>, String) {
    let verse = text(3, 150);
    let works: Vec<Work> = (0..10_000)
        .map(|k| work(k.to_string(), format!("{} {verse} {}", text(k + 100, 100), text(k + 20_000, 100))))
        .collect();
    (works, repeat(&verse, size))
}

fn marks(size: usize) -> (Vec<Work>, String) {
    let text = repeat(&format!("e{} ", "\u{323}\u{301}".repeat(40)), size);
    (vec![work("a", text.clone())], text)
}

fn unseen(size: usize) -> (Vec<Work>, String) {
    let works = ordinary();
    let text = copies(&works, size / 8);
    let text = text.chars().flat_map(|c| [c, '\u{200b}', '\u{200d}']).collect();
    (works, text)
}

fn one_word(_: usize) -> Vec<Work> {
    let mut works = ordinary();
    works.push(work("long", repeat("unterdessen", 100_000)));
    works
}

fn long_words(size: usize) -> (Vec<Work>, String) {
    let word = |k: usize| format!("{}{} ", "grestanvolin".repeat(80), letters(k));
    let text: String = (0..size / 1000).map(word).collect();
    let work_text: String = (0..size / 1000).map(|k| word(k + usize::from(k % 3 == 0) * 10_000)).collect();
    (vec![work("a", work_text)], text)
}

fn spaced(size: usize) -> (Vec<Work>, String) {
    let works = ordinary();
    let text = copies(&works, size / 2);
    let text = text.chars().filter(|c| c.is_alphabetic()).flat_map(|c| [c, ' ']).collect();
    (works, text)
}

fn glued(size: usize) -> (Vec<Work>, String) {
    let works = ordinary();
    let text = copies(&works, size);
    (works, text.chars().filter(|c| c.is_alphabetic()).collect())
}

fn syllables() -> Vec<Work> {
    let mut works = vec![work("a", repeat("a -- ", 60_000)), work("b", repeat("a -- b -- ", 60_000))];
    works.extend(ordinary());
    works
}

fn split(size: usize) -> (Vec<Work>, String) {
    let works = ordinary();
    let mut text = String::new();
    for word in copies(&works, size / 2).split(' ') {
        let parts: Vec<String> =
            word.as_bytes().chunks(2).map(|c| String::from_utf8_lossy(c).into()).collect();
        text += &parts.join(" -- ");
        text.push(' ');
    }
    (works, text)
}

fn ideographs(size: usize) -> (Vec<Work>, String) {
    let mut rng = Rng::new(4);
    let text: String =
        (0..size / 3).filter_map(|_| char::from_u32(0x4e00 + rng.below(3000) as u32)).collect();
    let work_text: String =
        text.chars().enumerate().map(|(k, c)| if k % 10 == 3 { '々' } else { c }).collect();
    (vec![work("a", work_text)], text)
}
