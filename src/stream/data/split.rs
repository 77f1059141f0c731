//! One set of samples split into those to learn from and those to be tested on: shuffled, and stratified by class,
//! so that each class has its share of either part.

use rand_pcg::Pcg64;

use crate::stream::random;

/// Places of the samples to learn from and of the `test` samples to be tested on; all of `labels` are below `classes`,
/// and `test` is not above their number.
///
/// Of one permutation, each class gives its last samples to the test, which takes them from the end: so the first
/// few of either part are as mixed as the whole. Without classes, give all samples the same.
pub(super) fn stratified(
    labels: &[u32],
    classes: usize,
    test: usize,
    rng: &mut Pcg64,
) -> (Vec<usize>, Vec<usize>) {
    let mut places: Vec<usize> = (0..labels.len()).collect();
    random::shuffle(&mut places, rng);
    let mut quota = quota(labels, classes, test);
    let (mut train, mut tested) = (Vec::new(), Vec::new());
    for place in places.into_iter().rev() {
        let left = &mut quota[labels[place] as usize];
        if *left > 0 {
            *left -= 1;
            tested.push(place);
        } else {
            train.push(place);
        }
    }
    train.reverse();
    (train, tested)
}

/// Test samples of each class: in proportion, rounded by the largest remainder.
fn quota(labels: &[u32], classes: usize, test: usize) -> Vec<usize> {
    let mut counts = vec![0; classes];
    for label in labels {
        counts[*label as usize] += 1;
    }
    let mut quota: Vec<usize> = counts.iter().map(|count| count * test / labels.len()).collect();
    let mut order: Vec<usize> = (0..classes).collect();
    order.sort_by_key(|class| std::cmp::Reverse(counts[*class] * test % labels.len()));
    let missing = test - quota.iter().sum::<usize>();
    order.into_iter().take(missing).for_each(|class| quota[class] += 1);
    quota
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sample_is_in_one_part_and_every_class_in_proportion() {
        let labels: Vec<u32> = (0..103).map(|k| u32::from(k % 10 == 0) + 2 * u32::from(k % 7 == 3)).collect();
        for test in [1, 20, 50, 102] {
            let (train, tested) = stratified(&labels, 5, test, &mut random::generator(1, "test", 0));
            assert_eq!((train.len(), tested.len()), (103 - test, test));
            let mut all = [train, tested.clone()].concat();
            all.sort_unstable();
            assert!(all.into_iter().eq(0..103));
            for class in 0..5 {
                let count =
                    |places: &mut dyn Iterator<Item = usize>| places.filter(|k| labels[*k] == class).count();
                let share = count(&mut (0..103)) as f64 * test as f64 / 103.0;
                assert!((count(&mut tested.iter().copied()) as f64 - share).abs() < 1.0);
            }
        }
    }

    #[test]
    fn another_seed_splits_in_another_way() {
        let split = |seed| stratified(&[0; 50], 1, 10, &mut random::generator(seed, "test", 0)).1;
        assert_eq!(split(1), split(1));
        assert_ne!(split(1), split(2));
    }
}
