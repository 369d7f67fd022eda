//! Readings of a text that is disguised: what stands there for who looks twice.
//!
//! What a code point alone tells is folded (`characters.rs`). What takes a look around is read here, into a text of its
//! own with the way back ([`Reading`]): letters of other scripts that look alike, digits for letters, rot13, base64,
//! characters that nobody sees, letters that stand apart. Only texts that show signs of it are read again: looking for
//! these costs ordinary text less than a hundredth of a scan (`signs.rs`). A reading is not read again: one level deep.
//!
//! Each way gives at most two readings and each is at most as long as the text, so that all is linear.

mod apart;
mod encoded;
mod hidden;
mod homoglyphs;
mod leet;
mod rot13;
mod signs;

use super::fold::Folded;
use super::reading::Reading;
use signs::Signs;

/// How a text was disguised that is read in another way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Disguise {
    /// Letters of other scripts that look like Latin ones.
    Homoglyphs,
    /// Digits and signs in the place of letters.
    Leet,
    /// Each letter thirteen places further in the alphabet.
    Rot13,
    /// Bytes as 64 letters, digits and signs (RFC 4648).
    Base64,
    /// Invisible tag characters that spell ASCII.
    TagCharacters,
    /// Invisible variation selectors that stand for bytes.
    VariationSelectors,
    /// Spaces or signs between the letters of words, or hyphens between syllables.
    LettersApart,
}

/// The readings of `text`, which was folded to `folded`: none where it shows no signs of a disguise. Linear.
pub(crate) fn readings(text: &str, folded: &Folded) -> Vec<Reading> {
    let signs = Signs::of(folded);
    let mut readings = Vec::new();
    if !signs.any() {
        return readings;
    }
    if signs.letters {
        readings.extend(homoglyphs::read(text, folded));
    }
    if signs.invisible {
        readings.extend(hidden::tags(text));
        readings.extend(hidden::selectors(text));
    }
    if signs.digits {
        readings.extend(leet::read(text));
    }
    if signs.rotated {
        readings.extend(rot13::read(text, folded));
    }
    if signs.long {
        readings.extend(encoded::read(text, folded));
    }
    if signs.apart {
        readings.extend(apart::letters(text, folded).or_else(|| apart::syllables(text, folded)));
    }
    readings
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All readings of a text.
    pub(super) fn read(text: &str) -> Vec<Reading> {
        readings(text, &Folded::new(text).unwrap())
    }

    #[test]
    fn ordinary_text_has_no_reading() {
        for text in [
            "The ferryman counts his coins by the lamp and says that the river has no other side tonight. \
             In 2019 there were 17 of them, 3D and 4K; the 2nd was at 10am, the 5th of v1.2 (utf8, x86, mp3).",
            "Der Fährmann zählt im Lampenlicht die Münzen, und der Fluss, sagt er, hat heute keine andere Seite. \
             Die Geschwindigkeitsbegrenzungsverordnung gilt seit 1987, auch für Donaudampfschifffahrtsgesellschaften.",
            "De veerman telt zijn munten bij de lamp en zegt dat de rivier vannacht geen overkant heeft gekregen. \
             Arbeidsongeschiktheidsverzekeringen; vvv, gvb, gft en ggd: vragen van gevolg, geven en vergeven.",
            "Паромщик считает монеты при свете лампы и говорит, что у реки этой ночью нет другого берега. \
             Он купил USB-кабель и IT-журнал, а на обложке стояло: New York, Windows 95.",
            "Ο βαρκάρης μετράει τα κέρματά του κάτω από τη λάμπα και λέει πως το ποτάμι δεν έχει άλλη όχθη. \
             Το CD και το USB ήταν στο τραπέζι.",
            "The constants α, β and ρ are small, μ is 5 μm, and Δx → 0 while ν = ω/2π; see Ελλάδα and Россия.",
            "渡し守はランプの光で小銭を数え、今夜の川には向こう岸がないと言う。ＴＶも８時に終わった。",
            "",
            "7",
        ] {
            let found: Vec<_> = read(text).into_iter().map(|r| (r.disguise, r.text)).collect();
            assert_eq!(found, [], "{text}");
        }
    }
}
