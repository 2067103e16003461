//! The multiplication of 16-bit integers on AVX2.
//!
//! One instruction multiplies a pair of adjacent inputs of a row by the weights of eight outputs for that pair,
//! and adds the two products. A tile is up to six rows by 16 outputs: its twelve sums fill all registers
//! but four, which hold two vectors of the weight, a pair of inputs, and the products.
//!
//! A weight is stored in blocks of 16 outputs. A block holds, for each pair of inputs, the pair of the first
//! output, that of the second, and so on. `kernel.cpp` has the instructions.
#![allow(unsafe_code)]

use std::ops::Range;

/// Outputs of a block. The numbers of inputs and outputs must be multiples of it.
pub const BLOCK: usize = 16;

/// Most rows of a tile.
const TILE: usize = 6;
/// Rows that are multiplied with all blocks before the next rows: what fits into the L2 cache beside
/// a block, at 1,536 inputs.
const PANEL: usize = 96;

unsafe extern "C" {
    fn heartstrings_multiply_tile(tile: *const Multiplication);
    fn heartstrings_scale(
        numbers: *const f32,
        count: usize,
        longest: f32,
        integers: *mut i16,
    ) -> f32;
}

/// A multiplication, or a tile of one. Different threads may compute different parts.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Multiplication {
    pub rows: usize,
    pub inputs: usize,
    /// Outputs of the whole multiplication, in a tile too.
    pub outputs: usize,
    /// Shape (rows, inputs).
    pub input: *const i16,
    /// Value of an integer 1, by row.
    pub row_scales: *const f32,
    /// As [`pack`] returns it.
    pub weight: *const i16,
    /// In a tile, the weight that is used next and prefetched meanwhile, or null.
    pub next_weight: *const i16,
    /// Value of an integer 1, by output.
    pub output_scales: *const f32,
    pub bias: *const f32,
    /// The addend of the epilogue, shape (rows, outputs), or null.
    pub add: *const f32,
    /// Shape (rows, outputs).
    pub output: *mut f32,
    /// Whether the GELU is applied to each number, before the addend.
    pub gelu: bool,
    /// In a tile, the number of pairs of inputs that are multiplied for each cache line of the next weight that is
    /// prefetched.
    pub fetch_every: usize,
}

// SAFETY: the input is not written to meanwhile, and each part writes to outputs of its own; the caller of
// `part` promises that.
unsafe impl Sync for Multiplication {}

/// Integers of a weight, shape (outputs, inputs), in blocks.
pub fn pack(weight: &[i16], inputs: usize) -> Vec<i16> {
    let mut packed = Vec::with_capacity(weight.len());
    for block in weight.chunks_exact(BLOCK * inputs) {
        for pair in (0..inputs).step_by(2) {
            for output in block.chunks_exact(inputs) {
                packed.extend(&output[pair..pair + 2]);
            }
        }
    }
    packed
}

impl Multiplication {
    /// Computes the outputs of these blocks of the weight.
    ///
    /// # Safety
    /// [`is_there`] is true, the pointers are to as many numbers as the sizes
    /// say, and no other thread writes to these outputs.
    pub unsafe fn part(&self, blocks: Range<usize>) {
        for panel in (0..self.rows).step_by(PANEL) {
            let end = (panel + PANEL).min(self.rows);
            for block in blocks.clone() {
                let every = fetch_every(end - panel);
                let (mut row, mut number) = (panel, 0);
                while row < end {
                    let rows = tile_rows(end - row);
                    // SAFETY: as promised; the tile ends before the last row and the last output.
                    let mut tile = unsafe { self.tile(rows, row, block * BLOCK) };
                    row += rows;
                    if number < every && block + 1 < blocks.end {
                        let size = BLOCK * self.inputs;
                        tile.next_weight = tile.weight.wrapping_add(size + number * (size / every));
                        tile.fetch_every = every;
                    }
                    number += 1;
                    // SAFETY: as above.
                    unsafe { heartstrings_multiply_tile(&tile) };
                }
            }
        }
    }

