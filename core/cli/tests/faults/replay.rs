//! The power goes: of what was not yet made durable, anything may be on the disk, in any order, and torn.
//!
//! A program's calls are written down as it runs. Then, for each place in that list, folders are made as a disk may hold
//! them if the power went there. The model is that of ALICE (Pillai et al., OSDI 2014) without what is special to a file
//! system: a write lasts once its file was synced, a name once its folder was; of other writes any may be there or not,
//! of the last one a part; names change in their order, up to any of them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::watched::{shim, watched};
use super::{Change, NAME, files, folder, is_all};

/// A call as it was written down.
enum Call {
    Create(PathBuf),
    Write { path: PathBuf, offset: usize, data: Vec<u8> },
    Truncate { path: PathBuf, len: usize },
    Sync(PathBuf),
    Rename(PathBuf, PathBuf),
    Unlink(PathBuf),
}

/// A change to a file's bytes.
#[derive(Clone)]
enum Edit {
    Write { offset: usize, data: Vec<u8> },
    Truncate(usize),
}

/// A change to a folder's names. A file is known by its number.
#[derive(Clone)]
enum Naming {
    Add(PathBuf, usize),
    Move(PathBuf, PathBuf),
    Remove(PathBuf),
}

/// Bytes that last, and edits that may not.
#[derive(Clone, Default)]
struct Content {
    lasting: Vec<u8>,
    edits: Vec<Edit>,
}

/// A disk, and what is on its way there.
#[derive(Clone, Default)]
struct Disk {
    contents: Vec<Content>,
    /// Names as programs see them.
    names: BTreeMap<PathBuf, usize>,
    lasting_names: BTreeMap<PathBuf, usize>,
    namings: Vec<Naming>,
}

/// What becomes of that which did not yet last.
#[derive(Clone, Copy, Debug)]
enum Fate {
    /// All is there: the program was killed, and the power stayed.
    Kept,
    /// Nothing is.
    Lost,
    /// Names are, their files' bytes are not.
    NamesOnly,
    /// Bytes are, names are not.
    BytesOnly,
    /// Some of it is.
    Some(u64),
}

#[test]
fn a_power_failure_leaves_the_old_or_the_new() {
    let _alone = super::alone();
    let Some(shim) = shim() else { return };
    let mut disks = 0;
    for change in Change::all() {
        let home = change.begin();
        let mut disk = Disk::new(home.path());
        let log = folder();
        let log = log.path().join("log");
        let done =
            watched(&change, home.path(), shim).env("FAULT_LOG", &log).output().expect("the program runs");
        assert!(done.status.success(), "{}: {}", change.name, String::from_utf8_lossy(&done.stderr));
        let calls = parse(&std::fs::read(log).expect("a log"), home.path());
        assert!(calls.len() > 10, "{}: {} calls", change.name, calls.len());
        for at in 0..=calls.len() {
            let is_last = at == calls.len();
            let seed = (at as u64) << 8;
            let all = [Fate::Kept, Fate::Lost, Fate::NamesOnly, Fate::BytesOnly];
            let some = (0..if is_all() { 12 } else { 2 }).map(|k| Fate::Some(seed + k));
            for (number, fate) in all.into_iter().chain(some).enumerate() {
                // A sample has another fate at each place, and all in the end.
                if !is_all() && !is_last && !(at + number).is_multiple_of(3) {
                    continue;
                }
                let home = folder();
                disk.put(home.path(), fate);
                disks += 1;
                let what = format!("power lost before call {at} of {}, {fate:?}", calls.len());
                // What the program has reported as done stays done.
                change.judge(home.path(), is_last, &what);
            }
            if let Some(call) = calls.get(at) {
                disk.take(call);
            }
        }
    }
    println!("{disks} disks after a power failure");
}

impl Disk {
    /// What lies below a folder, and lasts.
    fn new(home: &Path) -> Self {
        let mut disk = Self::default();
        for file in files(home) {
            let name = file.strip_prefix(home).expect("a file of the folder").to_owned();
            disk.names.insert(name, disk.contents.len());
            disk.contents.push(Content { lasting: std::fs::read(file).expect("a file"), edits: Vec::new() });
        }
        disk.lasting_names.clone_from(&disk.names);
        disk
    }

    fn take(&mut self, call: &Call) {
        match call {
            Call::Create(path) => {
                let number = self.contents.len();
                self.contents.push(Content::default());
                self.names.insert(path.clone(), number);
                self.namings.push(Naming::Add(path.clone(), number));
            }
            Call::Write { path, offset, data } => {
                let edit = Edit::Write { offset: *offset, data: data.clone() };
                self.content(path).edits.push(edit);
            }
            Call::Truncate { path, len } => self.content(path).edits.push(Edit::Truncate(*len)),
            Call::Sync(path) if self.names.contains_key(path) => {
                let content = self.content(path);
                let edits = std::mem::take(&mut content.edits);
                edits.iter().for_each(|edit| edit.apply(&mut content.lasting));
            }
            // A folder: what was done to names in it lasts.
            Call::Sync(path) => {
                let (here, elsewhere): (Vec<_>, Vec<_>) =
                    std::mem::take(&mut self.namings).into_iter().partition(|naming| naming.folder() == path);
                here.iter().for_each(|naming| naming.apply(&mut self.lasting_names));
                self.namings = elsewhere;
            }
            Call::Rename(from, to) => {
                let naming = Naming::Move(from.clone(), to.clone());
                naming.apply(&mut self.names);
                self.namings.push(naming);
            }
            Call::Unlink(path) => {
                let naming = Naming::Remove(path.clone());
                naming.apply(&mut self.names);
                self.namings.push(naming);
            }
        }
    }

