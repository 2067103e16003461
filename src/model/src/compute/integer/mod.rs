//! Linear layers and attention in 16-bit integers, for processors that are slow in bfloat16.
//!
//! AVX2 multiplies and adds twice as many 16-bit integers at a time as fp32 numbers, and reads half the
//! bytes. Each row of an input belongs to one token, and it is scaled to integers by itself, as are the
//! weights of each output. So the numbers of a token do not depend on the rest of the batch. A sum has 32 bits and
//! is exact: the scale of a row rules out overflow, by the Cauchy–Schwarz inequality. Each factor keeps
//! about 11 bits, so a sum is off by about 3 parts in 10,000, a sixth of the error of bfloat16.

mod attention;
mod kernel;
mod weight;

pub use attention::{attend, is_possible as is_attention_possible};
pub use weight::IntegerWeight;
