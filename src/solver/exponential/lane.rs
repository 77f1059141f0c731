//! Vectors of reals in the width of the machine at hand, in either precision.
//!
//! The kernels are written once, over [`Pack`]; [`pulp::Arch`] picks the instruction set when the program runs. It
//! reaches only what is inlined into a kernel, which a closure is not for certain: what takes vectors is spelt out.

use std::ops::{Add, Div, Mul, Sub};

use pulp::{NullaryFnOnce, Simd};

/// Precision of the synaptic state.
pub trait Lane: Copy + Default + Send + Sync + PartialOrd + std::fmt::Debug + 'static {
    /// A vector of them.
    type Vector<S: Simd>: Copy;
    /// Rows are padded to a multiple of this many: one cache line, and the widest vector.
    const ALIGN: usize;
    /// Whether more than 30 bits count.
    const IS_DOUBLE: bool;
    /// Rounded from `f64`.
    fn from_f64(value: f64) -> Self;
    /// Widened to `f64`.
    fn to_f64(self) -> f64;
    /// Whole vectors of a slice; whatever does not fill one is left out.
    fn vectors<S: Simd>(slice: &[Self]) -> &[Self::Vector<S>];
    /// Whole vectors of a slice, to be written.
    fn vectors_mut<S: Simd>(slice: &mut [Self]) -> &mut [Self::Vector<S>];
    /// One operation on two vectors.
    fn binary<S: Simd>(simd: S, op: Binary, a: Self::Vector<S>, b: Self::Vector<S>) -> Self::Vector<S>;
    /// All values equal.
    fn splat<S: Simd>(simd: S, value: Self) -> Self::Vector<S>;
    /// `a b + c`.
    fn mul_add<S: Simd>(
        simd: S,
        a: Self::Vector<S>,
        b: Self::Vector<S>,
        c: Self::Vector<S>,
    ) -> Self::Vector<S>;
    /// Square root.
    fn sqrt<S: Simd>(simd: S, a: Self::Vector<S>) -> Self::Vector<S>;
    /// Absolute value.
    fn abs<S: Simd>(simd: S, a: Self::Vector<S>) -> Self::Vector<S>;
    /// `a` with the sign of `b`.
    fn copysign<S: Simd>(simd: S, a: Self::Vector<S>, b: Self::Vector<S>) -> Self::Vector<S>;
    /// `yes` where `test < 0`, else `no`.
    fn where_negative<S: Simd>(
        simd: S,
        test: Self::Vector<S>,
        yes: Self::Vector<S>,
        no: Self::Vector<S>,
    ) -> Self::Vector<S>;
    /// Whether any value is negative.
    fn any_negative<S: Simd>(simd: S, a: Self::Vector<S>) -> bool;
    /// The greatest value.
    fn most<S: Simd>(simd: S, a: Self::Vector<S>) -> Self;
    /// The sum.
    fn sum<S: Simd>(simd: S, a: Self::Vector<S>) -> Self;
}

/// An operation on two vectors.
#[derive(Clone, Copy)]
pub enum Binary {
    /// `a + b`
    Add,
    /// `a - b`
    Sub,
    /// `a b`
    Mul,
    /// `a / b`
    Div,
    /// The lesser.
    Min,
    /// The greater.
    Max,
}

