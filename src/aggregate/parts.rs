//! The contents of a cell as they are stored.

use super::cell::{Cell, NUMBERS};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Words of 64 places that a cell has.
const WORDS: usize = NUMBERS.div_ceil(64);

/// The contents of a cell in the least room: the numbers that are not zero.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parts {
    /// One bit for each place: whether its number is among `numbers`.
    present: [u64; WORDS],
    /// The numbers that fit into 64 bits, in the order of their places.
    numbers: Vec<i64>,
    /// The others, each with its place.
    wide: Vec<(u16, i128)>,
    /// Ids of models, each with how many of the analyses it made.
    models: BTreeMap<String, i128>,
}

impl Parts {
    /// Parts from numbers with their places, as they were stored at first.
    pub fn of(wide: Vec<(u16, i128)>, models: BTreeMap<String, i128>) -> Self {
        Self { wide, models, ..Self::default() }
    }

    /// Whether a cell can have these: a number for each place, and no place that no cell has.
    pub fn is_of_a_cell(&self) -> bool {
        let past = self.present.iter().enumerate().any(|(word, present)| {
            *present != 0 && 64 * word + 63 - present.leading_zeros() as usize >= NUMBERS
        });
        let count: u32 = self.present.iter().map(|present| present.count_ones()).sum();
        let is_within = |(place, _): &(u16, i128)| usize::from(*place) < NUMBERS;
        !past && count as usize == self.numbers.len() && self.wide.iter().all(is_within)
    }
}

impl Cell {
    /// The numbers that are not zero, each with its place.
    pub fn numbers(&self) -> Vec<(u16, i128)> {
        let numbers = self.numbers.iter().enumerate().filter(|(_, number)| **number != 0);
        numbers.map(|(place, number)| (place as u16, *number)).collect()
    }

    /// Ids of models, each with how many of the analyses it made.
    pub fn models_with_counts(&self) -> BTreeMap<String, i128> {
        self.models.clone()
    }

    /// What is stored of the cell.
    pub fn parts(&self) -> Parts {
        let mut parts = Parts::default();
        for (place, number) in self.numbers.iter().enumerate().filter(|(_, number)| **number != 0) {
            match i64::try_from(*number) {
                Ok(number) => {
                    parts.present[place / 64] |= 1 << (place % 64);
                    parts.numbers.push(number);
                }
                Err(_) => parts.wide.push((place as u16, *number)),
            }
        }
        parts.models = self.models_with_counts();
        parts
    }

    /// A cell from its [`parts`](Cell::parts); `None` when they cannot be of a cell.
    pub fn from_parts(parts: &Parts) -> Option<Self> {
        let mut cell = Cell::default();
        cell.merge_parts(parts);
        parts.is_of_a_cell().then_some(cell)
    }

    /// Adds another set of reviews, given its [`parts`](Cell::parts), without making a cell of them. What
    /// cannot be of a cell is left out.
    pub fn merge_parts(&mut self, parts: &Parts) {
        let mut numbers = parts.numbers.iter();
        for (word, mut present) in parts.present.into_iter().enumerate() {
            while present != 0 {
                let place = 64 * word + present.trailing_zeros() as usize;
                if let (Some(sum), Some(number)) = (self.numbers.get_mut(place), numbers.next()) {
                    *sum += i128::from(*number);
                }
                present &= present - 1;
            }
        }
        for (place, number) in &parts.wide {
            if let Some(sum) = self.numbers.get_mut(usize::from(*place)) {
                *sum += number;
            }
        }
        for (model, count) in &parts.models {
            match self.models.get_mut(model) {
                Some(sum) => *sum += count,
                None => drop(self.models.insert(model.clone(), *count)),
            }
        }
    }

    /// Forgets everything, and keeps the room.
    pub fn clear(&mut self) {
        self.numbers.fill(0);
        self.models.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aggregate::cell::tests::{contributions, sum};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn parts_make_the_same_cell(reviews in contributions()) {
            let cell = sum(&reviews);
            let parts = cell.parts();
            prop_assert_eq!(Cell::from_parts(&parts), Some(cell.clone()));
            let (mut sum, mut twice) = (cell.clone(), cell);
            sum.merge_parts(&parts);
            twice.merge(&sum.clone());
            sum.merge_parts(&parts);
            prop_assert_eq!(sum, twice);
        }
    }

    #[test]
    fn places_outside_a_cell_are_refused() {
        assert_eq!(Cell::from_parts(&Parts::of(vec![(u16::MAX, 1)], BTreeMap::new())), None);
        let past = Parts { present: [0, 0, 0, 0, 1 << 63], numbers: vec![1], ..Parts::default() };
        assert_eq!(Cell::from_parts(&past), None);
        let too_few = Parts { present: [3, 0, 0, 0, 0], numbers: vec![1], ..Parts::default() };
        assert_eq!(Cell::from_parts(&too_few), None);
        let too_many = Parts { numbers: vec![1], ..Parts::default() };
        assert_eq!(Cell::from_parts(&too_many), None);
    }
}
