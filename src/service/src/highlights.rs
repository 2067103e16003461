//! Reviews that stand out, each with the sentence that makes it stand out.

use super::{Service, ServiceError};
use heartstrings_core::aggregate::DateRange;
use heartstrings_core::analysis::Sentence;
use heartstrings_core::review::{Review, Subject};
use heartstrings_store::{ReviewFilter, ReviewQuery, ReviewSort, Scope};

/// Pages that are looked through for reviews that are aggregated.
const HIGHLIGHT_PAGES: usize = 5;

/// A review that stands out.
#[derive(Clone, Debug, PartialEq)]
pub struct Highlight {
    /// The review.
    pub review: Review,
    /// The sentence that makes it stand out; `None` for a text without sentences.
    pub sentence: Option<Sentence>,
}

impl Highlight {
    fn new(review: Review, sort: ReviewSort) -> Self {
        let sentences = review.analysis.sentences.iter();
        // Of equals the first one counts, as a reader would have it.
        let sentence = match sort {
            ReviewSort::MostNegative => sentences.min_by_key(|s| s.sentiment.score),
            ReviewSort::MostIntense => sentences.rev().max_by_key(|s| s.intensity),
            _ => sentences.rev().max_by_key(|s| s.sentiment.score),
        };
        Self { sentence: sentence.copied(), review }
    }
}

impl Service {
    /// The first aggregated reviews of a subject in an order, each with the sentence that puts it
    /// there.
    pub async fn highlights(
        &self,
        subject: &Subject,
        sort: ReviewSort,
        limit: usize,
    ) -> Result<Vec<Highlight>, ServiceError> {
        let scope = Scope::Subject(subject.clone());
        if self.store.totals(&scope, DateRange::default()).await?.is_none() {
            return Err(ServiceError::UnknownSubject(subject.clone()));
        }
        let filter = ReviewFilter::default();
        let mut query = ReviewQuery { scope, filter, sort, limit, cursor: None };
        let mut found = Vec::new();
        // A subject with nothing but other languages is given up after some pages.
        for _ in 0..HIGHLIGHT_PAGES {
            let page = self.store.reviews(&query).await?;
            found.extend(page.items.into_iter().filter(|review| review.analysis.is_aggregated()));
            query.cursor = page.next;
            if found.len() >= limit || query.cursor.is_none() {
                break;
            }
        }
        found.truncate(limit);
        Ok(found.into_iter().map(|review| Highlight::new(review, sort)).collect())
    }
}
