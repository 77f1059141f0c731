//! A plain network of the same equations: nested vectors, one function, classical Runge-Kutta.

use super::*;

fn mix(a: &[f64], b: &[f64], s: f64) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| (1.0 - s) * a + s * b).collect()
}

fn logistic(z: f64) -> f64 {
    1.0 / (1.0 + (-z).exp())
}

/// `dy/dt`, everything by the book, in the order of the program's layout.
pub fn derivative(dynamics: &Dynamics, segment: &Segment, t: f64, y: &[f64]) -> Vec<f64> {
    let network = dynamics.network().unwrap();
    let (x0, target) = match &segment.drive {
        Drive::Hold { x, y } => (x.clone(), y.clone()),
        Drive::Fade { x0, x1, y0, y1 } => {
            let s = (t - segment.t0) / (segment.t1 - segment.t0);
            (mix(x0, x1, s), mix(y0, y1, s))
        }
        _ => unreachable!(),
    };
    let get = |block: &str, variable: &str, s: usize| {
        let block = dynamics.layout.block(block).unwrap();
        y[block.range(block.slot(variable).unwrap()).start + s]
    };
    let depth = network.layers.len() - 1;
    let leaky = network.neuron_tau > 0.0;
    let mut net = vec![Vec::new()];
    let mut x = vec![x0];
    for l in 1..=depth {
        let pre = network.layers[l - 1];
        let own = |s: usize| get(&format!("l{l}.neurons"), "z", s);
        let input: Vec<f64> = (0..network.layers[l])
            .map(|i| {
                let bias = get(&format!("l{l}.bias"), "w", i);
                bias + (0..pre).map(|j| get(&format!("l{l}"), "w", i * pre + j) * x[l - 1][j]).sum::<f64>()
            })
            .collect();
        let z = if leaky { (0..input.len()).map(own).collect() } else { input.clone() };
        net.push(input);
        let out = if l < depth {
            z.iter()
                .map(|z| match network.activation {
                    Activation::Tanh => z.tanh(),
                    Activation::Relu => z.max(0.0),
                    Activation::Logistic => logistic(*z),
                    Activation::Linear => *z,
                })
                .collect()
        } else {
            match network.readout {
                Readout::Softmax => {
                    let sum: f64 = z.iter().map(|z| z.exp()).sum();
                    z.iter().map(|z| z.exp() / sum).collect()
                }
                Readout::Logistic => z.iter().map(|z| logistic(*z)).collect(),
                Readout::Linear => z,
            }
        };
        x.push(out);
    }
    let mut delta = vec![Vec::new(); depth + 1];
    // What reaches each error unit, and what it says: the same at once, or its own state.
    let mut arriving = delta.clone();
    arriving[depth] = x[depth].iter().zip(&target).map(|(x, y)| x - y).collect();
    let says = |l: usize, arriving: &Vec<f64>| -> Vec<f64> {
        if !leaky {
            return arriving.clone();
        }
        (0..arriving.len()).map(|s| get(&format!("l{l}.neurons"), "e", s)).collect()
    };
    delta[depth] = says(depth, &arriving[depth]);
    for l in (1..depth).rev() {
        let name = format!("l{}", l + 1);
        let (pre, post) = (network.layers[l], network.layers[l + 1]);
        let w = |s: usize| get(&name, "w", s);
        let size = ((0..pre * post).map(|s| w(s) * w(s)).sum::<f64>() / (pre * post) as f64).sqrt();
        arriving[l] = (0..pre)
            .map(|j| {
                let chain = |b: &dyn Fn(usize) -> f64| -> f64 {
                    (0..post).map(|i| b(i * pre + j) * delta[l + 1][i]).sum()
                };
                match dynamics.feedback.mode {
                    FeedbackMode::Symmetric => chain(&w),
                    FeedbackMode::SignSymmetric => chain(&|s| size * w(s).signum()),
                    FeedbackMode::Direct => {
                        let errors = delta[depth].iter().enumerate();
                        errors.map(|(i, error)| dynamics.direct[l - 1][i * pre + j] * error).sum()
                    }
                    _ => chain(&|s| get(&name, "b", s)),
                }
            })
            .collect();
        delta[l] = says(l, &arriving[l])
            .iter()
            .zip(&x[l])
            .map(|(e, x)| {
                e * match network.activation {
                    Activation::Tanh => 1.0 - x * x,
                    Activation::Relu => f64::from(u8::from(*x > 0.0)),
                    Activation::Logistic => x * (1.0 - x),
                    Activation::Linear => 1.0,
                }
            })
            .collect();
    }
    let (eta, kappa) = (dynamics.synapse.eta, dynamics.synapse.kappa);
    let w_max = match dynamics.synapse.critical_period {
        None => dynamics.synapse.w_max,
        Some(CriticalPeriod { w_start, w_end, tau_age }) => {
            1.0 / (1.0 / w_end + (1.0 / w_start - 1.0 / w_end) * (-t / tau_age).exp())
        }
    };
    let mut out = vec![0.0; y.len()];
    for block in dynamics.layout.blocks.iter().filter(|block| block.is_neurons()) {
        for s in 0..block.post {
            let (z, e) = (block.range(0).start + s, block.range(1).start + s);
            out[z] = (net[block.layer][s] - y[z]) / network.neuron_tau;
            out[e] = (arriving[block.layer][s] - y[e]) / network.neuron_tau;
        }
    }
    for block in dynamics.layout.blocks.iter().filter(|block| !block.is_neurons()) {
        for s in 0..block.synapses() {
            let (i, j) = (s / block.pre, s % block.pre);
            let pre = if block.is_bias() { 1.0 } else { x[block.layer - 1][j] };
            let g = delta[block.layer][i] * pre;
            let at = |slot: usize| block.range(slot).start + s;
            let gain = |kind: Gain, tau_rho: f64, epsilon: f64, rho: f64| match kind {
                Gain::Rms => rho * (1.0 - rho * rho * (g * g + epsilon * epsilon)) / (2.0 * tau_rho),
                Gain::MeanAbs => (1.0 - rho * (g.abs() + epsilon)) / tau_rho,
            };
            let mut local = |first: usize| match dynamics.synapse.rule {
                RuleSpec::BioAdam { gain: kind, tau_m, tau_rho, epsilon } => {
                    let (m, rho) = (y[at(first)], y[at(first + 1)]);
                    out[at(first)] = (g - m) / tau_m;
                    out[at(first + 1)] = gain(kind, tau_rho, epsilon, rho);
                    -eta * rho * m
                }
                RuleSpec::RmsProp { gain: kind, tau_rho, epsilon } => {
                    let rho = y[at(first)];
                    out[at(first)] = gain(kind, tau_rho, epsilon, rho);
                    -eta * rho * g
                }
                RuleSpec::Adam { tau_m, tau_v, epsilon, bias_correction } => {
                    let (m, v) = (y[at(first)], y[at(first + 1)]);
                    out[at(first)] = (g - m) / tau_m;
                    out[at(first + 1)] = (g * g - v) / tau_v;
                    match (bias_correction, t > 0.0) {
                        (true, false) => -eta * g / (g.abs() + epsilon),
                        (true, true) => {
                            let (m, v) = (m / (1.0 - (-t / tau_m).exp()), v / (1.0 - (-t / tau_v).exp()));
                            -eta * m / (v.sqrt() + epsilon)
                        }
                        (false, _) => -eta * m / (v.sqrt() + epsilon),
                    }
                }
                RuleSpec::Momentum { tau_m } => {
                    let m = y[at(first)];
                    out[at(first)] = (g - m) / tau_m;
                    -eta * m
                }
                RuleSpec::Sgd => -eta * g,
                RuleSpec::Model => unreachable!("no text is integrated here"),
            };
            let u = local(1);
            let growth = match &dynamics.scaling {
                Some(scaling) if !block.is_bias() => {
                    let row = (0..block.pre).map(|j| y[block.range(0).start + i * block.pre + j]);
                    let norm = row.map(|w| w * w).sum::<f64>().sqrt();
                    (1.0 - norm / scaling.norms[block.layer - 1][i]).max(0.0) / scaling.tau
                }
                _ => 0.0,
            };
            let soft = |u: f64, w: f64, bound: f64| u - u.abs() * w / bound - kappa * w + growth * w;
            if let Some(slot) = block.slot("b") {
                let u_b = if dynamics.feedback.has_own_traces() { local(slot + 1) } else { u };
                out[at(slot)] = match dynamics.feedback.mode {
                    FeedbackMode::Predisposition => soft(u_b, y[at(slot)], w_max),
                    FeedbackMode::KolenPollack => soft(u_b, y[at(slot)], f64::INFINITY),
                    _ => 0.0,
                };
            }
            out[at(0)] = soft(u, y[at(0)], w_max);
        }
    }
    out
}

pub fn integrate(dynamics: &Dynamics, start: &State, segments: &[Segment], h: f64) -> State {
    let mut y = start.values.clone();
    for segment in segments {
        let n = ((segment.t1 - segment.t0) / h).ceil().max(1.0);
        let h = (segment.t1 - segment.t0) / n;
        for k in 0..n as u32 {
            let t = segment.t0 + h * f64::from(k);
            let add = |y: &[f64], d: &[f64], f: f64| -> Vec<f64> {
                y.iter().zip(d).map(|(y, d)| y + f * d).collect()
            };
            let k1 = derivative(dynamics, segment, t, &y);
            let k2 = derivative(dynamics, segment, t + h / 2.0, &add(&y, &k1, h / 2.0));
            let k3 = derivative(dynamics, segment, t + h / 2.0, &add(&y, &k2, h / 2.0));
            let k4 = derivative(dynamics, segment, t + h, &add(&y, &k3, h));
            for (s, y) in y.iter_mut().enumerate() {
                *y += h / 6.0 * (k1[s] + 2.0 * k2[s] + 2.0 * k3[s] + k4[s]);
            }
        }
    }
    State { t: segments.last().unwrap().t1, values: y }
}
