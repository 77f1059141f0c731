//! `weights.safetensors`: the whole state as named arrays that other tools can read.
//!
//! `l1.w` has shape `[post, pre]`, `l1.bias.w` has `[post]`, and likewise `m`, `rho`, `b`, ...; `s.w` in a protocol has
//! one value a synapse. All are 64-bit floats; the metadata holds the time.

use std::collections::HashMap;
use std::path::Path;

use safetensors::tensor::{Dtype, TensorView};

use super::write_whole;
use crate::dynamics::State;
use crate::error::IoError;
use crate::layout::{BlockKind, Layout};

/// Writes a state.
///
/// # Errors
/// Where the file can't be written.
pub fn write(path: &Path, layout: &Layout, state: &State) -> Result<(), IoError> {
    let failed = |error: safetensors::SafeTensorError| {
        IoError::new(path, "writing", std::io::Error::other(error.to_string()))
    };
    let mut arrays = Vec::new();
    for block in &layout.blocks {
        let shape = match block.kind {
            BlockKind::Weights if block.layer > 0 => vec![block.post, block.pre],
            _ => vec![block.post],
        };
        for (slot, variable) in block.variables.iter().enumerate() {
            let bytes: Vec<u8> =
                state.values[block.range(slot)].iter().flat_map(|value| value.to_le_bytes()).collect();
            arrays.push((format!("{}.{variable}", block.name), shape.clone(), bytes));
        }
    }
    let views: Result<Vec<_>, _> = arrays
        .iter()
        .map(|(name, shape, bytes)| Ok((name, TensorView::new(Dtype::F64, shape.clone(), bytes)?)))
        .collect();
    let metadata = HashMap::from([("time_s".to_owned(), state.t.to_string())]);
    let file = safetensors::serialize(views.map_err(failed)?, Some(metadata)).map_err(failed)?;
    write_whole(path, &file)
}
