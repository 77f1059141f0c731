//! Vectors of reals in the width of the machine at hand, in either precision.
//!
//! The kernels are written once, over [`Pack`]; [`pulp::Arch`] picks the instruction set when the program runs. It
//! reaches only what is inlined into a kernel, which a closure is not for certain: what takes vectors is spelt out.

use std::ops::{Add, Div, Mul, Sub};

use pulp::{NullaryFnOnce, Simd};

use super::lane::{Binary, Lane};

/// A vector with the operators of arithmetic.
pub struct Pack<S: Simd, T: Lane> {
    simd: S,
    /// The values.
    pub v: T::Vector<S>,
}

// Derived, they would ask for `T::Vector<S>: Clone` by way of `S: Clone`.
#[allow(clippy::expl_impl_clone_on_copy)]
impl<S: Simd, T: Lane> Clone for Pack<S, T> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}
impl<S: Simd, T: Lane> Copy for Pack<S, T> {}

impl<S: Simd, T: Lane> Pack<S, T> {
    /// A vector as it was loaded.
    #[inline(always)]
    pub fn new(simd: S, v: T::Vector<S>) -> Self {
        Self { simd, v }
    }
    /// All values equal.
    #[inline(always)]
    pub fn splat(simd: S, value: T) -> Self {
        Self { simd, v: T::splat(simd, value) }
    }
    /// All values equal, beside this vector.
    #[inline(always)]
    pub fn like(self, value: T) -> Self {
        Self::splat(self.simd, value)
    }
    /// Two constants, beside this vector.
    #[inline(always)]
    pub fn constants(self, [a, b]: [f64; 2]) -> [Self; 2] {
        [self.constant(a), self.constant(b)]
    }
    /// The instruction set.
    #[inline(always)]
    pub fn simd(self) -> S {
        self.simd
    }
    /// A constant, beside this vector.
    #[inline(always)]
    pub fn constant(self, value: f64) -> Self {
        Self::splat(self.simd, T::from_f64(value))
    }
    /// `self b + c`.
    #[inline(always)]
    pub fn mul_add(self, b: Self, c: Self) -> Self {
        Self { v: T::mul_add(self.simd, self.v, b.v, c.v), ..self }
    }
    /// Square root.
    #[inline(always)]
    pub fn sqrt(self) -> Self {
        Self { v: T::sqrt(self.simd, self.v), ..self }
    }
    /// Reciprocal.
    #[inline(always)]
    pub fn recip(self) -> Self {
        self.constant(1.0) / self
    }
    /// Absolute value.
    #[inline(always)]
    pub fn abs(self) -> Self {
        Self { v: T::abs(self.simd, self.v), ..self }
    }
    /// The magnitude of `self` with the sign of `sign`.
    #[inline(always)]
    pub fn copysign(self, sign: Self) -> Self {
        Self { v: T::copysign(self.simd, self.v, sign.v), ..self }
    }
    /// The opposite where `sign` is negative.
    #[inline(always)]
    pub fn flipped(self, sign: Self) -> Self {
        Self { v: T::flip(self.simd, self.v, sign.v), ..self }
    }
    /// The lesser.
    #[inline(always)]
    pub fn min(self, b: Self) -> Self {
        Self { v: T::binary(self.simd, Binary::Min, self.v, b.v), ..self }
    }
    /// The greater.
    #[inline(always)]
    pub fn max(self, b: Self) -> Self {
        Self { v: T::binary(self.simd, Binary::Max, self.v, b.v), ..self }
    }
    /// `yes` where this is negative, else `no`.
    #[inline(always)]
    pub fn select(self, yes: Self, no: Self) -> Self {
        Self { v: T::where_negative(self.simd, self.v, yes.v, no.v), ..self }
    }
    /// Whether any value is negative.
    #[inline(always)]
    pub fn any_negative(self) -> bool {
        T::any_negative(self.simd, self.v)
    }
    /// The greatest of the values.
    #[inline(always)]
    pub fn most(self) -> T {
        T::most(self.simd, self.v)
    }
    /// The sum of the values.
    #[inline(always)]
    pub fn sum(self) -> T {
        T::sum(self.simd, self.v)
    }
}

macro_rules! operator {
    ($trait:ident, $method:ident) => {
        impl<S: Simd, T: Lane> $trait for Pack<S, T> {
            type Output = Self;
            #[inline(always)]
            fn $method(self, b: Self) -> Self {
                Self { v: T::binary(self.simd, Binary::$trait, self.v, b.v), ..self }
            }
        }
    };
}
operator!(Add, add);
operator!(Sub, sub);
operator!(Mul, mul);
operator!(Div, div);

/// Does something in a function of its own, compiled once for each instruction set: it does not weigh on its caller.
#[inline(never)]
pub fn apart<S: Simd, F: NullaryFnOnce>(simd: S, what: F) -> F::Output {
    simd.vectorize(what)
}
