//! Tests of what every store promises.
//!
//! A store runs all of them with [`store_conformance!`](crate::store_conformance), given a
//! [`Fixture`] that makes a fresh, empty place. Each becomes a test of its own name.
#![allow(clippy::unwrap_used, missing_docs)]

pub mod history;
pub mod lists;
pub mod maintenance;
mod reviews;
pub mod snapshots;
pub mod subjects;
pub mod totals;
pub mod writes;

pub use reviews::{review, with_text};

use crate::{Maintenance, Scope, Store, StoreSettings};
use heartstrings_core::review::Review;
use proptest::prelude::*;
use proptest::test_runner::{TestCaseError, TestRunner};
use std::sync::Arc;
use tokio::runtime::Runtime;

/// A place for one store, which is removed with this value.
pub trait Fixture {
    /// A fresh place in which no store has been.
    fn fresh() -> Self;

    /// The settings with which the store there is opened.
    fn settings(&self) -> StoreSettings;

    /// What can be done to the store while it is not open.
    fn maintenance(&self) -> Box<dyn Maintenance> {
        crate::open_for_maintenance(&self.settings())
    }
}

/// Makes a test of each promise, run on the stores that a [`Fixture`] makes.
#[macro_export]
macro_rules! store_conformance {
    ($fixture:ty) => {
        $crate::store_conformance! { $fixture;
            history: any_history_equals_a_recount;
            lists: every_list_is_what_a_plain_search_finds,
                pages_of_reviews_stay_right_while_others_come_and_go,
                a_filter_that_few_reviews_pass_loses_none,
                a_cursor_outlives_a_restart,
                all_reviews_are_there_by_id;
            maintenance: a_rebuild_of_a_sound_store_changes_nothing, what_is_saved_is_restored;
            snapshots: a_snapshot_is_of_one_moment, a_snapshot_holds_long_records_as_they_were;
            subjects: pages_hold_every_subject_once_while_others_come_and_go,
                a_cursor_of_another_list_is_refused,
                a_subject_goes_with_everything_it_had;
            totals: every_time_line_adds_up, what_is_not_known_has_no_totals;
            writes: duplicates_at_the_same_time_are_stored_once,
                a_request_that_comes_again_makes_one_review,
                what_waits_is_written_before_the_store_closes,
                a_new_analysis_takes_the_place_of_the_old_unless_the_review_has_changed,
                a_duplicate_is_found_by_key_and_by_id,
                a_replacement_takes_the_place_of_the_old,
                writes_outlive_a_restart;
        }
    };
    ($fixture:ty; $($module:ident: $($test:ident),*;)*) => {
        $(mod $module {
            use super::*;
            $(#[test]
            fn $test() {
                $crate::conformance::$module::$test::<$fixture>();
            })*
        })*
    };
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

fn open(fixture: &impl Fixture) -> Arc<dyn Store> {
    crate::open(&fixture.settings()).unwrap()
}

/// A store whose pages look at so many entries.
fn open_scanning(fixture: &impl Fixture, page_scan: usize) -> Arc<dyn Store> {
    crate::open(&StoreSettings { page_scan, ..fixture.settings() }).unwrap()
}

fn scope(subject: &str) -> Scope {
    Scope::Subject(subject.parse().unwrap())
}

/// Creates reviews, no more at once than may wait to be written.
fn create_all(runtime: &Runtime, store: &dyn Store, all: &[Review]) {
    for some in all.chunks(500) {
        let creates = some.iter().map(|review| store.create(review.clone(), None));
        for outcome in runtime.block_on(futures_util::future::join_all(creates)) {
            outcome.unwrap();
        }
    }
}

/// Tries a property on some made values, and panics with the least one for which it does not hold.
fn check<S: Strategy>(strategy: &S, test: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let config =
        ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() };
    if let Err(error) = TestRunner::new(config).run(strategy, test) {
        panic!("{error}");
    }
}

/// Up to 30 reviews of three subjects, around a month's end.
fn any_reviews() -> impl Strategy<Value = Vec<Review>> {
    let one = (0..3u8, -40..40i64, -20..20i32, any::<bool>()).prop_map(
        |(subject, day, score, sourced)| {
            let time = (1_706_659_200 + day * 40_000) * 1_000_000;
            let mut made = review("x", &format!("s{subject}"), time, score * 50_000);
            if !sourced {
                made.content.source = None;
            }
            made
        },
    );
    proptest::collection::vec(one, 0..30).prop_map(|mut all| {
        for (number, review) in all.iter_mut().enumerate() {
            review.id = format!("r{number}").parse().unwrap();
        }
        all
    })
}
