//! Two vectors that go through a formula side by side.
//!
//! A processor looks ahead only about as far as one pass through a synapse's formula is long, most of which waits for what comes before it. Two
//! vectors whose operations alternate leave it something else to do.

use std::ops::{Add, Div, Mul, Sub};

use pulp::Simd;

use super::lane::Lane;
use super::pack::Pack;

/// What a formula can be written over: one vector, or two.
pub trait Operand:
    Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Div<Output = Self>
{
    /// Its values.
    type Real;
    /// All values equal.
    fn like(self, value: Self::Real) -> Self;
    /// A constant.
    fn constant(self, value: f64) -> Self;
    /// `self b + c`.
    fn mul_add(self, b: Self, c: Self) -> Self;
    /// Absolute value.
    fn abs(self) -> Self;
    /// The opposite where `sign` is negative.
    fn flipped(self, sign: Self) -> Self;
    /// The lesser.
    fn min(self, b: Self) -> Self;
    /// `yes` where this is negative, else `no`.
    fn select(self, yes: Self, no: Self) -> Self;
    /// Whether any value is negative.
    fn any_negative(self) -> bool;
}

impl<S: Simd, T: Lane> Operand for Pack<S, T> {
    type Real = T;
    #[inline(always)]
    fn like(self, value: T) -> Self {
        Pack::like(self, value)
    }
    #[inline(always)]
    fn constant(self, value: f64) -> Self {
        Pack::constant(self, value)
    }
    #[inline(always)]
    fn mul_add(self, b: Self, c: Self) -> Self {
        Pack::mul_add(self, b, c)
    }
    #[inline(always)]
    fn abs(self) -> Self {
        Pack::abs(self)
    }
    #[inline(always)]
    fn flipped(self, sign: Self) -> Self {
        Pack::flipped(self, sign)
    }
    #[inline(always)]
    fn min(self, b: Self) -> Self {
        Pack::min(self, b)
    }
    #[inline(always)]
    fn select(self, yes: Self, no: Self) -> Self {
        Pack::select(self, yes, no)
    }
    #[inline(always)]
    fn any_negative(self) -> bool {
        Pack::any_negative(self)
    }
}

/// Two of them.
#[derive(Clone, Copy)]
pub struct Twin<P>(pub P, pub P);

impl<S: Simd, T: Lane> Operand for Twin<Pack<S, T>> {
    type Real = T;
    #[inline(always)]
    fn like(self, value: T) -> Self {
        Self(self.0.like(value), self.1.like(value))
    }
    #[inline(always)]
    fn constant(self, value: f64) -> Self {
        Self(self.0.constant(value), self.1.constant(value))
    }
    #[inline(always)]
    fn mul_add(self, b: Self, c: Self) -> Self {
        Self(self.0.mul_add(b.0, c.0), self.1.mul_add(b.1, c.1))
    }
    #[inline(always)]
    fn abs(self) -> Self {
        Self(self.0.abs(), self.1.abs())
    }
    #[inline(always)]
    fn flipped(self, sign: Self) -> Self {
        Self(self.0.flipped(sign.0), self.1.flipped(sign.1))
    }
    #[inline(always)]
    fn min(self, b: Self) -> Self {
        Self(self.0.min(b.0), self.1.min(b.1))
    }
    #[inline(always)]
    fn select(self, yes: Self, no: Self) -> Self {
        Self(self.0.select(yes.0, no.0), self.1.select(yes.1, no.1))
    }
    #[inline(always)]
    fn any_negative(self) -> bool {
        self.0.min(self.1).any_negative()
    }
}

/// Two sets of vectors as one of twins.
#[inline(always)]
pub fn twins<P: Copy, const N: usize>([first, second]: [[P; N]; 2]) -> [Twin<P>; N] {
    std::array::from_fn(|k| Twin(first[k], second[k]))
}

macro_rules! operator {
    ($trait:ident, $method:ident) => {
        impl<P: $trait<Output = P>> $trait for Twin<P> {
            type Output = Self;
            #[inline(always)]
            fn $method(self, b: Self) -> Self {
                Self(self.0.$method(b.0), self.1.$method(b.1))
            }
        }
    };
}
operator!(Add, add);
operator!(Sub, sub);
operator!(Mul, mul);
operator!(Div, div);
