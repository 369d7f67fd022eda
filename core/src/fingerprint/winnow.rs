//! Letter grams, sampled by winnowing (Schleimer, Wilkerson, Aiken, SIGMOD 2003), over the stream of letters from
//! which all separators are gone: they see through text whose words are spaced, hyphenated or run together.

/// Bytes of folded letters in one gram.
const GRAM: usize = 16;
/// Of each window of this many grams the smallest is taken, so that any two equal runs of
/// `GRAM + WINDOW - 1` bytes share a fingerprint; about one gram in 16 is stored.
const WINDOW: usize = 32;

/// Calls `each` with the position (in bytes of `letters`) and hash of each sampled gram, by position.
/// Linear in the letters.
pub(crate) fn winnow(letters: &[u8], mut each: impl FnMut(usize, u64)) {
    if letters.len() < GRAM {
        return;
    }
    // The window's grams that may still become its minimum: positions and hashes, both ascending.
    let mut minima: std::collections::VecDeque<(usize, u64)> =
        std::collections::VecDeque::with_capacity(WINDOW);
    let mut taken = None;
    let mut rolling = 0_u64;
    for (i, &letter) in letters.iter().enumerate() {
        // Rabin-Karp over 2^64 with an odd base; the mixer makes up for the weak low bits.
        rolling = rolling.wrapping_mul(BASE).wrapping_add(u64::from(letter) + 1);
        if i >= GRAM {
            rolling = rolling.wrapping_sub((u64::from(letters[i - GRAM]) + 1).wrapping_mul(LEAVING));
        }
        let Some(at) = (i + 1).checked_sub(GRAM) else { continue };
        let hash = super::mix(rolling);
        while minima.back().is_some_and(|&(_, last)| last >= hash) {
            minima.pop_back();
        }
        minima.push_back((at, hash));
        if minima.front().is_some_and(|&(first, _)| first + WINDOW <= at) {
            minima.pop_front();
        }
        let whole_window = at + 1 >= WINDOW || i + 1 == letters.len();
        if let Some(&(position, hash)) = minima.front()
            && whole_window
            && taken != Some(position)
        {
            taken = Some(position);
            // Smallest of many, hashes crowd together near zero: mixed once more they spread.
            each(position, super::mix(hash));
        }
    }
}

const BASE: u64 = 0x9e37_79b9_7f4a_7c15;
/// `BASE` to the power of `GRAM`: the weight of a letter as it leaves the gram.
const LEAVING: u64 = {
    let mut power = 1_u64;
    let mut i = 0;
    while i < GRAM {
        power = power.wrapping_mul(BASE);
        i += 1;
    }
    power
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_runs_share_a_fingerprint() {
        let run = b"itwasthebestoftimesitwastheworstoftimesitwastheage";
        let hashes = |text: &[u8]| {
            let mut all = Vec::new();
            winnow(text, |at, hash| all.push((at, hash)));
            all
        };
        let a = [b"xyzzyxyzzy".as_slice(), run, b"abc"].concat();
        let b =
            [b"somethingelsealtogetherstoodhere".as_slice(), run, b"qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq"]
                .concat();
        let of_b: Vec<u64> = hashes(&b).into_iter().map(|(_, h)| h).collect();
        assert!(hashes(&a).iter().any(|(_, h)| of_b.contains(h)));
        assert!(hashes(&a).windows(2).all(|pair| pair[0].0 < pair[1].0));
    }

    #[test]
    fn short_letters_give_at_most_one() {
        let mut count = 0;
        winnow(b"fifteen letters", |_, _| count += 1);
        assert_eq!(count, 0);
        winnow(b"sixteen letters!", |_, _| count += 1);
        assert_eq!(count, 1);
    }
}
