//! Any bytes in the place of some of a sealed registry's, its checksum put right.

use std::cell::RefCell;

use nagalm::{Metadata, Output, Profile, Registry, Scanner, SealKey, SealOptions, Settings, Trust, Work};

/// A sealed registry of each profile, an output that copies from them, and the text of one work.
struct World {
    files: [Vec<u8>; 2],
    output: Output,
}

/// Bytes behind the last entry: checksum and signature.
const TRAILER: usize = 96;

/// Changes to a sealed registry, which is then opened, whatever its signature, and scanned against. The first byte says which;
/// each further five bytes are a change: the place (two bytes, from the start or, with the highest bit, from the end), what is
/// done, and two bytes of what is written; or, where the first byte says so, all of them are the file.
///
/// # Panics
/// Where the library does, and where a report says what cannot be.
pub fn sealed(bytes: &[u8]) {
    thread_local! {
        static WORLD: RefCell<Option<World>> = const { RefCell::new(None) };
    }
    let Some((&first, changes)) = bytes.split_first() else { return };
    WORLD.with_borrow_mut(|world| world.get_or_insert_with(World::new).check(first, changes));
}

impl World {
    fn new() -> Self {
        let works = nagalm_corpora::sample::works_jsonl().lines();
        let works =
            works.map(|line| serde_json::from_str::<Work>(line).expect("the sample's works are works"));
        let works: Vec<Work> = works.take(12).collect();
        let output = Output { text: works[0].text.clone() + "\n" + &works[3].text, ..Output::default() };
        let registry = Registry::from_works(works).expect("works that fit");
        let key = SealKey::new([7; 32], "tests").expect("a name");
        let files = [Profile::Public, Profile::Contract].map(|profile| {
            let mut options = SealOptions::new(profile, "fuzzer", "1");
            options.metadata = Metadata::Titles;
            // Without a signature: what is behind it is looked at, not Ed25519.
            options.signed = false;
            registry.seal(&key, &options).expect("works that are long enough").bytes
        });
        Self { files, output }
    }

    fn check(&self, first: u8, changes: &[u8]) {
        let mut body = match first & 2 {
            0 => {
                let file = &self.files[usize::from(first & 1)];
                let mut body = file[..file.len() - TRAILER].to_vec();
                changes.chunks_exact(5).take(24).for_each(|change| alter(&mut body, change));
                body
            }
            _ => changes.to_vec(),
        };
        let checksum = *blake3::hash(&body).as_bytes();
        body.extend(checksum);
        body.extend([0; 64]);
        let Ok(registry) = Registry::from_sealed(body, &Trust::default().or_anything()) else { return };
        let report =
            Scanner::new(registry, Settings::default()).scan(&self.output).expect("a scan in memory");
        let found = report.sealed.expect("what a sealed registry finds");
        for found in found.matches.iter().chain(&found.leads) {
            assert!(found.output.end <= self.output.text.len() && !found.passages.is_empty());
            assert!(found.passages.iter().all(|passage| {
                self.output.text.get(passage.start..passage.end).is_some_and(|text| !text.is_empty())
            }));
        }
    }
}

/// Does one change to the bytes.
fn alter(body: &mut Vec<u8>, change: &[u8]) {
    let place = usize::from(change[0] & 0x7f) << 8 | usize::from(change[1]);
    let place = if change[0] & 0x80 == 0 { place } else { body.len().saturating_sub(place + 1) };
    let place = place.min(body.len().saturating_sub(1));
    match change[2] % 6 {
        0 => body.truncate(place),
        1 => body.extend([change[3]; 9]),
        what => {
            let len = [1, 2, 4, 8][usize::from(change[2] / 6 % 4)];
            let end = (place + len).min(body.len());
            for (i, byte) in body[place..end].iter_mut().enumerate() {
                *byte = match what {
                    2 => change[3 + i % 2],
                    3 => *byte ^ change[3 + i % 2],
                    4 => byte.wrapping_add(change[3 + i % 2]),
                    _ => 0xff,
                };
            }
        }
    }
}
