//! Named arrays and facts, as one safetensors file with a checksum.
//!
//! All arrays have one dimension and hold 64-bit floats or unsigned integers. The metadata entry `sha256` is the digest of
//! header and arrays, with zeros in its own place: a file that was cut short or changed anywhere is none.

use std::collections::BTreeMap;
use std::io::Write;
use std::ops::Range;
use std::path::{Path, PathBuf};

use safetensors::{Dtype, SafeTensors};
use sha2::{Digest, Sha256};

use crate::error::DataError;
use crate::record::header::{Entry, header};

/// What a checksum that is not known yet looks like.
const NO_SUM: &str = "0000000000000000000000000000000000000000000000000000000000000000";
const SUM: &str = "sha256";
/// Bytes of a value, and of the length of the header.
const WORD: usize = 8;

/// Named arrays and facts.
#[derive(Clone, Debug, Default)]
pub struct Archive {
    /// The file that it comes from, for errors.
    path: PathBuf,
    facts: BTreeMap<String, String>,
    arrays: BTreeMap<String, (Dtype, Range<usize>)>,
    bytes: Vec<u8>,
}

/// What arrays hold.
pub trait Word: Copy {
    /// Its name in the file.
    const DTYPE: Dtype;
    /// As it is stored.
    fn store(self) -> [u8; WORD];
    /// From how it is stored.
    fn load(bytes: [u8; WORD]) -> Self;
}

impl Word for f64 {
    const DTYPE: Dtype = Dtype::F64;
    fn store(self) -> [u8; WORD] {
        self.to_le_bytes()
    }
    fn load(bytes: [u8; WORD]) -> Self {
        Self::from_le_bytes(bytes)
    }
}

impl Word for u64 {
    const DTYPE: Dtype = Dtype::U64;
    fn store(self) -> [u8; WORD] {
        self.to_le_bytes()
    }
    fn load(bytes: [u8; WORD]) -> Self {
        Self::from_le_bytes(bytes)
    }
}

impl Archive {
    /// An empty archive with room for `words` values.
    #[must_use]
    pub fn with_capacity(words: usize) -> Self {
        Self { bytes: Vec::with_capacity(words * WORD), ..Self::default() }
    }

    /// Number of values.
    #[must_use]
    pub fn words(&self) -> usize {
        self.bytes.len() / WORD
    }

    /// States a fact.
    pub fn state(&mut self, name: &str, fact: impl Into<String>) {
        self.facts.insert(name.to_owned(), fact.into());
    }

    /// A fact.
    #[must_use]
    pub fn fact(&self, name: &str) -> Option<&str> {
        self.facts.get(name).map(String::as_str)
    }

    /// Adds an array.
    pub fn put<W: Word>(&mut self, name: impl Into<String>, values: impl IntoIterator<Item = W>) {
        let start = self.bytes.len();
        values.into_iter().for_each(|value| self.bytes.extend(value.store()));
        self.arrays.insert(name.into(), (W::DTYPE, start..self.bytes.len()));
    }

    /// The values of an array.
    ///
    /// # Errors
    /// Where there is no such array.
    pub fn get<W: Word>(&self, name: &str) -> Result<impl ExactSizeIterator<Item = W>, DataError> {
        let (dtype, range) = self.arrays.get(name).ok_or_else(|| self.broken(format!("has no `{name}`")))?;
        if *dtype != W::DTYPE {
            return Err(self.broken(format!("`{name}` holds {dtype:?}, not {:?}", W::DTYPE)));
        }
        Ok(self.bytes[range.clone()].as_chunks().0.iter().map(|word| W::load(*word)))
    }

    /// The values of an array of known length.
    ///
    /// # Errors
    /// Where there is no such array, or of another length.
    pub fn get_all<W: Word, const N: usize>(&self, name: &str) -> Result<[W; N], DataError> {
        let values: Vec<W> = self.get(name)?.collect();
        let length = values.len();
        values.try_into().map_err(|_| self.broken(format!("`{name}` has {length} values, not {N}")))
    }

    /// Fills `to` with the values of an array.
    ///
    /// # Errors
    /// Where there is no such array, or of another length.
    pub fn fill<W: Word>(&self, name: &str, to: &mut [W]) -> Result<(), DataError> {
        let values = self.get(name)?;
        if values.len() != to.len() {
            return Err(self.broken(format!("`{name}` has {} values, not {}", values.len(), to.len())));
        }
        to.iter_mut().zip(values).for_each(|(to, value)| *to = value);
        Ok(())
    }

    /// The error of an archive that does not hold what it should.
    #[must_use]
    pub fn broken(&self, reason: impl Into<String>) -> DataError {
        broken(&self.path, reason)
    }

    /// Writes the file, array after array.
    ///
    /// # Errors
    /// Where `out` fails.
    pub fn encode(&self, out: &mut impl Write) -> std::io::Result<()> {
        let mut header = self.header(NO_SUM)?;
        let sum = hexadecimal(&digest(&header, &self.bytes));
        header = self.header(&sum)?;
        out.write_all(&(header.len() as u64).to_le_bytes())?;
        out.write_all(&header)?;
        out.write_all(&self.bytes)
    }

    fn header(&self, sum: &str) -> std::io::Result<Vec<u8>> {
        let mut facts = self.facts.clone();
        facts.insert(SUM.to_owned(), sum.to_owned());
        let entries = self.arrays.iter().map(|(name, (dtype, bytes))| {
            let shape = vec![bytes.len() / WORD];
            Entry { name, dtype: *dtype, shape, bytes: bytes.clone() }
        });
        header(&facts, entries)
    }

