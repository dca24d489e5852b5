//! Long runs of work, and power lost in them.

use super::content::Content;
use super::device::{DeviceState, Geometry, MockFlash, boot};
use super::work::{Random, Work};
use memt_mock::Change;
use std::marker::PhantomData;

/// What runs have shown.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Figures {
    pub(crate) cut_points: u64,
    /// Of these, in the repair after an earlier cut.
    pub(crate) second_cuts: u64,
    pub(crate) losses: u64,
    pub(crate) operations: u64,
}

/// How much flash was worn.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Wear {
    pub(crate) operations: u64,
    /// Bytes of flash written.
    pub(crate) written: u64,
    /// Bytes that the same work writes to a flash so large that nothing is ever moved.
    pub(crate) unmoved: u64,
    pub(crate) erases_min: u32,
    pub(crate) erases_max: u32,
    pub(crate) erases: u64,
}

impl Wear {
    pub(crate) fn write_amplification(&self) -> f64 {
        self.written as f64 / self.unmoved as f64
    }

    fn json(&self, name: &str) -> String {
        format!(
            "\"{name}\":{{\"operations\":{},\"written_bytes\":{},\"write_amplification\":{:.3},\"erases_min\":{},\"erases_max\":{},\"operations_an_erase\":{:.1}}}",
            self.operations,
            self.written,
            self.write_amplification(),
            self.erases_min,
            self.erases_max,
            self.operations as f64 / self.erases as f64,
        )
    }
}

impl Figures {
    pub(crate) fn json(&self, usual: &Wear, long: &Wear) -> String {
        format!(
            "{{\n\"cut_points\":{},\n\"second_cuts\":{},\n\"losses\":{},\n\"operations\":{},\n{},\n{}\n}}\n",
            self.cut_points,
            self.second_cuts,
            self.losses,
            self.operations,
            usual.json("texts_of_70_bytes"),
            long.json("texts_of_190_bytes"),
        )
    }
}

/// Work on one flash.
pub(crate) struct Run<G: Geometry, const SLOTS: usize, const TEXT: usize, const TERMS: usize> {
    flash: G::Flash,
    state: Box<DeviceState<SLOTS, TEXT, TERMS>>,
    random: Random,
    now: u32,
    geometry: PhantomData<G>,
}

