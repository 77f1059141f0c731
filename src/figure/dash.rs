//! Broken lines: where a dash begins and ends along a line.

use super::canvas::Point;

/// The drawn pieces of a line broken by `pattern` (in units of `width`).
#[must_use]
pub fn dashes(points: &[Point], pattern: &[f64], width: f64) -> Vec<Vec<Point>> {
    let (mut phase, mut left) = (0, pattern[0] * width);
    let mut pieces: Vec<Vec<Point>> = vec![points.first().copied().into_iter().collect()];
    for pair in points.windows(2) {
        let (from, to) = (pair[0], pair[1]);
        let length = (to.0 - from.0).hypot(to.1 - from.1);
        let mut done = 0.0;
        while length - done > left {
            done += left;
            let part = done / length;
            let at = (from.0 + part * (to.0 - from.0), from.1 + part * (to.1 - from.1));
            if phase % 2 == 0 {
                if let Some(piece) = pieces.last_mut() {
                    piece.push(at);
                }
            } else {
                pieces.push(vec![at]);
            }
            phase = (phase + 1) % pattern.len();
            left = pattern[phase] * width;
        }
        left -= length - done;
        if phase % 2 == 0
            && let Some(piece) = pieces.last_mut()
        {
            piece.push(to);
        }
    }
    // A stub at the end reads as a dot.
    if pieces.len() > 1 && phase % 2 == 0 && left > 0.5 * pattern[phase] * width {
        pieces.pop();
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dashes_cover_their_share() {
        let pieces = dashes(&[(0.0, 0.0), (50.0, 0.0), (50.0, 50.0)], &[4.0, 1.0], 1.0);
        assert_eq!(pieces.len(), 20);
        let length: f64 = pieces
            .iter()
            .flat_map(|piece| piece.windows(2))
            .map(|pair| (pair[1].0 - pair[0].0).hypot(pair[1].1 - pair[0].1))
            .sum();
        assert!((length - 80.0).abs() < 1e-9, "{length}");
    }
}
