//! Losses against those of PyTorch 2.15 on the measured problem (`candidates/pytorch.py`, lazy
//! rows): the first step checks the forward passes, the thirteenth all gradients and updates.

use memt_foundation::adam::AdamSettings;
use memt_foundation::distillation::{Distillation, Losses};
use memt_foundation::encoder::Encoder;
use memt_foundation::measurement::BATCHES;
use memt_foundation::problem::{MEASURED, bag, transformer};

fn losses<E: Encoder>(body: E) -> Vec<Losses> {
    let batches: Vec<_> = (0..BATCHES).map(|number| MEASURED.batch(number)).collect();
    let mut training = Distillation::new(AdamSettings::default(), MEASURED.table(), body);
    (batches.iter().cycle().take(13))
        .map(|batch| training.step(batch))
        .collect()
}

fn assert_near(losses: Losses, cosine: f64, similarity: f64, tolerance: f64) {
    assert!((losses.cosine - cosine).abs() < tolerance, "{losses:?}");
    assert!(
        (losses.similarity - similarity).abs() < tolerance,
        "{losses:?}"
    );
}

#[test]
fn the_transformer_learns_as_in_pytorch() {
    let losses = losses(transformer());
    assert_near(losses[0], 1.003_077_864_6, 2.544_383_049_0, 1e-5);
    assert_near(losses[12], 0.999_339_699_7, 1.478_868_246_1, 1e-5);
}

/// The wider bound: `SparseAdam` adds epsilon before the bias correction, `Adam` after it, and the
/// gradients of rare rows are small enough to show that.
#[test]
fn the_bag_learns_as_in_pytorch() {
    let losses = losses(bag());
    assert_near(losses[0], 0.994_983_136_7, 5.513_969_421_4, 1e-5);
    assert_near(losses[12], 0.992_752_730_8, 4.583_358_764_6, 5e-4);
}
