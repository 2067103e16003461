//! Linear layers in integers of 16 bits, for processors that are slow in bfloat16.
//!
//! AVX2 multiplies and adds twice as many integers of 16 bits at a time as numbers of fp32, and half
//! the bytes are read. Each row of an input, which is one token's, and each output's weights are scaled
//! to integers by themselves, so a token's numbers do not depend on who else is in the batch. A sum is of
//! 32 bits and exact: rows are scaled so that none can overflow, by the inequality of Cauchy and Schwarz.
//! With some 11 bits of each factor a sum is off by about 3 parts in 10,000, which is a sixth of what
//! bfloat16 loses.
#![allow(unsafe_code)]

mod kernel;

use super::team::{MOST_CORES, Team};
use kernel::{BLOCK, Multiplication};
use std::cell::RefCell;
use std::ffi::{c_int, c_void};
use tch::{Device, Kind, Tensor};

pub use kernel::is_there;

/// The root of the mean square of an output's integer weights, where no single weight is too large for
/// that. What is left of 31 bits for the input is then about as precise.
const WEIGHT: f32 = 1_200.0;
/// Largest integer, in both directions.
const MOST: f32 = 32_767.0;
/// Largest sum; a little less than 2³¹, because rounding may make a row longer than it was scaled to.
const SUM: f32 = 2.1e9;

/// Parts of a multiplication that different threads may do.
const PARTS: usize = MOST_CORES;

/// The weight of a linear layer as integers, in blocks of outputs.
pub struct IntegerWeight {
    /// [`kernel`] says in which order. A tensor, because its memory begins on a cache line.
    packed: Tensor,
    /// What one stands for, by output.
    scales: Tensor,
    inputs: usize,
    outputs: usize,
    /// Longest vector that an input row may become, so that no sum overflows.
    longest_row: f32,
}

thread_local! {
    /// Rows of an input as integers, and what one stands for in each. Kept, because it is needed anew
    /// for each of some thirty layers.
    static ROWS: RefCell<(Vec<i16>, Vec<f32>)> = const { RefCell::new((Vec::new(), Vec::new())) };
}

impl IntegerWeight {
    /// Packs a weight of shape (outputs, inputs) in fp32. `None` when this processor has no AVX2, for
    /// sizes that are not multiples of 16, and for what is not on the processor.
    pub fn of(weight: &Tensor) -> Option<Self> {
        let (outputs, inputs) = weight.size2().ok()?;
        let (outputs, inputs) = (outputs as usize, inputs as usize);
        let fits = outputs.is_multiple_of(BLOCK) && inputs.is_multiple_of(BLOCK);
        if !is_there() || !fits || weight.device() != Device::Cpu || weight.kind() != Kind::Float {
            return None;
        }
        let values: Vec<f32> = Vec::try_from(weight.contiguous().view([-1])).ok()?;
        let mut integers = Vec::with_capacity(values.len());
        let (mut scales, mut longest) = (Vec::with_capacity(outputs), 0.0_f64);
        for row in values.chunks_exact(inputs) {
            let most = row.iter().fold(0.0_f32, |most, value| most.max(value.abs()));
            let mean_square = row.iter().map(|value| value * value).sum::<f32>() / inputs as f32;
            let factor = (WEIGHT / mean_square.sqrt()).min(MOST / most);
            // A row of zeros stays one.
            let factor = if factor.is_finite() { factor } else { 0.0 };
            let scaled = row.iter().map(|value| (value * factor).round() as i16);
            let start = integers.len();
            integers.extend(scaled);
            let square: f64 = integers[start..].iter().map(|value| f64::from(*value).powi(2)).sum();
            longest = longest.max(square.sqrt());
            scales.push(if factor > 0.0 { 1.0 / factor } else { 0.0 });
        }
        Some(Self {
            packed: Tensor::from_slice(&kernel::pack(&integers, inputs)),
            scales: Tensor::from_slice(&scales),
            inputs,
            outputs,
            longest_row: SUM / (longest as f32).max(1.0),
        })
    }

    /// Another handle on the same weight, for another thread.
    pub fn share(&self) -> Self {
        Self { packed: self.packed.shallow_clone(), scales: self.scales.shallow_clone(), ..*self }
    }

