//! What an optimiser sees of a model: a list of flat tensors.

/// What a flat tensor holds if it is more than a vector: `matrices` of `[rows, columns]`, one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) matrices: usize,
    pub(crate) rows: usize,
    pub(crate) columns: usize,
}

/// A set of trainable values. A gradient has the type of what it is the gradient of, so both list
/// their tensors in the same order.
pub(crate) trait Tensors {
    /// The tensors, always in the same order.
    fn tensors(&self) -> Vec<&[f32]>;

    /// The tensors, in the order of [`Tensors::tensors`].
    fn tensors_mut(&mut self) -> Vec<&mut [f32]>;

    /// Sets every value to zero.
    fn clear(&mut self) {
        for tensor in self.tensors_mut() {
            tensor.fill(0.0);
        }
    }
}
