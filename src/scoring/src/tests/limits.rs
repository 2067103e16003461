//! Refusals, deadlines and closing.

use super::harness::{harness, long, model, never, text};
use crate::job::Job;
use crate::queue::Queue;
use crate::{Deadline, EngineOptions, Priority, Scorer, ScoringError};
use std::sync::Arc;
use std::time::Duration;

#[test]
fn a_disconnected_client_causes_no_forward() {
    let harness = harness(EngineOptions::default(), true, never);
    let first = harness.send_first(&text("First."), Priority::Interactive);
    let gone = harness.send(&long(50), Priority::Interactive);
    gone.abort();
    assert!(harness.runtime.block_on(gone).unwrap_err().is_cancelled());
    assert_eq!(harness.engine.statistics().queue_tokens, 0);
    harness.open(100);
    harness.answer(first).unwrap();
    assert_eq!(harness.batches.so_far().len(), 1);
    assert_eq!(harness.engine.statistics().abandoned, 1);
}

#[test]
fn a_text_that_waits_too_long_misses_its_deadline() {
    let harness = harness(EngineOptions::default(), true, never);
    let engine: Arc<dyn Scorer> = harness.engine.clone();
    let scorer: Arc<dyn Scorer> = Arc::new(Deadline::new(engine, Duration::from_millis(1)));
    // Whether or not it is in the queue by then, the deadline applies.
    let late = harness.ask(&scorer, &text("Late."), Priority::Interactive);
    let error = harness.answer(late).unwrap_err();
    assert!(matches!(error, ScoringError::TooSlow { retry_after: 1.., .. }), "{error}");
    assert_eq!(scorer.statistics().rejected, 1);
    let bulk = harness.ask(&scorer, &text("It has time."), Priority::Bulk);
    harness.open(10);
    harness.answer(bulk).unwrap();
}

#[test]
fn a_full_queue_refuses_interactive_requests_and_lets_bulk_work_wait() {
    let options = EngineOptions { queue_tokens: 600, ..EngineOptions::default() };
    let harness = harness(options, true, never);
    let first = harness.send_first(&text("First."), Priority::Interactive);
    let bulk = harness.send(&long(1), Priority::Bulk);
    // Bulk work may fill half of the queue.
    let more_bulk = harness.start(&long(1), Priority::Bulk);
    let second = harness.send(&long(1), Priority::Interactive);
    let refused = harness.start(&long(1), Priority::Interactive);
    let refused = harness.answer(refused);
    assert!(matches!(refused, Err(ScoringError::QueueFull { retry_after: 1.. })), "{refused:?}");
    harness.open(100);
    for sent in [first, bulk, second, more_bulk] {
        harness.answer(sent).unwrap();
    }
}

#[test]
fn waiting_texts_are_scored_before_the_engine_closes() {
    let harness = harness(EngineOptions::default(), true, never);
    let first = harness.send_first(&text("First."), Priority::Bulk);
    let waiting: Vec<_> =
        (0..50).map(|n| harness.send(&text(&format!("Number {n}.")), Priority::Bulk)).collect();
    let engine = Arc::clone(&harness.engine);
    let closing = harness.runtime.spawn(async move { engine.close().await });
    harness.open(100);
    harness.runtime.block_on(closing).unwrap();
    for sent in waiting.into_iter().chain([first]) {
        harness.answer(sent).unwrap();
    }
    let late = harness.start(&text("Late."), Priority::Bulk);
    assert_eq!(harness.answer(late), Err(ScoringError::Closed));
}

#[test]
fn waiting_times_follow_the_backlog() {
    let queue = Queue::new(1_000_000, Duration::from_secs(3_600));
    for _ in 0..200 {
        queue.record_speed(1_000, 1.0, 2.0);
    }
    assert_eq!(queue.backlog_seconds(), 1);
    let document = model().prepare(long(40).as_str(), Some("en")).unwrap();
    let (job, _answer) = Job::new(document, Priority::Interactive);
    queue.push(&job).unwrap();
    let expected = (job.cost() as f64 / 2_000.0).ceil() as u64;
    assert_eq!(queue.backlog_seconds(), expected);
}

/// An accepted request waits no longer than the limit under any load, and a long text does not cause the refusal of a
/// short one.
#[test]
fn a_request_with_a_long_expected_delay_is_refused() {
    let queue = Queue::new(1_000_000, Duration::from_secs(1));
    for _ in 0..200 {
        queue.record_speed(1_000, 1.0, 2.0);
    }
    let model = model();
    let job = |text: &str, priority| {
        let document = model.prepare(text, Some("en")).unwrap();
        Job::new(document, priority)
    };
    let short = "It is good. ".repeat(20);
    let (long_one, _answer) = job(long(60).as_str(), Priority::Interactive);
    assert!(long_one.cost() > 4_000, "{} tokens are soon scored", long_one.cost());
    queue.push(&long_one).unwrap();
    let (mut kept, mut tokens) = (Vec::new(), 0);
    let refused = loop {
        assert!(tokens < 4_000, "{tokens} tokens of short texts, and none is refused");
        let (one, answer) = job(&short, Priority::Interactive);
        match queue.push(&one) {
            Ok(_) => tokens += one.cost(),
            Err(error) => break error,
        }
        kept.push((one, answer));
    };
    assert!(tokens > 1_900, "{tokens} tokens do not take a second");
    assert!(matches!(refused, ScoringError::QueueFull { .. }), "{refused:?}");
    let (bulk, _answer) = job(&short, Priority::Bulk);
    assert!(queue.push(&bulk).is_ok(), "bulk work waits as long as it takes");
}
