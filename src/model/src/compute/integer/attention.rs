//! Attention in 16-bit integers on AVX2, for heads of size 32.
//!
//! A query times all keys of its window, and the attention weights times all values, are multiplications like
//! those of the linear layers, and use the same tiles. Each query, each key and each dimension of the values has
//! a scale of its own. In between, the scores of six queries stay in the L1 cache. libtorch's fused
//! kernel in fp32 takes 2.5 times as long at 256 tokens, and nearly 5 times at 24, where
//! most of the time is call overhead. `attention.cpp` has the instructions.
#![allow(unsafe_code)]

use super::kernel::is_there;
use heartstrings_inference::HelperPool;
use std::cell::RefCell;
use std::ops::Range;
use tch::{Device, Kind, Tensor};

/// Length of a head's vectors; the kernel supports no other.
const SIZE: usize = 32;

unsafe extern "C" {
    fn heartstrings_attention_scratch(tokens: usize) -> usize;
    fn heartstrings_attend(head: *const Head);
}

/// One head within one window.
#[repr(C)]
struct Head {
    tokens: usize,
    /// Distance from one token to the next, in numbers, in the input and in the output.
    given_stride: usize,
    taken_stride: usize,
    query: *const f32,
    key: *const f32,
    value: *const f32,
    taken: *mut f32,
    /// As many numbers as `heartstrings_attention_scratch` returns.
    scratch: *mut f32,
}

/// All heads of a batch. Different threads may compute different ones.
struct Heads<'a> {
    windows: &'a [&'a [u32]],
    heads: usize,
    given: *const f32,
    taken: *mut f32,
}

// SAFETY: the input is not written to, and each head writes to numbers of its own.
unsafe impl Sync for Heads<'_> {}

thread_local! {
    static SCRATCH: RefCell<Vec<f32>> = const { RefCell::new(Vec::new()) };
}

/// Whether this kernel can compute heads of this size on this device.
pub fn is_possible(size: i64, device: Device) -> bool {
    size == SIZE as i64 && device == Device::Cpu && is_there()
}

/// The context vector of each token, shape (rows, heads × 32), from queries, keys and values of shape
/// (rows, 3 × heads × 32) in fp32, the windows one after the other. The threads of `pool` take some of the
/// heads. A query that is not finite gives NaN for its token; a key or value that is not finite gives NaN for
/// its whole window.
///
/// # Panics
/// When the shape or the number format is wrong, or this device has no kernel ([`is_possible`]).
pub fn attend(given: &Tensor, windows: &[&[u32]], heads: usize, pool: &HelperPool) -> Tensor {
    let rows = windows.iter().map(|window| window.len()).sum::<usize>() as i64;
    let hidden = (heads * SIZE) as i64;
    let size = given.size();
    let fits = size == [rows, 3 * hidden] && given.kind() == Kind::Float;
    let is_supported = is_possible(SIZE as i64, given.device());
    assert!(
        fits && is_supported,
        "cannot attend to {size:?} with {heads} heads over {rows} tokens"
    );
    let given = given.contiguous();
    let taken = Tensor::empty([rows, hidden], (Kind::Float, Device::Cpu));
    let all = Heads {
        windows,
        heads,
        given: given.data_ptr().cast_const().cast(),
        taken: taken.data_ptr().cast(),
    };
    // SAFETY: the tensors have the sizes given and outlive the call, and the processor has the instructions.
    pool.for_each_range(heads, |heads| unsafe { all.part(heads) });
    taken
}

