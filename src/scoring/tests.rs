//! The engine with the real model's texts, and networks that count, wait or fail on purpose.

use super::engine::{Engine, EngineOptions};
use super::queue::Queue;
use super::worker::{Forward, MakeForward};
use super::{Cached, Priority, Scorer, ScoringError};
use crate::model::{HeadScores, Model, Precision, Window, WindowScores};
use crate::review::Text;
use futures_util::future::join_all;
use std::cell::Cell;
use std::path::Path;
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

fn model() -> Arc<Model> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/heartstrings-en");
    Arc::new(Model::load(&folder, Precision::Fp32).unwrap())
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

fn text(text: &str) -> Text {
    text.parse().unwrap()
}

/// What a network made of a batch: how many tokens each window had.
type Batches = Arc<Mutex<Vec<Vec<usize>>>>;

/// A network that notes its batches and answers with zeros. It waits for `gate` before each batch,
/// and panics when `fails` says so.
struct Fake {
    batches: Batches,
    gate: Option<Arc<Mutex<mpsc::Receiver<()>>>>,
    fails: fn(&[&Window]) -> bool,
}

impl Forward for Fake {
    fn forward(&self, windows: &[&Window], between: &mut dyn FnMut()) -> Vec<WindowScores> {
        self.batches.lock().unwrap().push(windows.iter().map(|w| w.ids.len()).collect());
        if let Some(gate) = &self.gate {
            let _ = gate.lock().unwrap().recv();
        }
        between();
        assert!(!(self.fails)(windows), "it fails on purpose");
        let zeros = HeadScores {
            stars: [0.0; 5],
            emotions: [0.0; 28],
            affect: [0.0; 3],
            intensity: [0.0; 5],
            mixed: 0.0,
        };
        let scores = |window: &&Window| WindowScores {
            whole: zeros,
            segments: vec![zeros; window.segments.len()],
        };
        windows.iter().map(scores).collect()
    }
}

struct Bench {
    model: Arc<Model>,
    engine: Arc<Engine>,
    /// Tokens of all texts that were sent.
    sent: Cell<usize>,
    batches: Batches,
    /// Each message lets one batch through.
    gate: mpsc::Sender<()>,
    runtime: Runtime,
}

/// One worker with a fake network; it holds its breath before each batch when `gated`.
fn bench(options: EngineOptions, gated: bool, fails: fn(&[&Window]) -> bool) -> Bench {
    let batches = Batches::default();
    let (gate, receiver) = mpsc::channel();
    let receiver = gated.then(|| Arc::new(Mutex::new(receiver)));
    let noted = Arc::clone(&batches);
    let make: Arc<MakeForward> = Arc::new(move || {
        Box::new(Fake { batches: Arc::clone(&noted), gate: receiver.clone(), fails })
    });
    let options = EngineOptions { workers: 1, ..options };
    let model = model();
    let engine = Arc::new(Engine::start_with(Arc::clone(&model), &options, make).unwrap());
    Bench { model, engine, sent: Cell::new(0), batches, gate, runtime: runtime() }
}

impl Bench {
    /// Begins to score and returns when the text waits or is in the network.
    fn send(
        &self,
        text: &Text,
        priority: Priority,
    ) -> tokio::task::JoinHandle<Result<crate::analysis::Analysis, ScoringError>> {
        let document = self.model.prepare(text.as_str(), Some("en")).unwrap();
        let cost: usize = document.windows.iter().map(|window| window.ids.len()).sum();
        self.sent.set(self.sent.get() + cost);
        let (engine, text) = (Arc::clone(&self.engine), text.clone());
        let task =
            self.runtime.spawn(async move { engine.score(&text, Some("en"), priority).await });
        let started = Instant::now();
        while self.seen() < self.sent.get() {
            assert!(started.elapsed() < Duration::from_secs(60), "the text never came to wait");
            std::thread::yield_now();
        }
        task
    }

    /// Tokens that wait or were begun.
    fn seen(&self) -> usize {
        let begun: usize = self.batches.lock().unwrap().iter().flatten().sum();
        begun + self.engine.statistics().queue_tokens as usize
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        // Whatever is still held is let go, or the worker would never end.
        for _ in 0..1_000 {
            let _ = self.gate.send(());
        }
    }
}

