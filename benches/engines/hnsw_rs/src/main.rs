//! Plays hnsw_rs in `nagalm-bench neighbours`, on one thread: what is asked and answered stands in `../vectors/run.py`.

use std::io::{BufRead, Write};

use anyhow::{Context, Result};
use hnsw_rs::prelude::{DistL2, Hnsw};
use rustix::time::{ClockId, clock_gettime};

const DIMENSIONS: usize = 384;
const K: usize = 10;
const LINKS: usize = 16;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, passages, queries, rows] = &*arguments else { anyhow::bail!("PASSAGES.npy QUERIES.npy ROWS") };
    let (passages, queries) = (read(passages)?, read(queries)?);
    let rows: usize = rows.parse()?;
    let begun = seconds();
    // On vectors of length 1 the order is that of the cosine; its own distances for that panic where rounding makes a
    // product larger than 1.
    let hnsw = Hnsw::<f32, DistL2>::new(LINKS, rows, 16, 200, DistL2 {});
    for (row, vector) in passages.chunks_exact(DIMENSIONS).take(rows).enumerate() {
        hnsw.insert((vector, row));
    }
    say(seconds() - begun)?;
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let (count, path) = line.split_once(' ').context("COUNT FILE")?;
        let mut answers: Vec<u8> = Vec::new();
        let begun = seconds();
        for query in queries.chunks_exact(DIMENSIONS).take(count.parse()?) {
            let mut found: Vec<u32> = hnsw.search(query, K, 128).iter().map(|found| found.d_id as u32).collect();
            found.resize(K, u32::MAX);
            answers.extend(found.iter().flat_map(|row| row.to_le_bytes()));
        }
        let took = seconds() - begun;
        std::fs::write(path, answers)?;
        say(took)?;
    }
    Ok(())
}

fn say(seconds: f64) -> Result<()> {
    // 4,273 bytes a vector were measured once, from outside.
    let mut out = std::io::stdout();
    writeln!(out, "{{\"seconds\": {seconds}}}")?;
    Ok(out.flush()?)
}

fn seconds() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

/// The numbers of a NumPy file of `f32`.
fn read(path: &str) -> Result<Vec<f32>> {
    let bytes = std::fs::read(path).with_context(|| path.to_string())?;
    let header = 10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    Ok(bytes[header..].as_chunks::<4>().0.iter().map(|&number| f32::from_le_bytes(number)).collect())
}
