//! The network agrees with what the training code recorded: same weights, same texts, 1e-4.
//!
//! `HEARTSTRINGS_PARITY` names a folder with another `model` and its `fixtures.json`, such as `make model QUICK=1`
//! leaves behind.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

use heartstrings_inference::{HeadScores, Model as _, Segment, Window, WindowScores};
use heartstrings_model::{Compute, Device, Model, ModelError, Network, Precision};
use serde::Deserialize;
use std::path::{Path, PathBuf};

const TOLERANCE: f32 = 1e-4;

#[derive(Deserialize)]
struct Fixture {
    text: String,
    ids: Vec<u32>,
    #[serde(flatten)]
    whole: Heads,
    segments: Vec<Part>,
}

#[derive(Deserialize)]
struct Part {
    start: usize,
    end: usize,
    #[serde(flatten)]
    heads: Heads,
}

/// Logits of stars and emotions; the others through their sigmoid.
#[derive(Deserialize)]
struct Heads {
    stars: [f32; 5],
    emotions: Vec<f32>,
    affect: [f32; 3],
    intensity: [f32; 5],
    mixed: [f32; 1],
}

impl Heads {
    fn distance(&self, said: &HeadScores) -> f32 {
        let sigmoid = |logit: f32| 1.0 / (1.0 + (-logit).exp());
        let stars = self.stars.iter().zip(said.stars);
        let emotions = self.emotions.iter().zip(said.emotions);
        let affect = self.affect.iter().zip(said.affect.map(sigmoid));
        let intensity = self.intensity.iter().zip(said.intensity.map(sigmoid));
        let mixed = self.mixed.iter().zip([sigmoid(said.mixed)]);
        stars
            .chain(mixed)
            .chain(emotions)
            .chain(affect)
            .chain(intensity)
            .map(|(expected, got)| (expected - got).abs())
            .fold(0.0, f32::max)
    }
}

/// The file or folder `name` of another model, if one is named, or what stands at `shipped`.
fn place(name: &str, shipped: &str) -> PathBuf {
    let other = std::env::var_os("HEARTSTRINGS_PARITY").map(|folder| Path::new(&folder).join(name));
    other.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join(shipped))
}

