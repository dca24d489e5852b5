//! Loss and development metrics over steps, as a picture.

use crate::TrainError;
use crate::run::Entry;
use plotters::prelude::*;

const SIZE: (u32, u32) = (900, 700);

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

fn draw(name: &str, log: &[Entry], svg: &mut String) -> Result<(), Box<dyn std::error::Error>> {
    let area = SVGBackend::with_string(svg, SIZE).into_drawing_area();
    area.fill(&WHITE)?;
    let (above, below) = area.split_vertically(SIZE.1 * 2 / 5);
    let steps = all_steps(log);
    let losses = steps
        .iter()
        .zip(log)
        .map(|(&step, entry)| (step, f64::from(entry.loss)));
    let loss = Curve {
        name: "loss".to_owned(),
        points: losses.collect(),
    };
    chart(&above, &format!("{name}: loss"), &[loss])?;
    chart(&below, "development sets, x 100", &measured(&steps, log))?;
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

fn measured(steps: &[f64], log: &[Entry]) -> Vec<Curve> {
    let names = log
        .first()
        .map(|entry| entry.measurements.as_slice())
        .unwrap_or_default();
    let curve = |index: usize| {
        let values = log.iter().map(|entry| entry.measurements[index].1);
        Curve {
            name: names[index].0.clone(),
            points: steps.iter().copied().zip(values).collect(),
        }
    };
    (0..names.len()).map(curve).collect()
}

fn chart(
    area: &DrawingArea<SVGBackend<'_>, plotters::coord::Shift>,
    title: &str,
    curves: &[Curve],
) -> Result<(), Box<dyn std::error::Error>> {
    let points = || curves.iter().flat_map(|curve| &curve.points);
    let last = points().map(|point| point.0).fold(1.0, f64::max);
    let low = points().map(|point| point.1).fold(f64::INFINITY, f64::min);
    let high = points()
        .map(|point| point.1)
        .fold(f64::NEG_INFINITY, f64::max);
    if low > high {
        return Ok(());
    }
    let room = 0.05 * (high - low).max(1e-3);
    let mut chart = ChartBuilder::on(area)
        .caption(title, ("sans-serif", 18))
        .margin(10)
        .x_label_area_size(30)
        .y_label_area_size(50)
        .build_cartesian_2d(0.0..last, low - room..high + room)?;
    chart.configure_mesh().x_desc("step").draw()?;
    for (index, curve) in curves.iter().enumerate() {
        let color = Palette99::pick(index).to_rgba();
        chart
            .draw_series(LineSeries::new(curve.points.iter().copied(), color))?
            .label(&curve.name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 15, y)], color));
    }
    if curves.len() > 1 {
        let labels = chart.configure_series_labels();
        let mut labels = labels;
        labels
            .border_style(BLACK)
            .background_style(WHITE.mix(0.8))
            .draw()?;
    }
    Ok(())
}
