//! The keys of a review in the lists of all reviews.
//!
//! A review stands in three orders (time, score, intensity) of two scopes (its subject, all).

use super::entry::IndexedFields;
use super::keys::{self, Order};
use crate::Scope;
use heartstrings_core::review::{ReviewId, Subject};

/// Keys of the six entries of a review with these fields in the lists of all reviews of a scope.
pub fn places_of(subject: &Subject, id: &ReviewId, fields: &IndexedFields) -> Vec<Vec<u8>> {
    let scopes = [Scope::Subject(subject.clone()), Scope::All];
    let of_scope =
        |scope: &Scope| Order::ALL.map(|order| keys::place(scope, order, fields.rank(order), id));
    scopes.iter().flat_map(of_scope).collect()
}
