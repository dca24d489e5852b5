//! A life: what somebody tells a memory, and asks it, over days or years.

use super::{Half, Kind, Random, Statements, Subject};
use memt_core::slot::{Factor, Timestamp};

/// Memories that are told in a life.
const TOLD: usize = 960;

const DAY: f64 = 86_400.0;

/// How a life goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nature {
    /// Four months; some facts are asked about all the time, most hardly ever. Two facts in five and few
    /// other things are told as important.
    Months,
    /// The same in two days.
    Days,
    /// The same in three years.
    Years,
    /// Interests change: a fact is asked about for a month.
    Shifts,
    /// Half of all is told in ten bursts.
    Bursts,
    /// Nothing is told as important.
    Plain,
}

impl Nature {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Months,
        Self::Days,
        Self::Years,
        Self::Shifts,
        Self::Bursts,
        Self::Plain,
    ];

    /// Its name in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Months => "months",
            Self::Days => "days",
            Self::Years => "years",
            Self::Shifts => "shifts",
            Self::Bursts => "bursts",
            Self::Plain => "plain",
        }
    }

    fn seconds(self) -> f64 {
        match self {
            Self::Days => 2.0 * DAY,
            Self::Years => 1_000.0 * DAY,
            Self::Months | Self::Shifts | Self::Bursts | Self::Plain => 120.0 * DAY,
        }
    }
}

/// What is told.
#[derive(Clone, Debug)]
pub struct Told {
    /// The words.
    pub text: String,
    /// What they are about.
    pub subject: Subject,
    /// The number of what is said of the subject; a later one makes the earlier untrue.
    pub version: usize,
    /// How much the teller cares.
    pub importance: Factor,
}

/// What happens.
#[derive(Clone, Debug)]
pub enum Step {
    /// The memory of this number is told.
    Tell(usize),
    /// A question, whose answer says this of its subject.
    Ask {
        /// What is asked.
        text: String,
        /// About what.
        subject: Subject,
        /// Which version is true now.
        version: usize,
    },
}

/// All that happens, in order.
#[derive(Clone, Debug)]
pub struct Life {
    /// The memories by number.
    pub told: Vec<Told>,
    /// What happens when.
    pub steps: Vec<(Timestamp, Step)>,
}

impl Life {
    /// A life of this nature, from half of the statements.
    pub fn new(half: Half, nature: Nature, seed: u64) -> Self {
        let statements = Statements::of(half);
        let mut random = Random::seeded(seed);
        let times = times(nature, &mut random);
        let told = told(&statements, nature, &mut random);
        let mut happens: Vec<(f64, Step)> = Vec::new();
        for (number, &time) in times.iter().enumerate() {
            happens.push((time, Step::Tell(number)));
            let Told {
                subject, version, ..
            } = told[number];
            // What is told again has its questions already.
            let mut before = told[..number].iter();
            if before.any(|before| before.subject == subject) {
                continue;
            }
            let questions = statements.questions(subject);
            for asked in asked(statements.kind(subject), nature, time, &mut random) {
                let mut later = times
                    .iter()
                    .zip(&told)
                    .take_while(|(time, _)| **time <= asked);
                let latest = later.by_ref().filter(|(_, told)| told.subject == subject);
                let version = latest.last().map_or(version, |(_, told)| told.version);
                let text = questions[random.below(questions.len())].clone();
                let ask = Step::Ask {
                    text,
                    subject,
                    version,
                };
                happens.push((asked, ask));
            }
        }
        happens.sort_by(|a, b| a.0.total_cmp(&b.0));
        let stamped = happens.into_iter();
        let steps = stamped.map(|(time, step)| (Timestamp(time as u32), step));
        Self {
            told,
            steps: steps.collect(),
        }
    }
}

