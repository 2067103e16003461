//! The network by itself: `make bench-forward`.
//!
//! Tokens per second of one thread and of two, in batches of windows of one length: the encoder that
//! ships and rust-bert's `BertModel` over the same weights, in turn, in one run. Then what the
//! processor multiplies per second, which is the limit of both. Prints tables in Markdown and puts them
//! into `docs/BENCHMARKS.md`.
//!
//! With `HEARTSTRINGS_BENCH=ideal` it prints two numbers alone, for the bench of the service: tokens per
//! second of all cores in a loop over the windows of its mixed stream, and how many there would be if
//! multiplying matrices were all.

// Each bench uses a part of what they share.
#[path = "service/report.rs"]
#[allow(dead_code, reason = "the other bench uses the rest")]
mod report;
#[path = "service/texts.rs"]
#[allow(dead_code, reason = "the other bench uses the rest")]
mod texts;

use heartstrings_inference::{HelperPool, Model as _, Segment, Window};
use heartstrings_model::{self as model, Compute, Model, Network, Precision};
use report::{Table, publish};
use rust_bert::Config;
use rust_bert::bert::{BertConfig, BertEmbeddings, BertModel};
use std::path::Path;
use std::time::{Duration, Instant};
use tch::{Device, Kind, Tensor, nn};

/// Windows of a batch and tokens of a window.
const SHAPES: [(usize, usize); 7] =
    [(1, 16), (1, 80), (1, 256), (4, 64), (16, 64), (8, 128), (4, 256)];
/// Tokens of a batch in the loop, as in the service.
const BATCH: usize = 512;
/// Turns that each contender takes; the best counts, because noise only ever takes time.
const TURNS: usize = 3;
/// Multiplications and additions of the encoder's linear layers for one token: six layers, each
/// of twelve matrices of 384 × 384.
const OPERATIONS: f64 = 2.0 * 6.0 * 12.0 * 384.0 * 384.0;

/// Time for each measurement: a tenth of what the service gets for a line of a table.
fn time() -> Duration {
    Duration::from_secs(seconds()) / 10
}

fn seconds() -> u64 {
    let set = std::env::var("HEARTSTRINGS_BENCH_SECONDS");
    set.map_or(15, |text| text.parse().expect("HEARTSTRINGS_BENCH_SECONDS is a number"))
}

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/models/heartstrings-en"))
}

struct RustBert {
    encoder: BertModel<BertEmbeddings>,
    _store: nn::VarStore,
}

impl RustBert {
    fn new(kind: Kind) -> Self {
        let config = BertConfig::from_file(folder().join("config.json"));
        let mut store = nn::VarStore::new(Device::Cpu);
        let encoder = BertModel::new_with_optional_pooler(store.root(), &config, false);
        store.load_partial(folder().join("model.safetensors")).expect("the weights load");
        store.set_kind(kind);
        store.freeze();
        Self { encoder, _store: store }
    }

    fn forward(&self, windows: usize, tokens: usize) {
        let _no_grad = tch::no_grad_guard();
        let shape = [windows as i64, tokens as i64];
        let ids = Tensor::from_slice(&ids(windows * tokens)).to_kind(Kind::Int64).view(shape);
        let mask = Tensor::ones(shape, (Kind::Int64, Device::Cpu));
        let out =
            self.encoder.forward_t(Some(&ids), Some(&mask), None, None, None, None, None, false);
        std::hint::black_box(out.expect("it runs"));
    }
}

fn ids(count: usize) -> Vec<i32> {
    (0..count).map(|index| 1_000 + (index * 37 % 20_000) as i32).collect()
}

fn window(tokens: usize) -> Window {
    let ids = ids(tokens).into_iter().map(|id| id as u32).collect();
    Window { ids, segments: vec![Segment { sentence: 0, start: 1, end: tokens - 1 }] }
}

fn ours(network: &Network, windows: usize, tokens: usize) {
    let window = window(tokens);
    let batch = vec![&window; windows];
    std::hint::black_box(network.forward(&batch, &mut || ()));
}

/// Runs per second.
fn speed(run: impl FnMut()) -> f64 {
    speed_for(time(), run)
}

