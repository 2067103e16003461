//! Lists of reviews, time lines, highlights, comparisons, and what replaces or removes.

use crate::helpers::{NOTE, RANT, RAVE, Server, number, pointers, read};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

/// Three reviews of `film` in three months, and one of `book`.
async fn shelf() -> Server {
    shelf_of(&[]).await
}

/// The same in a service with these arguments.
async fn shelf_of(arguments: &[&str]) -> Server {
    let server = Server::start_with(arguments);
    let reviews = [
        ("rave", "film", RAVE, "2024-01-31T23:59:59Z", "imdb"),
        ("rant", "film", RANT, "2024-02-01T00:00:00Z", "forum"),
        ("note", "film", NOTE, "2025-03-01T12:00:00Z", "imdb"),
        ("other", "book", RAVE, "2024-02-15T00:00:00Z", "imdb"),
    ];
    for (id, subject, text, written_at, source) in reviews {
        let body = json!({"id": id, "subject": subject, "text": text, "written_at": written_at,
            "source": source});
        let (status, body) = server.post("/v1/reviews", &body).await;
        assert_eq!(status, StatusCode::CREATED, "{body}");
    }
    server
}

async fn ids(server: &Server, query: &str) -> Vec<String> {
    let (status, page) = server.get(&format!("/v1/reviews?{query}")).await;
    assert_eq!(status, StatusCode::OK, "{page}");
    let reviews = page["reviews"].as_array().unwrap();
    reviews.iter().map(|review| review["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn lists_are_filtered_and_sorted() {
    let server = shelf().await;
    let cases = [
        ("", vec!["note", "other", "rant", "rave"]),
        ("sort=oldest", vec!["rave", "rant", "other", "note"]),
        ("subject=film&sort=newest", vec!["note", "rant", "rave"]),
        ("subject=film&sort=most_positive&limit=1", vec!["rave"]),
        ("subject=film&sort=most_negative&limit=1", vec!["rant"]),
        ("label=negative", vec!["rant"]),
        ("source=forum", vec!["rant"]),
        ("emotion=love&subject=film", vec!["rave"]),
        ("max_score=-0.3", vec!["rant"]),
        ("from=2024-02-01&to=2024-02-16", vec!["other", "rant"]),
        ("from=2024-02-01T00:00:01Z&to=2025-01-01", vec!["other"]),
        ("subject=nobody", vec![]),
    ];
    for (query, expected) in cases {
        assert_eq!(ids(&server, query).await, expected, "{query}");
    }
    let intense = ids(&server, "subject=film&sort=most_intense").await;
    assert_eq!(intense.last().unwrap(), "note");
    assert_eq!(ids(&server, "min_intensity=0.5&subject=film").await.len(), 2);
    let mut found = Vec::new();
    let mut path = "/v1/reviews?limit=1&sort=oldest".to_owned();
    loop {
        let (_, page) = server.get(&path).await;
        found.push(page["reviews"][0]["id"].as_str().unwrap().to_owned());
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("/v1/reviews?limit=1&sort=oldest&cursor={cursor}");
    }
    assert_eq!(found, ["rave", "rant", "other", "note"]);
    let (_, page) = server.get("/v1/reviews?subject=book&sentences=true").await;
    assert!(page["reviews"][0]["analysis"]["sentences"].as_array().unwrap().len() > 2);
}

/// Where a page looks at one review alone, a filter finds what it asks for all the same: there are lists
/// of what can be filtered by.
#[tokio::test]
async fn a_filter_does_not_look_at_what_does_not_pass() {
    let server = shelf_of(&["--page-scan", "1"]).await;
    let cases = [
        ("label=negative", vec!["rant"]),
        ("label=negative&sort=most_positive", vec!["rant"]),
        ("source=forum&sort=oldest", vec!["rant"]),
        ("source=forum&label=negative&subject=film", vec!["rant"]),
        ("source=forum&label=positive", vec![]),
        ("emotion=love&subject=film&sort=most_intense", vec!["rave"]),
        ("emotion=love&limit=1&to=2024-02-01", vec!["rave"]),
        ("source=nowhere", vec![]),
    ];
    for (query, expected) in cases {
        assert_eq!(ids(&server, query).await, expected, "{query}");
    }
    // What has no list is looked through, and the cursor says that there may be more.
    let (_, page) = server.get("/v1/reviews?max_score=-0.3").await;
    assert_eq!(page["reviews"], json!([]));
    assert!(page["next_cursor"].is_string(), "{page}");
}

#[tokio::test]
async fn bad_lists_are_refused() {
    let server = Server::start();
    let cases = [
        ("/v1/reviews?label=good", "/query/label"),
        ("/v1/reviews?emotion=hunger", "/query/emotion"),
        ("/v1/reviews?min_score=-2", "/query/min_score"),
        ("/v1/reviews?max_intensity=NaN", "/query/max_intensity"),
        ("/v1/reviews?from=yesterday", "/query/from"),
        ("/v1/reviews?limit=0", "/query/limit"),
        ("/v1/reviews?subject=a%20b", "/query/subject"),
        ("/v1/reviews?colour=red", "/query/colour"),
        ("/v1/compare?subject=a", "/query/subject"),
        ("/v1/compare?subject=a&subject=b&x=1", "/query/x"),
        ("/v1/summary?from=2024-13-01", "/query/from"),
        ("/v1/subjects/film/timeline?interval=hour", "/query/interval"),
        ("/v1/subjects/film/highlights?limit=21", "/query/limit"),
    ];
    for (path, pointer) in cases {
        let (status, problem) = server.get(path).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{path}: {problem}");
        assert_eq!(pointers(&problem), [pointer], "{path}");
    }
    for cursor in ["%21", "AAAA", "bm8gY3Vyc29yIGF0IGFsbA"] {
        let (status, _) = server.get(&format!("/v1/reviews?cursor={cursor}")).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{cursor}");
    }
    for path in ["timeline", "highlights", "summary"] {
        let (status, _) = server.get(&format!("/v1/subjects/nobody/{path}")).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(server.get("/v1/compare?subject=a&subject=b").await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn time_lines_and_comparisons_add_up() {
    let server = shelf().await;
    let starts = async |query: &str| -> Vec<String> {
        let (_, line) = server.get(&format!("/v1/subjects/film/timeline{query}")).await;
        let points = line["points"].as_array().unwrap().clone();
        points.iter().map(|point| point["start"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(starts("").await, ["2024-01-01", "2024-02-01", "2025-03-01"]);
    assert_eq!(starts("?interval=day&to=2024-02-02").await, ["2024-01-31", "2024-02-01"]);
    assert_eq!(starts("?interval=week").await, ["2024-01-29", "2025-02-24"]);
    assert_eq!(starts("?interval=year&from=2024-02-01").await, ["2024-01-01", "2025-01-01"]);
    let (_, line) = server.get("/v1/subjects/film/timeline?interval=week").await;
    assert_eq!(line["points"][0]["reviews"], 2);
    assert_eq!(line["points"][0]["first_written_at"], "2024-01-31T23:59:59Z");

    let (_, all) = server.get("/v1/summary").await;
    assert_eq!(all["reviews"], 4);
    let (_, both) = server.get("/v1/compare?subject=film&subject=book").await;
    let (_, film) = server.get("/v1/subjects/film/summary").await;
    assert_eq!(both["subjects"][0], film);
    assert_eq!(both["subjects"][1]["subject"], "book");
}

#[tokio::test]
async fn highlights_show_the_sentence_that_counts() {
    let server = shelf().await;
    let (_, highlights) = server.get("/v1/subjects/film/highlights?limit=2").await;
    let first = |kind: &str| highlights[kind][0].clone();
    assert_eq!(first("most_positive")["review"]["id"], "rave");
    assert_eq!(first("most_negative")["review"]["id"], "rant");
    assert_eq!(highlights["most_intense"].as_array().unwrap().len(), 2);
    let sentence = first("most_negative")["sentence"].clone();
    let words = sentence["text"].as_str().unwrap();
    assert!(RANT.contains(words) && number(&sentence, "/sentiment/score") < -0.3, "{sentence}");
    // What is surely in another language is not held up.
    server.review("film", "정말 최악의 영화입니다. 돈이 아까워요. 다시는 보지 않겠습니다.").await;
    let (_, highlights) = server.get("/v1/subjects/film/highlights?limit=20").await;
    assert_eq!(highlights["most_negative"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn put_replaces_and_the_numbers_follow() {
    let server = shelf().await;
    let put = async |id: &str, body: Value| {
        read(
            server
                .request(Method::PUT, &format!("/v1/reviews/{id}"))
                .json(&body)
                .send()
                .await
                .unwrap(),
        )
        .await
    };
    let (_, before) = server.get("/v1/reviews/rant").await;
    let body = json!({"subject": "film", "text": RAVE, "written_at": "2024-02-01T00:00:00Z"});
    let (status, after) = put("rant", body.clone()).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(after["received_at"], before["received_at"]);
    assert_ne!(after["updated_at"], before["updated_at"]);
    let (_, summary) = server.get("/v1/subjects/film/summary").await;
    assert_eq!(summary["reviews"], 3);
    assert_eq!(summary["sentiment"]["labels"]["negative"], 0);
    assert_eq!(put("fresh", body.clone()).await.0, StatusCode::CREATED);
    let mut other = body;
    other["id"] = json!("else");
    let (status, problem) = put("fresh", other).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(pointers(&problem), ["/id"]);
}

#[tokio::test]
async fn a_subject_can_be_removed() {
    let server = shelf().await;
    let (_, before) = server.get("/v1/subjects/book/summary").await;
    assert_eq!(server.delete("/v1/subjects/film").await, StatusCode::NO_CONTENT);
    assert_eq!(server.delete("/v1/subjects/film").await, StatusCode::NOT_FOUND);
    assert_eq!(ids(&server, "").await, ["other"]);
    let (_, mut all) = server.get("/v1/summary").await;
    all["subject"] = json!("book");
    assert_eq!(all, before, "what is left is as if the others had never come");
}

#[tokio::test]
async fn an_idempotency_key_makes_a_post_safe_to_repeat() {
    let server = Server::start();
    let post = async |key: &str, text: &str| {
        let body = json!({"subject": "film", "text": text});
        let request = server.request(Method::POST, "/v1/reviews").header("Idempotency-Key", key);
        read(request.json(&body).send().await.unwrap()).await
    };
    let (status, first) = post("one", RAVE).await;
    assert_eq!(status, StatusCode::CREATED);
    let (status, again) = post("one", RAVE).await;
    assert_eq!((status, &again), (StatusCode::OK, &first));
    assert_eq!(post("one", RANT).await.0, StatusCode::CONFLICT);
    assert_eq!(post("two", RAVE).await.0, StatusCode::CREATED);
    let (status, problem) = post(&"x".repeat(256), RAVE).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(pointers(&problem), ["/header/Idempotency-Key"]);
    assert_eq!(ids(&server, "").await.len(), 2);
}

#[tokio::test]
async fn aggregates_say_when_nothing_has_changed() {
    let server = shelf().await;
    for path in [
        "/v1/subjects/film/summary",
        "/v1/subjects/film/timeline",
        "/v1/subjects/film/highlights",
        "/v1/summary",
        "/v1/compare?subject=film&subject=book",
    ] {
        let fresh = server.request(Method::GET, path).send().await.unwrap();
        let tag = fresh.headers()["etag"].clone();
        let ask = || server.request(Method::GET, path).header("If-None-Match", tag.clone()).send();
        assert_eq!(ask().await.unwrap().status(), StatusCode::NOT_MODIFIED, "{path}");
        server.review("film", RAVE).await;
        assert_eq!(ask().await.unwrap().status(), StatusCode::OK, "{path}");
    }
}

/// Two hundred long reviews would be tens of megabytes: a page ends before, and the next goes on.
#[tokio::test]
async fn a_page_of_long_reviews_ends_early() {
    let server = Server::start();
    // One word, which is soon scored, and four bytes a character.
    let text = "\u{1F62D}".repeat(100_000);
    for number in 0..13 {
        let body = json!({"id": format!("r{number:02}"), "subject": "film", "text": text,
            "written_at": format!("2024-01-{:02}T00:00:00Z", number + 1)});
        assert_eq!(server.post("/v1/reviews", &body).await.0, StatusCode::CREATED);
    }
    let (_, first) = server.get("/v1/reviews?limit=200&sort=oldest").await;
    let cursor = first["next_cursor"].as_str().unwrap();
    let path = format!("/v1/reviews?limit=200&sort=oldest&cursor={cursor}");
    let (_, second) = server.get(&path).await;
    assert!(second["next_cursor"].is_null());
    let pages = [&first, &second].map(|page| page["reviews"].as_array().unwrap());
    // The eleventh fills the 4 MiB.
    assert_eq!([pages[0].len(), pages[1].len()], [11, 2]);
    let ids = pages.into_iter().flatten().map(|review| review["id"].as_str().unwrap());
    assert!(ids.eq((0..13).map(|number| format!("r{number:02}"))));
}

#[tokio::test]
async fn lists_have_a_least_and_a_greatest_of_everything() {
    let server = Server::start();
    for (id, text) in [("rave", RAVE), ("rant", RANT), ("note", NOTE)] {
        let body = json!({"id": id, "subject": "film", "text": text});
        assert_eq!(server.post("/v1/reviews", &body).await.0, StatusCode::CREATED);
    }
    let ids = async |query: &str| -> Vec<String> {
        let (status, page) = server.get(&format!("/v1/reviews?{query}")).await;
        assert_eq!(status, StatusCode::OK, "{query}: {page}");
        let reviews = page["reviews"].as_array().unwrap().iter();
        reviews.map(|review| review["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids("min_score=0.3").await, ["rave"]);
    assert_eq!(ids("min_score=-0.3&max_score=0.3").await, ["note"]);
    assert_eq!(ids("max_intensity=0.4").await, ["note"]);
    assert_eq!(ids("limit=200&sort=oldest").await, ["rave", "rant", "note"]);
    // The day of receipt, as a date, and as times with and without an offset.
    let (_, rave) = server.get("/v1/reviews/rave").await;
    let day = &rave["written_at"].as_str().unwrap()[..10];
    assert_eq!(ids(&format!("from={day}")).await.len(), 3);
    assert_eq!(ids(&format!("to={day}")).await.len(), 0);
    assert_eq!(ids(&format!("to={day}T00:00:00%2B00:00")).await.len(), 0);
    assert_eq!(ids(&format!("from={day}T00:00:00Z")).await.len(), 3);
}
