//! Published encoders, in core's floats, against PyTorch (`tests/reference`). `encoder.rs` compares integers with
//! floats.

use memt_core::encoder::{Encoder, EncoderError, Image};
use memt_tests::models;
use memt_tests::published::{self, Published};

/// Largest difference of a component of unit vectors. Measured: 9e-8; the promised 1e-5 would not show
/// a norm without its epsilon, which moves some component of each transformer by 4e-7 or more.
const FLOAT_BOUND: f64 = 3e-7;

fn float_error(published: &Published) -> f64 {
    let image = published.model.float_image();
    let opened = Image::open(image.as_ref()).expect("a sound image");
    assert!(matches!(
        Encoder::new(opened),
        Err(EncoderError::NotInteger)
    ));
    let texts: Vec<&str> = published.answers.iter().map(|answer| &*answer.0).collect();
    let vectors = models::encode_floats(&image, &texts);
    let pairs = vectors.iter().zip(&published.answers);
    let differences = pairs.flat_map(|(vector, (_, exact))| {
        let components = vector.iter().zip(exact);
        components.map(|(&x, exact)| (f64::from(x) - exact).abs())
    });
    differences.fold(0.0, f64::max)
}

#[test]
fn floats_are_those_of_pytorch() {
    for published in published::all() {
        let error = float_error(&published);
        println!("{}: {error:.1e} from PyTorch", published.name);
        assert!(published.answers.len() >= 8);
        assert!(error <= FLOAT_BOUND, "{}: {error}", published.name);
    }
}
