//! A write as an SVG: the loss above, likenesses below, over the steps.

use super::trace::Trace;
use super::xml::{Xml, shortened};
use memt_core::write::FitState;
use memt_core::write::fit::MAX_STEPS;
use std::fmt::{self, Write};

const WIDTH: f32 = 420.0;
const LOSS_HEIGHT: f32 = 110.0;
const LIKENESS_HEIGHT: f32 = 220.0;
const MARGIN: f32 = 56.0;
const GAP: f32 = 40.0;

/// Grid lines of a panel.
const LINES: usize = 4;

/// What a line shows, its colour, its name.
type Line = (fn(&FitState) -> Option<f32>, &'static str, &'static str);

const LOSS: Line = (|state| Some(state.loss), "#b2182b", "loss");

const LIKENESSES: [Line; 4] = [
    (
        |state| Some(state.similarity.to_f32()),
        "#1b7837",
        "likeness to its own text",
    ),
    (
        |state| Some(state.emphasis?.to_f32()),
        "#2166ac",
        "likeness to the words that others lack",
    ),
    (
        |state| Some(state.rival?.to_f32()),
        "#b2852a",
        "likeness to the nearest other",
    ),
    (
        |state| Some(state.margin),
        "#762a83",
        "margin: its own text nearer to it than to any other",
    ),
];

/// A picture of traces, side by side.
pub fn draw_traces(traces: &[Trace]) -> Result<String, fmt::Error> {
    let across = WIDTH + 2.0 * MARGIN;
    let down = LOSS_HEIGHT + LIKENESS_HEIGHT + 2.0 * MARGIN + GAP;
    let names = [LOSS].into_iter().chain(LIKENESSES);
    let width = across * traces.len().max(1) as f32;
    let height = down + 20.0 * (LIKENESSES.len() as f32 + 2.0);
    let mut out = String::new();
    writeln!(
        out,
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">"#
    )?;
    writeln!(out, r##"<rect width="100%" height="100%" fill="#fff"/>"##)?;
    for (number, trace) in traces.iter().enumerate() {
        let x = across * number as f32 + MARGIN;
        writeln!(out, r#"<g transform="translate({x},{MARGIN})">"#)?;
        draw_trace(&mut out, trace)?;
        writeln!(out, "</g>")?;
    }
    for (number, (_, colour, name)) in names.enumerate() {
        let y = down + 20.0 * number as f32;
        writeln!(
            out,
            r#"<text x="{MARGIN}" y="{y}" fill="{colour}">{name}</text>"#
        )?;
    }
    writeln!(out, "</svg>")?;
    Ok(out)
}

fn draw_trace(out: &mut String, trace: &Trace) -> fmt::Result {
    writeln!(
        out,
        r#"<text y="-30" font-weight="bold">{}</text><text y="-12">{}</text>"#,
        Xml(&shortened(&trace.text)),
        Xml(&format!("ends: {}", trace.ending))
    )?;
    draw_panel(out, &trace.states, &[LOSS], LOSS_HEIGHT)?;
    let y = LOSS_HEIGHT + GAP;
    writeln!(out, r#"<g transform="translate(0,{y})">"#)?;
    draw_panel(out, &trace.states, &LIKENESSES, LIKENESS_HEIGHT)?;
    writeln!(
        out,
        r#"<text x="{}" y="{}" text-anchor="middle">steps</text></g>"#,
        WIDTH / 2.0,
        LIKENESS_HEIGHT + 34.0
    )
}

fn draw_panel(out: &mut String, states: &[FitState], lines: &[Line], height: f32) -> fmt::Result {
    let values = || {
        let of_state = |state| lines.iter().filter_map(move |line| (line.0)(state));
        states.iter().flat_map(of_state)
    };
    let (low, high) = (
        values().fold(f32::MAX, f32::min),
        values().fold(f32::MIN, f32::max),
    );
    let middle = (low + high) / 2.0;
    let half = ((high - low) * 0.55).max(0.01);
    let along = |step: u8| WIDTH * f32::from(step) / f32::from(MAX_STEPS);
    let down = |value: f32| height * (0.5 - (value - middle) / (2.0 * half));
    for line in 0..=LINES {
        let value = middle + half * (2.0 * line as f32 / LINES as f32 - 1.0);
        let y = down(value);
        writeln!(
            out,
            r##"<path d="M0 {y:.1}H{WIDTH}" stroke="#ddd"/><text x="-6" y="{:.1}" text-anchor="end">{value:.3}</text>"##,
            y + 4.0
        )?;
    }
    for step in 0..=MAX_STEPS {
        let x = along(step);
        writeln!(
            out,
            r#"<text x="{x:.1}" y="{}" text-anchor="middle">{step}</text>"#,
            height + 16.0
        )?;
    }
    for (value, colour, name) in lines {
        let mut path = String::new();
        for state in states {
            let Some(value) = value(state) else { continue };
            let command = if path.is_empty() { 'M' } else { 'L' };
            let (x, y) = (along(state.step), down(value));
            write!(path, "{command}{x:.1} {y:.1}")?;
            writeln!(
                out,
                r#"<circle cx="{x:.1}" cy="{y:.1}" r="3" fill="{colour}"><title>{name}, step {}: {value:.4}</title></circle>"#,
                state.step
            )?;
        }
        writeln!(
            out,
            r#"<path d="{path}" fill="none" stroke="{colour}" stroke-width="2"/>"#
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use memt_core::embedding::Cosine;
    use memt_core::write::Ending;

    #[test]
    fn each_value_is_a_dot_and_texts_are_harmless() {
        let state = |step: u8| FitState {
            step,
            loss: -1.0 - f32::from(step) / 10.0,
            similarity: Cosine::ONE,
            margin: 0.1,
            emphasis: (step > 0).then_some(Cosine::ONE),
            rival: None,
        };
        let trace = Trace {
            key: None,
            text: "<script>".to_owned(),
            rivals: Vec::new(),
            emphasis: String::new(),
            states: vec![state(0), state(1), state(2)],
            ending: Ending::NoGain,
        };
        let picture = draw_traces(&[trace.clone(), trace]).unwrap();
        assert_eq!(picture.matches("<circle").count(), 2 * (3 + 3 + 2 + 3));
        assert!(!picture.contains("<script>"));
        assert!(!picture.contains("NaN"));
        assert!(draw_traces(&[]).unwrap().contains("<svg"));
    }
}
