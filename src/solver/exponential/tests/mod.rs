//! The engine against a plain Runge-Kutta integration of the right-hand side, and against the equations' identities.
#![allow(clippy::unwrap_used)]

mod agreement;
mod identities;
mod problem;
mod sameness;
pub mod vectors;
