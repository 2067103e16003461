//! What a filter asks of index entries.

use crate::ReviewFilter;
use crate::sled::layout::entry::{IndexedFields, digest};
use crate::sled::layout::filter_index::{self, Facet};
use heartstrings_core::analysis::Label;
use heartstrings_core::fixed::Fixed;
use heartstrings_core::review::Review;
use jiff::Timestamp;

/// A filter, worked out beforehand: a page may ask thousands of entries.
pub struct Wanted {
    /// Least and greatest.
    written_at: (i64, i64),
    score: (i32, i32),
    intensity: (i32, i32),
    label: Option<Label>,
    /// A bit for each emotion, all of which must be shown.
    emotions: u32,
    source: Option<u32>,
}

impl Wanted {
    /// What a filter asks for.
    pub fn by(filter: &ReviewFilter) -> Self {
        let range = |least: Option<Fixed>, most: Option<Fixed>| {
            (least.map_or(i32::MIN, Fixed::micros), most.map_or(i32::MAX, Fixed::micros))
        };
        let from = filter.from.map_or(i64::MIN, Timestamp::as_microsecond);
        let last = filter.to.map_or(i64::MAX, |to| to.as_microsecond() - 1);
        Self {
            written_at: (from, last),
            score: range(filter.min_score, filter.max_score),
            intensity: range(filter.min_intensity, filter.max_intensity),
            label: filter.label,
            emotions: filter.emotion.map_or(0, |emotion| 1 << emotion),
            source: filter.source.as_deref().map(digest),
        }
    }

    /// The lists by label, emotion and source in which everything stands that passes.
    pub fn facets(&self) -> Vec<Facet> {
        filter_index::facets(self.label, self.emotions, self.source)
    }

    /// Whether the review of an entry may pass the filter, from the entry alone. A source that
    /// collides with another one passes too, and [`is_of_source`] has the last word; so does an
    /// entry that cannot be read, which [`IndexedFields::decode`] tells of.
    pub fn pass(&self, entry: &[u8]) -> bool {
        let Ok(fields) = IndexedFields::read(entry) else { return true };
        self.emotions & !fields.emotions == 0
            && self.label.is_none_or(|label| label == fields.label)
            && self.source.is_none_or(|source| source == fields.source)
            && is_within(fields.score, self.score)
            && is_within(fields.intensity, self.intensity)
            && is_within(fields.written_at, self.written_at)
    }
}

fn is_within<T: PartialOrd>(value: T, (least, most): (T, T)) -> bool {
    least <= value && value <= most
}

/// Whether a review has the source that a filter asks for.
pub fn is_of_source(review: &Review, filter: &ReviewFilter) -> bool {
    filter.source.is_none() || filter.source == review.content.source
}
