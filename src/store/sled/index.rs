//! The places of a review in the lists of reviews.
//!
//! A review stands in three orders (time, score, intensity) of two scopes (its subject, all). Each
//! place repeats what the lists are filtered by, so that a filter is answered from the index and
//! only the reviews of the page are read.

use super::keys::{self, Order};
use crate::analysis::Label;
use crate::review::{Review, ReviewId, Subject};
use crate::store::{ReviewFilter, Scope, StoreError};
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
            source: review.content.source.as_deref().map_or(0, digest),
        }
    }

    /// Whether a review with these traits passes a filter. A source that collides with another
    /// one passes too; [`is_of_source`] has the last word.
    pub fn pass(&self, filter: &ReviewFilter) -> bool {
        let is_in = |value: i32, least: Option<i32>, most: Option<i32>| {
            least.is_none_or(|least| value >= least) && most.is_none_or(|most| value <= most)
        };
        let micros = |fixed: crate::fixed::Fixed| fixed.micros();
        let score = (filter.min_score.map(micros), filter.max_score.map(micros));
        let intensity = (filter.min_intensity.map(micros), filter.max_intensity.map(micros));
        let moment = |time: Timestamp| time.as_microsecond();
        filter.label.is_none_or(|label| label == self.label)
            && filter.emotion.is_none_or(|emotion| self.emotions & (1 << emotion) != 0)
            && filter.source.as_deref().is_none_or(|source| digest(source) == self.source)
            && is_in(self.score, score.0, score.1)
            && is_in(self.intensity, intensity.0, intensity.1)
            && filter.from.is_none_or(|from| self.written_at >= moment(from))
            && filter.to.is_none_or(|to| self.written_at < moment(to))
    }

    /// What a review with these traits stands at in an order: microseconds since 1970, or
    /// millionths.
    fn rank(&self, order: Order) -> i64 {
        match order {
            Order::Time => self.written_at,
            Order::Score => self.score.into(),
            Order::Intensity => self.intensity.into(),
        }
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

/// Whether a review has the source that a filter asks for.
pub fn is_of_source(review: &Review, filter: &ReviewFilter) -> bool {
    filter.source.is_none() || filter.source == review.content.source
}

fn digest(source: &str) -> u32 {
    let digest = Sha256::digest(source.as_bytes());
    u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]])
}

/// Keys of a review's six places.
pub fn places(review: &Review) -> Vec<Vec<u8>> {
    places_of(&review.content.subject, &review.id, &Traits::of(review))
}

/// Keys of the six places of a review with these traits.
pub fn places_of(subject: &Subject, id: &ReviewId, traits: &Traits) -> Vec<Vec<u8>> {
    let scopes = [Scope::Subject(subject.clone()), Scope::All];
    let of_scope =
        |scope: &Scope| Order::ALL.map(|order| keys::place(scope, order, traits.rank(order), id));
    scopes.iter().flat_map(of_scope).collect()
}
