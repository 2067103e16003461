//! Failures of the network.

use super::harness::{harness, harness_with_networks, long, never, text};
use crate::{EngineOptions, Priority, Scorer, ScoringError};

#[test]
fn a_bad_text_fails_no_other() {
    // The network fails on any batch with a window of seven tokens.
    let harness = harness(EngineOptions::default(), true, |windows| {
        windows.iter().any(|window| window.ids.len() == 7)
    });
    let first = harness.send_first(&text("First."), Priority::Interactive);
    let good: Vec<_> =
        (0..5).map(|_| harness.send(&text("one two three"), Priority::Interactive)).collect();
    let bad = harness.send(&text("one two three four five"), Priority::Interactive);
    harness.open(100);
    harness.answer(first).unwrap();
    for sent in good {
        harness.answer(sent).unwrap();
    }
    let error = harness.answer(bad).unwrap_err();
    assert!(matches!(&error, ScoringError::Failed(why) if why.contains("on purpose")));
    // Once in a batch with others, once alone.
    assert_eq!(harness.engine.statistics().failures, 2);
}

#[test]
fn a_failure_during_an_interruption_does_not_affect_the_bulk_batch() {
    let harness = harness(EngineOptions::default(), true, |windows| {
        windows.iter().any(|window| window.ids.len() == 7)
    });
    let bulk = harness.send_first(&long(2), Priority::Bulk);
    let bad = harness.send(&text("one two three four five"), Priority::Interactive);
    harness.open(100);
    assert!(harness.answer(bad).is_err());
    harness.answer(bulk).unwrap();
    assert_eq!(harness.engine.statistics().interruptions, 1);
}

#[test]
fn without_a_worker_all_texts_fail() {
    let options = EngineOptions { queue_tokens: 600, ..EngineOptions::default() };
    // The worker can make one network only.
    let harness = harness_with_networks(1, options, true, |_| true).unwrap();
    assert_eq!(harness.engine.statistics().workers, 1);
    let first = harness.send_first(&text("First."), Priority::Interactive);
    let waiting = [
        harness.send(&text("Somebody looks at a screen."), Priority::Interactive),
        harness.send(&long(1), Priority::Bulk),
        // This one waits for space in the queue.
        harness.start(&long(1), Priority::Bulk),
    ];
    harness.open(1);
    // The first would have been retried alone.
    for sent in [first].into_iter().chain(waiting) {
        assert_eq!(harness.answer(sent), Err(ScoringError::NoWorkers));
    }
    for priority in [Priority::Interactive, Priority::Bulk] {
        let late = harness.start(&text("Late."), priority);
        assert_eq!(harness.answer(late), Err(ScoringError::NoWorkers));
    }
    let statistics = harness.engine.statistics();
    assert_eq!((statistics.workers, statistics.queue_tokens), (0, 0));
}

#[test]
fn an_engine_without_a_network_does_not_start() {
    let error = harness_with_networks(0, EngineOptions::default(), true, never).err().unwrap();
    assert!(error.to_string().contains("no memory for another network"), "{error}");
}
