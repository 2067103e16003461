//! A cell: everything that is summed over a set of reviews, as integers.
//!
//! A cell is a row of integers and a count for each model. A review contributes fixed amounts to
//! some of them ([`Contribution`]); adding, subtracting and merging work on each number alone.
//! Hence order never matters, and a review that is taken out leaves no trace.

use crate::analysis::{Analysis, EMOTIONS, Label};
use crate::fixed::UNITS;
use crate::review::Rating;
use std::collections::BTreeMap;

/// Bins of the score histogram over [-1, 1].
pub(super) const SCORE_BINS: usize = 20;
/// Bins of the intensity histogram over [0, 1]; fine, because quantiles are read from it. A
/// quantile is off by half a bin at most: ±0.0025.
pub(super) const INTENSITY_BINS: usize = 200;

// Where each number stands. All in millionths or products of millionths where they are sums.
pub(super) const REVIEWS: usize = 0;
pub(super) const NOT_AGGREGATED: usize = 1;
pub(super) const LABELS: usize = 2;
pub(super) const SCORE_SUM: usize = LABELS + Label::ALL.len();
pub(super) const SCORE_SQUARES: usize = SCORE_SUM + 1;
pub(super) const INTENSITY_SUM: usize = SCORE_SQUARES + 1;
pub(super) const INTENSITY_SQUARES: usize = INTENSITY_SUM + 1;
pub(super) const RATED: usize = INTENSITY_SQUARES + 1;
pub(super) const RATING_SUM: usize = RATED + 1;
pub(super) const RATING_SQUARES: usize = RATING_SUM + 1;
/// Score times rating, over rated reviews.
pub(super) const RATING_PRODUCTS: usize = RATING_SQUARES + 1;
/// Score over rated reviews.
pub(super) const RATED_SCORE_SUM: usize = RATING_PRODUCTS + 1;
pub(super) const RATED_SCORE_SQUARES: usize = RATED_SCORE_SUM + 1;
/// For each emotion how many reviews show it, then the sum of its probabilities.
pub(super) const EMOTION_NUMBERS: usize = RATED_SCORE_SQUARES + 1;
pub(super) const SCORE_HISTOGRAM: usize = EMOTION_NUMBERS + 2 * EMOTIONS.len();
pub(super) const INTENSITY_HISTOGRAM: usize = SCORE_HISTOGRAM + SCORE_BINS;
pub(super) const NUMBERS: usize = INTENSITY_HISTOGRAM + INTENSITY_BINS;

/// The sums of products. Over ten million reviews they pass 64 bits, which all other numbers stay far
/// below.
const WIDE: [usize; 5] =
    [SCORE_SQUARES, INTENSITY_SQUARES, RATING_SQUARES, RATING_PRODUCTS, RATED_SCORE_SQUARES];

/// Sums over a set of reviews. Equal sets give equal cells, however they came about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// The numbers by their places; nothing stands in the places of `WIDE`.
    numbers: Box<[i64; NUMBERS]>,
    /// Those of `WIDE`.
    wide: [i128; WIDE.len()],
    pub(super) models: BTreeMap<String, i128>,
}

/// What one review adds to every cell that it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contribution {
    amounts: Vec<(usize, i128)>,
    model: String,
}

impl Contribution {
    /// What a review with this analysis and rating adds. A review that is not aggregated is
    /// counted and named, and adds to nothing else.
    pub fn of(analysis: &Analysis, rating: Option<Rating>) -> Self {
        let mut amounts = vec![(REVIEWS, 1)];
        if analysis.is_aggregated() {
            add_sentiment(&mut amounts, analysis);
            add_emotions(&mut amounts, analysis);
            add_rating(&mut amounts, analysis, rating);
        } else {
            amounts.push((NOT_AGGREGATED, 1));
        }
        Self { amounts, model: analysis.model.clone() }
    }
}

fn add_sentiment(amounts: &mut Vec<(usize, i128)>, analysis: &Analysis) {
    let label = Label::ALL.iter().position(|l| *l == analysis.sentiment.label).unwrap_or(0);
    let score = i128::from(analysis.sentiment.score.micros());
    let intensity = i128::from(analysis.intensity.micros());
    let one = i128::from(UNITS);
    amounts.extend([
        (LABELS + label, 1),
        (SCORE_SUM, score),
        (SCORE_SQUARES, score * score),
        (INTENSITY_SUM, intensity),
        (INTENSITY_SQUARES, intensity * intensity),
        (SCORE_HISTOGRAM + bin(score + one, 2 * one, SCORE_BINS), 1),
        (INTENSITY_HISTOGRAM + bin(intensity, one, INTENSITY_BINS), 1),
    ]);
}

