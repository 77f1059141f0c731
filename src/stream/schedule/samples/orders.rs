//! Which sample comes when.

use crate::stream::{Order, random};

/// The order of the samples, epoch by epoch.
#[derive(Clone, Debug)]
pub(super) struct Orders {
    order: Order,
    len: usize,
    seed: u64,
    /// The permutations of two neighbouring epochs: a cross-fade reaches across their border.
    kept: [Option<(u64, Vec<usize>)>; 2],
}

impl Orders {
    pub fn new(order: Order, len: usize, seed: u64) -> Self {
        Self { order, len, seed, kept: [None, None] }
    }

    /// The sample of a presentation.
    pub fn sample(&self, presentation: u64) -> usize {
        let (epoch, place) = (presentation / self.len as u64, (presentation % self.len as u64) as usize);
        if self.order == Order::Sequential {
            return place;
        }
        match &self.kept[slot(epoch)] {
            Some((kept, permutation)) if *kept == epoch => permutation[place],
            _ => {
                let mut permutation = Vec::new();
                self.permute(epoch, &mut permutation);
                permutation[place]
            }
        }
    }

    /// Makes ready for the presentations of `epoch`.
    pub fn keep(&mut self, epoch: u64) {
        if self.order == Order::Sequential
            || self.kept[slot(epoch)].as_ref().is_some_and(|kept| kept.0 == epoch)
        {
            return;
        }
        let mut permutation = self.kept[slot(epoch)].take().map(|kept| kept.1).unwrap_or_default();
        self.permute(epoch, &mut permutation);
        self.kept[slot(epoch)] = Some((epoch, permutation));
    }

    /// The permutation of an epoch: from the seed and the epoch alone.
    fn permute(&self, epoch: u64, permutation: &mut Vec<usize>) {
        permutation.clear();
        permutation.extend(0..self.len);
        random::shuffle(permutation, &mut random::generator(self.seed, "order", epoch));
    }
}

/// Where the permutation of an epoch is kept: neighbours in different places.
fn slot(epoch: u64) -> usize {
    (epoch % 2) as usize
}
