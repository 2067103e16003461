//! Texts as people really type them, end to end.

use crate::helpers::{Server, number, pointers};
use reqwest::StatusCode;
use serde_json::{Value, json};

async fn analyze(server: &Server, texts: &[&str]) -> Vec<Value> {
    let body = json!({"texts": texts, "sentences": true});
    let (status, answer) = server.post("/v1/analyses", &body).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    answer["analyses"].as_array().unwrap().clone()
}

/// The sentences of an analysis, cut from the text as it was sent.
fn cut(analysis: &Value, sent: &str) -> Vec<String> {
    let place = |sentence: &Value, name: &str| sentence[name].as_u64().unwrap() as usize;
    let sentences = analysis["sentences"].as_array().unwrap().iter();
    sentences
        .map(|s| sent.chars().take(place(s, "end")).skip(place(s, "start")).collect())
        .collect()
}

#[tokio::test]
async fn sentences_end_as_people_type_them() {
    let server = Server::start();
    let expected: &[&[&str]] = &[
        &["this dress is lovely.", "the fit is awful.", "returning it."],
        &["It broke in a week.", "2 stars from me."],
        &["Great phone.", "iPhone users will like it."],
        &["Loved the lens.", "Hated the strap."],
        &["I usually wear a size S.", "Fits perfectly."],
        &["Miracle in Cell No. 7 is superb."],
        &["Good: 1. price, 2. weight."],
    ];
    let texts: Vec<String> = expected.iter().map(|sentences| sentences.join(" ")).collect();
    let mut sent: Vec<&str> = texts.iter().map(String::as_str).collect();
    sent[3] = "Loved the lens.Hated the strap.";
    let analyses = analyze(&server, &sent).await;
    for ((analysis, text), sentences) in analyses.iter().zip(sent).zip(expected) {
        assert_eq!(cut(analysis, text), *sentences, "{text}");
    }
}

#[tokio::test]
async fn offsets_count_the_text_that_was_sent() {
    let server = Server::start();
    let sent = [
        "   It broke. Two days!",
        "\u{3000}\n\té😭 lovely. it donʼt work &amp; broke. ",
        "\u{feff}Awful. Just awful.",
    ];
    let expected: [&[&str]; 3] = [
        &["It broke.", "Two days!"],
        &["é😭 lovely.", "it donʼt work &amp; broke."],
        &["Awful.", "Just awful."],
    ];
    let analyses = analyze(&server, &sent).await;
    for ((analysis, sent), expected) in analyses.iter().zip(sent).zip(expected) {
        let sentences = cut(analysis, sent);
        let shown: Vec<&str> = sentences.iter().map(|s| s.trim_matches('\u{feff}')).collect();
        assert_eq!(shown, expected, "{sent:?}");
    }
}

/// What a reader does not see, the model does not either.
#[tokio::test]
async fn spellings_of_the_same_words_get_the_same_scores() {
    let server = Server::start();
    for (plain, spellings) in [
        (
            "I don't recommend it.",
            &[
                "I donʼt recommend it.",
                "I don＇t recommend it.",
                "I don´t recommend it.",
                "I don’t recommend it.",
                "I donâ€™t recommend it.",
                "I don&#39;t recommend it.",
                "I don&rsquo;t re\u{ad}commend it.",
                "I\u{a0}don't recom\u{200b}mend it.",
                "\u{feff}I don't recommend it.",
                "Ｉ ｄｏｎ＇ｔ ｒｅｃｏｍｍｅｎｄ ｉｔ．",
            ][..],
        ),
        ("Waste of money.", &["Wa\u{ad}ste of mo\u{200b}ney.", "𝐖𝐚𝐬𝐭𝐞 of money."]),
        ("awful service", &["#awfulservice", "#AwfulService"]),
        ("so bad", &["sooo baaaad"]),
    ] {
        let texts: Vec<&str> = std::iter::once(plain).chain(spellings.iter().copied()).collect();
        let analyses = analyze(&server, &texts).await;
        for (analysis, text) in analyses.iter().zip(&texts) {
            assert_eq!(analysis["sentiment"], analyses[0]["sentiment"], "{text}");
        }
        assert_eq!(analyses[0]["sentiment"]["label"], "negative", "{plain}");
    }
}

