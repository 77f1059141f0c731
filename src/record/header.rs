//! The header of a safetensors file, so that arrays can be written one after the other without a copy of them all.

use std::collections::BTreeMap;
use std::ops::Range;

use safetensors::Dtype;

/// What the header says of an array.
pub struct Entry<'a> {
    /// Its name.
    pub name: &'a str,
    /// What it holds.
    pub dtype: Dtype,
    /// Its length in each dimension.
    pub shape: Vec<usize>,
    /// Its bytes, counted from the end of the header.
    pub bytes: Range<usize>,
}

/// The header with these facts as metadata, padded to whole words; its length stands before it, as 8 bytes.
///
/// # Errors
/// Where it can't be put into JSON.
pub fn header<'a>(
    facts: &BTreeMap<String, String>,
    entries: impl IntoIterator<Item = Entry<'a>>,
) -> std::io::Result<Vec<u8>> {
    let facts = serde_json::to_value(facts)?;
    let mut header = serde_json::Map::from_iter([("__metadata__".to_owned(), facts)]);
    for Entry { name, dtype, shape, bytes } in entries {
        let offsets = [bytes.start, bytes.end];
        let entry = serde_json::json!({ "dtype": dtype, "shape": shape, "data_offsets": offsets });
        header.insert(name.to_owned(), entry);
    }
    let mut text = serde_json::to_vec(&header)?;
    text.resize(text.len().next_multiple_of(size_of::<u64>()), b' ');
    Ok(text)
}
