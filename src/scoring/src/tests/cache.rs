//! What is scored once for several.

use super::bench::{Bench, bench, never, text};
use crate::{Cached, EngineOptions, Impatient, Priority, Scorer, ScoringError};
use futures_util::future::join_all;
use std::sync::Arc;
use std::time::Duration;

#[test]
fn the_same_text_is_scored_once() {
    let bench = bench(EngineOptions::default(), false, never);
    let cached = Cached::new(Arc::clone(&bench.engine) as Arc<dyn Scorer>, 1 << 20);
    let (one, other) = (text("The same."), text("Another."));
    bench.runtime.block_on(async {
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
    let bench = bench(EngineOptions::default(), false, never);
    let cached = Cached::new(Arc::clone(&bench.engine) as Arc<dyn Scorer>, 20_000);
    bench.runtime.block_on(async {
        for number in 0..200 {
            let text = text(&format!("Number {number}."));
            cached.score(&text, Some("en"), Priority::Bulk).await.unwrap();
        }
    });
    let bytes = bench.runtime.block_on(cached.bytes());
    assert!((1..=20_000).contains(&bytes), "{bytes} bytes");
}

/// A cache before the bench's engine.
fn cached(bench: &Bench) -> Arc<dyn Scorer> {
    Arc::new(Cached::new(bench.engine.clone(), 1 << 20))
}

/// Waits until so many have joined an attempt of another.
fn wait_for_hits(scorer: &Arc<dyn Scorer>, hits: u64) {
    while scorer.statistics().cache_hits < hits {
        std::thread::yield_now();
    }
}

#[test]
fn who_looks_at_a_screen_does_not_wait_as_bulk_work() {
    let options = EngineOptions { batch_tokens: 16, ..EngineOptions::default() };
    let bench = bench(options, true, never);
    let first = bench.send_first(&text("First."), Priority::Bulk);
    let before: Vec<_> =
        (0..20).map(|_| bench.send(&text("one two three"), Priority::Bulk)).collect();
    let cached = cached(&bench);
    // Seven tokens, once as bulk work behind twenty others, once for somebody who looks.
    let same = text("one two three four five");
    let waiting = bench.engine.statistics().queue_tokens;
    let as_bulk = bench.ask(&cached, &same, Priority::Bulk);
    bench.wait_for_queue(waiting + 7);
    let who_looks = bench.ask(&cached, &same, Priority::Interactive);
    bench.wait_for_queue(waiting + 14);
    bench.open(100);
    for sent in before.into_iter().chain([first, as_bulk, who_looks]) {
        bench.answer(sent).unwrap();
    }
    let batches = bench.batches.so_far();
    assert_eq!(batches[1], [7], "{batches:?}");
    assert!(batches.last().unwrap().contains(&7), "{batches:?}");
    assert_eq!(cached.statistics().cache_misses, 2);
}

#[test]
fn of_those_who_wait_for_the_same_text_each_has_its_own_time() {
    let bench = bench(EngineOptions::default(), true, never);
    let cached = cached(&bench);
    let after = |time| Arc::new(Impatient::new(Arc::clone(&cached), time)) as Arc<dyn Scorer>;
    let same = text("The same.");
    let patient = bench.ask(&after(Duration::MAX), &same, Priority::Interactive);
    bench.batches.wait_for(1);
    let impatient = bench.ask(&after(Duration::from_millis(1)), &same, Priority::Interactive);
    let error = bench.answer(impatient).unwrap_err();
    assert!(matches!(error, ScoringError::TooSlow { .. }), "{error}");
    bench.open(1);
    bench.answer(patient).unwrap();
    assert_eq!(cached.statistics().cache_hits, 1);
}

#[test]
fn an_attempt_outlives_the_one_who_began_it() {
    let bench = bench(EngineOptions::default(), true, never);
    let cached = cached(&bench);
    let same = text("The same.");
    let began = bench.ask(&cached, &same, Priority::Interactive);
    bench.batches.wait_for(1);
    let joined = bench.ask(&cached, &same, Priority::Interactive);
    wait_for_hits(&cached, 1);
    began.abort();
    assert!(bench.runtime.block_on(began).unwrap_err().is_cancelled());
    bench.open(1);
    bench.answer(joined).unwrap();
    assert_eq!(bench.batches.so_far().len(), 1);
    assert_eq!(bench.engine.statistics().abandoned, 0);
}

#[test]
fn what_everybody_has_left_is_forgotten() {
    let bench = bench(EngineOptions::default(), true, never);
    let cached = cached(&bench);
    let first = bench.send_first(&text("First."), Priority::Interactive);
    let same = text("The same.");
    let gone = bench.ask(&cached, &same, Priority::Interactive);
    bench.wait_for_queue(5);
    gone.abort();
    assert!(bench.runtime.block_on(gone).unwrap_err().is_cancelled());
    assert_eq!(bench.engine.statistics().queue_tokens, 0);
    let again = bench.ask(&cached, &same, Priority::Interactive);
    bench.open(10);
    bench.answer(first).unwrap();
    bench.answer(again).unwrap();
    assert_eq!(cached.statistics().cache_misses, 2);
}
