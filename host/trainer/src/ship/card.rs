//! The model card: what an image is, how it was made, how good it is.

use crate::TrainError;
use crate::corpus::sources::Source;
use crate::observer::Measurements;
use crate::recipe::{BodyRecipe, Part, Recipe, StageRecipe};
use crate::ship::lineage::Run;
use serde::Serialize;
use std::fmt::Write;

/// Everything a card says; serialises to `NAME.json`.
#[derive(Clone, Debug, Serialize)]
pub struct Card {
    /// Name of the image.
    pub name: String,
    /// Bytes of the image.
    pub bytes: usize,
    /// The embedding space, 16 hexadecimal digits.
    pub fingerprint: String,
    /// The recipe that made it.
    pub recipe: Recipe,
    /// Every run behind it, in the order to repeat them; the last is that of the recipe.
    pub runs: Vec<Run>,
    /// Steps of gradient descent of all runs that are known.
    pub steps: u64,
    /// Seconds of training of all runs that are known, measuring the development sets included.
    pub seconds: f64,
    /// Processor and number of threads of the last run.
    pub machine: String,
    /// Metrics of the image in integers, as it ships.
    pub integers: Measurements,
    /// Metrics of the image's integers computed in floats.
    pub reference: Measurements,
    /// Metrics of the trained floats before rounding.
    pub unrounded: Measurements,
    /// Sources of the training texts.
    pub sources: Vec<Source>,
}

impl Card {
    /// The card as JSON.
    ///
    /// # Errors
    /// A metric that is not a number cannot be written.
    pub fn json(&self) -> Result<String, TrainError> {
        let mut json = serde_json::to_string_pretty(self)
            .map_err(|error| TrainError::Recipe(format!("card: {error}")))?;
        json.push('\n');
        Ok(json)
    }

    /// The card as Markdown.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut text = String::new();
        // Writing to a String cannot fail.
        let _ = self.write_markdown(&mut text);
        text
    }

    fn write_markdown(&self, text: &mut String) -> std::fmt::Result {
        let model = &self.recipe.model;
        writeln!(text, "# {}.memt\n", self.name)?;
        writeln!(
            text,
            "A sentence encoder for memt: {} bytes, fingerprint `{}`. {} known words and {} n-gram rows of {} numbers ({} \
             bits{}), {}. English; any script is accepted.\n",
            self.bytes,
            self.fingerprint,
            model.words,
            model.ngrams,
            model.row_width,
            model.row_bits,
            second_rows(model.fine),
            body(&model.body)
        )?;
        writeln!(
            text,
            "Licence: MIT OR Apache-2.0, as memt. Remake it with\n"
        )?;
        for Run { name, .. } in &self.runs {
            let command = format!("memt train host/training/{name}.toml --data ../shared/data");
            writeln!(text, "    {command} --out runs/{name}")?;
        }
        writeln!(text)?;
        let several = match self.runs.len() {
            0 | 1 => String::new(),
            count => format!(" over {count} runs, the last"),
        };
        writeln!(
            text,
            "{} steps in {:.0} s{several} on {}. Teacher: all-MiniLM-L6-v2 (Apache-2.0), through precomputed vectors.\n",
            self.steps, self.seconds, self.machine
        )?;
        for run in self.runs.iter().filter(|run| run.made.is_none()) {
            writeln!(
                text,
                "The checkpoint of `{}` was not there when this was written: what it began from, its stages, steps and \
                 seconds are missing here.\n",
                run.name
            )?;
        }
        self.write_metrics(text)?;
        self.write_stages(text)?;
        self.write_sources(text)
    }

    fn write_metrics(&self, text: &mut String) -> std::fmt::Result {
        writeln!(text, "## Metrics x 100\n")?;
        writeln!(
            text,
            "Dense cosine. *Integers*: as it ships. *Floats*: the same integers computed in floats. *Unrounded*: the \
             trained floats.\n"
        )?;
        writeln!(
            text,
            "| set | integers | floats | unrounded |\n|---|---|---|---|"
        )?;
        let columns = self
            .integers
            .iter()
            .zip(&self.reference)
            .zip(&self.unrounded);
        for ((integers, floats), unrounded) in columns {
            let (name, value) = integers;
            writeln!(
                text,
                "| {name} | {value:.1} | {:.1} | {:.1} |",
                floats.1, unrounded.1
            )?;
        }
        writeln!(text)
    }

    fn write_stages(&self, text: &mut String) -> std::fmt::Result {
        writeln!(text, "## Stages\n")?;
        writeln!(
            text,
            "A run that begins from nothing has rows of words from the teacher's single-word vectors and n-gram rows \
             fitted to them; one that begins from others has their floats, or the mean of them.\n"
        )?;
        writeln!(
            text,
            "| run | begins from | stage | steps | texts a step | pairs a step | trained | integers in the forward pass |"
        )?;
        writeln!(text, "|---|---|---|---|---|---|---|---|")?;
        for Run { name, made } in &self.runs {
            let Some(made) = made else {
                writeln!(text, "| {name} | not known | | | | | | |")?;
                continue;
            };
            let starts = match made.starts.is_empty() {
                true => "nothing".to_owned(),
                false => made.starts.join(", "),
            };
            for stage in &made.stages {
                write!(text, "| {name} | {starts} ")?;
                write_stage(stage, text)?;
            }
        }
        writeln!(text)?;
        for Run { name, made } in &self.runs {
            for folder in made.iter().flat_map(|made| &made.texts) {
                let folder = folder.display();
                writeln!(text, "`{name}` learned from the texts of `{folder}` too.\n")?;
            }
        }
        Ok(())
    }

    fn write_sources(&self, text: &mut String) -> std::fmt::Result {
        writeln!(text, "## Training texts\n")?;
        writeln!(
            text,
            "The texts of the evaluation sets were taken out of them.\n\n| source | licence | upstream |\n|---|---|---|"
        )?;
        for source in &self.sources {
            writeln!(
                text,
                "| {} | {} | {} |",
                source.source, source.licence, source.upstream
            )?;
        }
        Ok(())
    }
}

