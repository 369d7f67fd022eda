//! Texts written as bytes: what is UTF-8 stands for itself, and bytes that never stand in UTF-8 are instructions. So a
//! fuzzer that knows nothing of words copies, repeats and ends texts with a change of two bytes.

/// Ends a text.
const END: u8 = 0xff;
/// Repeats what was written last: as many bytes as the next byte says, as often as the one after that.
const REPEAT: u8 = 0xfe;
/// Copies what was written before, in this text or an earlier one: so far back as the next two bytes say, and as much as the
/// one after them.
const COPY: u8 = 0xfd;
/// Copies words of the pool: where from, the next two bytes say, and the one after them how many.
const POOL: u8 = 0xfc;

/// The texts that `bytes` stand for, no more than `most` bytes in all; `pool` has words to copy.
pub(super) fn texts(bytes: &[u8], pool: &[&str], most: usize) -> Vec<String> {
    let mut texts = Vec::new();
    // Where the text that is being written begins among all that was written.
    let (mut written, mut start) = (Vec::new(), 0);
    let mut bytes = bytes.iter().copied();
    while let Some(byte) = bytes.next() {
        let mut number = || usize::from(bytes.next().unwrap_or(0));
        match byte {
            END => {
                texts.push(String::from_utf8_lossy(&written[start..]).into_owned());
                start = written.len();
            }
            REPEAT => {
                let (len, times) = (number(), number());
                let last = written[written.len().saturating_sub(len)..].to_vec();
                (0..times).for_each(|_| written.extend_from_slice(&last));
            }
            COPY => {
                let (back, len) = (number() << 8 | number(), number());
                let from = written.len().saturating_sub(back);
                let end = (from + len).min(written.len());
                written.extend_from_within(from..end);
            }
            POOL if !pool.is_empty() => {
                let (from, words) = (number() << 8 | number(), number());
                let from = from % pool.len();
                for word in pool[from..].iter().take(words) {
                    written.extend_from_slice(word.as_bytes());
                }
            }
            _ => written.push(byte),
        }
        if written.len() > most {
            written.truncate(most.max(start));
            break;
        }
    }
    texts.push(String::from_utf8_lossy(&written[start..]).into_owned());
    texts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instructions_are_carried_out() {
        let pool = ["one ", "two ", "three"];
        assert_eq!(texts(b"ab\xfe\x02\x02c", &pool, 100), ["abababc"]);
        assert_eq!(texts(b"abc\xff-\xfd\x00\x04\x02", &pool, 100), ["abc", "-ab"]);
        assert_eq!(texts(b"\xfc\x00\x01\x09", &pool, 100), ["two three"]);
        assert_eq!(texts(b"\xe2\x82", &pool, 100), ["\u{fffd}"]);
        assert_eq!(texts(b"ab\xfe\x02\xff", &pool, 6), ["ababab"]);
        assert_eq!(texts(b"", &pool, 6), [""]);
    }
}
