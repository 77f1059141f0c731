//! The engine against a plain Runge-Kutta integration of the right-hand side, and against the equations' identities.
#![allow(clippy::unwrap_used)]

mod agreement;
mod contraction;
mod hot;
mod identities;
mod leak;
mod leaky;
mod loops;
mod mirror;
mod problem;
mod protocol;
mod sameness;
mod scaling;
mod short;
mod silence;
pub mod vectors;
mod worst;
