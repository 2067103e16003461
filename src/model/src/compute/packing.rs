//! Linear layers whose weight is packed once.
//!
//! A multiplication first packs the weight from rows into the blocks that the processor multiplies with. For a
//! review of a few sentences, packing takes as long as the arithmetic in bfloat16; for a line in fp32, half
//! as long. libtorch can pack a weight once, but tch does not bind that: `packing.cpp` calls oneDNN for
//! bfloat16 and MKL for fp32.
#![allow(unsafe_code)]

use heartstrings_inference::{HelperPool, MAX_POOL_THREADS, PartFn};
use std::ffi::{CStr, c_char, c_int, c_void};
use std::sync::Once;
use tch::{Device, Kind, Tensor};

unsafe extern "C" {
    fn heartstrings_pack(weight: *const c_void, parts: c_int) -> *mut c_void;
    fn heartstrings_linear(
        input: *const c_void,
        packed: *const c_void,
        bias: *const c_void,
        share: unsafe extern "C" fn(*const c_void, PartFn, *const c_void, c_int),
        pool: *const c_void,
    ) -> *mut c_void;
    fn heartstrings_failure() -> *const c_char;
}

/// Runs all parts of an operation on this thread and the helpers of a pool.
///
/// # Safety
/// `pool` is a [`HelperPool`], and `part_fn` may be called with `data` and each number below `parts`, on any
/// thread and concurrently, until this function returns.
unsafe extern "C" fn share(
    pool: *const c_void,
    part_fn: PartFn,
    data: *const c_void,
    parts: c_int,
) {
    // SAFETY: as promised above.
    unsafe { (*pool.cast::<HelperPool>()).run(part_fn, data, parts) }
}

/// Each of the warnings below is logged once.
static NOT_PACKED: Once = Once::new();
static WRONG: Once = Once::new();

/// The packed weight of a linear layer, and its number of inputs.
pub struct PackedWeight {
    packed: Tensor,
    inputs: i64,
}

impl PackedWeight {
    /// Packs a weight of shape (outputs, inputs). `None` when this libtorch or this processor cannot,
    /// and for a weight on another device than the CPU.
    pub fn of(weight: &Tensor) -> Option<Self> {
        let is_known = matches!(weight.kind(), Kind::BFloat16 | Kind::Float);
        if !is_known || weight.device() != Device::Cpu {
            return None;
        }
        // SAFETY: the pointer is to a tensor that outlives the call.
        let packed = unsafe { heartstrings_pack(weight.as_ptr().cast(), parts(weight)) };
        if packed.is_null() {
            let reason = failure();
            // The reason is the same for all weights.
            NOT_PACKED.call_once(|| {
                tracing::warn!(reason, "weights are not packed, so short texts take longer");
            });
            return None;
        }
        // SAFETY: the pointer is to a new tensor, which nothing else owns.
        let packed = unsafe { Tensor::from_ptr(packed.cast()) };
        let packed = Self { packed, inputs: weight.size()[1] };
        if packed.agrees_with(weight) {
            return Some(packed);
        }
        WRONG.call_once(|| {
            tracing::warn!("packed weights give wrong products on this processor, so they are not used; short texts take longer");
        });
        None
    }

    /// Whether it gives the products of the weight itself. MKL does not promise that a weight packed for
    /// one number of rows serves for another; on every processor tried so far it does.
    fn agrees_with(&self, weight: &Tensor) -> bool {
        if weight.kind() != Kind::Float {
            return true;
        }
        let bias = Tensor::zeros([weight.size()[0]], (Kind::Float, Device::Cpu));
        [1, 8, 21].into_iter().all(|rows| {
            let count = rows * self.inputs;
            let input = Tensor::arange(count, (Kind::Float, Device::Cpu)).sin();
            let input = input.view([rows, self.inputs]);
            let expected = input.linear(weight, Some(&bias));
            let most = 1e-5 * expected.abs().max().double_value(&[]);
            let distance = (self.apply(&input, &bias, &HelperPool::default()) - expected)
                .abs()
                .max()
                .double_value(&[]);
            // NaN is no agreement.
            distance <= most
        })
    }

    /// Whether several threads can share a multiplication.
    pub fn is_shared(&self) -> bool {
        self.packed.kind() == Kind::Uint8 && self.packed.size()[0] > 1
    }

    /// The layer's output, shape (rows, outputs), for an input of shape (rows, inputs). The threads of
    /// `pool` take parts of it.
    ///
    /// # Panics
    /// When the input has another shape, or libtorch fails.
    pub fn apply(&self, input: &Tensor, bias: &Tensor, pool: &HelperPool) -> Tensor {
        // MKL would read beyond the end of an input that is too short.
        assert!(
            matches!(*input.size(), [_, inputs] if inputs == self.inputs),
            "cannot multiply {:?} by a weight of {} inputs",
            input.size(),
            self.inputs
        );
        // SAFETY: the pointers are to tensors that outlive the call.
        let output = unsafe {
            heartstrings_linear(
                input.as_ptr().cast(),
                self.packed.as_ptr().cast(),
                bias.as_ptr().cast(),
                share,
                std::ptr::from_ref(pool).cast(),
            )
        };
        assert!(!output.is_null(), "cannot multiply: {}", failure());
        // SAFETY: the pointer is to a new tensor, which nothing else owns.
        unsafe { Tensor::from_ptr(output.cast()) }
    }

