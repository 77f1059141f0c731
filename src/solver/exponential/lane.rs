//! The precisions of the synaptic state, and what can be done with vectors of either.

use pulp::Simd;

/// Precision of the synaptic state.
pub trait Lane: Copy + Default + Send + Sync + PartialOrd + std::fmt::Debug + 'static {
    /// A vector of them.
    type Vector<S: Simd>: Copy;
    /// Rows are padded to a multiple of this many: one cache line, and the widest vector.
    const ALIGN: usize;
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
    /// `a`, or its opposite where `b` is negative.
    fn flip<S: Simd>(simd: S, a: Self::Vector<S>, b: Self::Vector<S>) -> Self::Vector<S>;
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
    ($real:ty, $bits:ty, $align:literal, $vector:ident, $cast:ident, $cast_mut:ident, $add:ident, $sub:ident, $mul:ident,
     $div:ident, $min:ident, $max:ident, $splat:ident, $fma:ident, $sqrt:ident, $and:ident, $or:ident, $xor:ident,
     $less:ident, $mask:ident, $first:ident, $select:ident, $most:ident, $sum:ident) => {
        impl Lane for $real {
            type Vector<S: Simd> = S::$vector;
            const ALIGN: usize = $align;
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
                // pulp has a function of its own for the complement of the sign, which is not inlined.
                simd.$and(a, simd.$splat(<$real>::from_bits(!<$real>::to_bits(-0.0))))
            }
            #[inline(always)]
            fn copysign<S: Simd>(simd: S, a: S::$vector, b: S::$vector) -> S::$vector {
                simd.$or(<Self as Lane>::abs(simd, a), simd.$and(b, simd.$splat(-0.0)))
            }
            #[inline(always)]
            fn flip<S: Simd>(simd: S, a: S::$vector, b: S::$vector) -> S::$vector {
                simd.$xor(a, simd.$and(b, simd.$splat(-0.0)))
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
                let bits = pulp::bytemuck::cast_slice::<S::$vector, $bits>(std::slice::from_ref(&a));
                bits.iter().fold(0, |all, bits| all | bits) >> (8 * size_of::<$real>() - 1) != 0
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
    u64,
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
    and_f64s,
    or_f64s,
    xor_f64s,
    less_than_f64s,
    m64s,
    first_true_m64s,
    select_f64s,
    reduce_max_f64s,
    reduce_sum_f64s
);
lane!(
    f32,
    u32,
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
    and_f32s,
    or_f32s,
    xor_f32s,
    less_than_f32s,
    m32s,
    first_true_m32s,
    select_f32s,
    reduce_max_f32s,
    reduce_sum_f32s
);
