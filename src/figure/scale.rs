//! Axes: the range that data take, round ticks, and numbers as a reader expects them.

use super::text::superscript;

/// Values beyond this are drawn at it, so that no difference overflows.
const LARGEST: f64 = 1e300;
/// Ranges narrower than this part of the values are drawn as constant: their ticks could not be told apart.
const NARROWEST: f64 = 1e-6;

/// The finite values seen so far.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extent {
    /// Least value.
    pub min: f64,
    /// Least value above zero.
    pub min_positive: f64,
    /// Largest value.
    pub max: f64,
}

impl Extent {
    /// Of the finite values; `None` where there are none.
    #[must_use]
    pub fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut extent = Self { min: f64::INFINITY, min_positive: f64::INFINITY, max: f64::NEG_INFINITY };
        for value in values.into_iter().filter(|value| value.is_finite()) {
            let value = value.clamp(-LARGEST, LARGEST);
            extent.min = extent.min.min(value);
            extent.max = extent.max.max(value);
            if value > 0.0 {
                extent.min_positive = extent.min_positive.min(value);
            }
        }
        (extent.min <= extent.max).then_some(extent)
    }

    /// Whether all values are positive and span more than `ratio`.
    #[must_use]
    pub fn is_wide(&self, ratio: f64) -> bool {
        self.min > 1e-290 && self.max / self.min > ratio
    }
}

/// A mark on an axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// Its value.
    pub value: f64,
    /// What is written beside it, in units of [`Axis::exponent`].
    pub label: String,
}

/// An axis: the range it shows and its ticks.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// Value at its start.
    pub min: f64,
    /// Value at its end.
    pub max: f64,
    /// Whether it is logarithmic.
    pub log: bool,
    /// The marks, ascending.
    pub ticks: Vec<Tick>,
    /// Power of ten in which the ticks are written.
    pub exponent: i32,
}

impl Axis {
    /// A linear axis over `extent`, with a part `margin` of its length left free on both sides and at most `count` ticks.
    #[must_use]
    pub fn linear(extent: Extent, margin: f64, count: usize) -> Self {
        let (min, max) = widened(extent.min, extent.max);
        let space = margin * (max - min);
        Self::between(min - space, max + space, count)
    }

    /// A linear axis from exactly `min` to `max`, with at most `count` ticks.
    #[must_use]
    pub fn between(min: f64, max: f64, count: usize) -> Self {
        let (min, max) = widened(min, max);
        let (step, values) = round_values(min, max, count);
        let largest = values.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
        let exponent = multiplier(largest, step);
        let decimals = (f64::from(exponent) - step.log10().floor()).max(0.0) as usize;
        // Thousands are grouped only where some number is long enough to need it.
        let grouped = largest >= 9999.5;
        let ticks = values
            .into_iter()
            .map(|value| Tick { value, label: fixed(scaled(value, exponent), decimals, grouped) })
            .collect();
        Self { min, max, log: false, ticks, exponent }
    }

    /// A logarithmic axis over `extent`, which must be positive, with at most about `count` ticks.
    #[must_use]
    pub fn log(extent: Extent, count: usize) -> Self {
        let (low, high) = (extent.min_positive.log10(), extent.max.log10());
        let space = (0.05 * (high - low)).max(0.02);
        let (low, high) = (low - space, high + space);
        let count = count.max(2);
        let decades = (low.ceil() as i32)..=(high.floor() as i32);
        let every = i32::try_from(decades.count().div_ceil(count.min(6))).unwrap_or(i32::MAX).max(1);
        // Ticks between decades where they have the room of one tick.
        let room = count as f64 / (high - low);
        let steps: &[f64] = match () {
            () if 0.097 * room >= 1.0 => &[1.0, 2.0, 3.0, 4.0, 6.0, 8.0],
            () if 0.301 * room >= 1.0 => &[1.0, 2.0, 5.0],
            () if 0.477 * room >= 1.0 => &[1.0, 3.0],
            () => &[1.0],
        };
        let ticks: Vec<Tick> = ((low.floor() as i32)..=(high.floor() as i32))
            .filter(|decade| decade.rem_euclid(every) == 0)
            .flat_map(|decade| steps.iter().map(move |step| (decade, *step)))
            .map(|(decade, step)| Tick { value: step * 10_f64.powi(decade), label: power(step, decade) })
            .filter(|tick| (low..=high).contains(&tick.value.log10()))
            .collect();
        Self { min: 10_f64.powf(low), max: 10_f64.powf(high), log: true, ticks, exponent: 0 }
    }

