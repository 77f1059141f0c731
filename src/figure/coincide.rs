//! Curves that lie on one another, of which only the last drawn can be seen: a legend has to say so.

use super::legend::Entry;
use super::panel::{Panel, Series};
use super::scale::Axis;
use super::style::Dash;

/// Curves closer than this part of the height of their panel can't be told apart: a fraction of their width.
const CLOSE: f64 = 1e-3;
/// Names that are written out before the rest is counted.
const NAMES: usize = 4;

/// What to say of unbroken curves that have a name of their own in `legend` and coincide all along, in which panels.
#[must_use]
pub fn remarks(legend: &[Vec<Entry>], panels: &[Panel]) -> Vec<Entry> {
    let mut found: Vec<(Vec<&str>, Vec<&str>)> = Vec::new();
    for panel in panels {
        // What is joined in one panel, as in `w, b`, begins with the unbroken curves.
        let quantity = panel.quantity.name.split(", ").next().unwrap_or_default();
        for names in groups(legend, panel) {
            match found.iter_mut().find(|(others, _)| *others == names) {
                Some((_, quantities)) => quantities.push(quantity),
                None => found.push((names, vec![quantity])),
            }
        }
    }
    let text = |(names, quantities): (Vec<&str>, Vec<&str>)| {
        format!("({} coincide in {})", listed(&names), quantities.join(", "))
    };
    found.into_iter().map(|group| Entry::remark(text(group))).collect()
}

fn listed(names: &[&str]) -> String {
    if names.len() <= NAMES {
        names.join(", ")
    } else {
        let written = NAMES - 1;
        format!("{} and {} more", names[..written].join(", "), names.len() - written)
    }
}

/// The names of curves of one panel that coincide, two or more in each group.
fn groups<'a>(legend: &'a [Vec<Entry>], panel: &Panel) -> Vec<Vec<&'a str>> {
    let Some(axis) = panel.y_axis(2) else { return Vec::new() };
    let name = |series: &Series| {
        let mut entries = legend.iter().flatten();
        let entry = entries.find(|entry| entry.stroke == Some(series.stroke))?;
        (series.stroke.dash == Dash::Solid).then_some(entry.text.as_str())
    };
    let mut groups: Vec<(&Series, Vec<&str>)> = Vec::new();
    for series in &panel.series {
        let Some(name) = name(series) else { continue };
        match groups.iter_mut().find(|(first, _)| coincide(&axis, first, series)) {
            Some((_, names)) if names.contains(&name) => {}
            Some((_, names)) => names.push(name),
            None => groups.push((series, vec![name])),
        }
    }
    groups.into_iter().map(|(_, names)| names).filter(|names| names.len() > 1).collect()
}

fn coincide(axis: &Axis, one: &Series, other: &Series) -> bool {
    let is_close = |(a, b): (&(f64, f64), &(f64, f64))| {
        let is_same_height = match (axis.position(a.1), axis.position(b.1)) {
            (Some(a), Some(b)) => (a - b).abs() < CLOSE,
            (a, b) => a == b,
        };
        a.0.total_cmp(&b.0).is_eq() && is_same_height
    };
    one.points.len() == other.points.len() && one.points.iter().zip(&other.points).all(is_close)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::figure::frame::Quantity;
    use crate::figure::panel::Scale;
    use crate::figure::style::{Color, Stroke};

    fn series(index: usize, heights: [f64; 3], dash: Dash) -> Series {
        let points = heights.into_iter().enumerate().map(|(x, y)| (x as f64, y)).collect();
        Series { points, stroke: Stroke::solid(Color::series(index)).dashed(dash) }
    }

    fn panel(name: &str, series: Vec<Series>) -> Panel {
        Panel::new(Quantity::new(name, "1"), Scale::LogBeyond(30.0), series).unwrap()
    }

    fn said(names: usize, panels: &[Panel]) -> Vec<String> {
        let entry = |index| Entry::new(format!("s{index}"), Stroke::solid(Color::series(index)));
        let legend = [(0..names).map(entry).collect(), Vec::new()];
        remarks(&legend, panels).into_iter().map(|entry| entry.text).collect()
    }

    #[test]
    fn curves_that_coincide_are_named_with_their_panels() {
        let same = |index| series(index, [0.0, 1.0, 2.0], Dash::Solid);
        let other = |index| series(index, [0.0, 1.0, 1.99], Dash::Solid);
        let panels = [
            panel("*g*", vec![same(0), same(1), other(2)]),
            panel("*m*", vec![other(2), same(1), other(0)]),
            panel("*w*, *b*", vec![same(0), same(1), other(2)]),
        ];
        assert_eq!(said(3, &panels), ["(s0, s1 coincide in *g*, *w*)", "(s2, s0 coincide in *m*)"]);
    }

    #[test]
    fn nothing_is_said_of_broken_or_nameless_curves_or_of_ones_that_part() {
        let high = [1.0, 10.0, 1000.0];
        let parted =
            panel("*ρ*", vec![series(0, high, Dash::Solid), series(1, [1.1, 10.0, 1000.0], Dash::Solid)]);
        let broken = panel("*w*", vec![series(0, high, Dash::Solid), series(1, high, Dash::Dashed)]);
        let nameless = panel("*u*", vec![series(0, high, Dash::Solid), series(7, high, Dash::Solid)]);
        assert_eq!(said(2, &[parted, broken, nameless]), [""; 0]);
    }

    #[test]
    fn gaps_coincide_and_many_names_are_counted() {
        let gap = [f64::NAN, 1.0, 2.0];
        let panels = [panel("*g*", (0..9).map(|index| series(index, gap, Dash::Solid)).collect())];
        assert_eq!(said(9, &panels), ["(s0, s1, s2 and 6 more coincide in *g*)"]);
    }
}
