//! Means of token vectors over windows and segments.

use heartstrings_inference::Window;
use tch::Tensor;

/// Most tokens whose means are taken in one multiplication.
const POOLED_AT_ONCE: usize = 512;

/// Means of token vectors: for each window the mean over all its tokens, framing tokens included,
/// then the means over its segments. `hidden` has shape (tokens or more, hidden); the result has shape
/// (windows and segments, hidden).
pub fn mean_pool(windows: &[&Window], hidden: &Tensor) -> Tensor {
    let mut means = Vec::new();
    let mut at = 0;
    let mut rest = windows;
    while !rest.is_empty() {
        let (mut count, mut tokens) = (0, 0);
        while count < rest.len() && (count == 0 || tokens + rest[count].ids.len() <= POOLED_AT_ONCE)
        {
            tokens += rest[count].ids.len();
            count += 1;
        }
        let weights = pooling_weights(&rest[..count], tokens).to_device(hidden.device());
        means.push(weights.matmul(&hidden.narrow(0, at, tokens as i64)));
        at += tokens as i64;
        rest = &rest[count..];
    }
    if means.len() == 1 { means.remove(0) } else { Tensor::cat(&means, 0) }
}

/// Weights that take the means over consecutive windows: shape (windows and segments, tokens).
fn pooling_weights(windows: &[&Window], tokens: usize) -> Tensor {
    let means: usize = windows.iter().map(|window| 1 + window.segments.len()).sum();
    let mut weights = vec![0f32; means * tokens];
    let (mut mean, mut at) = (0, 0);
    for window in windows {
        let mut fill = |start: usize, end: usize| {
            let row = mean * tokens + at;
            weights[row + start..row + end].fill(1.0 / (end - start) as f32);
            mean += 1;
        };
        fill(0, window.ids.len());
        window.segments.iter().for_each(|segment| fill(segment.start, segment.end));
        at += window.ids.len();
    }
    Tensor::from_slice(&weights).view([means as i64, tokens as i64])
}