    /// The layer's output, shape (rows, outputs), for an input of shape (rows, inputs) and a bias of
    /// shape (outputs), all in fp32. Whoever helps the `team` takes parts of it. A row with a number
    /// that is not finite comes out as not a number.
    ///
    /// # Panics
    /// When a shape or a format is another one.
    pub fn apply(&self, input: &Tensor, bias: &Tensor, team: &Team) -> Tensor {
        let size = input.size();
        let is_right = matches!(*size, [_, inputs] if inputs as usize == self.inputs)
            && bias.size() == [self.outputs as i64]
            && [input, bias].iter().all(|t| t.kind() == Kind::Float && t.device() == Device::Cpu);
        assert!(
            is_right,
            "cannot multiply {size:?} by a weight of {} inputs and {} outputs",
            self.inputs, self.outputs
        );
        let (input, bias) = (input.contiguous(), bias.contiguous());
        let rows = size[0] as usize;
        let output = Tensor::empty([size[0], self.outputs as i64], (Kind::Float, Device::Cpu));
        ROWS.with_borrow_mut(|(integers, scales)| {
            integers.resize(rows * self.inputs, 0);
            scales.resize(rows, 0.0);
            // SAFETY: a contiguous tensor of this shape has so many numbers, and outlives the slice.
            let given = unsafe {
                std::slice::from_raw_parts(input.data_ptr().cast::<f32>(), rows * self.inputs)
            };
            self.scale_rows(given, integers, scales);
            let all = Multiplication {
                rows,
                inputs: self.inputs,
                outputs: self.outputs,
                input: integers.as_ptr(),
                row_scales: scales.as_ptr(),
                weight: self.packed.data_ptr().cast_const().cast(),
                output_scales: self.scales.data_ptr().cast_const().cast(),
                bias: bias.data_ptr().cast_const().cast(),
                output: output.data_ptr().cast(),
            };
            let data = std::ptr::from_ref(&all).cast();
            // SAFETY: each part writes to outputs of its own, and all that `all` points to outlives
            // the call.
            unsafe { team.run(multiply_part, data, PARTS as c_int) };
        });
        output
    }

    /// Rows of an input as integers, each as long as it may be, in two senses: no number is beyond 16
    /// bits, and the row as a vector is not too long for a sum. `scales` says what one stands for in each
    /// row; not a number in a row that holds one that is not finite.
    fn scale_rows(&self, input: &[f32], integers: &mut [i16], scales: &mut [f32]) {
        let rows = input.chunks_exact(self.inputs).zip(integers.chunks_exact_mut(self.inputs));
        for ((row, integers), scale) in rows.zip(scales) {
            // SAFETY: a weight is only packed where the processor has what is needed.
            let (most, square) = unsafe { kernel::extent(row) };
            let factor = (MOST / most).min(self.longest_row / square.sqrt());
            let is_finite = square.is_finite();
            let factor = if factor.is_finite() && is_finite { factor } else { 0.0 };
            *scale = match (is_finite, factor > 0.0) {
                (false, _) => f32::NAN,
                (true, true) => 1.0 / factor,
                (true, false) => 0.0,
            };
            // SAFETY: as above.
            unsafe { kernel::round(row, factor, integers) };
        }
    }
}

