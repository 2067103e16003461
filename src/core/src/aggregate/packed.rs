//! The contents of a cell in the least room. Whoever stores cells has layouts of their own.

use super::cell::{Cell, NUMBERS};
use std::collections::BTreeMap;

/// Words of 64 positions that a cell has.
pub const WORDS: usize = NUMBERS.div_ceil(64);

/// The contents of a cell in the least room: the numbers that are not zero.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PackedCell {
    /// One bit for each position: whether its number is among `numbers`.
    pub present: [u64; WORDS],
    /// The numbers that fit into 64 bits, in the order of their positions.
    pub numbers: Vec<i64>,
    /// The others, each with its position.
    pub wide: Vec<(u16, i128)>,
    /// Ids of models, each with how many of the analyses it made.
    pub models: BTreeMap<String, i128>,
}

impl PackedCell {
    /// A packed cell from numbers with their positions, whatever their size.
    pub fn of(wide: Vec<(u16, i128)>, models: BTreeMap<String, i128>) -> Self {
        Self { wide, models, ..Self::default() }
    }
}

impl Cell {
    /// The numbers that are not zero, each with its position.
    pub fn numbers(&self) -> Vec<(u16, i128)> {
        let numbers = (0..NUMBERS).map(|place| (place as u16, self.number(place)));
        numbers.filter(|(_, number)| *number != 0).collect()
    }

    /// Ids of models, each with how many of the analyses it made.
    pub fn models_with_counts(&self) -> BTreeMap<String, i128> {
        self.models.clone()
    }

    /// The cell in the least room.
    pub fn pack(&self) -> PackedCell {
        let mut packed = PackedCell::default();
        for (place, number) in self.numbers() {
            match i64::try_from(number) {
                Ok(number) => {
                    packed.present[usize::from(place) / 64] |= 1 << (place % 64);
                    packed.numbers.push(number);
                }
                Err(_) => packed.wide.push((place, number)),
            }
        }
        packed.models = self.models_with_counts();
        packed
    }

    /// The cell that was [packed](Cell::pack); `None` when there is no such cell.
    pub fn unpack(packed: PackedCell) -> Option<Self> {
        let mut numbers = packed.numbers.into_iter();
        let cell = Cell::with_numbers(packed.present, || numbers.next())?;
        numbers.next().is_none().then_some(())?;
        cell.with_others(packed.wide, packed.models)
    }

    /// A cell with the numbers that `next` gives for the positions that are `present`, one after the other.
    pub fn with_numbers(
        present: [u64; WORDS],
        mut next: impl FnMut() -> Option<i64>,
    ) -> Option<Self> {
        let mut cell = Cell::default();
        for (word, mut present) in present.into_iter().enumerate() {
            while present != 0 {
                let place = 64 * word + present.trailing_zeros() as usize;
                cell.set_narrow(place, next()?)?;
                present &= present - 1;
            }
        }
        Some(cell)
    }

    /// The cell with the numbers that do not fit into 64 bits, and with its models.
    pub fn with_others(
        mut self,
        wide: Vec<(u16, i128)>,
        models: BTreeMap<String, i128>,
    ) -> Option<Self> {
        for (place, number) in wide {
            self.set(usize::from(place), number)?;
        }
        self.models = models;
        Some(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aggregate::cell::tests::{contributions, sum};
    use crate::aggregate::cell::{REVIEWS, SCORE_SQUARES};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_packed_cell_makes_the_same_cell(reviews in contributions()) {
            let cell = sum(&reviews);
            let packed = cell.pack();
            prop_assert_eq!(Cell::unpack(packed), Some(cell));
        }
    }

    #[test]
    fn sums_of_products_pass_64_bits_and_nothing_is_lost() {
        let mut cell = Cell::default();
        assert_eq!(cell.set(SCORE_SQUARES, 1_000_000_000_000), Some(()));
        assert_eq!(cell.set(REVIEWS, 1), Some(()));
        for _ in 0..24 {
            cell.merge(&cell.clone());
        }
        assert_eq!(cell.number(SCORE_SQUARES), 1_000_000_000_000 << 24);
        assert_eq!(cell.reviews(), 1 << 24);
        assert_eq!(Cell::unpack(cell.pack()), Some(cell));
        assert_eq!(Cell::default().set(REVIEWS, 1 << 64), None, "no count is as large");
    }

    #[test]
    fn positions_outside_a_cell_are_refused() {
        assert_eq!(Cell::unpack(PackedCell::of(vec![(u16::MAX, 1)], BTreeMap::new())), None);
        let past = PackedCell {
            present: [0, 0, 0, 0, 1 << 63],
            numbers: vec![1],
            ..PackedCell::default()
        };
        assert_eq!(Cell::unpack(past), None);
        let too_few =
            PackedCell { present: [3, 0, 0, 0, 0], numbers: vec![1], ..PackedCell::default() };
        assert_eq!(Cell::unpack(too_few), None);
        let too_many = PackedCell { numbers: vec![1], ..PackedCell::default() };
        assert_eq!(Cell::unpack(too_many), None);
    }
}
