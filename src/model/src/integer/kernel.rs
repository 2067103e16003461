//! The multiplication of integers of 16 bits on AVX2.
//!
//! Two neighbouring inputs of a row are multiplied with the same two of eight outputs by one instruction,
//! which adds the two products. A tile is up to six rows by 16 outputs: its twelve sums fill the registers
//! but four, which hold two pieces of the weight, a pair of inputs, and the products.
//!
//! A weight is kept in blocks of 16 outputs; a block holds, for each pair of inputs, the pair of the first
//! output, that of the second, and so on. `kernel.cpp` has the instructions.

use std::ops::Range;

/// Outputs of a block, and what the numbers of inputs and outputs must be multiples of.
pub const BLOCK: usize = 16;

/// Most rows of a tile.
const TILE: usize = 6;
/// Rows that are multiplied with all blocks before the next ones: what fits into the second cache beside
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

/// A multiplication, of which different threads may do different parts, or a tile of one.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Multiplication {
    pub rows: usize,
    pub inputs: usize,
    /// Of the whole multiplication, also in a tile.
    pub outputs: usize,
    /// Shape (rows, inputs).
    pub input: *const i16,
    /// What one stands for, by row.
    pub row_scales: *const f32,
    /// What [`pack`] made.
    pub weight: *const i16,
    /// In a tile, the weight that comes next and is fetched meanwhile, or null.
    pub next_weight: *const i16,
    /// What one stands for, by output.
    pub output_scales: *const f32,
    pub bias: *const f32,
    /// What is added in the end, shape (rows, outputs), or null.
    pub add: *const f32,
    /// Shape (rows, outputs).
    pub output: *mut f32,
    /// Whether the GELU is taken of each number, before anything is added.
    pub gelu: bool,
    /// In a tile, how many pairs of inputs are multiplied for each cache line of the next weight that is fetched.
    pub fetch_every: usize,
}

// SAFETY: parts read what nobody writes meanwhile, and each writes to outputs of its own; who calls
// `part` promises it.
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
    /// Does a part: these of the blocks that the weight is kept in.
    ///
    /// # Safety
    /// This processor has what [`is_there`] asks for, the pointers are to as many numbers as the sizes
    /// say, and nobody else writes to these outputs.
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

    /// The tile of so many rows that begins at a row and an output.
    ///
    /// # Safety
    /// It ends before the last row and the last output.
    unsafe fn tile(&self, rows: usize, row: usize, output: usize) -> Self {
        let place = row * self.outputs + output;
        // SAFETY: all places are within what the pointers are to.
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

/// Rows of the next tile when so many are left: tiles of about the same height, as a low one costs nearly
/// as much as a high one.
fn tile_rows(left: usize) -> usize {
    left.div_ceil(left.div_ceil(TILE))
}

/// Among how many of the tiles that so many rows make the fetching of the next block is spread, so that the
/// memory is never asked for more than it brings meanwhile.
fn fetch_every(rows: usize) -> usize {
    // The pairs of inputs are a multiple of 8.
    1 << rows.div_ceil(TILE).ilog2().min(3)
}

/// Largest integer, in both directions.
pub const MOST: f32 = 32_767.0;

/// Rows of an input that become integers, of which different threads may do different parts.
pub struct Rows {
    /// A multiple of [`BLOCK`].
    pub inputs: usize,
    /// Longest vector that a row may become.
    pub longest: f32,
    /// Shape (rows, inputs), as the integers.
    pub numbers: *const f32,
    pub integers: *mut i16,
    /// What one stands for, by row; not a number in a row that holds one that is not finite.
    pub scales: *mut f32,
}

// SAFETY: each part writes to rows of its own; who calls `part` promises that nobody else does.
unsafe impl Sync for Rows {}

impl Rows {
    /// Does a part: these rows. A row becomes as long as it may be, in two senses: no number is beyond 16 bits, and
    /// the row as a vector is not too long for a sum.
    ///
    /// # Safety
    /// This processor has what [`is_there`] asks for, the pointers are to as many numbers as the sizes
    /// say, and nobody else writes to these rows.
    pub unsafe fn part(&self, rows: Range<usize>) {
        for row in rows {
            let place = row * self.inputs;
            // SAFETY: as promised; the row is one of those.
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
    fn fetching_is_spread_among_tiles_that_are_there() {
        let spread = [1, 6, 7, 24, 25, 96].map(|rows| (rows, fetch_every(rows)));
        assert_eq!(spread, [(1, 1), (6, 1), (7, 2), (24, 4), (25, 4), (96, 8)]);
    }

    #[test]
    fn weights_stand_in_pairs_of_inputs() {
        let weight: Vec<i16> = (0..16 * 4).collect();
        let packed = pack(&weight, 4);
        assert_eq!(packed[..6], [0, 1, 4, 5, 8, 9]);
        assert_eq!(packed[32..36], [2, 3, 6, 7]);
    }
}
