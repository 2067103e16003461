//! Compares everything in a database with a recount of its reviews.
//!
//! Memory is constant: reviews are read once in the order of their ids, for their index entries,
//! and once for each scope in the order of time, for its cells.

mod filter_index;
mod recount;

use crate::sled::damage::{guarded, named};
use crate::sled::layout::entry::IndexedFields;
use crate::sled::layout::keys::{self, Order, end_of};
use crate::sled::layout::{checksums, chunks, request, review, sort_index};
use crate::sled::read::{Reader, after};
use crate::{Findings, StoreError};
use heartstrings_core::review::Review;
use std::collections::BTreeSet;

/// Findings that are told one by one; more are only counted.
const MOST_TOLD: usize = 100;
/// Records that are read at a time.
const READ_AT_ONCE: usize = 1_000;

/// Compares, telling `progress` how many reviews have been read. Where the log cannot be read, it
/// reads on behind the place as far as it can, and tells of it.
pub fn verify(reader: &Reader, progress: &mut dyn FnMut(u64)) -> Findings {
    let mut check = Check {
        reader,
        findings: Findings::default(),
        subjects: 0,
        checksums: 0,
        faceted: BTreeSet::new(),
    };
    check.attempt("the scopes with lists by label, emotion and source", Check::faceted);
    check.records(progress);
    check.attempt("the chunks of long reviews", Check::chunks);
    check.attempt("the lists", Check::places);
    check.attempt("the lists by label, emotion and source", Check::filter_index);
    check.attempt("the aggregates", Check::cells);
    check.attempt("the names of the aggregates", Check::leftover_cells);
    check.attempt("the notes of damaged reviews", Check::left_out);
    check.attempt("the idempotency keys", Check::requests);
    check.attempt("the sum of the reviews' checksums", Check::sum);
    check.findings
}

struct Check<'a> {
    reader: &'a Reader,
    findings: Findings,
    subjects: u64,
    /// Of the reviews that can be read.
    checksums: u64,
    /// Marks of the scopes that have lists by label, emotion and source.
    faceted: BTreeSet<Vec<u8>>,
}

