//! The store by itself: `make bench-store`.
//!
//! Fills a database with made reviews whose analyses cost nothing, and measures at 10 thousand, 300
//! thousand and so on up to HEARTSTRINGS_BENCH_REVIEWS (3 million when absent): bytes, opening,
//! memory, the reads that answer requests, and durable writes, which add some reviews before the
//! next size. Prints tables in Markdown, after each size of all so far: the last takes more than an hour.
//!
//! With HEARTSTRINGS_BENCH_KEPT, a folder, the database is kept there, and the next time it is only
//! filled up to the size that is asked for and measured again.

mod generator;
mod reads;

use generator::Instant as InstantScorer;
use heartstrings_scoring::Priority;
use heartstrings_service::Service;
use heartstrings_store::{StoreSettings, StoreUrl};
use reads::{ROUNDS, TIMES};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Writers while the database is filled.
const FILLING: usize = 512;
/// Time for each measurement of writes.
const TIME: Duration = Duration::from_secs(5);
/// Disk that a review takes at most, with room to spare; checked before anything is written.
const BYTES: u64 = 14_000;

/// What was measured at one size.
struct Line {
    reviews: u64,
    writes: [f64; 2],
    bytes: f64,
    open: [f64; 2],
    memory: u64,
    reads: Vec<reads::Read>,
}

fn main() {
    // The memory is managed as in the service.
    heartstrings_model::prepare_process();
    // What opening says of itself.
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let most = std::env::var("HEARTSTRINGS_BENCH_REVIEWS").ok();
    let most: u64 = most.map_or(3_000_000, |text| text.parse().expect("a number of reviews"));
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    if let Ok(kept) = std::env::var("HEARTSTRINGS_BENCH_KEPT") {
        print(&[runtime.block_on(measure(Path::new(&kept), most))]);
        return;
    }
    let parent = std::env::var("HEARTSTRINGS_BENCH_FOLDER").unwrap_or_else(|_| "target".into());
    let folder = tempfile::tempdir_in(parent).expect("a folder for the database");
    let disk = rustix::fs::statvfs(folder.path()).expect("the disk can be asked");
    let free = disk.f_bavail * disk.f_frsize;
    assert!(
        free > most * BYTES,
        "{} GiB are needed in {}; set HEARTSTRINGS_BENCH_FOLDER or HEARTSTRINGS_BENCH_REVIEWS",
        (most * BYTES) >> 30,
        folder.path().display()
    );
    let sizes = [10_000, 300_000, 3_000_000, 10_000_000];
    let sizes = sizes.into_iter().filter(|size| *size < most).chain([most]);
    let mut lines = Vec::new();
    for size in sizes {
        lines.push(runtime.block_on(measure(folder.path(), size)));
        print(&lines);
    }
}

fn settings(folder: &Path) -> StoreSettings {
    StoreSettings { free_disk_floor: 0, ..StoreSettings::new(StoreUrl::Sled(folder.join("data"))) }
}

fn open(folder: &Path) -> Service {
    let store = heartstrings_store::open(&settings(folder)).expect("the database opens");
    Service::new(Arc::new(InstantScorer::new()), store)
}

/// Fills the database up to so many reviews and measures it.
async fn measure(folder: &Path, size: u64) -> Line {
    let service = open(folder);
    let stored = service.summary(&heartstrings_store::Scope::All, Default::default()).await;
    let next = Arc::new(AtomicU64::new(stored.expect("a summary").reviews));
    let started = Instant::now();
    write(&service, &next, FILLING, move |number, _| number < size).await;
    let reviews = next.load(Ordering::Relaxed).min(size);
    eprintln!("{reviews} reviews after {:.0} s", started.elapsed().as_secs_f64());
    next.store(reviews, Ordering::Relaxed);
    close(service).await;
    let mut seconds = [0.0; 2];
    let mut opened = None;
    // sled keeps what it has read of its log when it is opened: the second time it reads little.
    for seconds in &mut seconds {
        if let Some(service) = opened.take() {
            close(service).await;
        }
        let started = Instant::now();
        opened = Some(open(folder));
        *seconds = started.elapsed().as_secs_f64();
    }
    let service = opened.expect("it was opened");
    let bytes = folder_bytes(&folder.join("data")) as f64 / reviews as f64;
    let reads = reads::measure(&service, reviews).await;
    let memory = memory();
    let writes = durable_writes(&service, &next).await;
    close(service).await;
    eprintln!("measured at {reviews}");
    Line { reviews, writes, bytes, open: seconds, memory, reads }
}

/// Writes per second by 1 and by 64 writers.
async fn durable_writes(service: &Service, next: &Arc<AtomicU64>) -> [f64; 2] {
    let mut writes = [0.0; 2];
    for (concurrency, speed) in [1, 64].into_iter().zip(&mut writes) {
        let (before, started) = (next.load(Ordering::Relaxed), Instant::now());
        write(service, next, concurrency, |_, started| started.elapsed() < TIME).await;
        let written = next.load(Ordering::Relaxed) - before - concurrency as u64;
        *speed = written as f64 / started.elapsed().as_secs_f64();
        // The numbers that were drawn and not written must not be missing later.
        next.fetch_sub(concurrency as u64, Ordering::Relaxed);
    }
    writes
}

async fn close(service: Service) {
    service.close().await.expect("the database closes");
}

/// Writers that go on for as long as `more` says, each with its next number.
async fn write(
    service: &Service,
    next: &Arc<AtomicU64>,
    concurrency: usize,
    more: impl Fn(u64, Instant) -> bool + Send + Copy + 'static,
) {
    let started = Instant::now();
    let writers = (0..concurrency).map(|_| {
        let (service, next) = (service.clone(), Arc::clone(next));
        tokio::spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if !more(number, started) {
                    return;
                }
                service
                    .create(generator::review(number), None, Priority::Interactive)
                    .await
                    .expect("it is stored");
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.expect("no writer panics");
    }
}

fn folder_bytes(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).expect("the folder can be read").flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(data) if data.is_dir() => folder_bytes(&entry.path()),
            Ok(data) => data.len(),
            Err(_) => 0,
        })
        .sum()
}

/// Memory of this process in RAM, in MiB.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.trim_matches(|c: char| !c.is_ascii_digit()).parse::<u64>().unwrap_or(0) >> 10
}

fn print(lines: &[Line]) {
    println!(
        "| reviews | writes/s, 1 writer | 64 writers | bytes/review | open s | open again s | memory MiB |"
    );
    println!("| ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    for line in lines {
        let Line { reviews, writes: [one, many], bytes, open: [first, again], memory, .. } = line;
        println!(
            "| {reviews} | {one:.0} | {many:.0} | {bytes:.0} | {first:.2} | {again:.2} | {memory} |"
        );
    }
    println!(
        "\nMilliseconds, median and 99th percentile of {TIMES}, the middle of {ROUNDS} rounds:\n"
    );
    let heads: Vec<_> = lines.iter().map(|line| line.reviews.to_string()).collect();
    println!("| read | {} |", heads.join(" | "));
    println!("| --- |{}", " ---: |".repeat(lines.len()));
    for (place, read) in lines.first().map(|line| &line.reads[..]).unwrap_or(&[]).iter().enumerate()
    {
        let cell = |line: &Line| {
            let read = &line.reads[place];
            format!("{:.2}, {:.2}", read.median, read.most)
        };
        let cells: Vec<_> = lines.iter().map(cell).collect();
        println!("| {} | {} |", read.name, cells.join(" | "));
    }
}
