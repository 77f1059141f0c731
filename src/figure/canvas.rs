//! A bitmap to draw on, in pixels at scale 1: the only file that names plotters.
//!
//! plotters draws wide lines without anti-aliasing and at whole pixels. The canvas therefore draws several times
//! larger than asked and averages: every edge is smooth, every position accurate to a part of a pixel.

use std::fmt::Display;
use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use plotters::backend::{BitMapBackend, DrawingBackend, RGBPixel};
use plotters::style::{
    Color as _, FontDesc, FontFamily, FontStyle, FontTransform, RGBColor, ShapeStyle, register_font,
};

use super::dash::dashes;
use super::error::FigureError;
use super::resample;
use super::style::{Color, Dash, Stroke};
use super::text::{Align, TextStyle, spans};

/// A position, x to the right and y down.
pub type Point = (f64, f64);

/// Family under which the fonts are registered.
const FAMILY: &str = "DejaVu Sans";
/// plotters' font size is ascent plus descent; the em of this one is this much smaller.
const FONT_SIZE_PER_EM: f64 = 1.164;
/// Least and largest pixels of a whole figure.
pub(crate) const PIXELS: std::ops::RangeInclusive<f64> = 1.0..=64e6;
/// Most pixels along a side.
pub(crate) const LONGEST: f64 = 30_000.0;

/// A bitmap to draw on.
pub struct Canvas {
    /// Width and height at scale 1.
    pub size: (f64, f64),
    scale: f64,
    oversampling: u32,
    output: (u32, u32),
    buffer: Vec<u8>,
}

impl Canvas {
    /// A white bitmap of `width` x `height` pixels at scale 1, enlarged by `scale`.
    ///
    /// # Errors
    /// If the bitmap would be empty or too large, or the font can't be used.
    pub fn new(width: u32, height: u32, scale: f64) -> Result<Self, FigureError> {
        let (w, h) = ((f64::from(width) * scale).round(), (f64::from(height) * scale).round());
        if !(scale.is_finite() && w >= 1.0 && h >= 1.0 && PIXELS.contains(&(w * h)) && w.max(h) <= LONGEST) {
            return Err(FigureError::new(
                Path::new("figures"),
                format!("a bitmap of {width} x {height} pixels at scale {scale} can't be drawn"),
                "choose `figures.width`, `figures.height` and `figures.scale` for at most 64 million pixels",
            ));
        }
        register_fonts()?;
        let oversampling = match w * h {
            pixels if pixels <= 8e6 => 3,
            pixels if pixels <= 16e6 => 2,
            _ => 1,
        };
        let output = (w as u32, h as u32);
        let samples = 3 * (output.0 * oversampling) as usize * (output.1 * oversampling) as usize;
        Ok(Self {
            size: (f64::from(width), f64::from(height)),
            scale: scale * f64::from(oversampling),
            oversampling,
            output,
            buffer: vec![255; samples],
        })
    }

    /// Pixels of the finished bitmap per unit of length.
    #[must_use]
    pub fn resolution(&self) -> f64 {
        self.scale / f64::from(self.oversampling)
    }

    fn pixel(&self, (x, y): Point) -> (i32, i32) {
        ((x * self.scale).round() as i32, (y * self.scale).round() as i32)
    }

    /// Draws by plotters into the buffer.
    fn draw<E: Display>(
        &mut self,
        draw: impl FnOnce(&mut BitMapBackend<'_, RGBPixel>) -> Result<(), E>,
    ) -> Result<(), FigureError> {
        let size = (self.output.0 * self.oversampling, self.output.1 * self.oversampling);
        let mut backend =
            BitMapBackend::<RGBPixel>::with_buffer_and_format(&mut self.buffer, size).map_err(failed)?;
        draw(&mut backend).map_err(failed)
    }

    /// Draws a line through `points`, its corners rounded; a single point becomes a dot.
    ///
    /// # Errors
    /// If plotters fails.
    pub fn polyline(&mut self, points: &[Point], stroke: Stroke) -> Result<(), FigureError> {
        if let [point] = points {
            return self.disc(*point, 1.6 * stroke.width, stroke.color, 1.0);
        }
        if stroke.dash == Dash::Solid {
            return self.solid(points, stroke);
        }
        for piece in dashes(points, stroke.dash.pattern(), stroke.width) {
            self.solid(&piece, stroke)?;
        }
        Ok(())
    }

    fn solid(&mut self, points: &[Point], stroke: Stroke) -> Result<(), FigureError> {
        let width = (stroke.width * self.scale).round().max(1.0) as u32;
        let style = ShapeStyle { color: rgb(stroke.color).to_rgba(), filled: true, stroke_width: width };
        let mut pixels: Vec<_> = points.iter().map(|&point| self.pixel(point)).collect();
        pixels.dedup();
        self.draw(|backend| {
            for pair in pixels.windows(2) {
                backend.draw_line(pair[0], pair[1], &style)?;
            }
            pixels
                .iter()
                .skip(1)
                .rev()
                .skip(1)
                .try_for_each(|joint| backend.draw_circle(*joint, width / 2, &style, true))
        })
    }

    /// Draws a filled circle of the given opacity, 0 to 1.
    ///
    /// # Errors
    /// If plotters fails.
    pub fn disc(
        &mut self,
        center: Point,
        radius: f64,
        color: Color,
        opacity: f64,
    ) -> Result<(), FigureError> {
        let (center, radius) = (self.pixel(center), (radius * self.scale).round().max(1.0) as u32);
        let style = rgb(color).mix(opacity).filled();
        self.draw(|backend| backend.draw_circle(center, radius, &style, true))
    }

    /// Draws a filled polygon of the given opacity, 0 to 1.
    ///
    /// # Errors
    /// If plotters fails.
    pub fn polygon(&mut self, outline: &[Point], color: Color, opacity: f64) -> Result<(), FigureError> {
        let pixels: Vec<_> = outline.iter().map(|&point| self.pixel(point)).collect();
        let style = rgb(color).mix(opacity).filled();
        if pixels.len() < 3 { Ok(()) } else { self.draw(|backend| backend.fill_polygon(pixels, &style)) }
    }

    /// Length of a line of text, markup as in [`super::text`].
    ///
    /// # Errors
    /// If the font can't be used.
    pub fn text_width(&self, markup: &str, style: TextStyle) -> Result<f64, FigureError> {
        let widths: Result<Vec<f64>, _> = spans(markup)
            .iter()
            .map(|span| {
                let (width, _) = self.font(style, span.oblique).box_size(&span.text).map_err(failed)?;
                Ok(f64::from(width) / self.scale)
            })
            .collect();
        Ok(widths?.iter().sum())
    }

    /// The start of `text` that is at most `width` long, with an ellipsis where something is left out.
    ///
    /// # Errors
    /// If the font can't be used.
    pub fn elide(&self, text: &str, style: TextStyle, width: f64) -> Result<String, FigureError> {
        let mut kept: Vec<char> = text.chars().collect();
        let mut fitting = text.to_owned();
        while self.text_width(&fitting, style)? > width && kept.pop().is_some() {
            let mark = if kept.iter().filter(|c| **c == '*').count() % 2 == 1 { "*…" } else { "…" };
            fitting = kept.iter().collect::<String>().trim_end().to_owned() + mark;
        }
        Ok(fitting)
    }

    fn font(&self, style: TextStyle, oblique: bool) -> FontDesc<'static> {
        let face = match (style.bold, oblique) {
            (true, _) => FontStyle::Bold,
            (false, true) => FontStyle::Oblique,
            (false, false) => FontStyle::Normal,
        };
        FontDesc::new(FontFamily::Name(FAMILY), style.size * FONT_SIZE_PER_EM * self.scale, face)
    }

