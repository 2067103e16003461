//! Who goes before whom.

use super::bench::{bench, long, model, never, text};
use crate::job::Job;
use crate::queue::{Queue, Task};
use crate::{EngineOptions, Priority, Scorer};
use heartstrings_inference::HelperPool;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

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

/// However many short texts there are, a long one is through after as many tokens as its length allows.
#[test]
fn a_long_text_is_passed_for_a_while_and_no_longer() {
    let queue = Queue::new(1_000_000, Duration::from_secs(3_600));
    let model = model();
    let mut answers = Vec::new();
    let mut send = |text: &str| {
        let document = model.prepare(text, Some("en")).unwrap();
        let (job, answer) = Job::new(document, Priority::Interactive);
        answers.push(answer);
        queue.push(&job).unwrap();
        job.cost()
    };
    let cost = send(long(3).as_str());
    for _ in 0..50 {
        send("It is fine.");
    }
    let (mut left, mut served) = (cost, 0);
    while left > 0 {
        assert!(served < 10 * cost, "{left} tokens of {cost} still wait after {served} of all");
        let Some(Task::Score(batch)) = queue.take(64, 1) else { panic!("it is not empty") };
        for ticket in batch.tickets {
            served += ticket.cost();
            if ticket.cost() > 64 {
                left -= ticket.cost();
            } else {
                send("It is fine.");
            }
        }
    }
}

#[test]
fn who_has_nothing_to_do_helps() {
    let queue = Queue::new(1_000_000, Duration::from_secs(3_600));
    let team = Arc::new(HelperPool::default());
    thread::scope(|scope| {
        let other = scope.spawn(|| match queue.take(512, 2) {
            Some(Task::Help(team)) => {
                team.help(|| queue.has_work());
                queue.helped(&team);
                matches!(queue.take(512, 2), Some(Task::Score(_)))
            }
            _ => false,
        });
        // Nobody comes before it waits for something to do.
        while team.helpers() == 0 {
            queue.gather(&team);
            thread::yield_now();
        }
        let document = model().prepare("It is fine.", Some("en")).unwrap();
        let (job, _answer) = Job::new(document, Priority::Interactive);
        queue.push(&job).unwrap();
        assert!(other.join().unwrap(), "a text that came was left waiting");
        assert_eq!(team.helpers(), 0);
    });
}
