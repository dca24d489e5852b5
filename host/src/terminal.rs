//! What a person sees: colours, bars of scores, progress.
//!
//! Print through [`anstream::stdout`], which drops colours where there is no terminal.

use crate::command_line::Failure;
use anstyle::{AnsiColor, Style};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use serde_json::Value;
use std::fmt::Write as _;
use std::io::Write;

/// Headings and names.
pub(crate) const STRONG: Style = Style::new().bold();

/// What explains and may be overlooked.
pub(crate) const FAINT: Style = Style::new().dimmed();

/// What went well.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();

/// A progress bar on standard error with rate and time left; invisible where that is no terminal.
pub(crate) fn progress(total: u64, what: &'static str) -> ProgressBar {
    let template = "{msg} {wide_bar} {human_pos}/{human_len} {per_sec} {eta}";
    let style =
        ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(total).with_style(style).with_message(what)
}

/// Says on a terminal what is waited for, and for how long; invisible where standard error is no terminal.
pub(crate) fn waiting(what: &'static str) -> ProgressBar {
    let style = ProgressStyle::with_template("{spinner} {msg} {elapsed}")
        .unwrap_or_else(|_| ProgressStyle::default_spinner());
    let spinner = ProgressBar::new_spinner()
        .with_style(style)
        .with_message(what);
    spinner.enable_steady_tick(std::time::Duration::from_millis(120));
    spinner
}

/// A progress bar over the bytes of a file, with a message that changes.
pub(crate) fn bytes_progress(total: u64) -> ProgressBar {
    let template = "{msg} {wide_bar} {binary_bytes}/{binary_total_bytes} {elapsed} {eta}";
    let style =
        ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(total).with_style(style)
}

/// A score from 0 to 1 as a bar of `width` characters, to an eighth of a character.
pub(crate) fn score_bar(score: f32, width: usize) -> String {
    const PARTS: [char; 9] = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'];
    let eighths = (score.clamp(0.0, 1.0) * 8.0 * width as f32).round() as usize;
    (0..width)
        .map(|column| PARTS[eighths.saturating_sub(8 * column).min(8)])
        .collect()
}

/// Prints a value as JSON, indented.
pub(crate) fn print_json(value: &impl Serialize) -> Result<(), Failure> {
    let mut text = serde_json::to_string_pretty(value).map_err(Failure::failed)?;
    text.push('\n');
    let written = std::io::stdout().write_all(text.as_bytes());
    written.map_err(Failure::of_output)
}

/// Prints the fields of a JSON object, one a line, lists one entry a line; nothing for null.
pub(crate) fn print_pairs(object: &Value) -> Result<(), Failure> {
    write_pairs(object, anstream::stdout().lock()).map_err(Failure::of_output)
}

fn write_pairs(object: &Value, mut output: impl Write) -> std::io::Result<()> {
    let fields = object.as_object().into_iter().flatten();
    let fields: Vec<_> = fields.filter(|(_, value)| !value.is_null()).collect();
    let width = fields.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    for (name, value) in fields {
        let name = name.replace('_', " ");
        match value {
            Value::Array(entries) => {
                for entry in entries {
                    writeln!(output, "{FAINT}{name:width$}{FAINT:#}  {}", plain(entry))?;
                }
            }
            value => writeln!(output, "{FAINT}{name:width$}{FAINT:#}  {}", plain(value))?,
        }
    }
    Ok(())
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        other => other.to_string(),
    }
}

/// A stored text for a person's eyes: control characters escaped, since a terminal would obey them;
/// line breaks and tabs stay.
pub(crate) struct Printable<'t>(pub(crate) &'t str);

impl core::fmt::Display for Printable<'_> {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        for character in self.0.chars() {
            match character {
                '\n' | '\t' => formatter.write_char(character)?,
                control if control.is_control() => {
                    write!(formatter, "{}", control.escape_default())?
                }
                other => formatter.write_char(other)?,
            }
        }
        Ok(())
    }
}

/// The beginning of a stored text for a list, on one line.
pub(crate) struct Excerpt<'t>(pub(crate) &'t str);

/// Characters of an [`Excerpt`].
const EXCERPT: usize = 240;

impl core::fmt::Display for Excerpt<'_> {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let end = self.0.char_indices().nth(EXCERPT).map(|(at, _)| at);
        let shown = self.0[..end.unwrap_or(self.0.len())].replace(['\n', '\t'], " ");
        Printable(&shown).fmt(formatter)?;
        match end {
            Some(end) => write!(formatter, "… ({} bytes more)", self.0.len() - end),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_have_their_width_and_length() {
        assert_eq!(score_bar(0.0, 4), "    ");
        assert_eq!(score_bar(1.0, 4), "████");
        assert_eq!(score_bar(0.5, 4), "██  ");
        assert_eq!(score_bar(0.40625, 4), "█▋  ");
    }

    #[test]
    fn terminals_are_not_commanded() {
        assert_eq!(
            Printable("a\u{1b}[31m\nb\u{7}").to_string(),
            "a\\u{1b}[31m\nb\\u{7}"
        );
        assert_eq!(Excerpt("a\nb\tc").to_string(), "a b c");
        let long = "é".repeat(300);
        assert!(Excerpt(&long).to_string().ends_with("é… (120 bytes more)"));
    }
}
