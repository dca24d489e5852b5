//! Colours that are told apart, by people who see few colours too.

/// For things of different kinds: Tableau's ten and two more.
pub(super) const KINDS: [&str; 12] = [
    "#4e79a7", "#f28e2b", "#59a14f", "#e15759", "#76b7b2", "#edc948", "#b07aa1", "#9c755f",
    "#ff9da7", "#79706e", "#2f4b7c", "#a05195",
];

/// For whatever has no colour of its own.
pub(super) const OTHER: &str = "#bab0ac";

/// Stops of viridis (van der Walt and Smith, 2015), dark to light.
const SCALE: [[f32; 3]; 5] = [
    [68.0, 1.0, 84.0],
    [59.0, 82.0, 139.0],
    [33.0, 145.0, 140.0],
    [94.0, 201.0, 98.0],
    [253.0, 231.0, 37.0],
];

/// The colour of a share from 0 to 1.
pub(super) fn scale(share: f32) -> String {
    let along = share.clamp(0.0, 1.0) * (SCALE.len() - 1) as f32;
    let stop = (along as usize).min(SCALE.len() - 2);
    let part = along - stop as f32;
    let mix = |channel: usize| {
        let (from, to) = (SCALE[stop][channel], SCALE[stop + 1][channel]);
        (from + (to - from) * part).round() as u8
    };
    format!("#{:02x}{:02x}{:02x}", mix(0), mix(1), mix(2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_runs_from_dark_to_light() {
        assert_eq!(scale(0.0), "#440154");
        assert_eq!(scale(1.0), "#fde725");
        assert_eq!(scale(0.5), "#21918c");
    }
}
