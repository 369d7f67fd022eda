//! The numbers of a match in plain words, for terminals and pages alike.

use nagalm::report::{Match, MatchKind, OffsetUnit, Paraphrase, Report, SealedMatch, Trick};

/// `title (work_id)`, or the identifier alone.
pub(crate) fn work_name(title: Option<&str>, work_id: &str) -> String {
    match title.map(str::trim) {
        Some(title) if !title.is_empty() => format!("{title} ({work_id})"),
        _ => work_id.to_owned(),
    }
}

/// How near a passage is in meaning.
pub(crate) fn nearness(found: &Paraphrase, compared: usize) -> String {
    let probable = found.probability.map(|probability| {
        format!(
            "; where one passage in two is a paraphrase, {} of those as near as this one are",
            percent(probability)
        )
    });
    format!(
        "Similarity {:.2} of at most 1; by chance {:.1e} of the {} compared would have a neighbour so near{}",
        found.similarity,
        found.evalue,
        count(compared as u64, "passage", "passages"),
        probable.unwrap_or_default()
    )
}

/// What a passage that is close in meaning does not tell.
pub(crate) const MEANING: &str = "close in meaning as far as a language model can tell, and other words: a reason to read \
                                  both texts, no evidence of copying by itself";

/// The same of a work in a sealed registry, which may say no more than its number.
pub(crate) fn sealed_name(found: &SealedMatch) -> String {
    match (&found.work_id, &found.title) {
        (Some(work_id), Some(title)) if !title.trim().is_empty() => format!("{} ({work_id})", title.trim()),
        (Some(work_id), _) => work_id.clone(),
        (None, _) => format!("work no. {}", found.work),
    }
}

/// What a sealed registry tells of a work.
pub(crate) fn sealed_words(found: &SealedMatch) -> String {
    let power = found.by_chance.max(1e-300).log10().ceil();
    format!(
        "{} of eight words in a row, {} of this output in all, {} stored for the work; hashes alone would agree so by \
         chance in less than 10^{power} works",
        count(found.grams as u64, "passage", "passages"),
        count(found.words as u64, "word", "words"),
        if found.grams == 1 { "is" } else { "are" },
    )
}

/// What a sealed registry does not tell.
pub(crate) const SEALED: &str = "found through a sealed registry, which holds no text: the society can say what the work \
                                 and its passages are, and whether the words between are the same";

/// How many words are the same.
pub(crate) fn words(found: &Match) -> String {
    let words = found.words;
    if found.kind == MatchKind::Verbatim && words.matched == words.output && words.matched == words.source {
        return match words.matched {
            1 => "The one word is the same".to_owned(),
            n => format!("All {n} words are the same, in the same order"),
        };
    }
    if found.kind == MatchKind::Verbatim && words.matched == words.source {
        // Hyphens, spaced letters and the like: other words to a counter, the same to a reader.
        return format!("All {} words of the work's passage are there, in the same order", words.matched);
    }
    format!("{} of {} words are the same, in the same order", words.matched, words.output)
}

/// What more there is to say of the words.
pub(crate) fn more_on_words(found: &Match) -> Option<String> {
    let mut parts = Vec::new();
    if found.kind == MatchKind::Verbatim && found.words.source != found.words.output {
        parts.push("the output splits or spaces them in another way".to_owned());
    } else if found.words.source != found.words.output {
        parts.push(format!("the passage in the work has {}", found.words.source));
    }
    if found.longest_run_words > 1 && found.longest_run_words < found.words.matched {
        parts.push(format!("at most {} stand in a row without a change", found.longest_run_words));
    }
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// How the output's passage is written, where it is not as texts mostly are.
pub(crate) fn tricks(found: &Match) -> Option<String> {
    if found.tricks.is_empty() {
        return None;
    }
    let named: Vec<&str> = found.tricks.iter().map(|&trick| name(trick)).collect();
    Some(format!("The output writes it with {}", named.join(", ")))
}

fn name(trick: Trick) -> &'static str {
    match trick {
        Trick::FullWidthLetters => "full-width letters",
        Trick::MathematicalLetters => "letters of mathematical alphabets",
        Trick::EnclosedLetters => "letters in circles or squares",
        Trick::SmallCapitals => "small capitals",
        Trick::Homoglyphs => "letters of other scripts that look alike",
        Trick::ZeroWidthCharacters => "characters without width in words",
        Trick::SoftHyphens => "soft hyphens in words",
        Trick::BidiControls => "controls of the writing direction",
        Trick::StackedMarks => "marks stacked on letters or struck through them",
        Trick::TagCharacters => "invisible tag characters",
        Trick::VariationSelectors => "invisible variation selectors",
        Trick::SpacedLetters => "spaces between letters",
        Trick::SeparatedLetters => "signs between letters",
        Trick::HyphenatedSyllables => "hyphens between syllables",
        Trick::Apostrophes => "apostrophes in words",
        Trick::Leet => "digits and signs for letters",
        Trick::Rot13 => "letters moved by thirteen places (rot13)",
        Trick::Base64 => "base64",
        _ => "another trick",
    }
}