impl Check<'_> {
    fn report(&mut self, finding: String) {
        if self.findings.told.len() < MOST_TOLD {
            self.findings.told.push(finding);
        }
        self.findings.count += 1;
    }

    /// Compares something, or tells why that ended early.
    fn attempt(&mut self, what: &str, compare: fn(&mut Self) -> Result<(), StoreError>) {
        if let Err(error) = guarded(|| compare(self)) {
            self.findings.unreadable += 1;
            self.report(format!("{what} were compared up to a place that cannot be read: {error}"));
        }
    }

    /// Every record can be read, and stands in all its places with the right fields.
    fn records(&mut self, progress: &mut dyn FnMut(u64)) {
        let mut next = Some(keys::RECORDS.to_vec());
        while let Some(first) = next {
            let records = self.reader.records(&first, READ_AT_ONCE);
            let is_full = records.len() == READ_AT_ONCE;
            next = records.last().filter(|_| is_full).map(|(key, _)| after(key));
            for (key, value) in records {
                self.findings.unreadable += u64::from(value.is_err());
                let first = value.as_ref().map_or(0, |first| checksums::of(first));
                match value.and_then(|value| self.record(&key, &value)) {
                    Ok(review) => {
                        self.findings.reviews += 1;
                        self.checksums = self.checksums.wrapping_add(first);
                        self.places_of(&review);
                    }
                    Err(error) => {
                        self.findings.damaged += 1;
                        self.report(error.to_string());
                    }
                }
            }
            progress(self.findings.reviews);
        }
    }

    /// The review under a record's key.
    fn record(&self, key: &[u8], first: &[u8]) -> Result<Review, StoreError> {
        let id = keys::review_of(key)?;
        named(&id, guarded(|| self.reader.view().review_from(&id, first)))
    }

    fn places_of(&mut self, review: &Review) {
        let id = review.id.as_str();
        let fields = IndexedFields::of(review);
        let mut places = sort_index::places_of(&review.content.subject, &review.id, &fields);
        places.extend(self.facet_places(review, &fields));
        let fields = fields.encode().ok();
        for place in places {
            match guarded(|| Ok(self.reader.tree.get(place)?)) {
                Ok(found) if found.as_deref() == fields.as_deref() => {}
                Ok(_) => {
                    self.report(format!("review {id:?} is missing from a list, or wrong in it"));
                }
                Err(error) => {
                    self.findings.unreadable += 1;
                    self.report(format!("a list that names review {id:?} cannot be read: {error}"));
                }
            }
        }
    }

    /// No review is older than the last one that was acknowledged under its id.
    fn sum(&mut self) -> Result<(), StoreError> {
        let left_out = self.reader.tree.scan_prefix(keys::LEFT_OUT).count() as u64;
        // What a damaged one has added to the sum cannot be read.
        if self.findings.damaged == left_out
            && checksums::stored(&self.reader.tree)?.is_some_and(|sum| sum != self.checksums)
        {
            self.report(
                "the reviews' checksums do not add up: one of them is not as it was last \
                 written, or is missing"
                    .into(),
            );
        }
        Ok(())
    }

    /// Every chunk is of a record that has so many.
    fn chunks(&mut self) -> Result<(), StoreError> {
        for entry in self.reader.tree.scan_prefix(keys::CHUNKS) {
            let (key, _) = entry?;
            // One that cannot be read has been told of.
            if !guarded(|| is_in_use(self.reader, &key)).unwrap_or(true) {
                let key = String::from_utf8_lossy(&key).into_owned();
                self.report(format!("a chunk of a record is left over: {key:?}"));
            }
        }
        Ok(())
    }

    /// No list holds anything else: every place names a record, and there are no more than six
    /// for each.
    fn places(&mut self) -> Result<(), StoreError> {
        for order in Order::ALL {
            let prefix = keys::order_byte(order).to_vec();
            let mut count = 0;
            for entry in self.reader.tree.range(prefix.clone()..end_of(&prefix)) {
                let (key, _) = entry?;
                count += 1;
                let id = keys::scope_and_place(&key).map(|(.., id)| id);
                let known = match &id {
                    // One that cannot be read has been told of.
                    Some(id) => self.reader.tree.contains_key(keys::record(id)).unwrap_or(true),
                    None => false,
                };
                if !known {
                    let name = id.map_or_else(|| "?".into(), |id| id.to_string());
                    self.report(format!("a list by {order:?} names {name:?}, which is not there"));
                }
            }
            let expected = 2 * (self.findings.reviews + self.findings.damaged);
            if count > expected {
                self.report(format!(
                    "the lists by {order:?} have {} stale entries",
                    count - expected
                ));
            }
            self.findings.entries += count;
        }
        Ok(())
    }

    /// Reviews that were left out of lists and cells are damaged ones.
    fn left_out(&mut self) -> Result<(), StoreError> {
        for key in self.reader.tree.scan_prefix(keys::LEFT_OUT).keys() {
            let id = keys::review_of(&key?);
            let found = id.and_then(|id| self.reader.view().review(&id));
            if !matches!(found, Err(StoreError::Damaged { .. })) {
                self.report("a note says that a review is damaged, which is not".into());
            }
        }
        Ok(())
    }

    /// Requests stand under their key and their time.
    fn requests(&mut self) -> Result<(), StoreError> {
        for entry in self.reader.tree.scan_prefix(keys::REQUESTS) {
            let (key, bytes) = entry?;
            let wrong = match (request::decode(&bytes), key.last_chunk::<16>()) {
                (Ok(request), Some(digest)) => {
                    let by_time = keys::request_time(request.taken_at, digest);
                    (!self.reader.tree.contains_key(by_time)?).then(|| "is not listed".to_owned())
                }
                (Err(error), _) => Some(error.to_string()),
                _ => Some("has no key".into()),
            };
            if let Some(wrong) = wrong {
                self.report(format!("the record of an idempotency key: {wrong}"));
            }
        }
        Ok(())
    }
}

/// Whether the record that a chunk belongs to has it, or may have it because it is damaged.
pub fn is_in_use(reader: &Reader, chunk: &[u8]) -> Result<bool, StoreError> {
    let Some((id, number)) = keys::review_and_chunk(chunk) else { return Ok(false) };
    let first = reader.tree.get(keys::record(&id))?;
    Ok(first.is_some_and(|first| match chunks::is_first(&first) {
        true => chunks::count(&first).map_or(true, |count| number < count),
        false => review::decode(id.as_str(), &first).is_err(),
    }))
}
