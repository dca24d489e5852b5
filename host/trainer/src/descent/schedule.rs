//! How learning rates change over a stage.

use crate::recipe::StageRecipe;

/// A rise from zero, then a fall along half a cosine.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Schedule {
    pub(crate) warm_up: u64,
    pub(crate) steps: u64,
    pub(crate) final_rate: f32,
}

impl Schedule {
    pub(crate) fn of(stage: &StageRecipe) -> Self {
        Self {
            warm_up: stage.warm_up,
            steps: stage.steps,
            final_rate: stage.final_rate,
        }
    }

    /// The share of the highest rate that step `step` (from 0) uses.
    pub(crate) fn share(&self, step: u64) -> f32 {
        if step < self.warm_up {
            return (step + 1) as f32 / self.warm_up as f32;
        }
        let falling = (self.steps - self.warm_up).max(1) as f32;
        let progress = ((step - self.warm_up) as f32 / falling).min(1.0);
        let cosine = 0.5 * (1.0 + (std::f32::consts::PI * progress).cos());
        self.final_rate + (1.0 - self.final_rate) * cosine
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rises_and_falls() {
        let schedule = Schedule {
            warm_up: 10,
            steps: 110,
            final_rate: 0.1,
        };
        assert_eq!(schedule.share(0), 0.1);
        assert_eq!(schedule.share(9), 1.0);
        assert_eq!(schedule.share(10), 1.0);
        assert!((schedule.share(60) - 0.55).abs() < 1e-6);
        assert!((schedule.share(110) - 0.1).abs() < 1e-6);
    }
}