fn add_emotions(amounts: &mut Vec<(usize, i128)>, analysis: &Analysis) {
    for (index, probability) in analysis.emotions.probabilities.iter().enumerate() {
        let place = EMOTION_NUMBERS + 2 * index;
        amounts.push((place, i128::from(analysis.emotions.is_present(index))));
        amounts.push((place + 1, i128::from(probability.micros())));
    }
}

fn add_rating(amounts: &mut Vec<(usize, i128)>, analysis: &Analysis, rating: Option<Rating>) {
    let Some(rating) = rating else { return };
    let stars = (rating.stars() * UNITS as f64).round() as i128;
    let score = i128::from(analysis.sentiment.score.micros());
    amounts.extend([
        (RATED, 1),
        (RATING_SUM, stars),
        (RATING_SQUARES, stars * stars),
        (RATING_PRODUCTS, score * stars),
        (RATED_SCORE_SUM, score),
        (RATED_SCORE_SQUARES, score * score),
    ]);
}

/// Where among the wide numbers the one of a place is.
fn wide(place: usize) -> Option<usize> {
    if !(SCORE_SQUARES..=RATED_SCORE_SQUARES).contains(&place) {
        return None;
    }
    WIDE.iter().position(|wide| *wide == place)
}

/// Which of `bins` equal bins over [0, width] a value is in; the last one takes its upper end.
fn bin(value: i128, width: i128, bins: usize) -> usize {
    let place = value.clamp(0, width) * bins as i128 / width;
    (place as usize).min(bins - 1)
}

impl Default for Cell {
    fn default() -> Self {
        Self { numbers: Box::new([0; NUMBERS]), wide: [0; WIDE.len()], models: BTreeMap::new() }
    }
}

impl Cell {
    /// Adds a review.
    pub fn add(&mut self, review: &Contribution) {
        self.change(review, 1);
    }

    /// Takes out a review that was added before.
    pub fn subtract(&mut self, review: &Contribution) {
        self.change(review, -1);
    }

    fn change(&mut self, review: &Contribution, times: i128) {
        for (place, amount) in &review.amounts {
            match wide(*place) {
                Some(which) => self.wide[which] += times * amount,
                None => self.numbers[*place] += (times * amount) as i64,
            }
        }
        self.change_model(&review.model, times);
    }

    fn change_model(&mut self, model: &str, times: i128) {
        let count = self.models.entry(model.to_owned()).or_default();
        *count += times;
        if *count == 0 {
            self.models.remove(model);
        }
    }

    /// Adds all reviews of another cell.
    pub fn merge(&mut self, other: &Cell) {
        for (number, amount) in self.numbers.iter_mut().zip(other.numbers.iter()) {
            *number += amount;
        }
        for (number, amount) in self.wide.iter_mut().zip(&other.wide) {
            *number += amount;
        }
        for (model, count) in &other.models {
            self.change_model(model, *count);
        }
    }

    /// Takes out all reviews of another cell, which were added before.
    pub fn unmerge(&mut self, other: &Cell) {
        for (number, amount) in self.numbers.iter_mut().zip(other.numbers.iter()) {
            *number -= amount;
        }
        for (number, amount) in self.wide.iter_mut().zip(&other.wide) {
            *number -= amount;
        }
        for (model, count) in &other.models {
            self.change_model(model, -count);
        }
    }

    /// Whether it holds no review.
    pub fn is_empty(&self) -> bool {
        let has_none =
            self.numbers.iter().all(|number| *number == 0) && self.wide == [0; WIDE.len()];
        has_none && self.models.is_empty()
    }

    /// Reviews in it, those that are not aggregated included.
    pub fn reviews(&self) -> u64 {
        self.count(REVIEWS)
    }

    /// Reviews that add to the sums.
    pub fn aggregated(&self) -> u64 {
        self.count(REVIEWS) - self.count(NOT_AGGREGATED)
    }

    /// Mean score in millionths, rounded down; `None` without aggregated reviews.
    pub fn mean_score_micros(&self) -> Option<i64> {
        self.mean_micros(SCORE_SUM)
    }

    /// Mean intensity in millionths, rounded down; `None` without aggregated reviews.
    pub fn mean_intensity_micros(&self) -> Option<i64> {
        self.mean_micros(INTENSITY_SUM)
    }

    fn mean_micros(&self, sum: usize) -> Option<i64> {
        let reviews = i64::try_from(self.aggregated()).ok().filter(|reviews| *reviews > 0)?;
        Some(self.numbers[sum].div_euclid(reviews))
    }