impl<G: Geometry, const SLOTS: usize, const TEXT: usize, const TERMS: usize>
    Run<G, SLOTS, TEXT, TERMS>
{
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            flash: G::Flash::erased(G::PAGES),
            state: Box::default(),
            random: Random::new(seed),
            now: 1_000_000,
            geometry: PhantomData,
        }
    }

    fn content_of(&mut self, flash: G::Flash) -> (G::Flash, Content) {
        boot(flash, &mut self.state, |device| {
            Content::of(device.memory().bank())
        })
    }

    fn next_work(&mut self) -> Work {
        // A clock that is sometimes set back.
        self.now += 10;
        let now = self.now - 500 * u32::from(self.random.below(20) == 0);
        Work::any(&mut self.random, now, G::TEXT)
    }

    /// Does `operations` things, with power lost at every step of each.
    pub(crate) fn every_cut(&mut self, operations: usize, figures: &mut Figures) {
        for _ in 0..operations {
            let work = self.next_work();
            figures.operations += 1;
            let mut flash = self.flash.clone();
            flash.mock().record();
            let (mut flash, (before, after)) = boot(flash, &mut self.state, |device| {
                let before = Content::of(device.memory().bank());
                work.run(device);
                (before, Content::of(device.memory().bank()))
            });
            let trace = flash.mock().recorded();
            let (_, stored) = self.content_of(flash.clone());
            assert_eq!(stored, after, "{work:?}: not what was acknowledged");
            self.cut_everywhere(&work, &trace, &before, &after, figures);
            self.flash = flash;
        }
    }

    fn cut_everywhere(
        &mut self,
        work: &Work,
        trace: &[Change],
        before: &Content,
        after: &Content,
        figures: &mut Figures,
    ) {
        let base = self.flash.clone();
        let mut reached = base;
        for change in trace {
            for steps in 0..change.steps() {
                let mut cut = reached.clone();
                cut.mock().apply(change, steps);
                figures.cut_points += 1;
                let right = self.survives(work, cut, before, after, figures);
                if !right {
                    figures.losses += 1;
                    println!("{work:?}: lost after {steps} steps of {change:?}");
                }
            }
            reached.mock().apply(change, u64::MAX);
        }
    }

    /// Whether a device starts on this flash with what it must have, and goes on.
    fn survives(
        &mut self,
        work: &Work,
        mut cut: G::Flash,
        before: &Content,
        after: &Content,
        figures: &mut Figures,
    ) -> bool {
        cut.mock().record();
        let (mut started, found) = self.content_of(cut.clone());
        let repair = started.mock().recorded();
        let right = |found: &Content| match work.is_one_change() {
            true => found == before || found == after,
            false => found.lies_between(before, after),
        };
        if !right(&found) {
            return false;
        }
        if !repair.is_empty() && !self.repair_survives(&cut, &repair, &found, figures) {
            return false;
        }
        if !figures.cut_points.is_multiple_of(16) {
            return true;
        }
        // The work is asked for again, as a host does that had no answer.
        let (flash, again) = boot(started, &mut self.state, |device| {
            work.run(device);
            Content::of(device.memory().bank())
        });
        self.content_of(flash).1 == again
    }

    /// Power is lost once more while the first cut is mended.
    fn repair_survives(
        &mut self,
        cut: &G::Flash,
        repair: &[Change],
        found: &Content,
        figures: &mut Figures,
    ) -> bool {
        let mut reached = cut.clone();
        for change in repair {
            for steps in 0..change.steps() {
                let mut second = reached.clone();
                second.mock().apply(change, steps);
                figures.cut_points += 1;
                figures.second_cuts += 1;
                if self.content_of(second).1 != *found {
                    println!("lost after {steps} steps of {change:?} of a repair");
                    return false;
                }
            }
            reached.mock().apply(change, u64::MAX);
        }
        true
    }

    /// Adds memories with texts of about `bytes` bytes.
    pub(crate) fn fill(&mut self, count: usize, bytes: usize) {
        let works: Vec<Work> = (0..count).map(|_| self.one_text(bytes)).collect();
        let flash = self.flash.clone();
        let (flash, ()) = boot(flash, &mut self.state, |device| {
            works.iter().for_each(|work| work.run(device));
        });
        let after = self.content_of(flash.clone()).1;
        assert_eq!(after.keys().len(), count.min(SLOTS));
        self.flash = flash;
    }

    fn one_text(&mut self, bytes: usize) -> Work {
        self.now += 10;
        Work::Add {
            text: self.random.text(bytes),
            owner: 0,
            now: self.now,
        }
    }

    /// Fills the bank, then replaces, rehearses and forgets at random.
    pub(crate) fn wear(&mut self, operations: usize, bytes: usize) -> Wear {
        let mut works: Vec<Work> = (0..SLOTS).map(|_| self.one_text(bytes)).collect();
        for _ in 0..operations {
            let work = match self.random.below(10) {
                0..6 => self.one_text(bytes),
                6..9 => Work::Replay {
                    index: self.random.below(SLOTS),
                    now: self.now,
                },
                _ => Work::Forget {
                    index: self.random.below(SLOTS),
                    now: self.now,
                },
            };
            works.push(work);
        }
        let mut run = |flash: G::Flash| {
            let (flash, content) = boot(flash, &mut self.state, |device| {
                works.iter().for_each(|work| work.run(device));
                Content::of(device.memory().bank())
            });
            (flash, content)
        };
        let (mut used, content) = run(G::Flash::erased(G::PAGES));
        let (mut large, same) = run(G::Flash::erased(64 * G::PAGES));
        assert_eq!(content, same);
        assert!(
            large.content().ends_with(&[0xff; 64]),
            "the large flash is not large enough"
        );
        let (used, large) = (used.mock(), large.mock());
        let erases = used.erases();
        Wear {
            operations: works.len() as u64,
            written: used.written(),
            unmoved: large.written(),
            erases_min: erases.iter().copied().min().unwrap_or(0),
            erases_max: erases.iter().copied().max().unwrap_or(0),
            erases: erases.iter().map(|&count| u64::from(count)).sum(),
        }
    }
}
