//! What becomes of texts when the network fails.

use super::bench::{bench, long, text};
use crate::scoring::{EngineOptions, Priority, Scorer, ScoringError};

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