    fn content(&mut self, path: &Path) -> &mut Content {
        let number = *self.names.get(path).unwrap_or_else(|| panic!("{} was never made", path.display()));
        &mut self.contents[number]
    }

    /// Makes the files that are found after the power came back.
    fn put(&self, home: &Path, fate: Fate) {
        let mut state = if let Fate::Some(seed) = fate { 2 * seed + 1 } else { 1 };
        // Knuth's generator (The Art of Computer Programming, volume 2, 3.3.4).
        let mut dice = |sides: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % sides.max(1)
        };
        let mut names = self.lasting_names.clone();
        let kept = match fate {
            Fate::Kept | Fate::NamesOnly => self.namings.len(),
            Fate::Lost | Fate::BytesOnly => 0,
            Fate::Some(_) => dice(self.namings.len() + 1),
        };
        self.namings[..kept].iter().for_each(|naming| naming.apply(&mut names));
        std::fs::create_dir_all(home.join(NAME).join("segments")).expect("a folder");
        for (name, number) in names {
            let content = &self.contents[number];
            let mut bytes = content.lasting.clone();
            for (at, edit) in content.edits.iter().enumerate() {
                match fate {
                    Fate::Kept | Fate::BytesOnly => edit.apply(&mut bytes),
                    Fate::Lost | Fate::NamesOnly => {}
                    Fate::Some(_) => match (edit, dice(3)) {
                        (_, 0) => {}
                        // Torn, at a sector.
                        (Edit::Write { offset, data }, 1) if at + 1 == content.edits.len() => {
                            let len = dice(data.len() / 512 + 1) * 512;
                            let data = data[..len.min(data.len())].to_vec();
                            Edit::Write { offset: *offset, data }.apply(&mut bytes);
                        }
                        _ => edit.apply(&mut bytes),
                    },
                }
            }
            std::fs::write(home.join(name), bytes).expect("a file");
        }
    }
}

impl Edit {
    fn apply(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Write { offset, data } => {
                let end = offset + data.len();
                bytes.resize(bytes.len().max(end), 0);
                bytes[*offset..end].copy_from_slice(data);
            }
            Self::Truncate(len) => bytes.resize(*len, 0),
        }
    }
}

impl Naming {
    fn folder(&self) -> &Path {
        let (Self::Add(path, _) | Self::Move(path, _) | Self::Remove(path)) = self;
        path.parent().unwrap_or(Path::new(""))
    }

    fn apply(&self, names: &mut BTreeMap<PathBuf, usize>) {
        match self {
            Self::Add(path, number) => drop(names.insert(path.clone(), *number)),
            Self::Move(from, to) => {
                if let Some(number) = names.remove(from) {
                    names.insert(to.clone(), number);
                }
            }
            Self::Remove(path) => drop(names.remove(path)),
        }
    }
}

/// Reads what `shim.c` wrote; paths become those below `home`.
fn parse(mut log: &[u8], home: &Path) -> Vec<Call> {
    let home = home.canonicalize().expect("a folder");
    let mut calls = Vec::new();
    while let [kind, rest @ ..] = log {
        log = rest;
        let mut pair = [PathBuf::new(), PathBuf::new()];
        for path in &mut pair {
            let len = number(&mut log);
            let name = Path::new(std::str::from_utf8(bytes(&mut log, len)).expect("a plain path"));
            *path = name.strip_prefix(&home).unwrap_or(name).to_owned();
        }
        let (offset, len) = (number(&mut log), number(&mut log));
        let data = bytes(&mut log, len);
        let [path, second] = pair;
        calls.push(match kind {
            b'c' => Call::Create(path),
            b'w' => Call::Write { path, offset, data: data.to_vec() },
            b't' => Call::Truncate { path, len: offset },
            b's' => Call::Sync(path),
            b'r' => Call::Rename(path, second),
            b'u' => Call::Unlink(path),
            other => panic!("no call is of kind {other}"),
        });
    }
    calls
}

fn number(log: &mut &[u8]) -> usize {
    u64::from_le_bytes(bytes(log, 8).try_into().expect("eight bytes")) as usize
}

fn bytes<'a>(log: &mut &'a [u8], len: usize) -> &'a [u8] {
    let (taken, rest) = log.split_at(len);
    *log = rest;
    taken
}
