//! The signals of a layer, in `f64`, as vectors: the last one is filled up with zeros.

use pulp::Simd;

use super::pack::Pack;

/// Values that are read as vectors.
#[derive(Clone, Copy)]
pub struct Line<'a, S: Simd> {
    simd: S,
    whole: &'a [S::f64s],
    rest: &'a [f64],
}

impl<'a, S: Simd> Line<'a, S> {
    /// All of `values`.
    #[inline(always)]
    pub fn new(simd: S, values: &'a [f64]) -> Self {
        let (whole, rest) = S::as_simd_f64s(values);
        Self { simd, whole, rest }
    }

    /// Number of vectors.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.whole.len() + usize::from(!self.rest.is_empty())
    }

    /// Vector number `k`.
    #[inline(always)]
    pub fn at(&self, k: usize) -> Pack<S, f64> {
        match self.whole.get(k) {
            Some(v) => Pack::new(self.simd, *v),
            None => Pack::new(self.simd, self.simd.partial_load_f64s(self.rest)),
        }
    }
}

/// Values that are written as vectors.
pub struct LineMut<'a, S: Simd> {
    simd: S,
    whole: &'a mut [S::f64s],
    rest: &'a mut [f64],
}

impl<'a, S: Simd> LineMut<'a, S> {
    /// All of `values`.
    #[inline(always)]
    pub fn new(simd: S, values: &'a mut [f64]) -> Self {
        let (whole, rest) = S::as_mut_simd_f64s(values);
        Self { simd, whole, rest }
    }

    /// Writes vector number `k`.
    #[inline(always)]
    pub fn put(&mut self, k: usize, value: Pack<S, f64>) {
        match self.whole.get_mut(k) {
            Some(to) => *to = value.v,
            None => self.simd.partial_store_f64s(self.rest, value.v),
        }
    }
}
