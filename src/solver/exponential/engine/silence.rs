//! Which inputs are silent over a segment, and since when: where one wakes, a gap ends.

use std::iter::repeat;

use crate::stream::Drive;

/// The inputs of a network, as far as they are silent.
#[derive(Clone, Debug)]
pub(in super::super) struct Silence {
    /// Whether each input is other than zero at any time of the segment.
    pub awake: Vec<bool>,
    /// For one that is silent: when it fell so, s.
    since: Vec<f64>,
    /// The same for those that wake with the segment.
    pub ended: Vec<f64>,
}

impl Silence {
    /// That of `n` inputs, which are awake at time `t`.
    #[must_use]
    pub fn new(n: usize, t: f64) -> Self {
        Self { awake: vec![true; n], since: vec![t; n], ended: Vec::new() }
    }

    /// Goes on to a segment that begins at `t`.
    pub fn enter(&mut self, drive: &Drive, t: f64) {
        match drive {
            Drive::Hold { x, .. } => self.go_on(t, x.iter().map(|x| *x != 0.0)),
            Drive::Fade { x0, x1, .. } => {
                self.go_on(t, x0.iter().zip(x1).map(|(a, b)| *a != 0.0 || *b != 0.0));
            }
            // Nothing is left behind in a phase in which all but a few weights rest.
            Drive::Mirror { .. } => self.go_on(t, repeat(true)),
            Drive::Linear { .. } | Drive::Sine { .. } | Drive::Activities { .. } => {}
        }
    }

    fn go_on(&mut self, t: f64, wakes: impl Iterator<Item = bool>) {
        let Self { awake, since, ended } = self;
        ended.resize(awake.len(), t);
        let mut count = 0;
        // Without a branch: which inputs wake can't be foreseen.
        for ((awake, since), wakes) in awake.iter_mut().zip(since).zip(wakes) {
            ended[count] = *since;
            count += usize::from(wakes) * usize::from(!*awake);
            *since = if *awake { t } else { *since };
            *awake = wakes;
        }
        ended.truncate(count);
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

#[cfg(test)]
mod tests {
    use super::*;

    fn hold(x: [f64; 3]) -> Drive {
        Drive::Hold { x: x.to_vec(), y: Vec::new() }
    }

    #[test]
    fn gaps_begin_where_an_input_fell_silent() {
        let mut silence = Silence::new(3, 0.0);
        silence.enter(&hold([1.0, 0.0, -1.0]), 0.0);
        assert!(silence.ended.is_empty(), "nothing was behind at the start");
        silence.enter(&hold([1.0, 1.0, 0.0]), 1.0);
        assert_eq!(
            (silence.ended.as_slice(), silence.awake.as_slice()),
            (&[0.0][..], &[true, true, false][..])
        );
        silence.enter(&hold([0.0, 0.0, 0.0]), 2.0);
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
            silence.enter(&fade(&[0.0, 0.0, 0.0], &[1.0, 0.0, 1.0]), 3.0);
            assert_eq!(silence.ended, [2.0, 1.0]);
            silence.enter(&Drive::Mirror { layer: 1, x: Vec::new() }, 4.0);
            assert_eq!(silence.ended, [2.0]);
        }
    }
}
