//! An engine with one worker and a network that a test controls.
//!
//! Nothing depends on the clock: a test waits for a state, such as a text in the queue or a batch
//! in the network, however busy the machine is.

use super::words::Words;
use crate::engine::{Engine, EngineOptions};
use crate::worker::NetworkFactory;
use crate::{Priority, Scorer, ScoringError};
use heartstrings_core::analysis::Analysis;
use heartstrings_core::review::Text;
use heartstrings_inference::{HeadScores, HelperPool, Model, Network, Window, WindowScores};
use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, mpsc};
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;

/// A model that tokenizes texts and has no network.
pub fn model() -> Arc<dyn Model> {
    Arc::new(Words::default())
}

pub fn text(text: &str) -> Text {
    text.parse().unwrap()
}

/// A text of `windows` windows of about 250 tokens.
pub fn long(windows: usize) -> Text {
    text(&"It is a sentence of about ten words, I believe. ".repeat(20 * windows))
}

/// For a network that never fails.
pub fn never(_: &[&Window]) -> bool {
    false
}

/// The batches that the network got: the number of tokens of each of their windows.
#[derive(Default)]
pub struct Batches {
    all: Mutex<Vec<Vec<usize>>>,
    more: Condvar,
}

impl Batches {
    fn record(&self, windows: &[&Window]) {
        self.all.lock().unwrap().push(windows.iter().map(|window| window.ids.len()).collect());
        self.more.notify_all();
    }

    /// The batches so far.
    pub fn so_far(&self) -> Vec<Vec<usize>> {
        self.all.lock().unwrap().clone()
    }

    /// Waits until the network has got `count` batches.
    pub fn wait_for(&self, count: usize) {
        let all = self.all.lock().unwrap();
        drop(self.more.wait_while(all, |all| all.len() < count).unwrap());
    }
}

/// A network that records its batches and returns zeros. It waits for `gate` in each batch, and
/// panics when `fails` returns true.
struct Fake {
    batches: Arc<Batches>,
    gate: Option<Arc<Mutex<mpsc::Receiver<()>>>>,
    fails: fn(&[&Window]) -> bool,
}

impl Network for Fake {
    fn is_shared(&self) -> bool {
        false
    }

    fn rows(&self, tokens: usize) -> usize {
        tokens
    }

    fn forward(
        &self,
        windows: &[&Window],
        _: &HelperPool,
        between: &mut dyn FnMut(),
    ) -> Vec<WindowScores> {
        self.batches.record(windows);
        if let Some(gate) = &self.gate {
            let _ = gate.lock().unwrap().recv();
        }
        between();
        assert!(!(self.fails)(windows), "it fails on purpose");
        let zeros = HeadScores::default();
        let scores = |window: &&Window| WindowScores {
            whole: zeros,
            segments: vec![zeros; window.segments.len()],
        };
        windows.iter().map(scores).collect()
    }
}

/// An engine with one worker whose network is a [`Fake`].
pub struct Harness {
    model: Arc<dyn Model>,
    pub engine: Arc<Engine>,
    /// Tokens of all texts that were sent.
    sent: Cell<usize>,
    pub batches: Arc<Batches>,
    gate: mpsc::Sender<()>,
    pub runtime: Runtime,
}

/// One worker with a fake network, which waits for the gate in each batch if `gated`.
pub fn harness(options: EngineOptions, gated: bool, fails: fn(&[&Window]) -> bool) -> Harness {
    harness_with_networks(usize::MAX, options, gated, fails).unwrap()
}

/// The same, with a worker that can make a network only `networks` times.
pub fn harness_with_networks(
    networks: usize,
    options: EngineOptions,
    gated: bool,
    fails: fn(&[&Window]) -> bool,
) -> std::io::Result<Harness> {
    let batches = Arc::<Batches>::default();
    let (gate, receiver) = mpsc::channel();
    let receiver = gated.then(|| Arc::new(Mutex::new(receiver)));
    let recorded = Arc::clone(&batches);
    let left = AtomicUsize::new(networks);
    let make: Arc<NetworkFactory> = Arc::new(move || {
        let before = left.fetch_sub(1, Ordering::Relaxed);
        assert!(before > 0, "there is no memory for another network");
        Box::new(Fake { batches: Arc::clone(&recorded), gate: receiver.clone(), fails })
    });
    // The gate makes forwards slow, which must not cause refusals.
    let queue_time = std::time::Duration::from_secs(86_400);
    let options = EngineOptions { workers: 1, queue_time, ..options };
    let model = model();
    let engine = Arc::new(Engine::start_with(Arc::clone(&model), &options, make)?);
    Ok(Harness { model, engine, sent: Cell::new(0), batches, gate, runtime: runtime() })
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

/// A text that is being scored.
pub type Sent = JoinHandle<Result<Analysis, ScoringError>>;

impl Harness {
    /// Starts to score a text and returns when it waits or is in the network.
    pub fn send(&self, text: &Text, priority: Priority) -> Sent {
        let document = self.model.prepare(text.as_str(), Some("en")).unwrap();
        let cost: usize = document.windows.iter().map(|window| window.ids.len()).sum();
        self.sent.set(self.sent.get() + cost);
        let task = self.start(text, priority);
        while self.seen() < self.sent.get() {
            assert!(!task.is_finished(), "the text was refused");
            std::thread::yield_now();
        }
        task
    }

    /// Sends the first text and returns when the network has it. Texts sent from now on
    /// wait until the gate opens.
    pub fn send_first(&self, text: &Text, priority: Priority) -> Sent {
        let task = self.send(text, priority);
        self.batches.wait_for(1);
        task
    }

    /// Starts to score a text and returns at once.
    pub fn start(&self, text: &Text, priority: Priority) -> Sent {
        let engine: Arc<dyn Scorer> = self.engine.clone();
        self.ask(&engine, text, priority)
    }

    /// The same, with a scorer that wraps the engine.
    pub fn ask(&self, scorer: &Arc<dyn Scorer>, text: &Text, priority: Priority) -> Sent {
        let (scorer, text) = (Arc::clone(scorer), text.clone());
        self.runtime.spawn(async move { scorer.score(&text, Some("en"), priority).await })
    }

    /// Blocks until `tokens` tokens wait in the queue. Call it while the gate is shut.
    pub fn wait_for_queue(&self, tokens: u64) {
        while self.engine.statistics().queue_tokens != tokens {
            std::thread::yield_now();
        }
    }

    /// Lets `batches` batches through the gate.
    pub fn open(&self, batches: usize) {
        for _ in 0..batches {
            // Without a gate there is no receiver.
            let _ = self.gate.send(());
        }
    }

    /// Waits for the answer.
    pub fn answer(&self, sent: Sent) -> Result<Analysis, ScoringError> {
        self.runtime.block_on(sent).unwrap()
    }

    /// Tokens that wait or that the network has got.
    fn seen(&self) -> usize {
        let begun: usize = self.batches.so_far().iter().flatten().sum();
        begun + self.engine.statistics().queue_tokens as usize
    }
}

impl Drop for Harness {
    fn drop(&mut self) {
        // Batches that are still held are released, or the worker would never end.
        self.open(1_000);
    }
}
