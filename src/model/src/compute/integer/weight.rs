//! A linear layer whose weight is in 16-bit integers.
#![allow(unsafe_code)]

use super::kernel::{self, BLOCK, Multiplication, Rows, is_there};
use crate::compute::epilogue::Epilogue;
use heartstrings_inference::HelperPool;
use std::cell::RefCell;
use std::ptr;
use tch::{Device, Kind, Tensor};

/// Root mean square of the integer weights of an output, unless that makes a single weight too large. What is
/// left of 31 bits for the input is then about as precise.
const WEIGHT: f32 = 1_200.0;
/// Largest sum: a little less than 2³¹, because rounding may make a row longer than it was scaled to.
const SUM: f32 = 2.1e9;

/// Fewest numbers of an input that threads share the scaling of. With fewer, sharing takes as long as scaling.
const SHARED_SCALING_FROM: usize = 1 << 15;

/// The weight of a linear layer as integers, in blocks of outputs.
pub struct IntegerWeight {
    /// In the order that [`kernel`] describes. A tensor, because its memory begins on a cache line.
    packed: Tensor,
    /// Value of an integer 1, by output.
    scales: Tensor,
    inputs: usize,
    outputs: usize,
    /// Greatest length of an input row as a vector of integers, so that no sum overflows.
    longest_row: f32,
}

thread_local! {
    /// Rows of an input as integers, and the value of an integer 1 in each. Reused by
    /// all layers of a forward.
    static ROWS: RefCell<(Vec<i16>, Vec<f32>)> = const { RefCell::new((Vec::new(), Vec::new())) };
}

