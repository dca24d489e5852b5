use super::*;
use crate::server::memories::memory::Details;
use crate::server::memories::scope::Scope;
use serde_json::json;

fn memory() -> Memory {
    let metadata = json!({"topic": "food", "stars": 4, "tags": ["a", "b"], "deep": {"er": true}});
    Memory {
        id: uuid::Uuid::from_u128(7),
        key: Default::default(),
        text: "Anna likes Pizza".to_owned(),
        scope: Scope {
            user: Some("anna".to_owned()),
            run: Some("r1".to_owned()),
            ..Scope::default()
        },
        metadata: metadata.as_object().unwrap().clone(),
        details: Details {
            categories: vec!["Food".to_owned()],
            ..Details::default()
        },
        created: 1_683_554_160_000_000,
        updated: 1_683_554_160_000_000,
    }
}

fn accepts(dialect: Dialect, filter: Value) -> bool {
    Filter::parse(&filter, dialect).unwrap().accepts(&memory())
}

#[test]
fn means_what_mem0_means() {
    for (filter, wanted) in [
        (json!({}), true),
        (json!({"user_id": "anna"}), true),
        (json!({"userId": "anna", "run_id": "r1"}), true),
        (json!({"user_id": "bert"}), false),
        (json!({"user_id": {"in": ["bert", "anna"]}}), true),
        (json!({"user_id": {"ne": "anna"}}), false),
        (json!({"agent_id": "*"}), false),
        (json!({"run_id": "*"}), true),
        (json!({"agent_id": null}), true),
        (
            json!({"AND": [{"user_id": "anna"}, {"run_id": "r2"}]}),
            false,
        ),
        (json!({"OR": [{"user_id": "bert"}, {"run_id": "r1"}]}), true),
        (json!({"NOT": {"user_id": "anna"}}), false),
        (
            json!({"NOT": [{"user_id": "bert"}, {"run_id": "r9"}]}),
            true,
        ),
        (
            json!({"AND": [{"NOT": [{"OR": [{"user_id": "bert"}]}]}]}),
            true,
        ),
        (
            json!({"created_at": {"gte": "2023-05-08", "lt": "2023-05-09"}}),
            true,
        ),
        (json!({"created_at": {"lte": "2023-05-08"}}), true),
        (json!({"created_at": "2023-05-08"}), true),
        (json!({"created_at": {"gt": "2023-05-08T13:56:00Z"}}), false),
        (json!({"timestamp": {"gte": 1683554160}}), true),
        (json!({"categories": {"in": ["Food", "x"]}}), true),
        (json!({"categories": {"contains": "foo"}}), true),
        (json!({"metadata": {"topic": "food"}}), true),
        (json!({"metadata": {"topic": {"ne": "food"}}}), false),
        (json!({"metadata": {"topic": {"contains": "oo"}}}), true),
        (json!({"metadata": {"tags": "b"}}), true),
        (json!({"metadata": {"deep.er": true}}), true),
        (json!({"keywords": {"contains": "Pizza"}}), true),
        (json!({"keywords": {"contains": "pizza"}}), false),
        (json!({"keywords": {"icontains": "pizza"}}), true),
        (
            json!({"memory_ids": ["00000000-0000-0000-0000-000000000007"]}),
            true,
        ),
        (json!({"expiration_date": null}), true),
    ] {
        assert_eq!(accepts(Dialect::Hosted, filter.clone()), wanted, "{filter}");
    }
    for (filter, wanted) in [
        (json!({"topic": "food", "stars": {"gte": 4}}), true),
        (json!({"stars": {"lt": 4.0}}), false),
        (json!({"topic": {"nin": ["food"]}}), false),
        (json!({"user_id": "anna", "nothing": {"ne": 1}}), true),
    ] {
        assert_eq!(accepts(Dialect::Open, filter.clone()), wanted, "{filter}");
    }
}

#[test]
fn refuses_what_it_does_not_know() {
    for filter in [
        json!([]),
        json!("user_id"),
        json!({"topic": "food"}),
        json!({"user_id": {"like": "a"}}),
        json!({"user_id": ""}),
        json!({"user_id": {"in": "anna"}}),
        json!({"created_at": {"gt": "soon"}}),
        json!({"metadata": 1}),
        json!({"AND": "x"}),
    ] {
        assert!(Filter::parse(&filter, Dialect::Hosted).is_err(), "{filter}");
    }
    let deep = (0..40).fold(json!({"user_id": "a"}), |inner, _| json!({"NOT": inner}));
    assert!(Filter::parse(&deep, Dialect::Hosted).is_err());
}

#[test]
fn knows_whether_an_entity_is_named_on_every_way() {
    for (filter, wanted) in [
        (json!({"user_id": "a"}), true),
        (json!({}), false),
        (json!({"NOT": {"user_id": "a"}}), false),
        (
            json!({"OR": [{"user_id": "a"}, {"created_at": {"gt": 0}}]}),
            false,
        ),
        (json!({"OR": [{"user_id": "a"}, {"agent_id": "*"}]}), true),
        (
            json!({"AND": [{"created_at": {"gt": 0}}, {"run_id": "x"}]}),
            true,
        ),
    ] {
        let parsed = Filter::parse(&filter, Dialect::Hosted).unwrap();
        assert_eq!(parsed.names_an_entity(), wanted, "{filter}");
    }
}
