//! Machine code for a block of synapses, by `DiffSL`'s compiler with its cranelift back end.

use diffsl::Compiler;
use diffsl::execution::compiler::{CompilerMode, CompilerOptions};

use super::tree::Fault;
use super::{Model, block};

/// The rates of `n` synapses at once.
pub(super) struct Kernel {
    compiler: Compiler<diffsl::CraneliftJitModule, f64>,
    /// Synapses.
    pub n: usize,
    /// Values of one evaluation: variables and inputs, each `n` times.
    len: usize,
    /// The compiled code's own memory with its constants set, to be copied by each thread.
    data: Vec<f64>,
}

/// Memory for evaluations in one thread.
#[derive(Clone, Debug, Default)]
pub(super) struct Scratch {
    /// Variables, then inputs; what an evaluation reads.
    pub y: Vec<f64>,
    /// Their tangents.
    pub dy: Vec<f64>,
    /// The rates; what an evaluation writes.
    pub rates: Vec<f64>,
    /// The rates' tangents.
    pub drates: Vec<f64>,
    data: Vec<f64>,
    ddata: Vec<f64>,
}

impl Kernel {
    /// Compiles the variables `kept` of `model` for blocks of `n` synapses.
    pub fn new(model: &Model, kept: &[usize], n: usize) -> Result<Self, Fault> {
        let text = block::text(model, kept, n);
        let mode = CompilerMode::SingleThreaded;
        let options = CompilerOptions { mode, debug: false, constants_use_jit: true };
        let compiler = Compiler::from_discrete_str(&text, options).map_err(|error| {
            let message = error.to_string();
            let first = message.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
            // The positions in this message are those of the text for many synapses.
            let reason = first.rsplit_once("Error: ").map_or(first, |(_, reason)| reason);
            Fault::whole(format!("DiffSL can't compile it: {reason}"), "write the expressions in another way")
        })?;
        let len = (kept.len() + model.inputs.len()) * n;
        let mut data = compiler.get_new_data();
        compiler.set_inputs(&[], &mut data, 0);
        let mut start = vec![0.0; len];
        compiler.set_u0(&mut start, &mut data);
        Ok(Self { compiler, n, len, data })
    }

    /// Memory for evaluations.
    pub fn scratch(&self) -> Scratch {
        Scratch {
            y: vec![0.0; self.len],
            dy: vec![0.0; self.len],
            rates: vec![0.0; self.len],
            drates: vec![0.0; self.len],
            ddata: vec![0.0; self.data.len()],
            data: self.data.clone(),
        }
    }

    /// Fills the rates at time `t`.
    pub fn rates(&self, t: f64, scratch: &mut Scratch) {
        self.compiler.rhs(t, &scratch.y, &mut scratch.data, &mut scratch.rates);
    }

    /// Fills the rates' tangents, once [`Kernel::rates`] has filled the rates.
    pub fn tangents(&self, t: f64, scratch: &mut Scratch) {
        let Scratch { y, dy, rates, drates, data, ddata } = scratch;
        self.compiler.rhs_grad(t, y, dy, data, ddata, rates, drates);
    }
}