fn fixtures() -> Vec<Fixture> {
    let path = place("fixtures.json", "tests/parity/fixtures.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn model() -> Model {
    model_in(Precision::Fp32)
}

fn model_in(precision: Precision) -> Model {
    load(precision).unwrap()
}

fn load(precision: Precision) -> Result<Model, ModelError> {
    let folder = place("model", "models/heartstrings-en");
    Model::load(&folder, Compute { precision, device: Device::Cpu })
}

fn window(fixture: &Fixture) -> Window {
    let segment = |part: &Part| Segment { sentence: 0, start: part.start, end: part.end };
    Window { ids: fixture.ids.clone(), segments: fixture.segments.iter().map(segment).collect() }
}

fn farthest(fixtures: &[Fixture], network: &Network, batch: usize) -> (f32, String) {
    let mut worst = (0.0, String::new());
    for chunk in fixtures.chunks(batch) {
        let windows: Vec<Window> = chunk.iter().map(window).collect();
        let scores = network.forward(&windows.iter().collect::<Vec<_>>(), &mut || ());
        for (fixture, score) in chunk.iter().zip(scores) {
            let mut distance = fixture.whole.distance(&score.whole);
            assert_eq!(score.segments.len(), fixture.segments.len());
            for (part, said) in fixture.segments.iter().zip(&score.segments) {
                distance = distance.max(part.heads.distance(said));
            }
            if distance >= worst.0 {
                worst = (distance, fixture.text.chars().take(60).collect());
            }
        }
    }
    worst
}

#[test]
fn the_network_agrees_with_the_training_code() {
    let (fixtures, network) = (fixtures(), model().network());
    assert!(fixtures.len() >= 32, "{} texts are too few", fixtures.len());
    for batch in [1, 7, 40] {
        let (distance, text) = farthest(&fixtures, &network, batch);
        assert!(distance < TOLERANCE, "off by {distance} in batches of {batch} on {text:?}");
    }
}

/// What the tokenizer of the service makes of a text is what the training code made of it.
#[test]
fn the_tokenizer_agrees_with_the_training_code() {
    let model = model();
    for fixture in fixtures() {
        // The recorded ones are cut to a window; and only there the two may differ, because the
        // service cuts at sentences.
        if fixture.ids.len() == 256 {
            continue;
        }
        let document = model.prepare(&fixture.text, Some("en")).unwrap();
        let mut sentences = vec![Vec::new(); document.sentences.len()];
        for window in &document.windows {
            for part in &window.segments {
                sentences[part.sentence].extend_from_slice(&window.ids[part.start..part.end]);
            }
        }
        // A repeated sentence is read once, and stands for all.
        let said: Vec<u32> =
            document.first_alike.iter().flat_map(|first| sentences[*first].clone()).collect();
        assert_eq!(said, fixture.ids[1..fixture.ids.len() - 1], "{:?}", fixture.text);
    }
}

#[test]
fn networks_that_share_weights_say_the_same() {
    let (fixtures, model) = (fixtures(), model());
    let (one, two) = (model.network(), model.network());
    let window = window(&fixtures[0]);
    let nothing = &mut || ();
    assert_eq!(one.forward(&[&window], nothing), two.forward(&[&window], nothing));
    assert!(one.forward(&[], nothing).is_empty());
}

/// All logits of a window and its segments, one after the other.
fn logits(scores: &[WindowScores]) -> Vec<f32> {
    let heads =
        scores.iter().flat_map(|window| [&window.whole].into_iter().chain(&window.segments));
    let all = |heads: &HeadScores| {
        [&heads.stars[..], &heads.emotions, &heads.affect, &heads.intensity].concat()
    };
    heads.flat_map(all).collect()
}

fn cosine(a: &[f32], b: &[f32]) -> f64 {
    let dot = |a: &[f32], b: &[f32]| -> f64 {
        a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
    };
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

/// A processor without bfloat16 computes the same as one that has it, slowly.
#[test]
fn in_bf16_the_network_says_nearly_the_same() {
    compare_with_fp32(Precision::Bf16, 0.9998, 0.15);
}

#[test]
fn in_int16_the_network_says_the_same() {
    match load(Precision::Int16) {
        Ok(_) => compare_with_fp32(Precision::Int16, 0.999_999, 0.01),
        Err(error) => {
            assert!(error.to_string().contains("AVX2"), "{error}");
            assert!(!std::fs::read_to_string("/proc/cpuinfo").unwrap().contains("avx2"));
        }
    }
}

fn compare_with_fp32(precision: Precision, least_cosine: f64, most_distance: f32) {
    let windows: Vec<Window> = fixtures().iter().map(window).collect();
    let batch: Vec<&Window> = windows.iter().collect();
    let scores = |precision| {
        let network = model_in(precision).network();
        // Alone and in company, short and as long as a window may be.
        let mut scores = network.forward(&batch[..1], &mut || ());
        scores.extend(network.forward(&batch, &mut || ()));
        scores
    };
    let (fp32, other) = (scores(Precision::Fp32), scores(precision));
    let pairs = || fp32.iter().zip(&other);
    let same = pairs()
        .map(|(a, b)| cosine(&logits(std::slice::from_ref(a)), &logits(std::slice::from_ref(b))));
    let worst = same.fold(1.0, f64::min);
    let distances = logits(&fp32).into_iter().zip(logits(&other)).map(|(a, b)| (a - b).abs());
    let farthest = distances.fold(0.0, f32::max);
    println!("{precision}: the cosine is {worst}, a logit is off by {farthest} at most");
    // The logits of a network that has hardly learnt anything are so small that rounding turns them.
    let only_rounded = farthest < 1e-3;
    assert!(worst > least_cosine || only_rounded, "the cosine of a window's logits is {worst}");
    assert!(farthest < most_distance, "a logit is off by {farthest}");
    // Otherwise this would compare fp32 with itself.
    assert!(farthest > 1e-4, "nothing was computed in {precision}");
}