impl Heads<'_> {
    /// Computes these heads in all windows.
    ///
    /// # Safety
    /// [`is_there`] is true, the pointers are to as many numbers as the windows need,
    /// and no other thread writes to these heads.
    unsafe fn part(&self, heads: Range<usize>) {
        let hidden = self.heads * SIZE;
        let longest = self.windows.iter().map(|window| window.len()).max().unwrap_or(0);
        SCRATCH.with_borrow_mut(|scratch| {
            // SAFETY: the function only computes a size.
            let needed = unsafe { heartstrings_attention_scratch(longest) };
            scratch.resize(needed.max(scratch.len()), 0.0);
            let mut first = 0;
            for window in self.windows {
                for head in heads.clone() {
                    // SAFETY: the window ends before the last row, and the head before its last number.
                    unsafe {
                        let given = self.given.add(first * 3 * hidden + head * SIZE);
                        heartstrings_attend(&Head {
                            tokens: window.len(),
                            given_stride: 3 * hidden,
                            taken_stride: hidden,
                            query: given,
                            key: given.add(hidden),
                            value: given.add(2 * hidden),
                            taken: self.taken.add(first * hidden + head * SIZE),
                            scratch: scratch.as_mut_ptr(),
                        });
                    }
                }
                first += window.len();
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use heartstrings_inference::{MAX_POOL_THREADS, with_helpers};

    const HEADS: usize = 3;
    const LENGTHS: [usize; 8] = [1, 2, 3, 15, 16, 17, 80, 256];

    /// Windows of these lengths, one after the other.
    fn windows(ids: &[u32]) -> Vec<&[u32]> {
        let mut rest = ids;
        LENGTHS
            .iter()
            .map(|length| {
                let (window, left) = rest.split_at(*length);
                rest = left;
                window
            })
            .collect()
    }

    fn rows() -> usize {
        LENGTHS.iter().sum()
    }

    fn random() -> Tensor {
        Tensor::randn([rows() as i64, 3 * (HEADS * SIZE) as i64], (Kind::Float, Device::Cpu))
    }

    fn attend_all(given: &Tensor, pool: &HelperPool) -> Tensor {
        attend(given, &windows(&vec![0; rows()]), HEADS, pool)
    }

    /// libtorch's result for one window.
    fn expected(given: &Tensor, first: i64, length: i64) -> Tensor {
        let heads = given.narrow(0, first, length).view([length, 3, HEADS as i64, SIZE as i64]);
        let part = |part: i64| heads.select(1, part).transpose(0, 1);
        let scores = part(0).matmul(&part(1).transpose(1, 2)) / (SIZE as f64).sqrt();
        let taken = scores.softmax(-1, Kind::Float).matmul(&part(2));
        taken.transpose(0, 1).reshape([length, (HEADS * SIZE) as i64])
    }

    fn distance(a: &Tensor, b: &Tensor) -> f64 {
        (a - b).abs().max().double_value(&[])
    }

    /// From uniform attention to attention on a single token.
    #[test]
    fn it_computes_what_libtorch_computes() {
        for factor in [0.0, 0.3, 1.0, 4.0, 30.0] {
            let given = random();
            let _ = given.narrow(1, 0, (HEADS * SIZE) as i64).g_mul_scalar_(factor);
            let taken = attend_all(&given, &HelperPool::default());
            let mut first = 0;
            for length in LENGTHS {
                let (first_row, rows) = (first as i64, length as i64);
                let far =
                    distance(&taken.narrow(0, first_row, rows), &expected(&given, first_row, rows));
                // An error of 1 in 10,000 in a score of 100 is 0.01, which changes an attention weight by as much.
                let most = if factor > 10.0 { 0.05 } else { 2e-3 };
                assert!(far < most, "{length} tokens, queries times {factor}: {far}");
                first += length;
            }
        }
    }

    /// A value that is far larger than the others of its token does not make the others less exact.
    #[test]
    fn outliers_cost_little() {
        let given = random();
        let value = 2 * (HEADS * SIZE) as i64;
        let _ = given.narrow(1, value + 5, 1).fill_(1e4);
        let taken = attend_all(&given, &HelperPool::default());
        let expected = expected(&given, 0, 1);
        let others = |tensor: &Tensor| tensor.narrow(0, 0, 1).narrow(1, 6, 20);
        assert!(distance(&others(&taken), &others(&expected)) < 2e-3);
        assert!((taken.narrow(1, 5, 1) / 1e4 - 1.0).abs().max().double_value(&[]) < 1e-3);
    }

    #[test]
    fn helpers_change_nothing() {
        let given = random();
        let alone = attend_all(&given, &HelperPool::default());
        with_helpers(MAX_POOL_THREADS - 1, |pool| {
            for _ in 0..20 {
                assert_eq!(attend_all(&given, pool), alone);
            }
        });
    }

    #[test]
    fn a_number_that_is_not_finite_affects_its_own_window_only() {
        let hidden = (HEADS * SIZE) as i64;
        let count = |tensor: &Tensor| tensor.isnan().sum(Kind::Int64).int64_value(&[]);
        // The window of 17 tokens begins after 37 others; the numbers belong to its first head.
        let (first, length) = (37, 17);
        for (place, value, spoilt) in [
            (0, f64::NAN, 1),
            (0, f64::NEG_INFINITY, 1),
            (hidden, f64::NAN, length),
            (2 * hidden, f64::INFINITY, length),
        ] {
            let given = random();
            let _ = given.narrow(0, first + 3, 1).narrow(1, place + 7, 1).fill_(value);
            let taken = attend_all(&given, &HelperPool::default());
            assert_eq!(count(&taken), spoilt * SIZE as i64, "{place} {value}");
            assert_eq!(count(&taken.narrow(0, first, length)), spoilt * SIZE as i64);
        }
        let zeros = attend_all(&(random() * 0.0), &HelperPool::default());
        assert_eq!(zeros, zeros.zeros_like());
    }

    #[test]
    #[should_panic(expected = "cannot attend")]
    fn a_wrong_shape_is_a_panic_with_its_reason() {
        let _ = attend(&random().narrow(0, 0, 7), &[&[0; 8]], HEADS, &HelperPool::default());
    }
}
