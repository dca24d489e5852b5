//! Capacity: what is still known of old memories after one to ten times as many later ones.

use super::{Encoded, Half, Kind, Measured, Question, Random, Statements, Way, Written, measured};
use crate::model::TextEncoder;
use memt_core::encoder::ScratchTooSmall;
use memt_core::query::{DEFAULT_MIN_SCORE, Hit, QueryOptions, read};
use memt_core::slot::{Factor, Owner, Timestamp};
use serde::Serialize;

/// Old memories, and slots of a bank that does not grow.
pub const CAPACITY: usize = 100;

/// Later writes at which is asked, in capacities.
const STAGES: [usize; 8] = [0, 1, 2, 3, 4, 6, 8, 10];

/// Time between two writes.
const SECONDS: u32 = 3_600;

/// What becomes of the old memories.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Later {
    /// The bank grows, memories are written in this way.
    Grows(Way),
    /// The bank has [`CAPACITY`] slots and evicts. At every later write somebody asks about one of the old
    /// memories of even numbers, and these are the ones that count.
    Asked,
    /// The same bank; the old memories that nobody asks about count.
    Unasked,
}

impl Later {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Grows(Way::Direct),
        Self::Grows(Way::Loop),
        Self::Grows(Way::NoEmphasis),
        Self::Grows(Way::NoPush),
        Self::Asked,
        Self::Unasked,
    ];

    /// Its name in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Grows(way) => way.name(),
            Self::Asked => "full bank, asked",
            Self::Unasked => "full bank, unasked",
        }
    }

    fn counts(self, number: usize) -> bool {
        match self {
            Self::Grows(_) => true,
            Self::Asked => number.is_multiple_of(2),
            Self::Unasked => !number.is_multiple_of(2),
        }
    }
}

/// What is known at one stage.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Stage {
    /// Later writes, in capacities.
    pub later: usize,
    /// Questions about old memories whose first answer is right.
    pub first: Measured,
    /// Those with the right answer among ten.
    pub among_ten: Measured,
}

/// What is known of the old memories at each stage.
pub fn capacity(
    half: Half,
    later: Later,
    encoder: &TextEncoder<'_>,
    encoded: &Encoded,
) -> Result<Vec<Stage>, ScratchTooSmall> {
    let (memories, questions) = memories(half);
    let way = match later {
        Later::Grows(way) => way,
        Later::Asked | Later::Unasked => Way::Loop,
    };
    let mut written = Written::new(way, encoder, encoded);
    let mut random = Random::seeded(9);
    let mut stages = Vec::new();
    for (number, text) in memories.iter().map(Some).chain([None]).enumerate() {
        let now = Timestamp(number as u32 * SECONDS);
        let (round, place) = (number / CAPACITY, number % CAPACITY);
        if place == 0 && round > 0 && STAGES.contains(&(round - 1)) {
            let counted = questions.iter();
            let counted = counted.filter(|question| later.counts(question.answers[0]));
            let counted: Vec<Question> = counted.cloned().collect();
            stages.push(stage(round - 1, &written, &counted)?);
        }
        let Some(text) = text else {
            break;
        };
        if !matches!(later, Later::Grows(_)) {
            if written.bank_mut().len() == CAPACITY {
                written.bank_mut().remove_least(None, now);
            }
            if round > 0 {
                // Two questions a memory.
                let question = 4 * random.below(CAPACITY / 2) + random.below(2);
                ask(&mut written, &questions[question], now)?;
            }
        }
        written.write(text, now, Factor::ONE)?;
    }
    Ok(stages)
}

/// The texts in their order, and two questions about each of the first [`CAPACITY`], in their order.
fn memories(half: Half) -> (Vec<String>, Vec<Question>) {
    let statements = Statements::of(half);
    let mut random = Random::seeded(7);
    let mut asked = [Kind::Fact, Kind::Event].map(|kind| statements.subjects(kind));
    asked.iter_mut().for_each(|asked| random.shuffle(asked));
    let [facts, events] = asked.each_ref().map(|kind| kind.split_at(CAPACITY / 2));
    let old = [facts.0, events.0].concat();
    let mut later = [facts.1, events.1, &statements.subjects(Kind::Remark)].concat();
    random.shuffle(&mut later);
    let questions = old.iter().enumerate().flat_map(|(number, &subject)| {
        let texts = statements.questions(subject).into_iter();
        texts.map(move |text| Question {
            text,
            answers: vec![number],
            family: subject.template,
        })
    });
    let questions = questions.collect();
    let told = old.into_iter().chain(later);
    let told = told.map(|subject| statements.told(subject, 0));
    let most = (STAGES[STAGES.len() - 1] + 1) * CAPACITY;
    (told.take(most).collect(), questions)
}

/// Asks as a user does; the best of what is shown counts as read.
pub(super) fn ask(
    written: &mut Written<'_>,
    question: &Question,
    now: Timestamp,
) -> Result<Vec<Hit>, ScratchTooSmall> {
    let options = QueryOptions {
        min_score: DEFAULT_MIN_SCORE,
        ..QueryOptions::of_owner(Owner(0))
    };
    let hits = written.ask(&question.text, &options, super::pressure::SHOWN)?;
    for hit in read(&hits) {
        written.bank_mut().record_access(hit.key, now);
    }
    Ok(hits)
}

fn stage(
    later: usize,
    written: &Written<'_>,
    questions: &[Question],
) -> Result<Stage, ScratchTooSmall> {
    let recalls = written.recalls(questions)?;
    let fused = |at: usize| {
        measured(
            recalls
                .iter()
                .map(|(family, recalls)| (*family, recalls[at])),
        )
    };
    Ok(Stage {
        later,
        first: fused(2),
        among_ten: fused(3),
    })
}
