//! Test problems and an independent reference.

use rand::{RngExt, SeedableRng};

use crate::dynamics::{Dynamics, Source, State};
use crate::network::{Activation, Architecture, Readout};
use crate::solver::exponential::{Exponential, ExponentialOptions, Order};
use crate::solver::{AbsoluteTolerance, Integrator};
use crate::stream::{Drive, Segment};
use crate::synapse::{
    Coordinate, CriticalPeriod, Feedback, FeedbackMode, Gain, Mirror, RuleName, RuleSpec, Synapse, Traces,
};

/// What varies from problem to problem.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    pub rule: RuleName,
    pub period: Option<CriticalPeriod>,
    /// Whether Adam corrects its moments for their start.
    pub corrected: bool,
    pub mode: FeedbackMode,
    pub traces: Traces,
    pub gain: Gain,
    pub readout: Readout,
    pub activation: Activation,
    pub kappa: f64,
    pub w_max: f64,
    pub fade: bool,
    /// Time constant of neurons and error units, s.
    pub tau: f64,
    /// Time constant of synaptic scaling towards norms that are larger than those of the start, s.
    pub scaling: Option<f64>,
}

impl Default for Setting {
    fn default() -> Self {
        Self {
            rule: RuleName::BioAdam,
            corrected: false,
            period: None,
            mode: FeedbackMode::Predisposition,
            traces: Traces::Shared,
            gain: Gain::Rms,
            readout: Readout::Softmax,
            activation: Activation::Tanh,
            kappa: 0.0,
            w_max: 1.0,
            fade: false,
            tau: 0.0,
            scaling: None,
        }
    }
}

/// A small network with its initial state and a few presentations, some inputs silent.
pub struct Problem {
    pub dynamics: Dynamics,
    pub initial: State,
    pub segments: Vec<Segment>,
}

