//! Subjects and their summaries.

use crate::helpers::{NOTE, RANT, RAVE, Server, number, pointers};
use reqwest::StatusCode;
use serde_json::{Value, json};

#[tokio::test]
async fn a_summary_equals_a_recount() {
    let server = Server::start();
    let texts = [RAVE, RANT, NOTE, "Good.", "Not my thing, sadly.", "The best!"];
    let mut reviews = Vec::new();
    for (day, text) in texts.iter().enumerate() {
        let review = json!({
            "subject": "film", "text": text, "rating": 1 + day % 5,
            "written_at": format!("2024-01-{:02}T10:00:00Z", 28 + day % 4),
        });
        reviews.push(server.post("/v1/reviews", &review).await.1);
    }
    let (status, summary) = server.get("/v1/subjects/film/summary").await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(summary["subject"], "film");
    assert_eq!(summary["reviews"], texts.len());
    assert_eq!(summary["first_written_at"], "2024-01-28T10:00:00Z");
    assert_eq!(summary["last_written_at"], "2024-01-31T10:00:00Z");
    assert_eq!(summary["models"], json!(["heartstrings-en-1"]));
    let mean = |pointer: &str| {
        reviews.iter().map(|r| number(r, pointer)).sum::<f64>() / reviews.len() as f64
    };
    let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-6, "{a} is not {b}");
    close(number(&summary, "/sentiment/mean"), mean("/analysis/sentiment/score"));
    close(number(&summary, "/intensity/mean"), mean("/analysis/intensity"));
    for label in ["positive", "neutral", "negative", "mixed"] {
        let counted =
            reviews.iter().filter(|r| r["analysis"]["sentiment"]["label"] == label).count();
        assert_eq!(summary["sentiment"]["labels"][label], counted, "{label}");
    }
    let interval = &summary["sentiment"]["confidence_interval_95"];
    assert!(interval[0].as_f64() <= summary["sentiment"]["mean"].as_f64());
    assert_eq!(summary["rating"]["reviews"], texts.len());
    assert!(summary["emotions"].as_array().is_some_and(|emotions| !emotions.is_empty()));

    // Deleting one restores the numbers to the last digit.
    let extra = server.review("film", "One more, and it is dreadful.").await;
    let with_extra = server.get("/v1/subjects/film/summary").await.1;
    assert_ne!(with_extra, summary);
    let path = format!("/v1/reviews/{}", extra["id"].as_str().unwrap());
    assert_eq!(server.delete(&path).await, StatusCode::NO_CONTENT);
    assert_eq!(server.get("/v1/subjects/film/summary").await.1, summary);
}

#[tokio::test]
async fn a_range_counts_its_days_only() {
    let server = Server::start();
    for day in ["2024-01-31T23:59:59Z", "2024-02-01T00:00:00Z", "2024-03-15T12:00:00Z"] {
        let review = json!({"subject": "film", "text": "Good.", "written_at": day});
        assert_eq!(server.post("/v1/reviews", &review).await.0, StatusCode::CREATED);
    }
    let reviews = async |query: &str| {
        let (status, body) = server.get(&format!("/v1/subjects/film/summary?{query}")).await;
        assert_eq!(status, StatusCode::OK);
        body
    };
    assert_eq!(reviews("from=2024-02-01").await["reviews"], 2);
    assert_eq!(reviews("to=2024-02-01").await["reviews"], 1);
    let february = reviews("from=2024-02-01&to=2024-03-01").await;
    assert_eq!(february["reviews"], 1);
    assert_eq!(february["last_written_at"], "2024-02-01T00:00:00Z");
    let nothing = reviews("from=2025-01-01&to=2025-02-01").await;
    assert_eq!(nothing["reviews"], 0);
    assert_eq!(nothing["sentiment"]["mean"], Value::Null);
    assert_eq!(nothing["first_written_at"], Value::Null);
}

