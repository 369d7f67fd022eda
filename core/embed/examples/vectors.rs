//! Vectors of passages, for `benches/meaning.py`, which holds them to other programs': a JSON string a line in, little-endian `f32`
//! out, and on standard error the seconds that it took.
//!
//!     vectors NAME MODEL_DIR < passages.jsonl > vectors.f32

use std::io::{BufRead, Write};
use std::process::ExitCode;
use std::time::Instant;

use nagalm_embed::{Source, load};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("vectors: {e}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, folder] = &arguments[..] else { return Err("vectors NAME MODEL_DIR".into()) };
    let source = Source { name: name.clone(), folder: Some(folder.into()), runtime: None };
    let embedder = load(&source)?;
    let lines = std::io::stdin().lock().lines();
    let passages: Vec<String> = lines
        .map(|line| Ok(serde_json::from_str(&line?)?))
        .collect::<Result<_, Box<dyn std::error::Error>>>()?;
    let passages: Vec<&str> = passages.iter().map(String::as_str).collect();
    let began = Instant::now();
    let vectors = embedder.embed(&passages)?;
    eprintln!("{}", began.elapsed().as_secs_f64());
    let bytes: Vec<u8> = vectors.iter().flatten().flat_map(|number| number.to_le_bytes()).collect();
    Ok(std::io::stdout().lock().write_all(&bytes)?)
}
