//! Times the steps of a candidate and prints one line of JSON.

use std::time::Instant;

use serde_json::json;

use crate::distillation::Losses;
use crate::problem::MEASURED;

/// Steps before the clock starts.
const WARM_UP: usize = 3;
/// Batches that the steps go through in turn.
pub const BATCHES: u64 = 4;

/// Which steps are measured, from the command line: `CANDIDATE [STEPS]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measurement {
    /// Timed steps.
    pub steps: usize,
}

impl Measurement {
    /// Reads the number of timed steps from the first argument; 20 without one.
    ///
    /// # Errors
    /// An argument that is no positive number.
    pub fn from_arguments() -> Result<Self, String> {
        let steps = match std::env::args().nth(1) {
            None => 20,
            Some(text) => match text.parse() {
                Ok(steps) if steps > 0 => steps,
                _ => return Err(format!("'{text}' is no number of steps: give one above 0")),
            },
        };
        Ok(Self { steps })
    }

    /// Calls `step` with the number of the batch to use, and prints the median, least and most
    /// milliseconds of a step, with the losses of every step for comparison between candidates.
    ///
    /// # Errors
    /// The first error of `step`.
    pub fn run<E>(
        self,
        candidate: &str,
        encoder: &str,
        mut step: impl FnMut(usize) -> Result<Losses, E>,
    ) -> Result<(), E> {
        let mut milliseconds = Vec::new();
        let mut losses = Vec::new();
        for (number, batch) in (0..WARM_UP + self.steps).zip((0..BATCHES as usize).cycle()) {
            let start = Instant::now();
            let loss = step(batch)?;
            if number >= WARM_UP {
                milliseconds.push(start.elapsed().as_secs_f64() * 1e3);
            }
            losses.push([loss.cosine, loss.similarity]);
        }
        milliseconds.sort_by(f64::total_cmp);
        let least = milliseconds[0];
        let report = json!({
            "candidate": candidate,
            "encoder": encoder,
            "steps": self.steps,
            "milliseconds": {
                "median": milliseconds[self.steps / 2],
                "min": least,
                "max": milliseconds[self.steps - 1],
            },
            "samples_per_second": MEASURED.texts as f64 * 1e3 / least,
            "first_losses": losses[0],
            "losses_after_12_steps": losses.get(12),
        });
        println!("{report}");
        Ok(())
    }
}
