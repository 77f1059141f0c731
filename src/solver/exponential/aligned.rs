//! Arrays that begin at a cache line, so that no vector lies across two.

use std::ops::{Deref, DerefMut};

/// Bytes of a cache line, and of the widest vector.
const LINE: usize = 64;

/// An array of fixed length that begins at a cache line.
#[derive(Debug, Default)]
pub struct Aligned<T> {
    data: Vec<T>,
    from: usize,
    len: usize,
}

impl<T: Copy> Aligned<T> {
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

    /// Makes it these values, and `padding` up to the length `len`.
    pub fn set(&mut self, values: impl Iterator<Item = T>, padding: T, len: usize) {
        if self.len != len {
            *self = Self::new(padding, len);
        }
        let mut to = self.iter_mut();
        to.by_ref().zip(values).for_each(|(to, value)| *to = value);
        to.for_each(|to| *to = padding);
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
