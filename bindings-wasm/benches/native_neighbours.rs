//! The core alone, for `neighbours.mjs`: it makes an index of vectors and searches it, on one core, as often as it is asked to on
//! standard input, with the instructions that are named there, and says how many nanoseconds of the processor each time took. First it writes the
//! index, and what exact search and a walk find.
//!
//!     native-neighbours VECTORS QUERIES DIMENSIONS EXACT-QUERIES INDEX ANSWERS [WIDTH]
//!
//! `VECTORS` and `QUERIES` are numbers of 32 bits and nothing else. `ANSWERS` gets, of each, rows and then similarities: of the walk
//! for all queries, of exact search for all. A line of input is `walk` or `exact` (for the first `EXACT-QUERIES`) and `avx512`, `avx2`
//! or `plain`.

use std::error::Error;
use std::fs::File;
use std::io::{BufRead, BufWriter, Write};

use nagalm::{IndexBuilder, InstructionSet, Neighbour, VectorIndex};
use rustix::time::{ClockId, clock_gettime};

/// The command line's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Neighbours that are asked for.
const K: usize = 10;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [vectors, queries, dimensions, few, index, answers, width @ ..] = &arguments[..] else {
        return Err("native-neighbours VECTORS QUERIES DIMENSIONS EXACT-QUERIES INDEX ANSWERS [WIDTH]".into());
    };
    let (dimensions, few): (usize, usize) = (dimensions.parse()?, few.parse()?);
    let queries = numbers(queries)?;
    let queries: Vec<&[f32]> = queries.chunks_exact(dimensions).collect();
    let few = &queries[..few.min(queries.len())];
    if !std::fs::exists(index)? {
        let mut builder = IndexBuilder::new(dimensions)?;
        for vector in numbers(vectors)?.chunks_exact(dimensions) {
            builder.push(vector)?;
        }
        builder.write_to(BufWriter::new(File::create(index)?))?;
    }
    let mut index = VectorIndex::open(std::fs::read(index)?)?;
    if let [width] = width {
        index.set_width(width.parse()?);
    }
    let everything = |_: u32| true;
    let walk = || index.search_batch(&queries, K, &everything);
    let mut to = BufWriter::new(File::create(answers)?);
    write(&walk()?, &mut to)?;
    write(&index.search_exact(&queries, K, &everything)?, &mut to)?;
    to.flush()?;
    println!("ready {}", index.resident_bytes());
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let (what, set) = line.split_once(' ').ok_or("two words")?;
        match set {
            "avx512" => InstructionSet::Avx512,
            "avx2" => InstructionSet::Avx2,
            _ => InstructionSet::Plain,
        }
        .limit();
        let began = processor();
        let found = match what {
            "walk" => walk()?,
            _ => index.search_exact(few, K, &everything)?,
        };
        println!("{} {} {:?}", processor() - began, found.len(), InstructionSet::used());
    }
    Ok(())
}

/// Nanoseconds of the processor that this process has taken.
fn processor() -> i64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec * 1_000_000_000 + time.tv_nsec
}

fn numbers(file: &str) -> Result<Vec<f32>, Box<dyn Error>> {
    let bytes = std::fs::read(file)?;
    Ok(bytes.as_chunks::<4>().0.iter().map(|&number| f32::from_le_bytes(number)).collect())
}

fn write(found: &[Vec<Neighbour>], to: &mut impl Write) -> std::io::Result<()> {
    for near in found.iter().flatten() {
        to.write_all(&near.row.to_le_bytes())?;
    }
    for near in found.iter().flatten() {
        to.write_all(&near.similarity.to_le_bytes())?;
    }
    Ok(())
}
