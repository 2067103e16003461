//! The OpenAPI document, the pages that show it, the model and the health checks.

use crate::helpers::Server;
use reqwest::{Method, StatusCode};
use serde_json::Value;
use std::path::Path;
use std::process::Command;

fn committed() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi/openapi.json");
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn the_committed_document_is_what_the_code_says() {
    let output = Command::new(env!("CARGO_BIN_EXE_heartstrings")).arg("openapi").output().unwrap();
    assert!(output.status.success());
    let current = String::from_utf8(output.stdout).unwrap();
    assert!(
        current == committed(),
        "the API has changed; write it down with `make openapi`, and look at the difference"
    );
}

/// Every example in the document is valid under the schema beside it.
#[test]
fn examples_are_valid() {
    let document: Value = serde_json::from_str(&committed()).unwrap();
    let mut checked = 0;
    each_object(&document, &mut |object| {
        let example = object.get("example").into_iter();
        let examples = object.get("examples").into_iter().flat_map(examples_in);
        // A media type or parameter keeps its schema beside the example; a schema is its own.
        let schema = object.get("schema").cloned().unwrap_or_else(|| object.clone());
        for example in example.chain(examples) {
            if object.get("schema").is_none() && object.get("type").is_none() {
                continue;
            }
            let mut root = schema.clone();
            root["components"] = document["components"].clone();
            let validator = jsonschema::draft202012::new(&root).unwrap();
            let errors: Vec<String> =
                validator.iter_errors(example).map(|error| error.to_string()).collect();
            assert!(errors.is_empty(), "{example} is not valid: {errors:?}");
            checked += 1;
        }
    });
    assert!(checked > 60, "only {checked} examples were found");
}

/// A schema lists its examples; a media type names them.
fn examples_in(examples: &Value) -> Vec<&Value> {
    match examples {
        Value::Array(list) => list.iter().collect(),
        Value::Object(named) => named.values().map(|example| &example["value"]).collect(),
        other => panic!("no examples: {other}"),
    }
}

fn each_object(value: &Value, visit: &mut impl FnMut(&Value)) {
    match value {
        Value::Object(members) => {
            visit(value);
            for (name, member) in members {
                if name != "example" && name != "examples" {
                    each_object(member, visit);
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| each_object(item, visit)),
        _ => {}
    }
}

#[test]
fn every_operation_is_described() {
    let document: Value = serde_json::from_str(&committed()).unwrap();
    let mut ids = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let place = format!("{method} {path}");
            ids.push(operation["operationId"].as_str().unwrap().to_owned());
            assert!(operation["summary"].is_string(), "{place}");
            assert!(operation["tags"].as_array().is_some_and(|tags| tags.len() == 1), "{place}");
            let responses = operation["responses"].as_object().unwrap();
            assert!(responses.contains_key("500"), "{place}");
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                assert!(parameter["description"].is_string(), "{place}: {parameter}");
            }
        }
    }
    ids.sort();
    let expected = [
        "analyze",
        "compare_subjects",
        "create_review",
        "create_reviews",
        "delete_review",
        "delete_subject",
        "export_reviews",
        "get_health",
        "get_metrics",
        "get_model",
        "get_problem",
        "get_ready",
        "get_review",
        "get_subject_highlights",
        "get_subject_summary",
        "get_subject_timeline",
        "get_summary",
        "list_reviews",
        "list_subjects",
        "put_review",
    ];
    assert_eq!(ids, expected);
}

/// Every value that a client can send has its bounds in the document, and objects their fields.
#[test]
fn requests_are_bounded() {
    let document: Value = serde_json::from_str(&committed()).unwrap();
    let mut seen = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let place = format!("{method} {path}");
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                let place = format!("{place} {}", parameter["name"]);
                seen += check_bounds(&document, &parameter["schema"], &place);
            }
            let body = operation.pointer("/requestBody/content/application~1json/schema");
            seen += body.map_or(0, |schema| check_bounds(&document, schema, &place));
        }
    }
    assert!(seen > 60, "only {seen} schemas were found");
}

