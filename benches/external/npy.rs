//! Arrays in numpy's format, versions 1 to 3: little-endian `f64`, or `i64` read as such, in C order.
//!
//! # References
//! <https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>

use std::io::{Error, ErrorKind, Result};
use std::path::Path;

const MAGIC: &[u8] = b"\x93NUMPY";

/// All values of an array, row by row.
pub fn read(path: &Path) -> Result<Vec<f64>> {
    let bytes = std::fs::read(path)?;
    let broken = |what: &str| Error::new(ErrorKind::InvalidData, format!("{}: {what}", path.display()));
    let rest = bytes.strip_prefix(MAGIC).ok_or_else(|| broken("not an array of numpy"))?;
    // Two bytes of version, then the header's length: 16 bits in version 1, 32 after.
    let (length, start) = match rest {
        [1, _, a, b, ..] => (usize::from(u16::from_le_bytes([*a, *b])), 4),
        [2 | 3, _, a, b, c, d, ..] => (u32::from_le_bytes([*a, *b, *c, *d]) as usize, 6),
        _ => return Err(broken("an unknown version")),
    };
    let header = rest.get(start..start + length).ok_or_else(|| broken("cut short"))?;
    let header = String::from_utf8_lossy(header);
    if !header.contains("'fortran_order': False") {
        return Err(broken("not in C order"));
    }
    let convert: fn([u8; 8]) -> f64 = match () {
        () if header.contains("'descr': '<f8'") => f64::from_le_bytes,
        () if header.contains("'descr': '<i8'") => |bytes| i64::from_le_bytes(bytes) as f64,
        () => return Err(broken("neither f64 nor i64")),
    };
    let (values, left) = rest[start + length..].as_chunks();
    if !left.is_empty() {
        return Err(broken("cut short"));
    }
    Ok(values.iter().map(|value| convert(*value)).collect())
}

/// Writes a matrix.
pub fn write(path: &Path, [rows, columns]: [usize; 2], values: &[f64]) -> Result<()> {
    let mut header = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': ({rows}, {columns}), }}");
    // Magic, version, length, header and its line's end fill whole blocks of 64 bytes.
    let length = (MAGIC.len() + 4 + header.len() + 1).next_multiple_of(64) - MAGIC.len() - 4;
    header.extend(std::iter::repeat_n(' ', length - header.len() - 1));
    header.push('\n');
    let mut bytes = [MAGIC, &[1, 0], &(length as u16).to_le_bytes(), header.as_bytes()].concat();
    bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
    std::fs::write(path, bytes)
}
