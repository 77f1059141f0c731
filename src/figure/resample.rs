//! From an oversampled bitmap to the finished one: the mean of the samples of each pixel.

/// Averages an RGB bitmap of `n` times `width` x `height` pixels.
///
/// # Shapes
/// `samples`: `[n height, n width, 3]`; the result: `[height, width, 3]`.
#[must_use]
pub fn average(samples: &[u8], (width, height): (u32, u32), n: u32) -> Vec<u8> {
    let (width, height, n) = (width as usize, height as usize, n as usize);
    let stride = 3 * width * n;
    let mut sums = vec![0_u32; 3 * width];
    let mut out = Vec::with_capacity(3 * width * height);
    for rows in samples.chunks_exact(stride * n) {
        sums.fill(0);
        for row in rows.chunks_exact(stride) {
            for (sum, pixel) in sums.chunks_exact_mut(3).zip(row.chunks_exact(3 * n)) {
                for sample in pixel.chunks_exact(3) {
                    sum.iter_mut().zip(sample).for_each(|(sum, value)| *sum += u32::from(*value));
                }
            }
        }
        let count = (n * n) as u32;
        out.extend(sums.iter().map(|sum| ((sum + count / 2) / count) as u8));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_pixel_is_the_mean_of_its_samples() {
        // Two pixels side by side, each of 2 x 2 samples: black and white by halves, and plain grey.
        let row = |left: [u8; 2]| [[left[0]; 3], [left[1]; 3], [60; 3], [60; 3]].concat();
        let samples = [row([0, 255]), row([255, 0])].concat();
        assert_eq!(average(&samples, (2, 1), 2), [128, 128, 128, 60, 60, 60]);
    }
}