    /// Another handle on the same weight, for another thread.
    pub fn share(&self) -> Self {
        Self { packed: self.packed.shallow_clone(), inputs: self.inputs }
    }
}

/// Number of parts in which a weight is packed: one for each core that one multiplication may use. The width
/// of a part is a multiple of the width of the processor's registers.
fn parts(weight: &Tensor) -> c_int {
    const WIDTH: i64 = 16;
    let cores = std::thread::available_parallelism().map_or(1, usize::from) as i64;
    let outputs = weight.size()[0];
    let fits = |parts: &i64| outputs % (parts * WIDTH) == 0;
    (1..=cores.min(MAX_POOL_THREADS as i64)).rev().find(fits).unwrap_or(1) as c_int
}

/// First line of the reason why this thread's last call failed.
fn failure() -> String {
    // SAFETY: the text is terminated by a zero and stays valid until this thread's next call.
    let text = unsafe { CStr::from_ptr(heartstrings_failure()) };
    text.to_string_lossy().lines().next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use heartstrings_inference::with_helpers;

    fn random(shape: &[i64], kind: Kind) -> Tensor {
        Tensor::randn(shape, (Kind::Float, Device::Cpu)).to_kind(kind)
    }

    /// Largest distance from an unpacked layer's output, as a share of its largest number.
    fn distance(packed: &PackedWeight, weight: &Tensor, bias: &Tensor, rows: i64) -> f64 {
        let input = random(&[rows, weight.size()[1]], weight.kind());
        let expected = input.linear(weight, Some(bias));
        let distance =
            (packed.share().apply(&input, bias, &HelperPool::default()) - &expected).abs().max();
        distance.double_value(&[]) / expected.abs().max().double_value(&[])
    }

    #[test]
    fn packing_changes_nothing_but_the_speed() {
        let kind = Kind::BFloat16;
        let (weight, bias) = (random(&[48, 32], kind), random(&[48], kind));
        let Some(packed) = PackedWeight::of(&weight) else {
            // Only a processor without AVX-512 cannot.
            assert!(!std::fs::read_to_string("/proc/cpuinfo").unwrap().contains("avx512bw"));
            return;
        };
        for rows in [1, 8, 80, 512] {
            let distance = distance(&packed, &weight, &bias, rows);
            assert!(distance <= f64::from(2.0_f32.powi(-7)), "{rows} rows: {distance}");
        }
    }

    /// MKL packs for one number of rows; the packed weight must serve for all that a batch may have.
    #[test]
    fn a_weight_packed_by_mkl_serves_for_any_number_of_rows() {
        let kind = Kind::Float;
        let (weight, bias) = (random(&[96, 64], kind), random(&[96], kind));
        let packed = PackedWeight::of(&weight).expect("the libtorch that is fetched has MKL");
        for rows in 1..=2_048 {
            let distance = distance(&packed, &weight, &bias, rows);
            assert!(distance <= 1e-5, "{rows} rows: {distance}");
        }
    }

    /// Each output is the same sum with any number of helpers.
    #[test]
    fn helpers_change_nothing() {
        let (weight, bias) = (random(&[96, 64], Kind::Float), random(&[96], Kind::Float));
        let packed = PackedWeight::of(&weight).expect("the libtorch that is fetched has MKL");
        let input = random(&[33, 64], Kind::Float);
        let alone = packed.apply(&input, &bias, &HelperPool::default());
        with_helpers(MAX_POOL_THREADS - 1, |pool| {
            for _ in 0..100 {
                let distance = (packed.apply(&input, &bias, pool) - &alone).abs().max();
                assert!(distance.double_value(&[]) <= 1e-6);
            }
        });
    }

    #[test]
    fn a_weight_that_does_not_agree_is_not_used() {
        let weight = random(&[96, 64], Kind::Float);
        let packed = PackedWeight::of(&weight).expect("the libtorch that is fetched has MKL");
        assert!(packed.agrees_with(&weight));
        assert!(!packed.agrees_with(&(&weight * 1.01)));
        assert!(!packed.agrees_with(&(&weight * f64::NAN)));
    }

    #[test]
    #[should_panic(expected = "cannot multiply")]
    fn a_failure_is_a_panic_with_its_reason() {
        let (weight, bias) = (random(&[48, 32], Kind::Float), random(&[48], Kind::Float));
        let packed = PackedWeight::of(&weight).expect("cannot multiply here");
        let _ = packed.apply(&random(&[4, 31], Kind::Float), &bias, &HelperPool::default());
    }
}
