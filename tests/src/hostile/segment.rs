//! Any bytes in the place of some of a segment's.

use std::cell::RefCell;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use nagalm::{Output, Registry, Scanner, Settings, Work, Writer};
use tempfile::TempDir;

/// A registry with one segment, which every input changes and finds whole again.
struct World {
    folder: TempDir,
    segment: File,
    bytes: Vec<u8>,
    outputs: Vec<Output>,
}

/// Changes to a segment of a small registry, which is then opened and scanned against. The first byte says how it is opened:
/// mapped, nothing is held to its checksums, so that a change comes through to the code that uses it. Each further six
/// bytes are a change: the place (three bytes, and where the segment is longer than these can say, its end), what is done,
/// and two bytes of what is written.
///
/// # Panics
/// Where the library does; a report is not looked at, since bytes that nobody checks may say anything.
pub fn segment(bytes: &[u8]) {
    thread_local! {
        static WORLD: RefCell<Option<World>> = const { RefCell::new(None) };
    }
    let Some((&first, changes)) = bytes.split_first() else { return };
    WORLD.with_borrow_mut(|world| world.get_or_insert_with(World::new).check(first, changes));
}

impl World {
    fn new() -> Self {
        let folder = folder_in_memory();
        let mut writer = Writer::open(folder.path()).expect("an empty folder");
        let works = nagalm_corpora::sample::works_jsonl()
            .lines()
            .map(|line| serde_json::from_str::<Work>(line).expect("the sample's works are works"));
        writer.add_all(works.collect()).into_iter().for_each(|added| drop(added.expect("works that fit")));
        writer.commit().expect("a folder in memory");
        let path = segment_in(folder.path());
        let bytes = std::fs::read(&path).expect("just written");
        let segment = File::options().write(true).open(&path).expect("just written");
        let outputs = nagalm_corpora::sample::outputs_jsonl()
            .lines()
            .step_by(12)
            .map(|line| serde_json::from_str(line).expect("the sample's outputs are outputs"))
            .collect();
        Self { folder, segment, bytes, outputs }
    }

    fn check(&self, first: u8, changes: &[u8]) {
        let len = self.bytes.len();
        let mut changed = Vec::new();
        for change in changes.chunks_exact(6).take(16) {
            let place = usize::from(change[0]) << 16 | usize::from(change[1]) << 8 | usize::from(change[2]);
            let place = if place < len { place } else { len - 1 - place % 4096 };
            let was = &self.bytes[place..(place + 8).min(len)];
            let mut now = was.to_vec();
            match change[3] % 4 {
                0 => now.truncate(1),
                1 => now.truncate(2),
                2 => now.truncate(4),
                _ => {}
            }
            for (i, byte) in now.iter_mut().enumerate() {
                *byte = match change[3] / 4 % 4 {
                    0 => change[4 + i % 2],
                    1 => *byte ^ change[4 + i % 2],
                    2 => byte.wrapping_add(change[4 + i % 2]),
                    _ => 0xff,
                };
            }
            self.segment.write_all_at(&now, place as u64).expect("a file in memory");
            changed.push((place, now.len()));
        }
        self.scan(first & 1 == 0, first & 2 != 0);
        for (place, len) in changed {
            let was = &self.bytes[place..place + len];
            self.segment.write_all_at(was, place as u64).expect("a file in memory");
        }
    }

    fn scan(&self, mapped: bool, verbatim: bool) {
        let Ok(registry) = Registry::options().mapped(mapped).open(self.folder.path()) else { return };
        let mut settings = Settings::default();
        settings.max_evalue = f64::INFINITY;
        settings.min_words = 1;
        settings.verbatim_only = verbatim;
        let scanner = Scanner::new(registry.clone(), settings);
        for output in &self.outputs {
            // A text that is not what it was is refused when it is read.
            let _ = scanner.scan(output);
        }
        let _ = registry.export(|_| Ok(()));
    }
}

/// The one file among a registry's segments.
fn segment_in(folder: &Path) -> PathBuf {
    let mut files = std::fs::read_dir(folder.join("segments")).expect("a registry has segments");
    files.next().expect("one, since works were added").expect("it can be listed").path()
}

/// A folder that is gone in the end, in memory where the system has such folders.
pub(super) fn folder_in_memory() -> TempDir {
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    folder.expect("a temporary folder")
}
