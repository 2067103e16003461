//! Attention in integers of 16 bits on AVX2, for heads of 32 numbers.
//!
//! A query times all keys of its window, and the shares that follow times all values, are multiplications like
//! those of the linear layers, and are done by the same tiles. A query, a key and each number of the values have
//! a scale of their own. In between the scores of six queries stay in the first cache, where libtorch's fused
//! kernel walks over them in fp32: it takes 2.5 times as long at 256 tokens, and nearly 5 times at 24, where
//! most of it is the calls. `attention.cpp` has the instructions.

use super::kernel::is_there;
use heartstrings_inference::HelperPool;
use std::cell::RefCell;
use std::ops::Range;
use tch::{Device, Kind, Tensor};

/// Numbers of a head; the network has no other.
const SIZE: usize = 32;

unsafe extern "C" {
    fn heartstrings_attention_scratch(tokens: usize) -> usize;
    fn heartstrings_attend(head: *const Head);
}

/// One head within one window.
#[repr(C)]
struct Head {
    tokens: usize,
    /// Numbers from one token to the next in what is given and in what is taken.
    given_stride: usize,
    taken_stride: usize,
    query: *const f32,
    key: *const f32,
    value: *const f32,
    taken: *mut f32,
    /// As many numbers as `heartstrings_attention_scratch` says.
    scratch: *mut f32,
}

/// All heads of a batch, of which different threads may do different ones.
struct Heads<'a> {
    windows: &'a [&'a [u32]],
    heads: usize,
    given: *const f32,
    taken: *mut f32,
}

// SAFETY: nobody writes to what is read, and each head writes to numbers of its own.
unsafe impl Sync for Heads<'_> {}

thread_local! {
    static SCRATCH: RefCell<Vec<f32>> = const { RefCell::new(Vec::new()) };
}

/// Whether heads of this size can be done so on this processor.
pub fn is_possible(size: i64, device: Device) -> bool {
    size == SIZE as i64 && device == Device::Cpu && is_there()
}

/// What each token reads from its own window, shape (rows, heads × 32), given queries, keys and values of shape
/// (rows, 3 × heads × 32) in fp32, the windows one after the other. Whoever helps the `team` takes some of the
/// heads. A token whose query is not finite, and all of a window with another number that is not, read what is
/// not a number.
///
/// # Panics
/// When the shape or the format is another one, or heads are of another size ([`is_possible`]).
pub fn attend(given: &Tensor, windows: &[&[u32]], heads: usize, team: &HelperPool) -> Tensor {
    let rows = windows.iter().map(|window| window.len()).sum::<usize>() as i64;
    let hidden = (heads * SIZE) as i64;
    let size = given.size();
    let fits = size == [rows, 3 * hidden] && given.kind() == Kind::Float;
    let is_there = is_possible(SIZE as i64, given.device());
    assert!(fits && is_there, "cannot attend to {size:?} with {heads} heads over {rows} tokens");
    let given = given.contiguous();
    let taken = Tensor::empty([rows, hidden], (Kind::Float, Device::Cpu));
    let all = Heads {
        windows,
        heads,
        given: given.data_ptr().cast_const().cast(),
        taken: taken.data_ptr().cast(),
    };
    // SAFETY: the tensors have as many numbers and outlive the call, and the processor has the instructions.
    team.share(heads, |heads| unsafe { all.part(heads) });
    taken
}

impl Heads<'_> {
    /// Does a part: these heads, of all windows.
    ///
    /// # Safety
    /// This processor has what [`is_there`] asks for, the pointers are to as many numbers as the windows have,
    /// and nobody else writes to these heads.
    unsafe fn part(&self, heads: Range<usize>) {
        let hidden = self.heads * SIZE;
        let longest = self.windows.iter().map(|window| window.len()).max().unwrap_or(0);
        SCRATCH.with_borrow_mut(|scratch| {
            // SAFETY: it only reckons.
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
    use heartstrings_inference::{MOST_CORES, with_helpers};

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

    fn attend_all(given: &Tensor, team: &HelperPool) -> Tensor {
        attend(given, &windows(&vec![0; rows()]), HEADS, team)
    }

    /// What libtorch says of one window.
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

    /// From a query that looks at everything alike to one that looks at one token alone.
    #[test]
    fn it_reads_what_libtorch_reads() {
        for factor in [0.0, 0.3, 1.0, 4.0, 30.0] {
            let given = random();
            let _ = given.narrow(1, 0, (HEADS * SIZE) as i64).g_mul_scalar_(factor);
            let taken = attend_all(&given, &HelperPool::default());
            let mut first = 0;
            for length in LENGTHS {
                let (first_row, rows) = (first as i64, length as i64);
                let far =
                    distance(&taken.narrow(0, first_row, rows), &expected(&given, first_row, rows));
                // Of a score of a hundred a part in 10,000 is a hundredth, and a share that much off.
                let most = if factor > 10.0 { 0.05 } else { 2e-3 };
                assert!(far < most, "{length} tokens, queries times {factor}: {far}");
                first += length;
            }
        }
    }

    /// A value that is far larger than the others of its token costs the others nothing.
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
    fn nothing_else_is_changed_by_who_helps() {
        let given = random();
        let alone = attend_all(&given, &HelperPool::default());
        with_helpers(MOST_CORES - 1, |team| {
            for _ in 0..20 {
                assert_eq!(attend_all(&given, team), alone);
            }
        });
    }

    #[test]
    fn what_is_not_finite_stays_in_its_window() {
        let hidden = (HEADS * SIZE) as i64;
        let count = |tensor: &Tensor| tensor.isnan().sum(Kind::Int64).int64_value(&[]);
        // The window of 17 tokens begins behind 37 others; the numbers are of its first head.
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
    fn another_shape_is_a_panic_with_its_reason() {
        let _ = attend(&random().narrow(0, 0, 7), &[&[0; 8]], HEADS, &HelperPool::default());
    }
}
