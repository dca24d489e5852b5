//! Loss and development metrics over steps, as a picture.

use crate::TrainError;
use crate::run::Entry;
use plotters::coord::Shift;
use plotters::prelude::*;

const SIZE: (u32, u32) = (1000, 760);

/// Room at the right for the names of curves, in pixels.
const NAMES: u32 = 200;

/// Height of a name, in pixels.
const NAME_HEIGHT: i32 = 15;

type Area<'s> = DrawingArea<SVGBackend<'s>, Shift>;
type Drawn = Result<(), Box<dyn std::error::Error>>;

/// One line of a chart.
struct Curve {
    name: String,
    points: Vec<(f64, f64)>,
}

/// An SVG with the loss above and the development metrics below.
pub(super) fn curves(name: &str, log: &[Entry]) -> Result<String, TrainError> {
    let mut svg = String::new();
    draw(name, log, &mut svg).map_err(|error| TrainError::Picture(error.to_string()))?;
    Ok(svg)
}

fn draw(name: &str, log: &[Entry], svg: &mut String) -> Drawn {
    let area = SVGBackend::with_string(svg, SIZE).into_drawing_area();
    area.fill(&WHITE)?;
    let (above, below) = area.split_vertically(SIZE.1 * 2 / 5);
    let steps = all_steps(log);
    let last = steps.last().copied().unwrap_or(1.0);
    chart(
        &above,
        &format!("{name}: loss of each stage"),
        last,
        &losses(&steps, log),
    )?;
    chart(
        &below,
        "development sets, x 100",
        last,
        &measured(&steps, log),
    )?;
    area.present()?;
    Ok(())
}

/// Steps since the first stage began, for each line of the log.
fn all_steps(log: &[Entry]) -> Vec<f64> {
    let (mut before, mut last, mut stage) = (0, 0, 0);
    let mut steps = Vec::with_capacity(log.len());
    for entry in log {
        if entry.stage_index != stage {
            before += last;
            stage = entry.stage_index;
        }
        last = entry.step;
        steps.push((before + entry.step) as f64);
    }
    steps
}

/// A curve a stage: each has a loss of its own.
fn losses(steps: &[f64], log: &[Entry]) -> Vec<Curve> {
    let mut curves: Vec<Curve> = Vec::new();
    let mut stage = None;
    for (&step, entry) in steps.iter().zip(log) {
        if stage != Some(entry.stage_index) {
            stage = Some(entry.stage_index);
            curves.push(Curve {
                name: entry.stage.clone(),
                points: Vec::new(),
            });
        }
        if let Some(curve) = curves.last_mut() {
            curve.points.push((step, f64::from(entry.loss)));
        }
    }
    curves
}

/// A curve a metric, over the lines that were measured.
fn measured(steps: &[f64], log: &[Entry]) -> Vec<Curve> {
    let mut curves: Vec<Curve> = Vec::new();
    for (&step, entry) in steps.iter().zip(log) {
        for (index, (name, value)) in entry.measurements.iter().enumerate() {
            if index == curves.len() {
                curves.push(Curve {
                    name: name.clone(),
                    points: Vec::new(),
                });
            }
            curves[index].points.push((step, *value));
        }
    }
    curves
}

fn chart(area: &Area<'_>, title: &str, last: f64, curves: &[Curve]) -> Drawn {
    let values = || {
        curves
            .iter()
            .flat_map(|curve| &curve.points)
            .map(|point| point.1)
    };
    let low = values().fold(f64::INFINITY, f64::min);
    let high = values().fold(f64::NEG_INFINITY, f64::max);
    if low > high {
        return Ok(());
    }
    let room = 0.05 * (high - low).max(1e-3);
    let mut chart = ChartBuilder::on(area)
        .caption(title, ("sans-serif", 18))
        .margin(10)
        .margin_right(NAMES)
        .x_label_area_size(35)
        .y_label_area_size(45)
        .build_cartesian_2d(0.0..last, low - room..high + room)?;
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(BLACK.mix(0.12))
        .x_label_formatter(&|step| format!("{step:.0}"))
        .x_desc("step")
        .draw()?;
    let mut ends = Vec::new();
    for (index, curve) in curves.iter().enumerate() {
        let color = Palette99::pick(index).to_rgba();
        let line = LineSeries::new(curve.points.iter().copied(), color.stroke_width(2));
        chart.draw_series(line)?;
        if let Some(end) = curve.points.last() {
            ends.push((chart.backend_coord(end).1, curve.name.as_str(), color));
        }
    }
    name_curves(area, ends)
}

/// Writes the names beside the ends of their curves, pushed apart where they would overlap.
fn name_curves(area: &Area<'_>, mut ends: Vec<(i32, &str, RGBAColor)>) -> Drawn {
    ends.sort_by_key(|end| end.0);
    let (range, _) = area.get_pixel_range();
    let (_, top) = area.get_base_pixel();
    let left = range.end - range.start - NAMES as i32 + 15;
    let mut lowest = i32::MIN;
    for (height, name, color) in ends {
        let place = (height - top - NAME_HEIGHT / 2).max(lowest);
        lowest = place + NAME_HEIGHT;
        let style = TextStyle::from(("sans-serif", 13).into_font()).color(&color);
        area.draw_text(name, &style, (left, place))?;
    }
    Ok(())
}
