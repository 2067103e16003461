//! Reviews: types that cannot hold a bad value.
//!
//! A client's words arrive as a [`ReviewDraft`]; [`ReviewDraft::check`] turns it into a
//! [`NewReview`] or says everything that is wrong with it. Nothing past that point checks again.

mod draft;
mod fields;
mod html;

pub use draft::{Format, ReviewDraft, Violation};
pub use fields::{FieldError, Rating, ReviewId, Subject, Text, limits};

use crate::analysis::Analysis;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// A checked review that has not been scored yet.
#[derive(Clone, Debug, PartialEq)]
pub struct NewReview {
    /// The client's id, if it gave one.
    pub id: Option<ReviewId>,
    /// What the client said.
    pub content: Content,
    /// The client's time of writing, if it gave one.
    pub written_at: Option<Timestamp>,
}

impl NewReview {
    /// A digest of everything the client said, by which a repeated request is told from another
    /// one under the same id. The first 16 bytes of a SHA-256: a client that makes two of its own
    /// reviews collide fools nobody but itself.
    pub fn fingerprint(&self) -> Fingerprint {
        // Maps are ordered and fields are declared in a fixed order, so equal reviews serialize
        // to equal bytes. The id is left out: it is what the fingerprint is compared under.
        let canonical = serde_json::to_vec(&(&self.content, self.written_at)).unwrap_or_default();
        let digest = Sha256::digest(&canonical);
        let mut fingerprint = [0; 16];
        fingerprint.copy_from_slice(&digest[..16]);
        Fingerprint(fingerprint)
    }
}

/// What the writer of a review said, and about what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Content {
    /// The thing under review.
    pub subject: Subject,
    /// The review itself, plain text.
    pub text: Text,
    /// Its headline; stored, not scored.
    pub title: Option<String>,
    /// The writer's own stars.
    pub rating: Option<Rating>,
    /// Who wrote it, in the client's words.
    pub author: Option<String>,
    /// Where it came from, e.g. `imdb`.
    pub source: Option<String>,
    /// Language of the text as the client states it (BCP 47).
    pub language: Option<String>,
    /// Whatever else the client wants kept: at most 32 pairs.
    pub metadata: BTreeMap<String, String>,
}

/// A stored review with its analysis.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Review {
    /// Unique over all subjects.
    pub id: ReviewId,
    /// What the writer said.
    pub content: Content,
    /// When it was written; the time of receipt when the client did not say.
    pub written_at: Timestamp,
    /// When it was first stored.
    pub received_at: Timestamp,
    /// When it or its analysis last changed.
    pub updated_at: Timestamp,
    /// What the model says of it.
    pub analysis: Analysis,
    /// Digest of the request that made it.
    pub fingerprint: Fingerprint,
}

/// Digest of what a client said. See [`NewReview::fingerprint`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Fingerprint(pub [u8; 16]);