    /// The tile of `rows` rows that begins at a row and an output.
    ///
    /// # Safety
    /// It ends before the last row and the last output.
    unsafe fn tile(&self, rows: usize, row: usize, output: usize) -> Self {
        let place = row * self.outputs + output;
        // SAFETY: all offsets are within the memory that the pointers are to.
        unsafe {
            Self {
                rows,
                input: self.input.add(row * self.inputs),
                row_scales: self.row_scales.add(row),
                weight: self.weight.add(output * self.inputs),
                output_scales: self.output_scales.add(output),
                bias: self.bias.add(output),
                add: if self.add.is_null() { self.add } else { self.add.add(place) },
                output: self.output.add(place),
                ..*self
            }
        }
    }
}

/// Rows of the next tile when `left` rows are left. Tiles have about the same height, because a low one takes nearly
/// as long as a high one.
fn tile_rows(left: usize) -> usize {
    left.div_ceil(left.div_ceil(TILE))
}

/// Number of tiles among which the prefetching of the next block is spread, for a panel of `rows` rows, so that
/// memory bandwidth suffices.
fn fetch_every(rows: usize) -> usize {
    // The number of pairs of inputs is a multiple of 8.
    1 << rows.div_ceil(TILE).ilog2().min(3)
}

/// Largest integer, in both directions.
pub const MOST: f32 = 32_767.0;

/// Rows of an input that are converted to integers. Different threads may convert different rows.
pub struct Rows {
    /// A multiple of [`BLOCK`].
    pub inputs: usize,
    /// Greatest length of a row as a vector of integers.
    pub longest: f32,
    /// Shape (rows, inputs), as for the integers.
    pub numbers: *const f32,
    pub integers: *mut i16,
    /// Value of an integer 1, by row; NaN for a row with a number that is not finite.
    pub scales: *mut f32,
}

// SAFETY: each part writes to rows of its own; the caller of `part` promises that no other thread does.
unsafe impl Sync for Rows {}

impl Rows {
    /// Converts these rows. Each is scaled as large as two limits allow: every number fits into 16 bits, and
    /// the row as a vector is at most `longest`.
    ///
    /// # Safety
    /// [`is_there`] is true, the pointers are to as many numbers as the sizes
    /// say, and no other thread writes to these rows.
    pub unsafe fn part(&self, rows: Range<usize>) {
        for row in rows {
            let place = row * self.inputs;
            // SAFETY: as promised; the row is one of `rows`.
            unsafe {
                let (numbers, integers) = (self.numbers.add(place), self.integers.add(place));
                let scale = heartstrings_scale(numbers, self.inputs, self.longest, integers);
                *self.scales.add(row) = scale;
            }
        }
    }
}

/// Whether this processor has the instructions.
pub fn is_there() -> bool {
    #[cfg(target_arch = "x86_64")]
    return is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
    #[cfg(not(target_arch = "x86_64"))]
    return false;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_are_of_about_the_same_height() {
        let tiles = |rows: usize| {
            let mut left = rows;
            std::iter::from_fn(|| {
                let rows = (left > 0).then(|| tile_rows(left))?;
                left -= rows;
                Some(rows)
            })
            .collect::<Vec<_>>()
        };
        assert_eq!(tiles(1), [1]);
        assert_eq!(tiles(8), [4, 4]);
        assert_eq!(tiles(16), [6, 5, 5]);
        assert_eq!(tiles(96), [6; 16]);
    }

    #[test]
    fn prefetching_is_spread_among_existing_tiles() {
        let spread = [1, 6, 7, 24, 25, 96].map(|rows| (rows, fetch_every(rows)));
        assert_eq!(spread, [(1, 1), (6, 1), (7, 2), (24, 4), (25, 4), (96, 8)]);
    }

    #[test]
    fn weights_are_stored_in_pairs_of_inputs() {
        let weight: Vec<i16> = (0..16 * 4).collect();
        let packed = pack(&weight, 4);
        assert_eq!(packed[..6], [0, 1, 4, 5, 8, 9]);
        assert_eq!(packed[32..36], [2, 3, 6, 7]);
    }
}