    /// Ids of the models that made the analyses, A to Z.
    pub fn models(&self) -> impl Iterator<Item = &str> {
        self.models.keys().map(String::as_str)
    }

    pub(super) fn number(&self, place: usize) -> i128 {
        wide(place).map_or_else(|| self.numbers[place].into(), |which| self.wide[which])
    }

    /// Puts a number in its place; `None` when there is no such place, or the number is none of those
    /// that can be there.
    pub(super) fn set(&mut self, place: usize, number: i128) -> Option<()> {
        match wide(place) {
            Some(which) => self.wide[which] = number,
            None => return self.set_narrow(place, number.try_into().ok()?),
        }
        Some(())
    }

    /// Puts a number of 64 bits in its place; a time line by days does it some hundred times a day.
    pub(super) fn set_narrow(&mut self, place: usize, number: i64) -> Option<()> {
        match wide(place) {
            Some(which) => self.wide[which] = number.into(),
            None => *self.numbers.get_mut(place)? = number,
        }
        Some(())
    }

    /// A number that is no sum of products.
    pub(super) fn narrow(&self, place: usize) -> i64 {
        self.numbers[place]
    }

    pub(super) fn count(&self, place: usize) -> u64 {
        u64::try_from(self.numbers[place]).unwrap_or(0)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::analysis::{Affect, Emotions, Sentiment, Warning};
    use crate::fixed::Fixed;
    use proptest::prelude::*;

    /// Any analysis that the model could make, as far as cells care.
    pub(crate) fn analyses() -> impl Strategy<Value = Analysis> {
        let numbers = (-1_000_000..=1_000_000i32, 0..=1_000_000i32, 0..4usize);
        (numbers, any::<u32>(), 0..5u8, 0..10u8).prop_map(
            |((score, intensity, label), present, model, foreign)| {
                let fixed = Fixed::from_micros;
                Analysis {
                    model: format!("model-{}", model / 4),
                    language: "en".into(),
                    tokens: 3,
                    windows: 1,
                    sentiment: Sentiment {
                        label: Label::ALL[label],
                        score: fixed(score),
                        confidence: Fixed::ONE,
                        negative: Fixed::ZERO,
                        neutral: Fixed::ZERO,
                        positive: Fixed::ONE,
                    },
                    intensity: fixed(intensity),
                    emotions: Emotions {
                        probabilities: std::array::from_fn(|i| fixed((i as i32) * 35_000)),
                        present: present & 0x0fff_ffff,
                    },
                    affect: Affect {
                        valence: Fixed::ONE,
                        arousal: Fixed::ZERO,
                        dominance: Fixed::ZERO,
                    },
                    sentences: vec![],
                    warnings: if foreign == 0 {
                        vec![Warning::LanguageNotSupported]
                    } else {
                        vec![]
                    },
                }
            },
        )
    }

    pub(crate) fn contributions() -> impl Strategy<Value = Vec<Contribution>> {
        let ratings = proptest::option::of(1.0f64..5.0);
        let one = (analyses(), ratings).prop_map(|(analysis, stars)| {
            Contribution::of(&analysis, stars.map(|s| Rating::try_from(s).unwrap()))
        });
        proptest::collection::vec(one, 0..12)
    }

    pub(crate) fn sum(reviews: &[Contribution]) -> Cell {
        let mut cell = Cell::default();
        reviews.iter().for_each(|review| cell.add(review));
        cell
    }

    proptest! {
        #[test]
        fn order_and_grouping_never_matter(mut reviews in contributions(), cut in 0..12usize) {
            let all = sum(&reviews);
            let cut = cut.min(reviews.len());
            let (mut left, right) = (sum(&reviews[..cut]), sum(&reviews[cut..]));
            let mut turned = right.clone();
            turned.merge(&left);
            left.merge(&right);
            prop_assert_eq!(&left, &all);
            prop_assert_eq!(&turned, &all);
            reviews.reverse();
            prop_assert_eq!(sum(&reviews), all);
        }

        #[test]
        fn taking_out_leaves_no_trace(reviews in contributions()) {
            let mut cell = Cell::default();
            let mut history = vec![cell.clone()];
            for review in &reviews {
                cell.add(review);
                history.push(cell.clone());
            }
            for review in reviews.iter().rev() {
                prop_assert_eq!(Some(&cell), history.last());
                history.pop();
                cell.subtract(review);
            }
            prop_assert!(cell.is_empty());
        }
    }

    #[test]
    fn bins_cover_their_ends() {
        assert_eq!([bin(0, 10, 20), bin(9, 10, 20), bin(10, 10, 20)], [0, 18, 19]);
    }
}
