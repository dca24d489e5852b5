//! How much flash is worn.

use super::content::Content;
use super::device::{Geometry, MockFlash, boot};
use super::run::{Figures, Run};
use super::work::Work;

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

/// What `flash.json` says.
pub(crate) fn record(figures: &Figures, wears: &[(&str, Wear)]) -> String {
    let wears: Vec<String> = wears.iter().map(|(name, wear)| wear.json(name)).collect();
    format!(
        "{{\n\"cut_points\":{},\n\"second_cuts\":{},\n\"rival_cuts\":{},\n\"losses\":{},\n\"operations\":{},\n{}\n}}\n",
        figures.cut_points,
        figures.second_cuts,
        figures.rival_cuts,
        figures.losses,
        figures.operations,
        wears.join(",\n"),
    )
}

impl<G: Geometry, const SLOTS: usize, const TEXT: usize, const TERMS: usize>
    Run<G, SLOTS, TEXT, TERMS>
{
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