/// Checks a schema and those in it; gives how many there were.
fn check_bounds(document: &Value, schema: &Value, place: &str) -> usize {
    if let Some(reference) = schema["$ref"].as_str() {
        let target = document.pointer(reference.trim_start_matches('#')).unwrap();
        return check_bounds(document, target, place);
    }
    let has = |name: &str| schema.get(name).is_some();
    let is = |kind: &str| {
        let types = &schema["type"];
        types == kind || types.as_array().is_some_and(|types| types.contains(&kind.into()))
    };
    let mut inner: Vec<(String, &Value)> = Vec::new();
    for choice in ["oneOf", "anyOf", "allOf"] {
        let choices = schema[choice].as_array().into_iter().flatten();
        inner.extend(choices.map(|schema| (place.to_owned(), schema)));
    }
    if is("string") {
        assert!(has("maxLength") || has("enum"), "{place}: a string without a maxLength");
    } else if is("integer") || is("number") {
        assert!(has("minimum") && has("maximum"), "{place}: a number without bounds");
    } else if is("array") {
        assert!(has("maxItems"), "{place}: an array without maxItems");
        inner.push((format!("{place}[]"), &schema["items"]));
    } else if is("object") {
        let rest = &schema["additionalProperties"];
        assert!(rest.is_object() || rest == false, "{place}: an object with any field");
        if rest.is_object() {
            assert!(has("maxProperties"), "{place}: an object without maxProperties");
            inner.push((format!("{place}.*"), rest));
        }
        for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
            inner.push((format!("{place}.{name}"), schema));
        }
    } else if !is("boolean") && !is("null") {
        assert!(!inner.is_empty(), "{place}: anything goes");
    }
    1 + inner.iter().map(|(place, schema)| check_bounds(document, schema, place)).sum::<usize>()
}

/// What the service answers is valid under the document's schemas.
#[tokio::test]
async fn answers_are_valid() {
    let server = Server::start();
    let document: Value = serde_json::from_str(&committed()).unwrap();
    let check = |schema: &str, body: &Value| {
        let root = serde_json::json!({
            "$ref": format!("#/components/schemas/{schema}"),
            "components": document["components"],
        });
        let validator = jsonschema::draft202012::new(&root).unwrap();
        let errors: Vec<String> = validator.iter_errors(body).map(|e| e.to_string()).collect();
        assert!(errors.is_empty(), "{schema}: {errors:?} in {body}");
    };
    let review = server.review("film", "Good. I loved it!").await;
    check("Review", &review);
    let path = format!("/v1/reviews/{}?sentences=true", review["id"].as_str().unwrap());
    check("Review", &server.get(&path).await.1);
    check("SubjectSummary", &server.get("/v1/subjects/film/summary").await.1);
    let empty = "/v1/subjects/film/summary?from=1999-01-01&to=1999-01-02";
    check("SubjectSummary", &server.get(empty).await.1);
    check("SubjectPage", &server.get("/v1/subjects").await.1);
    check("ReviewPage", &server.get("/v1/reviews?sentences=true").await.1);
    check("Highlights", &server.get("/v1/subjects/film/highlights").await.1);
    check("Timeline", &server.get("/v1/subjects/film/timeline?interval=week").await.1);
    check("Summary", &server.get("/v1/summary").await.1);
    check("Comparison", &server.get("/v1/compare?subject=film&subject=film").await.1);
    check("ModelView", &server.get("/v1/model").await.1);
    check("Problem", &server.get("/v1/subjects?limit=0").await.1);
}

#[tokio::test]
async fn the_documents_are_served_from_the_binary() {
    let server = Server::start();
    let (status, served) = server.get("/openapi.json").await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(served, serde_json::from_str::<Value>(&committed()).unwrap());
    let page = server.request(Method::GET, "/docs").send().await.unwrap();
    assert_eq!(page.status(), StatusCode::OK);
    let html = page.text().await.unwrap();
    assert!(!html.contains("http://") && !html.contains("https://"), "a foreign URL: {html}");
    let mut assets = 0;
    for attribute in ["src=\"", "href=\""] {
        for piece in html.split(attribute).skip(1) {
            let name = piece.split('"').next().unwrap().trim_start_matches("./");
            let asset = server.request(Method::GET, &format!("/docs/{name}"));
            let asset = asset.send().await.unwrap();
            assert_eq!(asset.status(), StatusCode::OK, "{name}");
            assets += 1;
        }
    }
    assert!(assets >= 5, "{assets} assets");
}

#[tokio::test]
async fn the_model_and_the_health_are_told() {
    let server = Server::start();
    let (_, model) = server.get("/v1/model").await;
    assert_eq!(model["id"], "heartstrings-en-1");
    assert_eq!(model["revision"].as_str().unwrap().len(), 64);
    assert_eq!(model["labels"]["emotions"].as_array().unwrap().len(), 28);
    assert_eq!(model["limits"]["text_characters"], 100_000);
    assert_eq!(server.get("/health").await.1["status"], "ok");
    assert_eq!(server.get("/ready").await.1["status"], "ok");
    let address = server.url.trim_start_matches("http://");
    let health = |address: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_heartstrings"));
        command.args(["health", "--listen", address]).output().unwrap()
    };
    assert!(health(address).status.success());
    drop(server);
    assert!(!health("127.0.0.1:1").status.success());
}
