//! The network by itself: `make bench-forward`.
//!
//! Tokens per second of one thread and of two, in batches of windows of one length: the encoder that
//! ships and rust-bert's `BertModel` over the same weights, in turn, in one run. Then what the
//! processor multiplies per second, which is the limit of both. Prints tables in Markdown.

use heartstrings::model::{self, Model, Network, Precision, Segment, Window};
use rust_bert::Config;
use rust_bert::bert::{BertConfig, BertEmbeddings, BertModel};
use std::path::Path;
use std::time::{Duration, Instant};
use tch::{Device, Kind, Tensor, nn};

/// Windows of a batch and tokens of a window.
const SHAPES: [(usize, usize); 7] =
    [(1, 16), (1, 80), (1, 256), (4, 64), (16, 64), (8, 128), (4, 256)];
/// Time for each measurement.
const TIME: Duration = Duration::from_millis(1_500);
/// Turns that each contender takes; the best counts, because noise only ever takes time.
const TURNS: usize = 3;
/// Multiplications and additions of the encoder's linear layers for one token: six layers, each
/// of twelve matrices of 384 × 384.
const OPERATIONS: f64 = 2.0 * 6.0 * 12.0 * 384.0 * 384.0;

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
fn speed(mut run: impl FnMut()) -> f64 {
    run();
    let (started, mut runs) = (Instant::now(), 0);
    while started.elapsed() < TIME {
        run();
        runs += 1;
    }
    f64::from(runs) / started.elapsed().as_secs_f64()
}

/// Two threads, each with a network of its own, at once: runs per second of both.
fn speed_of_two(model: &Model, windows: usize, tokens: usize) -> f64 {
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    model::set_thread_count(1);
                    let network = model.network();
                    speed(|| ours(&network, windows, tokens))
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).sum()
    })
}

fn table(precision: Precision, kind: Kind) {
    let model = Model::load(folder(), precision).expect("the model loads");
    let (network, theirs) = (model.network(), RustBert::new(kind));
    println!("\n| {precision}, windows × tokens | rust-bert | ours | ratio | ours, two threads |");
    println!("| --- | ---: | ---: | ---: | ---: |");
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
        println!(
            "| {windows} × {tokens} | {theirs:.0} | {ours:.0} | {:.2} | {two:.0} |",
            ours / theirs
        );
    }
}

/// Thousand millions of operations per second in multiplying matrices of this shape.
fn peak(kind: Kind, rows: i64, inner: i64, columns: i64) -> f64 {
    let a = Tensor::randn([rows, inner], (Kind::Float, Device::Cpu)).to_kind(kind);
    let b = Tensor::randn([inner, columns], (Kind::Float, Device::Cpu)).to_kind(kind);
    let runs = speed(|| drop(std::hint::black_box(a.matmul(&b))));
    runs * 2.0 * (rows * inner * columns) as f64 / 1e9
}

fn main() {
    model::prepare_process();
    model::set_thread_count(1);
    println!("Tokens per second.");
    table(Precision::Fp32, Kind::Float);
    if Precision::Auto.resolve() == Precision::Bf16 {
        table(Precision::Bf16, Kind::BFloat16);
    }
    println!("\n| one thread | 10⁹ operations/s | tokens/s if all of a forward ran at that |");
    println!("| --- | ---: | ---: |");
    for (name, kind) in [("fp32", Kind::Float), ("bf16", Kind::BFloat16)] {
        for (rows, inner, columns) in [(2_048, 2_048, 2_048), (1_024, 384, 1_536)] {
            let speed = peak(kind, rows, inner, columns);
            println!(
                "| {name}, {rows} × {inner} × {columns} | {speed:.0} | {:.0} |",
                speed * 1e9 / OPERATIONS
            );
        }
    }
}
