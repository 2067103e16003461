//! What becomes of texts when the network fails.

use super::bench::{bench, bench_of, long, never, text};
use crate::{EngineOptions, Priority, Scorer, ScoringError};

#[test]
fn one_bad_text_spoils_no_other() {
    // The network fails on any batch with a window of seven tokens.
    let bench = bench(EngineOptions::default(), true, |windows| {
        windows.iter().any(|window| window.ids.len() == 7)
    });
    let first = bench.send_first(&text("First."), Priority::Interactive);
    let good: Vec<_> =
        (0..5).map(|_| bench.send(&text("one two three"), Priority::Interactive)).collect();
    let bad = bench.send(&text("one two three four five"), Priority::Interactive);
    bench.open(100);
    bench.answer(first).unwrap();
    for sent in good {
        bench.answer(sent).unwrap();
    }
    let error = bench.answer(bad).unwrap_err();
    assert!(matches!(&error, ScoringError::Failed(why) if why.contains("on purpose")));
    // Once in company, once alone.
    assert_eq!(bench.engine.statistics().failures, 2);
}

#[test]
fn a_failure_inside_an_interruption_leaves_the_bulk_batch_alone() {
    let bench = bench(EngineOptions::default(), true, |windows| {
        windows.iter().any(|window| window.ids.len() == 7)
    });
    let bulk = bench.send_first(&long(2), Priority::Bulk);
    let bad = bench.send(&text("one two three four five"), Priority::Interactive);
    bench.open(100);
    assert!(bench.answer(bad).is_err());
    bench.answer(bulk).unwrap();
    assert_eq!(bench.engine.statistics().interruptions, 1);
}

#[test]
fn when_no_network_can_be_made_again_nobody_waits_for_one() {
    let options = EngineOptions { queue_tokens: 600, ..EngineOptions::default() };
    // Its first network is its last.
    let bench = bench_of(1, options, true, |_| true).unwrap();
    assert_eq!(bench.engine.statistics().workers, 1);
    let first = bench.send_first(&text("First."), Priority::Interactive);
    let waiting = [
        bench.send(&text("Somebody looks at a screen."), Priority::Interactive),
        bench.send(&long(1), Priority::Bulk),
        // This one waits for room in the queue.
        bench.start(&long(1), Priority::Bulk),
    ];
    bench.open(1);
    // It would have been tried again, alone.
    for sent in [first].into_iter().chain(waiting) {
        assert_eq!(bench.answer(sent), Err(ScoringError::NoWorkers));
    }
    for priority in [Priority::Interactive, Priority::Bulk] {
        let late = bench.start(&text("Late."), priority);
        assert_eq!(bench.answer(late), Err(ScoringError::NoWorkers));
    }
    let statistics = bench.engine.statistics();
    assert_eq!((statistics.workers, statistics.queue_tokens), (0, 0));
}

#[test]
fn an_engine_without_a_network_does_not_start() {
    let error = bench_of(0, EngineOptions::default(), true, never).err().unwrap();
    assert!(error.to_string().contains("no memory for another network"), "{error}");
}
