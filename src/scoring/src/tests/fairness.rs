//! The order in which texts are scored.

use super::harness::{harness, long, model, never, text};
use crate::job::Job;
use crate::queue::{Queue, Task};
use crate::{EngineOptions, Priority, Scorer};
use heartstrings_inference::HelperPool;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

#[test]
fn a_short_text_overtakes_the_rest_of_a_long_one() {
    let harness = harness(EngineOptions::default(), true, never);
    let document = harness.send_first(&long(12), Priority::Interactive);
    let short = harness.send(&text("Short."), Priority::Interactive);
    harness.open(20);
    harness.answer(short).unwrap();
    harness.answer(document).unwrap();
    let batches = harness.batches.so_far();
    assert!(batches.len() > 4, "{batches:?}");
    // The first batch was taken before the short text arrived, so it is in the next.
    assert!(batches[1].iter().any(|tokens| *tokens < 10), "{batches:?}");
}

#[test]
fn an_interactive_request_interrupts_a_bulk_batch() {
    let harness = harness(EngineOptions::default(), true, never);
    let bulk = harness.send_first(&long(2), Priority::Bulk);
    let short = harness.send(&text("Short."), Priority::Interactive);
    // One for the bulk batch up to the interruption, one for the short text.
    harness.open(2);
    harness.answer(short).unwrap();
    assert_eq!(harness.engine.statistics().interruptions, 1);
    harness.open(2);
    harness.answer(bulk).unwrap();
}

#[test]
fn bulk_work_keeps_a_fifth() {
    let options = EngineOptions { batch_tokens: 16, ..EngineOptions::default() };
    let harness = harness(options, true, never);
    let first = harness.send_first(&text("The first one."), Priority::Bulk);
    // Distinguished by their lengths: 5 and 6 tokens.
    let bulk: Vec<_> =
        (0..20).map(|_| harness.send(&text("one two three"), Priority::Bulk)).collect();
    let interactive: Vec<_> = (0..100)
        .map(|_| harness.send(&text("one two three four"), Priority::Interactive))
        .collect();
    harness.open(1_000);
    harness.answer(first).unwrap();
    for sent in bulk.into_iter().chain(interactive) {
        harness.answer(sent).unwrap();
    }
    // An interactive batch interrupts the first one; from then on virtual time decides.
    let order: Vec<usize> = harness.batches.so_far().into_iter().flatten().collect();
    let bulk = |part: &[usize]| part.iter().filter(|tokens| **tokens == 5).count();
    let half = bulk(&order[..order.len() / 2]);
    assert!((6..=16).contains(&half), "{half} of 20 bulk texts were in the first half: {order:?}");
}

/// However many short texts arrive, a long one is complete after a number of tokens that is proportional to its length.
#[test]
fn overtaking_of_a_long_text_is_bounded() {
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
        for entry in batch.entries {
            served += entry.cost();
            if entry.cost() > 64 {
                left -= entry.cost();
            } else {
                send("It is fine.");
            }
        }
    }
}

#[test]
fn an_idle_worker_helps() {
    let queue = Queue::new(1_000_000, Duration::from_secs(3_600));
    let pool = Arc::new(HelperPool::default());
    thread::scope(|scope| {
        let other = scope.spawn(|| match queue.take(512, 2) {
            Some(Task::Help(pool)) => {
                pool.help(|| queue.has_work());
                queue.helper_left(&pool);
                matches!(queue.take(512, 2), Some(Task::Score(_)))
            }
            _ => false,
        });
        // The helper comes once it waits for a task.
        while pool.helpers() == 0 {
            queue.request_help(&pool);
            thread::yield_now();
        }
        let document = model().prepare("It is fine.", Some("en")).unwrap();
        let (job, _answer) = Job::new(document, Priority::Interactive);
        queue.push(&job).unwrap();
        assert!(other.join().unwrap(), "a text that came was left waiting");
        assert_eq!(pool.helpers(), 0);
    });
}
