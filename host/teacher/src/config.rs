//! The JSON files beside the weights.

use crate::TeacherError;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::path::Path;

/// `config.json` of a BERT: the fields that decide the forward pass.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct BertConfig {
    /// Width of the stream, H.
    pub(crate) hidden_size: usize,
    /// Layers.
    pub(crate) num_hidden_layers: usize,
    /// Heads, each `hidden_size / num_attention_heads` wide.
    pub(crate) num_attention_heads: usize,
    /// Width between the two matrices of the feed-forward part, F.
    pub(crate) intermediate_size: usize,
    /// Rows of positions; no text may have more tokens.
    pub(crate) max_position_embeddings: usize,
    /// Rows of tokens.
    pub(crate) vocab_size: usize,
    /// Added to the variance in layer norms.
    pub(crate) layer_norm_eps: f32,
    hidden_act: String,
    #[serde(default)]
    position_embedding_type: Option<String>,
}

/// `sentence_bert_config.json`: how much of a text counts.
#[derive(Clone, Copy, Debug, Deserialize)]
struct SentenceConfig {
    max_seq_length: Option<usize>,
}

impl BertConfig {
    pub(crate) fn read(directory: &Path) -> Result<Self, TeacherError> {
        let path = directory.join("config.json");
        let config: Self = read_json(&path)?;
        match config.problem() {
            Some(problem) => Err(TeacherError::content(&path, problem)),
            None => Ok(config),
        }
    }

    fn problem(&self) -> Option<String> {
        let (width, heads) = (self.hidden_size, self.num_attention_heads);
        if heads == 0 || width == 0 || !width.is_multiple_of(heads) {
            return Some(format!("{heads} heads do not share a width of {width}"));
        }
        if self.hidden_act != "gelu" {
            return Some(format!("activation {:?} is not gelu", self.hidden_act));
        }
        let positions = self.position_embedding_type.as_deref();
        let relative = positions.filter(|&kind| kind != "absolute")?;
        Some(format!("positions are {relative:?}, not absolute"))
    }

    /// Tokens of the longest text: what `sentence_bert_config.json` says, where it is there, and never more than
    /// there are positions.
    pub(crate) fn window(&self, directory: &Path) -> Result<usize, TeacherError> {
        let path = directory.join("sentence_bert_config.json");
        if !path.exists() {
            return Ok(self.max_position_embeddings);
        }
        let sentence: SentenceConfig = read_json(&path)?;
        let stated = sentence.max_seq_length.unwrap_or(usize::MAX);
        Ok(stated.min(self.max_position_embeddings))
    }
}

/// Reads a JSON file.
pub(crate) fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T, TeacherError> {
    let bytes = std::fs::read(path).map_err(TeacherError::file(path))?;
    serde_json::from_slice(&bytes).map_err(|error| TeacherError::content(path, error))
}

#[cfg(test)]
mod tests {
    use super::BertConfig;

    fn config(heads: usize, activation: &str, positions: &str) -> BertConfig {
        let json = serde_json::json!({
            "hidden_size": 12, "num_hidden_layers": 1, "num_attention_heads": heads,
            "intermediate_size": 24, "max_position_embeddings": 8, "vocab_size": 5,
            "layer_norm_eps": 1e-12, "hidden_act": activation, "position_embedding_type": positions,
        });
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn what_the_forward_pass_cannot_do_is_refused() {
        assert_eq!(config(3, "gelu", "absolute").problem(), None);
        for (refused, word) in [
            (config(5, "gelu", "absolute"), "5 heads"),
            (config(0, "gelu", "absolute"), "0 heads"),
            (config(3, "relu", "absolute"), "relu"),
            (config(3, "gelu", "relative_key"), "relative_key"),
        ] {
            assert!(refused.problem().unwrap().contains(word), "{refused:?}");
        }
    }
}
