//! The step itself, in place.

use std::hint::black_box;
use std::ops::Range;

use pulp::{NullaryFnOnce, Simd};

use super::super::aligned::Aligned;
use super::super::cell::{Cell, Kind, load_from, row_mut, store};
use super::super::common::Step;
use super::super::factors::Factors;
use super::super::gain::{Nodes, Push};
use super::super::gap::catch_up;
use super::super::lane::Lane;
use super::super::pack::{Pack, apart};
use super::super::pass::Job;
use super::super::rows::Size;
use super::super::shard::Shard;
use super::super::sight::Columns;
use super::super::twin::{Operand, Twin, twins};
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

/// Which signals stay over the step: none need to, ...
pub const NONE: u8 = 0;
/// ... those of the rows do, ...
pub const ROWS: u8 = 1;
/// ... or those of the columns.
pub const COLUMNS: u8 = 2;

/// Sizes of weights and traces, while they are still in the nearest cache.
#[inline(always)]
fn measure<S: Simd, T: Lane>(simd: S, w: &[T::Vector<S>], m: &[T::Vector<S>]) -> Size {
    let zero = Pack::<S, T>::splat(simd, T::default());
    let mut sizes = Twin([zero; 4], [zero; 4]);
    let (some, rest) = (w.as_chunks::<2>(), m.as_chunks::<2>());
    for (w, m) in some.0.iter().zip(rest.0) {
        grow(&mut sizes.0, [Pack::new(simd, w[0]), Pack::new(simd, m[0])]);
        grow(&mut sizes.1, [Pack::new(simd, w[1]), Pack::new(simd, m[1])]);
    }
    for (w, m) in some.1.iter().zip(rest.1) {
        grow(&mut sizes.0, [Pack::new(simd, *w), Pack::new(simd, *m)]);
    }
    let Twin([w2, w, m2, m], [w2_other, w_other, m2_other, m_other]) = sizes;
    Size {
        w2: (w2 + w2_other).sum().to_f64(),
        w: w.max(w_other).most().to_f64(),
        m2: (m2 + m2_other).sum().to_f64(),
        m: m.max(m_other).most().to_f64(),
    }
}

/// Adds to the sums of squares and the largest values of weights and traces.
#[inline(always)]
fn grow<S: Simd, T: Lane>([w2, w_top, m2, m_top]: &mut [Pack<S, T>; 4], [w, m]: [Pack<S, T>; 2]) {
    (*w2, *w_top) = (w.mul_add(w, *w2), w_top.max(w.abs()));
    (*m2, *m_top) = (m.mul_add(m, *m2), m_top.max(m.abs()));
}

/// What signals of columns add where rows see 1 throughout: see [`Step::course`].
///
/// Every thread works it out for its own shards: what one has written takes others longer to fetch.
#[inline(always)]
fn plot<S: Simd, T: Lane>(simd: S, shared: &Step<T>, columns: &Columns<S, T>, to: &mut [Aligned<T>; 4]) {
    let [m, m_end, v, v_end] = to.each_mut().map(|values| T::vectors_mut::<S>(values));
    for k in 0..m.len() {
        let course = shared.course(columns.nodes(simd, k));
        (m[k], m_end[k], v[k], v_end[k]) = (course[0].v, course[1].v, course[2].v, course[3].v);
    }
}

/// A part of what has been plotted: see [`super::part`].
#[inline(always)]
fn cut<V>([m, m_end, v, v_end]: [&[V]; 4], part: Range<usize>) -> [&[V]; 4] {
    [&m[part.clone()], &m_end[part.clone()], &v[part.clone()], &v_end[part]]
}

/// What a row sees over the step.
struct Sight<P> {
    /// Its signals.
    x: Nodes<P>,
    /// What these add where columns see 1 throughout: see [`Step::course`].
    course: [P; 4],
}

impl<S: Simd, T: Lane> Sight<Pack<S, T>> {
    /// That of signals at the nodes; their course is worked out where it is of use.
    #[inline(always)]
    fn new<const STAY: u8>(shared: &Step<T>, x: Nodes<Pack<S, T>>) -> Self {
        Self { x, course: if STAY == COLUMNS { shared.course(x) } else { [x[0]; 4] } }
    }
}

/// What pushes the synapses number `k` of a row over the step: on `m` and on `v`, in the middle and at the end.
#[inline(always)]
fn pushed<S: Simd, T: Lane, const STAY: u8>(
    shared: &Step<T>,
    columns: &Columns<S, T>,
    [m, m_end, v, v_end]: [&[T::Vector<S>]; 4],
    Sight { x, course }: &Sight<Pack<S, T>>,
    k: usize,
) -> [[Pack<S, T>; 2]; 2] {
    let simd = x[0].simd();
    if STAY == ROWS {
        let course = [
            Pack::new(simd, m[k]),
            Pack::new(simd, m_end[k]),
            Pack::new(simd, v[k]),
            Pack::new(simd, v_end[k]),
        ];
        shared.steady([x[0], x[0] * x[0]], course)
    } else if STAY == COLUMNS {
        let signal = columns.still(simd, k);
        shared.steady([signal, signal * signal], *course)
    } else {
        shared.moving(columns.g(simd, x, k))
    }
}

