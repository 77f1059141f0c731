//! The look of every figure: colours that colour-blind readers can tell apart, line styles, sizes.
//!
//! # Units
//! Lengths are pixels at scale 1.
//!
//! # References
//! Palette: Okabe & Ito (2008), "Color Universal Design", without its yellow, which is too pale for lines on white.

/// An opaque colour, sRGB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Color(pub u8, pub u8, pub u8);

/// Text and axes.
pub const INK: Color = Color(0x22, 0x22, 0x22);
/// Frames and the identity line.
pub const FRAME: Color = Color(0x80, 0x80, 0x80);
/// What figures are drawn on.
pub const PAPER: Color = Color(0xff, 0xff, 0xff);
/// Grid lines.
pub const GRID: Color = Color(0xe4, 0xe4, 0xe4);

/// The palette, the most distinct first.
pub const PALETTE: [Color; 7] = [
    Color(0x00, 0x72, 0xb2), // blue
    Color(0xd5, 0x5e, 0x00), // vermilion
    Color(0x00, 0x9e, 0x73), // bluish green
    Color(0xcc, 0x79, 0xa7), // reddish purple
    Color(0xe6, 0x9f, 0x00), // orange
    Color(0x56, 0xb4, 0xe9), // sky blue
    Color(0x00, 0x00, 0x00), // black
];

/// Series that [`Color::series`] tells apart.
pub const DISTINCT: usize = 3 * PALETTE.len();

/// Title.
pub const TITLE_SIZE: f64 = 14.0;
/// Axis labels and legend.
pub const LABEL_SIZE: f64 = 12.0;
/// Tick labels.
pub const TICK_SIZE: f64 = 11.0;
/// Curves.
pub const LINE_WIDTH: f64 = 1.3;
/// Frames, ticks and grid.
pub const HAIRLINE: f64 = 0.8;

impl Color {
    /// The colour of the `index`th series; past the end of the palette its shades follow.
    #[must_use]
    pub fn series(index: usize) -> Self {
        let color = PALETTE[index % PALETTE.len()];
        match (index / PALETTE.len()) % 3 {
            0 => color,
            1 => color.mix(Self(0, 0, 0), 0.45),
            _ => color.mix(Self(255, 255, 255), 0.5),
        }
    }

    /// A shade that stands out on this colour: darker, or lighter for a dark one.
    #[must_use]
    pub fn shade(self) -> Self {
        let dark = u32::from(self.0) + u32::from(self.1) + u32::from(self.2) < 120;
        if dark { self.mix(Self(255, 255, 255), 0.6) } else { self.mix(Self(0, 0, 0), 0.35) }
    }

    /// This colour with a part `amount`, 0 to 1, of `other`.
    fn mix(self, other: Self, amount: f64) -> Self {
        let channel = |a: u8, b: u8| {
            (f64::from(a) + amount * (f64::from(b) - f64::from(a))).round().clamp(0.0, 255.0) as u8
        };
        Self(channel(self.0, other.0), channel(self.1, other.1), channel(self.2, other.2))
    }
}

/// How a line is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dash {
    /// Not at all.
    Solid,
    /// Dashes.
    Dashed,
    /// Dots.
    Dotted,
    /// Dashes and dots in turn.
    DashDot,
}

impl Dash {
    /// Line styles in the order in which layers take them.
    pub const ALL: [Self; 4] = [Self::Solid, Self::Dashed, Self::Dotted, Self::DashDot];

    /// Lengths that are drawn and left out in turn, in line widths; empty for a solid line.
    #[must_use]
    pub fn pattern(self) -> &'static [f64] {
        match self {
            Self::Solid => &[],
            Self::Dashed => &[4.5, 2.8],
            Self::Dotted => &[1.2, 1.8],
            Self::DashDot => &[5.0, 2.0, 1.2, 2.0],
        }
    }
}

/// How a line is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stroke {
    /// Its colour.
    pub color: Color,
    /// Its width.
    pub width: f64,
    /// How it is broken.
    pub dash: Dash,
}

impl Stroke {
    /// An unbroken curve.
    #[must_use]
    pub fn solid(color: Color) -> Self {
        Self { color, width: LINE_WIDTH, dash: Dash::Solid }
    }

    /// The same line broken otherwise.
    #[must_use]
    pub fn dashed(self, dash: Dash) -> Self {
        Self { dash, ..self }
    }

    /// A thin unbroken line.
    #[must_use]
    pub fn hairline(color: Color) -> Self {
        Self { color, width: HAIRLINE, dash: Dash::Solid }
    }
}
