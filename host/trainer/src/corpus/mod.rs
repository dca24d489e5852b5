//! Files of the data folder as typed values.

pub(crate) mod array;
pub(crate) mod compressed;
pub(crate) mod pairs;
mod rotation;
pub(crate) mod sources;
pub(crate) mod teacher;
pub(crate) mod word_list;
