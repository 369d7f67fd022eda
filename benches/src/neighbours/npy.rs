//! Vectors in NumPy's file format.

use std::path::Path;

use anyhow::{Context, Result, ensure};

/// Rows of the same number of dimensions.
pub(crate) struct Vectors {
    pub(crate) dimensions: usize,
    numbers: Vec<f32>,
}

impl Vectors {
    pub(crate) fn len(&self) -> usize {
        self.numbers.len() / self.dimensions
    }

    pub(crate) fn rows(&self) -> std::slice::ChunksExact<'_, f32> {
        self.numbers.chunks_exact(self.dimensions)
    }

    pub(crate) fn truncate(&mut self, rows: usize) {
        self.numbers.truncate(rows.saturating_mul(self.dimensions));
    }
}

/// Reads a two-dimensional array of `f32`.
pub(crate) fn read(path: &Path) -> Result<Vectors> {
    let bytes = std::fs::read(path).with_context(|| format!("could not read {}", path.display()))?;
    parse(&bytes).with_context(|| format!("{} is no NumPy file of rows of f32", path.display()))
}

fn parse(bytes: &[u8]) -> Result<Vectors> {
    ensure!(bytes.starts_with(b"\x93NUMPY\x01\0"), "it does not begin as one of version 1");
    let len = bytes.get(8..10).context("it is too short")?;
    let end = 10 + usize::from(u16::from_le_bytes([len[0], len[1]]));
    let header = std::str::from_utf8(bytes.get(10..end).context("it is too short")?)?;
    ensure!(header.contains("'<f4'") && header.contains("'fortran_order': False"), "it holds something else");
    let (_, shape) = header.split_once("'shape': (").context("it has no shape")?;
    let (shape, _) = shape.split_once(')').context("it has no shape")?;
    let shape: Vec<usize> =
        shape.split(',').map(|number| Ok(number.trim().parse()?)).collect::<Result<_>>()?;
    let [rows, dimensions] = *shape else { anyhow::bail!("it has other dimensions than two") };
    let numbers: Vec<f32> =
        bytes[end..].as_chunks::<4>().0.iter().map(|&number| f32::from_le_bytes(number)).collect();
    ensure!(
        dimensions > 0 && Some(numbers.len()) == rows.checked_mul(dimensions),
        "it is not as long as it says"
    );
    Ok(Vectors { dimensions, numbers })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(header: &str, numbers: &[f32]) -> Vec<u8> {
        let mut bytes = b"\x93NUMPY\x01\0".to_vec();
        bytes.extend((header.len() as u16).to_le_bytes());
        bytes.extend(header.bytes());
        bytes.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
        bytes
    }

    #[test]
    fn rows_are_read() {
        let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }\n";
        let mut vectors = parse(&file(header, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0])).unwrap();
        assert_eq!((vectors.len(), vectors.rows().nth(1)), (3, Some(&[3.0, 4.0][..])));
        vectors.truncate(1);
        assert_eq!(vectors.len(), 1);
    }

    #[test]
    fn other_files_are_refused() {
        let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }\n";
        assert!(parse(&file(header, &[1.0; 5])).is_err());
        assert!(parse(&file(&header.replace("<f4", "<f8"), &[1.0; 6])).is_err());
        assert!(parse(&file(&header.replace("(3, 2)", "(6)"), &[1.0; 6])).is_err());
        assert!(parse(b"\x93NUMPY\x01\0\xff\xff").is_err());
        assert!(parse(b"").is_err());
    }
}
