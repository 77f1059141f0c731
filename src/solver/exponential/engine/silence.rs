//! Which inputs are silent over a segment, and since when: where one wakes, a gap ends.

use pulp::{Arch, Simd, WithSimd};

use crate::stream::Drive;

/// Inputs that are looked at together.
const AT_ONCE: usize = 8;

/// The inputs of a network, as far as they are silent; none where no synapses are left behind.
#[derive(Clone, Debug)]
pub(in super::super) struct Silence {
    /// Whether each input is other than zero at any time of the segment.
    pub awake: Vec<bool>,
    /// Room for the same of the next segment.
    wakes: Vec<bool>,
    /// For one that is silent: when it fell so, s.
    since: Vec<f64>,
    /// The same for those that wake with the segment.
    pub ended: Vec<f64>,
}

impl Silence {
    /// That of `n` inputs, which are awake at time `t`.
    #[must_use]
    pub fn new(n: usize, t: f64) -> Self {
        Self { awake: vec![true; n], wakes: Vec::new(), since: vec![t; n], ended: Vec::new() }
    }

    /// Goes on to a segment that begins at `t`.
    pub fn enter(&mut self, arch: Arch, drive: &Drive, t: f64) {
        let mut wakes = std::mem::take(&mut self.wakes);
        wakes.resize(self.awake.len(), true);
        match drive {
            Drive::Hold { x, .. } => arch.dispatch(Speaking { x: [x, x], to: &mut wakes }),
            Drive::Fade { x0, x1, .. } => arch.dispatch(Speaking { x: [x0, x1], to: &mut wakes }),
            // Nothing is left behind in a phase in which all but a few weights rest.
            Drive::Mirror { .. } => wakes.fill(true),
            Drive::Linear { .. } | Drive::Sine { .. } | Drive::Activities { .. } => return,
        }
        let Self { awake, since, ended, .. } = self;
        ended.clear();
        // Some at once: most do not wake.
        let (some, rest) = (awake.as_chunks::<AT_ONCE>(), wakes.as_chunks::<AT_ONCE>());
        for ((awake, wakes), since) in some.0.iter().zip(rest.0).zip(since.as_chunks::<AT_ONCE>().0) {
            if awake != wakes {
                arise(awake, wakes, since, ended);
            }
        }
        arise(some.1, rest.1, since.as_chunks::<AT_ONCE>().1, ended);
        arch.dispatch(Falling { awake, t, since });
        self.wakes = std::mem::replace(awake, wakes);
    }

    /// Goes to a state at `t` in which no synapses are behind.
    pub fn restart(&mut self, t: f64) {
        self.since.fill(t);
    }

    /// Goes to a state at `t` in which the synapses of inputs have reached the times that come with these.
    pub fn restore(&mut self, t: f64, clocks: impl Iterator<Item = (usize, f64)>) {
        for (input, clock) in clocks {
            (self.awake[input], self.since[input]) = (clock == t, clock);
        }
    }
}

/// Notes since when those inputs were silent that wake.
fn arise(awake: &[bool], wakes: &[bool], since: &[f64], ended: &mut Vec<f64>) {
    let fresh = awake.iter().zip(wakes).zip(since).filter(|((awake, wakes), _)| !**awake && **wakes);
    ended.extend(fresh.map(|(_, since)| *since));
}

/// Finds the inputs that are other than zero at one of two times.
struct Speaking<'a> {
    x: [&'a [f64]; 2],
    to: &'a mut [bool],
}

impl WithSimd for Speaking<'_> {
    type Output = ();
    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for ((to, x0), x1) in self.to.iter_mut().zip(self.x[0]).zip(self.x[1]) {
            *to = x0.abs() + x1.abs() != 0.0;
        }
    }
}

/// Inputs that were awake up to `t` have been silent since then, if they are.
struct Falling<'a> {
    awake: &'a [bool],
    t: f64,
    since: &'a mut [f64],
}

impl WithSimd for Falling<'_> {
    type Output = ();
    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for (since, awake) in self.since.iter_mut().zip(self.awake) {
            *since = if *awake { self.t } else { *since };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hold<const N: usize>(x: [f64; N]) -> Drive {
        Drive::Hold { x: x.to_vec(), y: Vec::new() }
    }

    #[test]
    fn gaps_begin_where_an_input_fell_silent() {
        let mut silence = Silence::new(3, 0.0);
        silence.enter(Arch::new(), &hold([1.0, 0.0, -1.0]), 0.0);
        assert!(silence.ended.is_empty(), "nothing was behind at the start");
        silence.enter(Arch::new(), &hold([1.0, 1.0, 0.0]), 1.0);
        assert_eq!(
            (silence.ended.as_slice(), silence.awake.as_slice()),
            (&[0.0][..], &[true, true, false][..])
        );
        silence.enter(Arch::new(), &hold([0.0, 0.0, 0.0]), 2.0);
        assert!(silence.ended.is_empty());
        let mut restored = Silence::new(3, 0.0);
        restored.restore(2.5, [2.0, 2.0, 1.0].into_iter().enumerate());
        for silence in [&mut silence, &mut restored] {
            let fade = |x0: &[f64], x1: &[f64]| Drive::Fade {
                x0: x0.to_vec(),
                x1: x1.to_vec(),
                y0: Vec::new(),
                y1: Vec::new(),
            };
            silence.enter(Arch::new(), &fade(&[0.0, 0.0, 0.0], &[1.0, 0.0, 1.0]), 3.0);
            assert_eq!(silence.ended, [2.0, 1.0]);
            silence.enter(Arch::new(), &Drive::Mirror { layer: 1, x: Vec::new() }, 4.0);
            assert_eq!(silence.ended, [2.0]);
        }
    }

    /// One among those that are looked at together, and one after them.
    #[test]
    fn an_input_wakes_alone() {
        let mut silence = Silence::new(11, 0.0);
        let mut x = [1.0; 11];
        for (t, input, value) in [(1.0, 2, 0.0), (2.0, 9, 0.0), (3.0, 2, 1.0), (4.0, 9, 1.0)] {
            x[input] = value;
            silence.enter(Arch::new(), &hold(x), t);
            let expected = if t > 2.0 { vec![t - 2.0] } else { Vec::new() };
            assert_eq!(silence.ended, expected, "at {t} s");
            assert!(silence.awake.iter().zip(x).all(|(awake, x)| *awake == (x != 0.0)), "at {t} s");
        }
    }
}
