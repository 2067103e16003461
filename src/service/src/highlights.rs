//! Highlights: the most positive, negative or intense reviews of a subject, each with its decisive sentence.

use super::{Service, ServiceError};
use heartstrings_core::aggregate::DateRange;
use heartstrings_core::analysis::Sentence;
use heartstrings_core::review::{Review, Subject};
use heartstrings_store::{ReviewFilter, ReviewQuery, ReviewSort, Scope};

/// Largest number of pages that are searched for aggregated reviews.
const HIGHLIGHT_PAGES: usize = 5;

/// One of the first reviews in an order.
#[derive(Clone, Debug, PartialEq)]
pub struct Highlight {
    /// The review.
    pub review: Review,
    /// The sentence with the extreme value; `None` for a text without sentences.
    pub sentence: Option<Sentence>,
}

impl Highlight {
    fn new(review: Review, sort: ReviewSort) -> Self {
        let sentences = review.analysis.sentences.iter();
        // The first of equal ones.
        let sentence = match sort {
            ReviewSort::MostNegative => sentences.min_by_key(|s| s.sentiment.score),
            ReviewSort::MostIntense => sentences.rev().max_by_key(|s| s.intensity),
            _ => sentences.rev().max_by_key(|s| s.sentiment.score),
        };
        Self { sentence: sentence.copied(), review }
    }
}

impl Service {
    /// The first `limit` aggregated reviews of a subject in an order, each with the sentence that has the
    /// extreme value.
    ///
    /// # Errors
    /// When the subject is unknown, and when the store fails.
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
        // The search ends after some pages: a subject may hold nothing but other languages.
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
