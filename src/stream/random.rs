//! Random numbers that depend on the seed and on what they are for, and on nothing else.
//!
//! Every purpose has a generator of its own, so that drawing more for one never changes another, and any epoch's
//! order can be had again without going through the epochs before it. All draws are of fixed width: the same on
//! every platform.

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use sha2::{Digest, Sha256};

/// The generator for the `index`-th use of `purpose` under `seed`.
#[must_use]
pub fn generator(seed: u64, purpose: &str, index: u64) -> Pcg64 {
    let digest = Sha256::new()
        .chain_update(seed.to_le_bytes())
        .chain_update(index.to_le_bytes())
        .chain_update(purpose.as_bytes())
        .finalize();
    Pcg64::from_seed(digest.into())
}

/// Shuffles in place (Fisher-Yates), every order equally likely.
pub fn shuffle<T>(values: &mut [T], rng: &mut Pcg64) {
    for i in (1..values.len()).rev() {
        values.swap(i, rng.random_range(0..=i as u64) as usize);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generators_differ_in_each_of_their_arguments() {
        let first = |seed, purpose, index| generator(seed, purpose, index).random::<u64>();
        let base = first(1, "order", 2);
        assert_eq!(base, first(1, "order", 2));
        assert!(
            [first(2, "order", 2), first(1, "noise", 2), first(1, "order", 1)].iter().all(|v| *v != base)
        );
    }

    #[test]
    fn shuffling_reaches_every_order_equally_often() {
        let mut rng = generator(3, "test", 0);
        let mut counts = std::collections::BTreeMap::new();
        for _ in 0..60_000 {
            let mut values = [0, 1, 2];
            shuffle(&mut values, &mut rng);
            *counts.entry(values).or_insert(0_i32) += 1;
        }
        // 10000 each, standard deviation 91.
        assert_eq!(counts.len(), 6);
        assert!(counts.values().all(|count| (count - 10_000).abs() < 500), "{counts:?}");
    }
}
