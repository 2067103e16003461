//! What the model says, end to end.

use crate::helpers::{NOTE, PLOT, RANT, RAVE, SYNOPSIS, Server, command, copies, number, pointers};
use reqwest::StatusCode;
use serde_json::{Value, json};

const TOLD_AND_WEPT: &str = "A father with the mind of a child is jailed for a murder that he did not commit. His \
    cellmates, thieves and swindlers all of them, smuggle his little daughter into the \
    prison in a box of bread. The warden finds out and does not know what to do. There is a \
    trial, and there is a balloon, and there are cells with bunks three high. The film takes \
    its time with all of it. The men teach the girl to read; she teaches them to be silent \
    when someone prays. A lawyer comes and goes. The years pass, and she stands in the same \
    court room to clear his name. I went in knowing nothing. I came out with a wet collar. I \
    cried so hard in the last twenty minutes that the woman next to me put her hand on my \
    arm, and then I saw that she was crying too. I miss my own father terribly and this film \
    tore it all open again, and I am so grateful that it did. Ryu Seung-ryong is \
    astonishing. I have never loved a character so much. It is heartbreaking, it is funny, \
    it is the most beautiful film I have seen in ten years. Please, please go and see it, \
    and take somebody you love.";

async fn analyze(server: &Server, texts: &[&str]) -> Vec<Value> {
    let (status, body) = server.post("/v1/analyses", &json!({"texts": texts})).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    body["analyses"].as_array().unwrap().clone()
}

#[tokio::test]
async fn people_would_agree() {
    let server = Server::start();
    let analyses = analyze(&server, &[RAVE, RANT, NOTE, SYNOPSIS]).await;
    let label = |i: usize| analyses[i]["sentiment"]["label"].as_str().unwrap();
    let intensity = |i: usize| number(&analyses[i], "/intensity");
    assert_eq!([label(0), label(1), label(2)], ["positive", "negative", "neutral"]);
    assert_eq!(label(3), "neutral");
    assert!(intensity(0) > 0.6, "the rave: {}", intensity(0));
    assert!(intensity(1) > 0.6, "the rant: {}", intensity(1));
    assert!(intensity(2) < 0.3, "the note: {}", intensity(2));
    assert!(intensity(3) < intensity(0) - 0.2, "the synopsis: {}", intensity(3));
    let has = |i: usize, emotion: &str| {
        let emotions = analyses[i]["emotions"].as_array().unwrap();
        emotions.iter().any(|e| e["label"] == emotion)
    };
    assert!(has(0, "love") || has(0, "admiration"), "{}", analyses[0]["emotions"]);
    assert!(has(1, "anger") || has(1, "annoyance") || has(1, "disgust"), "{}", analyses[1]);
}

/// Who tells the plot for half of a review and then says what it did to them has said it.
#[tokio::test]
async fn a_review_that_tells_and_then_weeps_is_one_that_weeps() {
    let server = Server::start();
    let analysis = analyze(&server, &[TOLD_AND_WEPT]).await.remove(0);
    assert!(analysis["windows"].as_u64().unwrap() > 1, "{analysis}");
    assert_eq!(analysis["sentiment"]["label"], "positive", "{analysis}");
    assert!(number(&analysis, "/intensity") > 0.5, "{analysis}");
    let emotions: Vec<_> = analysis["emotions"].as_array().unwrap().iter().collect();
    for emotion in ["sadness", "admiration"] {
        assert!(emotions.iter().any(|e| e["label"] == emotion), "{emotion}: {analysis}");
    }
}

/// Length alone is no opinion.
#[tokio::test]
async fn a_long_plot_is_neutral() {
    let server = Server::start();
    let analyses = analyze(&server, &[PLOT, &format!("{PLOT} {SYNOPSIS}")]).await;
    for analysis in analyses {
        assert_eq!(analysis["sentiment"]["label"], "neutral", "{analysis}");
        assert!(number(&analysis, "/intensity") < 0.5, "{analysis}");
    }
}

#[tokio::test]
async fn nothing_is_cut_from_a_long_text() {
    let server = Server::start();
    let long = copies(&[RAVE, SYNOPSIS, NOTE].join(" "), 18);
    assert!(long.chars().count() > 7_000);
    let short = analyze(&server, &[RAVE]).await.remove(0);
    let analysis = analyze(&server, &[&long]).await.remove(0);
    assert!(analysis["windows"].as_u64().unwrap() > 1);
    assert!(analysis["tokens"].as_u64().unwrap() > 10 * short["tokens"].as_u64().unwrap());
    // A verdict at the very end counts as much as anywhere else.
    let turned = format!("{} {}", copies(NOTE, 3), copies(RANT, 8));
    let turned = analyze(&server, &[&turned]).await.remove(0);
    assert_eq!(turned["sentiment"]["label"], "negative");
}

/// The score of a text alone is its score in any company.
#[tokio::test]
async fn company_does_not_matter() {
    compare_with_company(&Server::start(), 1e-5).await;
}

/// Sums of rounded products depend on the shape of a batch. A processor without bfloat16 computes
/// the same, slowly.
#[tokio::test]
async fn company_matters_little_in_bf16() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = command(folder.path(), &[]);
    command.env("HEARTSTRINGS_PRECISION", "bf16");
    let server = Server::spawn(command);
    let model = server.get("/v1/model").await.1;
    assert_eq!((&model["precision"], &model["device"]), (&json!("bf16"), &json!("cpu")));
    compare_with_company(&server, 1e-2).await;
}

