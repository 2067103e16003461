//! The cache, and requests that join.

use super::harness::{Harness, harness, never, text};
use crate::{Cached, Deadline, EngineOptions, Priority, Scorer, ScoringError};
use futures_util::future::join_all;
use std::sync::Arc;
use std::time::Duration;

#[test]
fn the_same_text_is_scored_once() {
    let harness = harness(EngineOptions::default(), false, never);
    let cached = Cached::new(Arc::clone(&harness.engine) as Arc<dyn Scorer>, 1 << 20);
    let (one, other) = (text("The same."), text("Another."));
    harness.runtime.block_on(async {
        let all = (0..20).map(|_| cached.score(&one, Some("en"), Priority::Interactive));
        let all = join_all(all).await;
        assert!(all.iter().all(|analysis| analysis == &all[0]));
        cached.score(&one, None, Priority::Bulk).await.unwrap();
        cached.score(&other, Some("en"), Priority::Bulk).await.unwrap();
    });
    let statistics = cached.statistics();
    assert_eq!((statistics.cache_hits, statistics.cache_misses), (19, 3));
    assert_eq!(statistics.texts, 3);
}

#[test]
fn the_cache_stays_within_its_bytes() {
    let harness = harness(EngineOptions::default(), false, never);
    let cached = Cached::new(Arc::clone(&harness.engine) as Arc<dyn Scorer>, 20_000);
    harness.runtime.block_on(async {
        for number in 0..200 {
            let text = text(&format!("Number {number}."));
            cached.score(&text, Some("en"), Priority::Bulk).await.unwrap();
        }
    });
    let bytes = harness.runtime.block_on(cached.bytes());
    assert!((1..=20_000).contains(&bytes), "{bytes} bytes");
}

/// A cache around the harness's engine.
fn cached(harness: &Harness) -> Arc<dyn Scorer> {
    Arc::new(Cached::new(harness.engine.clone(), 1 << 20))
}

/// Waits until `hits` requests have joined an attempt.
fn wait_for_hits(scorer: &Arc<dyn Scorer>, hits: u64) {
    while scorer.statistics().cache_hits < hits {
        std::thread::yield_now();
    }
}

#[test]
fn an_interactive_request_does_not_join_bulk_work() {
    let options = EngineOptions { batch_tokens: 16, ..EngineOptions::default() };
    let harness = harness(options, true, never);
    let first = harness.send_first(&text("First."), Priority::Bulk);
    let before: Vec<_> =
        (0..20).map(|_| harness.send(&text("one two three"), Priority::Bulk)).collect();
    let cached = cached(&harness);
    // Seven tokens, once as bulk work behind twenty other texts, once as an interactive request.
    let same = text("one two three four five");
    let waiting = harness.engine.statistics().queue_tokens;
    let as_bulk = harness.ask(&cached, &same, Priority::Bulk);
    harness.wait_for_queue(waiting + 7);
    let interactive = harness.ask(&cached, &same, Priority::Interactive);
    harness.wait_for_queue(waiting + 14);
    harness.open(100);
    for sent in before.into_iter().chain([first, as_bulk, interactive]) {
        harness.answer(sent).unwrap();
    }
    let batches = harness.batches.so_far();
    assert_eq!(batches[1], [7], "{batches:?}");
    assert!(batches.last().unwrap().contains(&7), "{batches:?}");
    assert_eq!(cached.statistics().cache_misses, 2);
}

#[test]
fn each_request_for_the_same_text_has_its_own_deadline() {
    let harness = harness(EngineOptions::default(), true, never);
    let cached = cached(&harness);
    let after = |time| Arc::new(Deadline::new(Arc::clone(&cached), time)) as Arc<dyn Scorer>;
    let same = text("The same.");
    let patient = harness.ask(&after(Duration::MAX), &same, Priority::Interactive);
    harness.batches.wait_for(1);
    let impatient = harness.ask(&after(Duration::from_millis(1)), &same, Priority::Interactive);
    let error = harness.answer(impatient).unwrap_err();
    assert!(matches!(error, ScoringError::TooSlow { .. }), "{error}");
    harness.open(1);
    harness.answer(patient).unwrap();
    assert_eq!(cached.statistics().cache_hits, 1);
}

#[test]
fn an_attempt_outlives_the_request_that_began_it() {
    let harness = harness(EngineOptions::default(), true, never);
    let cached = cached(&harness);
    let same = text("The same.");
    let began = harness.ask(&cached, &same, Priority::Interactive);
    harness.batches.wait_for(1);
    let joined = harness.ask(&cached, &same, Priority::Interactive);
    wait_for_hits(&cached, 1);
    began.abort();
    assert!(harness.runtime.block_on(began).unwrap_err().is_cancelled());
    harness.open(1);
    harness.answer(joined).unwrap();
    assert_eq!(harness.batches.so_far().len(), 1);
    assert_eq!(harness.engine.statistics().abandoned, 0);
}

#[test]
fn an_attempt_without_requests_is_cancelled() {
    let harness = harness(EngineOptions::default(), true, never);
    let cached = cached(&harness);
    let first = harness.send_first(&text("First."), Priority::Interactive);
    let same = text("The same.");
    let gone = harness.ask(&cached, &same, Priority::Interactive);
    harness.wait_for_queue(5);
    gone.abort();
    assert!(harness.runtime.block_on(gone).unwrap_err().is_cancelled());
    assert_eq!(harness.engine.statistics().queue_tokens, 0);
    let again = harness.ask(&cached, &same, Priority::Interactive);
    harness.open(10);
    harness.answer(first).unwrap();
    harness.answer(again).unwrap();
    assert_eq!(cached.statistics().cache_misses, 2);
}
