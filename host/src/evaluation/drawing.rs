//! Curves of thresholds as a picture.

use super::unanswerable::{Curve, FALSE_ANSWERS, Point};
use crate::chart::{Line, Mark, Panel, chart, percents};
use std::fmt;

/// What a line shows, its colour, its name.
type Shown = (fn(&Point) -> f64, &'static str, &'static str);

const LINES: [Shown; 3] = [
    (
        |point| point.kept,
        "#1b7837",
        "right first answers that are kept",
    ),
    (
        |point| point.answered_removed,
        "#b2852a",
        "questions answered though the answer is removed",
    ),
    (
        |point| point.answered_others,
        "#b2182b",
        "questions of others that are answered",
    ),
];

/// An SVG with a panel for each curve.
pub fn svg(curves: &[Curve], threshold: f64) -> Result<String, fmt::Error> {
    let panels = curves.iter().map(|curve| Panel {
        title: format!("{}, {}", curve.model, curve.set),
        across: [0.0, 0.25, 0.5, 0.75, 1.0]
            .map(|share| (share, share.to_string()))
            .into(),
        across_title: "threshold".to_owned(),
        up: percents(),
        marks: vec![Mark::Down(threshold), Mark::Across(FALSE_ANSWERS)],
        lines: LINES.map(|shown| line(curve, shown)).into(),
    });
    chart(&panels.collect::<Vec<_>>())
}

fn line(curve: &Curve, (value, colour, name): Shown) -> Line {
    let points = curve.points.iter();
    Line {
        name: name.to_owned(),
        colour,
        points: points
            .map(|point| (point.threshold, value(point)))
            .collect(),
    }
}
