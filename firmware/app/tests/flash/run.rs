//! Long runs of work, and power lost in them.

use super::content::Content;
use super::device::{DeviceState, Geometry, MockFlash, boot, try_boot};
use super::texts::Texts;
use super::work::{Random, Work};
use memt_app::StartError;
use memt_app::store::StoreError;
use memt_mock::Change;
use std::marker::PhantomData;

/// What runs have shown.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Figures {
    pub(crate) cut_points: u64,
    /// Of these, in the repair after an earlier cut.
    pub(crate) second_cuts: u64,
    /// Of all, between a new memory and its rival that was fitted anew.
    pub(crate) rival_cuts: u64,
    pub(crate) losses: u64,
    pub(crate) operations: u64,
}

/// Work on one flash.
pub(crate) struct Run<G: Geometry, const SLOTS: usize, const TEXT: usize, const TERMS: usize> {
    pub(super) flash: G::Flash,
    pub(super) state: Box<DeviceState<SLOTS, TEXT, TERMS>>,
    pub(super) random: Random,
    pub(super) now: u32,
    texts: Texts,
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
            texts: Texts::default(),
            geometry: PhantomData,
        }
    }

    pub(super) fn content_of(&mut self, flash: G::Flash) -> (G::Flash, Content) {
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

    /// Does something on a flash; gives what it was, and the contents before and after.
    fn work_on(&mut self, flash: G::Flash) -> (G::Flash, Work, Content, Content) {
        let work = self.next_work();
        let (flash, (before, after)) = boot(flash, &mut self.state, |device| {
            let before = Content::of(device.memory().bank());
            work.run(device);
            (before, Content::of(device.memory().bank()))
        });
        self.texts.follow(&work, &before, &after, SLOTS);
        (flash, work, before, after)
    }

    /// Does `operations` things, with power lost at every step of each.
    pub(crate) fn every_cut(&mut self, operations: usize, figures: &mut Figures) {
        for _ in 0..operations {
            figures.operations += 1;
            let mut flash = self.flash.clone();
            flash.mock().record();
            let (mut flash, work, before, after) = self.work_on(flash);
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
        let whole = found == *before || found == *after;
        let between_rivals = !whole && work.adds() && found.lacks_a_fit(before, after);
        figures.rival_cuts += u64::from(between_rivals);
        let between = !work.is_one_change() && found.lies_between(before, after);
        if !(whole || between_rivals || between) {
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

    /// Does `operations` things, then flips one bit of every `stride`th byte of the flash, each on a flash of its own; gives how
    /// often a device started. A damaged item counts as never written; all others are there, and no page is erased.
    pub(crate) fn every_flip(&mut self, operations: usize, stride: usize) -> usize {
        let mut known = Vec::new();
        for _ in 0..operations {
            let (flash, _, _, after) = self.work_on(self.flash.clone());
            known.extend(after.texts());
            self.flash = flash;
        }
        let erases = self.flash.mock().erases();
        let (_, good) = self.content_of(self.flash.clone());
        assert!(good.keys().len() > SLOTS / 2);
        let places = (0..self.flash.content().len()).step_by(stride);
        let mut started = 0;
        for place in places {
            let mut damaged = self.flash.clone();
            damaged.mock().flip(place, place / stride % 8);
            let found = try_boot(damaged, &mut self.state, |device| {
                Content::of(device.memory().bank())
            });
            let (mut damaged, found) = match found {
                Ok(found) => found,
                // An older memory is back, and the bank was once full without it.
                Err(StartError::Store(StoreError::Capacity)) => continue,
                Err(error) => panic!("{place}: {error}"),
            };
            started += 1;
            let (gone, others) = found.compared_with(&good);
            assert!(gone <= 1, "{gone} memories are gone at {place}");
            assert!(others.len() <= 1, "{place}: {others:?}");
            let known = others.iter().all(|other| known.contains(other));
            assert!(known, "{place}: {others:?}");
            let erased = damaged.mock().erases();
            assert_eq!(erased, erases, "a page was erased at {place}");
        }
        started
    }
}