fn speed_for(time: Duration, mut run: impl FnMut()) -> f64 {
    run();
    let (started, mut runs) = (Instant::now(), 0);
    while started.elapsed() < time {
        run();
        runs += 1;
    }
    f64::from(runs) / started.elapsed().as_secs_f64()
}

/// So many threads at once, each of which measures a speed: the sum.
fn together(threads: usize, measure: impl Fn() -> f64 + Sync) -> f64 {
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| {
                    model::set_thread_count(1);
                    measure()
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).sum()
    })
}

/// Two threads, each with a network of its own, at once: runs per second of both.
fn speed_of_two(model: &Model, windows: usize, tokens: usize) -> f64 {
    together(2, || {
        let network = model.network();
        speed(|| ours(&network, windows, tokens))
    })
}

fn table(precision: Precision, kind: Kind) -> String {
    let model = Model::load(folder(), precision).expect("the model loads");
    let (network, theirs) = (model.network(), RustBert::new(kind));
    let head = format!("{precision}, windows × tokens");
    let mut table = Table::new(&[&head, "rust-bert", "ours", "ratio", "ours, two threads"]);
    for (windows, tokens) in SHAPES {
        let mut best = [0f64; 3];
        for _ in 0..TURNS {
            let speeds = [
                speed(|| theirs.forward(windows, tokens)),
                speed(|| ours(&network, windows, tokens)),
                speed_of_two(&model, windows, tokens),
            ];
            best.iter_mut().zip(speeds).for_each(|(best, speed)| *best = best.max(speed));
        }
        let [theirs, ours, two] = best.map(|speed| speed * (windows * tokens) as f64);
        table.row(&[
            format!("{windows} × {tokens}"),
            format!("{theirs:.0}"),
            format!("{ours:.0}"),
            format!("{:.2}", ours / theirs),
            format!("{two:.0}"),
        ]);
    }
    table.text()
}

/// Tokens of a window that is alone on the machine.
const ALONE: [usize; 6] = [8, 16, 24, 48, 80, 256];
/// Time between two texts of a client that waits for each answer: HTTP, tokenizing and the client itself.
const PAUSE: Duration = Duration::from_millis(2);

/// A window alone on an idle machine, as the text of a single client is: by one thread, and with another that
/// helps; one after the other, and after a pause in which both sleep and the weights leave the caches.
fn alone(precision: Precision) -> String {
    let model = Model::load(folder(), precision).expect("the model loads");
    let network = model.network();
    let head = format!("{precision}, a window of so many tokens alone");
    let heads =
        [head.as_str(), "one thread, ms", "with a helper, ms", "with a helper after a pause, ms"];
    let mut table = Table::new(&heads);
    let forward = |pool: &HelperPool, tokens| {
        let window = window(tokens);
        let started = Instant::now();
        std::hint::black_box(network.forward_with(&[&window], pool, &mut || ()));
        started.elapsed()
    };
    for tokens in ALONE {
        let nobody = HelperPool::default();
        let by_one = middle(|| forward(&nobody, tokens));
        let helped = with_helper(|pool| middle(|| forward(pool, tokens)));
        let paused = middle(|| {
            std::thread::sleep(PAUSE);
            // As a worker is: asleep until there is a text.
            with_helper(|pool| forward(pool, tokens))
        });
        let times = [by_one, helped, paused].map(|time| format!("{:.2}", time.as_secs_f64() * 1e3));
        table.row(&[vec![tokens.to_string()], times.to_vec()].concat());
    }
    table.text()
}

/// The median of some hundred runs.
fn middle(mut run: impl FnMut() -> Duration) -> Duration {
    let mut times: Vec<Duration> = (0..101).map(|_| run()).collect();
    times.sort_unstable();
    times[times.len() / 2]
}

/// Runs with a pool that has one helper.
fn with_helper<T>(run: impl FnOnce(&HelperPool) -> T) -> T {
    let pool = HelperPool::default();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            model::set_thread_count(1);
            pool.help(|| false);
        });
        let done = run(&pool);
        pool.close();
        done
    })
}

