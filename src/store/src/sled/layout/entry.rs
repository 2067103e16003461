//! The value of every index entry: the fields of a review that lists are filtered and ordered by.
//!
//! Each entry repeats them, so that a filter is answered from the index and only the reviews of the
//! page are read. Entries have no version of their own: another layout needs another format of the
//! whole database ([`keys::FORMAT`](super::keys::FORMAT)).

use super::keys::Order;
use super::v1::EntryV1;
use crate::StoreError;
use heartstrings_core::analysis::Label;
use heartstrings_core::review::{Review, ReviewId};
use sha2::{Digest, Sha256};

/// What lists of reviews are filtered and ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IndexedFields {
    /// Microseconds since 1970.
    pub written_at: i64,
    /// Millionths.
    pub score: i32,
    /// Millionths.
    pub intensity: i32,
    /// Label of the sentiment.
    pub label: Label,
    /// A bit for each emotion that is present.
    pub emotions: u32,
    /// Digest of the source: a filter reads the review itself when it matches. [`NO_SOURCE`]
    /// stands for none.
    pub source: u32,
}

/// Stands for no source, in place of a digest.
pub const NO_SOURCE: u32 = 0;

impl IndexedFields {
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

    /// What a review with these fields is ordered by: microseconds since 1970, or millionths.
    pub fn rank(&self, order: Order) -> i64 {
        match order {
            Order::Time => self.written_at,
            Order::Score => self.score.into(),
            Order::Intensity => self.intensity.into(),
        }
    }

    /// As bytes.
    pub fn encode(&self) -> Result<Vec<u8>, StoreError> {
        let Self { written_at, score, intensity, label, emotions, source } = *self;
        let label = label.into();
        let entry = EntryV1 { written_at, score, intensity, label, emotions, source };
        postcard::to_allocvec(&entry).map_err(|error| StoreError::Io(error.to_string()))
    }

    /// From bytes. `id` is the review's, for the message.
    pub fn decode(id: &ReviewId, bytes: &[u8]) -> Result<Self, StoreError> {
        Self::read(bytes).map_err(|error| StoreError::Damaged {
            what: format!("the list entry of review {:?}", id.as_str()),
            why: error.to_string(),
        })
    }

    /// From bytes, for those who name no review in their message.
    pub fn read(bytes: &[u8]) -> postcard::Result<Self> {
        let entry: EntryV1 = postcard::from_bytes(bytes)?;
        let EntryV1 { written_at, score, intensity, label, emotions, source } = entry;
        Ok(Self { written_at, score, intensity, label: label.into(), emotions, source })
    }
}

/// The digest of a source.
pub fn digest(source: &str) -> u32 {
    let digest = Sha256::digest(source.as_bytes());
    u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]])
}