pub fn network(setting: &Setting, layers: &[usize], presentations: usize) -> Problem {
    let mut rng = rand_pcg::Pcg64::seed_from_u64(5);
    let architecture = Architecture {
        layers: layers.to_vec(),
        activation: setting.activation,
        readout: setting.readout,
        bias: true,
        weight_scale: 1.0,
        neuron_tau: setting.tau,
        scaling_tau: None,
    };
    let tau_rho = if setting.gain == Gain::Rms { 20.0 } else { 2.0 };
    let (gain, tau_m, epsilon, bias_correction) = (setting.gain, 1.0, 1e-2, setting.corrected);
    let rule = match setting.rule {
        RuleName::Adam => RuleSpec::Adam { tau_m, tau_v: tau_rho, epsilon, bias_correction },
        RuleName::Rmsprop => RuleSpec::RmsProp { gain, tau_rho, epsilon },
        RuleName::Momentum => RuleSpec::Momentum { tau_m },
        RuleName::Sgd => RuleSpec::Sgd,
        _ => RuleSpec::BioAdam { gain, tau_m, tau_rho, epsilon },
    };
    let synapse = Synapse {
        rule,
        eta: 0.1,
        w_max: setting.w_max,
        critical_period: setting.period,
        kappa: setting.kappa,
        m0: 0.0,
        rho0: 5.0,
    };
    let feedback = Feedback {
        mode: setting.mode,
        traces: setting.traces,
        m0: 0.0,
        rho0: 5.0,
        mirror: Mirror::default(),
    };
    let coordinate = if setting.gain == Gain::Rms { Coordinate::V } else { Coordinate::Rho };
    let direct = (1..layers.len() - 1).map(|l| {
        let values = 0..layers[l] * layers[layers.len() - 1];
        values.map(|_| 2.0 * rng.random::<f64>() - 1.0).collect()
    });
    let direct = if setting.mode == FeedbackMode::Direct { direct.collect() } else { Vec::new() };
    let mut dynamics =
        Dynamics::new(Source::Network(architecture), synapse, feedback, coordinate).with_direct(direct);
    let mut values = vec![0.0; dynamics.layout.len()];
    // All else is the same with and without leaky units.
    let mut of_units = rand_pcg::Pcg64::seed_from_u64(6);
    for block in &dynamics.layout.blocks {
        for (slot, variable) in block.variables.iter().enumerate() {
            for value in &mut values[block.range(slot)] {
                *value = match *variable {
                    "w" | "b" => 0.5 * (2.0 * rng.random::<f64>() - 1.0),
                    "m" | "m_b" | "v" | "v_b" if setting.corrected => 0.0,
                    "v" | "v_b" => 0.01 * (1.0 + rng.random::<f64>()),
                    "z" | "e" => 0.3 * (2.0 * of_units.random::<f64>() - 1.0),
                    "m" | "m_b" => 0.02 * (2.0 * rng.random::<f64>() - 1.0),
                    _ => 5.0 + 2.0 * rng.random::<f64>(),
                };
            }
        }
    }
    let (pre, post) = (layers[0], layers[layers.len() - 1]);
    let mut sample = || {
        let x: Vec<f64> =
            (0..pre).map(|_| if rng.random::<f64>() < 0.5 { 0.0 } else { rng.random::<f64>() }).collect();
        let mut y = vec![0.0; post];
        y[(rng.random::<f64>() * post as f64) as usize] = 1.0;
        (x, y)
    };
    let length = 0.5;
    let mut segments = Vec::new();
    let mut last = sample();
    for k in 0..presentations {
        let (x, y) = sample();
        let start = k as f64 * length;
        let corner = if setting.fade && k > 0 { start + 0.3 * length } else { start };
        let end = (k + 1) as f64 * length;
        let segment = |t0, t1, drive| Segment {
            t0,
            t1,
            presentation: k as u64,
            epoch: 0,
            starts: t0 == start,
            ends: t1 == end,
            drive,
        };
        if corner > start {
            let (x0, y0) = last.clone();
            segments.push(segment(start, corner, Drive::Fade { x0, x1: x.clone(), y0, y1: y.clone() }));
        }
        segments.push(segment(corner, end, Drive::Hold { x: x.clone(), y: y.clone() }));
        last = (x, y);
    }
    let initial = State { t: 0.0, values };
    if let Some(tau) = setting.scaling {
        dynamics = dynamics.with_scaling(tau, &initial);
        let norms = dynamics.scaling.iter_mut().flat_map(|scaling| scaling.norms.iter_mut().flatten());
        norms.for_each(|norm| *norm *= 1.2);
    }
    Problem { dynamics, initial, segments }
}

/// Options that do all that is asked for, at one tolerance.
pub fn options(rtol: f64) -> ExponentialOptions {
    let a = rtol * 1e-2;
    let atol = AbsoluteTolerance { w: a, m: a, rho: a, v: a, b: a, z: a };
    ExponentialOptions { rtol, atol, threads: 1, ..ExponentialOptions::default() }
}

impl Problem {
    /// The same with a phase of noise in a hidden layer before each presentation, in turn.
    pub fn with_phases(mut self, hidden: &[usize]) -> Self {
        let mut rng = rand_pcg::Pcg64::seed_from_u64(9);
        let (length, mut late, mut phases) = (0.3, 0.0, 0);
        let mut segments = Vec::new();
        for segment in self.segments {
            if segment.starts {
                let layer = phases % hidden.len() + 1;
                let x = (0..hidden[layer - 1]).map(|_| 2.0 * rng.random::<f64>() - 1.0).collect();
                let (t0, drive) = (segment.t0 + late, Drive::Mirror { layer, x });
                phases += 1;
                late += length;
                segments.push(Segment { t0, t1: segment.t0 + late, starts: false, drive, ..segment });
            }
            segments.push(Segment { t0: segment.t0 + late, t1: segment.t1 + late, ..segment });
        }
        self.segments = segments;
        self
    }

    pub fn solve(&self, options: &ExponentialOptions) -> (State, crate::solver::Statistics) {
        let mut engine = Exponential::new(self.dynamics.clone(), &self.initial, options).unwrap();
        for segment in &self.segments {
            engine.begin(segment).unwrap();
            engine.advance(&[], &mut |_| {}).unwrap();
        }
        (engine.state(), engine.statistics())
    }

