//! The places of a review in the lists of reviews.
//!
//! A review stands in three orders (time, score, intensity) of two scopes (its subject, all). Each
//! place repeats what the lists are filtered by, so that a filter is answered from the index and
//! only the reviews of the page are read.

use super::facets::Facet;
use super::keys::{self, Order};
use crate::{ReviewFilter, Scope, StoreError};
use heartstrings_core::analysis::Label;
use heartstrings_core::fixed::Fixed;
use heartstrings_core::review::{Review, ReviewId, Subject};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// What lists of reviews are filtered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Traits {
    written_at: i64,
    score: i32,
    intensity: i32,
    label: Label,
    emotions: u32,
    /// Digest of the source: a filter reads the review itself when it matches.
    source: u32,
}

impl Traits {
    /// Those of a review.
    pub fn of(review: &Review) -> Self {
        Self {
            written_at: review.written_at.as_microsecond(),
            score: review.analysis.sentiment.score.micros(),
            intensity: review.analysis.intensity.micros(),
            label: review.analysis.sentiment.label,
            emotions: review.analysis.emotions.present,
            source: review.content.source.as_deref().map_or(NO_SOURCE, digest),
        }
    }

    /// What a review with these traits stands at in an order: microseconds since 1970, or
    /// millionths.
    pub fn rank(&self, order: Order) -> i64 {
        match order {
            Order::Time => self.written_at,
            Order::Score => self.score.into(),
            Order::Intensity => self.intensity.into(),
        }
    }

    /// The lists by label, emotion and source that it stands in.
    pub fn facets(&self) -> Vec<Facet> {
        facets(Some(self.label), self.emotions, Some(self.source))
    }

    /// As bytes.
    pub fn encode(&self) -> Result<Vec<u8>, StoreError> {
        postcard::to_allocvec(self).map_err(|error| StoreError::Io(error.to_string()))
    }

    /// From bytes. `id` is the review's, for the message.
    pub fn decode(id: &ReviewId, bytes: &[u8]) -> Result<Self, StoreError> {
        postcard::from_bytes(bytes).map_err(|error| StoreError::Damaged {
            what: format!("the list entry of review {:?}", id.as_str()),
            why: error.to_string(),
        })
    }
}

/// Stands for no source, in place of a digest.
const NO_SOURCE: u32 = 0;

/// The lists of a label, of emotions (a bit for each) and of a source, which has none if its digest
/// says that there is no source.
fn facets(label: Option<Label>, emotions: u32, source: Option<u32>) -> Vec<Facet> {
    let place = |label| Label::ALL.iter().position(|known| *known == label).unwrap_or(0) as u32;
    let label = label.map(|label| Facet::Label(place(label))).into_iter();
    let emotions = (0..u32::BITS).filter(|index| emotions >> index & 1 == 1);
    let source = source.filter(|source| *source != NO_SOURCE);
    label.chain(emotions.map(Facet::Emotion)).chain(source.map(Facet::Source)).collect()
}

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
        facets(self.label, self.emotions, self.source)
    }

    /// Whether the review of an entry may pass the filter, from the entry alone. A source that
    /// collides with another one passes too, and [`is_of_source`] has the last word; so does an
    /// entry that cannot be read, which [`Traits::decode`] tells of.
    pub fn pass(&self, entry: &[u8]) -> bool {
        let Ok(traits) = postcard::from_bytes::<Traits>(entry) else { return true };
        self.emotions & !traits.emotions == 0
            && self.label.is_none_or(|label| label == traits.label)
            && self.source.is_none_or(|source| source == traits.source)
            && is_within(traits.score, self.score)
            && is_within(traits.intensity, self.intensity)
            && is_within(traits.written_at, self.written_at)
    }
}

fn is_within<T: PartialOrd>(value: T, (least, most): (T, T)) -> bool {
    least <= value && value <= most
}

/// Whether a review has the source that a filter asks for.
pub fn is_of_source(review: &Review, filter: &ReviewFilter) -> bool {
    filter.source.is_none() || filter.source == review.content.source
}

fn digest(source: &str) -> u32 {
    let digest = Sha256::digest(source.as_bytes());
    u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]])
}

/// Keys of the six places of a review with these traits in the lists of all reviews of a scope.
pub fn places_of(subject: &Subject, id: &ReviewId, traits: &Traits) -> Vec<Vec<u8>> {
    let scopes = [Scope::Subject(subject.clone()), Scope::All];
    let of_scope =
        |scope: &Scope| Order::ALL.map(|order| keys::place(scope, order, traits.rank(order), id));
    scopes.iter().flat_map(of_scope).collect()
}