/// Takes the step.
#[inline(always)]
pub fn advance<S: Simd, T: Lane, const STAY: u8, const LEARNS: bool>(
    simd: S,
    job: &Job<T>,
    shard: &mut Shard<T>,
) {
    let seen = job.see(shard);
    let n = shard.vectors::<S>();
    let columns = Columns::<S, T>::new(seen, shard);
    let shared = &Step::<T>::new(&job.constants, &job.factors, LEARNS);
    let shared = black_box(shared);
    let mut course = std::mem::take(&mut shard.course);
    if STAY == ROWS {
        for values in &mut course {
            values.fit(shard.stride);
        }
        plot(simd, shared, &columns, &mut course);
    }
    let plotted = course.each_ref().map(|values| T::vectors::<S>(values));
    let (kind, rows) = (Kind::new(&job.constants, LEARNS, false), shard.rows);
    let together = if STAY == ROWS { 1 } else { shard.together(n) };
    for k in (0..shard.awake.len()).step_by(together) {
        let first = shard.awake[k] as usize;
        if STAY == ROWS && shard.rows.value(&seen.rows[0], first) == T::default() {
            catch_up(simd, job, shard, first, job.t[1]);
            continue;
        }
        let last = first + together.min(shard.awake.len() - k);
        let place = first * shard.stride..last * shard.stride;
        let all = (last - first) * n;
        let [w, m, c, b, _, _] = &mut shard.state;
        let w = &mut T::vectors_mut::<S>(&mut w[place.clone()])[..all];
        let m = &mut T::vectors_mut::<S>(&mut m[place.clone()])[..all];
        let c = &mut T::vectors_mut::<S>(&mut c[place.clone()])[..all];
        let b = row_mut::<S, T>(b, &place, if LEARNS { all } else { 0 });
        shard.size[first..last].fill(Size::default());
        for from in (0..n).step_by(FLAGS) {
            let len = FLAGS.min(n - from);
            let columns = columns.part(from, from + len);
            let course = if STAY == ROWS { cut(plotted, from..from + len) } else { plotted };
            let mut late = 0_u64;
            for r in first..last {
                let sight = Sight::new::<STAY>(shared, rows.signals(simd, seen, r));
                let base = (r - first) * n + from;
                let place = base..base + len;
                let (w, m, c) = (&mut w[place.clone()], &mut m[place.clone()], &mut c[place.clone()]);
                let b = if LEARNS { &mut b[place] } else { &mut [] };
                for k in (0..len - len % 2).step_by(2) {
                    let cells = [
                        at::<S, T, LEARNS>(simd, [w, m, c, b], k),
                        at::<S, T, LEARNS>(simd, [w, m, c, b], k + 1),
                    ];
                    let [one, other] = [
                        pushed::<S, T, STAY>(shared, &columns, course, &sight, k),
                        pushed::<S, T, STAY>(shared, &columns, course, &sight, k + 1),
                    ];
                    let push = [twins([one[0], other[0]]), twins([one[1], other[1]])];
                    let end = shared.carry::<_, LEARNS>(push, Cell::twins(cells));
                    if end.alarm.any_negative() {
                        late |= 3 << ((r - first) * len + k);
                        continue;
                    }
                    let Cell { w: w_end, m: m_end, c: c_end, b: b_end, .. } = end.cell;
                    (w[k], m[k], c[k]) = (w_end.0.v, m_end.0.v, c_end.0.v);
                    (w[k + 1], m[k + 1], c[k + 1]) = (w_end.1.v, m_end.1.v, c_end.1.v);
                    if LEARNS {
                        (b[k], b[k + 1]) = (b_end.0.v, b_end.1.v);
                    }
                }
                if let Some(k) = (len % 2 == 1).then(|| len - 1) {
                    let push = pushed::<S, T, STAY>(shared, &columns, course, &sight, k);
                    let end = shared.carry::<_, LEARNS>(push, at::<S, T, LEARNS>(simd, [w, m, c, b], k));
                    if end.alarm.any_negative() {
                        late |= 1 << ((r - first) * len + k);
                    } else {
                        (w[k], m[k], c[k]) = (end.cell.w.v, end.cell.m.v, end.cell.c.v);
                        if LEARNS {
                            b[k] = end.cell.b.v;
                        }
                    }
                }
            }
            for flag in flagged(late) {
                let (r, k) = (first + flag / len, flag % len);
                let sight = Sight::new::<STAY>(shared, rows.signals(simd, seen, r));
                let mut to = [&mut *w, &mut *m, &mut *c, &mut *b, &mut [], &mut []];
                let place = (r - first) * n + from + k;
                let cell = load_from::<S, T>(simd, &to, place);
                let push = pushed::<S, T, STAY>(shared, &columns, course, &sight, k);
                let found = shared.carry::<_, LEARNS>(push, cell);
                let push = columns.push(simd, &job.factors, &sight.x, k);
                let end = found.or(&apart(simd, Anyhow { kind, factors: &job.factors, push, cell }));
                store(&mut to, place, &end);
            }
            // Rows that go together are short, done with, and have their sizes with the first.
            let part = if last - first > 1 { 0..all } else { from..from + len };
            let size = measure::<S, T>(simd, &w[part.clone()], &m[part]);
            shard.size[first] = shard.size[first].with(&size);
        }
        shard.clock[first..last].fill(job.t[1]);
    }
    shard.course = course;
}

/// The synapses number `k`, with their `b` if it learns.
#[inline(always)]
fn at<S: Simd, T: Lane, const LEARNS: bool>(
    simd: S,
    [w, m, c, b]: [&[T::Vector<S>]; 4],
    k: usize,
) -> Cell<Pack<S, T>> {
    let zero = Pack::splat(simd, T::default());
    let (w, m, c) = (Pack::new(simd, w[k]), Pack::new(simd, m[k]), Pack::new(simd, c[k]));
    let b = if LEARNS { Pack::new(simd, b[k]) } else { zero };
    Cell { w, m, c, b, m_b: zero, c_b: zero }
}
