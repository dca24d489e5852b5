//! Curves of thresholds as a picture.

use super::unanswerable::{Curve, FALSE_ANSWERS, Point};
use std::fmt::{self, Write};

const WIDTH: f64 = 360.0;
const HEIGHT: f64 = 240.0;
const MARGIN: f64 = 44.0;

/// What each line shows, its colour, its name.
type Line = (fn(&Point) -> f64, &'static str, &'static str);

const LINES: [Line; 3] = [
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
    let columns = curves.len().clamp(1, 2);
    let rows = curves.len().div_ceil(columns);
    let (across, down) = (WIDTH + 2.0 * MARGIN, HEIGHT + 2.0 * MARGIN);
    let (width, height) = (across * columns as f64, down * rows as f64 + 80.0);
    let mut out = String::new();
    writeln!(
        out,
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">"#
    )?;
    writeln!(out, r##"<rect width="100%" height="100%" fill="#fff"/>"##)?;
    for (index, curve) in curves.iter().enumerate() {
        let x = across * (index % columns) as f64 + MARGIN;
        let y = down * (index / columns) as f64 + MARGIN;
        writeln!(out, r#"<g transform="translate({x},{y})">"#)?;
        panel(&mut out, curve, threshold)?;
        writeln!(out, "</g>")?;
    }
    for (index, (_, colour, name)) in LINES.iter().enumerate() {
        let y = down * rows as f64 + 20.0 * (index + 1) as f64;
        writeln!(
            out,
            r#"<text x="{MARGIN}" y="{y}" fill="{colour}">{name}</text>"#
        )?;
    }
    writeln!(out, "</svg>")?;
    Ok(out)
}

fn panel(out: &mut String, curve: &Curve, threshold: f64) -> fmt::Result {
    let height = |share: f64| HEIGHT * (1.0 - share);
    let Curve { model, set, .. } = curve;
    writeln!(
        out,
        r#"<text y="-14" font-weight="bold">{model}, {set}</text>"#
    )?;
    for share in [0.0, 0.25, 0.5, 0.75, 1.0] {
        let (y, percent, x) = (height(share), 100.0 * share, WIDTH * share);
        writeln!(
            out,
            r##"<path d="M0 {y}H{WIDTH}" stroke="#ddd"/><text x="-6" y="{}" text-anchor="end">{percent} %</text><text x="{x}" y="{}" text-anchor="middle">{share}</text>"##,
            y + 4.0,
            HEIGHT + 16.0
        )?;
    }
    let (x, y) = (WIDTH * threshold, height(FALSE_ANSWERS));
    writeln!(
        out,
        r##"<path d="M{x} 0V{HEIGHT}M0 {y}H{WIDTH}" stroke="#888" stroke-dasharray="4 3"/>"##
    )?;
    for (value, colour, _) in LINES {
        let mut path = String::new();
        for (index, point) in curve.points.iter().enumerate() {
            let command = if index == 0 { 'M' } else { 'L' };
            write!(
                path,
                "{command}{:.1} {:.1}",
                WIDTH * point.threshold,
                height(value(point))
            )?;
        }
        writeln!(
            out,
            r#"<path d="{path}" fill="none" stroke="{colour}" stroke-width="2"/>"#
        )?;
    }
    Ok(())
}
