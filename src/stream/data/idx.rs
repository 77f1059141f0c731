//! IDX files of unsigned bytes, as MNIST has them, plain or compressed by gzip.
//!
//! Two zero bytes, 8 for "unsigned byte", the number of dimensions, each dimension as a big-endian 32-bit number,
//! then the values in row-major order and nothing more ("The MNIST database of handwritten
//! digits", Y. Le Cun, C. Cortes and C. Burges). A header is believed only as far as the file bears it out.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;

use super::samples::{Inputs, Samples, Targets};
use crate::error::DataError;

const UNSIGNED_BYTE: u8 = 8;
const GZIP: [u8; 2] = [0x1f, 0x8b];
const WHITE: f64 = 255.0;
/// More than any data set of this kind, and less than would exhaust the memory of most machines.
const LARGEST: u64 = 1 << 32;
const FETCH_AGAIN: &str = "fetch the file again (scripts/fetch-datasets.sh brings MNIST and Fashion-MNIST)";

/// The contents of one file.
#[derive(Debug)]
pub(super) struct Array {
    /// Length in each dimension.
    pub dims: Vec<usize>,
    /// The values, row-major.
    pub values: Vec<u8>,
}

/// Samples to learn from and to be tested on from the four files of a folder.
///
/// # Errors
/// Where a file is missing or broken, or the files do not fit together.
pub(super) fn load_folder(folder: &Path) -> Result<(Samples, Samples), DataError> {
    let train = Part::read(folder, "train")?;
    let test = Part::read(folder, "t10k")?;
    if train.images.dims[1..] != test.images.dims[1..] {
        let [train, test] = [&train, &test].map(|part| format!("{:?}", &part.images.dims[1..]));
        let reason = format!("images of shape {test}, but those to learn from are of shape {train}");
        return Err(error(&locate(folder, "t10k-images-idx3-ubyte")?, reason, FETCH_AGAIN));
    }
    let largest = train.labels.values.iter().chain(&test.labels.values).max();
    let classes = largest.map_or(0, |label| usize::from(*label) + 1);
    Ok((train.samples(folder, classes)?, test.samples(folder, classes)?))
}

/// Images and their labels.
struct Part {
    images: Array,
    labels: Array,
}

impl Part {
    fn read(folder: &Path, name: &str) -> Result<Self, DataError> {
        let path = locate(folder, &format!("{name}-labels-idx1-ubyte"))?;
        let labels = read(&path, 1)?;
        let images = read(&locate(folder, &format!("{name}-images-idx3-ubyte"))?, 3)?;
        let (images_len, labels_len) = (images.dims[0], labels.dims[0]);
        if images_len != labels_len {
            let reason = format!("byte 4: {labels_len} labels, but there are {images_len} {name} images");
            return Err(error(&path, reason, FETCH_AGAIN));
        }
        Ok(Self { images, labels })
    }

    fn samples(self, folder: &Path, classes: usize) -> Result<Samples, DataError> {
        let width = self.images.dims[1..].iter().product();
        let labels = self.labels.values.into_iter().map(u32::from).collect();
        let inputs = Inputs::Bytes { values: self.images.values, divisor: WHITE };
        Samples::new(inputs, width, Targets::Labels { labels, classes })
            .ok_or_else(|| error(folder, "images and labels do not fit together".to_owned(), FETCH_AGAIN))
    }
}

/// The file `name` or `name.gz` of a folder.
fn locate(folder: &Path, name: &str) -> Result<PathBuf, DataError> {
    let candidates = [folder.join(name), folder.join(format!("{name}.gz"))];
    candidates.into_iter().find(|path| path.is_file()).ok_or_else(|| {
        let reason = format!("holds neither {name} nor {name}.gz");
        let remedy = "set data.path to the folder of the four IDX files, relative to the configuration's file; \
                      scripts/fetch-datasets.sh brings MNIST and Fashion-MNIST";
        error(folder, reason, remedy)
    })
}

