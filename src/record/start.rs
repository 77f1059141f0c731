//! A network's start from a file of named arrays: those that a run leaves behind, or another tool's.

use std::ops::Range;
use std::path::Path;

use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use super::weights::arrays;
use crate::dynamics::{Dynamics, State};
use crate::error::DataError;
use crate::synapse::GAINS;

/// Puts the arrays of a safetensors file in place of what `state` holds; what the file lacks stays as it is.
///
/// Arrays of variables that the network does not have are passed over with a warning: so one file starts several rules.
///
/// # Shapes
/// As in `weights.safetensors`: `[post, pre]` of `l1.w`, `[post]` of `l1.bias.w`; 64- or 32-bit floats.
///
/// # Errors
/// Where the file can't be read, an array has another shape or type, a value is not finite, a gain out of
/// [`GAINS`] or a second moment below 0, or nothing fits at all.
pub fn start_from(path: &Path, dynamics: &Dynamics, state: &mut State) -> Result<(), DataError> {
    read(path, dynamics, |range, values| state.values[range].copy_from_slice(values))
}

/// Reads such a file for nothing but its errors.
///
/// # Errors
/// As [`start_from`].
pub fn examine_start(path: &Path, dynamics: &Dynamics) -> Result<(), DataError> {
    read(path, dynamics, |_, _| {})
}

fn read(
    path: &Path,
    dynamics: &Dynamics,
    mut put: impl FnMut(Range<usize>, &[f64]),
) -> Result<(), DataError> {
    let layout = &dynamics.layout;
    let broken =
        |reason: String, remedy: &str| DataError { path: path.to_owned(), reason, remedy: remedy.to_owned() };
    let bytes = std::fs::read(path).map_err(|error| {
        broken(format!("can't be read: {error}"), "give the `weights.safetensors` of a run, or its like")
    })?;
    let file = SafeTensors::deserialize(&bytes).map_err(|error| {
        broken(
            format!("is no safetensors file: {error}"),
            "give the `weights.safetensors` of a run, or its like",
        )
    })?;
    let mut used = Vec::new();
    for (name, shape, range) in arrays(layout) {
        let Ok(tensor) = file.tensor(&name) else { continue };
        if tensor.shape() != shape {
            let reason = format!("`{name}` has shape {:?}, the network's has {shape:?}", tensor.shape());
            return Err(broken(reason, "give arrays [post, pre] of this network's layers"));
        }
        let Some(values) = floats(&tensor) else {
            let reason = format!("`{name}` has type {:?}", tensor.dtype());
            return Err(broken(reason, "save it as 64- or 32-bit floats"));
        };
        // A model's variables are what they are.
        let variable =
            if dynamics.model.is_some() { "" } else { name.rsplit('.').next().unwrap_or_default() };
        let is_good = |value: f64| match variable {
            gain if gain.starts_with("rho") => GAINS.contains(&value),
            moment if moment.starts_with('v') => value.is_finite() && value >= 0.0,
            _ => value.is_finite(),
        };
        if let Some(index) = values.iter().position(|value| !is_good(*value)) {
            let reason = format!("`{name}` holds {:?} at place {index}", values[index]);
            let remedy = "give finite values, gains (rho) from 1e-15 to 1e15, second moments (v) not below 0";
            return Err(broken(reason, remedy));
        }
        put(range, &values);
        used.push(name);
    }
    let known: Vec<_> = arrays(layout).into_iter().map(|(name, ..)| name).collect();
    if used.is_empty() {
        let remedy = format!("its arrays: {}", known.join(", "));
        return Err(broken("has no array of this network".to_owned(), &remedy));
    }
    let unknown: Vec<_> =
        file.names().into_iter().filter(|name| !used.iter().any(|used| used == name)).collect();
    if !unknown.is_empty() {
        let (path, unknown) = (path.display(), unknown.join(", "));
        log::warn!("{path}: {unknown}: not of this network, passed over");
    }
    let missing: Vec<_> = known.into_iter().filter(|name| !used.contains(name)).collect();
    if !missing.is_empty() {
        log::info!("{}: lacks {}, which start as usual", path.display(), missing.join(", "));
    }
    Ok(())
}

/// The values of an array of floats.
fn floats(tensor: &TensorView) -> Option<Vec<f64>> {
    let data = tensor.data();
    match tensor.dtype() {
        Dtype::F64 => Some(data.as_chunks().0.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect()),
        Dtype::F32 => {
            Some(data.as_chunks().0.iter().map(|bytes| f64::from(f32::from_le_bytes(*bytes))).collect())
        }
        _ => None,
    }
}