fn never(_: &[&Window]) -> bool {
    false
}

/// A text of so many windows of 250 tokens or so.
fn long(windows: usize) -> Text {
    text(&"It is a sentence of about ten words, I believe. ".repeat(20 * windows))
}

#[test]
fn a_short_text_goes_before_the_rest_of_a_long_one() {
    let bench = bench(EngineOptions::default(), true, never);
    let document = bench.send(&long(12), Priority::Interactive);
    let short = bench.send(&text("Short."), Priority::Interactive);
    for _ in 0..20 {
        bench.gate.send(()).unwrap();
    }
    bench.runtime.block_on(async {
        short.await.unwrap().unwrap();
        document.await.unwrap().unwrap();
    });
    let batches = bench.batches.lock().unwrap();
    assert!(batches.len() > 4, "{batches:?}");
    // The first batch was taken before it came; it is in the next.
    assert!(batches[1].iter().any(|tokens| *tokens < 10), "{batches:?}");
}

#[test]
fn who_looks_at_a_screen_goes_into_the_middle_of_a_bulk_batch() {
    let bench = bench(EngineOptions::default(), true, never);
    let bulk = bench.send(&long(2), Priority::Bulk);
    let short = bench.send(&text("Short."), Priority::Interactive);
    // One for the bulk batch up to its middle, one for the short text.
    bench.gate.send(()).unwrap();
    bench.gate.send(()).unwrap();
    bench.runtime.block_on(async { short.await.unwrap().unwrap() });
    assert_eq!(bench.engine.statistics().interruptions, 1);
    bench.gate.send(()).unwrap();
    bench.runtime.block_on(async { bulk.await.unwrap().unwrap() });
}

#[test]
fn bulk_work_keeps_a_fifth() {
    let options = EngineOptions { batch_tokens: 16, ..EngineOptions::default() };
    let bench = bench(options, true, never);
    let first = bench.send(&text("The first one."), Priority::Bulk);
    // Told apart by their lengths: 5 and 6 tokens.
    let bulk: Vec<_> =
        (0..20).map(|_| bench.send(&text("one two three"), Priority::Bulk)).collect();
    let interactive: Vec<_> =
        (0..100).map(|_| bench.send(&text("one two three four"), Priority::Interactive)).collect();
    for _ in 0..1_000 {
        bench.gate.send(()).unwrap();
    }
    bench.runtime.block_on(async {
        first.await.unwrap().unwrap();
        for task in bulk.into_iter().chain(interactive) {
            task.await.unwrap().unwrap();
        }
    });
    // The first batch is interrupted by one of theirs; from then on the clock decides.
    let order: Vec<usize> = bench.batches.lock().unwrap().iter().flatten().copied().collect();
    let bulk = |part: &[usize]| part.iter().filter(|tokens| **tokens == 5).count();
    let half = bulk(&order[..order.len() / 2]);
    assert!((6..=16).contains(&half), "{half} of 20 bulk texts were in the first half: {order:?}");
}

#[test]
fn a_client_that_has_gone_costs_no_forward() {
    let bench = bench(EngineOptions::default(), true, never);
    let first = bench.send(&text("First."), Priority::Interactive);
    let gone = bench.send(&long(50), Priority::Interactive);
    gone.abort();
    assert!(bench.runtime.block_on(gone).unwrap_err().is_cancelled());
    assert_eq!(bench.engine.statistics().queue_tokens, 0);
    for _ in 0..100 {
        bench.gate.send(()).unwrap();
    }
    bench.runtime.block_on(async { first.await.unwrap().unwrap() });
    assert_eq!(bench.batches.lock().unwrap().len(), 1);
    assert_eq!(bench.engine.statistics().abandoned, 1);
}

#[test]
fn a_text_that_waits_too_long_is_given_up() {
    let options = EngineOptions { deadline: Duration::from_millis(1), ..EngineOptions::default() };
    let bench = bench(options, true, never);
    // Whether it waits in the queue by then, or is not even there: it is given up.
    let late = text("Late.");
    let late = bench.engine.score(&late, Some("en"), Priority::Interactive);
    let error = bench.runtime.block_on(async { late.await.unwrap_err() });
    assert!(matches!(error, ScoringError::TooSlow { retry_after: 1.., .. }), "{error}");
    assert_eq!(bench.engine.statistics().rejected, 1);
}