    /// Writes a line of text centred on the height of its capitals, markup as in [`super::text`].
    ///
    /// # Errors
    /// If the font can't be used.
    pub fn text(&mut self, at: Point, markup: &str, style: TextStyle) -> Result<(), FigureError> {
        let width = self.text_width(markup, style)?;
        let before = match style.align {
            Align::Start => 0.0,
            Align::Middle => width / 2.0,
            Align::End => width,
        };
        // Capitals are 0.73 em high, and plotters sets the baseline half a font size below the position.
        let rise = style.size * (0.73 / 2.0 - FONT_SIZE_PER_EM / 2.0);
        let mut along = -before;
        for span in spans(markup) {
            let font = self.font(style, span.oblique);
            let (length, _) = font.box_size(&span.text).map_err(failed)?;
            let (font, position) = if style.upward {
                (font.transform(FontTransform::Rotate270), (at.0 + rise, at.1 - along))
            } else {
                (font, (at.0 + along, at.1 + rise))
            };
            let (pixel, font) = (self.pixel(position), font.color(&rgb(style.color)));
            self.draw(|backend| backend.draw_text(&span.text, &font, pixel))?;
            along += f64::from(length) / self.scale;
        }
        Ok(())
    }

    /// Writes the bitmap to `path` as PNG: beside first, then renamed, so that no half figure is left.
    ///
    /// # Errors
    /// If the file can't be written.
    pub fn save(self, path: &Path) -> Result<(), FigureError> {
        let write = |reason: String| {
            FigureError::new(
                path,
                format!("can't write the figure: {reason}"),
                "check the folder and the disk",
            )
        };
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|error| write(error.to_string()))?;
        }
        let beside = path.with_extension("partial.png");
        let written = self.present(&beside, write);
        let written =
            written.and_then(|()| fs::rename(&beside, path).map_err(|error| write(error.to_string())));
        if written.is_err() {
            // Part of a figure is of no use, and may fill the disk.
            let _ = fs::remove_file(&beside);
        }
        written
    }

    fn present(&self, path: &Path, failed_to: impl Fn(String) -> FigureError) -> Result<(), FigureError> {
        let mut backend = BitMapBackend::new(path, self.output);
        let bitmap = resample::average(&self.buffer, self.output, self.oversampling);
        backend.blit_bitmap((0, 0), self.output, &bitmap).map_err(failed)?;
        backend.present().map_err(|error| failed_to(error.to_string()))
    }
}

fn rgb(color: Color) -> RGBColor {
    RGBColor(color.0, color.1, color.2)
}

fn failed(error: impl Display) -> FigureError {
    FigureError::new(Path::new("figures"), format!("drawing failed: {error}"), "")
}

fn register_fonts() -> Result<(), FigureError> {
    static REGISTERED: OnceLock<bool> = OnceLock::new();
    let registered = REGISTERED.get_or_init(|| {
        [
            (FontStyle::Normal, dejavu::sans::regular()),
            (FontStyle::Bold, dejavu::sans::bold()),
            (FontStyle::Oblique, dejavu::sans::oblique()),
        ]
        .into_iter()
        .all(|(style, bytes)| register_font(FAMILY, style, bytes).is_ok())
    });
    if *registered { Ok(()) } else { Err(failed("the built-in font can't be used")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn impossible_sizes_are_refused() {
        for (width, height, scale) in
            [(0, 600, 1.0), (800, 600, f64::NAN), (800, 600, 1e9), (u32::MAX, 1, 1.0)]
        {
            assert!(Canvas::new(width, height, scale).is_err(), "{width} {height} {scale}");
        }
    }
}