fn read(path: &Path, rank: u8) -> Result<Array, DataError> {
    let cannot = |source| error(path, format!("cannot be read: {source}"), "make the file readable");
    parse(BufReader::new(File::open(path).map_err(cannot)?), path, rank)
}

/// The array of `rank` dimensions that `source` holds, plain or compressed; errors name `path`.
///
/// # Errors
/// Where the bytes are no such array, with the place at which they stop being one.
pub(super) fn parse(mut source: impl BufRead, path: &Path, rank: u8) -> Result<Array, DataError> {
    let start = source.fill_buf();
    let start =
        start.map_err(|source| error(path, format!("byte 0: cannot be read: {source}"), FETCH_AGAIN))?;
    if start.starts_with(&GZIP) {
        parse_plain(MultiGzDecoder::new(source), path, rank)
    } else {
        parse_plain(source, path, rank)
    }
}

fn parse_plain(mut source: impl Read, path: &Path, rank: u8) -> Result<Array, DataError> {
    let fail = |reason| error(path, reason, FETCH_AGAIN);
    let mut header = vec![0; 4 + 4 * usize::from(rank)];
    fill(&mut source, &mut header[..4], 0).map_err(fail)?;
    let expected = [0, 0, UNSIGNED_BYTE, rank];
    if header[..4] != expected {
        let [found, expected] = [&header[..4], &expected[..]].map(hexadecimal);
        return Err(fail(format!(
            "byte 0: begins with {found}, but an IDX file of unsigned bytes in {rank} dimensions begins with {expected}"
        )));
    }
    fill(&mut source, &mut header[4..], 4).map_err(fail)?;
    let dims: Vec<u64> =
        header[4..].as_chunks::<4>().0.iter().map(|dim| u64::from(u32::from_be_bytes(*dim))).collect();
    if let Some(k) = dims.iter().position(|dim| *dim == 0) {
        return Err(fail(format!("byte {}: dimension {k} is 0: there are no values", 4 + 4 * k)));
    }
    let shape = dims.iter().map(u64::to_string).collect::<Vec<_>>().join(" x ");
    let count = dims.iter().try_fold(1_u64, |product, dim| product.checked_mul(*dim));
    let Some(count) = count.filter(|count| *count <= LARGEST) else {
        return Err(fail(format!("byte 4: the header claims {shape} values, more than {LARGEST} bytes")));
    };
    // Grows as the file does, whatever the header claims; one byte more tells whether something follows.
    let mut values = Vec::new();
    let start = header.len() as u64;
    source
        .take(count + 1)
        .read_to_end(&mut values)
        .map_err(|source| fail(format!("byte {}: cannot be read: {source}", start + values.len() as u64)))?;
    let end = start + values.len() as u64;
    match (values.len() as u64).cmp(&count) {
        std::cmp::Ordering::Less => {
            let whole = start + count;
            Err(fail(format!("byte {end}: ends here, but {shape} values take {whole} bytes with the header")))
        }
        std::cmp::Ordering::Greater => {
            Err(fail(format!("byte {}: goes on after the {shape} values of the header", end - 1)))
        }
        std::cmp::Ordering::Equal => {
            values.shrink_to_fit();
            Ok(Array { dims: dims.into_iter().map(|dim| dim as usize).collect(), values })
        }
    }
}

/// Fills `buffer` from the bytes at `offset`.
fn fill(source: &mut impl Read, buffer: &mut [u8], offset: usize) -> Result<(), String> {
    let mut filled = 0;
    while filled < buffer.len() {
        match source.read(&mut buffer[filled..]) {
            Ok(0) => return Err(format!("byte {}: ends within the header", offset + filled)),
            Ok(count) => filled += count,
            Err(source) if source.kind() == std::io::ErrorKind::Interrupted => {}
            Err(source) => return Err(format!("byte {}: cannot be read: {source}", offset + filled)),
        }
    }
    Ok(())
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ")
}

fn error(path: &Path, reason: String, remedy: &str) -> DataError {
    DataError { path: path.to_owned(), reason, remedy: remedy.to_owned() }
}

#[cfg(test)]
mod tests;