#[tokio::test]
async fn ratings_and_hashtags_are_what_they_say() {
    let server = Server::start();
    for (label, texts) in [
        ("positive", &["10/10", "5/5 would buy again", "⭐⭐⭐⭐⭐", "★★★★★", "five stars"][..]),
        (
            "negative",
            &["0/10", "I give it 2/10", "★☆☆☆☆", "one star", "0 stars", "#awfulservice", "#fail"],
        ),
        ("neutral", &["3/5"]),
    ] {
        for (analysis, text) in analyze(&server, texts).await.iter().zip(texts) {
            assert_eq!(analysis["sentiment"]["label"], label, "{text}: {analysis}");
        }
    }
}

#[tokio::test]
async fn the_label_and_the_score_agree() {
    let server = Server::start();
    let texts = [
        "It is okay.",
        "comfortable, but the bust is far too tight",
        "Not bad, not good.",
        "The plot is good. The acting is bad.",
        "The lens is sharp, the strap broke. I kept it.",
        "I love it. I hate it.",
        "Arrived on Tuesday.",
    ];
    for (analysis, text) in analyze(&server, &texts).await.iter().zip(texts) {
        let sentences = analysis["sentences"].as_array().unwrap();
        for said in sentences.iter().chain([analysis]) {
            let sentiment = &said["sentiment"];
            let score = number(sentiment, "/score");
            let label = sentiment["label"].as_str().unwrap();
            let agrees = match label {
                "positive" => score > 0.0,
                "negative" => score < 0.0,
                "neutral" => score.abs() < 0.334,
                _ => std::ptr::eq(said, analysis),
            };
            assert!(agrees, "{text}: {sentiment}");
            let confidence = number(sentiment, "/confidence");
            match label {
                "mixed" => assert!((0.0..=1.0).contains(&confidence)),
                label => assert_eq!(confidence, number(sentiment, &format!("/{label}")), "{text}"),
            }
        }
    }
}

#[tokio::test]
async fn a_text_without_anything_to_read_is_refused_everywhere() {
    let server = Server::start();
    for nothing in ["\u{200b}", "\u{feff}\u{200d} ", "\u{0}\u{7}", "\u{301}"] {
        let (status, problem) =
            server.post("/v1/analyses", &json!({"texts": ["ok", nothing]})).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{nothing:?}: {problem}");
        assert_eq!(pointers(&problem), ["/texts/1"]);
        let review = json!({"subject": "film", "text": nothing});
        let (status, problem) = server.post("/v1/reviews", &review).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{nothing:?}: {problem}");
        assert_eq!(pointers(&problem), ["/text"]);
        let (status, answer) = server.post("/v1/reviews/batch", &json!([review])).await;
        assert!(status.is_success(), "{answer}");
        assert!(answer.to_string().contains("/text"), "{answer}");
    }
}

#[tokio::test]
async fn short_texts_in_other_languages_are_told_apart() {
    let server = Server::start();
    for (text, tag) in [
        ("Sehr gutes Produkt, gerne wieder.", "de"),
        (
            "La habitación estaba muy sucia y el personal fue bastante antipático con nosotros.",
            "es",
        ),
        ("De kamer was vies en het personeel onvriendelijk, wij komen hier niet meer terug.", "nl"),
        (
            "La camera era sporca e il personale scortese, non torneremo mai più in questo albergo.",
            "it",
        ),
    ] {
        let analysis = analyze(&server, &[text]).await.remove(0);
        assert_eq!(analysis["language"], tag, "{text}");
        assert_eq!(analysis["warnings"], json!(["language_not_supported"]), "{text}");
    }
    for (stated, status, kept) in [
        ("und", StatusCode::CREATED, Some("nl")),
        ("eng", StatusCode::CREATED, Some("en")),
        ("en_US", StatusCode::UNPROCESSABLE_ENTITY, None),
        ("xx", StatusCode::UNPROCESSABLE_ENTITY, None),
    ] {
        let text = format!("De kamer was vies en het personeel onvriendelijk ({stated}).");
        let review = json!({"subject": "hotel", "text": text, "language": stated});
        let (said, answer) = server.post("/v1/reviews", &review).await;
        assert_eq!(said, status, "{stated}: {answer}");
        match kept {
            Some(tag) => assert_eq!(answer["analysis"]["language"], tag, "{stated}"),
            None => assert_eq!(pointers(&answer), ["/language"], "{stated}"),
        }
    }
    let (_, answer) = server
        .post("/v1/reviews", &json!({"subject": "hotel", "text": "Fine.", "language": "en_US"}))
        .await;
    assert!(answer.to_string().contains("en-US"), "{answer}");
}
