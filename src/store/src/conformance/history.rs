//! Any history of writes, with restarts in it, compared with a plain list of reviews.

use super::totals::check_totals;
use super::{Fixture, check, open, review, runtime, with_text};
use crate::{Created, Duplicate, Replaced};
use heartstrings_core::aggregate::{Cell, DateRange};
use heartstrings_core::review::{Review, ReviewId};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// A step of a history.
#[derive(Clone, Debug)]
pub enum Step {
    /// Creates a review.
    Create(Review),
    /// Replaces one, or creates it.
    Replace(Review),
    /// Deletes one.
    Delete(ReviewId),
    /// Closes the store and opens it again.
    Reopen,
}

/// Histories of up to 40 steps.
pub fn steps() -> impl Strategy<Value = Vec<Step>> {
    // Few ids and subjects, so that they meet often; days around a month's end.
    // Now and then a text that takes several values.
    let length = prop_oneof![4 => Just(1), 1 => 1..20_000usize];
    let one = (0..8u8, 0..3u8, -40..40i64, -1_000_000..1_000_000i32, length).prop_map(
        |(id, subject, day, score, length)| {
            let time = (1_706_659_200 + day * 40_000) * 1_000_000;
            let made = review(&format!("r{id}"), &format!("s{subject}"), time, score);
            with_text(made, "x".repeat(length))
        },
    );
    let step = (one, 0..20u8).prop_map(|(review, kind)| match kind {
        0..9 => Step::Create(review),
        9..13 => Step::Replace(review),
        13..19 => Step::Delete(review.id),
        _ => Step::Reopen,
    });
    proptest::collection::vec(step, 1..40)
}

/// After any history the store holds the very reviews that a plain list does, its totals are those
/// of a recount, and nothing is wrong with it; when all reviews are deleted, nothing is left.
pub fn any_history_equals_a_recount<F: Fixture>() {
    check(&steps(), |steps| {
        let (runtime, fixture) = (runtime(), F::fresh());
        let mut store = open(&fixture);
        let mut model: BTreeMap<ReviewId, Review> = BTreeMap::new();
        for step in steps {
            match step {
                Step::Create(review) => {
                    let created = runtime.block_on(store.create(review.clone(), None)).unwrap();
                    let old = model.get(&review.id).cloned();
                    prop_assert_eq!(
                        created,
                        match &old {
                            Some(old) => Created::Duplicate(Duplicate::SameId(old.clone())),
                            None => Created::New(review.clone()),
                        }
                    );
                    model.insert(review.id.clone(), old.unwrap_or(review));
                }
                Step::Replace(mut review) => {
                    let replaced = runtime.block_on(store.replace(review.clone())).unwrap();
                    let old = model.get(&review.id);
                    review.received_at = old.map_or(review.received_at, |old| old.received_at);
                    prop_assert_eq!(
                        replaced,
                        match old {
                            Some(_) => Replaced::Replaced(review.clone()),
                            None => Replaced::New(review.clone()),
                        }
                    );
                    model.insert(review.id.clone(), review);
                }
                Step::Delete(id) => {
                    let found = runtime.block_on(store.delete(&id)).unwrap();
                    prop_assert_eq!(found, model.remove(&id).is_some());
                }
                Step::Reopen => {
                    drop(store);
                    store = open(&fixture);
                }
            }
        }
        for number in 0..8 {
            let id: ReviewId = format!("r{number}").parse().unwrap();
            let found = runtime.block_on(store.get(&id)).unwrap();
            prop_assert_eq!(found.as_ref(), model.get(&id));
        }
        check_totals(&runtime, &*store, &model)?;
        drop(store);
        let found = fixture.maintenance().verify(&mut |_| {}).unwrap();
        prop_assert_eq!(found.told, Vec::<String>::new());
        prop_assert_eq!(found.reviews, model.len() as u64);
        let store = open(&fixture);
        for id in model.keys() {
            prop_assert!(runtime.block_on(store.delete(id)).unwrap());
        }
        let all = runtime.block_on(store.totals(&crate::Scope::All, DateRange::default()));
        prop_assert_eq!(all.unwrap().unwrap().cell, Cell::default());
        Ok(())
    });
}