/// Does one part of a multiplication.
///
/// # Safety
/// `data` is a [`Multiplication`] whose pointers are good, and `part` is one of its parts.
unsafe extern "C" fn multiply_part(data: *const c_void, part: c_int) {
    // SAFETY: as promised above.
    unsafe { (*data.cast::<Multiplication>()).part(part as usize, PARTS) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn random(shape: &[i64]) -> Tensor {
        Tensor::randn(shape, (Kind::Float, Device::Cpu))
    }

    /// Largest distance from the layer in fp32, as a share of what a number typically is.
    fn distance(weight: &Tensor, bias: &Tensor, input: &Tensor) -> f64 {
        let expected = input.linear(weight, Some(bias));
        let packed = IntegerWeight::of(weight).expect("this processor has AVX2");
        let distance =
            (packed.share().apply(input, bias, &Team::default()) - &expected).abs().max();
        distance.double_value(&[]) / expected.square().mean(Kind::Float).sqrt().double_value(&[])
    }

    #[test]
    fn it_multiplies_as_fp32_does() {
        for (outputs, inputs) in [(16, 16), (48, 384), (1_152, 384), (384, 1_536)] {
            let (weight, bias) = (random(&[outputs, inputs]), random(&[outputs]));
            for rows in (1..=20).chain([96, 97, 103, 512]) {
                let far = distance(&weight, &bias, &random(&[rows, inputs]));
                assert!(far < 3e-3, "{outputs} × {inputs}, {rows} rows: {far}");
            }
        }
    }

    /// One large number in a row, as the network has them, and rows of very different lengths.
    #[test]
    fn outliers_cost_little() {
        let (weight, bias) = (random(&[64, 384]), random(&[64]));
        let input = random(&[8, 384]);
        let _ = input.narrow(1, 7, 1).fill_(30.0);
        assert!(distance(&weight, &bias, &input) < 3e-3);
        let _ = input.get(3).g_mul_scalar_(1e-4);
        let packed = IntegerWeight::of(&weight).unwrap();
        let zero = bias.zeros_like();
        let small = packed.apply(&input, &zero, &Team::default()).get(3);
        let expected = input.linear(&weight, Some(&zero)).get(3);
        let distance = (small - &expected).abs().max().double_value(&[]);
        assert!(distance < 3e-3 * expected.abs().max().double_value(&[]));
    }

    /// The worst that there is: every product as large as it can be, and of the same sign.
    #[test]
    fn no_sum_overflows() {
        let ones = |shape: &[i64]| Tensor::ones(shape, (Kind::Float, Device::Cpu));
        for inputs in [16, 384, 1_536, 6_144] {
            let (weight, bias) =
                (ones(&[16, inputs]), Tensor::zeros([16], (Kind::Float, Device::Cpu)));
            for value in [1e-15, 1.0, -1e15] {
                let input = ones(&[7, inputs]) * value;
                let packed = IntegerWeight::of(&weight).unwrap();
                let output = packed.apply(&input, &bias, &Team::default());
                let share = (output / (value * inputs as f64) - 1.0).abs().max().double_value(&[]);
                assert!(share < 1e-3, "{inputs} × {value}: {share}");
            }
        }
    }

    #[test]
    fn nothing_and_what_is_not_a_number() {
        let (weight, bias) = (random(&[32, 64]), random(&[32]));
        let input = random(&[4, 64]);
        let _ = input.get(0).fill_(0.0);
        let _ = input.get(1).narrow(0, 5, 1).fill_(f64::NAN);
        let _ = input.get(2).narrow(0, 9, 1).fill_(f64::INFINITY);
        let packed = IntegerWeight::of(&weight).unwrap();
        let output = packed.apply(&input, &bias, &Team::default());
        assert_eq!(output.get(0), bias);
        for row in [1, 2] {
            assert_eq!(output.get(row).isnan().sum(Kind::Int64).int64_value(&[]), 32);
        }
        assert_eq!(output.get(3).isnan().sum(Kind::Int64).int64_value(&[]), 0);
    }

    /// Whoever else is in the batch, and whoever helps.
    #[test]
    fn a_row_is_the_same_in_any_company() {
        let (weight, bias) = (random(&[96, 64]), random(&[96]));
        let packed = IntegerWeight::of(&weight).unwrap();
        let input = random(&[33, 64]);
        let together = packed.apply(&input, &bias, &Team::default());
        for row in [0, 5, 17, 32] {
            let alone = packed.apply(&input.narrow(0, row, 1), &bias, &Team::default());
            assert_eq!(alone, together.narrow(0, row, 1));
        }
        let team = Team::default();
        std::thread::scope(|scope| {
            for _ in 1..MOST_CORES {
                scope.spawn(|| team.help(|| false));
            }
            for _ in 0..100 {
                assert_eq!(packed.apply(&input, &bias, &team), together);
            }
            team.dismiss();
        });
    }

    #[test]
    fn odd_sizes_are_not_taken() {
        assert!(IntegerWeight::of(&random(&[40, 384])).is_none());
        assert!(IntegerWeight::of(&random(&[48, 100])).is_none());
        assert!(IntegerWeight::of(&random(&[48, 384]).to_kind(Kind::Half)).is_none());
    }

    #[test]
    #[should_panic(expected = "cannot multiply")]
    fn another_shape_is_a_panic_with_its_reason() {
        let packed = IntegerWeight::of(&random(&[48, 32])).unwrap();
        let _ = packed.apply(&random(&[4, 48]), &random(&[48]), &Team::default());
    }
}
