//! Settings of the model and of the threads that score.

use super::layers::Layers;
use clap::Args;
use heartstrings_model::Compute;
use heartstrings_scoring::EngineOptions;
use std::path::PathBuf;
use std::time::Duration;

/// The settings of scoring as flags and environment variables, not yet checked.
#[derive(Args, Clone, Debug, Default)]
pub struct ScoringFlags {
    /// Folder of the model, looked for in the working directory and beside the binary
    /// [default: models/heartstrings-en]
    #[arg(long, env = "HEARTSTRINGS_MODEL", value_name = "FOLDER", global = true)]
    pub model: Option<String>,
    /// Number format of the forward: auto, fp32, bf16 or int16 (linear layers and
    /// attention in integers, nearly as exact as fp32) [default: auto]
    #[arg(long, env = "HEARTSTRINGS_PRECISION", value_name = "FORMAT", global = true)]
    pub precision: Option<String>,
    /// What the forward runs on: auto, cpu or cuda [default: auto]
    #[arg(long, env = "HEARTSTRINGS_DEVICE", value_name = "DEVICE", global = true)]
    pub device: Option<String>,
    /// Threads that score, each with its own network over shared weights [default: one a core]
    #[arg(long, env = "HEARTSTRINGS_SCORING_WORKERS", value_name = "N", global = true)]
    pub scoring_workers: Option<String>,
    /// Threads within one forward [default: 1]
    #[arg(long, env = "HEARTSTRINGS_THREADS_PER_WORKER", value_name = "N", global = true)]
    pub threads_per_worker: Option<String>,
    /// Most tokens scored in one batch [default: 512]
    #[arg(long, env = "HEARTSTRINGS_BATCH_TOKENS", value_name = "N", global = true)]
    pub batch_tokens: Option<String>,
    /// Most tokens that wait to be scored; beyond that requests get 503 [default: 131072]
    #[arg(long, env = "HEARTSTRINGS_QUEUE_TOKENS", value_name = "N", global = true)]
    pub queue_tokens: Option<String>,
    /// Most work that may wait when a single request comes, in seconds by the speed so far; beyond
    /// that it gets 503 at once, and from then on beyond half of it until nobody had to be refused
    /// for as long [default: 4]
    #[arg(long, env = "HEARTSTRINGS_QUEUE_SECONDS", value_name = "N", global = true)]
    pub queue_seconds: Option<String>,
    /// Longest time that a single request waits for its scores, in seconds; then it gets 503
    /// [default: 60]
    #[arg(long, env = "HEARTSTRINGS_SCORING_SECONDS", value_name = "N", global = true)]
    pub scoring_seconds: Option<String>,
    /// Memory for the scores of texts that may come again, in MiB; 0 scores every text anew
    /// [default: 32]
    #[arg(long, env = "HEARTSTRINGS_SCORE_CACHE_MIB", value_name = "MIB", global = true)]
    pub score_cache_mib: Option<String>,
}

/// Their keys in a settings file.
pub(super) const KEYS: &[&str] = &[
    "model",
    "precision",
    "device",
    "scoring_workers",
    "threads_per_worker",
    "batch_tokens",
    "queue_tokens",
    "queue_seconds",
    "scoring_seconds",
    "score_cache_mib",
];

/// The settings of scoring, checked.
pub(super) struct Scoring {
    /// Folder of the model.
    pub model: PathBuf,
    /// Number format of the forward, and what it runs on.
    pub compute: Compute,
    /// Workers, batches and queue.
    pub engine: EngineOptions,
    /// Longest wait of an interactive request for one text.
    pub deadline: Duration,
    /// Memory for scores that are kept, in bytes; 0 for none.
    pub cache: u64,
}

impl Scoring {
    /// Reads them out of the layers.
    pub(super) fn resolve(layers: &mut Layers, flags: &ScoringFlags) -> Self {
        const MIB: u64 = 1 << 20;
        let engine = EngineOptions::default();
        Self {
            model: layers.get("model", &flags.model, "models/heartstrings-en", find_model),
            compute: Compute {
                precision: layers.get("precision", &flags.precision, "auto", str::parse),
                device: layers.get("device", &flags.device, "auto", str::parse),
            },
            engine: EngineOptions {
                workers: layers.count(
                    "scoring_workers",
                    &flags.scoring_workers,
                    engine.workers,
                    1..=256,
                ),
                threads_per_worker: layers.count(
                    "threads_per_worker",
                    &flags.threads_per_worker,
                    engine.threads_per_worker,
                    1..=256,
                ),
                batch_tokens: layers.count(
                    "batch_tokens",
                    &flags.batch_tokens,
                    engine.batch_tokens,
                    1..=1_048_576,
                ),
                queue_tokens: layers.count(
                    "queue_tokens",
                    &flags.queue_tokens,
                    engine.queue_tokens,
                    1..=1 << 30,
                ),
                queue_time: Duration::from_secs(layers.count(
                    "queue_seconds",
                    &flags.queue_seconds,
                    engine.queue_time.as_secs() as usize,
                    1..=86_400,
                ) as u64),
            },
            deadline: Duration::from_secs(layers.count(
                "scoring_seconds",
                &flags.scoring_seconds,
                60,
                1..=86_400,
            ) as u64),
            cache: MIB
                * layers.count("score_cache_mib", &flags.score_cache_mib, 32, 0..=1 << 20) as u64,
        }
    }
}

/// Looks for a relative model folder in the working directory, then beside the binary, in
/// `share/heartstrings` of the binary's prefix, and in the folders above the binary (a build in
/// `target/release` finds the checkout). When none has it, the path stays as it is, and loading
/// says so.
fn find_model(folder: &str) -> Result<PathBuf, String> {
    let folder = PathBuf::from(folder);
    if folder.is_absolute() || folder.join("config.json").exists() {
        return Ok(folder);
    }
    let binary = std::env::current_exe().and_then(|path| path.canonicalize()).unwrap_or_default();
    let above = binary.ancestors().skip(1).take(4);
    let found = above
        .flat_map(|dir| [dir.join(&folder), dir.join("share/heartstrings").join(&folder)])
        .find(|candidate| candidate.join("config.json").exists());
    Ok(found.unwrap_or(folder))
}
