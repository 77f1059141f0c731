//! Arrays that begin at a cache line, so that no vector lies across two.

use std::ops::{Deref, DerefMut};

/// Bytes of a cache line, and of the widest vector.
const LINE: usize = 64;

/// A local variable of a function whose stack is to begin at a cache line.
///
/// Vectors that do not fit the registers are kept on the stack, and a compiler that has nothing else there that must lie at a line does
/// not align them: every second one would lie across two.
#[repr(align(64))]
pub struct Frame(#[expect(dead_code, reason = "it is there to take place")] u8);

impl Frame {
    /// Asks for it.
    #[inline(always)]
    pub fn align() {
        // A value without a name would be a constant somewhere else.
        let frame = Self(0);
        std::hint::black_box(&frame);
    }
}

/// An array of fixed length that begins at a cache line.
#[derive(Debug, Default)]
pub struct Aligned<T> {
    data: Vec<T>,
    from: usize,
    len: usize,
}

impl<T: Clone> Aligned<T> {
    /// `len` times `value`.
    #[must_use]
    pub fn new(value: T, len: usize) -> Self {
        if len == 0 {
            return Self { data: Vec::new(), from: 0, len };
        }
        let slack = LINE / size_of::<T>();
        let data = vec![value; len + slack];
        // Where the address can't be known, any place does: only time is lost.
        let from = data.as_ptr().align_offset(LINE).min(slack);
        Self { data, from, len }
    }

    /// All of it, once its length is `len`: of default values where it was another.
    pub fn fit(&mut self, len: usize) -> &mut [T]
    where
        T: Default,
    {
        if self.len != len {
            *self = Self::new(T::default(), len);
        }
        self
    }
}

impl<T: Clone> Clone for Aligned<T> {
    fn clone(&self) -> Self {
        let Some(first) = self.first() else {
            return Self { data: Vec::new(), from: 0, len: 0 };
        };
        let mut copy = Self::new(first.clone(), self.len);
        copy.clone_from_slice(self);
        copy
    }
}

impl<T> Deref for Aligned<T> {
    type Target = [T];
    #[inline(always)]
    fn deref(&self) -> &[T] {
        &self.data[self.from..self.from + self.len]
    }
}

impl<T> DerefMut for Aligned<T> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.data[self.from..self.from + self.len]
    }
}
