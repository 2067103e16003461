//! Pages of subjects and of reviews, from the index alone.

use super::filter::{Wanted, is_of_source};
use super::ranges;
use super::reader::Reader;
use super::salvage::after;
use crate::cursor;
use crate::sled::damage::named;
use crate::sled::layout::entry::IndexedFields;
use crate::sled::layout::keys::{self, end_of};
use crate::{
    Cursor, PAGE_TEXT_BYTES, Page, ReviewFilter, ReviewQuery, Scope, StoreError, SubjectQuery,
    SubjectTotals,
};
use heartstrings_core::review::{Review, ReviewId, Subject};
use std::ops::Bound;
use std::sync::atomic::Ordering;

/// Reviews of a page by id.
const BY_ID: usize = 256;

impl Reader {
    /// A page of reviews; see [`crate::Store::reviews`].
    pub fn reviews(&self, query: &ReviewQuery) -> Result<Page<Review>, StoreError> {
        let _view = self.consistent();
        let name = format!("reviews {:?} {:?} {:?}", query.scope, query.filter, query.sort);
        // Cursors are places in the list of all reviews in scope, whichever list is read.
        let list = keys::ordered(&query.scope, ranges::order_of(query.sort).0);
        let cursor = query.cursor.as_ref();
        let last =
            cursor.map(|cursor| cursor::read(&self.cursor_key, &name, cursor)).transpose()?;
        let last = last.and_then(|key| key.strip_prefix(&list[..]));
        let wanted = Wanted::by(&query.filter);
        let range = ranges::choose(self, query, &wanted, last)?;
        let mut entries = range.entries(&self.tree);
        let mut items = Vec::new();
        let mut text = 0;
        let mut last_seen = None;
        for entry in entries.by_ref().take(self.page_scan) {
            let (key, value) = entry?;
            if wanted.pass(&value)
                && let Some((_, id)) = keys::place_of(&range.prefix, &key)
            {
                let listed = self.listed(&id, &value, &query.filter);
                if let Some(review) = self.whole(listed)?.flatten() {
                    text += review.content.text.as_str().len();
                    items.push(review);
                }
            }
            last_seen = key.strip_prefix(&range.prefix[..]).map(|place| [&list, place].concat());
            if items.len() == query.limit || text >= PAGE_TEXT_BYTES {
                break;
            }
        }
        let goes_on = entries.next().transpose()?.is_some();
        Ok(Page { items, next: self.cursor(&name, last_seen.filter(|_| goes_on)) })
    }

    /// Reviews by id; see [`crate::Store::reviews_by_id`].
    pub fn reviews_by_id(
        &self,
        cursor: Option<&Cursor>,
    ) -> Result<Page<Result<Review, StoreError>>, StoreError> {
        let _view = self.consistent();
        let name = "reviews by id";
        let first = match cursor {
            Some(cursor) => after(cursor::read(&self.cursor_key, name, cursor)?),
            None => keys::RECORDS.to_vec(),
        };
        let mut items = Vec::new();
        let mut last_seen = None;
        for (key, first) in self.records(&first, BY_ID) {
            let review = |first: sled::IVec| {
                let id = keys::review_of(&key)?;
                named(&id, self.view().review_from(&id, &first))
            };
            items.push(first.and_then(review));
            last_seen = Some(key);
        }
        let is_full = items.len() == BY_ID;
        Ok(Page { items, next: self.cursor(name, last_seen.filter(|_| is_full)) })
    }

    /// The review that an entry of a list names, if it is of the source that the filter asks for.
    fn listed(
        &self,
        id: &ReviewId,
        fields: &[u8],
        filter: &ReviewFilter,
    ) -> Result<Option<Review>, StoreError> {
        IndexedFields::decode(id, fields)?;
        let review = self.view().review(id)?.ok_or_else(|| StoreError::Damaged {
            what: format!("review {:?}", id.as_str()),
            why: "it is listed and not there".into(),
        })?;
        Ok(is_of_source(&review, filter).then_some(review))
    }

    /// Leaves a damaged item out of a list, so that it does not keep the others from being read.
    fn whole<T>(&self, item: Result<T, StoreError>) -> Result<Option<T>, StoreError> {
        match item {
            Ok(item) => Ok(Some(item)),
            Err(error @ StoreError::Damaged { .. }) => {
                self.damaged.fetch_add(1, Ordering::Relaxed);
                tracing::warn!(%error, "left out of a list");
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    fn cursor(&self, name: &str, last_seen: Option<impl AsRef<[u8]>>) -> Option<Cursor> {
        last_seen.map(|key| cursor::make(&self.cursor_key, name, key.as_ref()))
    }

    /// A page of subjects; see [`crate::Store::subjects`].
    pub fn subjects(&self, query: &SubjectQuery) -> Result<Page<SubjectTotals>, StoreError> {
        let _view = self.consistent();
        let list = keys::subjects(query.sort);
        let skip = list.len() + keys::rank_length(query.sort);
        let name = format!("subjects {:?} {:?}", query.sort, query.prefix);
        // Names are sorted, so a prefix is a range of them; in other orders it is a filter.
        let prefix = match keys::rank_length(query.sort) {
            0 => [&list[..], query.prefix.as_bytes()].concat(),
            _ => list,
        };
        let first = match &query.cursor {
            Some(cursor) => {
                Bound::Excluded(cursor::read(&self.cursor_key, &name, cursor)?.to_vec())
            }
            None => Bound::Included(prefix.clone()),
        };
        let range = (first, Bound::Excluded(end_of(&prefix)));
        let mut entries = self.tree.range::<Vec<u8>, _>(range);
        let mut items = Vec::new();
        let mut last_seen = None;
        for entry in entries.by_ref().take(self.page_scan) {
            let (key, _) = entry?;
            let subject = std::str::from_utf8(key.get(skip..).unwrap_or_default()).unwrap_or("");
            if subject.starts_with(&query.prefix) {
                items.extend(self.whole(self.subject_totals(subject))?);
            }
            last_seen = Some(key);
            if items.len() == query.limit {
                break;
            }
        }
        let goes_on = entries.next().transpose()?.is_some();
        Ok(Page { items, next: self.cursor(&name, last_seen.filter(|_| goes_on)) })
    }

    fn subject_totals(&self, name: &str) -> Result<SubjectTotals, StoreError> {
        let damaged = |why: &str| StoreError::Damaged {
            what: format!("the list entry of subject {name:?}"),
            why: why.into(),
        };
        let subject: Subject = name.parse().map_err(|_| damaged("it is not a name"))?;
        let scope = Scope::Subject(subject.clone());
        let (cell, span) = self.total(&scope)?.ok_or_else(|| damaged("it has no cell"))?;
        let last_written_at = match span {
            Some((_, last)) => last,
            None => self.last_written_at(&scope)?.ok_or_else(|| damaged("it has no reviews"))?,
        };
        Ok(SubjectTotals { subject, cell, last_written_at })
    }
}