/// When memories are told, ascending.
fn times(nature: Nature, random: &mut Random) -> Vec<f64> {
    let life = nature.seconds();
    let mut times: Vec<f64> = (0..TOLD).map(|_| life * random.share()).collect();
    if nature == Nature::Bursts {
        let bursts: Vec<f64> = (0..10).map(|_| life * random.share()).collect();
        for (number, time) in times.iter_mut().enumerate().filter(|told| told.0 % 2 == 0) {
            *time = bursts[number / 2 % bursts.len()] + life / 1_000.0 * random.share();
        }
    }
    times.sort_by(f64::total_cmp);
    times
}

/// Of a hundred memories, 15 are new facts, 8 facts told again, 7 facts told anew, 25 events and 45
/// remarks.
fn told(statements: &Statements, nature: Nature, random: &mut Random) -> Vec<Told> {
    let [mut facts, mut events, mut remarks] =
        [Kind::Fact, Kind::Event, Kind::Remark].map(|kind| statements.subjects(kind));
    for subjects in [&mut facts, &mut events, &mut remarks] {
        random.shuffle(subjects);
    }
    let mut known: Vec<(Subject, usize)> = Vec::new();
    let mut told = Vec::new();
    while told.len() < TOLD {
        let dice = random.below(100);
        let (subject, version, again) = match dice {
            15..30 if known.is_empty() => continue,
            15..30 => {
                let at = random.below(known.len());
                known[at].1 += usize::from(dice >= 23);
                (known[at].0, known[at].1, dice < 23)
            }
            _ => {
                let subjects = match dice {
                    0..15 => &mut facts,
                    30..55 => &mut events,
                    _ => &mut remarks,
                };
                let Some(subject) = subjects.pop() else {
                    continue;
                };
                if dice < 15 {
                    known.push((subject, 0));
                }
                (subject, 0, false)
            }
        };
        let text = match again {
            true => statements.retold(subject, version),
            false => statements.told(subject, version),
        };
        told.push(Told {
            text,
            subject,
            version,
            importance: importance(statements.kind(subject), nature, random),
        });
    }
    told
}

fn importance(kind: Kind, nature: Nature, random: &mut Random) -> Factor {
    let percent = match kind {
        Kind::Fact => 40,
        Kind::Event => 10,
        Kind::Remark => 3,
    };
    match random.below(100) < percent && nature != Nature::Plain {
        true => Factor(Factor::ONE.0 / 2 * 3),
        false => Factor::ONE,
    }
}

/// When a subject first told at `time` is asked about.
fn asked(kind: Kind, nature: Nature, time: f64, random: &mut Random) -> Vec<f64> {
    let life = nature.seconds();
    let (until, often) = match kind {
        Kind::Remark => return Vec::new(),
        // A Pareto tail: a few facts are asked about again and again.
        Kind::Fact => {
            let until = match nature {
                Nature::Shifts => time + random.wait(life / 4.0),
                _ => life,
            };
            (until, 2.0 * (random.share().powf(-1.0 / 1.2) - 1.0))
        }
        Kind::Event => (time + life / 30.0, 40.0),
    };
    let between = life / often.clamp(0.01, 60.0);
    let mut times = Vec::new();
    let mut next = time + random.wait(between);
    while next < until.min(life) {
        times.push(next);
        next += random.wait(between);
    }
    times
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_life_is_in_order_and_asks_for_what_is_true() {
        for nature in Nature::ALL {
            let life = Life::new(Half::Odd, nature, 1);
            assert!(life.steps.is_sorted_by_key(|step| step.0));
            let mut told: Vec<&Told> = Vec::new();
            let mut questions = 0;
            for (_, step) in &life.steps {
                match step {
                    Step::Tell(number) => told.push(&life.told[*number]),
                    Step::Ask {
                        subject, version, ..
                    } => {
                        let mut latest = told.iter().rev();
                        let latest = latest.find(|told| told.subject == *subject);
                        assert_eq!(latest.map(|told| told.version), Some(*version));
                        questions += 1;
                    }
                }
            }
            assert_eq!(told.len(), TOLD);
            assert!((300..3_000).contains(&questions), "{questions} questions");
        }
    }
}
