//! Measures over a setting, as an SVG or a PNG.

use crate::exit::Error;
use crate::output;
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::register_font;
use std::path::Path;

/// One measure: its name, and for each line its points.
pub(crate) struct Panel {
    pub(crate) title: String,
    pub(crate) lines: Vec<(String, Vec<(f64, f64)>)>,
}

/// How a picture is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// Lines and text, as large as one likes.
    Svg,
    /// Pixels.
    Png,
}

impl Format {
    /// The format that a file's name asks for.
    pub(crate) fn of(path: &Path) -> Result<Format, Error> {
        match path.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase).as_deref() {
            Some("svg") => Ok(Format::Svg),
            Some("png") => Ok(Format::Png),
            _ => Err(Error::words(format!("--plot {}: the name should end in .svg or .png", path.display()))),
        }
    }
}

/// A typeface that plots are labelled with on any machine, whatever is installed there.
const FACE: &str = "sans-serif";

/// Pixels of a PNG for one of an SVG, so that small text stays legible.
const FINENESS: u32 = 2;

/// Width of an SVG.
const WIDTH: u32 = 760;

/// Draws panels below each other, all over the same setting.
pub(crate) fn draw(path: &Path, title: &str, across: &str, panels: &[Panel]) -> Result<(), Error> {
    let fail = |error: Problem| Error::words(format!("{} cannot be drawn: {error}", path.display()));
    register_font(FACE, FontStyle::Normal, epaint_default_fonts::UBUNTU_LIGHT)
        .map_err(|_| fail("the typeface for its text cannot be read".into()))?;
    let height = 60 + 260 * panels.len() as u32;
    let octets = match Format::of(path)? {
        Format::Svg => svg((WIDTH, height), title, across, panels),
        Format::Png => png((FINENESS * WIDTH, FINENESS * height), title, across, panels),
    };
    output::write_octets(path, &octets.map_err(fail)?)
}

type Problem = Box<dyn std::error::Error>;

fn svg(size: (u32, u32), title: &str, across: &str, panels: &[Panel]) -> Result<Vec<u8>, Problem> {
    let mut text = String::new();
    drawn(SVGBackend::with_string(&mut text, size).into_drawing_area(), 1, title, across, panels)?;
    Ok(text.into_bytes())
}

fn png(size: (u32, u32), title: &str, across: &str, panels: &[Panel]) -> Result<Vec<u8>, Problem> {
    let mut pixels = vec![0; 3 * size.0 as usize * size.1 as usize];
    drawn(BitMapBackend::with_buffer(&mut pixels, size).into_drawing_area(), FINENESS, title, across, panels)?;
    let mut octets = Vec::new();
    let mut encoder = png::Encoder::new(&mut octets, size.0, size.1);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&pixels)?;
    writer.finish()?;
    Ok(octets)
}

/// A number at an axis.
fn number(number: &f64) -> String {
    ((number * 1000.0).round() / 1000.0).to_string()
}

/// The corner with the fewest points, for the names of the lines.
fn emptiest<'p>(points: impl Iterator<Item = &'p (f64, f64)>, middle: f64, half: f64) -> SeriesLabelPosition {
    use SeriesLabelPosition::{LowerLeft, LowerRight, UpperLeft, UpperRight};
    let mut corners = [(0, UpperRight), (0, UpperLeft), (0, LowerRight), (0, LowerLeft)];
    for (x, y) in points {
        corners[2 * usize::from(*y < half) + usize::from(*x < middle)].0 += 1;
    }
    corners.into_iter().min_by_key(|(count, _)| *count).map_or(UpperRight, |(_, corner)| corner)
}

/// `fineness`: by what every length is multiplied.
fn drawn<B: DrawingBackend>(
    root: DrawingArea<B, Shift>,
    fineness: u32,
    title: &str,
    across: &str,
    panels: &[Panel],
) -> Result<(), Problem>
where
    B::ErrorType: 'static,
{
    let font = |size: u32| (FACE, fineness * size);
    root.fill(&WHITE)?;
    let edge = 8 * fineness;
    let root = root.margin(edge, 0, 0, 0).titled(title, font(20))?;
    for (area, panel) in root.split_evenly((panels.len().max(1), 1)).iter().zip(panels) {
        let points = || panel.lines.iter().flat_map(|(_, points)| points);
        let most = |of: fn(&(f64, f64)) -> f64| points().map(of).fold(0.0_f64, f64::max);
        let least = points().map(|(x, _)| *x).fold(f64::INFINITY, f64::min);
        if !least.is_finite() {
            continue;
        }
        let (right, top) = (most(|(x, _)| *x).max(least + 1.0), most(|(_, y)| *y).max(1e-9) * 1.1);
        let mut chart = ChartBuilder::on(area)
            .caption(&panel.title, font(15))
            .margin(edge)
            .x_label_area_size(34 * fineness)
            .y_label_area_size(72 * fineness)
            .build_cartesian_2d(least..right, 0.0..top)?;
        let mut mesh = chart.configure_mesh();
        mesh.x_desc(across).label_style(font(12)).light_line_style(WHITE);
        mesh.x_label_formatter(&number).y_label_formatter(&number).draw()?;
        for (place, (name, points)) in panel.lines.iter().enumerate() {
            let color = Palette99::pick(place).to_rgba();
            let line = chart.draw_series(LineSeries::new(points.iter().copied(), color.stroke_width(2 * fineness)))?;
            if !name.is_empty() {
                let length = 16 * fineness as i32;
                line.label(name.clone()).legend(move |(x, y)| {
                    PathElement::new([(x, y), (x + length, y)], color.stroke_width(2 * fineness))
                });
            }
            chart.draw_series(points.iter().map(|point| Circle::new(*point, 3 * fineness, color.filled())))?;
        }
        if panel.lines.len() > 1 {
            chart
                .configure_series_labels()
                .position(emptiest(points(), (least + right) / 2.0, top / 2.0))
                .label_font(font(12))
                .legend_area_size(22 * fineness)
                .border_style(BLACK)
                .background_style(WHITE)
                .draw()?;
        }
    }
    root.present()?;
    Ok(())
}
