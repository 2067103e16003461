//! What is refused, given up, or scored for the last time.

use super::bench::{bench, long, model, never, text};
use crate::job::Job;
use crate::queue::Queue;
use crate::{EngineOptions, Impatient, Priority, Scorer, ScoringError};
use std::sync::Arc;
use std::time::Duration;

#[test]
fn a_client_that_has_gone_costs_no_forward() {
    let bench = bench(EngineOptions::default(), true, never);
    let first = bench.send_first(&text("First."), Priority::Interactive);
    let gone = bench.send(&long(50), Priority::Interactive);
    gone.abort();
    assert!(bench.runtime.block_on(gone).unwrap_err().is_cancelled());
    assert_eq!(bench.engine.statistics().queue_tokens, 0);
    bench.open(100);
    bench.answer(first).unwrap();
    assert_eq!(bench.batches.so_far().len(), 1);
    assert_eq!(bench.engine.statistics().abandoned, 1);
}

#[test]
fn a_text_that_waits_too_long_is_given_up() {
    let bench = bench(EngineOptions::default(), true, never);
    let engine: Arc<dyn Scorer> = bench.engine.clone();
    let scorer: Arc<dyn Scorer> = Arc::new(Impatient::new(engine, Duration::from_millis(1)));
    // Whether it waits in the queue by then, or is not even there: it is given up.
    let late = bench.ask(&scorer, &text("Late."), Priority::Interactive);
    let error = bench.answer(late).unwrap_err();
    assert!(matches!(error, ScoringError::TooSlow { retry_after: 1.., .. }), "{error}");
    assert_eq!(scorer.statistics().rejected, 1);
    let bulk = bench.ask(&scorer, &text("It has time."), Priority::Bulk);
    bench.open(10);
    bench.answer(bulk).unwrap();
}

#[test]
fn a_full_queue_refuses_who_can_come_again_and_lets_bulk_work_wait() {
    let options = EngineOptions { queue_tokens: 600, ..EngineOptions::default() };
    let bench = bench(options, true, never);
    let first = bench.send_first(&text("First."), Priority::Interactive);
    let bulk = bench.send(&long(1), Priority::Bulk);
    // Half of the queue is not for bulk work.
    let more_bulk = bench.start(&long(1), Priority::Bulk);
    let second = bench.send(&long(1), Priority::Interactive);
    let refused = bench.start(&long(1), Priority::Interactive);
    let refused = bench.answer(refused);
    assert!(matches!(refused, Err(ScoringError::QueueFull { retry_after: 1.. })), "{refused:?}");
    bench.open(100);
    for sent in [first, bulk, second, more_bulk] {
        bench.answer(sent).unwrap();
    }
}

#[test]
fn what_waits_is_scored_before_the_end() {
    let bench = bench(EngineOptions::default(), true, never);
    let first = bench.send_first(&text("First."), Priority::Bulk);
    let waiting: Vec<_> =
        (0..50).map(|n| bench.send(&text(&format!("Number {n}.")), Priority::Bulk)).collect();
    let engine = Arc::clone(&bench.engine);
    let closing = bench.runtime.spawn(async move { engine.close().await });
    bench.open(100);
    bench.runtime.block_on(closing).unwrap();
    for sent in waiting.into_iter().chain([first]) {
        bench.answer(sent).unwrap();
    }
    let late = bench.start(&text("Late."), Priority::Bulk);
    assert_eq!(bench.answer(late), Err(ScoringError::Closed));
}

#[test]
fn waiting_times_follow_the_backlog() {
    let queue = Queue::new(1_000_000, Duration::from_secs(3_600));
    for _ in 0..200 {
        queue.note_speed(1_000, 1.0, 2.0);
    }
    assert_eq!(queue.seconds_of_work(), 1);
    let document = model().prepare(long(40).as_str(), Some("en")).unwrap();
    let (job, _answer) = Job::new(document, Priority::Interactive);
    queue.push(&job).unwrap();
    let expected = (job.cost() as f64 / 2_000.0).ceil() as u64;
    assert_eq!(queue.seconds_of_work(), expected);
}

/// Whoever is accepted waits no longer than this under any load; a long text keeps out no short one.
#[test]
fn who_would_wait_too_long_is_refused() {
    let queue = Queue::new(1_000_000, Duration::from_secs(1));
    for _ in 0..200 {
        queue.note_speed(1_000, 1.0, 2.0);
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
