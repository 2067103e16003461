//! Who goes before whom.

use super::bench::{bench, long, never, text};
use crate::scoring::{EngineOptions, Priority, Scorer};

#[test]
fn a_short_text_goes_before_the_rest_of_a_long_one() {
    let bench = bench(EngineOptions::default(), true, never);
    let document = bench.send_first(&long(12), Priority::Interactive);
    let short = bench.send(&text("Short."), Priority::Interactive);
    bench.open(20);
    bench.answer(short).unwrap();
    bench.answer(document).unwrap();
    let batches = bench.batches.so_far();
    assert!(batches.len() > 4, "{batches:?}");
    // The first batch was taken before it came; it is in the next.
    assert!(batches[1].iter().any(|tokens| *tokens < 10), "{batches:?}");
}

#[test]
fn who_looks_at_a_screen_goes_into_the_middle_of_a_bulk_batch() {
    let bench = bench(EngineOptions::default(), true, never);
    let bulk = bench.send_first(&long(2), Priority::Bulk);
    let short = bench.send(&text("Short."), Priority::Interactive);
    // One for the bulk batch up to its middle, one for the short text.
    bench.open(2);
    bench.answer(short).unwrap();
    assert_eq!(bench.engine.statistics().interruptions, 1);
    bench.open(2);
    bench.answer(bulk).unwrap();
}

#[test]
fn bulk_work_keeps_a_fifth() {
    let options = EngineOptions { batch_tokens: 16, ..EngineOptions::default() };
    let bench = bench(options, true, never);
    let first = bench.send_first(&text("The first one."), Priority::Bulk);
    // Told apart by their lengths: 5 and 6 tokens.
    let bulk: Vec<_> =
        (0..20).map(|_| bench.send(&text("one two three"), Priority::Bulk)).collect();
    let interactive: Vec<_> =
        (0..100).map(|_| bench.send(&text("one two three four"), Priority::Interactive)).collect();
    bench.open(1_000);
    bench.answer(first).unwrap();
    for sent in bulk.into_iter().chain(interactive) {
        bench.answer(sent).unwrap();
    }
    // The first batch is interrupted by one of theirs; from then on the clock decides.
    let order: Vec<usize> = bench.batches.so_far().into_iter().flatten().collect();
    let bulk = |part: &[usize]| part.iter().filter(|tokens| **tokens == 5).count();
    let half = bulk(&order[..order.len() / 2]);
    assert!((6..=16).contains(&half), "{half} of 20 bulk texts were in the first half: {order:?}");
}