/// Thousand millions of operations per second in multiplying matrices of this shape.
fn peak(kind: Kind, rows: i64, inner: i64, columns: i64) -> f64 {
    let a = Tensor::randn([rows, inner], (Kind::Float, Device::Cpu)).to_kind(kind);
    let b = Tensor::randn([inner, columns], (Kind::Float, Device::Cpu)).to_kind(kind);
    let runs = speed(|| drop(std::hint::black_box(a.matmul(&b))));
    runs * 2.0 * (rows * inner * columns) as f64 / 1e9
}

/// What one thread multiplies per second, in each format that the machine is fast in.
fn peaks(kinds: &[(Precision, Kind)]) -> String {
    let mut table = Table::new(&[
        "one thread, matrices",
        "10⁹ operations/s",
        "tokens/s if all of a forward ran at that",
    ]);
    for (name, kind) in kinds {
        for (rows, inner, columns) in [(2_048, 2_048, 2_048), (1_024, 384, 1_536)] {
            let speed = peak(*kind, rows, inner, columns);
            table.row(&[
                format!("{name}, {rows} × {inner} × {columns}"),
                format!("{speed:.0}"),
                format!("{:.0}", speed * 1e9 / OPERATIONS),
            ]);
        }
    }
    table.text()
}

/// Prints what the machine could do if there were nothing but the network, and if there were nothing
/// but multiplication: tokens per second of all cores.
fn ideal() {
    let model = Model::load(folder(), Precision::Auto).expect("the model loads");
    let kind = settled().1;
    let prepare = |number| model.prepare(&texts::mixed(number), Some("en")).expect("it is cut up");
    let windows: Vec<Window> = (0..100).flat_map(|number| prepare(number).windows).collect();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let time = Duration::from_secs(seconds()) / 2;
    let network = together(cores, || {
        let network = model.network();
        let batches = batches(&windows);
        let tokens: usize = windows.iter().map(|window| window.ids.len()).sum();
        let mut turn = batches.iter().cycle();
        let speed = speed_for(time, || {
            let batch = turn.next().expect("it never ends");
            std::hint::black_box(network.forward(batch, &mut || ()));
        });
        speed * tokens as f64 / batches.len() as f64
    });
    let size = 2_048;
    let peak = together(cores, || peak(kind, size, size, size)) * 1e9 / OPERATIONS;
    println!("{network:.0} {peak:.0}");
}

/// Windows in the order of their lengths, in batches as large as the service's.
fn batches(windows: &[Window]) -> Vec<Vec<&Window>> {
    let mut sorted: Vec<&Window> = windows.iter().collect();
    sorted.sort_by_key(|window| window.ids.len());
    let mut batches: Vec<Vec<&Window>> = vec![Vec::new()];
    let mut tokens = 0;
    for window in sorted {
        tokens += window.ids.len();
        if tokens > BATCH {
            tokens = window.ids.len();
            batches.push(Vec::new());
        }
        batches.last_mut().expect("there is one").push(window);
    }
    batches
}

/// What the service computes in on this machine.
fn settled() -> (Precision, Kind) {
    let settled = Compute::from(Precision::Auto).resolve().expect("auto is always there");
    match settled.precision {
        Precision::Bf16 => (Precision::Bf16, Kind::BFloat16),
        // Outside of the linear layers, and for rust-bert beside it.
        other => (other, Kind::Float),
    }
}

fn main() {
    model::prepare_process();
    model::set_thread_count(1);
    if std::env::var("HEARTSTRINGS_BENCH").is_ok_and(|section| section == "ideal") {
        return ideal();
    }
    let mut kinds = vec![(Precision::Fp32, Kind::Float)];
    if settled().0 != Precision::Fp32 {
        kinds.push(settled());
    }
    let mut tables: Vec<String> = kinds.iter().map(|(name, kind)| table(*name, *kind)).collect();
    kinds.dedup_by_key(|(_, kind)| *kind);
    tables.push(alone(settled().0));
    tables.push(peaks(&kinds));
    let settings =
        format!("tokens per second, the best of {TURNS} turns of {:.1} s", time().as_secs_f64());
    publish("forward", &settings, &tables.join("\n"));
}