    /// Where `value` lies: 0 at the start of the axis, 1 at its end; `None` where it can't be shown.
    #[must_use]
    pub fn position(&self, value: f64) -> Option<f64> {
        if !value.is_finite() || (self.log && value <= 0.0) {
            return None;
        }
        let value = value.clamp(-LARGEST, LARGEST);
        let part = if self.log {
            (value.log10() - self.min.log10()) / (self.max.log10() - self.min.log10())
        } else {
            (value - self.min) / (self.max - self.min)
        };
        part.is_finite().then_some(part.clamp(0.0, 1.0))
    }
}

/// A range that is wide enough to be divided.
fn widened(min: f64, max: f64) -> (f64, f64) {
    let size = min.abs().max(max.abs());
    if max - min > NARROWEST * size && max - min > 1e-290 {
        (min, max)
    } else if size < 1e-290 {
        (min - 1.0, max + 1.0)
    } else {
        let middle = min / 2.0 + max / 2.0;
        (middle - 0.1 * size, middle + 0.1 * size)
    }
}

/// Multiples of a round step within a range, at most `count`: the step and the values.
///
/// Of the steps that are coarse enough the one is taken that comes closest to filling somewhat more than half of the room.
fn round_values(min: f64, max: f64, count: usize) -> (f64, Vec<f64>) {
    let count = count.max(2);
    let wanted = (0.6 * count as f64).ceil().max(3.0);
    let power = 10_f64.powi(((max - min) / count as f64).log10().floor() as i32);
    let multiples = |step: f64| ((min / step - 1e-9).ceil(), (max / step + 1e-9).floor());
    let distance = |step: f64| {
        let (first, last) = multiples(step);
        ((last - first + 1.0) / wanted).ln().abs()
    };
    let step = [1.0, 2.0, 5.0, 10.0, 20.0]
        .into_iter()
        .map(|factor| factor * power)
        .filter(|&step| multiples(step).1 - multiples(step).0 < count as f64)
        .min_by(|a, b| distance(*a).total_cmp(&distance(*b)))
        .unwrap_or(20.0 * power);
    let (first, last) = multiples(step);
    (step, (first as i64..=last as i64).map(|index| index as f64 * step).collect())
}

/// The power of ten in which to write numbers up to `largest` in steps of `step`; 0 for ordinary ones.
fn multiplier(largest: f64, step: f64) -> i32 {
    // Numbers of ordinary size are read best as they are, even where they need many digits.
    if largest == 0.0 || (largest < 1e6 && step >= 0.999e-3) || (1.0..1e4).contains(&largest) {
        0
    } else {
        largest.log10().floor() as i32
    }
}

/// `value / 10^exponent`, safe for the smallest and largest exponents.
fn scaled(value: f64, exponent: i32) -> f64 {
    let half = exponent / 2;
    value / 10_f64.powi(half) / 10_f64.powi(exponent - half)
}