/// How often chance would give a match this good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Chance {
    /// More often than once in ten scans.
    Common(String),
    /// Less than once in this many scans.
    LessThanOnceIn(String),
    /// Less than once in ten to this power of scans.
    LessThanOnceInPowerOfTen(u32),
}

/// What an E-value says. Figures are rounded towards the more careful side.
pub(crate) fn chance(evalue: f64) -> Chance {
    // An E-value below what a double holds comes as 0.
    let scans = if evalue.is_nan() { 0.0 } else { 1.0 / evalue.max(1e-300) };
    if scans < 10.0 {
        return Chance::Common(format!("{evalue:.1} times in one scan"));
    }
    let power = scans.log10().floor() as u32;
    if power > 6 {
        return Chance::LessThanOnceInPowerOfTen(power);
    }
    let step = 10_f64.powi(power as i32);
    Chance::LessThanOnceIn(thousands(((scans / step).floor() * step) as u64))
}

/// [`chance`] as a sentence without markup.
pub(crate) fn chance_sentence(evalue: f64) -> String {
    const BY_CHANCE: &str = "by chance, a match this good would be expected";
    match chance(evalue) {
        Chance::Common(often) => format!("{BY_CHANCE} {often}: this is no evidence by itself"),
        Chance::LessThanOnceIn(scans) => format!("{BY_CHANCE} less than once in {scans} scans"),
        Chance::LessThanOnceInPowerOfTen(power) => format!("{BY_CHANCE} less than once in 10^{power} scans"),
    }
}

/// How much of the work and of the output this is, where the report says.
pub(crate) fn share(report: &Report, work_id: &str) -> Option<String> {
    let work = report.works.iter().find(|w| w.work_id == work_id)?;
    Some(format!("{} of the work stands in this output", percent(work.share_of_work)))
}

/// A share in percent: 100% only where it is all, 0% only where it is nothing.
pub(crate) fn percent(share: f64) -> String {
    let percent = share * 100.0;
    match percent.round() {
        r if r >= 100.0 && share < 1.0 => "99.9%".to_owned(),
        r if r <= 0.0 && share > 0.0 => "less than 1%".to_owned(),
        r => format!("{r:.0}%"),
    }
}

/// `12345` as `12,345`.
pub(crate) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 match`, `2 matches`.
pub(crate) fn count(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", thousands(number), if number == 1 { one } else { many })
}

/// What offsets count.
pub(crate) fn unit(unit: OffsetUnit) -> &'static str {
    match unit {
        OffsetUnit::Byte => "bytes",
        OffsetUnit::CodePoint => "characters",
        OffsetUnit::Utf16 => "UTF-16 units",
    }
}

/// Verbatim or near-verbatim, as people say it.
pub(crate) fn kind(kind: MatchKind) -> &'static str {
    match kind {
        MatchKind::Verbatim => "word for word",
        MatchKind::NearVerbatim => "with changes",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;

    #[test]
    fn numbers_in_words() {
        let mut report = fixtures::report();
        let found = &mut report.matches[0];
        assert_eq!(work_name(found.title.as_deref(), &found.work_id), "Die Brücke (T-1)");
        assert_eq!(words(found), "8 of 11 words are the same, in the same order");
        let more = more_on_words(found).unwrap();
        assert_eq!(more, "the passage in the work has 10; at most 4 stand in a row without a change");
        found.kind = MatchKind::Verbatim;
        found.words.output = 8;
        found.words.source = 8;
        assert_eq!(words(found), "All 8 words are the same, in the same order");
        found.words.output = 30;
        assert_eq!(words(found), "All 8 words of the work's passage are there, in the same order");
        assert!(more_on_words(found).unwrap().contains("in another way"));
        assert_eq!(share(&report, "T-1").unwrap(), "61% of the work stands in this output");
    }

    #[test]
    fn chance_is_never_said_to_be_less_than_it_is() {
        assert_eq!(chance(3.2e-91), Chance::LessThanOnceInPowerOfTen(90));
        assert_eq!(chance(0.0), Chance::LessThanOnceInPowerOfTen(300));
        assert_eq!(chance(2.2e-5), Chance::LessThanOnceIn("40,000".into()));
        assert_eq!(chance(1e-3), Chance::LessThanOnceIn("1,000".into()));
        assert_eq!(chance(2.0), Chance::Common("2.0 times in one scan".into()));
        assert!(matches!(chance(f64::NAN), Chance::Common(_)));
    }

    #[test]
    fn shares_are_honest_at_the_ends() {
        assert_eq!(percent(1.0), "100%");
        assert_eq!(percent(0.9999), "99.9%");
        assert_eq!(percent(0.0001), "less than 1%");
        assert_eq!(percent(0.0), "0%");
        assert_eq!(thousands(1_234_567), "1,234,567");
    }
}
