//! `weights.safetensors`: the whole state as named arrays that other tools can read.
//!
//! `l1.w` has shape `[post, pre]`, `l1.bias.w` has `[post]`, and likewise `m`, `rho`, `b`, ...; `s.w` in a protocol has
//! one value a synapse. All are 64-bit floats; the metadata holds the time.

use std::collections::BTreeMap;
use std::io::Write;
use std::ops::Range;
use std::path::Path;

use safetensors::tensor::Dtype;

use super::header::{Entry, header};
use super::write_whole_with;
use crate::dynamics::State;
use crate::error::IoError;
use crate::layout::{BlockKind, Layout};

/// Name, shape, and place in the state of each array, in the order of the layout.
#[must_use]
pub fn arrays(layout: &Layout) -> Vec<(String, Vec<usize>, Range<usize>)> {
    let mut arrays = Vec::new();
    for block in &layout.blocks {
        let shape = match block.kind {
            BlockKind::Weights if block.layer > 0 => vec![block.post, block.pre],
            _ => vec![block.post],
        };
        for (slot, variable) in block.variables.iter().enumerate() {
            arrays.push((format!("{}.{variable}", block.name), shape.clone(), block.range(slot)));
        }
    }
    arrays
}

/// Writes a state, array after array.
///
/// # Errors
/// Where the file can't be written.
pub fn write(path: &Path, layout: &Layout, state: &State) -> Result<(), IoError> {
    let arrays = arrays(layout);
    // In the order of the layout, they are the state as it is.
    let entries = arrays.iter().map(|(name, shape, range)| Entry {
        name,
        dtype: Dtype::F64,
        shape: shape.clone(),
        bytes: size_of::<f64>() * range.start..size_of::<f64>() * range.end,
    });
    let facts = BTreeMap::from([("time_s".to_owned(), state.t.to_string())]);
    write_whole_with(path, |out| {
        let header = header(&facts, entries)?;
        out.write_all(&(header.len() as u64).to_le_bytes())?;
        out.write_all(&header)?;
        state.values.iter().try_for_each(|value| out.write_all(&value.to_le_bytes()))
    })
}
