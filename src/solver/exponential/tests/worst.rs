//! The error estimate in vectors against a plain evaluation, one unit after the other.

use super::vectors::available;
use crate::solver::AbsoluteTolerance;
use crate::solver::exponential::error_norm::{HOT, LayerError, LayerSize};
use crate::solver::exponential::rule::{Constants, Scale};
use crate::synapse::{Gain, RuleSpec, Synapse};

/// A layer of 37 units, which fill no whole number of vectors, of which unit 29 is the worst.
fn layer(risk: &[Vec<f64>; 2]) -> LayerError<'_> {
    let size = LayerSize { synapses: 370.0, w: 0.1, w_top: 0.3, m: 1e-3, m_top: 2e-3 };
    let mut error: Vec<f64> = (0..37).map(|i| 1e-6 * f64::from(1 + i * 7 % 11)).collect();
    error[29] = 1e-3;
    LayerError {
        error,
        delta: (0..37).map(|i| 0.01 * f64::from(1 + i % 5)).collect(),
        quartic: (0..37).map(|i| 1e-8 * f64::from(1 + i % 7)).collect(),
        reach: (4.0, 1.0),
        risk,
        size,
        change: 0.0,
        growing: None,
        factor: 1.0,
        span: 0.1,
        gained: [0.1, 0.01],
    }
}

fn constants(gain: Gain) -> Constants {
    let rule = RuleSpec::BioAdam { gain, tau_m: 1.0, tau_rho: 100.0, epsilon: 1e-3 };
    let synapse =
        Synapse { rule, eta: 0.01, w_max: 1.0, critical_period: None, kappa: 0.0, m0: 0.0, rho0: 1.0 };
    Constants::new(&synapse, None, 1e-4)
}

/// The greatest of the parts, one unit after the other.
fn plainly(layer: &LayerError, constants: &Constants, atol: &AbsoluteTolerance, h: f64) -> f64 {
    let LayerError { error, delta, quartic, reach, risk: [sums, tops], size, gained: [by_m, by_v], .. } =
        layer;
    let (n, by_w) = (size.synapses.sqrt(), constants.eta * h * 0.5 * by_m);
    let norm = |of: &dyn Fn(usize) -> f64| (0..error.len()).map(|i| of(i).powi(2)).sum::<f64>().sqrt();
    let total = norm(&|i| error[i]) * reach.0.sqrt() / n;
    let m_scale = size.m.max(by_m * norm(&|i| delta[i]) * reach.0.sqrt() / n);
    let is_rms = constants.scale == Scale::Rms;
    let w = by_w * norm(&|i| error[i] * sums[i].sqrt()) / n / (atol.w + 1e-4 * size.w);
    let m = by_m * total / (atol.m + 1e-4 * m_scale);
    let gains = norm(&|i| (delta[i] * error[i] + quartic[i]) * (sums[i] * tops[i]).sqrt()) / n;
    let mut most = w.max(m).max(by_v * if is_rms { gains } else { total } / 1e-4);
    for i in 0..error.len() {
        let w = by_w * error[i] * tops[i].sqrt() / (atol.w + 1e-4 * size.w_top);
        let m = by_m * error[i] * reach.1 / (atol.m + 1e-4 * size.m_top.max(m_scale));
        let rho = if is_rms { (delta[i] * error[i] + quartic[i]) * tops[i] } else { error[i] * reach.1 };
        let rho = by_v * rho / (HOT * 1e-4);
        most = most.max(w).max(m).max(rho);
    }
    most
}

#[test]
fn the_worst_unit_is_found_in_vectors_as_it_is_one_by_one() {
    let atol = AbsoluteTolerance::default();
    for gain in [Gain::Rms, Gain::MeanAbs] {
        // Where the hottest gain counts most, and where the trace does.
        for heat in [1e-6, 1e4] {
            let top: Vec<f64> = (0..37).map(|i| heat * f64::from(1 + i % 3)).collect();
            let risk = [top.iter().map(|top| 5.0 * top).collect(), top];
            let (layer, constants) = (layer(&risk), constants(gain));
            let expected = plainly(&layer, &constants, &atol, 0.1);
            for (name, arch) in available() {
                let found = layer.worst(arch, &constants, &atol, 0.1);
                let off = (found.error / expected - 1.0).abs();
                assert!(off < 1e-13, "{gain:?} with {name}: {found:?}, not {expected}");
                assert_eq!(found.post, 29, "{gain:?} with {name}, risk {heat}: {found:?}");
            }
        }
    }
}

#[test]
fn no_number_is_the_worst_error() {
    let risk = [vec![5.0; 37], vec![1.0; 37]];
    for (name, arch) in available() {
        let mut layer = layer(&risk);
        layer.error[34] = f64::NAN;
        let found = layer.worst(arch, &constants(Gain::Rms), &AbsoluteTolerance::default(), 0.1);
        assert!(found.error.is_nan() && found.post == 34, "{name}: {found:?}");
    }
}