/// A number with `decimals` digits after the point, a true minus sign, and thousands in groups if asked.
fn fixed(value: f64, decimals: usize, grouped: bool) -> String {
    let digits = format!("{:.*}", decimals.min(12), value.abs());
    let is_zero = digits.bytes().all(|byte| byte == b'0' || byte == b'.');
    let (whole, fraction) = digits.split_once('.').map_or((digits.as_str(), None), |(w, f)| (w, Some(f)));
    let mut out = String::new();
    if value < 0.0 && !is_zero {
        out.push('−');
    }
    for (index, digit) in whole.chars().enumerate() {
        if grouped && index > 0 && (whole.len() - index) % 3 == 0 {
            out.push('\u{2009}');
        }
        out.push(digit);
    }
    if let Some(fraction) = fraction {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

/// `step * 10^decade` as it is best read on a logarithmic axis.
fn power(step: f64, decade: i32) -> String {
    if (-2..=3).contains(&decade) {
        fixed(step * 10_f64.powi(decade), (-decade).max(0) as usize, false)
    } else if step == 1.0 {
        format!("10{}", superscript(decade))
    } else {
        format!("{step:.0}×10{}", superscript(decade))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn labels(axis: &Axis) -> Vec<&str> {
        axis.ticks.iter().map(|tick| tick.label.as_str()).collect()
    }

    #[test]
    fn ticks_are_round_numbers() {
        assert_eq!(labels(&Axis::between(0.0, 0.45, 8)), ["0.0", "0.1", "0.2", "0.3", "0.4"]);
        assert_eq!(labels(&Axis::between(-0.3, 0.3, 6)), ["−0.2", "0.0", "0.2"]);
        assert_eq!(labels(&Axis::between(0.0, 14370.0, 6)), ["0", "5\u{2009}000", "10\u{2009}000"]);
        assert_eq!(labels(&Axis::between(0.0, 2000.0, 8)), ["0", "500", "1000", "1500", "2000"]);
    }

    #[test]
    fn tiny_and_huge_numbers_take_a_multiplier() {
        let tiny = Axis::between(0.0, 3e-12, 7);
        assert_eq!((labels(&tiny), tiny.exponent), (vec!["0", "1", "2", "3"], -12));
        let huge = Axis::between(-2e12, 2e12, 9);
        assert_eq!((labels(&huge), huge.exponent), (vec!["−2", "−1", "0", "1", "2"], 12));
        let fine = Axis::between(0.0, 0.002, 8);
        assert_eq!((labels(&fine), fine.exponent), (vec!["0.0", "0.5", "1.0", "1.5", "2.0"], -3));
    }

    #[test]
    fn decades_of_a_log_axis() {
        let axis = Axis::log(Extent::of([2e-6, 3.0]).unwrap(), 4);
        assert_eq!(labels(&axis), ["10⁻⁶", "10⁻⁴", "0.01", "1"]);
        let short = Axis::log(Extent::of([0.06, 1.4]).unwrap(), 5);
        assert_eq!(labels(&short), ["0.1", "0.2", "0.5", "1"]);
        let shorter = Axis::log(Extent::of([0.25, 1.1]).unwrap(), 9);
        assert_eq!(labels(&shorter), ["0.3", "0.4", "0.6", "0.8", "1"]);
        assert!(short.position(0.0).is_none() && short.position(-1.0).is_none());
    }

    #[test]
    fn any_range_gives_an_axis() {
        for (low, high) in [
            (0.0, 0.0),
            (1e-12, 1e-12),
            (5.0, 5.0 + 1e-14),
            (-1e12, 1e12),
            (f64::MIN, f64::MAX),
            (0.0, f64::MIN_POSITIVE),
            (1e300, 1e300),
            (-1e-320, 1e-320),
        ] {
            for count in [0, 1, 2, 7] {
                let axis = Axis::linear(Extent::of([low, high]).unwrap(), 0.05, count);
                assert!(axis.min < axis.max && axis.ticks.len() <= count.max(2), "{low} {high}: {axis:?}");
                let middle = axis.position(low / 2.0 + high / 2.0).unwrap();
                assert!((0.0..=1.0).contains(&middle), "{low} {high}: {middle}");
            }
        }
        assert_eq!(Extent::of([f64::NAN, f64::INFINITY]), None);
        let axis = Axis::log(Extent::of([1e-250, 1e250]).unwrap(), 5);
        assert!((2..=6).contains(&axis.ticks.len()), "{axis:?}");
    }
}