async fn compare_with_company(server: &Server, most: f64) {
    let long = copies(RAVE, 6);
    let texts =
        [RAVE, "ok", &long, RANT, NOTE, "😭", SYNOPSIS, "Not bad at all.", "정말 슬펐어요", "no"];
    let mut alone = Vec::new();
    for text in texts {
        alone.extend(analyze(server, &[text]).await);
    }
    let together = analyze(server, &texts.repeat(6)).await;
    for (i, said) in together.iter().enumerate() {
        let expected = &alone[i % texts.len()];
        for pointer in ["/sentiment/score", "/sentiment/negative", "/intensity", "/affect/arousal"]
        {
            let distance = (number(said, pointer) - number(expected, pointer)).abs();
            assert!(
                distance < most,
                "{pointer} of {:?} moved by {distance}",
                texts[i % texts.len()]
            );
        }
        assert_eq!(said["tokens"], expected["tokens"]);
    }
}

#[tokio::test]
async fn odd_texts_are_scored_too() {
    let server = Server::start();
    let unbroken = "a".repeat(20_000);
    let odd = ["😭😭😭", "?", "\u{200b}?", "\u{1}1", "<b>bold</b>", "0", "\u{202e}txet", &unbroken];
    for (analysis, text) in analyze(&server, &odd).await.iter().zip(odd) {
        assert!(analysis["windows"].as_u64().unwrap() >= 1, "{text:?}");
        let score = number(analysis, "/sentiment/score");
        assert!((-1.0..=1.0).contains(&score));
    }
}

#[tokio::test]
async fn another_language_is_scored_warned_of_and_left_out() {
    let server = Server::start();
    let korean =
        server.review("film", "7번방의 선물, 정말 많이 울었어요. 최고의 영화입니다.").await;
    assert_eq!(korean["analysis"]["warnings"], json!(["language_not_supported"]));
    assert_eq!(korean["analysis"]["language"], "ko");
    server.review("film", RAVE).await;
    let (_, summary) = server.get("/v1/subjects/film/summary").await;
    assert_eq!(summary["reviews"], 2);
    assert_eq!(summary["not_aggregated"], 1);
    assert_eq!(summary["sentiment"]["labels"]["positive"], 1);
    let counts = summary["sentiment"]["histogram"]["counts"].as_array().unwrap();
    assert_eq!(counts.iter().map(|c| c.as_u64().unwrap()).sum::<u64>(), 1);
}

/// More text than may wait for the model is scored piece by piece, not refused again and again.
#[tokio::test]
async fn more_texts_than_the_queue_holds_are_scored() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start_on(folder.path(), &["--queue-tokens", "500"]);
    let texts: Vec<String> =
        (1..=40).map(|n| format!("Text {n}. {}", "Good. ".repeat(n))).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let analyses = analyze(&server, &texts).await;
    let tokens: Vec<u64> = analyses.iter().map(|a| a["tokens"].as_u64().unwrap()).collect();
    assert!(tokens.iter().sum::<u64>() > 1_000, "the queue would have held them: {tokens:?}");
    assert!(tokens.is_sorted() && tokens.len() == 40, "they are in order: {tokens:?}");
}

/// The texts of a request that was let in are no reason to refuse the others.
#[tokio::test]
async fn an_analysis_is_not_refused_for_its_own_texts() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start_on(folder.path(), &["--queue-seconds", "1"]);
    // The first request lets the service find out how fast it is.
    for round in 0..2 {
        let texts: Vec<String> = (0..100).map(|n| format!("{round} {n}. {NOTE} {NOTE}")).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        assert_eq!(analyze(&server, &texts).await.len(), 100);
    }
}

#[tokio::test]
async fn one_to_128_texts_are_analysed_and_nothing_is_stored() {
    let server = Server::start();
    for (count, expected) in [(128, 200), (129, 422)] {
        let (status, _) =
            server.post("/v1/analyses", &json!({"texts": vec!["Good."; count]})).await;
        assert_eq!(status.as_u16(), expected, "{count}");
    }
    let asked = json!({"texts": ["I wept. Who knew?"], "sentences": true});
    let (_, body) = server.post("/v1/analyses", &asked).await;
    assert_eq!(body["analyses"][0]["sentences"].as_array().unwrap().len(), 2);
    let (status, problem) = server.post("/v1/analyses", &json!({"texts": ["a"], "x": 1})).await;
    assert_eq!((status, pointers(&problem)), (StatusCode::UNPROCESSABLE_ENTITY, vec!["/x"]));
    assert_eq!(server.get("/v1/summary").await.1["reviews"], 0);
}

/// A detector may be wrong: short texts count, and so do those whose client says what they are.
#[tokio::test]
async fn in_doubt_and_when_the_client_says_so_a_text_counts() {
    let server = Server::start();
    let korean = "정말 최악의 영화입니다. 돈이 아까워요. 다시는 보지 않겠습니다.";
    let cases = [
        (json!({"text": korean}), true),
        (json!({"text": korean, "language": "en-GB"}), false),
        (json!({"text": "Très bien!"}), false),
        (json!({"text": NOTE, "language": "ko"}), true),
    ];
    for (index, (mut review, warned)) in cases.into_iter().enumerate() {
        let subject = format!("film-{index}");
        review["subject"] = json!(subject);
        let (status, stored) = server.post("/v1/reviews", &review).await;
        assert_eq!(status, StatusCode::CREATED);
        let warnings = if warned { json!(["language_not_supported"]) } else { json!([]) };
        assert_eq!(stored["analysis"]["warnings"], warnings, "{review}");
        let (_, summary) = server.get(&format!("/v1/subjects/{subject}/summary")).await;
        assert_eq!(summary["not_aggregated"], u64::from(warned), "{review}");
    }
}
