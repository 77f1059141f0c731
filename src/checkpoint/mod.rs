//! Checkpoints: the whole state of a run on the disk, so that whatever ends it early costs little.
//!
//! A checkpoint is taken at a breakpoint, where every solver starts afresh from the state, a step size and nothing
//! else: taking one changes no bit of what follows, and neither does going on from it. It is an [`Archive`] of named
//! arrays in one of two files that take turns ([`Store`]); a [`Keeper`] says when.
//!
//! After the example of GROMACS (`mdrun -cpi`, `-maxh`) and LAMMPS (two restart files in turn).

mod archive;
mod identity;
mod keeper;
mod store;

pub use archive::Archive;
pub(crate) use archive::hexadecimal;
pub use identity::Identity;
pub use keeper::{Keeper, Moment, Rhythm};
pub use store::Store;
pub(crate) use store::paths;
