//! Lines as an SVG with a panel beside the other.

use std::fmt::{self, Write};

const WIDTH: f64 = 360.0;
const HEIGHT: f64 = 240.0;
const MARGIN: f64 = 44.0;

/// Height of a line of the legend.
const LEGEND: f64 = 20.0;

/// One line; both coordinates are shares of the panel, 0 to 1.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// What the legend calls it.
    pub(crate) name: String,
    /// As SVG writes it.
    pub(crate) colour: &'static str,
    /// From left to right.
    pub(crate) points: Vec<(f64, f64)>,
}

/// One panel.
#[derive(Clone, Debug)]
pub(crate) struct Panel {
    /// What stands above it.
    pub(crate) title: String,
    /// What stands below, where, as shares of the width.
    pub(crate) across: Vec<(f64, String)>,
    /// What the width measures.
    pub(crate) across_title: String,
    /// What stands beside it, where, as shares of the height; [`percents`] where lines are of shares.
    pub(crate) up: Vec<(f64, String)>,
    /// Dashed lines: across at this height, or down at this place.
    pub(crate) marks: Vec<Mark>,
    /// What is drawn.
    pub(crate) lines: Vec<Line>,
}

/// A dashed line.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Mark {
    /// At a share of the height.
    Across(f64),
    /// At a share of the width.
    Down(f64),
}

/// Percent from 0 to 100.
pub(crate) fn percents() -> Vec<(f64, String)> {
    let label = |share: f64| (share, format!("{} %", 100.0 * share));
    [0.0, 0.25, 0.5, 0.75, 1.0].map(label).into()
}

/// The picture of some panels, whose lines have the names of those of the first.
pub(crate) fn chart(panels: &[Panel]) -> Result<String, fmt::Error> {
    let columns = panels.len().clamp(1, 2);
    let rows = panels.len().div_ceil(columns);
    let (across, down) = (WIDTH + 2.0 * MARGIN, HEIGHT + 2.0 * MARGIN);
    let legend: &[Line] = panels.first().map_or(&[], |panel| &panel.lines);
    let width = across * columns as f64;
    let height = down * rows as f64 + LEGEND * (legend.len() + 1) as f64;
    let mut out = String::new();
    writeln!(
        out,
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">"#
    )?;
    writeln!(out, r##"<rect width="100%" height="100%" fill="#fff"/>"##)?;
    for (index, panel) in panels.iter().enumerate() {
        let x = across * (index % columns) as f64 + MARGIN;
        let y = down * (index / columns) as f64 + MARGIN;
        writeln!(out, r#"<g transform="translate({x},{y})">"#)?;
        draw(&mut out, panel)?;
        writeln!(out, "</g>")?;
    }
    for (index, Line { name, colour, .. }) in legend.iter().enumerate() {
        let y = down * rows as f64 + LEGEND * (index + 1) as f64;
        writeln!(
            out,
            r#"<text x="{MARGIN}" y="{y}" fill="{colour}">{name}</text>"#
        )?;
    }
    writeln!(out, "</svg>")?;
    Ok(out)
}

fn draw(out: &mut String, panel: &Panel) -> fmt::Result {
    let height = |share: f64| HEIGHT * (1.0 - share);
    let Panel {
        title,
        across_title,
        ..
    } = panel;
    writeln!(out, r#"<text y="-14" font-weight="bold">{title}</text>"#)?;
    for (share, label) in &panel.up {
        let y = height(*share);
        writeln!(
            out,
            r##"<path d="M0 {y:.1}H{WIDTH}" stroke="#ddd"/><text x="-6" y="{:.1}" text-anchor="end">{label}</text>"##,
            y + 4.0
        )?;
    }
    for (share, label) in &panel.across {
        let (x, y) = (WIDTH * share, HEIGHT + 16.0);
        writeln!(
            out,
            r#"<text x="{x:.1}" y="{y}" text-anchor="middle">{label}</text>"#
        )?;
    }
    let (x, y) = (WIDTH / 2.0, HEIGHT + 34.0);
    writeln!(
        out,
        r#"<text x="{x}" y="{y}" text-anchor="middle">{across_title}</text>"#
    )?;
    for mark in &panel.marks {
        let path = match mark {
            Mark::Across(share) => format!("M0 {:.1}H{WIDTH}", height(*share)),
            Mark::Down(share) => format!("M{:.1} 0V{HEIGHT}", WIDTH * share),
        };
        writeln!(
            out,
            r##"<path d="{path}" stroke="#888" stroke-dasharray="4 3"/>"##
        )?;
    }
    for Line { colour, points, .. } in &panel.lines {
        let mut path = String::new();
        for (index, (x, y)) in points.iter().enumerate() {
            let command = if index == 0 { 'M' } else { 'L' };
            write!(path, "{command}{:.1} {:.1}", WIDTH * x, height(*y))?;
        }
        writeln!(
            out,
            r#"<path d="{path}" fill="none" stroke="{colour}" stroke-width="2"/>"#
        )?;
    }
    Ok(())
}