#[test]
fn a_full_queue_refuses_who_can_come_again_and_lets_bulk_work_wait() {
    let options = EngineOptions { queue_tokens: 600, ..EngineOptions::default() };
    let bench = bench(options, true, never);
    let first = bench.send(&text("First."), Priority::Interactive);
    let bulk = bench.send(&long(1), Priority::Bulk);
    let engine = Arc::clone(&bench.engine);
    let more_bulk = bench
        .runtime
        .spawn(async move { engine.score(&long(1), Some("en"), Priority::Bulk).await });
    // Half of the queue is not for bulk work.
    let second = bench.send(&long(1), Priority::Interactive);
    let refused = bench
        .runtime
        .block_on(async { bench.engine.score(&long(1), Some("en"), Priority::Interactive).await });
    assert!(matches!(refused, Err(ScoringError::QueueFull { retry_after: 1.. })), "{refused:?}");
    for _ in 0..100 {
        bench.gate.send(()).unwrap();
    }
    bench.runtime.block_on(async {
        for task in [first, bulk, second, more_bulk] {
            task.await.unwrap().unwrap();
        }
    });
}

#[test]
fn one_bad_text_spoils_no_other() {
    // The network fails on any batch with a window of seven tokens.
    let bench = bench(EngineOptions::default(), true, |windows| {
        windows.iter().any(|window| window.ids.len() == 7)
    });
    let first = bench.send(&text("First."), Priority::Interactive);
    let good: Vec<_> =
        (0..5).map(|_| bench.send(&text("one two three"), Priority::Interactive)).collect();
    let bad = bench.send(&text("one two three four five"), Priority::Interactive);
    for _ in 0..100 {
        bench.gate.send(()).unwrap();
    }
    bench.runtime.block_on(async {
        first.await.unwrap().unwrap();
        for task in good {
            task.await.unwrap().unwrap();
        }
        let error = bad.await.unwrap().unwrap_err();
        assert!(matches!(&error, ScoringError::Failed(why) if why.contains("on purpose")));
    });
    // Once in company, once alone.
    assert_eq!(bench.engine.statistics().failures, 2);
}

#[test]
fn a_failure_inside_an_interruption_leaves_the_bulk_batch_alone() {
    let bench = bench(EngineOptions::default(), true, |windows| {
        windows.iter().any(|window| window.ids.len() == 7)
    });
    let bulk = bench.send(&long(2), Priority::Bulk);
    let bad = bench.send(&text("one two three four five"), Priority::Interactive);
    for _ in 0..100 {
        bench.gate.send(()).unwrap();
    }
    bench.runtime.block_on(async {
        assert!(bad.await.unwrap().is_err());
        bulk.await.unwrap().unwrap();
    });
}

#[test]
fn what_waits_is_scored_before_the_end() {
    let bench = bench(EngineOptions::default(), false, never);
    let texts: Vec<Text> = (0..50).map(|n| text(&format!("Number {n}."))).collect();
    bench.runtime.block_on(async {
        let scores = texts.iter().map(|t| bench.engine.score(t, None, Priority::Bulk));
        let (answers, ()) = tokio::join!(join_all(scores), async {
            tokio::task::yield_now().await;
            bench.engine.close().await;
        });
        let closed = |answer: &Result<_, _>| matches!(answer, Err(ScoringError::Closed));
        assert!(answers.iter().all(|answer| answer.is_ok() || closed(answer)), "{answers:?}");
    });
}

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

#[test]
fn waiting_times_follow_the_backlog() {
    let queue = Queue::new(1_000_000);
    for _ in 0..200 {
        queue.note_speed(1_000, 1.0, 2);
    }
    assert_eq!(queue.seconds_of_work(), 1);
    let document = model().prepare(long(40).as_str(), Some("en")).unwrap();
    let (job, _answer) = super::job::Job::new(document, Priority::Interactive);
    queue.push(&job).unwrap();
    let expected = (job.cost() as f64 / 2_000.0).ceil() as u64;
    assert_eq!(queue.seconds_of_work(), expected);
}
