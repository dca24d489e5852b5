//! What additions did, as text and as JSON.

use crate::store::Added;
use crate::terminal::{FAINT, GOOD};
use memt_core::slot::Key;
use memt_core::write::{FitReport, Learned, Verification};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::{self, Write};

/// Additions that are printed one by one.
const FEW: usize = 20;

/// A memory that was added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Written {
    /// What the addition did.
    pub(super) added: Added,
    /// What came of fitting it, if others say nearly the same.
    pub(super) learned: Option<Learned>,
}

impl Written {
    /// How it answers to its own text, fitted or not.
    fn verification(&self) -> Verification {
        match self.learned {
            Some(learned) => learned.fit.verification,
            None => self.added.verification,
        }
    }

    fn fitted_too(&self) -> Option<(Key, FitReport)> {
        self.learned.and_then(|learned| learned.rival)
    }

    /// As JSON.
    pub(super) fn described(&self) -> Value {
        let verification = self.verification();
        json!({
            "key": self.added.key.to_string(),
            "similarity": verification.similarity.to_f32(),
            "rival": verification.rival.to_f32(),
            "verified": verification.verified,
            "replaced": self.added.replaced.map(|key| key.to_string()),
            "steps": self.learned.map_or(0, |learned| learned.fit.steps),
            "fitted_too": self.fitted_too().map(|(key, fit)| json!({
                "key": key.to_string(),
                "steps": fit.steps,
                "similarity": fit.verification.similarity.to_f32(),
            })),
        })
    }
}

/// As text: a line each if they are few.
pub(super) fn print(written: &[Written], output: &mut impl Write) -> io::Result<()> {
    match written.len() > FEW {
        true => print_sums(written, output),
        false => written.iter().try_for_each(|one| print_one(one, output)),
    }
}

fn print_one(written: &Written, output: &mut impl Write) -> io::Result<()> {
    write!(output, "{GOOD}added{GOOD:#} {}", written.added.key)?;
    if let Some(replaced) = written.added.replaced {
        write!(output, "  in place of {replaced}")?;
    }
    let verification = written.verification();
    let [similarity, rival] = [verification.similarity, verification.rival].map(|x| x.to_f32());
    if !verification.verified {
        write!(
            output,
            "  {FAINT}as near to an earlier memory ({rival:.2}) as to itself{FAINT:#}"
        )?;
    }
    if let Some(learned) = written.learned {
        let steps = steps(learned.fit);
        write!(
            output,
            "  {FAINT}fitted among similar ones in {steps}, likeness to its own text {similarity:.3}{FAINT:#}"
        )?;
    }
    if let Some((key, fit)) = written.fitted_too() {
        let (steps, similarity) = (steps(fit), fit.verification.similarity.to_f32());
        write!(
            output,
            "  {FAINT}{key} fitted too in {steps}, {similarity:.3}{FAINT:#}"
        )?;
    }
    writeln!(output)
}

fn steps(fit: FitReport) -> String {
    match fit.steps {
        1 => "1 step".to_owned(),
        steps => format!("{steps} steps"),
    }
}

fn print_sums(written: &[Written], output: &mut impl Write) -> io::Result<()> {
    let unverified = written.iter().filter(|one| !one.verification().verified);
    let (count, unverified) = (written.len(), unverified.count());
    writeln!(
        output,
        "{GOOD}added{GOOD:#} {count} memories, {unverified} of them as near to an earlier memory as to themselves"
    )?;
    let fits: Vec<FitReport> = written
        .iter()
        .filter_map(|one| Some(one.learned?.fit))
        .filter(|fit| fit.steps > 0)
        .collect();
    let Some(least) = fits.iter().map(|fit| fit.verification.similarity).min() else {
        return Ok(());
    };
    let steps: u32 = fits.iter().map(|fit| u32::from(fit.steps)).sum();
    let rivals: BTreeSet<Key> = written
        .iter()
        .filter_map(Written::fitted_too)
        .filter(|(_, fit)| fit.steps > 0)
        .map(|(key, _)| key)
        .collect();
    writeln!(
        output,
        "fitted {} of them among similar ones in {steps} steps, likeness to their own texts at least {:.3}; fitted too: {} that were nearest to them",
        fits.len(),
        least.to_f32(),
        rivals.len()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use memt_core::embedding::Cosine;

    fn key(counter: u32) -> Key {
        Key { origin: 7, counter }
    }

    fn fit(steps: u8, similarity: f32) -> FitReport {
        let cosine = |x: f32| -> Cosine {
            let bits = x * (1 << Cosine::FRACTION_BITS) as f32;
            serde_json::from_value(json!(bits as i16)).unwrap()
        };
        FitReport {
            steps,
            verification: Verification {
                similarity: cosine(similarity),
                rival: cosine(0.875),
                verified: similarity > 0.875,
            },
        }
    }

    fn written(counter: u32, learned: Option<Learned>) -> Written {
        let direct = fit(0, 1.0).verification;
        Written {
            added: Added {
                key: key(counter),
                verification: direct,
                replaced: None,
            },
            learned,
        }
    }

    fn printed(written: &[Written]) -> Vec<String> {
        let mut bytes = Vec::new();
        print(written, &mut bytes).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let text = anstream::adapter::strip_str(&text).to_string();
        text.lines().map(str::to_owned).collect()
    }

    fn three() -> [Written; 3] {
        let rival = Some((key(1), fit(1, 0.9765625)));
        let moved = Learned {
            fit: fit(3, 0.984375),
            rival,
        };
        let stayed = Learned {
            fit: fit(0, 0.75),
            rival: None,
        };
        [
            written(1, None),
            written(2, Some(moved)),
            written(3, Some(stayed)),
        ]
    }

    #[test]
    fn few_are_told_one_by_one() {
        assert_eq!(
            printed(&three()),
            [
                "added 7-1",
                "added 7-2  fitted among similar ones in 3 steps, likeness to its own text 0.984  7-1 fitted too in 1 step, 0.977",
                "added 7-3  as near to an earlier memory (0.88) as to itself  fitted among similar ones in 0 steps, likeness to its own text 0.750",
            ]
        );
    }

    #[test]
    fn many_are_told_in_sums() {
        let many = three().repeat(7);
        assert_eq!(
            printed(&many),
            [
                "added 21 memories, 7 of them as near to an earlier memory as to themselves",
                "fitted 7 of them among similar ones in 21 steps, likeness to their own texts at least 0.984; fitted too: 1 that were nearest to them",
            ]
        );
        assert_eq!(printed(&three()[..1].repeat(21)).len(), 1);
    }

    #[test]
    fn json_has_all_of_a_fit() {
        let [direct, moved, _] = three().map(|written| written.described());
        assert_eq!(
            moved,
            json!({
                "key": "7-2", "similarity": 0.984375, "rival": 0.875, "verified": true, "replaced": null,
                "steps": 3, "fitted_too": {"key": "7-1", "steps": 1, "similarity": 0.9765625},
            })
        );
        assert_eq!(
            [&direct["steps"], &direct["fitted_too"]],
            [&json!(0), &Value::Null]
        );
    }
}
