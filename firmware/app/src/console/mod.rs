//! Text for a person with a terminal: a line that can be edited, earlier lines, and commands.

mod command;
mod editor;
mod history;
mod keys;
mod line;
mod print;

pub(crate) use command::Console;
pub(crate) use line::Line;