macro_rules! lane {
    ($real:ty, $align:literal, $vector:ident, $cast:ident, $cast_mut:ident, $add:ident, $sub:ident, $mul:ident,
     $div:ident, $min:ident, $max:ident, $splat:ident, $fma:ident, $sqrt:ident, $abs:ident, $and:ident, $or:ident,
     $less:ident, $mask:ident, $first:ident, $select:ident, $least:ident, $most:ident, $sum:ident) => {
        impl Lane for $real {
            type Vector<S: Simd> = S::$vector;
            const ALIGN: usize = $align;
            const IS_DOUBLE: bool = $align == 8;
            #[inline(always)]
            fn from_f64(value: f64) -> Self {
                value as $real
            }
            #[inline(always)]
            fn to_f64(self) -> f64 {
                f64::from(self)
            }
            #[inline(always)]
            fn vectors<S: Simd>(slice: &[Self]) -> &[S::$vector] {
                S::$cast(slice).0
            }
            #[inline(always)]
            fn vectors_mut<S: Simd>(slice: &mut [Self]) -> &mut [S::$vector] {
                S::$cast_mut(slice).0
            }
            #[inline(always)]
            fn binary<S: Simd>(simd: S, op: Binary, a: S::$vector, b: S::$vector) -> S::$vector {
                match op {
                    Binary::Add => simd.$add(a, b),
                    Binary::Sub => simd.$sub(a, b),
                    Binary::Mul => simd.$mul(a, b),
                    Binary::Div => simd.$div(a, b),
                    Binary::Min => simd.$min(a, b),
                    Binary::Max => simd.$max(a, b),
                }
            }
            #[inline(always)]
            fn splat<S: Simd>(simd: S, value: Self) -> S::$vector {
                simd.$splat(value)
            }
            #[inline(always)]
            fn mul_add<S: Simd>(simd: S, a: S::$vector, b: S::$vector, c: S::$vector) -> S::$vector {
                simd.$fma(a, b, c)
            }
            #[inline(always)]
            fn sqrt<S: Simd>(simd: S, a: S::$vector) -> S::$vector {
                simd.$sqrt(a)
            }
            #[inline(always)]
            fn abs<S: Simd>(simd: S, a: S::$vector) -> S::$vector {
                simd.$abs(a)
            }
            #[inline(always)]
            fn copysign<S: Simd>(simd: S, a: S::$vector, b: S::$vector) -> S::$vector {
                simd.$or(simd.$abs(a), simd.$and(b, simd.$splat(-0.0)))
            }
            #[inline(always)]
            fn where_negative<S: Simd>(
                simd: S,
                test: S::$vector,
                yes: S::$vector,
                no: S::$vector,
            ) -> S::$vector {
                simd.$select(simd.$less(test, simd.$splat(0.0)), yes, no)
            }
            #[inline(always)]
            fn any_negative<S: Simd>(simd: S, a: S::$vector) -> bool {
                if const { size_of::<S::$mask>() < size_of::<S::$vector>() } {
                    // Masks are bits of a register of their own.
                    let lanes = size_of::<S::$vector>() / size_of::<$real>();
                    return simd.$first(simd.$less(a, simd.$splat(0.0))) < lanes;
                }
                simd.$least(a) < 0.0
            }
            #[inline(always)]
            fn most<S: Simd>(simd: S, a: S::$vector) -> Self {
                simd.$most(a)
            }
            #[inline(always)]
            fn sum<S: Simd>(simd: S, a: S::$vector) -> Self {
                simd.$sum(a)
            }
        }
    };
}

lane!(
    f64,
    8,
    f64s,
    as_simd_f64s,
    as_mut_simd_f64s,
    add_f64s,
    sub_f64s,
    mul_f64s,
    div_f64s,
    min_f64s,
    max_f64s,
    splat_f64s,
    mul_add_e_f64s,
    sqrt_f64s,
    abs_f64s,
    and_f64s,
    or_f64s,
    less_than_f64s,
    m64s,
    first_true_m64s,
    select_f64s,
    reduce_min_f64s,
    reduce_max_f64s,
    reduce_sum_f64s
);
lane!(
    f32,
    16,
    f32s,
    as_simd_f32s,
    as_mut_simd_f32s,
    add_f32s,
    sub_f32s,
    mul_f32s,
    div_f32s,
    min_f32s,
    max_f32s,
    splat_f32s,
    mul_add_e_f32s,
    sqrt_f32s,
    abs_f32s,
    and_f32s,
    or_f32s,
    less_than_f32s,
    m32s,
    first_true_m32s,
    select_f32s,
    reduce_min_f32s,
    reduce_max_f32s,
    reduce_sum_f32s
);

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
