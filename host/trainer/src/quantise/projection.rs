//! The projection as bytes with a scale a row.

/// `[D, R]` integers and `[D]` scales: number = integer x scale x unit.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct QuantisedProjection {
    pub(crate) values: Vec<i8>,
    pub(crate) scales: Vec<u16>,
    pub(crate) unit: f32,
}

const LIMIT: f32 = 127.0;

/// Rounds each row of `projection` (`[D, R]`, flat) to 127 steps of its largest number. The largest
/// scale becomes 65535; only ratios of scales matter to an embedding.
pub(crate) fn quantise_projection(projection: &[f32], row_width: usize) -> QuantisedProjection {
    let exact: Vec<f32> = projection
        .chunks(row_width)
        .map(|row| {
            row.iter()
                .fold(0.0f32, |largest, value| largest.max(value.abs()))
                / LIMIT
        })
        .collect();
    let largest = exact.iter().copied().fold(f32::MIN_POSITIVE, f32::max);
    let unit = largest / f32::from(u16::MAX);
    let scales: Vec<u16> = exact
        .iter()
        .map(|scale| (scale / unit).ceil().clamp(1.0, f32::from(u16::MAX)) as u16)
        .collect();
    let rows = projection.chunks(row_width).zip(&scales);
    let values = rows
        .flat_map(|(row, &scale)| {
            let step = f32::from(scale) * unit;
            row.iter()
                .map(move |value| (value / step).round_ties_even().clamp(-LIMIT, LIMIT) as i8)
        })
        .collect();
    QuantisedProjection {
        values,
        scales,
        unit,
    }
}

impl QuantisedProjection {
    /// `[D, R]`, flat: the numbers that the integers stand for.
    pub(crate) fn floats(&self, row_width: usize) -> Vec<f32> {
        let rows = self.values.chunks(row_width).zip(&self.scales);
        rows.flat_map(|(row, &scale)| {
            let step = f32::from(scale) * self.unit;
            row.iter().map(move |&value| f32::from(value) * step)
        })
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_within_half_a_step() {
        let projection = [1.0, -0.5, 0.25, 0.01, 0.02, -0.03];
        let quantised = quantise_projection(&projection, 3);
        assert_eq!(quantised.scales[0], u16::MAX);
        for (index, (&exact, float)) in projection.iter().zip(quantised.floats(3)).enumerate() {
            let step = f32::from(quantised.scales[index / 3]) * quantised.unit;
            assert!((exact - float).abs() <= 0.501 * step, "{exact} {float}");
        }
    }
}
