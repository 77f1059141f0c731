//! Synaptic dynamics as ordinary differential equations.
//!
//! # Map of the house
//! An experiment flows one way: arguments ([`cli`]) to a validated [`config::Experiment`], to a
//! [`simulation`], to a run directory ([`record`]), to figures ([`figure`]).
//!
//! - [`synapse`]: the local dynamics, one file a rule; [`model`]: local dynamics as text, compiled when a run starts;
//! - [`network`]: activities forward, errors backward;
//! - [`stream`]: data sets, protocols, and the schedule in time;
//! - [`layout`] and [`dynamics`]: where each variable lives, and the right-hand side of the whole system;
//! - [`solver`]: the integrators;
//! - [`checkpoint`]: the whole state on the disk, to go on from.
//!
//! [`compare`] lets variations of an experiment run side by side and says how they differ.

pub mod checkpoint;
pub mod cli;
pub mod cmd;
pub mod compare;
pub mod config;
pub mod dynamics;
pub mod error;
pub mod figure;
#[cfg(fuzzing)]
pub mod fuzzing;
pub mod layout;
pub mod model;
pub mod network;
pub mod record;
pub mod runner;
pub mod simulation;
pub mod solver;
pub mod stream;
pub mod synapse;
