//! A group of writes on its way to one atomic batch.
//!
//! Each operation sees what the ones before it in the group have done, although nothing of it is
//! in the tree yet. Cells are brought up to date in memory and written once, however many reviews
//! of the group they hold.

use super::index::Traits;
use super::reader::Reader;
use super::sums::Changed;
use super::writer::{Answer, Operation};
use super::{cell_record, checksums, keys, parts, record, requests};
use crate::{Answered, Created, IdempotencyKey, Replaced, StoreError};
use heartstrings_core::aggregate::Contribution;
use heartstrings_core::analysis::Analysis;
use heartstrings_core::review::{Review, ReviewId, Subject};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Most operations of one group; bounds the memory of a batch and the wait of the first.
pub const MOST: usize = 512;

/// Changes that are not in the tree yet.
pub struct Group<'a> {
    pub(super) tree: &'a sled::Tree,
    pub(super) reader: &'a Reader,
    /// Keys that are written (`Some`) or removed (`None`), cells and lists of subjects apart.
    pub(super) changes: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
    pub(super) cells: HashMap<Vec<u8>, Changed>,
    pub(super) subjects: BTreeSet<Subject>,
    pub(super) checksums: checksums::Change,
    /// Whether scopes, given by their marks, have lists by label, emotion and source.
    pub(super) has_facets: HashMap<Vec<u8>, bool>,
}

/// What stands under a review's id before it changes.
pub(super) enum Before {
    /// Nothing.
    Nothing,
    /// A review.
    Review(Box<Review>),
    /// A damaged one that a rebuild has left out of lists and cells.
    LeftOut,
}

impl<'a> Group<'a> {
    /// An empty group on top of a tree.
    pub fn new(tree: &'a sled::Tree, reader: &'a Reader) -> Self {
        Self {
            tree,
            reader,
            changes: BTreeMap::new(),
            cells: HashMap::new(),
            subjects: BTreeSet::new(),
            checksums: checksums::Change::default(),
            has_facets: HashMap::new(),
        }
    }

    /// Adds an operation. After an error the group is as it was before, but for a removal of some
    /// reviews, which may have taken a part of them.
    pub fn add(&mut self, operation: Operation) -> Result<Answer, StoreError> {
        match operation {
            Operation::Create(review, key) => self.create(*review, key).map(Answer::Created),
            Operation::Replace(review) => self.replace(*review).map(Answer::Replaced),
            Operation::Delete(id) => self.delete(&id).map(Answer::Deleted),
            Operation::DeleteSome(subject) => self.delete_some(&subject).map(Answer::Removed),
            Operation::Reanalyze { id, expected, analysis, now } => {
                self.reanalyze(&id, expected, *analysis, now).map(Answer::Reanalyzed)
            }
            Operation::Settle => Ok(Answer::Settled),
            Operation::Close => Ok(Answer::Closed),
        }
    }

    fn create(
        &mut self,
        review: Review,
        key: Option<IdempotencyKey>,
    ) -> Result<Created, StoreError> {
        if let Some(key) = &key
            && let Some(answered) = self.answered(key, review.received_at)?
        {
            return Ok(Created::Answered(answered));
        }
        if let Some(existing) = self.review(&review.id)? {
            return Ok(Created::Existing(existing));
        }
        self.put(Before::Nothing, &review)?;
        if let Some(key) = &key {
            requests::remember(self.tree, &mut self.changes, key, &review)?;
        }
        Ok(Created::New(review))
    }

    /// What came of an earlier request with this key, this group included.
    fn answered(
        &self,
        key: &IdempotencyKey,
        now: Timestamp,
    ) -> Result<Option<Answered>, StoreError> {
        let request = self.look_up(&keys::request(&key.0))?;
        let request = request.map(|bytes| record::decode_request(&bytes)).transpose()?;
        let Some(request) = request.filter(|request| request.is_remembered(now)) else {
            return Ok(None);
        };
        let review = self.review(&request.id)?;
        Ok(review.map(|review| Answered { fingerprint: request.fingerprint, review }))
    }

    fn replace(&mut self, mut review: Review) -> Result<Replaced, StoreError> {
        let before = self.before(&review.id)?;
        let is_there = match &before {
            Before::Review(old) => {
                review.received_at = old.received_at;
                true
            }
            Before::Nothing | Before::LeftOut => false,
        };
        self.put(before, &review)?;
        Ok(if is_there { Replaced::Replaced(review) } else { Replaced::New(review) })
    }