impl IntegerWeight {
    /// Packs a weight of shape (outputs, inputs) in fp32. `None` when this processor has no AVX2, for
    /// sizes that are not multiples of 16, and for a weight on another device than the CPU.
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
            let factor = (WEIGHT / mean_square.sqrt()).min(kernel::MOST / most);
            // A row of zeros has no factor and stays zero.
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
    /// shape (outputs), all in fp32, with the epilogue applied. The threads of `pool` take parts of it.
    /// A row with a number that is not finite gives NaN.
    ///
    /// # Panics
    /// When a shape or a number format is wrong.
    pub fn apply(
        &self,
        input: &Tensor,
        bias: &Tensor,
        epilogue: Epilogue,
        pool: &HelperPool,
    ) -> Tensor {
        let size = input.size();
        let has_shape = |tensor: &Tensor, size: &[i64]| {
            tensor.size() == size && tensor.kind() == Kind::Float && tensor.device() == Device::Cpu
        };
        let (rows, outputs) = (size.first().copied().unwrap_or(0), self.outputs as i64);
        assert!(
            has_shape(input, &[rows, self.inputs as i64]) && has_shape(bias, &[outputs]),
            "cannot multiply {size:?} by a weight of {} inputs and {outputs} outputs",
            self.inputs
        );
        let add = match epilogue {
            Epilogue::Add(other) => Some(other.contiguous()),
            Epilogue::None | Epilogue::Gelu => None,
        };
        if let Some(other) = &add {
            let fits = has_shape(other, &[rows, outputs]);
            assert!(fits, "cannot add {:?} to {rows} × {outputs} numbers", other.size());
        }
        let (input, bias) = (input.contiguous(), bias.contiguous());
        let output = Tensor::empty([rows, outputs], (Kind::Float, Device::Cpu));
        let rows = rows as usize;
        ROWS.with_borrow_mut(|(integers, scales)| {
            // The vectors only grow. Shrinking them between layers of different sizes would write zeros each time.
            integers.resize((rows * self.inputs).max(integers.len()), 0);
            scales.resize(rows.max(scales.len()), 0.0);
            let scaling = Rows {
                inputs: self.inputs,
                longest: self.longest_row,
                numbers: input.data_ptr().cast_const().cast(),
                integers: integers.as_mut_ptr(),
                scales: scales.as_mut_ptr(),
            };
            // SAFETY: the tensor and the vectors have the sizes given, and outlive the call.
            let scale = |rows| unsafe { scaling.part(rows) };
            if rows * self.inputs < SHARED_SCALING_FROM {
                scale(0..rows);
            } else {
                pool.for_each_range(rows, scale);
            }
            let all = Multiplication {
                rows,
                inputs: self.inputs,
                outputs: self.outputs,
                input: integers.as_ptr(),
                row_scales: scales.as_ptr(),
                weight: self.packed.data_ptr().cast_const().cast(),
                next_weight: ptr::null(),
                output_scales: self.scales.data_ptr().cast_const().cast(),
                bias: bias.data_ptr().cast_const().cast(),
                add: add.as_ref().map_or(ptr::null(), |add| add.data_ptr().cast_const().cast()),
                output: output.data_ptr().cast(),
                gelu: matches!(epilogue, Epilogue::Gelu),
                fetch_every: 1,
            };
            // SAFETY: each part writes to outputs of its own, and all memory that `all` points to outlives
            // the call.
            pool.for_each_range(self.outputs / BLOCK, |blocks| unsafe { all.part(blocks) });
        });
        output
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use heartstrings_inference::{MAX_POOL_THREADS, with_helpers};

    fn random(shape: &[i64]) -> Tensor {
        Tensor::randn(shape, (Kind::Float, Device::Cpu))
    }

    /// Largest distance from the layer in fp32, as a share of the root mean square of its outputs.
    fn distance(weight: &Tensor, bias: &Tensor, input: &Tensor) -> f64 {
        let expected = input.linear(weight, Some(bias));
        let packed = IntegerWeight::of(weight).expect("this processor has AVX2");
        let distance = (packed.share().apply(input, bias, Epilogue::None, &HelperPool::default())
            - &expected)
            .abs()
            .max();
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

    #[test]
    fn epilogues_are_what_libtorch_computes() {
        let (weight, zero) = (Tensor::eye(16, (Kind::Float, Device::Cpu)), random(&[16]) * 0.0);
        let packed = IntegerWeight::of(&weight).unwrap();
        let apply = |input: &Tensor, epilogue: Epilogue| {
            packed.apply(input, &zero, epilogue, &HelperPool::default())
        };
        // From where the GELU is zero to where it is the identity.
        let input =
            Tensor::linspace(-12.0, 12.0, 16 * 101, (Kind::Float, Device::Cpu)).view([101, 16]);
        let exact = apply(&input, Epilogue::None);
        let most = |a: &Tensor, b: &Tensor| (a - b).abs().max().double_value(&[]);
        assert!(most(&apply(&input, Epilogue::Gelu), &exact.gelu("none")) < 2e-6);
        let other = random(&[101, 16]);
        assert_eq!(apply(&input, Epilogue::Add(&other)), &exact + &other);
        let _ = input.get(3).fill_(f64::NAN);
        let output = apply(&input, Epilogue::Gelu);
        assert_eq!(output.isnan().sum(Kind::Int64).int64_value(&[]), 16);
    }

    #[test]
    #[should_panic(expected = "cannot add")]
    fn an_addend_has_the_shape_of_the_output() {
        let packed = IntegerWeight::of(&random(&[48, 32])).unwrap();
        let epilogue = Epilogue::Add(&random(&[1, 48]));
        let _ = packed.apply(&random(&[4, 32]), &random(&[48]), epilogue, &HelperPool::default());
    }

    /// One large number in a row, as in the network, and rows of very different lengths.
    #[test]
    fn outliers_cost_little() {
        let (weight, bias) = (random(&[64, 384]), random(&[64]));
        let input = random(&[8, 384]);
        let _ = input.narrow(1, 7, 1).fill_(30.0);
        assert!(distance(&weight, &bias, &input) < 3e-3);
        let _ = input.get(3).g_mul_scalar_(1e-4);
        let packed = IntegerWeight::of(&weight).unwrap();
        let zero = bias.zeros_like();
        let small = packed.apply(&input, &zero, Epilogue::None, &HelperPool::default()).get(3);
        let expected = input.linear(&weight, Some(&zero)).get(3);
        let distance = (small - &expected).abs().max().double_value(&[]);
        assert!(distance < 3e-3 * expected.abs().max().double_value(&[]));
    }

    /// The worst case: every product as large as possible, and of the same sign.
    #[test]
    fn no_sum_overflows() {
        let ones = |shape: &[i64]| Tensor::ones(shape, (Kind::Float, Device::Cpu));
        for inputs in [16, 384, 1_536, 6_144] {
            let (weight, bias) =
                (ones(&[16, inputs]), Tensor::zeros([16], (Kind::Float, Device::Cpu)));
            for value in [1e-15, 1.0, -1e15] {
                let input = ones(&[7, inputs]) * value;
                let packed = IntegerWeight::of(&weight).unwrap();
                let output = packed.apply(&input, &bias, Epilogue::None, &HelperPool::default());
                let share = (output / (value * inputs as f64) - 1.0).abs().max().double_value(&[]);
                assert!(share < 1e-3, "{inputs} × {value}: {share}");
            }
        }
    }

    #[test]
    fn zeros_and_numbers_that_are_not_finite() {
        let (weight, bias) = (random(&[32, 64]), random(&[32]));
        let input = random(&[4, 64]);
        let _ = input.get(0).fill_(0.0);
        let _ = input.get(1).narrow(0, 5, 1).fill_(f64::NAN);
        let _ = input.get(2).narrow(0, 9, 1).fill_(f64::INFINITY);
        let packed = IntegerWeight::of(&weight).unwrap();
        let output = packed.apply(&input, &bias, Epilogue::None, &HelperPool::default());
        assert_eq!(output.get(0), bias);
        for row in [1, 2] {
            assert_eq!(output.get(row).isnan().sum(Kind::Int64).int64_value(&[]), 32);
        }
        assert_eq!(output.get(3).isnan().sum(Kind::Int64).int64_value(&[]), 0);
    }

    /// Neither the rest of the batch nor the number of helpers changes a row.
    #[test]
    fn a_row_is_the_same_in_any_batch() {
        let (weight, bias) = (random(&[96, 64]), random(&[96]));
        let packed = IntegerWeight::of(&weight).unwrap();
        let input = random(&[33, 64]);
        let together = packed.apply(&input, &bias, Epilogue::None, &HelperPool::default());
        for row in [0, 5, 17, 32] {
            let alone = packed.apply(
                &input.narrow(0, row, 1),
                &bias,
                Epilogue::None,
                &HelperPool::default(),
            );
            assert_eq!(alone, together.narrow(0, row, 1));
        }
        with_helpers(MAX_POOL_THREADS - 1, |pool| {
            for _ in 0..100 {
                assert_eq!(packed.apply(&input, &bias, Epilogue::None, pool), together);
            }
        });
    }

    #[test]
    fn odd_sizes_are_not_packed() {
        assert!(IntegerWeight::of(&random(&[40, 384])).is_none());
        assert!(IntegerWeight::of(&random(&[48, 100])).is_none());
        assert!(IntegerWeight::of(&random(&[48, 384]).to_kind(Kind::Half)).is_none());
    }

    #[test]
    #[should_panic(expected = "cannot multiply")]
    fn a_wrong_shape_is_a_panic_with_its_reason() {
        let packed = IntegerWeight::of(&random(&[48, 32])).unwrap();
        let _ =
            packed.apply(&random(&[4, 48]), &random(&[48]), Epilogue::None, &HelperPool::default());
    }
}