    /// Classical Runge-Kutta of order 4 with `n` steps a segment.
    pub fn reference(&self, n: usize) -> State {
        let mut y = self.initial.values.clone();
        self.dynamics.integrated(&mut y);
        let mut workspace = self.dynamics.workspace();
        let len = y.len();
        let (mut k, mut trial) = (vec![vec![0.0; len]; 4], vec![0.0; len]);
        for segment in &self.segments {
            let h = (segment.t1 - segment.t0) / n as f64;
            for i in 0..n {
                let t = segment.t0 + h * i as f64;
                for (stage, c) in [0.0, 0.5, 0.5, 1.0].into_iter().enumerate() {
                    trial.copy_from_slice(&y);
                    if stage > 0 {
                        trial.iter_mut().zip(&k[stage - 1]).for_each(|(to, k)| *to += c * h * k);
                    }
                    let mut dydt = std::mem::take(&mut k[stage]);
                    self.dynamics.derivative(segment, t + c * h, &trial, &mut dydt, &mut workspace);
                    k[stage] = dydt;
                }
                for j in 0..len {
                    y[j] += h / 6.0 * (k[0][j] + 2.0 * k[1][j] + 2.0 * k[2][j] + k[3][j]);
                }
            }
        }
        self.dynamics.own(&mut y);
        State { t: self.segments.last().map_or(0.0, |segment| segment.t1), values: y }
    }

    /// Largest error of a variable relative to its largest value.
    pub fn error(&self, variable: &str, found: &State, expected: &State) -> f64 {
        let (mut error, mut size): (f64, f64) = (0.0, 1e-300);
        for block in &self.dynamics.layout.blocks {
            let Some(slot) = block.slot(variable) else { continue };
            for index in block.range(slot) {
                error = error.max((found.values[index] - expected.values[index]).abs());
                size = size.max(expected.values[index].abs());
            }
        }
        error / size
    }

    pub fn errors(&self, found: &State, expected: &State) -> Vec<(&'static str, f64)> {
        ["w", "m", "rho", "b", "m_b", "rho_b", "z", "e"]
            .map(|name| (name, self.error(name, found, expected)))
            .to_vec()
    }

    /// `n` equal steps a segment, whatever the error.
    pub fn fixed(&self, order: Order, n: u32) -> State {
        let huge = AbsoluteTolerance { w: 1e300, m: 1e300, rho: 1e300, v: 1e300, b: 1e300, z: 1e300 };
        let options = ExponentialOptions {
            order,
            atol: huge,
            rtol: 0.5,
            threads: 1,
            skip_silent: false,
            ..Default::default()
        };
        let mut engine = Exponential::new(self.dynamics.clone(), &self.initial, &options).unwrap();
        for segment in &self.segments {
            for k in 0..n {
                let part = part(segment, f64::from(k) / f64::from(n), f64::from(k + 1) / f64::from(n));
                engine.begin(&part).unwrap();
                engine.advance(&[], &mut |_| {}).unwrap();
            }
        }
        assert_eq!(engine.statistics().steps, u64::from(n) * self.segments.len() as u64);
        engine.state()
    }
}

/// A segment from its start to `t`.
pub fn cut(segment: &Segment, t: f64) -> Segment {
    part(segment, 0.0, segment.fraction(t))
}

/// A part of a segment.
fn part(segment: &Segment, from: f64, to: f64) -> Segment {
    let at = |s: f64| segment.t0 + s * (segment.t1 - segment.t0);
    let mix =
        |a: &[f64], b: &[f64], s: f64| a.iter().zip(b).map(|(a, b)| a + (b - a) * s).collect::<Vec<_>>();
    let drive = match &segment.drive {
        Drive::Fade { x0, x1, y0, y1 } => Drive::Fade {
            x0: mix(x0, x1, from),
            x1: mix(x0, x1, to),
            y0: mix(y0, y1, from),
            y1: mix(y0, y1, to),
        },
        other => other.clone(),
    };
    Segment { t0: at(from), t1: at(to), drive, ..segment.clone() }
}