fn write_stage(stage: &StageRecipe, text: &mut String) -> std::fmt::Result {
    let texts = stage.distillation.as_ref();
    let texts = texts.map_or(0, |part| part.shards * part.texts);
    let pairs = stage.contrastive.as_ref();
    let pairs = pairs.map_or(0, |part| part.shards * part.pairs);
    let integers = if stage.quantise { "yes" } else { "no" };
    let trained = match stage.train {
        Part::Bag => "rows, projection",
        Part::All => "all",
    };
    writeln!(
        text,
        "| {} | {} | {texts} | {pairs} | {trained} | {integers} |",
        stage.name, stage.steps
    )
}

/// How many rows have a second one, in words.
fn second_rows(count: u32) -> String {
    match count {
        0 => String::new(),
        _ => format!(", {count} of them twice"),
    }
}

/// How rows become an embedding, in words.
fn body(body: &BodyRecipe) -> String {
    match body {
        BodyRecipe::Bag => "summed and projected to 128 bytes".to_owned(),
        BodyRecipe::Transformer(sizes) => {
            let plural = if sizes.layers == 1 { "" } else { "s" };
            format!(
                "summed and projected to 128 bytes beside a transformer of {} layer{plural} ({} wide, {} heads, \
                 feed-forward {}, {} bits)",
                sizes.layers, sizes.width, sizes.heads, sizes.hidden, sizes.weight_bits
            )
        }
    }
}

/// The processor's name where the system tells it, and the number of threads.
pub(super) fn machine() -> String {
    let threads = rayon::current_num_threads();
    let processor = std::fs::read_to_string("/proc/cpuinfo")
        .ok()
        .and_then(|text| {
            let line = text.lines().find(|line| line.starts_with("model name"))?;
            Some(line.split_once(':')?.1.trim().to_owned())
        })
        .unwrap_or_else(|| std::env::consts::ARCH.to_owned());
    format!("{processor}, {threads} threads")
}
