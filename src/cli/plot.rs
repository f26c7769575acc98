//! Measures over a setting, as an SVG.

use crate::exit::Error;
use crate::output;
use plotters::prelude::*;
use std::path::Path;

/// One measure: its name, and for each line its points.
pub(crate) struct Panel {
    pub(crate) title: String,
    pub(crate) lines: Vec<(String, Vec<(f64, f64)>)>,
}

/// Draws panels below each other, all over the same setting.
pub(crate) fn draw(path: &Path, title: &str, across: &str, panels: &[Panel]) -> Result<(), Error> {
    let mut text = String::new();
    drawn(&mut text, title, across, panels)
        .map_err(|error| Error::words(format!("{} cannot be drawn: {error}", path.display())))?;
    output::write(path, &text)
}

type Drawn = Result<(), Box<dyn std::error::Error>>;

fn drawn(text: &mut String, title: &str, across: &str, panels: &[Panel]) -> Drawn {
    let height = 60 + 260 * panels.len() as u32;
    let root = SVGBackend::with_string(text, (760, height)).into_drawing_area();
    root.fill(&WHITE)?;
    let root = root.titled(title, ("sans-serif", 20))?;
    for (area, panel) in root.split_evenly((panels.len().max(1), 1)).iter().zip(panels) {
        let points = || panel.lines.iter().flat_map(|(_, points)| points);
        let most = |of: fn(&(f64, f64)) -> f64| points().map(of).fold(0.0_f64, f64::max);
        let least = points().map(|(x, _)| *x).fold(f64::INFINITY, f64::min);
        if !least.is_finite() {
            continue;
        }
        let (right, top) = (most(|(x, _)| *x).max(least + 1.0), most(|(_, y)| *y).max(1e-9) * 1.1);
        let mut chart = ChartBuilder::on(area)
            .caption(&panel.title, ("sans-serif", 15))
            .margin(8)
            .x_label_area_size(34)
            .y_label_area_size(72)
            .build_cartesian_2d(least..right, 0.0..top)?;
        chart.configure_mesh().x_desc(across).light_line_style(WHITE).draw()?;
        for (number, (name, points)) in panel.lines.iter().enumerate() {
            let color = Palette99::pick(number).to_rgba();
            let line = chart.draw_series(LineSeries::new(points.iter().copied(), color.stroke_width(2)))?;
            if !name.is_empty() {
                line.label(name.clone()).legend(move |(x, y)| PathElement::new([(x, y), (x + 16, y)], color));
            }
            chart.draw_series(points.iter().map(|point| Circle::new(*point, 3, color.filled())))?;
        }
        if panel.lines.len() > 1 {
            chart.configure_series_labels().border_style(BLACK).background_style(WHITE).draw()?;
        }
    }
    root.present()?;
    Ok(())
}
