//! The demo as JSON.

use super::chip::{MACHINE, Outcome};
use super::recall::{Answer, Recall};
use crate::command_line::Failure;
use crate::model::Model;
use serde_json::{Value, json};
use std::time::Duration;

/// The whole demo, on several lines.
pub(super) fn of(
    recall: &Recall,
    model: &Model,
    chip: &Outcome,
    time: Duration,
) -> Result<String, Failure> {
    let image = model.image().map_err(Failure::failed)?;
    let mut report = json!({
        "memories": recall.store.bank().len(),
        "questions": recall.answers.len(),
        "recall_at_1": recall.recall_at_1(),
        "model_bytes": image.bytes().len(),
        "model": image.fingerprint().to_string(),
        "snapshot_bytes": recall.snapshot.len(),
        "write_seconds": recall.write_time.as_secs_f64(),
        "ask_seconds": recall.ask_time.as_secs_f64(),
        "seconds": time.as_secs_f64(),
        "chip": null,
        "answers": recall.answers.iter().map(|answer| answer_json(recall, answer)).collect::<Vec<_>>(),
    });
    match chip {
        Outcome::Unavailable(reason) => report["chip_reason"] = json!(reason),
        Outcome::Asked(chip) => {
            report["chip"] = json!({
                "machine": MACHINE,
                "answers_equal": chip.answers_equal(),
                "embeddings_equal": chip.embeddings_equal(),
                "embeddings": chip.embeddings,
                "encode_instructions": chip.encode_instructions,
                "query_instructions": chip.query_instructions,
                "slot_bytes": chip.slot_bytes,
                "bank_bytes": chip.bank_bytes,
            });
        }
    }
    serde_json::to_string_pretty(&report).map_err(Failure::failed)
}

fn answer_json(recall: &Recall, answer: &Answer) -> Value {
    let text = |key| recall.store.bank().get(key).map(|slot| slot.text);
    let best = answer.hits.first();
    json!({
        "question": answer.question,
        "answer": best.and_then(|hit| text(hit.key)),
        "score": best.map(|hit| hit.score.total),
        "cosine": best.map(|hit| hit.score.cosine),
        "lexical": best.map(|hit| hit.score.lexical),
        "right": answer.is_right(),
        "right_rank": answer.rank().map(|rank| rank + 1),
    })
}
