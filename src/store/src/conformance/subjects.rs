//! Lists of subjects, and removing one.

use super::{Fixture, create_all, open, review, runtime, scope};
use crate::{Scope, Store, StoreError, SubjectQuery, SubjectSort};
use heartstrings_core::aggregate::DateRange;
use heartstrings_core::review::Review;

pub fn pages_hold_every_subject_once_while_others_come_and_go<F: Fixture>() {
    let (runtime, fixture) = (runtime(), F::fresh());
    let store = open(&fixture);
    let add = |id: String, subject: String| {
        let made = review(&id, &subject, 0, 1);
        runtime.block_on(store.create(made, None)).unwrap();
    };
    (0..25).for_each(|n| add(format!("r{n}"), format!("s{n:02}")));
    for sort in [SubjectSort::Name, SubjectSort::Reviews, SubjectSort::Recent] {
        let mut query = SubjectQuery { prefix: "s".into(), sort, limit: 7, cursor: None };
        let mut seen = Vec::new();
        loop {
            let page = runtime.block_on(store.subjects(&query)).unwrap();
            seen.extend(page.items.into_iter().map(|item| item.subject.to_string()));
            // Something new before the cursor, and something gone after it.
            add(format!("extra{}-{sort:?}", seen.len()), "a-new-one".into());
            query.cursor = page.next;
            if query.cursor.is_none() {
                break;
            }
        }
        let expected: Vec<String> = (0..25).map(|n| format!("s{n:02}")).collect();
        assert_eq!(seen, expected, "{sort:?}");
    }
}

pub fn a_cursor_of_another_list_is_refused<F: Fixture>() {
    let (runtime, fixture) = (runtime(), F::fresh());
    let store = open(&fixture);
    for name in ["a", "b"] {
        runtime.block_on(store.create(review(name, name, 0, 1), None)).unwrap();
    }
    let mut query =
        SubjectQuery { prefix: String::new(), sort: SubjectSort::Name, limit: 1, cursor: None };
    query.cursor = runtime.block_on(store.subjects(&query)).unwrap().next;
    assert!(query.cursor.is_some());
    query.sort = SubjectSort::Reviews;
    let refused = runtime.block_on(store.subjects(&query));
    assert!(matches!(refused, Err(StoreError::BadCursor)));
}

/// A subject goes with everything it had, and nothing else does.
pub fn a_subject_goes_with_everything_it_had<F: Fixture>() {
    let (runtime, fixture) = (runtime(), F::fresh());
    let store = open(&fixture);
    let of = |subject: &str, n: i64| review(&format!("{subject}-{n}"), subject, n, 1);
    let all: Vec<Review> = (0..600).map(|n| of("film", n)).chain([of("book", 1)]).collect();
    create_all(&runtime, &*store, &all);
    let film = "film".parse().unwrap();
    assert_eq!(runtime.block_on(store.delete_subject(&film)).unwrap(), 600);
    assert_eq!(runtime.block_on(store.delete_subject(&film)).unwrap(), 0, "it is gone");
    let alone = F::fresh();
    let expected = open(&alone);
    create_all(&runtime, &*expected, &[of("book", 1)]);
    for scope in [scope("film"), scope("book"), Scope::All] {
        let totals = |store: &dyn Store| {
            runtime.block_on(store.totals(&scope, DateRange::default())).unwrap()
        };
        assert_eq!(totals(&*store), totals(&*expected), "{scope:?}");
    }
    assert_eq!(runtime.block_on(store.get(&of("film", 7).id)).unwrap(), None);
    let query =
        SubjectQuery { prefix: String::new(), sort: SubjectSort::Name, limit: 10, cursor: None };
    let page = runtime.block_on(store.subjects(&query)).unwrap();
    assert_eq!(page, runtime.block_on(expected.subjects(&query)).unwrap());
    drop(store);
    let found = fixture.maintenance().verify(&mut |_| {}).unwrap();
    assert_eq!(found.told, Vec::<String>::new());
}