#[tokio::test]
async fn subjects_are_listed_in_every_order_and_in_pages() {
    let server = Server::start();
    let posts = [
        ("b-rants", RANT, "2024-01-01T00:00:00Z"),
        ("a-raves", RAVE, "2024-01-02T00:00:00Z"),
        ("a-raves", RAVE, "2024-01-03T00:00:00Z"),
        ("c-notes", NOTE, "2024-01-04T00:00:00Z"),
    ];
    for (subject, text, written_at) in posts {
        let review = json!({"subject": subject, "text": text, "written_at": written_at});
        assert_eq!(server.post("/v1/reviews", &review).await.0, StatusCode::CREATED);
    }
    let names = |body: &Value| -> Vec<String> {
        let list = body["subjects"].as_array().unwrap();
        list.iter().map(|s| s["subject"].as_str().unwrap().to_owned()).collect()
    };
    let listed = async |query: &str| names(&server.get(&format!("/v1/subjects?{query}")).await.1);
    assert_eq!(listed("").await, ["a-raves", "b-rants", "c-notes"]);
    assert_eq!(listed("sort=reviews").await[0], "a-raves");
    assert_eq!(listed("sort=sentiment").await, ["a-raves", "c-notes", "b-rants"]);
    assert_eq!(listed("sort=intensity").await[2], "c-notes");
    assert_eq!(listed("sort=recent").await, ["c-notes", "a-raves", "b-rants"]);
    assert_eq!(listed("prefix=b").await, ["b-rants"]);

    let (_, first) = server.get("/v1/subjects?limit=2").await;
    let cursor = first["next_cursor"].as_str().unwrap();
    let (_, second) = server.get(&format!("/v1/subjects?limit=2&cursor={cursor}")).await;
    assert_eq!(names(&second), ["c-notes"]);
    assert_eq!(second["next_cursor"], Value::Null);
    let tampered = format!("{}A", &cursor[..cursor.len() - 1]);
    for bad in [format!("cursor={tampered}B"), format!("sort=recent&cursor={cursor}")] {
        let (status, problem) = server.get(&format!("/v1/subjects?{bad}")).await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
        assert_eq!(problem["type"], "/problems/bad-cursor");
    }
}

/// Aggregates go by days: a time would promise more than there is.
#[tokio::test]
async fn aggregates_take_dates_and_no_times() {
    let server = Server::start();
    server.review("film", NOTE).await;
    for path in ["/v1/summary", "/v1/subjects/film/summary", "/v1/subjects/film/timeline"] {
        let (status, problem) = server.get(&format!("{path}?from=2024-02-01T00:00:00Z")).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
        assert_eq!(pointers(&problem), ["/query/from"], "{path}");
    }
    let empty = "from=1999-01-01&to=1999-02-01";
    let (status, summary) = server.get(&format!("/v1/summary?{empty}")).await;
    assert_eq!((status, &summary["reviews"]), (StatusCode::OK, &json!(0)));
    for pointer in ["/sentiment/mean", "/intensity/mean", "/intensity/p50", "/rating/mean"] {
        assert_eq!(summary.pointer(pointer), Some(&Value::Null), "{pointer}");
    }
    let counts = summary["sentiment"]["histogram"]["counts"].as_array().unwrap();
    assert!(counts.len() == 20 && counts.iter().all(|count| *count == 0));
    let (status, line) = server.get(&format!("/v1/subjects/film/timeline?{empty}")).await;
    assert_eq!((status, &line["points"]), (StatusCode::OK, &json!([])));
}

#[tokio::test]
async fn iso_weeks_cross_years() {
    let server = Server::start();
    for day in ["2024-12-29", "2024-12-30", "2025-01-05", "2025-01-06"] {
        let body =
            json!({"subject": "film", "text": NOTE, "written_at": format!("{day}T12:00:00Z")});
        assert_eq!(server.post("/v1/reviews", &body).await.0, StatusCode::CREATED);
    }
    let (_, line) = server.get("/v1/subjects/film/timeline?interval=week").await;
    let points = line["points"].as_array().unwrap().iter();
    let points: Vec<_> =
        points.map(|p| (p["start"].as_str().unwrap(), p["reviews"].as_u64().unwrap())).collect();
    assert_eq!(points, [("2024-12-23", 1), ("2024-12-30", 2), ("2025-01-06", 1)]);
}

#[tokio::test]
async fn two_to_twenty_subjects_are_compared() {
    let server = Server::start();
    server.review("film", NOTE).await;
    for (count, expected) in [(1, 422), (2, 200), (20, 200), (21, 422)] {
        let query = vec!["subject=film"; count].join("&");
        let (status, body) = server.get(&format!("/v1/compare?{query}")).await;
        assert_eq!(status.as_u16(), expected, "{count}: {body}");
    }
    let (status, _) = server.get("/v1/compare?subject=film&subject=nobody").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}