    /// Reads the contents of the file at `path`; no more memory is taken than they have bytes.
    ///
    /// # Errors
    /// Where they are no whole archive.
    pub fn decode(bytes: Vec<u8>, path: &Path) -> Result<Self, DataError> {
        let (archive, sum) = Self::parse(bytes, path)?;
        let expected = archive.fact(SUM).unwrap_or_default();
        if expected == hexadecimal(&sum) {
            return Ok(archive);
        }
        Err(broken(path, "does not agree with its checksum: it has been damaged or changed"))
    }

    /// The same without the comparison of checksums: also gives the one that would be right.
    fn parse(mut bytes: Vec<u8>, path: &Path) -> Result<(Self, [u8; 32]), DataError> {
        let no = |error: safetensors::SafeTensorError| broken(path, format!("is no whole file: {error}"));
        let (length, metadata) = SafeTensors::read_metadata(&bytes).map_err(no)?;
        let start = WORD + length;
        let facts: BTreeMap<_, _> = metadata.metadata().clone().unwrap_or_default().into_iter().collect();
        let mut arrays = BTreeMap::new();
        for (name, info) in metadata.tensors() {
            if !matches!(info.dtype, Dtype::F64 | Dtype::U64) || info.shape.len() != 1 {
                return Err(broken(path, format!("`{name}` is no array of 64-bit values")));
            }
            arrays.insert(name, (info.dtype, info.data_offsets.0..info.data_offsets.1));
        }
        let end = arrays.values().map(|(_, range)| range.end).max().unwrap_or(0);
        if bytes.len() - start != end {
            return Err(broken(path, "is no whole file: its arrays do not fill it"));
        }
        let sum = facts.get(SUM).map_or("", String::as_str);
        let header = String::from_utf8_lossy(&bytes[WORD..start]);
        let header = if sum.is_empty() { header.into_owned() } else { header.replace(sum, NO_SUM) };
        let digest = digest(header.as_bytes(), &bytes[start..]);
        bytes.drain(..start);
        Ok((Self { path: path.to_owned(), facts, arrays, bytes }, digest))
    }

    /// Reads the contents of a file whose checksum may be wrong: for tests of what reads archives.
    ///
    /// # Errors
    /// Where they are no archive.
    #[doc(hidden)]
    pub fn decode_unchecked(bytes: Vec<u8>) -> Result<Self, DataError> {
        Self::parse(bytes, Path::new("unchecked")).map(|(archive, _)| archive)
    }
}

fn digest(header: &[u8], arrays: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update(header).chain_update(arrays).finalize().into()
}

/// Bytes as hexadecimal digits.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

fn broken(path: &Path, reason: impl Into<String>) -> DataError {
    let remedy = "a run goes on from the other of its two checkpoints, or starts anew with `--force`";
    DataError { path: path.to_owned(), reason: reason.into(), remedy: remedy.to_owned() }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn sample() -> Archive {
        let mut archive = Archive::default();
        archive.put("a", [1.5, -0.0, f64::NAN, f64::MIN_POSITIVE / 4.0]);
        archive.put("n", [u64::MAX, 0]);
        archive.put::<f64>("nothing", []);
        archive.state("t", "0.1");
        archive
    }

    fn encoded(archive: &Archive) -> Vec<u8> {
        let mut bytes = Vec::new();
        archive.encode(&mut bytes).unwrap();
        bytes
    }

    #[test]
    fn every_bit_comes_back() {
        let back = Archive::decode(encoded(&sample()), Path::new("x")).unwrap();
        let bits = |archive: &Archive| archive.get("a").unwrap().map(f64::to_bits).collect::<Vec<_>>();
        assert_eq!(bits(&back), bits(&sample()));
        assert_eq!(back.get_all::<u64, 2>("n").unwrap(), [u64::MAX, 0]);
        assert_eq!(back.get::<f64>("nothing").unwrap().len(), 0);
        assert_eq!(back.fact("t"), Some("0.1"));
    }

    #[test]
    fn other_tools_can_read_it() {
        let bytes = encoded(&sample());
        let file = SafeTensors::deserialize(&bytes).unwrap();
        assert_eq!(file.tensor("n").unwrap().shape(), [2]);
    }

    #[test]
    fn a_file_that_differs_in_any_byte_or_is_cut_anywhere_is_refused() {
        let whole = encoded(&sample());
        for place in 0..whole.len() {
            let mut changed = whole.clone();
            changed[place] ^= 1;
            assert!(Archive::decode(changed, Path::new("x")).is_err(), "byte {place}");
            assert!(Archive::decode(whole[..place].to_vec(), Path::new("x")).is_err(), "cut at {place}");
        }
        let longer = [&whole[..], &[0]].concat();
        assert!(Archive::decode(longer, Path::new("x")).is_err());
    }

    #[test]
    fn what_is_missing_or_of_another_kind_is_named() {
        let archive = Archive::decode(encoded(&sample()), Path::new("x")).unwrap();
        let message = |error: DataError| error.to_string();
        assert!(archive.get::<f64>("b").map(|_| ()).map_err(message).unwrap_err().contains("has no `b`"));
        assert!(archive.get::<u64>("a").map(|_| ()).map_err(message).unwrap_err().contains("F64, not U64"));
        assert!(archive.get_all::<f64, 3>("a").map_err(message).unwrap_err().contains("4 values, not 3"));
        assert!(archive.fill("n", &mut [0_u64; 3]).map_err(message).unwrap_err().contains("2 values, not 3"));
    }
}
