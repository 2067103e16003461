//! Linear layers whose weight is packed once.
//!
//! A weight in rows is packed into the blocks that the processor's matrix unit reads, by every
//! multiplication anew; for a review of a few sentences that takes as long as the arithmetic.
//! libtorch can do it beforehand, but not through tch: `onednn.cpp` is the door.
#![allow(unsafe_code)]

use std::ffi::{CStr, c_char, c_void};
use tch::{Device, Kind, Tensor};

unsafe extern "C" {
    fn heartstrings_pack(weight: *const c_void) -> *mut c_void;
    fn heartstrings_linear(
        input: *const c_void,
        packed: *const c_void,
        bias: *const c_void,
    ) -> *mut c_void;
    fn heartstrings_failure() -> *const c_char;
}

/// The packed weight of a linear layer.
pub struct PackedWeight(Tensor);

impl PackedWeight {
    /// Packs a weight of shape (outputs, inputs). `None` when this libtorch or this processor
    /// cannot, and for numbers that it multiplies as fast without: all but bfloat16.
    pub fn of(weight: &Tensor) -> Option<Self> {
        if weight.kind() != Kind::BFloat16 || weight.device() != Device::Cpu {
            return None;
        }
        // SAFETY: the pointer is of a tensor that outlives the call.
        let packed = unsafe { heartstrings_pack(weight.as_ptr().cast()) };
        if packed.is_null() {
            tracing::warn!(reason = failure(), "weights are not packed; short texts take longer");
            return None;
        }
        // SAFETY: the pointer is of a new tensor, which nothing else owns.
        Some(Self(unsafe { Tensor::from_ptr(packed.cast()) }))
    }

    /// The layer's output, shape (rows, outputs), for an input of shape (rows, inputs).
    ///
    /// # Panics
    /// When libtorch fails, as all of tch does.
    pub fn apply(&self, input: &Tensor, bias: &Tensor) -> Tensor {
        // SAFETY: the pointers are of tensors that outlive the call.
        let output = unsafe {
            heartstrings_linear(input.as_ptr().cast(), self.0.as_ptr().cast(), bias.as_ptr().cast())
        };
        assert!(!output.is_null(), "oneDNN cannot multiply: {}", failure());
        // SAFETY: the pointer is of a new tensor, which nothing else owns.
        unsafe { Tensor::from_ptr(output.cast()) }
    }

    /// Another handle on the same weight, for another thread.
    pub fn share(&self) -> Self {
        Self(self.0.shallow_clone())
    }
}

fn failure() -> String {
    // SAFETY: the text ends with a zero and stays until this thread's next call.
    let text = unsafe { CStr::from_ptr(heartstrings_failure()) };
    text.to_string_lossy().lines().next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packing_changes_nothing_but_the_speed() {
        let random = |shape: &[i64]| Tensor::randn(shape, (Kind::BFloat16, Device::Cpu));
        let (weight, bias) = (random(&[48, 32]), random(&[48]));
        let Some(packed) = PackedWeight::of(&weight) else {
            // Only a processor without AVX-512 cannot.
            assert!(!std::fs::read_to_string("/proc/cpuinfo").unwrap().contains("avx512bw"));
            return;
        };
        for rows in [1, 8, 80, 512] {
            let input = random(&[rows, 32]);
            let expected = input.linear(&weight, Some(&bias));
            let distance = packed.share().apply(&input, &bias) - &expected;
            let allowed = f64::from(2.0_f32.powi(-7)) * expected.abs().max().double_value(&[]);
            assert!(distance.abs().max().double_value(&[]) <= allowed, "{rows} rows");
        }
        assert!(PackedWeight::of(&weight.to_kind(Kind::Float)).is_none());
    }

    #[test]
    #[should_panic(expected = "oneDNN cannot multiply")]
    fn a_failure_is_a_panic_with_its_reason() {
        let random = |shape: &[i64]| Tensor::randn(shape, (Kind::BFloat16, Device::Cpu));
        let packed = PackedWeight::of(&random(&[48, 32])).expect("oneDNN cannot multiply here");
        let _ = packed.apply(&random(&[4, 31]), &random(&[48]));
    }
}
