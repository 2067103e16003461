//! Reviews that come as HTML.

use crate::helpers::Server;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

#[tokio::test]
async fn a_page_is_stored_as_plain_text_with_sentences_that_point_into_it() {
    let server = Server::start();
    let page = "<style>p {}</style><p>I <b>wept</b> &amp; laughed. 😭</p>\n<p>Caf&eacute;-dark!<br>Who knew?";
    let review = json!({"subject": "film", "id": "page", "text": page, "format": "html"});
    let (status, posted) = server.post("/v1/reviews?sentences=true", &review).await;
    assert_eq!(status, StatusCode::CREATED, "{posted}");
    assert_eq!(posted["text"], "I wept & laughed. 😭\nCafé-dark!\nWho knew?");
    assert_eq!(server.get("/v1/reviews/page?sentences=true").await.1, posted);
    let chars: Vec<char> = posted["text"].as_str().unwrap().chars().collect();
    let at = |sentence: &Value, name: &str| sentence[name].as_u64().unwrap() as usize;
    let sentences: Vec<String> = posted["analysis"]["sentences"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| chars[at(s, "start")..at(s, "end")].iter().collect())
        .collect();
    assert_eq!(sentences, ["I wept & laughed. 😭", "Café-dark!", "Who knew?"]);

    // The page has the scores of its text, and the two are the same review.
    let plain = json!({"subject": "film", "id": "page", "text": posted["text"]});
    let (status, again) = server.post("/v1/reviews?sentences=true", &plain).await;
    assert_eq!((status, &again), (StatusCode::OK, &posted));
}

#[tokio::test]
async fn pages_without_a_text_and_pages_too_long_are_refused() {
    let server = Server::start();
    let empty = "<p> </p><script>alert('seen by nobody')</script>";
    let long = "<i></i>".repeat(20_000) + "short";
    for page in [empty, &long] {
        let review = json!({"subject": "film", "text": page, "format": "html"});
        for (method, path) in [(Method::POST, "/v1/reviews"), (Method::PUT, "/v1/reviews/x")] {
            let answer = server.request(method, path).json(&review).send().await.unwrap();
            assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
            let problem: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
            assert_eq!(problem["errors"][0]["pointer"], "/text");
        }
    }
    let (status, problem) =
        server.post("/v1/reviews", &json!({"subject": "a", "text": "b", "format": "pdf"})).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(problem["errors"][0]["pointer"], "/format");
}
