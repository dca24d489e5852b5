//! Everything that can stop a training run.

use std::path::PathBuf;

/// Why training stopped before its end.
#[derive(Debug)]
#[non_exhaustive]
pub enum TrainError {
    /// A file cannot be read or written.
    File {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file does not hold what its name promises.
    Content {
        /// Which.
        path: PathBuf,
        /// What is wrong, with the line from 1 where there is one.
        problem: String,
    },
    /// The recipe asks for something impossible.
    Recipe(String),
    /// The recipe is not TOML of the expected form.
    Syntax(toml::de::Error),
    /// The checkpoint belongs to another recipe; start without resuming, or in another folder.
    OtherRecipe(PathBuf),
    /// The image cannot be made or opened.
    Image(memt_core::encoder::ImageError),
    /// The image gives no integer encoder.
    Encoder(memt_core::encoder::EncoderError),
    /// The image is larger than the recipe allows.
    OverBudget {
        /// Bytes of the image.
        bytes: usize,
        /// Bytes allowed.
        budget: usize,
    },
    /// A loss stopped being a number; lower the learning rates.
    Diverged {
        /// Stage of the recipe.
        stage: String,
        /// Step in the stage.
        step: u64,
    },
    /// An evaluation set cannot be asked about.
    Evaluation(memt_eval::evaluate::EvaluateError),
    /// A metric is not defined, as a correlation with embeddings that are all alike.
    UndefinedMetric(String),
    /// A picture cannot be drawn.
    Picture(String),
    /// Only the images of bags can be packed anew.
    NotABag,
    /// The observer asked to stop.
    Interrupted,
}

impl std::fmt::Display for TrainError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File { path, source } => write!(formatter, "{}: {source}", path.display()),
            Self::Content { path, problem } => write!(formatter, "{}: {problem}", path.display()),
            Self::Recipe(problem) => write!(formatter, "recipe: {problem}"),
            Self::Syntax(error) => write!(formatter, "recipe: {error}"),
            Self::OtherRecipe(path) => write!(
                formatter,
                "{}: checkpoint of another recipe (only stages after its own may differ); train afresh or choose another folder",
                path.display()
            ),
            Self::Image(error) => error.fmt(formatter),
            Self::Encoder(error) => error.fmt(formatter),
            Self::OverBudget { bytes, budget } => write!(
                formatter,
                "image of {bytes} bytes exceeds the recipe's {budget}; use fewer rows"
            ),
            Self::Diverged { stage, step } => write!(
                formatter,
                "loss is not a number in stage {stage}, step {step}; lower the learning rates"
            ),
            Self::Evaluation(error) => error.fmt(formatter),
            Self::UndefinedMetric(name) => write!(
                formatter,
                "{name} is not defined: all embeddings are alike, training has collapsed"
            ),
            Self::Picture(problem) => write!(formatter, "curves: {problem}"),
            Self::NotABag => formatter.write_str(
                "only the image of a bag can be packed anew; train the model with other bits instead",
            ),
            Self::Interrupted => {
                formatter.write_str("interrupted; resume goes on from the checkpoint")
            }
        }
    }
}

impl std::error::Error for TrainError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::File { source, .. } => Some(source),
            Self::Syntax(error) => Some(error),
            _ => None,
        }
    }
}

impl TrainError {
    /// For `map_err` on a file operation on `path`.
    pub(crate) fn file(path: &std::path::Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { path, source }
    }

    /// A complaint about the content of `path`.
    pub(crate) fn content(path: &std::path::Path, problem: impl Into<String>) -> Self {
        Self::Content {
            path: path.to_owned(),
            problem: problem.into(),
        }
    }
}