    fn reanalyze(
        &mut self,
        id: &ReviewId,
        expected: Timestamp,
        analysis: Analysis,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        match self.review(id)? {
            Some(old) if old.updated_at == expected => {
                let review = Review { analysis, updated_at: now, ..old.clone() };
                self.put(Before::Review(Box::new(old)), &review)?;
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// Adds a review that nothing knows of yet, for a rebuild.
    pub fn add_again(&mut self, review: &Review) -> Result<(), StoreError> {
        self.put(Before::Nothing, review)
    }

    /// Takes note that a damaged review is in no list and no cell, for a rebuild.
    pub fn leave_out(&mut self, id: &ReviewId) {
        self.changes.insert(keys::left_out(id), Some(Vec::new()));
    }

    /// Keys of the records that change, and of their parts.
    pub fn changed_records(&self) -> Vec<Vec<u8>> {
        let is_record =
            |key: &&Vec<u8>| key.starts_with(keys::RECORDS) || key.starts_with(keys::PARTS);
        self.changes.keys().filter(is_record).cloned().collect()
    }

    /// Puts a review in the place of what was there. All that can fail comes before the first
    /// change.
    fn put(&mut self, before: Before, review: &Review) -> Result<(), StoreError> {
        let record = parts::split(&review.id, record::encode_review(review)?)?;
        let traits = Traits::of(review);
        let places = self.places_of(&review.content.subject, &review.id, &traits)?;
        let traits = traits.encode()?;
        self.load_cells(review)?;
        match before {
            Before::Nothing => {}
            Before::Review(old) => {
                self.load_cells(&old)?;
                self.take_out(&old)?;
                self.remove_parts(&review.id)?;
            }
            Before::LeftOut => self.remove_left_out(&review.id)?,
        }
        record.first().iter().for_each(|(_, first)| self.checksums.add(first));
        self.changes.extend(record.into_iter().map(|(key, value)| (key, Some(value))));
        for key in places {
            self.changes.insert(key, Some(traits.clone()));
        }
        let contribution = Contribution::of(&review.analysis, review.content.rating);
        self.change_cells(review, |cell| cell.add(&contribution, review.written_at));
        Ok(())
    }

    /// Takes a review out of lists, cells and the sum of the checksums. Its record is still there.
    pub(super) fn take_out(&mut self, old: &Review) -> Result<(), StoreError> {
        let first = self.look_up(&keys::record(&old.id))?;
        let places = self.places_of(&old.content.subject, &old.id, &Traits::of(old))?;
        first.iter().for_each(|first| self.checksums.subtract(first));
        for key in places {
            self.changes.insert(key, None);
        }
        let contribution = Contribution::of(&old.analysis, old.content.rating);
        self.change_cells(old, |cell| cell.subtract(&contribution, old.written_at));
        Ok(())
    }

    /// What a change of a review meets. Fails for a damaged one that is in lists and cells: what it
    /// has added to them cannot be read, so it cannot be taken out of them.
    pub(super) fn before(&self, id: &ReviewId) -> Result<Before, StoreError> {
        match self.review(id) {
            Ok(Some(review)) => Ok(Before::Review(Box::new(review))),
            Ok(None) => Ok(Before::Nothing),
            Err(damaged @ StoreError::Damaged { .. }) => {
                match self.look_up(&keys::left_out(id))? {
                    Some(_) => Ok(Before::LeftOut),
                    None => Err(damaged),
                }
            }
            Err(error) => Err(error),
        }
    }

    /// A review as the operations before have left it.
    pub(super) fn review(&self, id: &ReviewId) -> Result<Option<Review>, StoreError> {
        let Some(first) = self.look_up(&keys::record(id))? else { return Ok(None) };
        if parts::is_first(&first) {
            let whole = parts::join(id, &first, |key| self.look_up(key))?;
            return record::decode_review(id.as_str(), &whole).map(Some);
        }
        record::decode_review(id.as_str(), &first).map(Some)
    }

    /// The value of a key with this group applied; cells and lists of subjects are not looked up.
    fn look_up(&self, key: &[u8]) -> Result<Option<sled::IVec>, StoreError> {
        match self.changes.get(key) {
            Some(value) => Ok(value.as_deref().map(sled::IVec::from)),
            None => Ok(self.tree.get(key)?),
        }
    }

    /// Everything as one batch; `None` when nothing changes.
    pub fn into_batch(mut self) -> Result<Option<sled::Batch>, StoreError> {
        self.update_facets()?;
        self.update_lists()?;
        if self.changes.is_empty() && self.cells.is_empty() {
            return Ok(None);
        }
        let mut batch = sled::Batch::default();
        for (key, changed) in &self.cells {
            if changed.cell().is_empty() {
                batch.remove(&key[..]);
            } else {
                let span = self.span_of(key, changed)?;
                batch.insert(&key[..], cell_record::encode_cell(changed.cell(), span)?);
            }
        }
        for (key, value) in self.changes {
            match value {
                Some(value) => batch.insert(key, value),
                None => batch.remove(key),
            }
        }
        self.checksums.put(self.tree, &mut batch)?;
        Ok(Some(batch))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use heartstrings_core::analysis::{Affect, Analysis, Emotions, Label, Sentiment};
    use heartstrings_core::fixed::Fixed;
    use heartstrings_core::review::{Content, Fingerprint, Review};
    use jiff::Timestamp;

    /// A review for tests: its time in microseconds, its score in millionths.
    pub fn review(id: &str, subject: &str, written_at: i64, score: i32) -> Review {
        let time = Timestamp::from_microsecond(written_at).unwrap();
        let fixed = Fixed::from_micros;
        let mut probabilities = [fixed(10_000); 28];
        probabilities[score.unsigned_abs() as usize % 28] = fixed(700_000);
        Review {
            id: id.parse().unwrap(),
            content: Content {
                subject: subject.parse().unwrap(),
                text: "Good.".parse().unwrap(),
                title: Some("A title".into()),
                rating: Some(4.5.try_into().unwrap()),
                author: None,
                source: Some("test".into()),
                language: None,
                metadata: [("country".to_owned(), "KR".to_owned())].into(),
            },
            written_at: time,
            received_at: time,
            updated_at: time,
            analysis: Analysis {
                model: "test-1".into(),
                language: "en".into(),
                tokens: 2,
                windows: 1,
                sentiment: Sentiment {
                    label: if score < 0 { Label::Negative } else { Label::Positive },
                    score: fixed(score),
                    confidence: fixed(900_000),
                    negative: fixed(50_000),
                    neutral: fixed(50_000),
                    positive: fixed(900_000),
                },
                intensity: fixed(score.abs()),
                emotions: Emotions { probabilities, present: 1 << (score.unsigned_abs() % 28) },
                affect: Affect {
                    valence: fixed(500_000),
                    arousal: fixed(500_000),
                    dominance: fixed(500_000),
                },
                sentences: vec![],
                warnings: vec![],
            },
            fingerprint: Fingerprint([7; 16]),
        }
    }
}
