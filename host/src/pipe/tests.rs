//! Requests and their replies, over both engines.

use super::*;
use crate::model::Model;
use serde_json::{Value, json};

fn session(model: &Model, engine: EngineKind) -> Session<'_> {
    let settings = Settings {
        engine,
        ..Settings::default()
    };
    Session::new(model, settings).unwrap()
}

fn converse(session: &mut Session<'_>, input: &[u8]) -> Vec<Value> {
    let mut output = Vec::new();
    run(session, input, &mut output).unwrap();
    let lines = str::from_utf8(&output).unwrap().lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

const CONVERSATION: &[u8] = br#"{"op":"hello","v":1}
{"op":"add","id":"a","text":"the boiler valve was replaced on Tuesday","meta":{"ts":"2023-05-08T13:56:00","speaker":"x"}}
{"op":"add_batch","items":[{"id":"b","text":"Anna likes green tea"},{"id":"c","text":"the keys are under the red pot","meta":null}]}
{"op":"query","text":"where are the keys?","k":9}
{"op":"query_batch","texts":["green tea","valve of the boiler"],"k":1}
{"op":"add","id":"a","text":"the garden pump is broken"}
{"op":"query","text":"boiler valve","k":100}
{"op":"reset","ns":"any"}
{"op":"query","text":"boiler valve","k":100}
{"op":"bye"}
{"op":"hello"}
"#;

#[test]
fn both_engines_hold_the_same_conversation() {
    let model = Model::built_in().unwrap();
    let host = converse(&mut session(&model, EngineKind::Host), CONVERSATION);
    let core = converse(&mut session(&model, EngineKind::Core), CONVERSATION);
    assert_eq!(host, core);
    assert_eq!(host.len(), 10);
    assert_eq!(host[0]["model_bytes"], json!(model.bytes().len()));
    let ids = |reply: &Value| -> Vec<Value> {
        let hits = reply["hits"].as_array().unwrap();
        hits.iter().map(|hit| hit[0].clone()).collect()
    };
    assert_eq!(ids(&host[3])[0], "c");
    assert_eq!(ids(&host[3]).len(), 3);
    assert_eq!(host[4]["hits"][0][0][0], "b");
    assert_eq!(host[4]["hits"][1][0][0], "a");
    assert_eq!(ids(&host[6]).len(), 3);
    assert_eq!(host[8], json!({"hits": []}));
    assert_eq!(host[9], json!({"ok": true}));
}

#[test]
fn every_line_gets_one_reply() {
    let model = Model::built_in().unwrap();
    let mut session = session(&model, EngineKind::Host);
    let long = "i".repeat(65);
    let lines: Vec<Vec<u8>> = vec![
        b"".to_vec(),
        b"{".to_vec(),
        b"[]".to_vec(),
        b"{\"op\":\"fly\"}".to_vec(),
        b"{\"op\":\"hello\",\"v\":2}".to_vec(),
        b"{\"op\":\"add\",\"id\":\"\xff\",\"text\":\"x\"}".to_vec(),
        b"{\"op\":\"add\",\"id\":\"x\",\"text\":\"...\"}".to_vec(),
        b"{\"op\":\"add\",\"id\":\"x\",\"text\":\"y\",\"meta\":{\"ts\":\"soon\"}}".to_vec(),
        format!("{{\"op\":\"add\",\"id\":\"{long}\",\"text\":\"y\"}}").into_bytes(),
        b"{\"op\":\"query\",\"text\":\"?\",\"k\":1}".to_vec(),
        b"{\"op\":\"add_batch\",\"items\":[{\"id\":\"1\",\"text\":\"ok\"},{\"id\":\"2\",\"text\":\"\"}]}"
            .to_vec(),
    ];
    let input = lines.join(&b"\n"[..]);
    let replies = converse(&mut session, &input);
    assert_eq!(replies.len(), lines.len());
    for reply in &replies {
        assert!(reply["error"].is_string(), "{reply}");
    }
    assert_eq!(replies[10]["error"], "number 1: text has no words");
}

#[test]
fn embeds_any_text_in_either_arithmetic() {
    let model = Model::built_in().unwrap();
    let input = br#"{"op":"embed","texts":["","boiler"]}"#;
    let fixed = converse(&mut session(&model, EngineKind::Host), input);
    let settings = Settings {
        arithmetic: crate::model::Arithmetic::F32,
        ..Settings::default()
    };
    let mut floats = Session::new(&model, settings).unwrap();
    let floats = converse(&mut floats, input);
    for vectors in [&fixed[0]["vectors"], &floats[0]["vectors"]] {
        assert_eq!(
            vectors[0],
            json!(vec![0.0; 128])
                .as_array()
                .map_or(Value::Null, |zeros| {
                    if vectors[0][0].is_f64() {
                        json!(zeros)
                    } else {
                        json!(vec![0; 128])
                    }
                })
        );
    }
    let of = |value: &Value| {
        value
            .as_array()
            .unwrap()
            .iter()
            .map(|x| x.as_f64().unwrap())
            .collect::<Vec<_>>()
    };
    let (fixed, floats) = (of(&fixed[0]["vectors"][1]), of(&floats[0]["vectors"][1]));
    let length = |v: &[f64]| v.iter().map(|x| x * x).sum::<f64>().sqrt();
    assert!((length(&floats) - 1.0).abs() < 1e-5);
    let dot: f64 = fixed.iter().zip(&floats).map(|(a, b)| a * b).sum();
    assert!(dot / length(&fixed) > 0.999);
}
