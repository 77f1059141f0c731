//! The step itself, in place.

use std::hint::black_box;

use pulp::{NullaryFnOnce, Simd};

use super::super::cell::{Cell, Kind, load_from, row_mut, store};
use super::super::common::Step;
use super::super::factors::Factors;
use super::super::gain::{Nodes, Push};
use super::super::gap::catch_up;
use super::super::lane::Lane;
use super::super::pack::{Pack, apart};
use super::super::pass::Job;
use super::super::shard::{Shard, Size};
use super::super::sight::{Errors, activities, sent};
use super::{FLAGS, flagged};

/// A whole step whatever the synapse.
struct Anyhow<'a, P> {
    kind: Kind,
    factors: &'a Factors,
    push: Push<P>,
    cell: Cell<P>,
}

impl<S: Simd, T: Lane> NullaryFnOnce for Anyhow<'_, Pack<S, T>> {
    type Output = Cell<Pack<S, T>>;
    #[inline(always)]
    fn call(self) -> Self::Output {
        self.kind.step(self.factors, &self.push, self.cell)
    }
}

/// Sizes of a row's weights and traces.
#[inline(always)]
fn measure<S: Simd, T: Lane>(simd: S, w: &[T::Vector<S>], m: &[T::Vector<S>]) -> Size {
    let zero = Pack::<S, T>::splat(simd, T::default());
    let (mut w2, mut w_top, mut m2, mut m_top) = (zero, zero, zero, zero);
    for (w, m) in w.iter().zip(m) {
        let (w, m) = (Pack::new(simd, *w), Pack::new(simd, *m));
        (w2, w_top) = (w.mul_add(w, w2), w_top.max(w.abs()));
        (m2, m_top) = (m.mul_add(m, m2), m_top.max(m.abs()));
    }
    Size { w2: w2.sum().to_f64(), w: w_top.most().to_f64(), m2: m2.sum().to_f64(), m: m_top.most().to_f64() }
}

/// What pushes the synapses number `k` of a row over the step: on `m` and on `v`, in the middle and at the end.
#[inline(always)]
fn pushed<S: Simd, T: Lane, const STEADY: bool>(
    shared: &Step<T>,
    errors: &Errors<S, T>,
    x: &Nodes<Pack<S, T>>,
    row: [[Pack<S, T>; 2]; 2],
    k: usize,
) -> [[Pack<S, T>; 2]; 2] {
    let simd = x[0].simd();
    if STEADY { shared.steady(row, errors.course(simd, k)) } else { shared.moving(errors.g(simd, x, k)) }
}

/// Takes the step.
#[inline(always)]
pub fn advance<S: Simd, T: Lane, const STEADY: bool, const LEARNS: bool>(
    simd: S,
    job: &Job<T>,
    shard: &mut Shard<T>,
) {
    let seen = &job.seen[shard.layer];
    let n = T::vectors::<S>(&seen.push[0]).len();
    let errors = Errors::<S, T>::new(seen, n, STEADY);
    let shared = &Step::<T>::new(&job.constants, &job.factors, LEARNS);
    let shared = black_box(shared);
    let kind = Kind::new(&job.constants, LEARNS, false);
    let zero = Pack::splat(simd, T::default());
    for r in 0..shard.rows.len() {
        if !job.is_awake(shard, r) {
            continue;
        }
        if STEADY && sent(shard, &seen.x[0], r) == T::default() {
            catch_up(simd, job, shard, r, job.t[1]);
            continue;
        }
        let x = activities(simd, shard, seen, r);
        let row = shared.row(x[0]);
        let place = shard.place(r);
        let [w, m, c, b, _, _] = &mut shard.state;
        let w = &mut T::vectors_mut::<S>(&mut w[place.clone()])[..n];
        let m = &mut T::vectors_mut::<S>(&mut m[place.clone()])[..n];
        let c = &mut T::vectors_mut::<S>(&mut c[place.clone()])[..n];
        let b = row_mut::<S, T>(b, &place, if LEARNS { n } else { 0 });
        for from in (0..n).step_by(FLAGS) {
            let to = n.min(from + FLAGS);
            let errors = errors.part(from, to);
            let (w, m, c) = (&mut w[from..to], &mut m[from..to], &mut c[from..to]);
            let b = if LEARNS { &mut b[from..to] } else { &mut [] };
            let mut late = 0_u64;
            for k in 0..w.len() {
                let (w0, m0, c0) = (Pack::new(simd, w[k]), Pack::new(simd, m[k]), Pack::new(simd, c[k]));
                let b0 = if LEARNS { Pack::new(simd, b[k]) } else { zero };
                let cell = Cell { w: w0, m: m0, c: c0, b: b0, m_b: zero, c_b: zero };
                let end = shared.carry::<S, LEARNS>(pushed::<S, T, STEADY>(shared, &errors, &x, row, k), cell);
                if end.alarm.any_negative() {
                    late |= 1 << k;
                    continue;
                }
                (w[k], m[k], c[k]) = (end.cell.w.v, end.cell.m.v, end.cell.c.v);
                if LEARNS {
                    b[k] = end.cell.b.v;
                }
            }
            for k in flagged(late) {
                let mut to = [&mut *w, &mut *m, &mut *c, &mut *b, &mut [], &mut []];
                let cell = load_from::<S, T>(simd, &to, k);
                let found = shared.carry::<S, LEARNS>(pushed::<S, T, STEADY>(shared, &errors, &x, row, k), cell);
                let push = errors.push(simd, &job.factors, &x, k);
                let end = found.or(&apart(simd, Anyhow { kind, factors: &job.factors, push, cell }));
                store(&mut to, k, &end);
            }
        }
        shard.size[r] = measure::<S, T>(simd, w, m);
        shard.clock[r] = job.t[1];
    }
}
